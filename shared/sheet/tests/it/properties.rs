//! Whatever is written is read back, and whatever comes is refused without harm.

use std::borrow::Cow;

use proptest::prelude::*;
use sheet::{BOM, Cells, Epoch, Mapping, Raw, Stated, Table, as_it_was, as_text, write_record};

use crate::{columns, open, read, rows};

/// Letters that break readers, among others.
fn cell() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            proptest::sample::select(vec![
                ',', ';', '\t', '|', '"', '\n', '\'', '=', '-', '#', '.', '0', '王', ' ', 'E', '+'
            ]),
            any::<char>().prop_filter("a carriage return is a line end", |letter| *letter != '\r' && *letter != '\0'),
        ],
        0..8,
    )
    .prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    // rule: import 17
    #[test]
    fn records_come_back(table in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..6)) {
        let mut out = BOM.to_owned();
        write_record(&mut out, ["a", "b", "c"].map(Cow::Borrowed));
        for row in &table {
            write_record(&mut out, row.iter().map(|cell| Cow::Borrowed(cell.as_str())));
        }
        let expected: Vec<_> = (2..).zip(table).filter(|(_, row)| !row.iter().all(|cell| cell.trim().is_empty())).collect();
        prop_assert_eq!(read(out.as_bytes()).unwrap(), expected);
    }

    // rule: import 17
    #[test]
    fn values_come_back(value in cell()) {
        let mapping = Mapping::default();
        let cells = Cells::new(&mapping, Epoch::Y1900);
        // As it is kept: cleaned.
        let Some(kept) = cells.text(&Raw::Text(format!("'{value}"))).unwrap().value() else { return Ok(()) };
        let kept = domain::members::text::cleaned(&kept);
        prop_assume!(!kept.is_empty());
        let mut out = BOM.to_owned();
        write_record(&mut out, [Cow::Borrowed("a")]);
        write_record(&mut out, [as_text(&kept)]);
        let table = open(out.as_bytes(), &["a"], &mapping).unwrap();
        let found = &rows(&table).unwrap()[0].cells[0];
        prop_assert_eq!(cells.text(found), Ok(Stated::Is(kept)));
    }

    #[test]
    fn a_refused_cell_says_the_same_again(value in cell()) {
        let mapping = Mapping::default();
        let cells = Cells::new(&mapping, Epoch::Y1900);
        let raw = Raw::Text(value);
        let again = Raw::Text(as_it_was(&raw, false, Epoch::Y1900).into_owned());
        prop_assert_eq!(cells.text(&raw), cells.text(&again));
        prop_assert_eq!(cells.integer(&raw), cells.integer(&again));
    }

    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), workbook in any::<bool>()) {
        let bytes = if workbook { [b"PK\x03\x04".to_vec(), bytes].concat() } else { bytes };
        let mapping = Mapping { ignore: vec!["*".to_owned()], ..Mapping::default() };
        if let Ok(table) = Table::open(&bytes, &columns(&["a"]), &mapping) {
            let _read_or_refused = rows(&table);
        }
    }

    #[test]
    fn no_cell_does_harm(value in cell(), digits in "-?[0-9]{0,12}(\\.[0-9]{0,12})?") {
        let mapping = Mapping { thousands: Some(','), ..Mapping::default() };
        for epoch in [Epoch::Y1900, Epoch::Y1904] {
            let cells = Cells::new(&mapping, epoch);
            for raw in [Raw::Text(value.clone()), Raw::Text(digits.clone()), Raw::Number { n: digits.clone() }, Raw::Serial { s: digits.clone() }] {
                let _all = (cells.date(&raw), cells.month(&raw), cells.moment(&raw), cells.money(&raw, 2), cells.integer(&raw));
                let _more = (cells.id(&raw, Some(8)), cells.text(&raw), cells.boolean(&raw), as_it_was(&raw, true, epoch).len());
            }
        }
    }
}
