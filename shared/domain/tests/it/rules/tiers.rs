//! Tiers: up at once, down fairly.

use std::sync::Arc;

use domain::kernel::quantity::Minor;
use domain::ledger::command::Command;
use domain::ledger::entry::Initiator;
use domain::ledger::floor::SetFloor;
use domain::ledger::lines::Refund;
use domain::programme::compiled::Programmes;
use domain::standing::record::TierChange;
use jiff::Timestamp;

use crate::world::{World, at, behaviour, compile, order};

/// Tells a story, one line per step: `2026-03-10T12:00 spend 5000 as a`, `late 2026-03-09T12:00 ...` (happened then),
/// `return 4000 of a`, `look` (an evaluation), `sweep`. Local times are Shanghai's. After each fact an event asks for an
/// evaluation, as the chain does. Returns what happened to the tier.
#[track_caller]
pub(super) fn tell(world: &mut World, story: &[&str]) -> Vec<String> {
    let mut told = Vec::new();
    for line in story {
        let words: Vec<&str> = line.split_whitespace().collect();
        world.now = local(words[0]);
        let before = world.history.len();
        match words[1..] {
            ["spend", amount, "as", id] => {
                let amount: i64 = amount.parse().unwrap();
                world.order(id, amount * 100);
            }
            ["late", then, "spend", amount, "as", id] => {
                let amount: i64 = amount.parse().unwrap();
                world.report_at(local(then), order(id, amount * 100)).unwrap();
            }
            ["return", amount, "of", id] => {
                let amount = Minor(amount.parse::<i64>().unwrap() * 100);
                world.run(Command::Refund(Refund::of_amount(id, amount))).unwrap();
            }
            ["floor", tier, "until", until] => {
                let (tier, until) = (tier.to_owned(), local(until));
                world.run(floor(&tier, until)).unwrap();
            }
            ["look"] => {}
            ["sweep"] => drop(world.sweep()),
            _ => panic!("what is `{line}`?"),
        }
        if words[1] != "sweep" {
            world.evaluate();
        }
        let entries = &world.history[before..];
        told.extend(entries.iter().flat_map(|entry| entry.tier_changes()).map(|change| words_of(world, change)));
    }
    told
}

fn floor(tier: &str, until: Timestamp) -> Command {
    Command::SetFloor(SetFloor { tier: tier.to_owned(), until, reason: "goodwill".to_owned() })
}

pub(super) fn local(text: &str) -> Timestamp {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    at(&format!("{text}{seconds}+08:00"))
}

/// `2026-03-10 upgraded member > gold until 2027-04-01: 5000 of 5000`.
fn words_of(world: &World, change: &TierChange) -> String {
    let date = |at: Timestamp| world.programmes.at(at).zone().date(at).to_string();
    let until = change.until.map(|until| format!(" until {}", date(until))).unwrap_or_default();
    let by = change.segment.as_ref().map(|segment| format!(" by {segment}")).unwrap_or_default();
    let again = if change.regained { " again" } else { "" };
    let (status, needed) = (change.status, change.needed);
    let (from, tier, what) = (&change.from, &change.tier, change.change.name());
    format!("{} {what}{again} {from} > {tier}{until}: {status} of {needed}{by}", date(change.at))
}

#[track_caller]
fn check(story: &[&str], expected: &[&str]) {
    assert_eq!(tell(&mut World::new(&[]), story), expected);
}

// rule: ledger 5.1
#[test]
fn a_tier_is_reached_at_its_threshold_and_not_before() {
    check(
        &["2026-03-10T12:00 spend 999 as a", "2026-03-10T12:01 spend 1 as b", "2026-03-11T09:00 spend 4000 as c"],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2026-03-11 upgraded silver > gold until 2027-04-01: 5000 of 5000",
        ],
    );
}

// rule: ledger 5.1
#[test]
fn a_large_order_skips_tiers() {
    check(
        &["2026-03-31T23:59 spend 20000 as a"],
        &["2026-03-31 upgraded member > black until 2027-04-01: 20000 of 20000"],
    );
}

// rule: ledger 5.1
#[test]
fn an_upgrade_looks_at_the_running_month_and_twelve_before() {
    // March of the last year counts until the end of March.
    let story = ["2026-03-01T00:00 spend 600 as a", "2027-03-31T23:00 spend 400 as b"];
    check(&story, &["2027-03-31 upgraded member > silver until 2028-04-01: 1000 of 1000"]);
    check(&["2026-03-31T23:00 spend 600 as a", "2027-04-01T00:00 spend 400 as b"], &[]);
}

// rule: ledger 5.2
#[test]
fn a_tier_is_kept_by_the_points_of_its_period() {
    // What brought the member here does not keep it.
    check(
        &[
            "2026-03-10T12:00 spend 1000 as a",
            "2027-04-01T00:00 sweep",
            "2027-04-30T23:59 sweep",
            "2027-05-01T00:00 sweep",
        ],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2027-04-01 grace_started silver > silver until 2027-05-01: 0 of 1000",
            "2027-05-01 downgraded silver > member: 0 of 1000",
        ],
    );
    check(
        &["2026-03-10T12:00 spend 1000 as a", "2027-03-31T23:59 spend 1000 as b", "2027-04-01T00:00 sweep"],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2027-04-01 renewed silver > silver until 2028-04-01: 1000 of 1000",
        ],
    );
}

// rule: ledger 5.2
#[test]
fn the_end_of_a_period_is_exclusive() {
    let story =
        ["2026-03-10T12:00 spend 1000 as a", "2027-04-01T00:00 spend 999 as b", "2027-04-02T00:00 spend 1 as c"];
    // Both are of the new period; together they make up for the old one within its grace.
    check(
        &story,
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2027-04-01 grace_started silver > silver until 2027-05-01: 0 of 1000",
            "2027-04-02 renewed silver > silver until 2028-04-01: 1000 of 1000",
        ],
    );
}

// rule: ledger 5.8
#[test]
fn a_fact_at_the_end_of_a_period_counts_for_the_next_and_one_before_it_does_not() {
    let told = |last: &str| {
        let spend = format!("{last} spend 1000 as b");
        let mut world = World::new(&[]);
        tell(&mut world, &["2026-03-10T12:00 spend 1000 as a", &spend]);
        tell(&mut world, &["2028-04-01T00:00 sweep"])
    };
    let grace = "2028-04-01 grace_started silver > silver until 2028-05-01: 0 of 1000";
    assert_eq!(told("2027-03-31T23:59:59")[1..], [grace]);
    let renewed = "2028-04-01 renewed silver > silver until 2029-04-01: 1000 of 1000";
    assert_eq!(told("2027-04-01T00:00:00"), [renewed]);
}

// rule: ledger 5.2
#[test]
fn what_is_earned_in_the_grace_counts_for_the_period_it_lies_in_too() {
    let mut world = World::new(&[]);
    tell(
        &mut world,
        &["2026-03-10T12:00 spend 1000 as a", "2027-04-10T00:00 spend 1000 as b", "2028-04-01T00:00 sweep"],
    );
    assert_eq!(world.account.tier_at(world.now), Some("silver"));
    let standing = world.account.tiers.standing().unwrap();
    assert_eq!((standing.start, standing.end), (local("2028-04-01T00:00"), local("2029-04-01T00:00")));
}

// rule: ledger 5.2
#[test]
fn a_tier_falls_one_step_and_begins_a_new_period() {
    check(
        &["2026-03-10T12:00 spend 20000 as a", "2027-06-01T00:00 sweep"],
        &[
            "2026-03-10 upgraded member > black until 2027-04-01: 20000 of 20000",
            "2027-04-01 grace_started black > black until 2027-05-01: 0 of 20000",
            "2027-05-01 downgraded black > gold until 2028-06-01: 0 of 20000",
        ],
    );
}

// rule: ledger 5.3
#[test]
fn missed_periods_are_replayed_one_by_one_with_the_dates_they_would_have_had() {
    let expected = [
        "2026-03-10 upgraded member > black until 2027-04-01: 20000 of 20000",
        "2027-04-01 grace_started black > black until 2027-05-01: 0 of 20000",
        "2027-05-01 downgraded black > gold until 2028-06-01: 0 of 20000",
        "2028-06-01 grace_started gold > gold until 2028-07-01: 0 of 5000",
        "2028-07-01 downgraded gold > silver until 2029-08-01: 0 of 5000",
        "2029-08-01 grace_started silver > silver until 2029-08-31: 0 of 1000",
        "2029-08-31 downgraded silver > member: 0 of 1000",
    ];
    check(&["2026-03-10T12:00 spend 20000 as a", "2031-01-01T00:00 sweep"], &expected);
    let daily = jiff::civil::date(2026, 3, 11).series(jiff::Span::new().days(1)).take(1_400);
    let daily: Vec<String> = daily.map(|date| format!("{date}T00:10 sweep")).collect();
    let story: Vec<&str> =
        ["2026-03-10T12:00 spend 20000 as a"].into_iter().chain(daily.iter().map(String::as_str)).collect();
    check(&story, &expected);
}

// rule: ledger 5.4
#[test]
fn a_refund_soon_after_takes_the_ground_from_a_new_tier() {
    check(
        &["2026-03-10T12:00 spend 5000 as a", "2026-03-24T12:00 return 1 of a"],
        &[
            "2026-03-10 upgraded member > gold until 2027-04-01: 5000 of 5000",
            "2026-03-24 revoked gold > silver until 2027-04-01: 4999 of 5000",
        ],
    );
    // One second later the tier stays to the end of its period.
    check(
        &["2026-03-10T12:00 spend 5000 as a", "2026-03-24T12:00:01 return 5000 of a"],
        &["2026-03-10 upgraded member > gold until 2027-04-01: 5000 of 5000"],
    );
}

// rule: ledger 5.4
#[test]
fn a_refund_revokes_every_tier_that_it_takes_the_ground_from_and_no_older_one() {
    check(
        &[
            "2026-03-10T12:00 spend 1000 as a",
            "2026-04-10T12:00 spend 4000 as b",
            "2026-04-12T12:00 spend 15000 as c",
            "2026-04-14T12:00 return 15000 of c",
            "2026-04-15T12:00 return 4000 of b",
            "2026-04-16T12:00 return 1000 of a",
        ],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2026-04-10 upgraded silver > gold until 2027-05-01: 5000 of 5000",
            "2026-04-12 upgraded gold > black until 2027-05-01: 20000 of 20000",
            "2026-04-14 revoked black > gold until 2027-05-01: 5000 of 20000",
            "2026-04-15 revoked gold > silver until 2027-04-01: 1000 of 5000",
        ],
    );
}

#[test]
fn a_month_that_goes_by_is_no_refund() {
    check(
        &["2026-03-10T12:00 spend 600 as a", "2027-03-31T12:00 spend 400 as b", "2027-04-02T12:00 spend 1 as c"],
        &["2027-03-31 upgraded member > silver until 2028-04-01: 1000 of 1000"],
    );
}

// rule: ledger 5.4
#[test]
fn a_tier_that_is_reached_again_in_the_same_period_is_no_news() {
    check(
        &["2026-03-10T12:00 spend 1000 as a", "2026-03-11T12:00 return 1 of a", "2026-03-12T12:00 spend 1 as b"],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2026-03-11 revoked silver > member: 999 of 1000",
            "2026-03-12 upgraded again member > silver until 2027-04-01: 1000 of 1000",
        ],
    );
}

// rule: ledger 5.5
#[test]
fn a_late_fact_reinstates_a_tier_with_the_dates_it_would_have_had() {
    check(
        &[
            "2026-03-10T12:00 spend 1000 as a",
            "2027-04-20T12:00 spend 400 as b",
            "2027-05-01T00:10 sweep",
            "2027-05-10T12:00 late 2027-04-29T12:00 spend 600 as c",
            "2028-04-01T00:00 sweep",
        ],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2027-04-01 grace_started silver > silver until 2027-05-01: 0 of 1000",
            "2027-05-01 downgraded silver > member: 400 of 1000",
            "2027-05-10 reinstated member > silver until 2028-04-01: 1000 of 1000",
            "2028-04-01 renewed silver > silver until 2029-04-01: 1000 of 1000",
        ],
    );
}

// rule: ledger 5.5
#[test]
fn a_late_fact_prices_nothing_anew() {
    let mut world = World::new(&[]);
    tell(
        &mut world,
        &["2026-03-10T12:00 spend 1000 as a", "2027-05-01T00:10 sweep", "2027-05-02T12:00 spend 100 as b"],
    );
    tell(&mut world, &["2027-05-10T12:00 late 2027-04-29T12:00 spend 1000 as c"]);
    assert_eq!(world.account.tier_at(world.now), Some("silver"));
    let then = world.report_at(local("2027-05-03T12:00"), order("d", 10_000)).unwrap();
    assert_eq!(then.points().0, 100, "the member was no silver member on that day");
}

// rule: ledger 5.6
#[test]
fn a_floor_holds_the_tier_as_long_as_it_lasts() {
    check(
        &[
            "2026-03-10T12:00 spend 1000 as a",
            "2026-04-01T12:00 floor gold until 2027-06-01T00:00",
            "2027-05-02T00:00 sweep",
            "2027-06-01T00:00 sweep",
        ],
        &[
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2026-04-01 floor_set silver > gold until 2027-06-01: 0 of 0",
            "2027-04-01 grace_started gold > gold until 2027-05-01: 0 of 1000",
            "2027-05-01 downgraded gold > gold: 0 of 1000",
            "2027-06-01 floor_ended gold > member: 0 of 0",
        ],
    );
}

// rule: ledger 5.6
#[test]
fn spending_points_moves_no_tier() {
    let mut world = World::new(&[]);
    tell(&mut world, &["2026-03-10T12:00 spend 1000 as a"]);
    world.now = local("2026-03-24T12:00");
    let before = (world.account.tiers.clone(), world.account.qualifying.clone());
    let spent = world.redeem("drink").unwrap();
    world.spend(900).unwrap();
    world.reverse(&spent, None, Initiator::Member).unwrap();
    assert!(world.evaluate().is_none_or(|entry| entry.tier_changes().next().is_none()));
    assert_eq!((world.account.tiers, world.account.qualifying), before);
}

// rule: ledger 5.6
#[test]
fn a_floor_is_set_within_bounds_and_with_a_reason() {
    let mut world = World::new(&[]);
    world.order("a", 100);
    let refused = |world: &mut World, tier: &str, until: &str, field: &str| {
        let refusal = world.run(floor(tier, at(until))).unwrap_err();
        let told = serde_json::to_value(&refusal).unwrap();
        assert_eq!(told["field"], field, "{told}");
    };
    refused(&mut world, "copper", "2026-04-01T00:00:00Z", "tier");
    refused(&mut world, "gold", "2031-04-01T00:00:00Z", "until");
    world.run(floor("gold", at("2026-04-01T00:00:00Z"))).unwrap();
    assert_eq!(world.account.tier_at(world.now), Some("gold"));
    world.run(floor("gold", at("2026-01-01T00:00:00Z"))).unwrap();
    assert_eq!(world.account.tier_at(world.now), Some("member"), "an end that is over ends the floor");
    let mut strict = World::new(&[("manual_floor_allowed = true", "manual_floor_allowed = false")]);
    refused(&mut strict, "gold", "2026-04-01T00:00:00Z", "tier");
}

// rule: ledger 5.1
#[test]
fn influence_lifts_a_gold_member_to_black_and_nobody_else() {
    let mut world = World::new(&[]);
    let influence = |world: &mut World| {
        for _ in 0..6 {
            world.report(behaviour("ugc.featured", &[]));
        }
    };
    world.now = local("2026-03-10T12:00");
    influence(&mut world);
    assert_eq!(tell(&mut world, &["2026-03-11T12:00 look"]), [""; 0], "not from the base tier");
    assert_eq!(world.account.segment(), Some("high_influence"));
    assert_eq!(
        tell(&mut world, &["2026-03-12T12:00 spend 5000 as a"]),
        ["2026-03-12 upgraded member > black until 2027-04-01: 5000 of 20000 by high_influence"]
    );
    // A refund does not take it; it is kept as long as the member is in the segment when a period ends.
    assert_eq!(tell(&mut world, &["2026-03-13T12:00 return 5000 of a"]), [""; 0]);
    world.now = local("2026-12-24T12:00");
    influence(&mut world);
    assert_eq!(
        tell(
            &mut world,
            &["2027-04-01T00:10 look", "2027-12-31T00:10 look", "2028-04-01T00:10 look", "2028-05-01T00:10 look"]
        ),
        [
            "2027-04-01 renewed black > black until 2028-04-01: 0 of 20000",
            "2028-04-01 grace_started black > black until 2028-05-01: 0 of 20000",
            "2028-05-01 downgraded black > gold until 2029-06-01: 0 of 20000",
        ]
    );
}

// rule: ledger 5.7
#[test]
fn new_thresholds_apply_to_evaluations_after_their_publication_and_leave_periods_alone() {
    let stricter = compile(2, &[("threshold = 1000", "threshold = 2000")]).unwrap();
    let versions =
        vec![(Timestamp::MIN, Arc::new(compile(1, &[]).unwrap())), (local("2026-06-01T00:00"), Arc::new(stricter))];
    let mut world = World::under(Programmes::new(versions));
    assert_eq!(
        tell(
            &mut world,
            &[
                "2026-03-10T12:00 spend 1000 as a",
                "2026-07-01T12:00 spend 1500 as b",
                "2027-04-01T00:00 sweep",
                "2027-04-02T00:00 spend 500 as c",
            ]
        ),
        [
            "2026-03-10 upgraded member > silver until 2027-04-01: 1000 of 1000",
            "2027-04-01 grace_started silver > silver until 2027-05-01: 1500 of 2000",
            "2027-04-02 renewed silver > silver until 2028-04-01: 2000 of 2000",
        ]
    );
}

#[test]
fn other_downgrade_policies_are_kept() {
    let full = ("downgrade = \"one_down\"", "downgrade = \"full_reassess\"");
    let mut world = World::new(&[full]);
    let story = ["2026-03-10T12:00 spend 20000 as a", "2026-06-01T12:00 spend 1000 as b", "2027-05-01T00:00 sweep"];
    assert_eq!(tell(&mut world, &story)[2], "2027-05-01 downgraded black > silver until 2028-06-01: 1000 of 20000");
    let mut world = World::new(&[("downgrade = \"one_down\"", "downgrade = \"none\"")]);
    assert_eq!(tell(&mut world, &story)[1], "2027-04-01 renewed black > black until 2028-04-01: 1000 of 20000");
    let mut world = World::new(&[("grace_days = 30\ndown", "grace_days = 0\ndown")]);
    assert_eq!(
        tell(&mut world, &["2026-03-10T12:00 spend 1000 as a", "2027-05-01T00:00 sweep"])[1],
        "2027-04-01 downgraded silver > member: 0 of 1000"
    );
}

// rule: ledger 3.6
#[test]
fn reviews_of_new_products_count_towards_the_tier() {
    let mut world = World::new(&[]);
    tell(&mut world, &["2026-03-10T12:00 spend 950 as a"]);
    world.report(behaviour("review.completed", &[]));
    world.evaluate();
    assert_eq!(world.account.tier_at(world.now), Some("silver"));
}
