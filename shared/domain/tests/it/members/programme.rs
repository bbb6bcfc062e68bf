//! What a programme says of members, consent and sources is checked before it is published.

use domain::programme::compiled::Programme;
use domain::programme::later::moment::Span;
use domain::programme::reading::{not_in_force, read};

const DEFAULT: &str = include_str!("../../../../../programme.toml");

/// Replaces text of the default programme; the problems found are at these places, in this order.
#[track_caller]
fn check(from: &str, to: &str, places: &[&str]) {
    assert_eq!(DEFAULT.matches(from).count(), 1, "the default programme says once `{from}`");
    let document = read(&DEFAULT.replace(from, to));
    let problems = document.and_then(|document| Programme::compile(1, document)).err().unwrap_or_default();
    let found: Vec<&str> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(found, places, "{problems:?}");
}

/// A section in addition to those of the default programme.
#[track_caller]
fn check_more(section: &str, places: &[&str]) {
    check("[members]\n", &format!("{section}\n\n[members]\n"), places);
}

#[test]
fn how_one_becomes_a_member_is_checked() {
    check("region = \"CN\"", "region = \"China\"", &["members.region"]);
    check("\"zh-CN\", \"en\", \"ja\"", "", &["members.locales"]);
    let texts =
        ["notice", "marketing", "research", "profiling", "sensitive"].map(|id| format!("consent_text.{id}.texts"));
    let said = DEFAULT.split("[[template]]\nid = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let said: Vec<String> = said.map(|id| format!("template.{id}.text.ja")).collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let unread = [&said[..], &["members.locales"], &texts.each_ref().map(String::as_str)].concat();
    check("\"zh-CN\", \"en\", \"ja\"", "\"zh-CN\", \"en\", \"japanese\"", &unread);
    check("match = [\"card\", ", "match = [\"phone\", ", &["members.match"]);
    check("match = [\"card\", ", "match = [\"name\", ", &["members.match.1"]);
    check("enrol = \"open\"  ", "enrol = \"maybe\"", &["members.enrol"]);
    check("region = \"CN\"", "region = \"CN\"\ncard = { pattern = \"[0-9\" }", &["members.card.pattern"]);
    for days in ["recycle_days", "unmerge_days", "closed_days"] {
        check("region = \"CN\"", &format!("region = \"CN\"\n{days} = -1"), &[&format!("members.{days}")]);
    }
}

#[test]
fn what_is_known_of_members_is_checked() {
    let skin = "[[attribute]]\nid = \"skin\"\ntype = \"choice\"\noptions = [\"dry\", \"oily\"]\npurpose = \"profiling\"\nretain_days = 730";
    check_more(skin, &[]);
    for (from, to, place) in [
        ("retain_days = 730", "retain_days = 0", "attribute.skin.retain_days"),
        ("purpose = \"profiling\"\n", "purpose = \"gossip\"\n", "attribute.skin.purpose"),
        ("retain_days = 730", "retain_days = 730\nneeds = \"gossip\"", "attribute.skin.needs"),
        ("options = [\"dry\", \"oily\"]", "options = [\"dry\"]", "attribute.skin.options"),
        ("options = [\"dry\", \"oily\"]", "options = [\"dry\", \"dry\"]", "attribute.skin.options"),
        ("type = \"choice\"", "type = \"integer\"", "attribute.skin.options"),
        ("retain_days = 730", "retain_days = 730\nmax_characters = 9", "attribute.skin.max_characters"),
    ] {
        assert!(skin.contains(from), "{from}");
        check_more(&skin.replace(from, to), &[place]);
    }
    check_more(&skin.replace("id = \"skin\"", "id = \"birthday\""), &["attribute.birthday.id"]);
    check_more(&format!("{skin}\n\n{skin}"), &["attribute.skin"]);
    check_more(&skin.replace("\nretain_days = 730", ""), &["attribute.skin.retain_days"]);
}

// rule: privacy 4, 9
#[test]
fn what_members_agree_to_is_written_down_in_every_language_and_one_version_after_the_other() {
    let purpose = |more: &str| format!("[[purpose]]\nid = \"prizes\"\n{more}");
    check_more(&purpose("basis = \"opt_in\""), &["purpose.prizes.basis"]);
    check_more(&purpose("basis = \"opt_in\"\nmandatory = true"), &["purpose.prizes.basis", "purpose.prizes.mandatory"]);
    check_more(&purpose("basis = \"contract\"\nchannels = [\"fax\"]"), &["purpose.prizes.channels.1"]);
    check_more(
        &purpose("basis = \"contract\"\nchannels = [\"sms\"]\ndouble_opt_in = [\"email\"]"),
        &["purpose.prizes.double_opt_in"],
    );
    check_more(
        &purpose("basis = \"contract\"\n\n[[purpose]]\nid = \"prizes\"\nbasis = \"contract\""),
        &["purpose.prizes"],
    );
    let text = |id: &str, version: u32, from: &str, texts: &str| {
        format!("[[consent_text]]\nid = \"{id}\"\nversion = {version}\nfrom = \"{from}\"\ntexts = {{ {texts} }}")
    };
    let all = "\"zh-CN\" = \"好\", en = \"yes\", ja = \"はい\"";
    check_more(&text("marketing", 2, "2026-06-01", all), &[]);
    check_more(&text("marketing", 2, "2026-01-01", all), &["consent_text.marketing.from"]);
    check_more(&text("marketing", 1, "2026-06-01", all), &["consent_text.marketing.version"]);
    check_more(&text("marketing", 2, "2026-06-01", "en = \"yes\", ja = \"はい\""), &["consent_text.marketing.texts"]);
    check_more(&text("gossip", 1, "2026-06-01", all), &["consent_text.gossip.id"]);
}

#[test]
fn times_of_privacy_are_checked() {
    check("cool_off_days = 3", "cool_off_days = 91", &["privacy.cool_off_days"]);
    check("suppress_days = 730", "suppress_days = -1", &["privacy.suppress_days"]);
    check("consent_min_age = 14", "consent_min_age = 22", &["privacy.consent_min_age"]);
    check("consent_keep_days = 1095", "consent_keep_days = 0", &["privacy.consent_keep_days"]);
    check("cool_off_days = 3", "cool_off_days = 3\nerasable = [\"ledger\"]", &["privacy.erasable"]);
    check("purge_notice_days = 30", "purge_notice_days = 730", &["dormancy.purge_notice_days"]);
    check("purge_after_days = 730", "purge_after_days = 90", &["dormancy.purge_after_days"]);
}

#[test]
fn sources_are_checked_and_one_name_is_of_one() {
    let source = |more: &str| format!("[[source]]\nid = \"kiosk\"\nsends = [\"activities\"]\n{more}");
    check_more(&source("match = [\"kiosk/*\"]"), &[]);
    for (more, place) in [
        ("match = []", "source.kiosk.match"),
        ("match = [\"kiosk/*/1\"]", "source.kiosk.match"),
        ("match = [\"shop/web\"]", "source.kiosk.match"), // of the shop already: shop/*
        ("match = [\"s*\"]", "source.kiosk.match"),
        ("match = [\"kiosk\"]\nrank = 40", "source.kiosk.rank"),
        ("match = [\"kiosk\"]\nverifies = [\"card\"]", "source.kiosk.verifies.1"),
        ("match = [\"kiosk\"]\nsecret = \"hunter2\"", "source.kiosk.secret"),
        ("match = [\"kiosk\"]\nunknown_member = \"ignore\"", "source.kiosk.unknown_member"),
        ("match = [\"kiosk\"]\nquality = { validity_min_bp = 10001 }", "source.kiosk.quality.validity_min_bp"),
        ("match = [\"kiosk\"]\nquality = { min_volume = -1 }", "source.kiosk.quality.min_volume"),
        ("match = [\"kiosk\"]\nquality = { complete = [\"phone\", \"shoe\"] }", "source.kiosk.quality.complete"),
    ] {
        check("[privacy] ", &format!("{}\n\n[privacy] ", source(more)), &[place]);
    }
}

// rule: members 27
#[test]
fn a_tag_is_computed_or_given() {
    let tag = |more: &str| format!("[[tag]]\nid = \"vip\"\nowner = \"desk\"\ndefinition = \"first\"\n{more}");
    let by_hand = "manual = true\nwho = [\"agent\"]\nvalid_days = 30";
    check_more(&tag(by_hand), &[]);
    check_more(&tag(""), &["tag.vip.when"]);
    check_more(&tag(&format!("{by_hand}\nwhen = \"m >= 4\"")), &["tag.vip.when"]);
    check_more(&tag("manual = true\nvalid_days = 30"), &["tag.vip.who"]);
    check_more(&tag("manual = true\nwho = [\"agent\"]"), &["tag.vip.valid_days"]);
    check_more(&tag("manual = true\nwho = [\"agent\"]\nvalid_days = 0"), &["tag.vip.valid_days"]);
    check_more(&tag("when = \"m >= 4\"\nwho = [\"agent\"]"), &["tag.vip.who"]);
    check_more(&tag("when = \"m >= 4\"\nvalid_days = 3"), &["tag.vip.valid_days"]);
}

#[test]
fn what_nothing_reads_yet_is_named() {
    let default = read(include_str!("../../../../../programme.toml")).unwrap();
    let unread = not_in_force(&default);
    for (section, read) in [("journey", false), ("members", true), ("purpose", true), ("source", true)] {
        assert_eq!(unread.contains(&section), !read, "{section}");
    }
    let spans = [("PT15M", 900), ("P2D", 172_800), ("PT1H", 3_600), ("PT90S", 90)];
    for (text, seconds) in spans {
        let span = Span::try_from(text.to_owned()).unwrap();
        assert_eq!((span.seconds, String::from(span)), (seconds, text.to_owned()));
    }
}
