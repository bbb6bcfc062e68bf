//! What cells say.

use sheet::{CellFault, Cells, Epoch, Mapping, Raw, Stated};

use crate::{mapping, text};

fn number(digits: &str) -> Raw {
    Raw::Number { n: digits.to_owned() }
}

fn is(value: &str) -> Result<Stated<String>, CellFault> {
    Ok(Stated::Is(value.to_owned()))
}

#[track_caller]
fn reads(cell: &str, expected: Result<Stated<String>, CellFault>) {
    let mapping = Mapping::default();
    assert_eq!(Cells::new(&mapping, Epoch::Y1900).text(&text(cell)), expected, "{cell:?}");
}

// rule: import 12
#[test]
fn a_cell_is_cleaned_and_may_state_nothing_or_clear() {
    reads(" Ａnn\u{200b} ", is("Ann"));
    reads("'=1+1", is("=1+1"));
    reads("''tis", is("'tis"));
    reads("two\r\nlines", is("two\nlines"));
    for nothing in ["", "  ", "NULL", "null", "N/A", " #N/A ", "-", "无", "\u{feff}", "'"] {
        reads(nothing, Ok(Stated::Nothing));
    }
    reads("<clear>", Ok(Stated::Clear));
    reads("Null", is("Null"));
    for error in ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "####", "########"] {
        reads(error, Err(CellFault::ExcelError));
    }
    // After a mark of text nothing is read into it.
    reads("'N/A", is("N/A"));
    reads("'<clear>", is("<clear>"));
    let mapping = mapping("nulls = [\"(leer)\"]");
    let cells = Cells::new(&mapping, Epoch::Y1900);
    assert_eq!(cells.text(&text("(leer)")), Ok(Stated::Nothing));
    assert_eq!(cells.text(&text("-")), is("-"));
}

// rule: import 13
#[test]
fn ids_are_what_was_typed_or_refused() {
    let mapping = Mapping::default();
    let cells = Cells::new(&mapping, Epoch::Y1900);
    for (cell, expected) in [
        (text("17850.0"), is("17850")),
        (text("13800138000.00"), is("13800138000")),
        (text("17850.5"), is("17850.5")),
        (text("00017850"), is("00017850")),
        (text("4539148803436467"), is("4539148803436467")),
        (text("1.38E+10"), Err(CellFault::ScientificNotation)),
        (text("1.38e10"), Err(CellFault::ScientificNotation)),
        (text("5E+15"), Err(CellFault::ScientificNotation)),
        (text("2E10"), is("2E10")),
        (text("ABE+10"), is("ABE+10")),
        (text("'1.38E+10"), is("1.38E+10")),
        (text("'17850.0"), is("17850.0")),
        (number("13800138000"), is("13800138000")),
        (number("123456789012345"), is("123456789012345")),
        (number("4539148803436467"), Err(CellFault::DigitsLost)),
        (number("2.5"), Err(CellFault::NotAnId)),
        (number("-2"), Err(CellFault::NotAnId)),
        (text("N/A"), Ok(Stated::Nothing)),
    ] {
        assert_eq!(cells.id(&cell, None), expected, "{cell:?}");
        assert_eq!(cells.external_id(&cell, None), expected, "{cell:?}");
    }
    assert_eq!(cells.external_id(&text("Ａ１"), None), is("Ａ１"), "width is kept of what others gave");
    assert_eq!(cells.id(&text("Ａ１"), None), is("A1"));
    for (cell, expected) in [
        (text("17850"), "00017850"),
        (number("17850"), "00017850"),
        (text("AB17"), "AB17"),
        (text("123456789"), "123456789"),
    ] {
        assert_eq!(cells.id(&cell, Some(8)), is(expected));
    }
}

// rule: import 14
#[test]
fn whole_numbers_have_no_separators_unless_the_mapping_says_so() {
    let (plain, grouped) = (Mapping::default(), mapping("thousands = \",\""));
    let of = |mapping, cell: &Raw| Cells::new(mapping, Epoch::Y1900).integer(cell);
    for (cell, expected) in [
        (text("12"), Some(12)),
        (text("-12"), Some(-12)),
        (text("１２"), Some(12)),
        (text("1.0"), Some(1)),
        (text("1.5"), None),
        (text("1,200"), None),
        (text("many"), None),
        (text("+5"), None),
        (text("1 200"), None),
        (text("9223372036854775808"), None),
        (number("7"), Some(7)),
        (number("7.5"), None),
    ] {
        assert_eq!(of(&plain, &cell), expected.map(Stated::Is).ok_or(CellFault::NotAnInteger), "{cell:?}");
    }
    assert_eq!(of(&grouped, &text("1,234,567")), Ok(Stated::Is(1_234_567)));
    assert_eq!(of(&grouped, &text("-1,200.0")), Ok(Stated::Is(-1_200)));
    for wrong in ["12,00", "1,2345", ",123", "1234,567"] {
        assert_eq!(of(&grouped, &text(wrong)), Err(CellFault::NotAnInteger), "{wrong}");
    }
}

// rule: import 14
#[test]
fn amounts_have_at_most_the_decimals_of_their_currency() {
    let (plain, grouped) = (Mapping::default(), mapping("thousands = \",\""));
    let of = |mapping, cell: &Raw, decimals| Cells::new(mapping, Epoch::Y1900).money(cell, decimals);
    for (cell, decimals, expected) in [
        (text("12.50"), 2, Some(1_250)),
        (text("12.5"), 2, Some(1_250)),
        (text("12"), 2, Some(1_200)),
        (text("-0.05"), 2, Some(-5)),
        (text("12.505"), 2, None),
        (text("12.5"), 0, None),
        (text("1200"), 0, Some(1_200)),
        (text("1.234"), 3, Some(1_234)),
        (text("12."), 2, None),
        (text(".5"), 2, None),
        (text("¥12"), 2, None),
        (text("1,200.00"), 2, None),
        (text("92233720368547758.08"), 2, None),
        (number("0.3"), 2, Some(30)),
    ] {
        assert_eq!(of(&plain, &cell, decimals), expected.map(Stated::Is).ok_or(CellFault::NotAnAmount), "{cell:?}");
    }
    assert_eq!(of(&grouped, &text("1,200.50"), 2), Ok(Stated::Is(120_050)));
}

// rule: import 14
#[test]
fn yes_and_no_are_said_in_some_words() {
    let mapping = Mapping::default();
    let cells = Cells::new(&mapping, Epoch::Y1900);
    for (word, expected) in [
        ("是", true),
        ("TRUE", true),
        ("Yes", true),
        ("y", true),
        ("1", true),
        ("否", false),
        ("no", false),
        ("N", false),
        ("0", false),
        ("False", false),
    ] {
        assert_eq!(cells.boolean(&text(word)), Ok(Stated::Is(expected)), "{word}");
    }
    assert_eq!(cells.boolean(&number("1")), Ok(Stated::Is(true)));
    for neither in ["maybe", "2", "对"] {
        assert_eq!(cells.boolean(&text(neither)), Err(CellFault::NotABoolean));
    }
}
