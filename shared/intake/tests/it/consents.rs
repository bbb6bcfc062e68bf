//! What files say that members agree to.

use crate::book::{Book, check};

const HEADER: &str =
    "external_id,name,birthday,consent.marketing.sms,consent.sensitive,consent_text,consent_version,consent_at\n";

fn file(rows: &[&str]) -> String {
    HEADER.to_owned() + &rows.join("\n")
}

// rule: import 22
#[test]
fn what_is_given_needs_evidence_and_a_withdrawal_does_not() {
    let mut book = Book::new();
    let rows = [
        "k1,a,,given,,marketing,1,2026-03-01T00:00:00Z",
        "k2,b,,given,,,,",
        "k3,c,,withdrawn,,,,",
        "k4,d,,yes,,,,",
        "k5,e,,Given,,marketing,1,2026-03-01 08:00",
        "k6,f,,given,,marketing,2,2026-03-01",
        "k7,g,,given,,newsletter,1,2026-03-01",
        "k8,h,,given,,marketing,1,2026-07-01",
        "k9,i,2020-01-01,given,,marketing,1,2026-03-01",
        "k10,j,,,given,marketing,1,2026-03-01",
        "k11,k,,given,,marketing,one,2026-03-01",
        "k12,l,,given,,marketing,1,1/3/2026",
    ];
    let faults = [
        "3 consent.marketing.sms consent_evidence_missing",
        "5 consent.marketing.sms not_an_option",
        "7 consent.marketing.sms text_not_in_force",
        "8 consent.marketing.sms unknown_text",
        "9 consent.marketing.sms in_future",
        "10 consent.marketing.sms guardian_needed",
        "11 consent.sensitive unknown_text",
        "12 consent_version not_an_integer",
        "13 consent_at ambiguous_date",
    ];
    check(&book.import("2026-06-15", "crm", &file(&rows)), &[2, 4, 6], &[], &faults);
    assert_eq!(book.member("m1"), "external:crm k1, name=a, marketing.sms given");
    assert_eq!(book.member("m2"), "external:crm k3, name=c, marketing.sms withdrawn");
}

// rule: import 22
#[test]
fn no_file_subscribes_whom_it_finds_unsubscribed() {
    let mut book = Book::new();
    check(&book.import("2026-06-15", "crm", &file(&["k1,a,,withdrawn,,,,2026-05-01"])), &[2], &[], &[]);
    let old = file(&["k1,a,,given,,marketing,1,2026-03-01"]);
    let came = book.import("2026-06-16", "crm", &old);
    check(&came, &[], &[2], &["2 consent.marketing.sms superseded"]);
    assert_eq!(book.member("m1"), "external:crm k1, name=a, marketing.sms withdrawn");
    let newer = file(&["k1,a,,given,,marketing,1,2026-05-02"]);
    check(&book.import("2026-06-17", "crm", &newer), &[2], &[], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, name=a, marketing.sms given");
}
