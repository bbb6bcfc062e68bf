//! Dates of many hands.

use jiff::civil::date;
use sheet::{CellFault, Cells, Epoch, Mapping, Moment, Month, Raw, Stated};

use crate::{mapping, text};

#[track_caller]
fn check(mapping: &Mapping, cell: &str, expected: Result<&str, CellFault>) {
    let found = Cells::new(mapping, Epoch::Y1900).date(&text(cell));
    let expected = expected.map(|date| Stated::Is(date.parse().unwrap()));
    assert_eq!(found, expected, "{cell:?}");
}

// rule: import 15
#[test]
fn a_date_begins_with_its_year() {
    let plain = Mapping::default();
    for same in [
        "2026-05-17",
        "2026/5/17",
        "2026.5.17",
        "2026年5月17日",
        "2026年05月17",
        "20260517",
        "2026-5-17 08:30",
        "2026-05-17T08:30:00Z",
        "2026-05-17 08:30:00.123+08:00",
        "2026/5/17 8:30:00 PM",
        "2026年5月17日 下午8:30",
        "20260517 08:30",
        "２０２６／５／１７",
    ] {
        check(&plain, same, Ok("2026-05-17"));
    }
    check(&plain, "2024-02-29", Ok("2024-02-29"));
    for wrong in [
        "2026-02-29",
        "1990-13-01",
        "2026-00-10",
        "2026-5-17 25:00",
        "2026-5/17",
        "20260230",
        "2026-05-17x",
        "yesterday",
        "2026",
        "12",
        "2026-05",
        "2026-005-17",
        "１２３年",
        "2026-05-17 08",
        "45/45/2026",
        "--",
        "2026-05-17 08:30 Mars",
    ] {
        check(&plain, wrong, Err(CellFault::NotADate));
    }
}

// rule: import 15
#[test]
fn what_may_be_two_dates_is_none_unless_the_mapping_says_which() {
    let (plain, dmy, mdy) = (Mapping::default(), mapping("date_format = \"dmy\""), mapping("date_format = \"mdy\""));
    for ambiguous in
        ["17/5/2026", "5/17/2026", "3/2/1990", "90/2/3", "90-02-03", "17.5.26", "900203", "17/5/2026 10:00"]
    {
        check(&plain, ambiguous, Err(CellFault::AmbiguousDate));
    }
    check(&dmy, "17/5/2026", Ok("2026-05-17"));
    check(&mdy, "17/5/2026", Err(CellFault::NotADate));
    check(&mdy, "5/17/2026", Ok("2026-05-17"));
    check(&dmy, "3/2/90", Ok("1990-02-03"));
    check(&dmy, "3.2.26 10:00", Ok("2026-02-03"));
    check(&dmy, "2026-05-17", Ok("2026-05-17"));
}

fn serial(epoch: Epoch, digits: &str) -> Result<Stated<jiff::civil::Date>, CellFault> {
    Cells::new(&Mapping::default(), epoch).date(&Raw::Number { n: digits.to_owned() })
}

// rule: import 15
#[test]
fn numbers_of_a_workbook_are_days_since_its_epoch() {
    for (epoch, digits, expected) in [
        (Epoch::Y1900, "1", Some(date(1900, 1, 1))),
        (Epoch::Y1900, "59", Some(date(1900, 2, 28))),
        (Epoch::Y1900, "60", None),
        (Epoch::Y1900, "61", Some(date(1900, 3, 1))),
        (Epoch::Y1900, "0", None),
        (Epoch::Y1900, "-1", None),
        (Epoch::Y1900, "32874.75", Some(date(1990, 1, 1))),
        (Epoch::Y1900, "2958465", Some(date(9999, 12, 31))),
        (Epoch::Y1900, "2958466", None),
        (Epoch::Y1904, "0", Some(date(1904, 1, 1))),
        (Epoch::Y1904, "60", Some(date(1904, 3, 1))),
        (Epoch::Y1904, "31412", Some(date(1990, 1, 1))),
        (Epoch::Y1900, "19900203", Some(date(1990, 2, 3))), // typed so
        (Epoch::Y1900, "19900230", None),
    ] {
        assert_eq!(serial(epoch, digits), expected.map(Stated::Is).ok_or(CellFault::NotADate), "{digits}");
    }
}

// rule: import 15
#[test]
fn five_digits_of_a_text_file_are_a_date_only_if_the_mapping_says_so() {
    let (plain, excel) = (Mapping::default(), mapping("dates = \"excel\""));
    check(&plain, "32907", Err(CellFault::AmbiguousDate));
    check(&plain, "32907.5", Err(CellFault::AmbiguousDate));
    check(&excel, "32907", Ok("1990-02-03"));
    check(&excel, "32907.75", Ok("1990-02-03"));
    check(&excel, "32907x", Err(CellFault::NotADate));
    check(&excel, "3290", Err(CellFault::NotADate));
}

#[test]
fn months_and_instants_are_read_too() {
    let plain = Mapping::default();
    let cells = Cells::new(&plain, Epoch::Y1900);
    for same in ["2026-05", "2026/5", "2026.05", "202605", "2026年5月", "2026-05-17"] {
        assert_eq!(cells.month(&text(same)), Ok(Stated::Is(Month { year: 2026, month: 5 })), "{same}");
    }
    assert_eq!(cells.month(&Raw::Serial { s: "46143".to_owned() }), Ok(Stated::Is(Month { year: 2026, month: 5 })));
    for wrong in ["2026-13", "05-2026", "2026年13月", "May"] {
        assert_eq!(cells.month(&text(wrong)), Err(CellFault::NotAMonth), "{wrong}");
    }
    let civil = |hour, minute, second| Ok(Stated::Is(Moment::Civil(date(2026, 3, 1).at(hour, minute, second, 0))));
    assert_eq!(
        cells.moment(&text("2026-03-01T00:00:00Z")),
        Ok(Stated::Is(Moment::Instant("2026-03-01T00:00:00Z".parse().unwrap())))
    );
    assert_eq!(
        cells.moment(&text("2026-03-01 08:00+08:00")),
        Ok(Stated::Is(Moment::Instant("2026-03-01T00:00:00Z".parse().unwrap())))
    );
    assert_eq!(cells.moment(&text("2026-03-01")), civil(0, 0, 0));
    assert_eq!(cells.moment(&text("2026/3/1 10:05")), civil(10, 5, 0));
    assert_eq!(cells.moment(&text("2026-03-01 12:00:07 AM")), civil(0, 0, 7));
    assert_eq!(cells.moment(&Raw::Serial { s: "46082.5".to_owned() }), civil(12, 0, 0));
    assert_eq!(cells.moment(&text("3/1/2026")), Err(CellFault::AmbiguousDate));
    assert_eq!(cells.moment(&text("soon")), Err(CellFault::NotAnInstant));
}
