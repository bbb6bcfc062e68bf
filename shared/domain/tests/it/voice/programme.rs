//! What is refused of forms, surveys, themes.

use domain::programme::reading::read;

const DEFAULT: &str = include_str!("../../../../../programme.toml");

#[track_caller]
fn check(from: &str, to: &str, at: &str, words: &str) {
    assert!(DEFAULT.contains(from), "the default programme has no `{from}`");
    let found = read(&DEFAULT.replacen(from, to, 1)).err().unwrap_or_default();
    let named = found.iter().any(|finding| finding.at == at && finding.message.contains(words));
    assert!(named, "{to}: {found:?}");
}

// rule: voice 1, 2
#[test]
fn a_form_that_cannot_be_asked_is_refused() {
    for (from, to, at, words) in [
        ("if = \"score <= 6\"", "if = \"scor <= 6\"", "form.nps.questions.why.if", "earlier question"),
        ("if = \"score <= 6\"", "if = \"praise == 'x'\"", "form.nps.questions.why.if", "earlier question"),
        ("if = \"score <= 6\"", "if = \"score + 1\"", "form.nps.questions.why.if", "true or false"),
        ("if = \"score <= 6\"", "if = \"score <= 'six'\"", "form.nps.questions.why.if", ""),
        ("if = \"score <= 6\"", "if = \"score <= \"", "form.nps.questions.why.if", "CEL"),
        (
            "id = \"why\", kind = \"text\", if",
            "id = \"score\", kind = \"text\", if",
            "form.nps.questions.score",
            "twice",
        ),
        ("kind = \"nps\", required", "kind = \"npz\", required", "form.nps.questions.score.kind", "nps"),
        ("kind = \"nps\", required", "kind = \"scale\", required", "form.nps.questions.score.max", "from `min`"),
        ("kind = \"nps\", required", "kind = \"choice\", required", "form.nps.questions.score.options", "2 to 100"),
        (
            "kind = \"nps\", required",
            "kind = \"nps\", min = 1, required",
            "form.nps.questions.score.min",
            "only a scale",
        ),
        (
            "kind = \"nps\", required",
            "kind = \"nps\", maps_to = \"profile.shoe\", required",
            "form.nps.questions.score.maps_to",
            "no `profile.FIELD`",
        ),
        (
            "kind = \"text\", if = \"score <= 6\"",
            "kind = \"text\", max_length = 20000, if = \"score <= 6\"",
            "form.nps.questions.why.max_length",
            "10000",
        ),
        ("ask = { zh-CN = \"哪里让您失望?\", en", "ask = { en", "form.nps.questions.why.ask", "zh-CN"),
        ("[[form]]\nid = \"csat\"", "[[form]]\nid = \"nps\"", "form.nps", "twice"),
    ] {
        check(from, to, at, words);
    }
}

// rule: voice 6, 19
#[test]
fn a_survey_that_cannot_be_sent_is_refused() {
    for (from, to, at, words) in [
        (
            "form = \"csat\"\npurpose = \"service\"",
            "form = \"cs\"\npurpose = \"service\"",
            "survey.csat-ticket.form",
            "no form",
        ),
        (
            "purpose = \"research\"\ntrigger = \"schedule",
            "purpose = \"fun\"\ntrigger = \"schedule",
            "survey.nps-quarterly.purpose",
            "no purpose",
        ),
        ("recontact_days = 90", "recontact_days = 89", "survey.nps-quarterly.recontact_days", "90"),
        (
            "queue = \"voice\", policy = \"p2\"",
            "queue = \"vice\", policy = \"p2\"",
            "survey.nps-quarterly.on_detractor.queue",
            "no such",
        ),
        (
            "queue = \"voice\", policy = \"p2\"",
            "queue = \"voice\", policy = \"p9\"",
            "survey.nps-quarterly.on_detractor.policy",
            "no such",
        ),
        ("{ at_least = 9, do", "{ at_least = 11, do", "survey.nps-quarterly.on_promoter.at_least", "0..=10"),
        ("{ at_most = 2, do", "{ at_most = 0, do", "survey.csat-ticket.on_low.at_most", "1..=5"),
        ("{ at_most = 2, do", "{ do", "survey.csat-ticket.on_low.at_most", "exactly one"),
        (
            "{ at_most = 3, do = \"ticket\" }",
            "{ at_most = 3, do = \"reopen_and_escalate\" }",
            "survey.post-purchase.on_low.do",
            "about a ticket",
        ),
        (
            "id = \"praise\", kind = \"text\"",
            "id = \"praise\", kind = \"ces7\"",
            "survey.nps-quarterly.form",
            "2 questions",
        ),
        (
            "cooldown = \"exempt\"",
            "cooldown = \"exempt\"\ncooldown_days = 3",
            "survey.csat-ticket.cooldown_days",
            "exempt",
        ),
    ] {
        check(from, to, at, words);
    }
}

// rule: voice 24
#[test]
fn themes_that_say_two_things_are_refused() {
    for (from, to, at, words) in [
        ("zh = [\"太慢\",", "zh = [\"安装\",", "theme.late.zh", "`installation`"),
        ("en = [\"late\",", "en = [\"Manual\",", "theme.late.en", "`installation`"),
        ("zh = [\"太慢\",", "zh = [\"太*慢\",", "theme.late.zh", "`*`"),
        ("kind = \"wish\"", "kind = \"wisch\"", "theme.small-size.kind", "wish"),
        (
            "wish = { zh = [\"希望\", \"建议\", \"要是能\", \"最好能\"], en = [\"please add\", \"would be nice\", \"i wish\"] }",
            "abandonment_min_bp = 5000",
            "voice.wish",
            "no words",
        ),
        ("[voice]\n", "[voice]\nabandonment_min_bp = 10001\n", "voice.abandonment_min_bp", "0..=10000"),
    ] {
        check(from, to, at, words);
    }
    // The same word in two kinds is none: "customer service" is a place, and what goes wrong there a cause.
    assert!(read(&DEFAULT.replacen("zh = [\"客服\",", "zh = [\"安装\",", 1)).is_ok());
}
