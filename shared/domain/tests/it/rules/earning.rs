//! Earning: what an order is worth, which rules apply, and why the others do not.

use domain::kernel::quantity::{Minor, Points, Ratio};
use domain::kernel::refusal::InvalidField;
use domain::kernel::time::add_days;
use domain::ledger::boost::Boost;
use domain::ledger::earning::earn::Earning;
use domain::ledger::earning::order::{Activity, Line, Order};
use domain::ledger::entry::Entry;
use domain::ledger::refusal::Refused;
use domain::programme::condition::Scalar;
use jiff::SignedDuration;

use crate::world::{AT_ONCE, BEFORE_TIERS, World, at, behaviour, order, order_of, trace};

fn order_with(change: impl FnOnce(&mut Order)) -> Activity {
    let mut activity = order("1", 10_000);
    change(activity.order.as_mut().unwrap());
    activity
}

// rule: ledger 3.1
#[test]
fn points_are_earned_on_what_was_paid_for_goods() {
    let all = |order: &mut Order| {
        order.discount = Minor(1_000);
        order.points_paid = Minor(2_000);
        order.gift_card = Minor(500);
        order.shipping = Minor(1_250);
        order.tax = Minor(600);
    };
    let excluding = "basis = \"net_cash_excluding_tax\" ";
    for (basis, deducted, expected) in [
        ("basis = \"net_cash\" ", order_with(|_| ()), 100),
        ("basis = \"net_cash\" ", order_with(all), 52), // 52.50, taxes included
        (excluding, order_with(all), 46),
        ("basis = \"gross\" ", order_with(all), 100),
    ] {
        let mut world = World::new(&[("basis = \"net_cash\" ", basis)]);
        assert_eq!(world.report(deducted).points(), Points(expected), "{basis}");
    }
}

// rule: ledger 3.2
#[test]
fn a_gold_order_of_199_90_earns_299() {
    for (tier, expected) in [("member", 199), ("silver", 239), ("gold", 299), ("black", 399)] {
        let mut world = World::new(&[]);
        world.tier(tier);
        assert_eq!(world.order("1", 19_990).points(), Points(expected), "{tier}");
    }
}

// rule: ledger 3.2
#[test]
fn rounding_happens_once_per_order_and_rule_and_is_a_switch() {
    for (rounding, net, expected) in [
        ("floor", 19_990, 299),
        ("half_up", 19_990, 300), // 299.85
        ("ceil", 19_990, 300),
        ("floor", 10_033, 150), // 150.495
        ("half_up", 10_033, 150),
        ("ceil", 10_033, 151),
        ("half_up", 10_100, 152), // 151.5
        ("ceil", 10_000, 150),
    ] {
        let written = format!("rounding = \"{rounding}_once_per_order\"");
        let mut world = World::new(&[("rounding = \"floor_once_per_order\"", &written)]);
        world.tier("gold");
        assert_eq!(world.order("1", net).points(), Points(expected), "{rounding} {net}");
    }
    // Three lines of 33.33, 33.33 and 33.34 are one order of 100.00: a sum of floors would give 99.
    let lines = [3_333, 3_333, 3_334].map(|amount| line(amount, ""));
    assert_eq!(World::new(&[]).report(order_of("1", lines.into())).points(), Points(100));
}

#[test]
fn the_largest_order_at_the_largest_rate_earns_the_largest_amount_and_no_more() {
    let rate = "rate = { points = 1000000, per_minor = 1 }     #";
    let tenfold = rules(&[("tenfold", "multiplier = \"10\"")]);
    let mut world = World::new(&[
        ("rate = { points = 1, per_minor = 100 }     #", rate),
        (BEFORE_TIERS, &format!("{tenfold}\n{BEFORE_TIERS}")),
    ]);
    let entry = world.order("1", Minor::LIMIT);
    assert_eq!(trace(&entry), [("base-spend".to_owned(), 50_000)], "the daily cap holds");
    assert_eq!(world.explain(&entry).candidates[0].calculation.as_ref().unwrap().points, Points(Points::LIMIT));
}

fn line(amount: i64, category: &str) -> Line {
    let category = ("category".to_owned(), Scalar::Text(category.to_owned()));
    Line { amount: Minor(amount), attributes: [category].into(), ..Line::default() }
}

/// Under further rules, what every rule makes of an activity.
#[track_caller]
fn check(rules: &str, tier: &str, activity: Activity, expected: &[&str]) -> Entry {
    let mut world = World::with_rules(rules);
    world.tier(tier);
    let entry = world.report(activity);
    assert_eq!(world.told(&entry), expected);
    assert_eq!(entry.points(), world.explain(&entry).points());
    entry
}

/// Rules for orders, each with an id and further lines.
fn rules(rules: &[(&str, &str)]) -> String {
    let rule = |(id, lines): &(&str, &str)| format!("[[earning_rule]]\nid = \"{id}\"\non = \"order.paid\"\n{lines}\n");
    rules.iter().map(rule).collect()
}

#[test]
fn additive_rules_each_give_their_own() {
    let more = rules(&[
        ("extra", "rate = { points = 1, per_minor = 1000 }"),
        ("welcome", "points = 50"),
        ("later", "points = 9\nfrom = \"2026-03-02\""),
        ("over", "points = 9\nuntil = \"2026-02-28\""),
        ("today", "points = 3\nfrom = \"2026-03-01\"\nuntil = \"2026-03-01\""),
    ]);
    let expected = [
        "base-spend applies: 100",
        "extra applies: 10",
        "later is outside its dates: 0",
        "over is outside its dates: 0",
        "today applies: 3",
        "welcome applies: 50",
    ];
    let entry = check(&more, "member", order("1", 10_000), &expected);
    assert_eq!(entry.points(), Points(163));
}

#[test]
fn multipliers_add_their_increments() {
    let more = rules(&[("double", "multiplier = \"2\""), ("half-more", "multiplier = \"3/2\"")]);
    for (tier, base) in [("member", 100), ("gold", 150)] {
        let base = format!("base-spend applies: {base}");
        let expected = [base.as_str(), "double applies: 100", "half-more applies: 50"];
        check(&more, tier, order("1", 10_000), &expected);
    }
}

// rule: ledger 3.2
#[test]
fn all_multipliers_together_give_at_most_ten_times() {
    let more = rules(&[("eightfold", "multiplier = \"8\""), ("fivefold", "multiplier = \"5\"")]);
    for (tier, base, second) in [("member", 100, 200), ("black", 200, 100)] {
        let base = format!("base-spend applies: {base}");
        let second = format!("fivefold applies: {second}");
        let expected = [base.as_str(), "eightfold applies: 700", second.as_str()];
        check(&more, tier, order("1", 10_000), &expected);
    }
    let steep = "tier_multiplier = { gold = \"50\" }";
    let fixed = rules(&[("fixed", &format!("points = 7\n{steep}"))]);
    check(&fixed, "gold", order("1", 10_000), &["base-spend applies: 150", "fixed applies: 70"]);
    let rated = rules(&[("rated", &format!("rate = {{ points = 1, per_minor = 100 }}\n{steep}"))]);
    check(&rated, "gold", order("1", 10_000), &["base-spend applies: 150", "rated applies: 1000"]);
}

#[test]
fn a_multiplier_adds_at_most_its_cap() {
    let more = rules(&[("triple", "multiplier = \"3\"\ncap_points = 120")]);
    let expected = ["base-spend applies: 100", "triple applies: 120, limited by cap_points"];
    check(&more, "member", order("1", 10_000), &expected);
}

// rule: ledger 3.4
#[test]
fn of_an_exclusive_group_only_the_best_for_the_member_applies() {
    let more = rules(&[
        ("a-fixed", "group = \"spring\"\npoints = 150"),
        ("b-double", "group = \"spring\"\nmultiplier = \"2\""),
        ("c-other", "group = \"summer\"\npoints = 1"),
    ]);
    let fixed_wins =
        ["a-fixed applies: 150", "b-double is beaten by a-fixed: 0", "base-spend applies: 100", "c-other applies: 1"];
    check(&more, "member", order("1", 10_000), &fixed_wins);
    let double_wins =
        ["a-fixed is beaten by b-double: 0", "b-double applies: 160", "base-spend applies: 160", "c-other applies: 1"];
    check(&more, "member", order("1", 16_000), &double_wins);
}

// rule: ledger 3.4
#[test]
fn a_tie_in_a_group_goes_to_the_lower_rule_id() {
    let more =
        rules(&[("zebra", "group = \"spring\"\npoints = 100"), ("apple", "group = \"spring\"\nmultiplier = \"2\"")]);
    let expected = ["apple applies: 100", "base-spend applies: 100", "zebra is beaten by apple: 0"];
    check(&more, "member", order("1", 10_000), &expected);
}

#[test]
fn a_capped_rule_competes_with_what_it_may_give() {
    let more = rules(&[
        ("capped", "group = \"spring\"\nmultiplier = \"5\"\ncap_points = 30"),
        ("fixed", "group = \"spring\"\npoints = 31"),
    ]);
    let expected = ["base-spend applies: 100", "capped is beaten by fixed: 0", "fixed applies: 31"];
    check(&more, "member", order("1", 10_000), &expected);
}

#[test]
fn a_rule_whose_limit_is_used_up_does_not_win_its_group() {
    let limit = "limit = { per_member = 1, period = \"ever\" }";
    for better in ["points = 80", "multiplier = \"2\""] {
        let mut world = World::with_rules(&rules(&[
            ("better", &format!("group = \"spring\"\n{better}\n{limit}")),
            ("steady", "group = \"spring\"\npoints = 50"),
        ]));
        let first = world.order("1", 10_000);
        assert!(world.told(&first).contains(&"steady is beaten by better: 0".to_owned()));
        let second = world.order("2", 10_000);
        let expected = ["base-spend applies: 100", "better is beaten by steady: 0", "steady applies: 50"];
        assert_eq!(world.told(&second), expected, "{better}");
        assert_eq!(second.points(), Points(150));
    }
}

#[test]
fn a_group_of_behaviour_is_told_as_it_was_decided_when_a_limit_is_used_up() {
    let rule = |id: &str, lines: &str| {
        format!("[[earning_rule]]\nid = \"{id}\"\non = \"ugc.featured\"\ngroup = \"featured\"\n{lines}\n")
    };
    let mut world = World::with_rules(
        &[rule("better", "points = 80\nlimit = { per_member = 1, period = \"ever\" }"), rule("steady", "points = 50")]
            .concat(),
    );
    let mut told = || {
        let entry = world.report(behaviour("ugc.featured", &[]));
        world.told(&entry)
    };
    let first = ["better applies: 80", "steady is beaten by better: 0", "ugc-featured applies: 100"];
    let second = ["better is beaten by steady: 0", "steady applies: 50", "ugc-featured applies: 100"];
    assert_eq!([told(), told()], [first, second]);
}

#[test]
fn rates_and_multipliers_can_be_for_some_lines_only() {
    let basket = |order_lines: &[(i64, &str)], discount| {
        let lines = order_lines.iter().map(|(amount, category)| line(*amount, category)).collect();
        let mut activity = order_of("1", lines);
        activity.order.as_mut().unwrap().discount = Minor(discount);
        activity
    };
    let tea = "lines = \"category == '茶'\"";
    let double = rules(&[("tea", &format!("multiplier = \"2\"\n{tea}"))]);
    let rated = rules(&[("tea", &format!("rate = {{ points = 1, per_minor = 100 }}\n{tea}"))]);
    let lines = [(6_000, "茶"), (4_000, "杯")];
    for more in [double, rated] {
        check(&more, "member", basket(&lines, 0), &["base-spend applies: 100", "tea applies: 60"]);
        let discounted = ["base-spend applies: 90", "tea applies: 54"]; // the discount is split over the lines
        check(&more, "member", basket(&lines, 1_000), &discounted);
        let none = ["base-spend applies: 40", "tea applies: 0"];
        check(&more, "member", basket(&[(4_000, "杯")], 0), &none);
    }
}

#[test]
fn conditions_read_the_local_time_the_tier_and_declared_attributes() {
    // 2026-03-01T04:00:00Z is Sunday noon in Shanghai.
    for (condition, holds) in [
        ("weekday == 7", true),
        ("hour == 12", true),
        ("hour < 12", false),
        ("date == '2026-03-01'", true),
        ("tier == 'gold'", true),
        ("tier in ['silver', 'black']", false),
        ("net_minor >= 10000", true),
        ("net_minor > 10000", false),
        ("gross_minor == 10000 && line_count == 1", true),
        ("channel == '小程序'", true),
        ("channel.startsWith('小')", true),
        ("channel == '门店' || store == ''", true), // a default stands in for what is not said
    ] {
        let more = rules(&[("tried", &format!("points = 5\nwhen = \"{condition}\""))]);
        let mut activity = order("1", 10_000);
        activity.attributes.insert("channel".to_owned(), Scalar::Text("小程序".to_owned()));
        let outcome = if holds { "tried applies: 5".to_owned() } else { format!("tried fails `{condition}`: 0") };
        check(&more, "gold", activity, &["base-spend applies: 150", &outcome]);
    }
}

// rule: ledger 3.4
#[test]
fn the_explanation_names_the_first_condition_that_failed() {
    let conditions = "when = [\"channel == '小程序'\", \"net_minor >= 10000\"]";
    let more = rules(&[("tried", &format!("points = 5\n{conditions}"))]);
    for (channel, net, outcome) in [
        ("小程序", 12_000, "tried applies: 5"),
        ("小程序", 9_900, "tried fails `net_minor >= 10000`: 0"),
        ("门店", 12_000, "tried fails `channel == '小程序'`: 0"),
        ("门店", 9_900, "tried fails `channel == '小程序'`: 0"),
    ] {
        let mut activity = order("1", net);
        activity.attributes.insert("channel".to_owned(), Scalar::Text(channel.to_owned()));
        let base = format!("base-spend applies: {}", net / 100);
        check(&more, "member", activity, &[&base, outcome]);
    }
}

#[test]
fn a_condition_that_cannot_be_decided_does_not_hold_and_says_why() {
    let mut world = World::new(&[]);
    let entry = world.report(behaviour("task.completed", &[]));
    let told = world.told(&entry);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("tutorial-double cannot decide `task == 'watch_tutorial'` ("), "{told:?}");
    assert!(world.account.boosts.is_empty());
}

#[test]
fn what_is_not_declared_is_refused_by_name() {
    let invalid = |field: &str, message: &str| Err(Earning::from(InvalidField::new(field, message)).into());
    let undeclared = behaviour("checkin", &[("mood", "good")]);
    let mut mistyped = behaviour("task.completed", &[]);
    mistyped.attributes.insert("task".to_owned(), Scalar::Integer(1));
    let too_long = behaviour("task.completed", &[("task", &"x".repeat(257))]);
    let mut of_line = order("1", 100);
    of_line.order.as_mut().unwrap().lines[0].attributes.insert("colour".to_owned(), Scalar::Text("red".to_owned()));
    let wrong_type = "is not of the declared type, or too long";
    for (activity, expected) in [
        (undeclared, invalid("data/attributes/mood", "is not a declared attribute of this activity")),
        (mistyped, invalid("data/attributes/task", wrong_type)),
        (too_long, invalid("data/attributes/task", wrong_type)),
        (of_line, invalid("data/lines/0/attributes/colour", "is not a declared line attribute of this type")),
        (
            order_with(|order| order.currency = "EUR".to_owned()),
            invalid("data/currency", "the programme's currency is CNY"),
        ),
    ] {
        let mut world = World::new(&[]);
        assert_eq!(world.report_at(world.now, activity).map(|_| ()), expected);
    }
    let mut world = World::new(&[]);
    let unknown = world.report_at(world.now, behaviour("jump", &[]));
    let Err(Refused::Earning(Earning::UnknownActivity { known })) = unknown else { panic!("{unknown:?}") };
    assert!(known.contains(&"checkin".to_owned()));
}

#[test]
fn an_entry_keeps_the_attributes_that_rules_read_and_nothing_more() {
    let more = rules(&[("tried", "points = 5\nwhen = \"channel == 'app' && gross_minor > 0\"")]);
    let mut world = World::with_rules(&more);
    let mut activity = order("1", 10_000);
    for (name, value) in [("channel", "app"), ("store", "hangzhou-1")] {
        activity.attributes.insert(name.to_owned(), Scalar::Text(value.to_owned()));
    }
    let entry = world.report(activity);
    let domain::ledger::entry::Detail::Earn { inputs, .. } = entry.detail else { unreachable!() };
    let kept: Vec<&str> = inputs.attributes.keys().map(String::as_str).collect();
    assert_eq!(kept, ["channel", "gross_minor"]);
}

fn tutorial() -> Activity {
    behaviour("task.completed", &[("task", "watch_tutorial")])
}

#[test]
fn a_tutorial_doubles_the_next_order_and_only_that() {
    let mut world = World::new(&[]);
    let granted = world.report(tutorial());
    assert_eq!(world.told(&granted), ["tutorial-double grants x2 until 2026-03-15T04:00:00Z: 0"]);
    let first = world.order("1", 10_000);
    assert_eq!(world.told(&first), ["base-spend applies: 100", "tutorial-double applies: 100"]);
    let second = world.order("2", 10_000);
    assert_eq!(world.told(&second), ["base-spend applies: 100"]);
}

#[test]
fn a_boost_adds_at_most_500_points_on_the_base_of_every_tier() {
    for (tier, net, base, boost) in [
        ("gold", 10_000, 150, "tutorial-double applies: 100"),
        ("member", 50_000, 500, "tutorial-double applies: 500"),
        ("member", 50_100, 501, "tutorial-double applies: 500, limited by cap_points"),
    ] {
        let mut world = World::new(&[]);
        world.tier(tier);
        world.report(tutorial());
        let entry = world.order("1", net);
        assert_eq!(world.told(&entry), [&format!("base-spend applies: {base}"), boost]);
    }
}

#[test]
fn a_boost_waits_fourteen_days_for_an_order_that_happened_after_it() {
    let watched = at("2026-03-01T04:00:00Z");
    let end = add_days(watched, 14);
    let millisecond = SignedDuration::from_millis(1);
    for (paid, reported, doubled) in [
        (watched, watched, true),
        (end - millisecond, end - millisecond, true),
        (end, end, false),
        (end - millisecond, add_days(end, 3), true), // reported late: the time of the fact counts
        (watched - millisecond, watched, false),     // paid before, though reported after
    ] {
        let mut world = World::new(&[]);
        world.report(tutorial());
        world.now = reported;
        world.sweep();
        let entry = world.report_at(paid, order("1", 10_000)).unwrap();
        let expected = if doubled { 200 } else { 100 };
        assert_eq!(entry.points(), Points(expected), "paid at {paid}, reported at {reported}");
    }
}

#[test]
fn an_order_from_before_a_boost_leaves_it_waiting() {
    let mut world = World::new(&[]);
    world.report(tutorial());
    let before = world.now - SignedDuration::from_mins(5);
    assert_eq!(world.report_at(before, order("1", 10_000)).unwrap().points(), Points(100));
    assert_eq!(world.order("2", 10_000).points(), Points(200));
}

#[test]
fn watching_again_moves_the_end_and_a_late_report_does_not_move_it_back() {
    let mut world = World::new(&[]);
    let first = world.now;
    world.days(5);
    world.report(tutorial());
    world.report_at(first, tutorial()).unwrap();
    world.days(13);
    assert_eq!(world.order("1", 10_000).points(), Points(200), "one boost, until day 19");
    assert_eq!(world.order("2", 10_000).points(), Points(100));
}

/// Two grants of one boost, as the days on which each begins and ends.
#[track_caller]
fn check_joined(one: (i32, i32), other: (i32, i32), expected: (i32, i32)) {
    let boost = |(from, until)| Boost {
        rule: "tutorial-double".to_owned(),
        multiplier: Ratio::new(2, 1).unwrap(),
        cap: Points(500),
        from: add_days(at("2026-03-01T00:00:00Z"), from),
        until: add_days(at("2026-03-01T00:00:00Z"), until),
    };
    assert_eq!(boost(one).joined(boost(other)), boost(expected));
    assert_eq!(boost(other).joined(boost(one)), boost(expected), "in any order");
}

#[test]
fn two_grants_of_a_boost_are_one_as_long_as_they_meet() {
    check_joined((0, 14), (5, 19), (0, 19));
    check_joined((0, 14), (14, 28), (0, 28));
    check_joined((0, 14), (15, 29), (15, 29)); // nothing waited in between
    check_joined((0, 14), (0, 14), (0, 14));
}

#[test]
fn boosts_of_different_rules_wait_side_by_side() {
    let mut world = World::with_rules(
        "[[earning_rule]]\nid = \"featured-triple\"\non = \"ugc.featured\"\neffect = { multiplier = \"3\", applies_to = \"next_order\", valid_days = 7, cap_points = 500 }",
    );
    world.report(tutorial());
    world.report(behaviour("ugc.featured", &[]));
    let entry = world.order("1", 10_000);
    let expected = ["base-spend applies: 100", "featured-triple applies: 200", "tutorial-double applies: 100"];
    assert_eq!(world.told(&entry), expected);
    assert!(world.account.boosts.is_empty());
}

// rule: ledger 3.6
#[test]
fn status_is_credited_at_payment_and_never_multiplied() {
    let mut world = World::new(&[]);
    world.tier("gold");
    world.report(tutorial());
    world.order("1", 19_990);
    let status: Vec<i64> = world.account.qualifying.values().map(|points| points.0).collect();
    assert_eq!((world.pending(), status), (499, vec![199]));
    world.account.qualifying.clear();
    world.report(behaviour("ugc.featured", &[]));
    assert!(world.account.qualifying.is_empty(), "only orders qualify");
}

// rule: ledger 3.7
#[test]
fn the_number_of_lots_is_bounded_by_the_validity_whatever_the_history() {
    let mut world = World::new(&[AT_ONCE]);
    for day in 0..400 {
        world.order(&format!("{day}"), 10_000);
        world.days(1);
        assert!(world.account.pockets.active.len() <= 13);
    }
    assert_eq!(world.account.pockets.active.len(), 13);
    assert_eq!(world.account.qualifying.len(), 14, "months of status, too");
}

#[test]
fn an_exclusive_rule_may_be_a_rate_and_takes_its_status_along() {
    let base = ("tier_multiplier = {", "group = \"base\"\ntier_multiplier = {");
    let double = rules(&[("double-rate", "group = \"base\"\nrate = { points = 2, per_minor = 100 }")]);
    let mut world = World::new(&[base, (BEFORE_TIERS, &format!("{double}\n{BEFORE_TIERS}"))]);
    let entry = world.order("1", 10_000);
    assert_eq!(world.told(&entry), ["base-spend is beaten by double-rate: 0", "double-rate applies: 200"]);
    assert!(world.account.qualifying.is_empty(), "the status came with the rule that lost");
}
