//! Workbooks, written by a library that only writes them.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use sheet::{Epoch, FileFault, Mapping, Raw};

use crate::{mapping, open, read, rows};

fn number(digits: &str) -> Raw {
    Raw::Number { n: digits.to_owned() }
}

fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

// rule: import 16
#[test]
fn cells_of_a_workbook_are_what_was_typed() {
    let bytes = book(|sheet| {
        let day = Format::new().set_num_format("yyyy-mm-dd");
        for (column, name) in (0..).zip(["a", "b", "c", "d", "e", "f", "g"]) {
            sheet.write(0, column, name).unwrap();
        }
        sheet.write(1, 0, "王芳").unwrap();
        sheet.write(1, 1, 13_800_138_000_i64).unwrap();
        sheet.write(1, 2, 12.5).unwrap();
        sheet.write_with_format(1, 3, ExcelDateTime::parse_from_str("1990-01-01").unwrap(), &day).unwrap();
        sheet.write(1, 4, true).unwrap();
        sheet.write_formula(1, 5, Formula::new("=1+2").set_result("3")).unwrap();
        sheet.write(1, 6, 0.1 + 0.2).unwrap();
        sheet.write(4, 0, "late").unwrap();
    });
    let table = open(&bytes, &["a", "b", "c", "d", "e", "f", "g"], &Mapping::default()).unwrap();
    let rows = rows(&table).unwrap();
    let text = crate::text;
    let serial = Raw::Serial { s: "32874".to_owned() };
    let first = [text("王芳"), number("13800138000"), number("12.5"), serial, text("TRUE"), number("3"), number("0.3")];
    assert_eq!((rows[0].number, &rows[0].cells[..]), (2, &first[..]));
    assert_eq!((rows[1].number, rows[1].cells.len()), (5, 1), "blank rows count");
    assert_eq!(table.epoch(), Epoch::Y1900);
}

// rule: import 16
#[test]
fn the_first_visible_sheet_is_read_or_the_one_that_is_named() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("notes").unwrap().set_hidden(true).write(0, 0, "x").unwrap();
    let members = book.add_worksheet().set_name("会员").unwrap();
    members.write(0, 0, "a").unwrap();
    members.write(1, 0, "from members").unwrap();
    members.set_active(true);
    let others = book.add_worksheet().set_name("others").unwrap();
    others.write(0, 0, "a").unwrap();
    others.write(1, 0, "from others").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let first = |mapping: &Mapping| rows(&open(&bytes, &["a"], mapping).unwrap()).unwrap().remove(0).cells;
    assert_eq!(first(&Mapping::default()), [crate::text("from members")]);
    assert_eq!(first(&mapping("sheet = \"others\"")), [crate::text("from others")]);
    assert_eq!(open(&bytes, &["a"], &mapping("sheet = \"none\"")).map(|_| ()), Err(FileFault::UnknownSheet));
}

// rule: import 16
#[test]
fn what_is_broken_or_encrypted_is_refused() {
    let whole = book(|sheet| {
        sheet.write(0, 0, "a").unwrap();
        sheet.write(1, 0, "b").unwrap();
    });
    for cut in [5, 100, whole.len() / 2, whole.len() - 10] {
        assert_eq!(read(&whole[..cut]), Err(FileFault::UnreadableFile), "{cut}");
    }
    assert_eq!(read(b"PK\x03\x04 nothing else"), Err(FileFault::UnreadableFile));
    assert_eq!(read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 EncryptedPackage"), Err(FileFault::UnreadableFile));
    assert_eq!(read(&book(|_nothing| {})), Err(FileFault::EmptyFile));
}
