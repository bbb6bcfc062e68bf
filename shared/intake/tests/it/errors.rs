//! What is wrong with rows.

use crate::book::{Book, check};

// rule: import 19
#[test]
fn every_error_of_a_row_is_told_and_one_refuses_it() {
    let mut book = Book::new();
    let file = "external_id,phone,email,birthday,visits,skin,locale,zone,at\n\
        k1,12345,mei@,1990-13-01,many,green,fr,Mars/Base,2026-06-20\n\
        ,13800138000,,,,,,,\n\
        k3,#N/A,#REF!,,1.0,,,,\n\
        k4,,,,,,,,\n\
        k5,1.38E+10,,2026-06-16,,,,,\n\
        k6,13900139000,,,,,,,,stray\n";
    let faults = [
        "2 phone not_a_phone",
        "2 email not_an_email",
        "2 birthday not_a_date",
        "2 visits not_an_integer",
        "2 skin not_an_option",
        "2 locale unknown_locale",
        "2 zone unknown_zone",
        "2 at in_future",
        "3 external_id missing_value",
        "4 email excel_error",
        "5 external_id missing_value",
        "6 phone scientific_notation",
        "6 birthday not_a_date",
        "7  too_many_cells",
    ];
    let came = book.import("2026-06-15", "crm", file);
    check(&came, &[], &[], &faults);
    assert_eq!(book.member("m1"), "");
    let counts = (came.counts.rows, came.counts.refused, came.counts.codes["not_a_date"], came.counts.warnings);
    assert_eq!(counts, (6, 6, 2, 0));
}

// rule: import 19
#[test]
fn a_known_member_may_say_little() {
    let mut book = Book::new();
    check(&book.import("2026-06-15", "crm", "external_id,given_name\nk1,Ann\n"), &[2], &[], &[]);
    check(
        &book.import("2026-06-16", "crm", "external_id,visits\nk1,4\nk9,4\n"),
        &[2],
        &[],
        &["3 external_id missing_value"],
    );
}

// rule: import 19
#[test]
fn an_optional_field_may_be_left_out_if_the_mapping_says_so() {
    let mut book = Book::new();
    let file = "external_id,phone,birthday,name\nk1,12345,1990-02-30,Ann\n1E+5,13800138000,,Bob\n";
    let came = book.import_with("2026-06-15", "crm", file.as_bytes(), "on_error = \"field\"");
    check(&came, &[2], &[], &["2 phone not_a_phone", "2 birthday not_a_date", "3 external_id scientific_notation"]);
    assert_eq!(book.member("m1"), "external:crm k1, name=Ann");
    assert_eq!((came.counts.accepted, came.counts.refused, came.counts.warnings), (1, 1, 2));
}

// rule: import 7
#[test]
fn the_error_file_has_the_rows_as_they_were_and_can_be_read_when_it_is_repaired() {
    let mut book = Book::new();
    let file = "会员号;手机号;姓名\nk1;138;王芳\nk2;13900139000;Ann\nk3;=cmd;\"B; \"\"C\"\"\"\n";
    let came = book.import("2026-06-15", "crm", file);
    check(&came, &[3], &[], &["2 phone not_a_phone", "4 phone phone_has_letters"]);
    let expected = "\u{feff}会员号,手机号,姓名,row,column,field,code,message\r\n\
        k1,138,王芳,2,手机号,phone,not_a_phone,this is no phone number of its country's plan\r\n\
        k3,'=cmd,\"B; \"\"C\"\"\",4,手机号,phone,phone_has_letters,a phone number has no letters\r\n";
    assert_eq!(came.errors, expected);
    let repaired = expected.replace(",138,", ",13800138000,").replace("'=cmd", "13700137000");
    check(&book.import("2026-06-16", "crm", &repaired), &[2, 3], &[], &[]);
    assert_eq!(book.member("m2"), "external:crm k1, phone +8613800138000, name=王芳");
}

// rule: import 7
#[test]
fn a_row_with_two_errors_has_two_lines_and_is_one_member_when_repaired() {
    let mut book = Book::new();
    let came = book.import("2026-06-15", "crm", "external_id,phone,email\nk1,138,mei@\n");
    assert_eq!(came.errors.lines().count(), 3);
    let repaired = came.errors.replace("138,mei@", "13800138000,mei@example.com");
    check(&book.import("2026-06-16", "crm", &repaired), &[2], &[3], &[]);
}
