//! Since when there was a member, tags, and where the member stands, as files say it.

use crate::book::{Book, check};

// rule: import 27b
#[test]
fn members_of_an_old_programme_come_as_they_were() {
    let mut book = Book::new();
    let file = "会员号,姓名,会员卡号,状态,入会日期\n\
        k1,王芳,0012 3456 7890,active,2019/2/28\n\
        k2,李雷,００９９－１２３４,Suspended,\n\
        k3,韩梅梅,,closed,20200229\n\
        k4,魏华,,deceased,\n\
        k5,Ann,,gone,2027-01-01\n\
        k6,Bob,,<clear>,\n";
    let faults = ["6 state not_an_option", "6 joined_on in_future", "7 state not_clearable"];
    check(&book.import("2026-06-15", "crm", file), &[2, 3, 4, 5], &[], &faults);
    assert_eq!(book.member("m1"), "card 001234567890, external:crm k1, name=王芳, since 2019-02-28");
    assert_eq!(book.member("m2"), "card 00991234, external:crm k2, name=李雷, suspended", "digits as they are printed");
    assert_eq!(book.member("m3"), "external:crm k3, name=韩梅梅, since 2020-02-29, closed");
    assert_eq!(book.member("m4"), "external:crm k4, name=魏华, deceased");
    // The number is found whoever prints it how, by a system that knows the member by nothing else.
    let other = "external_id,card,joined_on,state\nt1,0012-34567890,2018-05-01,\nt2,00991234,2026-06-20,active\n";
    check(&book.import("2026-06-20", "till", other), &[2, 3], &[], &["3 state state_stays"]);
    let found = book.member("m1");
    assert_eq!(found, "card 001234567890, external:crm k1, external:till t1, name=王芳, since 2018-05-01");
    assert!(book.member("m2").ends_with("suspended"), "a file lifts nothing, and who joined later joined before");
    let again = "external_id,joined_on\nt1,2019-01-01\nt1,2019-01-01\n";
    check(&book.import("2026-06-21", "till", again), &[], &[2, 3], &[]);
}

// rule: import 18
#[test]
fn tags_are_given_as_by_an_administrator_by_who_sends_tags() {
    let mut book = Book::new();
    let file = "external_id,name,tags\nk1,Ann,vip-care\nk2,Bob,vip-care; vip-care；\nk3,Cid,vip-care;nonsense\nk4,Dee,high-value\nk5,Eve,\n";
    let faults = ["4 tags unknown_tag", "5 tags computed_tag"];
    check(&book.import("2026-06-15", "crm", file), &[2, 3, 6], &[], &faults);
    assert_eq!(book.member("m2"), "external:crm k2, name=Bob, #vip-care 2026-12-12");
    assert_eq!(book.member("m3"), "external:crm k5, name=Eve");
    // The same later is only another date.
    let later = "external_id,tags\nk1,vip-care\nk5,vip-care\n";
    check(&book.import("2026-06-16", "crm", later), &[3], &[2], &[]);
    assert_eq!(book.member("m1"), "external:crm k1, name=Ann, #vip-care 2026-12-13");
    let other = "external_id,name,tags\nt1,Fay,vip-care\nt2,Guy,\n";
    check(&book.import("2026-06-17", "till", other), &[3], &[], &["2 tags not_sent_by_source"]);
    let leaves_out = book.import_with("2026-06-17", "till", other.as_bytes(), "on_error = \"field\"");
    check(&leaves_out, &[2], &[3], &["2 tags not_sent_by_source"]);
}
