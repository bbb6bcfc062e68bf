//! What a member brings over from another programme.

use std::collections::BTreeMap;

use domain::kernel::canonical::Hash;
use domain::kernel::cutover::Cutover;
use domain::kernel::id::OperationId;
use domain::kernel::quantity::Points;
use domain::kernel::refusal::Refusal;
use domain::kernel::stamp::Stamp;
use domain::kernel::time::Month;
use domain::ledger::brought::{Elsewhere, Part};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::opening::{Open, Opening, Withdraw};
use domain::ledger::opening_rows::{Counted, LotRow, NEVER, StatusRow, TierRow, lots, status, tiers};
use domain::ledger::refusal::Refused;
use domain::ledger::telling::events;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::world::{World, at};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// `100 2026-01-10 2026-12-31`, or `-` for a date that is not said; activation, last activity, booking, last day of its hold.
pub(super) fn lot(text: &str) -> LotRow {
    let parts: Vec<&str> = text.split(' ').collect();
    let day = |place: usize| {
        let text = parts.get(place).copied().unwrap_or("-");
        (text != "-").then(|| if text == "never" { NEVER } else { date(text) })
    };
    let text = |place: usize| parts.get(place).filter(|text| **text != "-").map(|text| (*text).to_owned());
    LotRow {
        points: parts[0].parse().unwrap(),
        earned_on: day(1),
        expires_on: day(2),
        activates_on: day(3),
        last_activity: day(4),
        held: (text(5), day(6)),
    }
}

impl World {
    /// What rows of lots come to, or what is wrong with which.
    fn reads(&self, rows: &[&str], net: bool) -> Result<Opening, Vec<(usize, String)>> {
        let rows: Vec<LotRow> = rows.iter().map(|row| lot(row)).collect();
        let cutover = Cutover { net, ..Cutover::default() };
        let read = lots(&rows, &cutover, self.programmes.at(self.now), self.now);
        read.map(|read| read.opening).map_err(|faults| {
            faults.into_iter().map(|(row, fault)| (row, format!("{} {}", fault.field, fault.code))).collect()
        })
    }

    /// An import brings something over, for the how manieth time.
    #[track_caller]
    pub(crate) fn brings(&mut self, import: u32, opening: Opening, replaces: bool) -> Result<Entry, Refused> {
        self.brings_as_of(import, opening, replaces.then(|| at("2026-01-01T00:00:00+08:00")))
    }

    /// The same by one that says when the cutover was.
    #[track_caller]
    pub(crate) fn brings_as_of(
        &mut self,
        import: u32,
        opening: Opening,
        as_of: Option<Timestamp>,
    ) -> Result<Entry, Refused> {
        let said = Self::said(opening);
        self.opens(import, Open { elsewhere: Elsewhere { as_of, ..Elsewhere::default() }, ..said })
    }

    /// The same of who was a member elsewhere since a day, and had earned so much there.
    #[track_caller]
    pub(crate) fn brings_with(
        &mut self,
        opening: Opening,
        joined_on: Option<Date>,
        lifetime: Option<Points>,
    ) -> Result<Entry, Refused> {
        let said = Self::said(opening);
        self.opens(1, Open { elsewhere: Elsewhere { joined_on, lifetime, as_of: None }, ..said })
    }

    #[track_caller]
    fn opens(&mut self, import: u32, open: Open) -> Result<Entry, Refused> {
        let stamp = Stamp {
            operation: OperationId::of_fact("import", &import.to_string(), open.opening.part().name()),
            content: open.content(),
            occurred_at: self.now,
        };
        self.execute(Instruction::keyed(stamp, Command::Open(open)))
    }

    fn said(opening: Opening) -> Open {
        let (source, name, file) = ("crm".to_owned(), "Old programme".to_owned(), Hash::of("the file"));
        let rows = match &opening {
            Opening::Lots(lots) => u32::try_from(lots.len()).unwrap(),
            _ => 1,
        };
        let holds = Vec::new();
        Open { source, name, file, rows, opening, holds, elsewhere: Elsewhere::default() }
    }

    #[track_caller]
    pub(crate) fn brings_lots(&mut self, rows: &[&str]) -> Entry {
        let opening = self.reads(rows, false).expect("the rows are good");
        self.brings(1, opening, false).expect("it is brought over")
    }

    pub(crate) fn withdraws(&mut self, part: Part) -> Result<Entry, Refused> {
        self.run(Command::Withdraw(Withdraw { source: "crm".to_owned(), part, brought: None }))
    }
}

// rule: ledger 8.1
#[test]
fn lots_come_over_with_their_own_dates() {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T02:00:00Z");
    let rows =
        ["100 2026-01-10 2026-12-31", "50 2026-02-10 2027-01-31", "20 2026-06-01 2026-12-31 2026-07-01", "30 - never"];
    let entry = world.brings_lots(&rows);
    let ends = |text: &str| at(&format!("{text}T16:00:00Z"));
    let never = at("9999-12-29T16:00:00Z");
    assert_eq!(world.lots(), [(100, ends("2026-12-31")), (50, ends("2027-01-31")), (30, never)]);
    assert_eq!((world.pending(), entry.points()), (20, Points(200)));
    let Detail::Opening { name, rows, part, .. } = &entry.detail else { panic!("{entry:?}") };
    assert_eq!((name.as_str(), *rows, *part), ("Old programme", 4, Part::Lots), "as the statement says it");
    let told: Vec<_> = events(&world.account.member, &entry, |_| true).into_iter().map(|event| event.kind).collect();
    assert_eq!(told, ["perennial.led.accountopened.v1"], "nothing is earned");
    world.now = at("2026-07-01T00:00:00+08:00");
    assert_eq!((world.active(), world.pending()), (200, 0));
    world.now = at("2027-01-01T00:00:00+08:00");
    assert_eq!(world.active(), 80, "each expires on its own day");
}

// rule: ledger 8.1, 8.3
#[test]
fn the_same_again_is_nothing_and_something_else_is_refused_unless_it_takes_its_place() {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T02:00:00Z");
    let (one, other) = (["100 2026-01-10 2026-12-31", "50 2026-02-10 2027-01-31"], ["120 2026-01-10 2026-12-31"]);
    let first = world.brings_lots(&one);
    let reordered = world.reads(&[one[1], one[0]], false).unwrap();
    assert_eq!(world.brings(2, reordered, false).unwrap(), first, "whatever the order");
    let changed = world.reads(&other, false).unwrap();
    let refused = world.brings(3, changed.clone(), false).unwrap_err();
    assert_eq!((refused.code(), refused.data()["entry"].as_u64()), ("opening_exists", Some(1)));
    let second = world.brings(3, changed.clone(), true).unwrap();
    assert_eq!((second.points(), world.active()), (Points(-30), 120), "the cutover is done again");
    let again = world.reads(&one, false).unwrap();
    world.brings(4, again.clone(), true).unwrap();
    assert_eq!(world.active(), 150, "A, B, and A again ends as A");
    world.order("o-1", 1_000);
    assert_eq!(
        world.brings(5, changed, true).unwrap_err().code(),
        "opening_exists",
        "the member has facts of their own"
    );
    assert_eq!(world.brings(6, again, true).unwrap().sequence, 3, "the same is still the same");
}

// rule: ledger 8.2
#[test]
fn every_bad_row_is_told_with_its_field() {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T20:00:00+08:00");
    let cases: [(&str, Option<&str>); 12] = [
        ("70 2025-12-01 2026-06-15", None), // the last day is still good
        ("70 2025-12-01 2026-06-14", Some("expires_on expired")),
        ("70 2026-06-15 2027-06-30", None),
        ("70 2026-06-16 2027-06-30", Some("earned_on in_future")),
        ("0 2026-01-10 2026-12-31", Some("points not_positive")),
        ("-5 2026-01-10 2026-12-31", Some("points not_positive")),
        ("70 - -", Some("expires_on missing_value")),
        ("70 2026-01-10 -", None), // as the wallet has it
        ("70 2024-01-10 -", Some("expires_on expired")),
        ("70 - 2026-12-31", None),
        ("70 2026-01-10 2026-12-31 2026-12-31", Some("activates_on dates_disordered")),
        ("70 2026-01-10 2026-12-31 2026-12-30", None),
    ];
    for (row, wrong) in cases {
        let read = world.reads(&["1 - 2027-01-31", row], false);
        let found = read.as_ref().err().map(|faults| faults[0].clone());
        assert_eq!(found, wrong.map(|wrong| (1, wrong.to_owned())), "{row}");
    }
    let all = world.reads(&["0 - never", "1 - never", "1 - 2026-01-01"], false).unwrap_err();
    assert_eq!(all.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [0, 2], "each that is bad, and no other");
    let gone = world.reads(&["70 2026-01-10 -"], false).unwrap();
    let Opening::Lots(lots) = gone else { unreachable!() };
    assert_eq!(lots.into_keys().next().unwrap().1, at("2027-01-31T16:00:00Z"), "a year, to the end of the month");
}

// rule: ledger 8.1
#[test]
fn a_debt_comes_over_alone_or_net_of_lots() {
    let mut world = World::new(&[]);
    assert_eq!(world.reads(&["-80 - -"], false), Ok(Opening::Debt(Points(80))));
    let netted = world.reads(&["100 - 2026-12-31", "50 - 2027-01-31", "-120 - -"], true).unwrap();
    let expected: BTreeMap<(Option<Timestamp>, Timestamp), Points> =
        [((None, at("2027-01-31T16:00:00Z")), Points(30))].into();
    assert_eq!(netted, Opening::Lots(expected), "the earliest first");
    assert_eq!(world.reads(&["10 - never", "-30 - -"], true), Ok(Opening::Debt(Points(20))));
    world.brings(1, Opening::Debt(Points(80)), false).unwrap();
    assert_eq!(world.debt(), 80);
    world.brings_lots(&["100 - 2026-12-31"]);
    assert_eq!((world.active(), world.debt()), (20, 0), "points repay it, as ever");
}

// rule: ledger 8.4
#[test]
fn a_tier_is_held_until_its_last_day_and_then_the_months_decide() {
    let tier =
        |world: &World, row: &TierRow| tiers(std::slice::from_ref(row), world.programmes.at(world.now), world.now);
    let row = |tier: &str, since: &str, until: &str| TierRow {
        tier: tier.to_owned(),
        since: date(since),
        until: date(until),
    };
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T02:00:00Z");
    let codes = |row: TierRow| tier(&world, &row).map_err(|faults| (faults[0].1.field, faults[0].1.code));
    assert_eq!(codes(row("platinum", "2026-01-01", "2027-01-31")), Err(("tier", "unknown_tier")));
    assert_eq!(codes(row("silver", "2026-07-01", "2027-01-31")), Err(("since", "in_future")));
    assert_eq!(codes(row("silver", "2025-01-01", "2026-06-14")), Err(("until", "expired")));
    let opening = codes(row("Gold", "2026-01-01", "2027-01-31")).expect("the name in any case");
    let entry = world.brings(1, opening.clone(), false).unwrap();
    assert_eq!(world.account.tier_at(world.now), Some("gold"));
    let told = events(&world.account.member, &entry, |_| true);
    let known = ["perennial.led.accountopened.v1", "perennial.tier.benefitgranted.v1"];
    assert!(told.iter().all(|event| known.contains(&event.kind.as_str())) && told.len() > 1, "nobody rose");
    world.now = at("2027-01-31T23:59:59+08:00");
    world.sweep();
    assert_eq!(world.account.tiers.standing().map(|standing| standing.in_grace), Some(false));
    world.now = at("2027-02-01T00:00:00+08:00");
    world.sweep();
    assert_eq!(
        world.account.tiers.standing().map(|standing| standing.in_grace),
        Some(true),
        "the months do not keep it"
    );
    let mut kept = World::new(&[]);
    kept.now = at("2026-06-15T02:00:00Z");
    kept.brings(1, opening, false).unwrap();
    let rows = [
        StatusRow { of: Counted::Month(Month(202_604)), points: 6_000 },
        StatusRow { of: Counted::Month(Month(202_512)), points: 50 },
    ];
    let months = status(&rows, kept.programmes.at(kept.now), kept.now).unwrap();
    kept.brings(2, months, false).unwrap();
    assert_eq!(kept.account.qualifying.get(&Month(202_604)), Some(&Points(6_000)));
    kept.now = at("2027-02-01T00:00:00+08:00");
    kept.sweep();
    let standing = kept.account.tiers.standing().unwrap();
    assert_eq!((standing.tier.as_str(), standing.end), ("gold", at("2028-02-01T00:00:00+08:00")), "they do");
}

// rule: ledger 8.2, 8.4
#[test]
fn status_is_of_the_running_month_and_the_twelve_before_it() {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T02:00:00Z");
    for (month, good) in [(202_606, true), (202_506, true), (202_505, false), (202_607, false)] {
        let rows = [
            StatusRow { of: Counted::Month(Month(month)), points: 10 },
            StatusRow { of: Counted::Month(Month(month)), points: 5 },
        ];
        let read = status(&rows, world.programmes.at(world.now), world.now);
        match read {
            Ok(opening) => assert!(good && opening == Opening::Status([(Month(month), Points(15))].into())),
            Err(faults) => assert!(!good && faults[0].1.code == "out_of_window"),
        }
    }
}

// rule: ledger 8.5
#[test]
fn what_was_brought_over_is_taken_back_whole_or_not_at_all() {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T02:00:00Z");
    assert_eq!(world.withdraws(Part::Lots).unwrap_err().code(), "not_found");
    world.brings_lots(&["100 2026-01-10 2026-06-30", "200 2026-02-10 2027-01-31"]);
    let spent = world.spend(200).unwrap();
    let refused = world.withdraws(Part::Lots).unwrap_err();
    assert_eq!((refused.code(), refused.data()["spent"].as_i64()), ("opening_spent", Some(200)));
    world.reverse(&spent, None, domain::ledger::entry::Initiator::Merchant).unwrap();
    world.give(40);
    world.now = at("2026-07-15T02:00:00Z");
    let back = world.withdraws(Part::Lots).unwrap();
    assert_eq!((back.points(), world.active()), (Points(-200), 40), "what expired is gone, what is the member's stays");
    world.brings_lots(&["7 - 2027-01-31"]);
    assert_eq!(world.active(), 47);
}
