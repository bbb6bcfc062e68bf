//! What is wrong with a programme is found before it is published, and named.

use crate::world::{BEFORE_TIERS, compile};

/// Replaces text of the default programme; the problems found are at these places, in this order.
#[track_caller]
fn check(from: &str, to: &str, places: &[&str]) {
    let problems = compile(1, &[(from, to)]).expect_err("the programme is broken");
    let found: Vec<&str> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(found, places, "{problems:?}");
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
}

/// A rule in addition to those of the default programme, with the id `x`.
#[track_caller]
fn check_rule(lines: &str, places: &[&str]) {
    let rule = format!("[[earning_rule]]\nid = \"x\"\n{lines}\n{BEFORE_TIERS}");
    check(BEFORE_TIERS, &rule, places);
}

#[test]
fn the_default_programme_is_sound_and_names_its_version() {
    let programme = compile(7, &[]).unwrap();
    assert_eq!((programme.number, programme.version()), (7, "2026-01-01.1"));
    assert_eq!(programme.base_tier().id, "member");
}

#[test]
fn general_settings_are_checked() {
    check("\"Asia/Shanghai\"          #", "\"Asia/Nowhere\"  #", &["programme.timezone"]);
    check("currency = \"CNY\"", "currency = \"yuan\"", &["programme.currency"]);
    check("\"2026-01-01.1\"", "\"\"", &["programme.rules_version"]);
    for days in ["-1", "367"] {
        let changed = format!("backdate_window_days = {days} #");
        check("backdate_window_days = 30 ", &changed, &["programme.backdate_window_days"]);
    }
    for seconds in ["-1", "3601"] {
        let changed = format!("future_skew_seconds = {seconds}");
        check("future_skew_seconds = 300", &changed, &["programme.future_skew_seconds"]);
    }
    check("refund_window_days = 365", "refund_window_days = 0", &["programme.refund_window_days"]);
    check("[health]", "[healthy]", &["healthy"]);
}

#[test]
fn activities_are_checked() {
    check(
        "channel = { type = \"text\", default = \"\" }",
        "channel = { type = \"text\", default = 1 }",
        &["activity.order.paid.channel"],
    );
    check(
        "category = { type = \"text\", default = \"\" }",
        "category = { type = \"integer\", default = \"\" }",
        &["activity.order.paid.category"],
    );
    check(
        "attributes = { task = \"text\" }",
        "attributes = { task = \"text\" }\nline_attributes = { sku = \"text\" }",
        &["activity.task.completed.line_attributes"],
    );
    check(
        "[activity.\"order.paid\"]",
        "[activity.\"order.bought\"]",
        &["activity", "activity.order.bought.line_attributes", "earning_rule.base-spend.on"],
    );
}

#[test]
fn wallets_are_checked() {
    let status = "[[wallet]]\nid = \"status\" ";
    let third = "[[wallet]]\nid = \"status\"\nqualifying = true\n[[wallet]]\nid = \"status\" ";
    check(status, third, &["wallet"]);
    for days in ["-1", "367"] {
        let changed = format!("restore_grace_days = {days}");
        check("restore_grace_days = 30", &changed, &["wallet.points.restore_grace_days"]);
    }
    check("pending_days = 14", "pending_days = -1", &["wallet.points.pending_days"]);
    check("debt_limit = 100000", "debt_limit = -1", &["wallet.points.debt_limit"]);
    for value in ["-1", "1000000000001"] {
        let changed = format!("unit_value_minor = {value}");
        check("unit_value_minor = 1 ", &changed, &["wallet.points.unit_value_minor"]);
    }
    let too_much = "max_balance = 1000000000001";
    check("max_balance = 0 ", too_much, &["wallet.points.max_balance"]);
    let negative = "max_earn_per_day = -1";
    check("max_earn_per_day = 50000", negative, &["wallet.points.max_earn_per_day"]);
}

#[test]
fn an_order_is_not_refundable_for_longer_than_its_points_are_valid() {
    let places = &["programme.refund_window_days"];
    check("refund_window_days = 365", "refund_window_days = 366", places);
    check("validity = \"P12M\"", "validity = \"P364D\"", places);
    check("validity = \"P12M\"", "validity = \"P11M\"", places);
    assert!(compile(1, &[("validity = \"P12M\"", "validity = \"P365D\"")]).is_ok());
}

#[test]
fn points_do_not_expire_before_they_can_be_spent() {
    let short = ("refund_window_days = 365", "refund_window_days = 10");
    let with = |validity: &str| compile(1, &[short, ("validity = \"P12M\"", validity)]);
    let problems = with("validity = \"P14D\"").unwrap_err();
    assert_eq!(problems[0].at, "wallet.points.pending_days");
    assert!(with("validity = \"P15D\"").is_ok());
}

// rule: ledger 5.1
#[test]
fn tiers_are_checked() {
    check("threshold = 5000", "threshold = 1000", &["tier.gold.threshold"]);
    check("threshold = 5000", "threshold = 999", &["tier.gold.threshold"]);
    check("rank = 2", "rank = 1", &["tier.gold.threshold"]);
    check("threshold = 20000", "threshold = 1000000000001", &["tier.black.threshold"]);
    check("threshold = 0\n", "threshold = 1\n", &["tier"]);
    check("id = \"silver\"", "id = \"Silver\"", &["tier.Silver", "earning_rule.base-spend.tier_multiplier"]);
    check("id = \"silver\"", "id = \"gold\"", &["tier.gold", "earning_rule.base-spend.tier_multiplier"]);
    check("grace_days = 30\ndown", "grace_days = -1\ndown", &["tiers.grace_days"]);
    check("revoke_window_days = 14", "revoke_window_days = 91", &["tiers.revoke_window_days"]);
    let told = "tiers.notify_before_downgrade_days";
    check("notify_before_downgrade_days = [30, 7]", "notify_before_downgrade_days = [30, 0]", &[told]);
    check("min_tier = \"gold\", seg", "min_tier = \"black\", seg", &["tier.black.alternative.min_tier"]);
    check("segment = \"high_influence\"", "segment = \"loud\"", &["tier.black.alternative.segment"]);
    check("benefits = [\"member-price\"]", "benefits = [\"moon\"]", &["tier.member.benefits"]);
    for count in ["0", "1000000000001"] {
        let changed = format!("count = {count}\nperiod");
        check("count = 2\nperiod", &changed, &["benefit.closed-salon.count"]);
    }
    check("count = 2\nperiod = \"calendar_year\"", "count = 2", &["benefit.closed-salon.period"]);
    check("stock = 60", "stock = 0", &["benefit.closed-salon.stock"]);
}

#[test]
fn scores_are_checked() {
    for (from, to, place) in [
        ("lookback_days = 365", "lookback_days = 731", "rfmls.lookback_days"),
        ("[180, 90, 60, 30]", "[180, 90, 90, 30]", "rfmls.recency_days"),
        ("[180, 90, 60, 30]", "[365, 90, 60, 30]", "rfmls.recency_days"),
        ("[2, 4, 8, 12]", "[2, 8, 4, 12]", "rfmls.frequency"),
        ("[20000, 100000, 300000, 1000000]", "[0, 100000, 300000, 1000000]", "rfmls.monetary_minor"),
        ("[10000, 50000, 150000, 600000]", "[10000, 50000, 50000, 600000]", "rfmls.lifecycle_minor"),
        ("[1, 3, 10, 30]", "[1, 3, 30, 10]", "rfmls.social"),
        ("margin_bp       = 4000", "margin_bp = 10001", "rfmls.margin_bp"),
        ("r = 2500, f", "r = 2501, f", "rfmls.weights_bp"),
        ("\"ugc.approved\" = 1", "\"ugc.shouted\" = 1", "rfmls.influence.ugc.shouted"),
        ("\"ugc.approved\" = 1", "\"ugc.approved\" = 0", "rfmls.influence.ugc.approved"),
        ("\"regular\",               when = \"true\"", "\"regular\", when = \"f>0\"", "rfmls.segments"),
        ("\"dormant\"", "\"new\"", "rfmls.segments.new"),
        ("when = \"s>=5\"", "when = \"x>=5\"", "rfmls.segments.high_influence.when"),
        ("when = \"s>=4\"", "when = \"s\"", "tag.influencer.when"),
        ("id = \"influencer\"", "id = \"active\"", "tag.active"),
    ] {
        check(from, to, &[place]);
    }
}

#[test]
fn a_rule_says_one_thing_that_is_earned() {
    for nothing_or_two in ["", "points = 1\nrate = { points = 1, per_minor = 1 }", "points = 1\nmultiplier = \"2\""] {
        let lines = format!("on = \"order.paid\"\n{nothing_or_two}");
        check_rule(&lines, &["earning_rule.x.rate"]);
    }
}

#[test]
fn rules_are_checked() {
    let order = "on = \"order.paid\"\n";
    let checkin = "on = \"checkin\"\n";
    let rate = "rate = { points = 1, per_minor = 100 }";
    for (lines, place) in [
        (format!("{checkin}{rate}"), "on"),
        (format!("{checkin}multiplier = \"2\""), "on"),
        (format!("{checkin}points = 1\nalso_credit = {{ wallet = \"status\", {rate} }}"), "also_credit"),
        (format!("{checkin}points = 1\nalso_credit = {{ wallet = \"status\", points = 0 }}"), "also_credit"),
        (format!("{order}{rate}\nalso_credit = {{ wallet = \"status\", points = 1 }}"), "also_credit"),
        (format!("{order}{rate}\nalso_credit = {{ wallet = \"status\" }}"), "also_credit"),
        (format!("{order}rate = {{ points = 0, per_minor = 100 }}"), "rate"),
        (format!("{order}rate = {{ points = 1000001, per_minor = 100 }}"), "rate"),
        (format!("{order}rate = {{ points = 1, per_minor = 0 }}"), "rate"),
        (
            format!("{order}{rate}\nalso_credit = {{ wallet = \"status\", rate = {{ points = 0, per_minor = 1 }} }}"),
            "rate",
        ),
        (format!("{checkin}points = 0"), "points"),
        (format!("{order}multiplier = \"2\"\ncap_points = 0"), "points"),
        (format!("{order}{rate}\ntier_multiplier = {{ copper = \"2\" }}"), "tier_multiplier"),
        (format!("{checkin}points = 1\nbasis = \"gross\""), "basis"),
        (format!("{checkin}points = 1\nfrom = \"2026-03-02\"\nuntil = \"2026-03-01\""), "until"),
        (format!("{checkin}points = 1\nlimit = {{ period = \"ever\" }}"), "limit"),
        (format!("{checkin}points = 1\nlimit = {{ per_member = 1, max_points = 1, period = \"ever\" }}"), "limit"),
        (format!("{checkin}points = 1\nlimit = {{ per_member = 0, period = \"ever\" }}"), "limit"),
        (format!("{checkin}points = 1\nlimit = {{ max_points = 0, period = \"ever\" }}"), "limit"),
        (format!("{checkin}points = 1\nlimit = {{ max_points = 1000000000001, period = \"ever\" }}"), "limit"),
        (format!("{checkin}points = 1\nlimit = {{ per_member = 1000000000001, period = \"ever\" }}"), "limit"),
        (format!("{checkin}points = 1\nstreak = {{ every = 1, bonus = 1, repeating = true }}"), "streak"),
        (format!("{checkin}points = 1\nstreak = {{ every = 7, bonus = 0, repeating = true }}"), "streak"),
        (format!("{order}{rate}\nstreak = {{ every = 7, bonus = 1, repeating = true }}"), "streak"),
        ("on = \"jump\"\npoints = 1".to_owned(), "on"),
    ] {
        check_rule(&lines, &[&format!("earning_rule.x.{place}")]);
    }
    let twice = "[[earning_rule]]\nid = \"checkin\"\non = \"checkin\"\npoints = 1\n[tiers]\nwallet";
    check(BEFORE_TIERS, twice, &["earning_rule.checkin"]);
}

#[test]
fn effects_are_checked() {
    let effect = |on: &str, days: i32, cap: i64, more: &str| {
        format!(
            "on = \"{on}\"\neffect = {{ multiplier = \"2\", applies_to = \"next_order\", valid_days = {days}, cap_points = {cap} }}\n{more}"
        )
    };
    check_rule(&effect("order.paid", 14, 500, ""), &["earning_rule.x.effect"]);
    check_rule(&effect("checkin", 0, 500, ""), &["earning_rule.x.effect"]);
    check_rule(&effect("checkin", 367, 500, ""), &["earning_rule.x.effect"]);
    check_rule(&effect("checkin", 14, 0, ""), &["earning_rule.x.effect"]);
    check_rule(&effect("checkin", 14, 1_000_000_000_001, ""), &["earning_rule.x.effect"]);
    let limited = effect("checkin", 14, 500, "limit = { per_member = 1, period = \"ever\" }");
    check_rule(&limited, &["earning_rule.x.limit"]);
}

#[test]
fn conditions_are_checked_as_they_are_compiled() {
    for when in
        ["net_minor >=", "price > 3", "net_minor + 1", "net_minor > 'much'", "channel == 1 && category == 'tea'"]
    {
        let lines = format!("on = \"order.paid\"\npoints = 1\nwhen = \"{when}\"");
        check_rule(&lines, &["earning_rule.x.when"]);
    }
    let order = "on = \"order.paid\"\nmultiplier = \"2\"\n";
    check_rule(&format!("{order}lines = \"net_minor > 3\""), &["earning_rule.x.lines"]);
    check_rule("on = \"checkin\"\npoints = 1\nlines = \"quantity > 3\"", &["earning_rule.x.on"]);
    check_rule("on = \"order.paid\"\npoints = 1\nper = \"line\"", &["earning_rule.x.per"]);
    check_rule(&format!("{order}per = \"line\"\nlines = \"quantity > 3\""), &["earning_rule.x.per"]);
    check_rule(&format!("{order}shipping = true"), &["earning_rule.x.shipping"]);
    check_rule("on = \"order.paid\"\nmultiplier = \"0\"", &["earning_rule.x.multiplier"]);
    check_rule("on = \"order.paid\"\npoints = 1\nwhen = \"lines_net_minor > 0\"", &["earning_rule.x.when"]);
}

#[test]
fn spending_is_checked() {
    let pay = "redemption.pay_with_points";
    for (from, to, places) in [
        ("max_share_bp = 5000", "max_share_bp = 0", &[pay][..]),
        ("max_share_bp = 5000", "max_share_bp = 10001", &[pay]),
        ("min_points = 100, step", "min_points = 0, step", &[pay, "redemption.pay_with_points.step_points"]),
        ("step_points = 100", "step_points = 150", &[]),
        ("value_minor = 100, max", "value_minor = 33, max", &[]),
        ("step_points = 100", "step_points = 0", &[pay, "redemption.pay_with_points.step_points"]),
        ("hold_minutes = 15", "hold_minutes = 0", &["redemption.hold_minutes"]),
        ("hold_minutes = 15", "hold_minutes = 61", &["redemption.hold_minutes"]),
        ("reversal_window_days = 90", "reversal_window_days = -1", &["redemption.reversal_window_days"]),
        ("approval_over = 1000", "approval_over = -1", &["adjustment"]),
        ("approval_days = 30", "approval_days = 0", &["adjustment"]),
        ("\"correction\"", "\"goodwill\"", &["adjustment.reasons"]),
    ] {
        if places.is_empty() {
            assert!(compile(1, &[(from, to)]).is_ok(), "{to}");
        } else {
            check(from, to, places);
        }
    }
    let steps = (
        "value_minor = 100, max_share_bp = 5000, min_points = 100, step_points = 100",
        "value_minor = 33, max_share_bp = 5000, min_points = 100, step_points = 50",
    );
    check(steps.0, steps.1, &["redemption.pay_with_points.step_points"]);
}

#[test]
fn rewards_are_checked() {
    for (from, to, place) in [
        ("cost_points = 2000", "cost_points = 0", "reward.toy.cost_points"),
        ("gold = 1800", "gold = 0", "reward.toy.cost_points"),
        ("gold = 1800", "copper = 1800", "reward.toy.tier_price"),
        ("stock = 200\n", "stock = 200\nmin_tier = \"copper\"\n", "reward.toy.tier_price"),
        ("stock = 200\n", "stock = 200\nvoucher_valid_days = 30\n", "reward.toy.voucher_valid_days"),
        ("voucher_valid_days = 30", "voucher_valid_days = 0", "reward.drink.voucher_valid_days"),
        ("project = \"farm-aid\"\n", "", "reward.farm-aid.project"),
        ("value_minor = 100\n", "value_minor = 1000000000001\n", "reward.farm-aid.project"),
        ("stock = 200\n", "stock = 200\nproject = \"x\"\nvalue_minor = 1\n", "reward.toy.project"),
        (
            "per_member = 1, period = \"calendar_day\" }\nvoucher",
            "per_member = 0, period = \"calendar_day\" }\nvoucher",
            "reward.drink.limit",
        ),
        ("id = \"toy\"", "id = \"drink\"", "reward.drink"),
        ("id = \"toy\"", "id = \"Toy!\"", "reward.Toy!"),
    ] {
        check(from, to, &[place]);
    }
}

#[test]
fn every_problem_is_found_not_only_the_first() {
    let problems = compile(
        1,
        &[
            ("currency = \"CNY\"", "currency = \"yuan\""),
            ("hold_minutes = 15", "hold_minutes = 0"),
            ("task == 'watch_tutorial'", "tusk == 'watch_tutorial'"),
        ],
    );
    let problems = problems.unwrap_err();
    let found: Vec<&str> = problems.iter().map(|problem| problem.at.as_str()).collect();
    let expected = ["programme.currency", "redemption.hold_minutes", "earning_rule.tutorial-double.when"];
    assert_eq!(found, expected);
    assert!(problems[2].message.contains("`tusk` is not declared; known: "), "{}", problems[2].message);
}
