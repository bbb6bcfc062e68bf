//! By what a member can be known, and in which spelling.

use domain::kernel::id::MemberId;
use domain::kernel::refusal::Refusal;
use domain::members::identifier::{Kind, Reading, chosen};
use domain::programme::members::Card;
use proptest::prelude::*;

/// What each text is read as: an identifier's value, or a code.
#[track_caller]
fn check(reading: &Reading, kind: &str, country: Option<&str>, cases: &[(&str, Result<&str, &str>)]) {
    let kind: Kind = kind.parse().unwrap();
    for (text, expected) in cases {
        let read = reading.identifier(kind.clone(), text, country);
        let read = read.map(|identifier| identifier.value).map_err(|refusal| refusal.code());
        assert_eq!(read.as_deref().map_err(|code| *code), *expected, "{text:?} as {kind}");
    }
}

fn china() -> Reading {
    Reading::new("CN", Card::PATTERN, false).unwrap()
}

// rule: members 1
#[test]
fn what_cannot_be_seen_does_not_count() {
    let own = Ok("+8613800138000");
    check(
        &china(),
        "phone",
        None,
        &[
            ("\u{feff}138 0013 8000\u{200d}", own),
            ("\u{2068}138\u{ad}0013\u{2060}8000\u{2069}", own),
            ("１３８００１３８０００", own),
            ("\u{3000}138-0013-8000\u{a0}", own),
        ],
    );
    check(
        &china(),
        "email",
        None,
        &[
            ("ｍｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", Ok("mei@example.com")),
            ("mei\u{200b}@example.com", Ok("mei@example.com")),
        ],
    );
    check(&china(), "card", None, &[("ＡＢ\u{200b}１２３４", Ok("AB1234"))]);
}

// rule: members 2
#[test]
fn a_phone_number_is_one_however_it_is_written() {
    let own = Ok("+8613800138000");
    let written = [
        "13800138000",
        "138 0013 8000",
        "(138) 0013-8000",
        "+86 138 0013 8000",
        "0086 138 0013 8000",
        "86-138-0013-8000",
        "+86 (0) 138 0013 8000",
        "tel:13800138000",
        "'13800138000",
    ];
    check(&china(), "phone", None, &written.map(|text| (text, own)));
    for (region, text, expected) in [
        ("JP", "03-3210-7000", "+81332107000"),
        ("JP", "+81 80 1234 5678", "+818012345678"),
        ("TW", "0912-345-678", "+886912345678"),
        ("HK", "9123 4567", "+85291234567"),
        ("US", "(212) 456-7890", "+12124567890"),
        ("DE", "0151 23456789", "+4915123456789"),
        ("IT", "06 6982 1234", "+390669821234"), // the zero belongs to the number
        ("FR", "06 12 34 56 78", "+33612345678"),
        ("KR", "010-2345-6789", "+821023456789"),
        ("BR", "(11) 96123-4567", "+5511961234567"),
    ] {
        check(&china(), "phone", Some(region), &[(text, Ok(expected))]);
        let there = Reading::new(region, Card::PATTERN, false).unwrap();
        check(&there, "phone", None, &[(text, Ok(expected)), ("+86 138 0013 8000", own)]);
    }
}

// rule: members 2
#[test]
fn what_is_no_persons_phone_number_is_refused_for_its_reason() {
    check(
        &china(),
        "phone",
        None,
        &[
            ("", Err("not_a_phone")),
            ("110", Err("not_a_phone")),
            ("1380013800", Err("not_a_phone")),
            ("138001380001", Err("not_a_phone")),
            ("12800138000", Err("not_a_phone")),
            ("+0 138 0013 8000", Err("not_a_phone")),
            ("13800138000#22", Err("not_a_phone")),
            ("1-800-FLOWERS", Err("phone_has_letters")),
            ("13800138000转5", Err("phone_has_letters")),
            ("1.38E+10", Err("phone_has_letters")), // letters come first: what a spreadsheet has spoilt is said by the import
            ("13800138000、13900139000", Err("several_numbers")),
            ("13800138000|13900139000", Err("several_numbers")),
            ("13800138000, 13900139000", Err("several_numbers")),
            ("call; me", Err("phone_has_letters")), // the reasons have an order
            ("+44 800 1111", Err("not_a_personal_number")),
            ("+1 900 555 0123", Err("not_a_personal_number")),
        ],
    );
    check(
        &china(),
        "phone",
        Some("XX"),
        &[("13800138000", Err("not_a_phone")), ("+8613800138000", Ok("+8613800138000"))],
    );
}

// rule: members 3
#[test]
fn an_address_is_folded_and_its_dots_and_tags_distinguish() {
    let (longest, too_long) = ("x".repeat(64), "x".repeat(65));
    let (longest, too_long) = (format!("{longest}@example.com"), format!("{too_long}@example.com"));
    let label = "y".repeat(63);
    let whole = format!("{}@{label}.{label}.{label}", "x".repeat(62)); // 254 characters
    check(
        &china(),
        "email",
        None,
        &[
            ("MEI+Shop@Example.com", Ok("mei+shop@example.com")),
            ("m.ei@example.com", Ok("m.ei@example.com")),
            ("MailTo:mei@example.com", Ok("mei@example.com")),
            ("王梅@例子.中国", Ok("王梅@xn--fsqu00a.xn--fiqs8s")),
            ("mei@faß.de", Ok("mei@xn--fa-hia.de")),
            ("o'neil/x=1@example.co.uk", Ok("o'neil/x=1@example.co.uk")),
            (&longest, Ok(&longest)),
            (&whole, Ok(&whole)),
            (&format!("x{whole}"), Err("not_an_email")),
            (&too_long, Err("not_an_email")),
            ("mei", Err("not_an_email")),
            ("@example.com", Err("not_an_email")),
            ("mei@localhost", Err("not_an_email")),
            ("mei@10.0.0.1", Err("not_an_email")),
            ("mei@[10.0.0.1]", Err("not_an_email")),
            (".mei@example.com", Err("not_an_email")),
            ("mei.@example.com", Err("not_an_email")),
            ("m..ei@example.com", Err("not_an_email")),
            ("mei@example..com", Err("not_an_email")),
            ("mei@-example.com", Err("not_an_email")),
            ("mei wang@example.com", Err("not_an_email")),
            ("\"mei\"@example.com", Err("not_an_email")),
            ("Mei <mei@example.com>", Err("not_an_email")),
            ("mei@example.com\r\nBcc: x@example.com", Err("not_an_email")),
        ],
    );
}

// rule: members 4
#[test]
fn cards_are_read_as_they_are_printed_and_counted_as_the_programme_says() {
    check(
        &china(),
        "card",
        None,
        &[
            ("00 01-2345", Ok("00012345")),
            ("vip 88 88", Ok("VIP8888")),
            ("123", Err("not_a_card")),
            ("ÄB1234", Err("not_a_card")),
            ("AB_1234", Err("not_a_card")),
        ],
    );
    let checked = Reading::new("CN", "[0-9]{8}|[0-9]{16}", true).unwrap();
    check(
        &checked,
        "card",
        None,
        &[
            ("4539 1488 0343 6467", Ok("4539148803436467")),
            ("4539 1488 0343 6476", Err("card_check_digit")),
            ("45391488034364", Err("not_a_card")), // the pattern is of the whole number
            ("1234567812345670 ", Ok("1234567812345670")),
        ],
    );
    assert!(Reading::new("CN", "[0-9", false).is_err());
    assert!(Reading::new("Atlantis", Card::PATTERN, false).is_err());
}

// rule: members 4
#[test]
fn other_names_keep_their_case() {
    let id = "wmJ2_x-".to_owned() + &"a".repeat(57);
    let long = format!("{id}a");
    check(
        &china(),
        "wecom",
        None,
        &[
            ("woAJ2GCAAAXtWyujaWJHDDGi0mACas1w", Ok("woAJ2GCAAAXtWyujaWJHDDGi0mACas1w")),
            (&id, Ok(&id)),
            (&long, Err("not_a_wecom_id")),
            ("wm12", Err("not_a_wecom_id")),
            ("wx12345", Err("not_a_wecom_id")),
        ],
    );
    check(
        &china(),
        "device",
        None,
        &[
            ("3F2504E0-4F89", Ok("3F2504E0-4F89")),
            ("1234567", Err("not_a_device")),
            ("手机手机手机手机", Err("not_a_device")),
        ],
    );
    let most = "号".repeat(128);
    check(
        &china(),
        "external:crm",
        None,
        &[
            ("Ａ-1", Ok("Ａ-1")), // full width stays what another system wrote
            ("e\u{301}t\u{e9}", Ok("été")),
            (&most, Ok(&most)),
            (&format!("{most}1"), Err("bad_external_id")),
            ("", Err("bad_external_id")),
            ("a\nb", Err("bad_external_id")),
        ],
    );
}

// rule: members 4
#[test]
fn a_member_id_is_not_somebodys_phone_number() {
    for (id, fits) in [
        ("1380013", false),
        ("138-0013-8000", false),
        ("86_138_0013_8000", false),
        ("138001", true),
        ("1234567890123456", true),
        ("m-13800138000", true),
    ] {
        let chosen = chosen(&id.parse::<MemberId>().unwrap()).map_err(|refusal| refusal.code());
        assert_eq!(chosen, if fits { Ok(()) } else { Err("looks_like_a_phone") }, "{id}");
    }
}

// rule: members 5
#[test]
fn kinds_have_one_name_and_devices_are_nobodys() {
    for name in ["phone", "email", "card", "wecom", "device", "external:crm"] {
        let kind: Kind = name.parse().unwrap();
        assert_eq!(kind.to_string(), name);
        assert_eq!(kind.is_unique(), name != "device");
    }
    for name in ["external:", "fax", "Phone", ""] {
        assert!(name.parse::<Kind>().is_err(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // rule: members 1
    #[test]
    fn what_was_read_is_read_as_itself(text in "\\PC{0,40}|[0-9 +()-]{6,20}|[a-zA-Z0-9.+]{1,20}@[a-z0-9.-]{1,20}") {
        let reading = china();
        for kind in ["phone", "email", "card", "wecom", "device", "external:crm"] {
            let kind: Kind = kind.parse().unwrap();
            if let Ok(identifier) = reading.identifier(kind.clone(), &text, None) {
                let again = reading.identifier(kind, &identifier.value, None);
                prop_assert_eq!(again, Ok(identifier));
            }
        }
    }
}
