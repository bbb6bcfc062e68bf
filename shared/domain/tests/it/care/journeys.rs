//! What a journey of a programme must not be, and what it perhaps should not.

use domain::programme::finding::Finding;
use domain::programme::journey::advice;
use domain::programme::reading::read;

const DEFAULT: &str = include_str!("../../../../../programme.toml");

#[track_caller]
fn findings(from: &str, to: &str) -> Vec<Finding> {
    assert!(DEFAULT.contains(from), "the default programme has no `{from}`");
    read(&DEFAULT.replacen(from, to, 1)).err().unwrap_or_default()
}

/// An edit is found, at this place.
#[track_caller]
fn check(from: &str, to: &str, at: &str, words: &str) {
    let found = findings(from, to);
    let named = found.iter().any(|finding| finding.at == at && finding.message.contains(words));
    assert!(named, "{to}: {found:?}");
}

// rule: care 23
#[test]
fn a_journey_that_cannot_work_is_refused() {
    for (from, to, at, words) in [
        ("enter = \"order.delivered\"", "enter = \"order.deliverd\"", "journey.after-sale.enter", "neither"),
        ("enter = \"order.delivered\"", "enter = \"care.stepdue\"", "journey.after-sale.enter", "itself"),
        ("[\"bill.paid\", ", "[\"bill.payed\", ", "journey.due-date.exit_on", "neither"),
        // Signals are those that it declares: what another shop reports is no event here.
        ("[activity.\"order.delivered\"]", "[activity.\"order.handed_over\"]", "journey.after-sale.enter", "signal"),
        ("[activity.\"bill.extended\"]", "[activity.\"bill.put_off\"]", "journey.due-date.exit_on", "bill.extended"),
        ("[activity.login]", "[activity.\"signed.in\"]", "journey.wake-up.exit_on", "signal"),
        ("\"chuseok\"", "\"chusok\"", "journey.festival.match.festivals", "chusok"),
        (
            "reward = \"coupon-no-threshold-5\"",
            "reward = \"coupon\"",
            "journey.wake-up.steps.coupon.reward",
            "no reward",
        ),
        ("benefit = \"engraved-badge\"", "benefit = \"badge\"", "journey.tier-up.steps.medal.benefit", "no benefit"),
        ("id = \"tips\"", "id = \"video\"", "journey.after-sale.steps.video", "twice"),
        ("purpose = \"service\"", "purpose = \"service\"\nholdout_bp = 100", "journey.after-sale.holdout_bp", "owed"),
        (
            "do = [\"push\", \"email\"], template = \"watch-tutorial\"",
            "do = \"ticket\", template = \"watch-tutorial\"",
            "journey.wake-up.steps.tutorial.tell.do",
            "channels",
        ),
        ("id = \"wish\",", "id = \"wish\", quiet = \"ignore\",", "journey.birthday.steps.wish.quiet", "quiet hours"),
        ("per_7d = 3", "per_7d = 25", "care.caps.marketing.per_7d", "24"),
        ("per_day = 1, per_7d = 3", "per_day = 4, per_7d = 3", "care.caps.marketing.per_day", "seven"),
        (
            "id = \"tips\",",
            "id = \"tips\", window = { from = \"23:00\", to = \"07:30\" },",
            "journey.after-sale.steps.tips.window",
            "wholly",
        ),
        (
            "priority = 80",
            "priority = 80\nvariants = [{ id = \"a\", share_bp = 5000 }, { id = \"b\", share_bp = 4000 }]",
            "journey.birthday.variants",
            "9000",
        ),
        ("at = \"P0D\"", "at = \"PT3H\"", "journey.birthday.steps.wish.at", "instant"),
        ("at = \"P2D\"", "at = \"P2DT3H\"", "journey.after-sale.steps.tips.at", "mixes"),
        ("valid_for = \"PT504H\"", "valid_for = \"PT9M\"", "journey.festival.steps.card.valid_for", "PT10M"),
        ("at = \"P15D\"", "at = \"P14D\"", "journey.tier-up.steps.medal.at", "revoke_window_days"),
        (
            "do = [\"email\", \"push\"]",
            "do = [\"email\", \"ticket\"]",
            "journey.after-sale.steps.video.do",
            "one action",
        ),
        ("reentry = \"P90D\"", "reentry = \"P3M\"", "journey.wake-up.reentry", "P90D"),
        ("last_day = \"-P1D\"", "last_day = \"-PT1H\"", "journey.due-date.steps.remind.last_day", "days"),
        ("locales = { JP = \"ja\" }", "locales = { JP = \"jp\" }", "care.locales.JP", "jp"),
        ("zones = { JP = \"Asia/Tokyo\" }", "zones = { JP = \"Asia/Tokio\" }", "care.zones.JP", "zone"),
        (", template = \"birthday\"", "", "journey.birthday.steps.wish.template", "missing"),
    ] {
        check(from, to, at, words);
    }
    let nine: Vec<String> =
        (0..9).map(|n| format!("{{ id = \"s{n}\", at = \"P{n}D\", do = \"email\", template = \"t\" }}")).collect();
    let steps = format!("steps = [ {} ]\n\n[[journey]]\nid = \"festival\"", nine.join(", "));
    let birthday =
        DEFAULT.split_once("priority = 80\n").unwrap().1.split_once("\n\n[[journey]]\nid = \"festival\"").unwrap().0;
    check(&format!("{birthday}\n\n[[journey]]\nid = \"festival\""), &steps, "journey.birthday.steps", "1 to 8");
}

// rule: care 23
#[test]
fn a_time_that_clocks_skip_is_warned_of() {
    let document = read(&DEFAULT.replacen("id = \"tips\",", "id = \"tips\", time = \"02:30\",", 1)).unwrap();
    let found: Vec<String> = advice(&document.journey).into_iter().map(|finding| finding.at).collect();
    assert_eq!(found, ["journey.after-sale.steps.tips.time"]);
    assert!(advice(&read(DEFAULT).unwrap().journey).is_empty());
}

// rule: care 22
#[test]
fn a_festival_that_is_proclaimed_is_said_by_date() {
    let dated = "[[festival]]\nid = \"vesak-sg\"\ncountry = \"SG\"\ndates = [\"2026-05-31\"]\n\n[care]";
    let named =
        DEFAULT.replacen("[care]", dated, 1).replacen("\"christmas-us\"]", "\"christmas-us\", \"vesak-sg\"]", 1);
    assert!(read(&named).is_ok());
    let wrong = dated.replace("\"SG\"", "\"Singapore\"");
    assert!(!findings("[care]", &wrong).is_empty());
}
