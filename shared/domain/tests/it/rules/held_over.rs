//! What was held for a booking in another programme is held here.

use domain::kernel::cutover::Cutover;
use domain::kernel::quantity::Points;
use domain::ledger::held_over::HeldOver;
use domain::ledger::opening_rows::{Read, lots};

use crate::rules::openings::lot;
use crate::world::{World, at};

/// Lots, and what of them is held; or what is wrong with which row.
fn reads(rows: &[&str], cutover: Cutover) -> Result<Read, String> {
    let mut world = World::new(&[]);
    world.now = at("2026-06-15T20:00:00+08:00");
    let rows: Vec<_> = rows.iter().map(|row| lot(row)).collect();
    lots(&rows, &cutover, world.programmes.at(world.now), world.now).map_err(|faults| {
        faults.iter().map(|(row, fault)| format!("{row} {} {};", fault.field, fault.code)).collect::<String>()
    })
}

fn held(read: &Read) -> Vec<(&str, String, i64)> {
    read.holds.iter().map(|held| (&*held.order, held.until.to_string(), held.points().0)).collect()
}

// rule: import 27a
#[test]
fn a_row_says_for_which_booking_its_points_are_held_and_until_which_day() {
    let rows = [
        "100 - 2026-12-31",
        "40 - 2026-12-31 - - B-1 2026-06-20",
        "10 - 2027-01-31 - - B-1 2026-06-20",
        "5 - 2027-01-31 - - B-2 2026-06-15",
    ];
    let read = reads(&rows, Cutover::default()).unwrap();
    let (first, second) = ("2026-06-20T16:00:00Z".to_owned(), "2026-06-15T16:00:00Z".to_owned());
    assert_eq!(held(&read), [("B-1", first.clone(), 50), ("B-2", second, 5)], "to the end of that day");
    let domain::ledger::opening::Opening::Lots(all) = &read.opening else { unreachable!() };
    assert_eq!(all.values().map(|points| points.0).collect::<Vec<_>>(), [140, 15], "they are among the lots");
    for (row, wrong) in [
        ("5 - 2027-01-31 - - B-2 2026-06-14", "0 held_until expired;"),
        ("5 - 2027-01-31 - - B-2 -", "0 held_until missing_value;"),
        ("5 - 2027-01-31 - - - 2026-06-20", "0 held_for missing_value;"),
        ("-5 - - - - B-2 2026-06-20", "0 held_for not_positive;"),
        ("5 - 2027-01-31 2026-07-01 - B-2 2026-06-20", "0 activates_on dates_disordered;"),
    ] {
        assert_eq!(reads(&[row], Cutover::default()), Err(wrong.to_owned()), "{row}");
    }
    // What is owed is taken from what is free first, and all are worth what is said.
    let net = Cutover { net: true, factor: Some("1/10".to_owned().try_into().unwrap()), ..Cutover::default() };
    let rows = ["400 - 2026-08-31 - - B-1 2026-06-20", "300 - 2026-12-31", "-450 - -"];
    let read = reads(&rows, net).unwrap();
    assert_eq!(held(&read), [("B-1", first, 25)]);
}

// rule: import 27a
#[test]
fn what_is_said_of_holds_tells_the_same_from_something_else() {
    let of = |order: &str, points| HeldOver {
        order: order.to_owned(),
        until: at("2026-06-20T16:00:00Z"),
        lots: [(at("2026-12-31T16:00:00Z"), Points(points))].into(),
    };
    let read = reads(&["100 - 2026-12-31"], Cutover::default()).unwrap();
    let open = |holds: Vec<HeldOver>| domain::ledger::opening::Open {
        source: "crm".to_owned(),
        name: "Old programme".to_owned(),
        file: domain::kernel::canonical::Hash::of("the file"),
        rows: 1,
        opening: read.opening.clone(),
        holds,
        elsewhere: domain::ledger::brought::Elsewhere::default(),
    };
    assert_eq!(open(Vec::new()).content(), read.opening.content(), "as it was before there were any");
    let one = open(vec![of("B-1", 40)]).content();
    assert_ne!(one, read.opening.content());
    assert_ne!(one, open(vec![of("B-1", 41)]).content());
    assert_ne!(one, open(vec![of("B-2", 40)]).content());
    assert_eq!(one, open(vec![of("B-1", 40)]).content());
}
