//! The same member twice in a file.

use crate::book::{Book, check};

// rule: import 20
#[test]
fn of_rows_of_one_member_the_first_counts() {
    let mut book = Book::new();
    let file = "external_id,name,phone\nk1,Ann,13800138000\nk1,Ann, 13800138000\nk1,Anna,13800138000\nk2,Bob,12345\n\
        k2,Bob,13900139000\nk2,Bob,12345\n１,Cid,\n1,Cid,\n";
    let came = book.import("2026-06-15", "crm", file);
    let faults = [
        "4 external_id duplicate_in_file",
        "5 phone not_a_phone",
        "6 external_id duplicate_in_file",
        "7 phone not_a_phone",
    ];
    check(&came, &[2, 8, 9], &[3], &faults); // width distinguishes what others call a member
    assert_eq!(book.member("m1"), "external:crm k1, phone +8613800138000, name=Ann");
    assert!(came.errors.contains("row 2 is of the same member; the first counts"), "{}", came.errors);
}

// rule: import 20
#[test]
fn what_repeats_a_row_that_the_decision_refused_is_refused() {
    let mut book = Book::new();
    let file = "external_id,visits\nk1,4\nk1,4\n";
    let faults = ["2 external_id missing_value", "3 external_id duplicate_in_file"];
    check(&book.import("2026-06-15", "crm", file), &[], &[], &faults);
}
