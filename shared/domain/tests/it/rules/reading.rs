//! One checker for every way in: whatever is wrong is named with its place, its line and what would be right.

use domain::programme::finding::Finding;
use domain::programme::reading::{not_in_force, read, read_json};

const DEFAULT: &str = include_str!("../../../../../programme.toml");

#[track_caller]
fn edited(from: &str, to: &str) -> String {
    assert!(DEFAULT.contains(from), "the default programme has no `{from}`");
    DEFAULT.replacen(from, to, 1)
}

#[track_caller]
fn findings(from: &str, to: &str) -> Vec<Finding> {
    read(&edited(from, to)).err().unwrap_or_default()
}

/// An edit of the default programme is found, at this place alone.
#[track_caller]
fn check(from: &str, to: &str, at: &str, words: &str) {
    let found = findings(from, to);
    let section = at.split('.').next();
    assert!(found.iter().all(|finding| finding.at.split('.').next() == section), "{to}: {found:?}");
    let named = found.iter().find(|finding| finding.at == at && finding.message.contains(words));
    assert!(named.is_some_and(|finding| finding.line.is_some()), "{to}: {found:?}");
}

// rule: ledger 6.8
#[test]
fn the_default_programme_is_sound_and_says_what_is_not_in_force() {
    let document = read(DEFAULT).unwrap();
    assert!(not_in_force(&document).contains(&"journey"));
    let plain = serde_json::to_value(&document).unwrap();
    assert_eq!(read_json(plain).unwrap().canonical(), document.canonical(), "both ways in are one");
}

// rule: ledger 6.8
#[test]
fn what_is_wrong_is_named_with_its_line_and_what_is_right() {
    let found = findings("pending_days = 14 ", "pendng_days = 14 ");
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    let line =
        edited("pending_days = 14 ", "pendng_days = 14 ").lines().position(|line| line.starts_with("pendng_days"));
    let first =
        format!("line {}: wallet.points.pendng_days: `pendng_days`: did you mean `pending_days`?", line.unwrap() + 1);
    assert_eq!(said[0], first);
    check(
        "pending_days = 14 ",
        "pending_days = \"two weeks\" ",
        "wallet.points.pending_days",
        "a whole number, such as 14",
    );
    check("gold = \"3/2\"", "gold = 1.5", "earning_rule.base-spend.tier_multiplier.gold", "\"3/2\"");
    check("[[reward]]\nid = \"toy\"", "[[rewards]]\nid = \"toy\"", "rewards", "did you mean `reward`?");
    check(
        "kind = \"material\"\nstock = 200",
        "kind = \"materiel\"\nstock = 200",
        "reward.toy.kind",
        "did you mean `material`?",
    );
    check("currency = \"CNY\"", "currency = \"XYZ\"", "programme.currency", "ISO 4217");
    let dates = edited("points = 20\nlimit", "points = 20\nfrom = 2026-03-01\nuntil = 2026-03-31\nlimit");
    assert!(read(&dates).is_ok(), "dates of TOML are read");
    check("[programme]\nid", "[programme]\nid = = \nid", "syntax", "");
}

// rule: ledger 6.8
#[test]
fn every_misspelt_key_of_the_default_programme_is_noticed() {
    let mut keys = 0;
    for (place, line) in DEFAULT.lines().enumerate() {
        let Some((key, _)) = line.split_once('=') else { continue };
        let key = key.trim_end();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            continue;
        }
        let lines: Vec<String> = DEFAULT
            .lines()
            .map(str::to_owned)
            .enumerate()
            .map(|(other, text)| if other == place { text.replacen(key, &format!("{key}q"), 1) } else { text })
            .collect();
        assert!(read(&lines.join("\n")).is_err(), "{}: {line}", place + 1);
        keys += 1;
    }
    assert!(keys > 150, "{keys}");
}

// rule: ledger 6.9
#[test]
fn sections_to_come_are_checked_where_they_are_published() {
    for (from, to, at, words) in [
        ("odds_ppm = 500 }", "odds_ppm = 9000000 }", "draw.weekly-draw.prizes.doll.odds_ppm", "1000000"),
        ("odds_ppm = 500 }", "odds_ppm = 900000 }", "draw.weekly-draw.prizes", "at most 1000000"),
        (
            "id = \"points-5\", stock = 100000",
            "id = \"points-0\", stock = 100000",
            "draw.weekly-draw.prizes.points-0.points",
            "at least one",
        ),
        ("id = \"coupon-5\", stock", "id = \"doll\", stock", "draw.weekly-draw.prizes.doll", "twice"),
        ("id = \"doll\", stock = 10,", "id = \"doll\", stock = -10,", "draw.weekly-draw.prizes.doll.stock", "1..="),
        ("fairness = \"commit_reveal_hmac_sha256\"", "fairness = \"trust_us\"", "draw.weekly-draw.fairness", "known"),
        (
            "min_tier = \"gold\"                   # required\nattribution",
            "min_tier = \"platinum\"\nattribution",
            "referral.min_tier",
            "platinum",
        ),
        ("levels = 1  ", "levels = 3  ", "referral.levels", "one level"),
        ("commission_bp = 500", "commission_bp = 20000", "referral.advocate.commission_bp", "2000"),
        ("cost_ratio_warn = 0.40", "cost_ratio_warn = 0.60", "referral.cost_ratio_warn", "0.5"),
        ("from = \"22:00\", to = \"08:00\"", "from = \"25:00\", to = \"08:00\"", "care.quiet.from", "22:00"),
        ("per_7d = 3", "per_7d = -3", "care.caps.marketing.per_7d", "from 0 up"),
        ("default_send_time = \"10:00\"", "default_send_time = \"10\"", "care.default_send_time", "no time"),
        (
            "at = \"P7D\",  do = \"ticket\"",
            "at = \"7 days\",  do = \"ticket\"",
            "journey.after-sale.steps.call.at",
            "P7D",
        ),
        ("do = [\"sms\", \"email\"],  template", "do = \"fax\",  template", "journey.after-sale.steps.tips.do", "fax"),
        ("id = \"due-date\"", "id = \"after-sale\"", "journey.after-sale", "twice"),
        (
            "enter = \"segment.entered:dormant\"",
            "enter = \"segment.entered:asleep\"",
            "journey.wake-up.enter",
            "asleep",
        ),
        ("leap_day = \"feb28\"", "leap_day = \"feb30\"", "journey.birthday.leap_day", "feb28"),
        ("policy = \"vip\"", "policy = \"vop\"", "journey.vip-at-risk.steps.agent.policy", "`vip`"),
        ("first_response = \"PT15M\"", "first_response = \"15M\"", "sla_policy.p1.first_response", "PT15M"),
        ("first_response = \"PT15M\"", "first_response = \"PT5H\"", "sla_policy.p1.first_response", "resolution"),
        ("mon = [\"09:00-18:00\"]", "mon = [\"19:00-18:00\"]", "calendar.cn-office.windows.1", "no window"),
        ("tz = \"Asia/Shanghai\"", "tz = \"Asia/Nowhere\"", "calendar.cn-office.tz", "zone"),
        ("stock = 500\nstock_policy", "stock = -500\nstock_policy", "challenge.run-30.stock", "0..="),
        ("days = 30, within_days = 30", "days = 40, within_days = 30", "challenge.run-30.goal.days", "within_days"),
        ("default_project = \"rural-library\"", "default_project = \"moon\"", "charity.default_project", "moon"),
        ("annual_report = \"01-15T10:00\"", "annual_report = \"13-15T10:00\"", "charity.annual_report", "each year"),
        ("purge_after_days = 730", "purge_after_days = 30", "dormancy.purge_after_days", "after"),
        (
            "high_value_retention_min_exclusive = 0.85",
            "high_value_retention_min_exclusive = 8.5",
            "health.high_value_retention_min_exclusive",
            "0..=1",
        ),
        ("delay = \"PT1H\"", "delay = \"1h\"", "survey.csat-ticket.delay", "duration"),
        ("at_most = 6", "at_most = 11", "survey.nps-quarterly.on_detractor.at_most", "0..=10"),
        ("per_agent_day = 3", "per_agent_day = -3", "emergency_pack.per_agent_day", "from 0 up"),
        ("cooldown_days = 30 }", "cooldown_days = 30, colour = 1 }", "health.vip_drop.colour", "known"),
    ] {
        check(from, to, at, words);
    }
}

// rule: ledger 6.9
#[test]
fn a_condition_of_a_journey_names_tiers_that_there_are() {
    let badge = "benefit = \"engraved-badge\", if = \"tier_rank >= 2\"";
    let doll = "benefit = \"birthday-gift\", if = \"tier_rank >= 2\"";
    for (from, to, at, words) in [
        (
            badge,
            "benefit = \"engraved-badge\", if = \"tier>='platinum'\"",
            "journey.tier-up.steps.medal.if",
            "platinum",
        ),
        (
            doll,
            "benefit = \"birthday-gift\", if = \"tier_rank > 1 && tier == 'goldd'\"",
            "journey.birthday.steps.gift.if",
            "did you mean `gold`",
        ),
    ] {
        check(from, to, at, words);
    }
    for sound in ["tier == 'gold'", "tier_rank >= 2", "tier != 'member' && country == 'CN'", "frontier > 3"] {
        assert!(read(&edited(badge, &format!("benefit = \"engraved-badge\", if = \"{sound}\""))).is_ok(), "{sound}");
    }
}

// rule: ledger 6.8
#[test]
fn a_text_that_says_nothing_is_noticed_wherever_it_stands() {
    for (from, to, at) in [
        ("name = \"Default programme\"", "name = \"\"", "programme.name"),
        ("id = \"default\"", "id = \"\"", "programme.id"),
        ("owner = \"crm\"", "owner = \"\"", "tag.high-value.owner"),
        ("project = \"farm-aid\"", "project = \"\"", "reward.farm-aid.project"),
        ("\"complaint\"", "\"\"", "adjustment.reasons"),
        ("activity = \"run\"", "activity = \"\"", "challenge.run-30.goal.activity"),
        ("template = \"usage-tips\"", "template = \"\"", "journey.after-sale.steps.tips.template"),
        ("[\"bill.paid\", ", "[\"\", ", "journey.due-date.exit_on"),
        ("trigger = \"ticket.resolved\"", "trigger = \"\"", "survey.csat-ticket.trigger"),
    ] {
        check(from, to, at, if at == "programme.id" { "1 to 64" } else { "is empty" });
    }
    assert!(read(&edited("description = \"Member prices\"", "description = \"\"")).is_ok(), "but a description");
}

// rule: ledger 6.9
#[test]
fn sections_of_the_present_design_are_read() {
    let more = r#"
[publication]
second_person = false
ramp = [500, 10000]
hold_hours = 24

[channel.wecom]
per_second = 5
unit_cost_minor = { CN = 5, default = 10 }

[[poll]]
id = "next-flavour"
options = ["osmanthus", "yuzu"]
opens_at = "2026-12-01T10:00:00+08:00"
closes_at = "2026-12-08T22:00:00+08:00"
"#;
    let read_with = |edit: (&str, &str)| read(&format!("{DEFAULT}{}", more.replace(edit.0, edit.1)));
    read_with(("", "")).map(drop).unwrap();
    for (from, to, at) in [
        ("[500, 10000]", "[500, 400, 10000]", "publication.ramp"),
        ("per_second = 5\nunit", "per_second = 0\nunit", "channel.wecom.per_second"),
        ("CN = 5", "CN = -5", "channel.wecom.unit_cost_minor.CN"),
        ("2026-12-08T22", "2026-11-08T22", "poll.next-flavour.closes_at"),
        ("[\"osmanthus\", \"yuzu\"]", "[\"yuzu\", \"yuzu\"]", "poll.next-flavour.options"),
    ] {
        let found = read_with((from, to)).unwrap_err();
        assert_eq!(found.iter().map(|finding| finding.at.as_str()).collect::<Vec<_>>(), [at], "{found:?}");
    }
}
