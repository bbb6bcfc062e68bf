//! Files as shops have them.

use crate::book::{Book, check};

// rule: import 18
#[test]
fn a_file_with_semicolons_and_line_breaks_is_read() {
    let mut book = Book::new();
    let file = "\u{feff}会员号;手机号;姓名\nk1;13800138000;\"欧阳\n娜娜\"\n\nk2;13900139000;\"Wu; Gang\"\n";
    check(&book.import("2026-06-15", "crm", file), &[2, 4], &[], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, phone +8613800138000, name=欧阳\\n娜娜");
    assert_eq!(book.member("m2"), "external:crm k2, phone +8613900139000, name=Wu; Gang");
}

// rule: import 13
#[test]
fn ids_from_a_spreadsheet_are_those_that_were_meant() {
    let mut book = Book::new();
    let file = "external_id,name,card\n2041.0,Ann,\n2041,Ann,\n2041.5,Bob,\n7,Cid,881\n8,Dee,00000882\n9,Eve,AB17\n";
    let mapping = "[columns]\ncard = { to = \"card\", zero_pad = 8 }";
    check(&book.import_with("2026-06-15", "crm", file.as_bytes(), mapping), &[2, 4, 5, 6, 7], &[3], &[]);
    assert_eq!(book.member("m1"), "external:crm 2041, name=Ann");
    assert_eq!(book.member("m2"), "external:crm 2041.5, name=Bob");
    assert_eq!(book.member("m3"), "card 00000881, external:crm 7, name=Cid");
    assert_eq!(book.member("m5"), "card AB17, external:crm 9, name=Eve");
}

// rule: import 12
#[test]
fn an_empty_cell_changes_nothing_and_clear_clears() {
    let mut book = Book::new();
    let first = "external_id,name,skin,visits,likes,wholesale\nk1,Ann,dry,3,tea;cake,是\nk2,Bob,oily,4,coffee,N\n";
    check(&book.import("2026-06-15", "crm", first), &[2, 3], &[], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, likes=[tea,cake], name=Ann, skin=dry, visits=3, wholesale=true");
    let second = "external_id,name,skin,visits\nk1,,N/A,5\nk2,Bob,<clear>,-\n";
    check(&book.import("2026-06-16", "crm", second), &[2, 3], &[], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, likes=[tea,cake], name=Ann, skin=dry, visits=5, wholesale=true");
    assert_eq!(book.member("m2"), "external:crm k2, likes=[coffee], name=Bob, visits=4, wholesale=false");
}

// rule: import 6, 21
#[test]
fn a_file_is_compared_with_what_is_there_and_not_with_files() {
    let mut book = Book::new();
    let (a, b) = ("external_id,name\nk1,Ann\n", "external_id,name\nk1,Anna\n");
    for (day, file, accepted) in [("15", a, true), ("16", b, true), ("17", a, true), ("18", a, false)] {
        let came = book.import(&format!("2026-06-{day}"), "crm", file);
        let (accepted, unchanged): (&[u32], &[u32]) = if accepted { (&[2], &[]) } else { (&[], &[2]) };
        check(&came, accepted, unchanged, &[]);
    }
    assert_eq!(book.member("m1"), "external:crm k1, name=Ann");
    // What is older than what is known is no change, nor is what a higher rank has said.
    let older = "external_id,name,at\nk1,Anja,2026-06-01\n";
    check(&book.import("2026-06-19", "crm", older), &[], &[2], &[]);
}

// rule: import 18, 21
#[test]
fn an_identifier_is_verified_if_the_source_verifies_its_kind() {
    let mut book = Book::new();
    let file = "external_id,phone,name,country\nk1,13800138000,Ann,\nk2,+86 13800138000,,\nk3,090-1234-5678,Ken,jp\n";
    check(&book.import("2026-06-15", "crm", file), &[2, 3, 4], &[], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, external:crm k2, phone +8613800138000, name=Ann");
    assert_eq!(book.member("m2"), "external:crm k3, phone +819012345678, name=Ken");
    // One that does not: the number stays with whom it is, and a person decides.
    let till = "external_id,phone,name\nt1,13800138000,Bea\n";
    check(&book.import("2026-06-16", "till", till), &[2], &[], &["2 phone identity_conflict"]);
    assert_eq!(book.member("m3"), "external:till t1, name=Bea");
    let region = "external_id,phone\nt2,080-1234-5678\n";
    check(&book.import_with("2026-06-17", "till", region.as_bytes(), "region = \"JP\""), &[2], &[], &[]);
    assert_eq!(book.member("m4"), "external:till t2, phone +818012345678");
}

// rule: import 10, 18
#[test]
fn what_nobody_declared_is_not_taken_in() {
    let mut book = Book::new();
    let file = "external_id,name,religion,locale\nk1,Ann,x,ja\n";
    assert_eq!(book.import("2026-06-15", "crm", file).file, Some("unmapped_column"));
    assert_eq!(book.member("m1"), "");
    let came = book.import_with("2026-06-15", "crm", file.as_bytes(), "ignore = [\"religion\"]");
    check(&came, &[2], &[], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, name=Ann, in ja");
    assert_eq!(book.import("2026-06-15", "crm", "name\nAnn\n").file, Some("missing_column"));
}
