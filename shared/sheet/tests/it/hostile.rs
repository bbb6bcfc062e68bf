//! Files that are meant to do harm.

use std::io::{Cursor, Write as _};

use sheet::{FileFault, MOST_BYTES, Mapping};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{open, read, rows};

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// A workbook of one sheet, part by part.
fn book(sheet: &str, texts: &str, more: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let doc = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r\" Type=\"{doc}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{doc}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{doc}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (SHEET, format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>")),
        ("xl/sharedStrings.xml", texts.to_owned()),
    ];
    for (name, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    more(&mut zip);
    zip.finish().unwrap().into_inner()
}

fn cell(place: &str, value: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{value}</t></is></c>")
}

fn row(number: u32, cells: &str) -> String {
    format!("<row r=\"{number}\">{cells}</row>")
}

// rule: import 16
#[test]
fn a_workbook_that_unpacks_to_more_than_memory_is_refused() {
    let header = row(1, &cell("A1", "a"));
    let harmless = book(&header, "", |_nothing| {});
    assert_eq!(read(&harmless), Ok(Vec::new()));
    let bomb = book(&header, "", |zip| {
        zip.start_file("xl/media/image1.png", SimpleFileOptions::default()).unwrap();
        let zeros = vec![0_u8; 1 << 20];
        for _ in 0..600 {
            zip.write_all(&zeros).unwrap();
        }
    });
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    assert_eq!(read(&bomb), Err(FileFault::TooLarge));
}

#[test]
fn a_workbook_that_says_it_has_more_texts_than_there_can_be_is_refused() {
    let header = row(1, &cell("A1", "a"));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    for count in ["uniqueCount=\"9223372036854775807\"", "uniqueCount = '99999999999'"] {
        let texts = format!("<sst xmlns=\"{main}\" count=\"1\" {count}><si><t>a</t></si></sst>");
        assert_eq!(read(&book(&header, &texts, |_nothing| {})), Err(FileFault::UnreadableFile));
    }
    let texts = format!("<sst xmlns=\"{main}\" count=\"1\" uniqueCount=\"1\"><si><t>a</t></si></sst>");
    assert_eq!(read(&book(&header, &texts, |_nothing| {})), Ok(Vec::new()));
}

#[test]
fn a_cell_at_the_end_of_the_world_makes_no_room_for_all_before_it() {
    let sheet = row(1, &cell("A1", "a")) + &row(1_048_576, &cell("A1048576", "far"));
    assert_eq!(read(&book(&sheet, "", |_nothing| {})), Ok(vec![(1_048_576, vec!["far".to_owned()])]));
    let wide = row(1, &cell("A1", "a")) + &row(2, &cell("XFD2", "far"));
    assert_eq!(read(&book(&wide, "", |_nothing| {})), Err(FileFault::TooManyColumns));
}

#[test]
fn what_a_workbook_says_of_other_files_is_not_read() {
    let entity = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    let sheet = row(1, &cell("A1", "a")) + &row(2, &cell("A2", "&e;"));
    let bytes = book(&format!("{entity}{sheet}"), "", |_nothing| {});
    let found = format!("{:?}", read(&bytes));
    assert!(!found.contains("root"), "{found}");
}

// rule: import 11
#[test]
fn a_text_file_has_limits_too() {
    let many = format!("a\n{}", "x\n".repeat(200_001));
    assert_eq!(read(many.as_bytes()), Err(FileFault::TooManyRows));
    let most = format!("a\n{}", "x\n".repeat(200_000));
    assert_eq!(read(most.as_bytes()).unwrap().len(), 200_000);
    let wide = format!("a\n{}\n", ",".repeat(300));
    assert_eq!(read(format!("{wide}{}x\n", ",".repeat(300)).as_bytes()), Err(FileFault::TooManyColumns));
    assert_eq!(read(&vec![b'a'; MOST_BYTES + 1]), Err(FileFault::TooLarge));
    for empty in ["", "\n\n", " \n", "\u{feff}", ",,\n"] {
        assert_eq!(read(empty.as_bytes()), Err(FileFault::EmptyFile), "{empty:?}");
    }
}

#[test]
fn a_cell_of_many_megabytes_is_one_cell() {
    let huge = "x".repeat(20 << 20);
    let file = format!("a,b\n\"{huge}\",2\n");
    let table = open(file.as_bytes(), &["a", "b"], &Mapping::default()).unwrap();
    let rows = rows(&table).unwrap();
    assert_eq!((rows.len(), rows[0].cells.len()), (1, 2));
}

#[test]
fn quotes_that_open_again_and_again_are_read_in_one_pass() {
    let file = format!("a\n{}\n", "\"\"".repeat(5 << 20));
    assert_eq!(read(file.as_bytes()).unwrap().len(), 1);
    let open = format!("a\n{}\"", "\"\"".repeat(5 << 20));
    assert_eq!(read(open.as_bytes()), Err(FileFault::UnclosedQuote { row: 2 }));
}
