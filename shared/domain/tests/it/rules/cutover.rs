//! A whole programme is brought over: by inactivity, for a while at least, and worth something else.

use domain::kernel::cutover::Cutover;
use domain::kernel::quantity::Points;
use domain::kernel::time::Month;
use domain::ledger::opening::Opening;
use domain::ledger::opening_rows::{Counted, Read, StatusRow, lots, status};
use domain::programme::compiled::Programme;

use crate::rules::openings::lot;
use crate::world::{World, at};

const ACTIVITY: (&str, &str) = ("expiry = \"lots\" ", "expiry = \"activity\" ");
const NOW: &str = "2026-06-15T20:00:00+08:00";

fn programme(world: &World) -> &Programme {
    world.programmes.at(at(NOW))
}

/// Points and the first instant after them, then how many rows are lengthened; or what is wrong.
fn reads(world: &World, rows: &[&str], cutover: Cutover) -> Result<(Vec<(i64, String)>, u32), String> {
    let rows: Vec<_> = rows.iter().map(|row| lot(row)).collect();
    let read = lots(&rows, &cutover, programme(world), at(NOW));
    let Read { opening, lengthened, .. } = read.map_err(|faults| {
        faults.iter().map(|(row, fault)| format!("{row} {} {};", fault.field, fault.code)).collect::<String>()
    })?;
    let zone = programme(world).zone();
    let found = match opening {
        Opening::Lots(lots) => {
            lots.into_iter().map(|((_, expires), points)| (points.0, zone.date(expires).to_string())).collect()
        }
        Opening::Debt(points) => vec![(-points.0, "debt".to_owned())],
        Opening::Tier { .. } | Opening::Status(_) => Vec::new(),
    };
    Ok((found, lengthened))
}

fn brought(lots: &[(i64, &str)], lengthened: u32) -> Result<(Vec<(i64, String)>, u32), String> {
    Ok((lots.iter().map(|(points, ends)| (*points, (*ends).to_owned())).collect(), lengthened))
}

fn factor(text: &str) -> Cutover {
    Cutover { factor: Some(text.to_owned().try_into().unwrap()), ..Cutover::default() }
}

// rule: import 27a
#[test]
fn a_wallet_that_expires_by_inactivity_counts_from_the_newest_activity() {
    let world = World::new(&[ACTIVITY]);
    let rows = ["100 2024-01-10 - - 2025-11-03", "50 2025-08-01 - - 2025-08-01"];
    let read = reads(&world, &rows, Cutover::default());
    assert_eq!(read, brought(&[(150, "2026-12-01")], 0), "the member's newest, whichever row says it");
    for (row, wrong) in [
        ("100 - 2026-12-31 - 2025-11-03", "0 last_activity two_dates;"),
        ("100 - - - 2026-06-16", "0 last_activity in_future;"),
        ("100 - - - 2025-01-10", "0 last_activity expired;"),
        ("100 2025-11-04 - - 2025-11-03", "0 last_activity dates_disordered;"),
        ("100 - - -", "0 expires_on missing_value;"),
    ] {
        assert_eq!(reads(&world, &[row], Cutover::default()), Err(wrong.to_owned()), "{row}");
    }
    let lots = World::new(&[]);
    let read = reads(&lots, &["100 - - - 2025-11-03"], Cutover::default());
    assert_eq!(read, Err("0 last_activity not_by_inactivity;".to_owned()));
}

// rule: import 27a
#[test]
fn no_lot_ends_sooner_after_the_cutover_than_is_promised() {
    let world = World::new(&[]);
    let promised = |days| Cutover {
        as_of: Some(at("2026-06-01T23:30:00+08:00")),
        min_validity_days: Some(days),
        ..Cutover::default()
    };
    let rows = ["10 - 2026-06-20", "20 - 2026-07-30", "30 - 2026-07-31", "40 - 2026-08-01", "5 - 2026-06-15"];
    // 60 days after 1 June is 31 July: that day is still good.
    let read = reads(&world, &rows, promised(60));
    assert_eq!(read, brought(&[(65, "2026-08-01"), (40, "2026-08-02")], 3));
    assert_eq!(reads(&world, &rows[..1], promised(0)), brought(&[(10, "2026-06-21")], 0));
    let gone = reads(&world, &["10 - 2026-06-14"], promised(60));
    assert_eq!(gone, Err("0 expires_on expired;".to_owned()), "what has ended there does not begin again here");
}

// rule: import 27a
#[test]
fn points_are_worth_what_is_said_rounded_up_on_the_sum_of_a_member() {
    let world = World::new(&[]);
    let ends = |points: &[i64]| -> Vec<String> {
        points.iter().zip(7..).map(|(points, month)| format!("{points} - 2026-{month:02}-15")).collect()
    };
    let worth = |ratio: &str, points: &[i64]| {
        let rows = ends(points);
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let (lots, _) = reads(&world, &rows, factor(ratio)).unwrap();
        lots.into_iter().map(|(points, _)| points).collect::<Vec<_>>()
    };
    assert_eq!(worth("1/10", &[100, 55, 46]), [10, 6, 5], "201 are 21: 10.4, 5.7 and 4.8");
    assert_eq!(worth("1/10", &[3, 3, 3]), [1], "9 are 1, and the first has it");
    assert_eq!(worth("3/2", &[1, 1, 1]), [2, 2, 1]);
    assert_eq!(worth("1", &[7, 8]), [7, 8]);
    for (points, worth) in [(40, -4), (45, -4), (9, 0)] {
        let owed = reads(&world, &[&format!("-{points} - -")], factor("1/10"));
        assert_eq!(owed, brought(&[(worth, "debt")], 0), "nobody owes more by it");
    }
    let netted = Cutover { net: true, ..factor("1/10") };
    assert_eq!(reads(&world, &["100 - 2026-07-15", "-41 - -"], netted), brought(&[(6, "2026-07-16")], 0), "net first");
    for rows in [vec!["9000000000000000000 - never"], vec!["900000000000 - never", "900000000000 - never"]] {
        let many = reads(&world, &rows, Cutover::default());
        assert_eq!(many, Err("0 points out_of_range;".to_owned()), "more than can be added up");
    }
}

// rule: import 27c
#[test]
fn one_number_for_the_running_period_counts_as_long_as_the_period() {
    let mut world = World::new(&[]);
    world.now = at(NOW);
    let row = |since: &str, points| StatusRow { of: Counted::Since(since.parse().unwrap()), points };
    let month = |month, points| StatusRow { of: Counted::Month(Month(month)), points };
    let read = |rows: &[StatusRow]| {
        let read = status(rows, programme(&world), at(NOW));
        read.map_err(|faults| {
            faults.iter().map(|(row, fault)| format!("{row} {} {};", fault.field, fault.code)).collect::<String>()
        })
    };
    let opening = read(&[row("2025-08-20", 4_800)]).unwrap();
    assert_eq!(opening, Opening::Status([(Month(202_508), Points(4_800))].into()));
    for (rows, wrong) in [
        (vec![row("2026-06-16", 10)], "0 period_from in_future;"),
        (vec![row("2025-05-31", 10)], "0 period_from out_of_window;"),
        (vec![row("2025-06-01", 0)], "0 points not_positive;"),
        (vec![row("2025-06-01", 10), row("2025-06-01", 10)], "1 external_id duplicate_in_file;"),
        (vec![month(202_606, 10), row("2025-06-01", 10)], "1 external_id duplicate_in_file;"),
        (vec![month(202_606, i64::MAX)], "0 points out_of_range;"),
    ] {
        assert_eq!(read(&rows), Err(wrong.to_owned()));
    }
    // What was reached there counts for the tier here, until the month has left the window.
    world.brings(1, opening, false).unwrap();
    assert_eq!(world.account.tiers.standing().unwrap().tier, "silver");
}
