//! Polls: one ballot each, through one gate; a result that anybody can count again.

use std::collections::BTreeMap;

use domain::engagement::{
    Ballot, Barred, GATES, Gate, PollRefusal, PollResult, PollState, Polling, Receipt, Scene, Standing, csv, gate_of,
    shard,
};
use domain::kernel::id::MemberId;
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::Programme;
use jiff::Timestamp;
use proptest::prelude::*;

use super::challenges::SHANGHAI;
use super::stage::{at, member, of_tier, programme};

const SECRET: &[u8] = b"poll-secret";
const OPENS: &str = "2026-12-01T02:00:00Z";

/// A poll and all that was cast.
struct Hall {
    programme: Programme,
    polling: Polling,
    ballots: BTreeMap<MemberId, Ballot>,
    gates: Vec<Gate>,
    told: usize,
}

impl Hall {
    fn new(more: &str) -> Self {
        let text = format!(
            "[[poll]]\nid = 'flavour'\noptions = ['osmanthus', 'yuzu', 'sea-salt']\n\
             opens_at = '2026-12-01T10:00:00+08:00'\ncloses_at = '2026-12-08T22:00:00+08:00'\n{more}"
        );
        let programme = programme(SHANGHAI, &text);
        let polling = Polling::new(programme.engagement().poll("flavour").unwrap().clone());
        let gates = vec![Gate::default(); usize::from(GATES)];
        Self { programme, polling, ballots: BTreeMap::new(), gates, told: 0 }
    }

    fn cast(&mut self, now: Timestamp, name: &str, options: &[&str], standing: &Standing) -> Result<u32, PollRefusal> {
        let (member, scene) = (member(name), Scene { programme: &self.programme, now });
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let before = self.ballots.get(&member);
        let cast = Ballot::cast(&self.polling, &member, (before, &options), standing, scene)?;
        let gate = &mut self.gates[usize::from(gate_of(&member))];
        *gate = gate.with(&cast).expect("no gate is sealed while ballots are taken");
        self.told += cast.facts.len();
        let weight = cast.ballot.weight;
        self.ballots.insert(member, cast.ballot);
        Ok(weight)
    }

    fn vote(&mut self, now: &str, name: &str, options: &[&str]) -> Result<u32, PollRefusal> {
        self.cast(at(now), name, options, &Standing::active())
    }

    fn result(&self) -> Option<PollResult> {
        let ballots: Vec<_> = self.ballots.values().cloned().collect();
        PollResult::of(&self.polling.poll, SECRET, &ballots, &self.gates)
    }

    /// By option ballots and weight, and who wins.
    fn counted(&self) -> (Vec<(i64, i64)>, Vec<String>) {
        let result = self.result().unwrap();
        (result.options.iter().map(|(_, tally)| (tally.ballots, tally.weight)).collect(), result.winners)
    }
}

// rule: engagement 4.1, 4.3, 4.6
#[test]
fn the_last_ballot_of_a_member_counts_once() {
    let mut hall = Hall::new("");
    assert_eq!(hall.vote(OPENS, "m-1", &["osmanthus"]), Ok(1));
    assert_eq!(hall.vote("2026-12-01T03:00:00Z", "m-1", &["yuzu"]), Ok(1));
    assert_eq!(hall.vote("2026-12-01T04:00:00Z", "m-2", &["yuzu"]), Ok(1));
    assert_eq!(hall.counted(), (vec![(0, 0), (2, 2), (0, 0)], vec!["yuzu".to_owned()]));
    let result = hall.result().unwrap();
    assert_eq!((result.ballots, result.is_tie(), hall.told), (2, false, 2));
    let receipts = ["m-1", "m-2"].map(|name| Receipt::of(SECRET, "flavour", &member(name)).to_string());
    assert_eq!(receipts, ["252340efb3bcf648cd6b4ae7248b6bcb", "aef0024b7945943ca97487f105ec1169"]);
    let ballots: Vec<_> = hall.ballots.values().cloned().collect();
    let list = csv(&hall.polling.poll, SECRET, &ballots);
    assert_eq!(list, receipts.map(|receipt| format!("{receipt},yuzu,1\n")).concat());
    let sha256 = "362f10858e3c4ad0727211ffa2613f7ba0c859dcdf23a54f97c6bb43ad69fd17";
    assert_eq!(result.list_sha256.to_string(), sha256);
}

// rule: engagement 4.5
#[test]
fn without_ballots_nobody_wins() {
    let hall = Hall::new("");
    assert_eq!(hall.counted(), (vec![(0, 0); 3], vec![]));
    let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hall.result().unwrap().list_sha256.to_string(), of_nothing);
}

// rule: engagement 4.2, 4.5
#[test]
fn a_ballot_weighs_by_tier_when_it_is_cast() {
    let mut hall = Hall::new("weights = { gold = 2, black = 3 }");
    let mut cast = |hour: u8, name: &str, option: &str, tier: &str| {
        hall.cast(at(&format!("2026-12-01T{hour:02}:00:00Z")), name, &[option], &of_tier(tier)).unwrap()
    };
    let weights =
        [cast(2, "m-1", "osmanthus", "gold"), cast(2, "m-2", "yuzu", "member"), cast(2, "m-3", "yuzu", "silver")];
    assert_eq!(weights, [2, 1, 1]);
    assert_eq!(cast(3, "m-3", "yuzu", "silver"), 1);
    assert_eq!(hall.counted().1, ["osmanthus", "yuzu"], "equal weight, whatever the ballots: a tie");
    assert!(hall.result().unwrap().is_tie());
    let black = of_tier("black");
    assert_eq!(hall.cast(at("2026-12-01T11:00:00Z"), "m-3", &["yuzu"], &black), Ok(3));
    assert_eq!(hall.counted(), (vec![(1, 2), (2, 4), (0, 0)], vec!["yuzu".to_owned()]));
    let sha256 = "a88ed6755c7a1d7327ebb1564fc3f591c9191af33d09e54cd677fd3d5e9e3ee5";
    assert_eq!(hall.result().unwrap().list_sha256.to_string(), sha256);
}

// rule: engagement 4.1, 4.6
#[test]
fn a_ballot_chooses_what_there_is_each_once() {
    let mut hall = Hall::new("choices = 2");
    assert_eq!(hall.vote(OPENS, "m-1", &["sea-salt", "osmanthus"]), Ok(1));
    for wrong in [&["osmanthus", "yuzu", "sea-salt"][..], &[], &["yuzu", "yuzu"], &["cola"]] {
        let refused = hall.vote(OPENS, "m-2", wrong).unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("invalid_field", Some("options")), "{wrong:?}");
    }
    let ballots: Vec<_> = hall.ballots.values().cloned().collect();
    let list = csv(&hall.polling.poll, SECRET, &ballots);
    assert!(list.ends_with(",osmanthus+sea-salt,1\n"), "as the poll orders them: {list}");
    assert_eq!(hall.vote(OPENS, "m-2", &["yuzu"]), Ok(1));
    let sha256 = "a2252baff3a6747534cd78d331a050de82668a0a4b4702651fd9846c97d42a84";
    let result = hall.result().unwrap();
    assert_eq!((result.list_sha256.to_string().as_str(), result.winners.len()), (sha256, 3));
}

// rule: engagement 4.1
#[test]
fn ballots_are_taken_from_the_first_instant_to_the_last() {
    let mut hall = Hall::new("");
    let early = hall.vote("2026-12-01T01:59:59.999Z", "m-1", &["yuzu"]);
    assert_eq!(early, Err(PollRefusal::PollNotOpen { opens_at: at(OPENS) }));
    assert!(hall.vote("2026-12-08T13:59:59.999Z", "m-1", &["yuzu"]).is_ok());
    let closes_at = at("2026-12-08T14:00:00Z");
    assert_eq!(hall.vote("2026-12-08T14:00:00Z", "m-2", &["yuzu"]), Err(PollRefusal::PollClosed { closes_at }));
}

// rule: engagement 4.1
#[test]
fn everything_that_is_asked_of_voters_must_hold() {
    let mut hall = Hall::new("min_tier = 'silver'\ntags_any = ['fan', 'advocate']");
    let with = |tier: &str, tag: Option<&str>| Standing {
        tags: tag.into_iter().map(str::to_owned).collect(),
        ..of_tier(tier)
    };
    let mut cast = |standing: &Standing| hall.cast(at(OPENS), "m-1", &["yuzu"], standing);
    let reasons = |reasons: &[&'static str]| Err(Barred::NotEligible { reasons: reasons.to_vec() }.into());
    assert_eq!(cast(&with("member", None)), reasons(&["min_tier", "tags_any"]));
    assert_eq!(cast(&with("gold", Some("buyer"))), reasons(&["tags_any"]));
    assert_eq!(cast(&with("gold", Some("advocate"))), Ok(1));
    let lost = cast(&with("member", Some("advocate")));
    assert_eq!(lost, reasons(&["min_tier"]));
    assert_eq!(hall.counted().0[1], (1, 1), "the ballot of before stays");
}

// rule: engagement 4.4
#[test]
fn a_sealed_gate_lets_nothing_through_and_a_count_that_differs_is_no_result() {
    let mut hall = Hall::new("");
    hall.vote(OPENS, "m-1", &["yuzu"]).unwrap();
    let cast = Ballot::cast(
        &hall.polling,
        &member("m-1"),
        (None, &["yuzu".to_owned()]),
        &Standing::active(),
        Scene { programme: &hall.programme, now: at(OPENS) },
    );
    let gate = usize::from(gate_of(&member("m-1")));
    let sealed = Gate { sealed: true, ..hall.gates[gate].clone() };
    assert_eq!(sealed.with(&cast.unwrap()), None);
    assert!(hall.result().is_some());
    hall.gates[gate].ballots += 1;
    assert_eq!(hall.result(), None);
    hall.gates[gate].ballots -= 1;
    hall.gates[gate].options[1].weight += 1;
    assert_eq!(hall.result(), None);
    let disputed = hall.polling.closed(false).state;
    assert_eq!(disputed.tells_result(), Err(PollRefusal::Disputed));
}

// rule: engagement 4.4, 4.5
#[test]
fn nobody_is_told_before_the_end() {
    let hall = Hall::new("");
    let closes_at = at("2026-12-08T14:00:00Z");
    assert_eq!(hall.polling.tells_result(), Err(PollRefusal::ResultSecret { closes_at }));
    assert_eq!(hall.polling.closing(at("2026-12-08T13:59:59Z")), None);
    let closing = hall.polling.closing(closes_at).unwrap().state;
    assert_eq!(closing.state, PollState::Closing);
    assert!(closing.tells_result().is_err() && closing.takes_ballots(at(OPENS)).is_err());
    let closed = closing.closed(true).state;
    assert_eq!((closed.tells_result(), closed.closing(closes_at)), (Ok(()), None));
    assert_eq!(Hall::new("results = 'live'").polling.tells_result(), Ok(()));
}

// rule: engagement 4.7
#[test]
fn the_end_moves_later_and_while_it_is_open() {
    let hall = Hall::new("");
    let later = at("2026-12-10T14:00:00Z");
    let extended = hall.polling.extended(later, at("2026-12-08T13:59:59Z")).unwrap();
    assert_eq!((extended.state.poll.closes_at, extended.facts.len()), (later, 1));
    assert!(extended.state.takes_ballots(at("2026-12-10T13:59:59Z")).is_ok());
    let earlier = hall.polling.extended(at("2026-12-08T13:00:00Z"), at(OPENS)).unwrap_err();
    assert_eq!((earlier.code(), earlier.field()), ("invalid_field", Some("closes_at")));
    let over = hall.polling.extended(later, at("2026-12-08T14:00:00Z")).unwrap_err();
    assert_eq!(over.code(), "poll_closed");
}

// rule: engagement 5.4
#[test]
fn of_two_who_become_one_a_ballot_is_taken_off_while_it_is_open() {
    let mut hall = Hall::new("choices = 2");
    hall.vote(OPENS, "m-1", &["yuzu"]).unwrap();
    hall.vote(OPENS, "m-2", &["osmanthus", "yuzu"]).unwrap();
    let gone = hall.ballots.remove(&member("m-2")).unwrap();
    assert_eq!(hall.result(), None, "it is still counted");
    let difference = gone.withdrawn(&hall.polling, at(OPENS)).unwrap();
    let gate = &mut hall.gates[usize::from(gate_of(&member("m-2")))];
    *gate = gate.without(&difference).unwrap();
    assert_eq!(hall.counted(), (vec![(0, 0), (1, 1), (0, 0)], vec!["yuzu".to_owned()]));
    assert_eq!(gone.withdrawn(&hall.polling, at("2026-12-08T14:00:00Z")), None, "both stay");
}

#[test]
fn voters_are_spread_over_the_gates() {
    assert_eq!(shard("", 16), 0xe3 % 16, "the first byte of the SHA-256");
    let gates: std::collections::BTreeSet<u8> = (0..200).map(|n| gate_of(&member(&format!("m-{n}")))).collect();
    assert_eq!(gates.len(), usize::from(GATES));
}

proptest! {
    /// Whatever is cast, and changed: gates and ballots agree, and each member is counted once.
    // rule: engagement 4.3, 4.4
    #[test]
    fn gates_and_ballots_agree(votes in prop::collection::vec((0..40_u32, 1..8_u8, 0..4_usize), 0..120)) {
        let mut hall = Hall::new("choices = 3\nweights = { gold = 2, black = 3 }");
        let names = ["osmanthus", "yuzu", "sea-salt"];
        let mut voters = std::collections::BTreeSet::new();
        for (who, chosen, tier) in votes {
            let options: Vec<_> = (0..3).filter(|bit| chosen >> bit & 1 == 1).map(|bit| names[bit]).collect();
            let tier = ["member", "silver", "gold", "black"][tier];
            hall.cast(at(OPENS), &format!("m-{who}"), &options, &of_tier(tier)).unwrap();
            voters.insert(who);
        }
        let result = hall.result();
        prop_assert!(result.is_some());
        let result = result.unwrap();
        prop_assert_eq!(result.ballots, i64::try_from(voters.len()).unwrap());
        prop_assert_eq!(hall.told, voters.len());
        let ballots: Vec<_> = hall.ballots.values().cloned().collect();
        let list = csv(&hall.polling.poll, SECRET, &ballots);
        // Anybody counts the list again.
        for (option, tally) in &result.options {
            let lines = list.lines().filter(|line| line.split(',').nth(1).unwrap().split('+').any(|name| name == option));
            let weight: i64 = lines.map(|line| line.rsplit(',').next().unwrap().parse::<i64>().unwrap()).sum();
            prop_assert_eq!(weight, tally.weight);
        }
    }
}
