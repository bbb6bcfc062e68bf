//! Since when a member is here who was brought over: what happened before is told by nobody else.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::Refusal;
use domain::kernel::time::Month;
use domain::ledger::brought::Part;
use domain::ledger::command::Command;
use domain::ledger::earning::order::{Activity, Earned, Line, Order};
use domain::ledger::entry::Entry;
use domain::ledger::lines::Refund;
use domain::ledger::opening::{Opening, line};
use domain::ledger::opening_rows::lifetime;
use domain::ledger::outlook::outlook;
use domain::ledger::proving::Months;
use domain::ledger::refusal::Refused;
use domain::members::proving::{Proof, Side, Sum};
use domain::programme::activity::ORDER_PAID;
use domain::programme::condition::Variables;

use crate::rules::merging::Pair;
use crate::world::{World, at};

const AS_OF: &str = "2026-06-01T00:00:00+08:00";
const BEFORE: &str = "2026-05-31T23:59:59.999+08:00";
const REFUSED: &str = "before_cutover at time, 2026-05-31T16:00:00Z";

fn lots(points: i64) -> Opening {
    Opening::Lots([((None, at("2027-01-31T16:00:00Z")), Points(points))].into())
}

/// A member who was brought over as of a day, by the source `crm`.
fn moved_in() -> World {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T20:00:00+08:00");
    world.brings_as_of(1, lots(100), Some(at(AS_OF))).unwrap();
    world
}

fn order(source: &str, id: &str) -> Activity {
    let order = Order::of_lines(id, source, "CNY", vec![Line { amount: Minor(10_000), ..Line::default() }]);
    Activity { activity: ORDER_PAID.to_owned(), attributes: Variables::new(), order: Some(order), past: None }
}

impl World {
    /// Which entry an order of a source becomes, or why it does not.
    #[track_caller]
    fn hears_of(&mut self, source: &str, id: &str, paid_at: &str) -> Result<u64, String> {
        let paid = self.run_as(id, at(paid_at), Command::Earn(order(source, id)));
        paid.map(|entry| entry.sequence).map_err(|refused| said(&refused))
    }
}

fn said(refused: &Refused) -> String {
    let as_of = refused.data()["as_of"].as_str().unwrap_or_default().to_owned();
    format!("{} at {}, {as_of}", refused.code(), refused.field().unwrap_or_default())
}

// rule: import 27e
#[test]
fn what_happened_before_the_cutover_is_told_by_who_brought_the_member_over_alone() {
    let mut world = moved_in();
    assert_eq!(world.hears_of("pos/1", "o-1", BEFORE), Err(REFUSED.to_owned()));
    assert_eq!(world.hears_of("gone", "o-2", BEFORE), Err(REFUSED.to_owned()), "nor by who is not declared any more");
    assert_eq!(world.hears_of("/crm/1", "o-3", BEFORE), Ok(2), "it knows what it has brought");
    assert_eq!(world.hears_of("pos/1", "o-4", AS_OF), Ok(3), "at that very instant the member is here");
    let mut other = World::new(&[]);
    other.now = world.now;
    other.brings(1, lots(100), false).unwrap();
    assert_eq!(other.hears_of("pos/1", "o-1", BEFORE), Ok(2), "nobody said when the cutover was");
}

// rule: import 27e
#[test]
fn each_part_says_when_and_what_is_taken_back_says_nothing() {
    let mut world = moved_in();
    world.brings_as_of(1, Opening::Debt(Points(5)), Some(at("2026-06-10T00:00:00+08:00"))).unwrap();
    let between = "2026-06-09T12:00:00+08:00";
    assert_eq!(world.hears_of("pos/1", "o-1", between), Err("before_cutover at time, 2026-06-09T16:00:00Z".to_owned()));
    world.withdraws(Part::Debt).unwrap();
    assert_eq!(world.hears_of("pos/1", "o-2", BEFORE), Err(REFUSED.to_owned()));
    assert!(world.hears_of("pos/1", "o-3", between).is_ok());
    world.withdraws(Part::Lots).unwrap();
    assert!(world.hears_of("pos/1", "o-4", BEFORE).is_ok());
    assert!(world.account.cutovers.is_empty());
}

// rule: import 27e
#[test]
fn what_had_come_back_before_the_cutover_is_in_what_came_over() {
    let mut world = moved_in();
    let past = Activity { past: Some(Earned { points: Points(40), expires_at: None }), ..order("pos/1", "o-1") };
    world.run_as("o-1", at("2026-05-20T12:00:00+08:00"), Command::Earn(past)).unwrap();
    let refund =
        |source: &str| Command::Refund(Refund { source: source.to_owned(), ..Refund::of_amount("o-1", Minor(5_000)) });
    let refused = world.run_as("r-1", at(BEFORE), refund("pos/1")).unwrap_err();
    assert_eq!(said(&refused), REFUSED);
    assert_eq!(world.run_as("r-1", at(AS_OF), refund("pos/1")).unwrap().points(), Points(-20));
    // What was earned here is taken back here, whenever it came back.
    world.run_as("o-2", at(BEFORE), Command::Earn(order("crm", "o-2"))).unwrap();
    let back: Entry =
        world.run_as("r-2", at(BEFORE), Command::Refund(Refund::of_amount("o-2", Minor(10_000)))).unwrap();
    assert_eq!(back.points(), Points(-100));
}

// rule: import 27e
#[test]
fn who_stands_for_somebody_was_elsewhere_as_long_and_no_longer_than_that() {
    let mut pair = Pair::of("", "");
    let (early, late) = (Some(at("2026-05-10T00:00:00+08:00")), Some(at("2026-05-20T00:00:00+08:00")));
    pair.survivor.brings_as_of(1, lots(7), early).unwrap();
    pair.absorbed.brings_as_of(2, lots(9), late).unwrap();
    let between = "2026-05-15T12:00:00+08:00";
    assert!(pair.survivor.hears_of("pos/1", "o-1", between).is_ok());
    pair.merges();
    let refused = "before_cutover at time, 2026-05-19T16:00:00Z".to_owned();
    assert_eq!(pair.survivor.hears_of("pos/1", "o-2", between), Err(refused.clone()));
    pair.unmerges();
    assert!(pair.survivor.hears_of("pos/1", "o-3", between).is_ok(), "its own is as it was");
    assert_eq!(pair.absorbed.hears_of("pos/1", "o-4", between), Err(refused));
    assert_eq!(pair.survivor.account.cutovers["crm/lots"], early.unwrap());
    // What the survivor says of itself meanwhile stays.
    pair.merges();
    pair.survivor.account.cutovers.insert("crm/lots".to_owned(), at("2026-05-25T00:00:00+08:00"));
    pair.survivor.account.seal = pair.survivor.account.seal_of_state();
    pair.unmerges();
    assert_eq!(pair.survivor.account.cutovers["crm/lots"], at("2026-05-25T00:00:00+08:00"));
}

// rule: import 27b
#[test]
fn who_was_a_member_elsewhere_for_years_is_not_new_here() {
    let segment = |joined_on: Option<&str>| {
        let mut world = World::new(&[]);
        world.now = at("2026-06-15T20:00:00+08:00");
        world.brings_with(lots(100), joined_on.map(|date| date.parse().unwrap()), None).unwrap();
        world.report(crate::world::behaviour("ugc.featured", &[]));
        world.evaluate();
        world.account.score.clone().unwrap().segment
    };
    assert_eq!(segment(None), "new");
    assert_eq!(segment(Some("2026-05-20")), "new", "27 days");
    assert_ne!(segment(Some("2019-02-28")), "new");
}

// rule: import 27c
#[test]
fn what_was_earned_elsewhere_in_all_is_kept_and_goes_with_what_had_brought_it() {
    assert_eq!(lifetime(&[]), Ok(None));
    assert_eq!(lifetime(&[(0, 12_000), (2, 12_000)]), Ok(Some(Points(12_000))));
    let codes = |said: &[(usize, i64)]| -> Vec<(usize, &str)> {
        lifetime(said).unwrap_err().into_iter().map(|(place, fault)| (place, fault.code)).collect()
    };
    assert_eq!(codes(&[(0, 12_000), (1, 12_001)]), [(1, "duplicate_in_file")]);
    assert_eq!(codes(&[(0, 0)]), [(0, "not_positive")]);
    assert_eq!(codes(&[(3, i64::MAX)]), [(3, "out_of_range")]);

    let mut pair = Pair::of("", "");
    let status = || Opening::Status([(Month(202_605), Points(10))].into());
    pair.survivor.brings_with(status(), None, Some(Points(12_000))).unwrap();
    pair.absorbed.brings_with(status(), None, Some(Points(500))).unwrap();
    pair.merges();
    assert_eq!((pair.survivor.account.lifetime, pair.absorbed.account.lifetime), (Points(12_500), Points::ZERO));
    assert_eq!(outlook(&pair.survivor.account, pair.survivor.setting()).lifetime, Points(12_500));
    pair.unmerges();
    assert_eq!((pair.survivor.account.lifetime, pair.absorbed.account.lifetime), (Points(12_000), Points(500)));
    pair.absorbed.withdraws(Part::Status).unwrap();
    assert_eq!(pair.absorbed.account.lifetime, Points::ZERO);
}

// rule: import 27f
#[test]
fn a_statement_says_from_where_something_came() {
    let said = |part, rows| line("Old programme", part, rows);
    assert_eq!(said(Part::Lots, 4), "Brought over from Old programme, 4 lots");
    assert_eq!(said(Part::Lots, 1), "Brought over from Old programme, 1 lot");
    assert_eq!(said(Part::Debt, 1), "Brought over from Old programme, a debt");
}

// rule: import 27f
#[test]
fn sums_of_file_and_ledger_stand_side_by_side() {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T20:00:00+08:00");
    let ends = |day: &str| at(&format!("{day}T16:00:00Z"));
    let lots = Opening::Lots(
        [
            ((None, ends("2026-12-31")), Points(100)),
            ((None, ends("2026-12-30")), Points(20)),
            ((Some(ends("2026-07-01")), ends("2027-01-31")), Points(30)),
            ((None, ends("2040-01-31")), Points(4)),
            ((None, at("9999-12-29T16:00:00Z")), Points(5)),
        ]
        .into(),
    );
    let entry = world.brings(1, lots.clone(), false).unwrap();
    let zone = world.programmes.at(world.now).zone().clone();
    let months = Months { zone: &zone, as_of: world.now };
    let mut proof = Proof::default();
    proof.put(Side::File, months.said(&lots));
    assert!(!proof.agrees(), "nothing is known of the ledger yet");
    proof.put(Side::Ledger, months.there(&entry, "member"));
    assert!(proof.agrees());
    let said: Vec<_> = proof.lines().map(|line| (line.by, line.of, line.ledger)).collect();
    let month = |of, points| ("expiry_month", of, Sum(1, points));
    assert_eq!(said, [month("2026-12", 120), month("2027-01", 30), month("later", 4), month("never", 5)]);
    let hash = proof.hash("i-1", "abc");
    assert_ne!(hash, proof.hash("i-2", "abc"));
    // Another part of the file adds to it, and what is missing shows.
    let mut other = Proof::default();
    other.put(Side::File, months.said(&lots));
    proof.add(&other);
    assert!(!proof.agrees());
    let first = proof.lines().next().map(|line| (line.file, line.ledger));
    assert_eq!(first, Some((Sum(2, 240), Sum(1, 120))));
    assert_ne!(proof.hash("i-1", "abc"), hash);
    // Points that repay a debt stand as such; a debt as what is owed.
    let mut owing = World::new(&[]);
    owing.now = world.now;
    let debt = Opening::Debt(Points(80));
    let owed = owing.brings(1, debt.clone(), false).unwrap();
    let mut proof = Proof::default();
    proof.put(Side::File, months.said(&debt));
    proof.put(Side::Ledger, months.there(&owed, "member"));
    assert!(proof.agrees());
    let repaid = owing.brings(2, lots, false).unwrap();
    proof.put(Side::Ledger, months.there(&repaid, "member"));
    assert!(proof.lines().any(|line| (line.by, line.of, line.ledger) == ("debt", "repaid", Sum(1, 80))));
}
