//! Two accounts become one, and two again.

use domain::kernel::id::OperationId;
use domain::kernel::membership::MemberState;
use domain::kernel::quantity::Points;
use domain::kernel::refusal::Refusal;
use domain::kernel::time::Month;
use domain::ledger::account::Account;
use domain::ledger::command::Command;
use domain::ledger::doer::Doer;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::membership::Membership;
use domain::ledger::opening::Opening;
use domain::ledger::proof::{Heads, difference};
use domain::ledger::transfer::{Transfer, Transferring, merge, unmerge, unpaired};
use jiff::Timestamp;

use crate::world::{ANY_NUMBER, World, at, order};

/// A survivor and the one that it absorbs, on one clock.
pub(crate) struct Pair {
    pub(crate) survivor: World,
    pub(crate) absorbed: World,
    merges: u32,
}

/// The last instant of a local day, in Shanghai.
fn after(day: &str) -> Timestamp {
    at(&format!("{day}T16:00:00Z"))
}

impl Pair {
    /// Each as `100@2026-09-30`, `30@2026-09-30/2026-06-10` (pending), `owes 80`, `silver 2026-09-30`, `status 2026-04 600`.
    pub(crate) fn of(survivor: &str, absorbed: &str) -> Self {
        let changes = &[ANY_NUMBER];
        let mut pair = Self { survivor: World::new(changes), absorbed: World::new(changes), merges: 0 };
        pair.absorbed.account = Account::new("m-2".parse().unwrap());
        pair.at("2026-06-01");
        pair.survivor.has(survivor);
        pair.absorbed.has(absorbed);
        pair
    }

    /// Noon of a local day.
    pub(crate) fn at(&mut self, day: &str) {
        let now = at(&format!("{day}T12:00:00+08:00"));
        (self.survivor.now, self.absorbed.now) = (now, now);
    }

    fn transfer(&self, absorbed: Option<MemberState>) -> Transfer {
        let merge = format!("merge-{}", self.merges);
        Transfer { merge, by: Some(Doer::new("admin:ada")), survivor: MemberState::Active, absorbed }
    }

    #[track_caller]
    pub(crate) fn tries_to_merge(&mut self) -> Result<(), Transferring> {
        self.merges += 1;
        let accounts = (&self.survivor.account, &self.absorbed.account);
        let done = merge(accounts, &self.transfer(None), self.survivor.setting())?;
        self.survivor.write(done.survivor).unwrap();
        self.absorbed.write(done.absorbed).unwrap();
        Ok(())
    }

    #[track_caller]
    pub(crate) fn merges(&mut self) {
        self.tries_to_merge().expect("nothing stands against it");
        self.fits();
    }

    #[track_caller]
    pub(crate) fn unmerges(&mut self) -> i64 {
        let of_merge = |entry: &&Entry| matches!(entry.detail, Detail::TransferIn { .. });
        let recorded = self.survivor.history.iter().rfind(of_merge).expect("they were merged").clone();
        let accounts = (&self.survivor.account, &self.absorbed.account);
        let transfer = self.transfer(Some(MemberState::Active));
        let done =
            unmerge(accounts, &recorded, &transfer, self.survivor.setting()).expect("it is the entry of a merge");
        self.survivor.write(done.survivor).unwrap();
        self.absorbed.write(done.absorbed).unwrap();
        self.fits();
        done.not_returned.0
    }

    /// The newest two entries belong together, and both accounts follow from theirs.
    #[track_caller]
    fn fits(&self) {
        let newest = |world: &World| (world.account.member.clone(), world.history.last().unwrap().clone());
        let mut both = [newest(&self.survivor), newest(&self.absorbed)];
        both.sort_by_key(|(_, entry)| !matches!(entry.detail, Detail::TransferOut { .. }));
        let [out, into] = &both;
        assert_eq!(unpaired((&out.0, &out.1), (&into.0, &into.1)), None);
        for world in [&self.survivor, &self.absorbed] {
            assert_eq!(difference(&world.account, &world.history, &[], &Heads::new()), None);
        }
    }

    /// What both have, in words.
    pub(crate) fn say(&self) -> [String; 2] {
        [self.survivor.says(), self.absorbed.says()]
    }
}

impl World {
    /// Brings over what a test says.
    #[track_caller]
    fn has(&mut self, said: &str) {
        let (mut lots, mut months) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
        let mut openings = Vec::new();
        for part in said.split(", ").filter(|part| !part.is_empty()) {
            let words: Vec<&str> = part.split(' ').collect();
            match words[..] {
                ["owes", points] => openings.push(Opening::Debt(Points(points.parse().unwrap()))),
                ["status", month, points] => {
                    let month = Month(month.replace('-', "").parse().unwrap());
                    months.insert(month, Points(points.parse().unwrap()));
                }
                [tier, until] => {
                    let (since, until) = ("2026-01-01".parse().unwrap(), until.parse().unwrap());
                    openings.push(Opening::Tier { tier: tier.to_owned(), since, until });
                }
                [lot] => {
                    let (points, dates) = lot.split_once('@').unwrap();
                    let (expires, activates) =
                        dates.split_once('/').map_or((dates, None), |(one, other)| (one, Some(other)));
                    let activates = activates.map(|day| at(&format!("{day}T00:00:00+08:00")));
                    lots.insert((activates, after(expires)), Points(points.parse().unwrap()));
                }
                _ => panic!("{part}"),
            }
        }
        openings.extend((!lots.is_empty()).then_some(Opening::Lots(lots)));
        openings.extend((!months.is_empty()).then_some(Opening::Status(months)));
        for opening in openings {
            self.brings(1, opening, false).unwrap();
        }
    }

    /// The same, of what there is now.
    pub(crate) fn says(&self) -> String {
        let (account, _) = self.account.settled(self.setting());
        let zone = self.programmes.at(self.now).zone();
        let last = |until: Timestamp| zone.date(until.saturating_sub(jiff::SignedDuration::from_millis(1)).unwrap());
        let mut said: Vec<String> = Vec::new();
        said.extend(account.pockets.active.iter().map(|(until, points)| format!("{points}@{}", last(*until))));
        let pending = account.pockets.pending.iter();
        said.extend(pending.map(|((from, until), points)| format!("{points}@{}/{}", last(*until), zone.date(*from))));
        said.extend(account.pockets.debt.is_positive().then(|| format!("owes {}", account.pockets.debt)));
        let standing = account.tiers.standing();
        said.extend(standing.map(|standing| format!("{} {}", standing.tier, last(standing.end))));
        said.extend(account.qualifying.iter().map(|(month, points)| format!("status {month} {points}")));
        said.join(", ")
    }
}

/// Survivor, absorbed, and the survivor after the merge.
const MERGES: [(&str, &str, &str); 14] = [
    ("100@2026-09-30", "50@2026-09-30, 200@2026-12-31", "150@2026-09-30, 200@2026-12-31"),
    ("", "50@2026-09-30", "50@2026-09-30"),
    ("50@2026-09-30", "", "50@2026-09-30"),
    (
        "30@2026-09-30/2026-06-10",
        "20@2026-09-30/2026-06-10, 5@2026-09-30/2026-06-12",
        "50@2026-09-30/2026-06-10, 5@2026-09-30/2026-06-12",
    ),
    ("owes 80", "50@2026-09-30, 200@2026-12-31", "170@2026-12-31"),
    ("50@2026-09-30, 200@2026-12-31", "owes 80", "170@2026-12-31"),
    ("100@2026-09-30", "owes 130", "owes 30"),
    ("owes 80", "owes 20", "owes 100"),
    ("owes 80", "30@2026-09-30/2026-06-10", "30@2026-09-30/2026-06-10, owes 80"),
    ("silver 2027-03-31", "gold 2026-11-30", "gold 2026-11-30"),
    ("silver 2026-09-30", "silver 2027-02-28", "silver 2027-02-28"),
    ("silver 2027-02-28", "silver 2026-09-30", "silver 2027-02-28"),
    ("status 2026-04 600", "status 2026-05 399", "status 2026-04 600, status 2026-05 399"),
    (
        "status 2026-03 600, status 2026-04 300",
        "status 2026-03 50, status 2025-11 5",
        "status 2025-11 5, status 2026-03 650, status 2026-04 300",
    ),
];

// rule: members 20
#[test]
fn everything_goes_over_with_its_dates_and_debt_is_repaid_the_earliest_first() {
    for (survivor, absorbed, expected) in MERGES {
        let mut pair = Pair::of(survivor, absorbed);
        pair.merges();
        assert_eq!(pair.say(), [expected, ""], "{survivor} + {absorbed}");
        assert_eq!(pair.absorbed.account.membership, Membership::Merged { into: "m-1".parse().unwrap() });
        assert_eq!(pair.absorbed.account.due(pair.absorbed.setting()), None, "time does nothing to it any more");
    }
}

// rule: members 20
#[test]
fn status_of_both_together_lifts_the_tier_at_once() {
    let mut pair = Pair::of("status 2026-04 600", "status 2026-05 400");
    pair.merges();
    assert_eq!(pair.survivor.account.tier_at(pair.survivor.now), Some("silver"));
    let newest = pair.survivor.history.last().unwrap();
    assert_eq!(newest.then.iter().map(|change| change.change.name()).collect::<Vec<_>>(), ["upgraded"]);
    assert_eq!(pair.absorbed.account.tier_at(pair.absorbed.now), None);
}

// rule: members 20
#[test]
fn limits_count_together_and_nothing_comes_to_the_absorbed_any_more() {
    let mut pair = Pair::of("150@2026-09-30", "150@2026-09-30");
    pair.survivor.redeem("drink").unwrap();
    pair.merges();
    assert_eq!(pair.survivor.redeem("drink").unwrap_err().code(), "limit_reached");
    let mut other = Pair::of("150@2026-09-30", "150@2026-09-30");
    other.absorbed.redeem("drink").unwrap();
    other.merges();
    assert_eq!(other.survivor.redeem("drink").unwrap_err().code(), "limit_reached", "one a day for both of them");
    let refused = other.absorbed.run(Command::Earn(order("o-1", 1_000))).unwrap_err();
    assert_eq!((refused.code(), refused.data()["survivor"].as_str()), ("merged", Some("m-1")));
}

// rule: members 17
#[test]
fn held_points_refuse_the_merge_and_those_of_the_survivor_do_not() {
    let mut pair = Pair::of("", "200@2026-09-30");
    pair.absorbed.hold(100).unwrap();
    let refused = pair.tries_to_merge().unwrap_err();
    let until = pair.absorbed.now + jiff::SignedDuration::from_mins(15);
    assert_eq!(refused, Transferring::OpenHolds { until });
    pair.survivor.now = until;
    pair.absorbed.now = until;
    pair.merges();
    assert_eq!(pair.say(), ["200@2026-09-30", ""]);
    let mut own = Pair::of("200@2026-09-30", "10@2026-09-30");
    let held = own.survivor.hold(100).unwrap();
    own.merges();
    own.survivor.run(Command::Capture { hold: held.sequence }).unwrap();
    assert_eq!(own.say(), ["110@2026-09-30", ""]);
}

// rule: members 22
#[test]
fn unmerged_at_once_both_are_as_they_were() {
    for (survivor, absorbed, _) in MERGES {
        let mut pair = Pair::of(survivor, absorbed);
        let before = pair.say();
        pair.merges();
        pair.at("2026-06-02");
        assert_eq!(pair.unmerges(), 0);
        assert_eq!(pair.say(), before, "{survivor} + {absorbed}");
        assert_eq!(pair.absorbed.account.membership, Membership::Active);
        pair.absorbed.order("o-1", 1_000);
    }
}

// rule: members 22
#[test]
fn what_is_spent_comes_from_the_survivors_own_points_first_and_stays_spent() {
    let cases = [
        (120, 0, ["30@2026-09-30, 200@2026-12-31", ""], ["", "30@2026-09-30, 200@2026-12-31"]),
        (230, 130, ["120@2026-12-31", ""], ["", "120@2026-12-31"]),
        (350, 250, ["", ""], ["", ""]),
        (40, 0, ["110@2026-09-30, 200@2026-12-31", ""], ["60@2026-09-30", "50@2026-09-30, 200@2026-12-31"]),
    ];
    for (spent, not_returned, merged, unmerged) in cases {
        let mut pair = Pair::of("100@2026-09-30", "50@2026-09-30, 200@2026-12-31");
        pair.merges();
        pair.survivor.spend(spent).unwrap_or_else(|_| panic!("{spent}"));
        assert_eq!(pair.say(), merged, "{spent}");
        pair.at("2026-06-03");
        let returned_less = pair.unmerges();
        let expected = if spent == 120 { 20 } else { not_returned };
        assert_eq!((returned_less, pair.say()), (expected, unmerged.map(str::to_owned)), "{spent}");
    }
}

// rule: members 22
#[test]
fn what_expired_since_does_not_come_back_and_what_matured_does() {
    let mut pair =
        Pair::of("100@2026-09-30", "60@2026-06-30, 20@2026-12-31, 5@2026-12-31/2026-06-10, 7@2026-12-31/2026-07-20");
    pair.merges();
    pair.at("2026-07-01");
    assert_eq!(pair.unmerges(), 0, "what expired is nobody's");
    assert_eq!(pair.say(), ["100@2026-09-30", "25@2026-12-31, 7@2026-12-31/2026-07-20"]);
}

// rule: members 22
#[test]
fn a_debt_that_the_others_points_repaid_is_owed_again_and_expired_points_are_gone() {
    let mut pair = Pair::of("owes 80", "50@2026-06-30, 200@2026-12-31");
    pair.merges();
    assert_eq!(pair.say(), ["170@2026-12-31", ""]);
    pair.at("2026-07-05");
    pair.unmerges();
    assert_eq!(pair.say(), ["owes 80", "200@2026-12-31"], "50 of them would have expired meanwhile");
    // What the survivor has by then repays its debt.
    let mut own = Pair::of("owes 80", "50@2026-09-30, 200@2026-12-31");
    own.merges();
    own.survivor.give(100);
    own.unmerges();
    assert_eq!(own.say(), ["20@2027-06-30", "50@2026-09-30, 200@2026-12-31"]);
    // The absorbed's debt goes back as far as it is owed.
    let mut theirs = Pair::of("100@2026-09-30", "owes 130");
    theirs.merges();
    theirs.survivor.give(10);
    assert_eq!(theirs.say(), ["owes 20", ""]);
    theirs.unmerges();
    assert_eq!(theirs.say(), ["100@2026-09-30", "owes 120"]);
}

// rule: members 22
#[test]
fn status_and_tiers_are_as_recorded_less_what_was_taken_back() {
    let mut pair =
        Pair::of("silver 2027-03-31, status 2026-03 1200", "gold 2026-11-30, status 2026-03 300, status 2025-11 5000");
    let before = pair.say();
    pair.merges();
    assert_eq!(pair.say(), ["gold 2026-11-30, status 2025-11 5000, status 2026-03 1500", ""]);
    pair.at("2026-06-20");
    pair.survivor.order("o-1", 5_000);
    pair.unmerges();
    let [survivor, absorbed] = pair.say();
    assert_eq!(absorbed, before[1]);
    assert!(survivor.ends_with("silver 2027-03-31, status 2026-03 1200, status 2026-06 50"), "{survivor}");
}

// rule: members 24
#[test]
fn each_transfer_is_held_against_the_other_one() {
    let mut pair = Pair::of("owes 30", "100@2026-09-30");
    pair.merges();
    let (survivor, absorbed) = (pair.survivor.account.member.clone(), pair.absorbed.account.member.clone());
    let (out, into) = (pair.absorbed.history.last().unwrap().clone(), pair.survivor.history.last().unwrap().clone());
    assert_eq!(unpaired((&absorbed, &out), (&survivor, &into)), None);
    let expected = OperationId::of_fact("perennial:merge", "merge-1", "out");
    assert_eq!(out.operation, expected, "a merge writes each of them once");
    let mut more = into.clone();
    if let Detail::TransferIn { carried, .. } = &mut more.detail {
        carried.active.insert(after("2026-09-30"), Points(101));
    }
    let mut moved = into.clone();
    moved.movements.pop();
    for wrong in [more, moved] {
        assert!(unpaired((&absorbed, &out), (&survivor, &wrong)).is_some());
    }
    assert!(unpaired((&survivor, &out), (&survivor, &into)).is_some(), "and names where it came from");
    assert!(unpaired((&absorbed, &into), (&survivor, &out)).is_some());
}
