//! What is written is read back equal.

use std::borrow::Cow;

use sheet::{BOM, Cells, Epoch, Mapping, Raw, Stated, as_it_was, as_text, write_record};

use crate::{open, rows, text};

// rule: import 17
#[test]
fn a_record_is_written_as_spreadsheets_read_it() {
    let mut out = BOM.to_owned();
    write_record(&mut out, ["a", "b,c", "say \"no\"", "two\nlines", " x", ""].map(Cow::Borrowed));
    assert_eq!(out, "\u{feff}a,\"b,c\",\"say \"\"no\"\"\",\"two\nlines\",\" x\",\r\n");
}

// rule: import 17
#[test]
fn what_a_spreadsheet_would_work_out_is_marked() {
    for (value, written) in [
        ("=1+1", "'=1+1"),
        ("+8613800138000", "'+8613800138000"),
        ("-", "'-"),
        ("@home", "'@home"),
        ("'tis", "''tis"),
        ("N/A", "'N/A"),
        ("<clear>", "'<clear>"),
        ("17850.0", "'17850.0"),
        ("1.38E+10", "'1.38E+10"),
        ("plain", "plain"),
        ("00017850", "00017850"),
    ] {
        assert_eq!(as_text(value), written);
        let file = format!("a\r\n{}\r\n", as_text(value));
        let table = open(file.as_bytes(), &["a"], &Mapping::default()).unwrap();
        let mapping = Mapping::default();
        let read = Cells::new(&mapping, Epoch::Y1900).external_id(&rows(&table).unwrap()[0].cells[0], None);
        assert_eq!(read, Ok(Stated::Is(value.to_owned())));
    }
}

#[test]
fn a_refused_row_is_written_as_it_was() {
    let serial = |digits: &str| Raw::Serial { s: digits.to_owned() };
    for (cell, dated, expected) in [
        (text("=cmd"), false, "'=cmd"),
        (text("-5"), false, "-5"),
        (text("-5+cmd"), false, "'-5+cmd"),
        (text("-"), false, "-"),
        (text("#REF!"), false, "#REF!"),
        (Raw::Number { n: "5".to_owned() }, false, "5"),
        (Raw::Number { n: "32874".to_owned() }, true, "1990-01-01"),
        (serial("32874.5"), false, "1990-01-01 12:00:00"),
        (serial("60"), true, "60"),
    ] {
        assert_eq!(as_it_was(&cell, dated, Epoch::Y1900), expected);
    }
    assert_eq!(as_it_was(&serial("0"), true, Epoch::Y1904), "1904-01-01");
}
