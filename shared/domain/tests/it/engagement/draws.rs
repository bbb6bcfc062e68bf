//! Draws: nobody chooses the result, everybody can work it out, and no prize is given that is not there.

use std::collections::BTreeMap;

use domain::engagement::Standing;
use domain::engagement::draw::{
    DrawEntryId, DrawFact, DrawRefusal, DrawResult, DrawState, Entrant, Entry, EntryRefusal, Fault, Instance, Left,
    Seed, Terms, list, nominal, result, ticket_of, verify,
};
use domain::kernel::canonical::Hash;
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::Programme;
use domain::programme::engagement::draw::Draw;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::challenges::SHANGHAI;
use super::stage::{at, compiled, document, member, of_tier, programme, read, scene};

const DRAW: &str = "weekly-draw.2026-w48";
const USUAL: &str = "{ id = 'doll', stock = 10, odds_ppm = 500 }, { id = 'coupon-5', stock = 1000, odds_ppm = 50000 }, \
                     { id = 'points-5', stock = 100000, odds_ppm = 200000 }";
const SCARCE: &str = "{ id = 'doll', stock = 1, odds_ppm = 100000 }, { id = 'coupon-5', stock = 1, odds_ppm = 50000 }, \
                      { id = 'points-5', stock = 1, odds_ppm = 200000 }";

fn written(prizes: &str, more: &str) -> String {
    format!(
        "[[draw]]\nid = 'weekly-draw'\ncost_points = 10\nevery = 'week'\nopens = 'Mon 00:00'\ncloses = 'Sun 22:00'\n\
         fairness = 'commit_reveal_hmac_sha256'\nprizes = [{prizes}]\n{more}"
    )
}

/// A draw that is open, all that was entered, and what is left.
struct Hall {
    programme: Programme,
    draw: Draw,
    seed: Seed,
    instance: Instance,
    entries: Vec<Entry>,
    left: Left,
    told: Vec<DrawFact>,
}

fn seed(text: &str) -> Seed {
    Seed(text.parse::<Hash>().unwrap().0)
}

impl Hall {
    fn new(seed_text: &str, prizes: &str, more: &str) -> Self {
        let programme = programme(SHANGHAI, &written(prizes, more));
        let draw = programme.engagement().draw("weekly-draw").unwrap().clone();
        let terms = Terms::next(&draw, at("2026-11-25T02:00:00Z"), programme.zone()).unwrap();
        assert_eq!(terms.id, DRAW);
        let seed = seed(seed_text);
        let instance = Instance::publish(&draw, &terms, &seed, at("2026-11-21T16:00:00Z")).unwrap().state;
        let left = draw.prizes.iter().map(|prize| (prize.id.clone(), prize.stock)).collect();
        Self { programme, draw, seed, instance, entries: Vec::new(), left, told: Vec::new() }
    }

    fn enter(&mut self, now: &str, name: &str, key: &str) -> Result<Entry, EntryRefusal> {
        self.enter_as(now, name, key, &Standing::active())
    }

    fn enter_as(&mut self, now: &str, name: &str, key: &str, standing: &Standing) -> Result<Entry, EntryRefusal> {
        // A key that has an entry is answered first.
        let id = DrawEntryId::of(DRAW, &member(name), key);
        if let Some(known) = self.entries.iter().find(|entry| entry.id == id) {
            return Ok(known.clone());
        }
        let own = self.entries.iter().filter(|entry| entry.member == member(name));
        let zone = self.programme.zone();
        let earlier = own.map(|entry| (zone.date(entry.at), entry.cost == 0)).collect();
        let entrant = Entrant { member: member(name), standing: standing.clone(), earlier };
        let scene = scene(&self.programme, now);
        let entry = self.instance.enter((&self.draw, &self.seed), (&entrant, key), &self.left, scene)?;
        self.told.extend(entry.facts(DRAW, &self.left));
        if let Some(left) = entry.prize.as_ref().and_then(|prize| self.left.get_mut(prize)) {
            *left = left.checked_sub(1).expect("no prize is given that is not there");
        }
        self.entries.push(entry.clone());
        Ok(entry)
    }

    fn result(&self) -> DrawResult {
        result(&self.instance, &self.seed, &self.entries)
    }
}

fn short(entry: &Entry) -> (String, u32, Option<&str>, Option<&str>) {
    (entry.id.to_string(), entry.ticket, entry.nominal.as_deref(), entry.prize.as_deref())
}

const NOON: &str = "2026-11-25T02:00:00Z";

// rule: draws 1.3, 1.4
#[test]
fn the_edges_of_tickets_and_ranges() {
    let hall = Hall::new(&"01".repeat(32), USUAL, "");
    let cases: [(u64, u32, Option<usize>); 14] = [
        (0, 0, Some(0)),
        (18_446_744_073_709, 0, Some(0)),
        (18_446_744_073_710, 1, Some(0)),
        (9_223_372_036_854_775, 499, Some(0)),
        (9_223_372_036_854_776, 500, Some(1)),
        (931_560_575_722_332_356, 50_499, Some(1)),
        (931_560_575_722_332_357, 50_500, Some(2)),
        (4_620_909_390_464_242_679, 250_499, Some(2)),
        (4_620_909_390_464_242_680, 250_500, None),
        (9_223_372_036_854_775_807, 499_999, None),
        (9_223_372_036_854_775_808, 500_000, None),
        (18_446_725_626_965_477_906, 999_998, None),
        (18_446_725_626_965_477_907, 999_999, None),
        (u64::MAX, 999_999, None),
    ];
    for (u, ticket, prize) in cases {
        assert_eq!((ticket_of(u), nominal(&hall.instance.prizes, ticket)), (ticket, prize), "{u}");
    }
}

// rule: draws 1.1, 1.2, 1.3
#[test]
fn the_same_key_is_the_same_entry_paid_once() {
    let mut hall = Hall::new("80860cf82361a5fa25a55afdc140078ed14a5e4d15d744ad7480fb63e634de95", USUAL, "");
    let once = hall.enter(NOON, "m-1", "once").unwrap();
    assert_eq!(short(&once), ("42c857ae9ecb701f28537752b3a7a3ad".into(), 852_418, None, None));
    assert_eq!(hall.enter("2026-11-25T03:00:00Z", "m-1", "once").unwrap(), once);
    assert_eq!(DrawEntryId::of(DRAW, &member("m-1"), " \"once\" "), once.id, "blanks and quotes are none of it");
    let other = hall.enter("2026-11-25T03:00:00Z", "m-1", "Once").unwrap();
    let (id, _, _, prize) = short(&other);
    assert_eq!((id.as_str(), prize), ("7460a18b87bbf99ea782453d755fd494", Some("coupon-5")));
    assert_eq!(hall.entries.iter().map(|entry| entry.cost).sum::<i64>(), 20);
    assert_ne!(DrawEntryId::of(DRAW, &member("m-2"), "once"), once.id);
}

// rule: draws 1.2, 1.3, 1.8
#[test]
fn the_same_key_of_others_is_another_entry() {
    let mut hall = Hall::new("04f5d0e8d9ed2af7d1bb4641b2e4bd62d4501d6cfd3d65bbab785b3501c9426b", USUAL, "");
    for n in 0..20 {
        hall.enter(NOON, &format!("m-{n}"), "0b1f3c52-9f0e-4c39-9f0a-1d2e3f405162").unwrap();
    }
    let (id, ticket, nominal, _) = short(&hall.entries[0]);
    assert_eq!((id.as_str(), ticket, nominal), ("4a757f70d6096803c5d42b73933158bd", 237_505, Some("points-5")));
    assert_eq!((hall.entries[0].cost, hall.entries[0].points), (10, 5));
    let sha256 = "c7086d234e6630553a59c5b654bb17c236aae91700e4928498a0e6439fa8603b";
    assert_eq!(hall.result().list_sha256.to_string(), sha256);
}

// rule: draws 1.1, 1.4, 1.8
#[test]
fn the_doll_is_won_by_one_in_two_thousand() {
    let mut hall = Hall::new("82afedab9fbc093888b7b802773e7d4e92353782d01ae21c526f6ab31bd67416", USUAL, "");
    let entry = hall.enter(NOON, "m-1", "k-4926").unwrap();
    assert_eq!(short(&entry), ("7ade083ed762c45b7c929e7b293b4018".into(), 102, Some("doll"), Some("doll")));
    assert_eq!((entry.cost, entry.points, hall.left["doll"]), (10, 0, 9));
    let result = hall.result();
    let commitment = "7ece2e064c15174ab06baf703ffeea0550bc4447c01bca90977427ca0ef1a67f";
    let sha256 = "c04155be6878cfdc596c4348cf14060e17818a690902b3141539f138b078669b";
    assert_eq!((result.commitment.to_string(), result.list_sha256.to_string()), (commitment.into(), sha256.into()));
    assert_eq!((result.entries, result.prizes[0].awarded, result.prizes[1].awarded), (1, 1, 0));
    assert_eq!(verify(&result, &list(&hall.entries)), Ok(()));
    assert_eq!(format!("{:?}", hall.seed), "Seed", "it is in no log");
}

// rule: draws 1.5, 1.8
#[test]
fn a_prize_that_is_gone_gives_way_to_a_lower_one_never_to_a_higher() {
    let mut hall = Hall::new("ee7511e53217e17c3433f4543a57b028279c493c84c3dae36d80511c1ef3f9c4", SCARCE, "");
    let entries: Vec<Entry> = ["k-0", "k-3", "k-10"].map(|key| hall.enter(NOON, "m-1", key).unwrap()).into();
    let given: Vec<_> = entries.iter().map(|entry| (entry.nominal.as_deref(), entry.prize.as_deref())).collect();
    let points = Some("points-5");
    assert_eq!(given, [(points, points), (points, None), (Some("doll"), Some("doll"))]);
    let exhausted: Vec<bool> = entries.iter().map(Entry::is_exhausted).collect();
    assert_eq!(exhausted, [false, true, false]);
    let balance = entries.iter().fold(1_000, |balance, entry| balance - entry.cost + entry.points);
    assert_eq!(balance, 975);
    let sha256 = "01caa5ca23d1334ca28646b840bbf7d2252caea695c35ea3880bf1f30bbd378b";
    assert_eq!(hall.result().list_sha256.to_string(), sha256);
}

// rule: draws 1.5
#[test]
fn of_odds_that_fill_the_million_every_ticket_wins_while_there_is_stock() {
    let thirds = "{ id = 'a', stock = 5, odds_ppm = 333333 }, { id = 'b', stock = 5, odds_ppm = 333333 }, \
                  { id = 'c', stock = 5, odds_ppm = 333334 }";
    let mut hall = Hall::new("d6806e921c31fc3f1d3e7f38bde441563df70e330c485cfb8b2c732996fc2d3a", thirds, "");
    for n in 0..18 {
        assert!(hall.enter(NOON, &format!("m-{n}"), "k").unwrap().nominal.is_some());
    }
    assert_eq!(hall.left.values().sum::<u32>(), 0, "fifteen are given");
    assert_eq!(hall.entries.iter().filter(|entry| entry.is_exhausted()).count(), 3);
    let last = hall.told.iter().filter(|fact| matches!(fact, DrawFact::DrawPrizeExhausted { .. }));
    assert_eq!(last.count(), 3, "once a prize");
    let won = hall.told.iter().filter(|fact| matches!(fact, DrawFact::DrawPrizeWon { .. }));
    assert_eq!(won.count(), 15);
    let sha256 = "b7e097267937848cf0261bbedf013461b9b0286fcad6c2702f1374c3a7a86095";
    assert_eq!(hall.result().list_sha256.to_string(), sha256);
    assert_eq!(verify(&hall.result(), &list(&hall.entries)), Ok(()));
}

// rule: draws 1.7
#[test]
fn what_stands_against_an_entry_is_said_in_order() {
    let limit = "limit = { per_member = 2, period = 'calendar_day' }\neligible = { min_tier = 'silver' }";
    let mut hall = Hall::new(&"02".repeat(32), USUAL, limit);
    let silver = of_tier("silver");
    let code = |hall: &mut Hall, now: &str, key: &str, standing: &Standing| {
        hall.enter_as(now, "m-1", key, standing).err().map(|refusal| refusal.code())
    };
    assert_eq!(code(&mut hall, "2026-11-01T00:00:00Z", "a", &Standing::active()), Some("not_eligible"), "first of all");
    let staff = Standing { tags: ["staff".to_owned()].into(), ..silver.clone() };
    assert_eq!(code(&mut hall, NOON, "a", &staff), Some("not_eligible"));
    assert_eq!(code(&mut hall, "2026-11-22T15:59:59Z", "a", &silver), Some("draw_not_open"));
    assert_eq!(code(&mut hall, "2026-11-29T14:00:00Z", "a", &silver), Some("draw_closed"));
    assert_eq!(code(&mut hall, "2026-11-22T16:00:00Z", "a", &silver), None);
    assert_eq!(code(&mut hall, "2026-11-23T15:59:59Z", "b", &silver), None);
    let refused = hall.enter_as("2026-11-23T15:59:59Z", "m-1", "c", &silver).unwrap_err();
    let resets_at = Some(at("2026-11-23T16:00:00Z"));
    assert_eq!(refused, EntryRefusal::LimitReached { limit: 2, resets_at });
    assert_eq!(code(&mut hall, "2026-11-23T16:00:00Z", "c", &silver), None, "another date");
    hall.instance.state = DrawState::Cancelled;
    assert_eq!(code(&mut hall, "2026-11-29T14:00:00Z", "d", &silver), Some("draw_cancelled"));
    assert_eq!(code(&mut hall, "2026-11-29T14:00:00Z", "a", &silver), None, "a key that has an entry is answered");
}

// rule: draws 1.7
#[test]
fn some_entries_may_be_free() {
    let free = "free_entries = { per_member = 1, period = 'calendar_week' }";
    let mut hall = Hall::new(&"03".repeat(32), USUAL, free);
    let costs = [("a", "2026-11-23T02:00:00Z"), ("b", "2026-11-23T03:00:00Z"), ("c", "2026-11-29T02:00:00Z")];
    assert_eq!(costs.map(|(key, now)| hall.enter(now, "m-1", key).unwrap().cost), [0, 10, 10]);
}

// rule: draws 1.1
#[test]
fn draws_have_names_and_times_of_their_weeks() {
    let hall = Hall::new(&"01".repeat(32), USUAL, "");
    let terms = |now: &str| Terms::next(&hall.draw, at(now), hall.programme.zone()).unwrap();
    let open = terms("2026-11-25T02:00:00Z");
    assert_eq!((open.opens_at, open.closes_at), (at("2026-11-22T16:00:00Z"), at("2026-11-29T14:00:00Z")));
    assert_eq!(terms("2026-11-29T14:00:00Z").id, "weekly-draw.2026-w49", "the next, once it is over");
    // 2026 has 53 weeks; the last one ends in the next year.
    assert_eq!(terms("2027-01-02T00:00:00Z").id, "weekly-draw.2026-w53");
    assert_eq!(terms("2027-01-03T14:00:00Z").id, "weekly-draw.2027-w01");
    let next = terms("2026-11-29T14:00:00Z");
    assert!(!next.is_due(at("2026-11-27T15:59:59Z")) && next.is_due(at("2026-11-27T16:00:00Z")));
    let publish = |now: &str| Instance::publish(&hall.draw, &next, &hall.seed, at(now));
    assert!(publish("2026-11-29T15:00:00Z").is_ok());
    let latest = at("2026-11-29T15:00:00Z");
    assert_eq!(publish("2026-11-29T15:00:00.001Z"), Err(DrawRefusal::TooLate { latest }), "an hour before, or never");
}

// rule: draws 1.1
#[test]
fn what_was_published_changes_to_the_members_good_alone() {
    let hall = Hall::new(&"01".repeat(32), USUAL, "");
    let (now, later) = (at(NOON), at("2026-11-30T14:00:00Z"));
    let improved = hall.instance.improved(("doll", 5), Some(later), now).unwrap().state;
    assert_eq!((improved.prizes[0].stock, improved.closes_at), (15, later));
    assert!(hall.instance.improved(("moon", 5), None, now).is_err());
    assert!(hall.instance.improved(("", 0), Some(at("2026-11-28T14:00:00Z")), now).is_err());
    assert!(hall.instance.improved(("doll", 5), None, at("2026-11-29T14:00:00Z")).is_err());
}

// rule: draws 1.8, 1.9
#[test]
fn a_draw_ends_revealed_or_cancelled() {
    let hall = Hall::new(&"01".repeat(32), USUAL, "");
    let over = at("2026-11-29T14:00:00Z");
    assert!(hall.instance.revealed().is_err() && hall.instance.closing(at(NOON)).is_none());
    let closing = hall.instance.closing(over).unwrap().state;
    let revealed = closing.revealed().unwrap().state;
    assert_eq!(revealed.cancelled(0, "a", None).unwrap_err().code(), "wrong_state");
    assert_eq!(hall.instance.cancelled(0, "a", None).unwrap().state.state, DrawState::Cancelled);
    for second in [None, Some("a")] {
        assert_eq!(hall.instance.cancelled(3, "a", second), Err(DrawRefusal::SameApprover));
    }
    assert_eq!(closing.cancelled(3, "a", Some("b")).unwrap().state.state, DrawState::Cancelled);
}

/// An honest draw of scarce prizes that is over.
fn over(count: u32) -> (DrawResult, String) {
    let mut hall = Hall::new("0a30a3b5beaf80f227083f2d0ddc9e94073785f809e503f26a11e62e6eefe638", SCARCE, "");
    for n in 0..count {
        hall.enter(NOON, &format!("m-{n}"), "k").unwrap();
    }
    (hall.result(), list(&hall.entries))
}

fn lines(list: &str) -> Vec<String> {
    list.lines().map(|line| format!("{line}\n")).collect()
}

#[track_caller]
fn found(result: &DrawResult, list: &str) -> (usize, &'static str) {
    let Fault { line, what } = verify(result, list).unwrap_err();
    (line, what.name())
}

// rule: draws 1.10
#[test]
fn whatever_is_tampered_with_is_named_with_its_line() {
    let (result, honest) = over(60);
    assert_eq!(verify(&result, &honest), Ok(()));
    let of = lines(&honest);
    let won = |prize: &str| of.iter().position(|line| line.ends_with(&format!(",{prize}\n"))).unwrap();
    let none = of.iter().position(|line| line.ends_with(",-,-\n")).unwrap();
    let with = |place: usize, line: String| {
        let mut lines = of.clone();
        lines[place] = line;
        lines.concat()
    };
    let ticket = of[none].split(',').nth(1).unwrap();
    let other = with(none, of[none].replace(&format!(",{ticket},"), ",999999,"));
    assert_eq!(found(&result, &other), (none + 1, "ticket"));
    let nominal = with(none, of[none].replace(",-,-", ",doll,-"));
    assert_eq!(found(&result, &nominal), (none + 1, "nominal"));
    let points = won("points-5");
    let upward = with(points, of[points].replace(",points-5\n", ",coupon-5\n"));
    assert_eq!(found(&result, &upward), (points + 1, "prize_upward"));
    let without = of.iter().position(|line| line.ends_with(",points-5,-\n")).unwrap();
    let overdrawn = with(without, of[without].replace(",-\n", ",points-5\n"));
    assert_eq!(found(&result, &overdrawn), (without.max(points) + 1, "stock_overdrawn"));
    let doll = won("doll");
    let withheld = with(doll, of[doll].replace(",doll\n", ",-\n"));
    let first = of.iter().position(|line| line.contains(",doll,")).unwrap();
    assert_eq!(found(&result, &withheld), (first + 1, "passed_over_with_stock"));
    let mut exchanged = of.clone();
    exchanged.swap(3, 4);
    assert_eq!(found(&result, &exchanged.concat()), (5, "order"));
    let removed: String =
        of.iter().enumerate().filter(|(place, _)| *place != none).map(|(_, line)| line.as_str()).collect();
    assert_eq!(found(&result, &removed), (0, "list_sha256"));
    let mut twice = of.clone();
    twice.insert(none, of[none].clone());
    assert_eq!(found(&result, &twice.concat()), (none + 2, "order"), "a line that is added");
    assert_eq!(found(&result, &with(7, "nonsense\n".into())), (8, "shape"));
    let seed = DrawResult { seed: "0b".repeat(32).parse().unwrap(), ..result.clone() };
    assert_eq!(found(&seed, &honest), (0, "commitment"));
    let commitment = DrawResult { commitment: Hash::GENESIS, ..result.clone() };
    assert_eq!(found(&commitment, &honest), (0, "commitment"));
    let hash = DrawResult { list_sha256: Hash::GENESIS, ..result.clone() };
    assert_eq!(found(&hash, &honest), (0, "list_sha256"));
    let numbers = DrawResult { entries: 61, ..result };
    assert_eq!(found(&numbers, &honest), (0, "numbers"));
}

// rule: draws 1.11
#[test]
fn draws_that_cannot_be_are_refused() {
    let refused = |text: &str, field: &str| {
        let findings = read(SHANGHAI, text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(findings.iter().any(|finding| finding.at == field), "{text}: {findings:?}");
    };
    let prize = |odds: u32, more: &str| format!("{{ id = 'a', stock = 1, odds_ppm = {odds}{more} }}");
    refused(
        &written(&format!("{}, {{ id = 'b', stock = 1, odds_ppm = 1 }}", prize(1_000_000, "")), ""),
        "draw.weekly-draw.prizes",
    );
    refused(&written(&prize(0, ""), ""), "draw.weekly-draw.prizes.a.odds_ppm");
    refused(&written(&prize(1, ", odds_by_tier = 2"), ""), "draw.weekly-draw.prizes.a.odds_by_tier");
    refused(&written(&prize(1, ", value_minor = 5000001"), ""), "draw.weekly-draw.prizes");
    assert!(read(SHANGHAI, &written(&prize(1, ", value_minor = 5000000"), "")).is_ok(), "50,000 yuan");
    refused(&written(&prize(1, ""), "").replace("closes = 'Sun 22:00'\n", ""), "draw.weekly-draw.closes");
}

// rule: draws 1.11
#[test]
fn where_points_come_from_purchases_alone_an_entry_is_free() {
    let by_purchase = |more: &str| {
        let mut document = document(SHANGHAI, &written(USUAL, more));
        document["earning_rule"].as_array_mut().unwrap().retain(|rule| rule["on"] == "order.paid");
        compiled(document)
    };
    let findings = by_purchase("").unwrap_err();
    assert_eq!(findings[0].at, "draw.weekly-draw.free_entries");
    assert!(by_purchase("free_entries = { per_member = 0, period = 'calendar_week' }").is_err());
    assert!(by_purchase("free_entries = { per_member = 1, period = 'calendar_week' }").is_ok());
}

proptest! {
    /// Whatever is entered, the result can be worked out, and no prize is given that is not there.
    // rule: draws 1.5, 1.10
    #[test]
    fn an_honest_draw_is_found_honest(byte in any::<u8>(), keys in prop::collection::vec((0..6_u8, 0..40_u8), 1..60)) {
        let mut hall = Hall::new(&format!("{byte:02x}").repeat(32), SCARCE, "");
        for (who, key) in keys {
            hall.enter(NOON, &format!("m-{who}"), &format!("k-{key}")).unwrap();
        }
        let result = hall.result();
        prop_assert_eq!(verify(&result, &list(&hall.entries)), Ok(()));
        let given: BTreeMap<_, _> = result.prizes.iter().map(|prize| (prize.id.as_str(), prize.awarded)).collect();
        for (prize, left) in &hall.left {
            prop_assert_eq!(given[prize.as_str()] + u64::from(*left), 1);
        }
    }
}

/// So that dates of weeks are what they are thought to be.
#[test]
fn the_week_begins_on_monday() {
    let week = domain::programme::engagement::draw::Entries {
        most: 1,
        period: domain::programme::later::draw::EntryPeriod::CalendarWeek,
    };
    assert_eq!(week.around(date(2026, 11, 29)), (date(2026, 11, 23), Some(date(2026, 11, 30))));
    let _: Timestamp = at(NOON);
}
