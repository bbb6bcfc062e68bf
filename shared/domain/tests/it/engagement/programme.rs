//! What programmes may say of it.

use super::challenges::SHANGHAI;
use super::stage::read;

/// Sections that are refused, each with the field.
#[track_caller]
fn refused(cases: &[(&str, &str)]) {
    for (text, field) in cases {
        let findings = read(SHANGHAI, text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(findings.iter().any(|finding| finding.at == *field), "{text}: {findings:?}");
    }
}

// rule: engagement 6.1
#[test]
fn challenges_that_cannot_be_are_refused() {
    let goal = |text: &str| format!("[[challenge]]\nid = 'c'\ngoal = {{ {text} }}");
    let days = "[[challenge]]\nid = 'c'\ngoal = { kind = 'distinct_days', days = 3, activity = 'run' }";
    let cases = [
        (goal("kind = 'distinct_days', days = 4, within_days = 3, activity = 'run'"), "challenge.c.goal.days"),
        (goal("kind = 'distinct_days', days = 3, within_days = 367, activity = 'run'"), "challenge.c.goal.within_days"),
        (goal("kind = 'streak', days = 3, activity = 'run'"), "challenge.c.goal.kind"),
        (goal("kind = 'count', n = 501, activity = 'run'"), "challenge.c.goal.n"),
        (
            goal("kind = 'sum', total = 5, attribute = 'task', activity = 'task.completed'"),
            "challenge.c.goal.attribute",
        ),
        (
            goal("kind = 'count', n = 3, within_days = 3, activity = 'run'")
                + "\nfrom = '2026-01-01'\nuntil = '2026-02-01'",
            "challenge.c.from",
        ),
        (days.to_owned() + "\nfrom = '2026-02-01'\nuntil = '2026-02-01'", "challenge.c.until"),
        (days.to_owned() + "\nfrom = '2026-02-01'", "challenge.c.until"),
        (days.to_owned() + "\nteam = { min = 2, max = 11 }", "challenge.c.team"),
        (days.to_owned() + "\nteam = { min = 3, max = 2 }", "challenge.c.team"),
        (days.to_owned() + "\nmin_tier = 'platinum'", "challenge.c.min_tier"),
        (days.to_owned() + "\nfallback_points = 300", "challenge.c.fallback_points"),
    ];
    refused(&cases.each_ref().map(|(text, field)| (text.as_str(), *field)));
    let rule =
        "[activity.'challenge.fallback']\n[[earning_rule]]\nid = 'fallback'\non = 'challenge.fallback'\npoints = 300\n";
    assert!(read(SHANGHAI, &format!("{rule}{days}\nfallback_points = 300")).is_ok());
    assert!(read(SHANGHAI, &format!("{rule}{days}\nfallback_points = 301")).is_err());
}

// rule: engagement 6.1
#[test]
fn polls_and_badges_that_cannot_be_are_refused() {
    let poll = |text: &str| {
        format!("[[poll]]\nid = 'p'\nopens_at = '2026-12-01'\ncloses_at = '2026-12-08'\noptions = ['a', 'b']\n{text}")
    };
    let cases = [
        (poll("").replace("'a', 'b'", "'a'"), "poll.p.options"),
        (poll("").replace("'a', 'b'", "'a', 'a'"), "poll.p.options"),
        (poll("").replace("12-08", "12-01"), "poll.p.closes_at"),
        (poll("choices = 3"), "poll.p.choices"),
        (poll("weights = { gold = 0 }"), "poll.p.weights.gold"),
        (poll("weights = { gold = 101 }"), "poll.p.weights.gold"),
        (poll("tags_any = ['nobody']"), "poll.p.tags_any"),
        (poll("segments = ['nobody']"), "poll.p.segments"),
        (poll("results = 'sometimes'"), "poll.p.results"),
        ("[[badge]]\nid = 'b'\ncount = 2".to_owned(), "badge.b.count"),
        ("[[badge]]\nid = 'b'\non = 'nothing'".to_owned(), "badge.b.on"),
    ];
    refused(&cases.each_ref().map(|(text, field)| (text.as_str(), *field)));
}
