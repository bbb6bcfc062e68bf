//! Records and their numbers.

use sheet::{CellFault, FileFault, Mapping};

use crate::{open, read, rows};

#[track_caller]
fn check(file: &str, expected: &[(u32, &[&str])]) {
    let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    let expected = expected.iter().map(|(row, cells)| (*row, owned(cells))).collect();
    assert_eq!(read(file.as_bytes()), Ok(expected), "{file:?}");
}

// rule: import 9
#[test]
fn quotes_are_read_as_rfc_4180_has_them() {
    check("a,b\n\"x,y\",\"he said \"\"no\"\"\"\n", &[(2, &["x,y", "he said \"no\""])]);
    check("a,b\n\"two\r\nlines\",2", &[(2, &["two\r\nlines", "2"])]);
    check("a,b\n\"\",2\n", &[(2, &["", "2"])]);
    // What is no quote by the RFC is read as spreadsheets do.
    check("a,b\n5\" disk,2\n", &[(2, &["5\" disk", "2"])]);
    check("a,b\n\"x\"y,2\n", &[(2, &["xy", "2"])]);
    assert_eq!(read(b"a,b\n1,2\n\"x,3\n4,5\n"), Err(FileFault::UnclosedQuote { row: 3 }));
    assert_eq!(read(b"\"a,b\n1,2\n"), Err(FileFault::UnclosedQuote { row: 1 }));
}

// rule: import 11
#[test]
fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = ["a,b,c", "1,\"x\ny\",", "", " , ,", "2,,", "\"\",,", "3", ""];
        let expected: &[(u32, &[&str])] = &[(2, &["1", "x\ny", ""]), (5, &["2", "", ""]), (7, &["3"])];
        check(&lines.join(end), expected);
    }
    check("\n\na,b\n1,2\n", &[(4, &["1", "2"])]);
    check("a,b", &[]);
    check("a,b\n\n\n", &[]);
}

// rule: import 11
#[test]
fn what_has_no_name_in_the_header_is_too_much() {
    let table =
        open(b"a,,b,,\n1,,2,,\n1,,2\n1\n1,x,2\n1,,2,,,x\n1,,2, , \n", &["a", "b"], &Mapping::default()).unwrap();
    let fits: Vec<bool> = rows(&table).unwrap().iter().map(|row| row.fits(table.header()).is_ok()).collect();
    assert_eq!(fits, [true, true, true, false, false, true]);
    let row = &rows(&table).unwrap()[4];
    assert_eq!(row.fits(table.header()), Err(CellFault::TooManyCells));
    assert!(row.cell(17).is_blank());
}
