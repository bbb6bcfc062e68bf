//! Lines of orders: deductions belong to them, rules admit them, and refunds name them.

use domain::kernel::quantity::{Minor, Points};
use domain::ledger::command::Command;
use domain::ledger::earning::earn::Earning;
use domain::ledger::earning::order::{Activity, Line, Order};
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::lines::{LineKind, LineReturn, Refund};
use domain::ledger::refund::Refunding;
use domain::ledger::refusal::Refused;
use domain::programme::condition::Scalar;

use crate::world::{ANY_NUMBER, AT_ONCE, BEFORE_TIERS, World, behaviour, compile, order_of};

/// The rate of the default programme.
const RATE: &str = "rate = { points = 1, per_minor = 100 }     # 1 point per 1.00 CNY\n";

/// Lines that are no gift cards earn.
const NO_GIFT_CARDS: (&str, &str) =
    (RATE, "rate = { points = 1, per_minor = 100 }     # 1 point per 1.00 CNY\nlines = \"category != 'giftcard'\"\n");

/// What a line is has no default.
const NO_DEFAULT: (&str, &str) = (
    "line_attributes = { category = { type = \"text\", default = \"\" } }",
    "line_attributes = { category = \"text\" }",
);

fn line(amount: i64, category: &str) -> Line {
    let attributes = [("category".to_owned(), Scalar::Text(category.to_owned()))].into();
    Line { amount: Minor(amount), sku: category.to_owned(), attributes, ..Line::default() }
}

fn pieces(quantity: i64, line: Line) -> Line {
    Line { quantity, ..line }
}

fn shipping(amount: i64) -> Line {
    Line { amount: Minor(amount), sku: "express".to_owned(), kind: LineKind::Shipping, ..Line::default() }
}

/// An order whose deductions are changed.
fn basket(lines: Vec<Line>, change: impl FnOnce(&mut Order)) -> Activity {
    let mut activity = order_of("1", lines);
    change(activity.order.as_mut().unwrap());
    activity
}

fn net(activity: &Activity) -> Vec<i64> {
    let paid = activity.order.as_ref().unwrap().paid(Minor::ZERO).expect("it can be paid");
    paid.lines.iter().map(|line| line.net.0).collect()
}

/// A rule for orders, in the default programme with changes.
fn with_rule(changes: &[(&str, &str)], rule: &str) -> World {
    let rule = format!("[[earning_rule]]\nid = \"more\"\non = \"order.paid\"\n{rule}\n{BEFORE_TIERS}");
    World::new(&[changes, &[(BEFORE_TIERS, rule.as_str())]].concat())
}

fn back(sku: &str, quantity: Option<i64>) -> LineReturn {
    LineReturn { sku: Some(sku.to_owned()), quantity, ..LineReturn::default() }
}

impl World {
    #[track_caller]
    pub(crate) fn returns(&mut self, lines: Vec<LineReturn>, amount: i64) -> Result<Entry, Refused> {
        self.run(Command::Refund(Refund {
            order_id: "1".to_owned(),
            amount: Minor(amount),
            lines,
            ..Refund::default()
        }))
    }

    /// Where a refund is refused.
    #[track_caller]
    fn wrong_return(&mut self, lines: Vec<LineReturn>) -> String {
        match self.returns(lines, 0) {
            Err(Refused::Refunding(Refunding::InvalidField(invalid))) => invalid.field.to_string(),
            other => panic!("not refused: {other:?}"),
        }
    }
}

// rule: ledger 3.8
#[test]
fn what_stands_on_the_order_is_spread_over_what_is_left_of_its_lines() {
    let two = || vec![line(10_000, "tea"), line(10_000, "giftcard")];
    assert_eq!(net(&basket(two(), |order| order.discount = Minor(5_000))), [7_500, 7_500]);
    let own = || vec![Line { discount: Minor(2_000), ..line(10_000, "tea") }, line(10_000, "giftcard")];
    assert_eq!(net(&basket(own(), |_| ())), [8_000, 10_000]);
    assert_eq!(net(&basket(own(), |order| order.discount = Minor(1_800))), [7_200, 9_000]);
    let thirds = || vec![line(100, "a"), line(100, "b"), line(100, "c")];
    assert_eq!(net(&basket(thirds(), |order| order.gift_card = Minor(100))), [66, 67, 67], "a tie goes to the lower");
    let paid = vec![Line { points_paid: Minor(9_000), ..line(10_000, "tea") }, line(9_000, "cup")];
    assert_eq!(net(&basket(paid, |order| order.gift_card = Minor(1_000))), [900, 8_100]);
}

// rule: ledger 3.8
#[test]
fn shipping_is_a_line_of_its_own_kind_that_is_paid_last() {
    let two = || vec![line(10_000, "tea"), shipping(1_000)];
    assert_eq!(net(&basket(two(), |order| order.gift_card = Minor(5_000))), [5_000, 1_000]);
    assert_eq!(net(&basket(two(), |order| order.gift_card = Minor(10_400))), [0, 600]);
    for (activity, expected) in [
        (basket(two(), |_| ()), [100, 110]),
        (basket(two(), |order| order.gift_card = Minor(10_400)), [0, 6]),
        (basket(vec![line(11_000, "tea")], |order| order.shipping = Minor(1_000)), [100, 110]),
    ] {
        let ships = (RATE, "rate = { points = 1, per_minor = 100 }     # 1 point per 1.00 CNY\nshipping = true\n");
        let earned = [World::new(&[]), World::new(&[ships])].map(|mut world| world.report(activity.clone()).points().0);
        assert_eq!(earned, expected, "by default, and by a rule that counts shipping");
    }
}

// rule: ledger 3.8, 3.9
#[test]
fn an_excluded_line_carries_its_own_part_of_a_deduction_away() {
    let two = || vec![line(10_000, "tea"), line(10_000, "giftcard")];
    let own = |change: fn(&mut Line)| {
        let mut lines = two();
        change(&mut lines[0]);
        basket(lines, |_| ())
    };
    for (activity, expected) in [
        (basket(two(), |order| order.discount = Minor(5_000)), 75),
        (basket(two(), |order| order.points_paid = Minor(5_000)), 75),
        (basket(two(), |order| order.gift_card = Minor(5_000)), 75),
        (own(|line| line.discount = Minor(2_000)), 80),
        (own(|line| line.points_paid = Minor(2_000)), 80),
        (own(|line| line.gift_card = Minor(2_000)), 80),
    ] {
        assert_eq!(World::new(&[NO_GIFT_CARDS]).report(activity).points(), Points(expected));
    }
}

// rule: ledger 3.8
#[test]
fn taxes_are_contained_in_what_was_charged_for_their_line() {
    let excluding = ("basis = \"net_cash\"  ", "basis = \"net_cash_excluding_tax\"  ");
    let lines = |tax| vec![Line { tax: Minor(tax), ..line(11_900, "tea") }, line(10_000, "giftcard")];
    let of_order = basket(lines(0), |order| order.tax = Minor(1_900)); // 1900 x 119 / 219 = 1032 are the tea's
    for (activity, expected) in [(of_order, 108), (basket(lines(1_900), |_| ()), 100)] {
        assert_eq!(World::new(&[NO_GIFT_CARDS, excluding]).report(activity).points(), Points(expected));
    }
    // However it was paid: 119.00 with 19.00 of tax, 100.00 of it by gift card.
    let paid = basket(vec![line(11_900, "tea")], |order| (order.tax, order.gift_card) = (Minor(1_900), Minor(11_900)));
    assert_eq!(World::new(&[excluding]).report(paid).points(), Points(0));
}

// rule: ledger 3.11
#[test]
fn deductions_above_what_they_are_taken_from_are_refused_with_their_place() {
    let one = || vec![line(10_000, "tea")];
    let own = |change: fn(&mut Line)| {
        let mut lines = vec![line(10_000, "tea"), line(10_000, "cup")];
        change(&mut lines[1]);
        basket(lines, |_| ())
    };
    let cases = [
        (basket(one(), |order| order.discount = Minor(10_001)), "data/discount_minor"),
        (basket(one(), |order| order.tax = Minor(20_000)), "data/tax_minor"),
        (basket(one(), |order| order.gift_card = Minor(999_999)), "data/gift_card_minor"),
        (basket(one(), |order| order.points_paid = Minor(10_001)), "data/points_paid_minor"),
        (basket(one(), |order| order.shipping = Minor(10_001)), "data/shipping_minor"),
        (
            basket(one(), |order| (order.discount, order.gift_card) = (Minor(6_000), Minor(6_000))),
            "data/gift_card_minor",
        ),
        (basket(one(), |order| (order.discount, order.tax) = (Minor(6_000), Minor(6_000))), "data/tax_minor"),
        (
            basket(one(), |order| (order.points_paid, order.gift_card) = (Minor(1), Minor(10_000))),
            "data/gift_card_minor",
        ),
        (own(|line| line.discount = Minor(10_001)), "data/lines/1/discount_minor"),
        (own(|line| line.tax = Minor(10_001)), "data/lines/1/tax_minor"),
        (own(|line| line.points_paid = Minor(10_001)), "data/lines/1/points_paid_minor"),
        (own(|line| line.gift_card = Minor(10_001)), "data/lines/1/gift_card_minor"),
        (own(|line| (line.discount, line.gift_card) = (Minor(6_000), Minor(6_000))), "data/lines/1/gift_card_minor"),
    ];
    for (activity, field) in cases {
        let mut world = World::new(&[]);
        match world.report_at(world.now, activity) {
            Err(Refused::Earning(Earning::InvalidField(invalid))) => assert_eq!(invalid.field, field),
            other => panic!("{field}: {other:?}"),
        }
        assert!(world.history.is_empty());
    }
    let all = basket(vec![line(10_000, "tea")], |order| {
        (order.discount, order.points_paid, order.gift_card) = (Minor(4_000), Minor(3_000), Minor(3_000));
    });
    assert_eq!(World::new(&[]).report(all).points(), Points(0), "all of it may be deducted");
}

// rule: ledger 3.9
#[test]
pub(crate) fn a_condition_that_cannot_be_decided_for_a_line_is_not_met_and_says_so() {
    let unlabelled = Line { amount: Minor(10_000), ..Line::default() };
    let mut world = World::new(&[NO_DEFAULT, NO_GIFT_CARDS]);
    let entry = world.report(basket(vec![line(10_000, "tea"), unlabelled.clone()], |_| ()));
    assert_eq!(entry.points(), Points(100));
    let explained = world.explain(&entry);
    assert_eq!(explained.candidates[0].undecided, [1]);
    let mut world = World::new(&[NO_DEFAULT]);
    let entry = world.report(basket(vec![line(10_000, "tea"), unlabelled], |_| ()));
    assert_eq!(entry.points(), Points(200), "a rule without a condition counts it");
    assert!(world.explain(&entry).candidates[0].undecided.is_empty());
}

// rule: ledger 3.9
#[test]
fn a_rule_with_lines_may_ask_what_they_come_to() {
    let rule = "lines = \"category == 'tea'\"\nwhen = \"lines_net_minor >= 10000\"\nmultiplier = \"2\"";
    let earned = |tea, discount| {
        let lines = vec![line(tea, "tea"), line(6_000, "cup")];
        with_rule(&[], rule).report(basket(lines, |order| order.discount = Minor(discount))).points().0
    };
    assert_eq!([earned(6_000, 0), earned(10_000, 0), earned(10_000, 1_600)], [120, 260, 144]);
    let rate = "lines = \"category == 'tea'\"\nwhen = \"lines_net_minor >= 10000\"\nbasis = \"gross\"\n\
                rate = { points = 1, per_minor = 100 }";
    let lines = vec![line(10_000, "tea"), line(6_000, "cup")];
    let discounted = basket(lines.clone(), |order| order.discount = Minor(1_600));
    assert_eq!(with_rule(&[], rate).report(discounted).points(), Points(144), "net, whatever the basis");
    assert_eq!(with_rule(&[], rate).report(basket(lines, |_| ())).points(), Points(260));
    let without = format!(
        "[[earning_rule]]\nid = \"x\"\non = \"order.paid\"\nwhen = \"lines_net_minor > 0\"\npoints = 1\n{BEFORE_TIERS}"
    );
    assert!(compile(1, &[(BEFORE_TIERS, &without)]).is_err(), "a rule without lines has none to ask about");
}

// rule: ledger 3.10
#[test]
fn fixed_points_for_lines_are_per_piece_line_or_order() {
    let lines = || vec![pieces(3, line(6_000, "tea")), pieces(2, line(3_000, "tea")), line(1_000, "cup")];
    for (per, expected) in [("", 250), ("per = \"quantity\"", 250), ("per = \"line\"", 100), ("per = \"order\"", 50)] {
        let rule = format!("lines = \"category == 'tea'\"\npoints = 50\n{per}");
        let earned = |lines| with_rule(&[], &rule).report(basket(lines, |_| ())).points().0;
        assert_eq!(earned(lines()), 100 + expected, "{per}");
        assert_eq!(earned(vec![line(10_000, "cup")]), 100, "none without such a line");
    }
    let limited = "lines = \"category == 'tea'\"\npoints = 50\nlimit = { max_points = 120, period = \"calendar_day\" }";
    assert_eq!(with_rule(&[], limited).report(basket(lines(), |_| ())).points(), Points(220), "limits hold as ever");
    let alone =
        format!("[[earning_rule]]\nid = \"x\"\non = \"order.paid\"\npoints = 1\nper = \"line\"\n{BEFORE_TIERS}");
    assert!(compile(1, &[(BEFORE_TIERS, &alone)]).is_err(), "per what, without lines?");
}

// rule: ledger 3.10
#[test]
fn a_rate_may_count_full_steps_only() {
    let steps = (RATE, "rate = { points = 5, per_minor = 250, whole_steps = true }\n");
    for (net, expected) in [(249, 0), (250, 5), (300, 5), (499, 5), (500, 10)] {
        let earned = World::new(&[steps]).report(basket(vec![line(net, "tea")], |_| ())).points();
        assert_eq!(earned, Points(expected), "{net}");
    }
    let mut silver = World::new(&[steps]);
    silver.tier("silver");
    assert_eq!(silver.report(basket(vec![line(300, "tea")], |_| ())).points(), Points(6), "then multiplied");
}

// rule: ledger 3.10
#[test]
fn a_tier_whose_multiplier_is_0_earns_nothing_by_the_rule() {
    let none = ("member = \"1\"", "member = \"0\"");
    let mut world = with_rule(&[none], "multiplier = \"3\"");
    assert_eq!(world.report(basket(vec![line(10_000, "tea")], |_| ())).points(), Points(0));
    let rule = format!("[[earning_rule]]\nid = \"x\"\non = \"order.paid\"\nmultiplier = \"0\"\n{BEFORE_TIERS}");
    assert!(compile(1, &[(BEFORE_TIERS, &rule)]).is_err(), "only a tier's may be");
}

// rule: ledger 3.2
#[test]
fn multipliers_add_up_by_line_and_end_at_ten_for_each() {
    let times = |id: &str, factor: &str, category: &str| {
        let lines = format!("lines = \"category == '{category}'\"\n");
        let lines = if category.is_empty() { "" } else { &lines };
        format!("[[earning_rule]]\nid = \"{id}\"\non = \"order.paid\"\n{lines}multiplier = \"{factor}\"\n")
    };
    let lines = || vec![line(10_000, "tea"), line(10_000, "cup")];
    for (rules, expected) in [
        (vec![times("a", "6", "tea"), times("b", "8", "tea")], 1_000 + 100), // 1 + 5 + 7 = 13
        (vec![times("a", "6", "tea"), times("b", "8", "cup")], 600 + 800),   // they do not meet
        (vec![times("a", "6", "tea"), times("b", "8", "")], 1_000 + 800),
        (vec![times("b", "8", ""), times("a", "6", "tea")], 1_000 + 800),
        (vec![times("a", "2", "tea"), times("b", "2", "")], 300 + 200),
    ] {
        let mut world = World::with_rules(&rules.concat());
        let entry = world.report(basket(lines(), |_| ()));
        assert_eq!(entry.points(), Points(expected), "{rules:?}");
        assert_eq!(world.explain(&entry).points(), Points(expected), "from what the entry keeps");
    }
    // A rate of some lines and a multiplier of others: only what they have in common is multiplied.
    let tea = times("a", "2", "tea");
    let common = World::new(&[NO_GIFT_CARDS, (BEFORE_TIERS, &format!("{tea}\n{BEFORE_TIERS}"))])
        .report(basket(vec![line(10_000, "tea"), line(10_000, "giftcard"), line(5_000, "cup")], |_| ()));
    assert_eq!(common.points(), Points(250));
    let card = times("a", "2", "giftcard");
    let apart = World::new(&[NO_GIFT_CARDS, (BEFORE_TIERS, &format!("{card}\n{BEFORE_TIERS}"))])
        .report(basket(vec![line(10_000, "tea"), line(10_000, "giftcard")], |_| ()));
    assert_eq!(apart.points(), Points(100));
}

// rule: ledger 4.12
#[test]
fn pieces_come_back_one_by_one_with_their_share_of_the_line() {
    let mut world = World::new(&[]);
    world.report(basket(vec![pieces(3, line(10_000, "tea"))], |_| ()));
    let due: Vec<i64> = (0..3).map(|_| world.returns(vec![back("tea", Some(1))], 0).unwrap().clawed_back().0).collect();
    assert_eq!(due, [34, 33, 33], "33.33, 33.33, 33.34");
    assert_eq!(world.pending(), 0);
}

// rule: ledger 4.12
#[test]
fn a_refund_names_lines_by_place_or_by_a_sku_that_is_clear() {
    let mut world = World::new(&[]);
    let lines = vec![pieces(3, line(9_000, "tea")), line(2_000, "cup"), line(4_000, "cup")];
    world.report(basket(lines, |_| ()));
    let place = |line| LineReturn { line: Some(line), ..LineReturn::default() };
    assert_eq!(world.wrong_return(vec![back("tea", Some(4))]), "lines/0/quantity");
    assert_eq!(world.wrong_return(vec![back("tea", Some(2)), back("tea", Some(2))]), "lines/1/quantity");
    assert_eq!(world.wrong_return(vec![back("mug", None)]), "lines/0/sku");
    assert_eq!(world.wrong_return(vec![back("cup", None)]), "lines/0/sku", "two lines have it");
    assert_eq!(world.wrong_return(vec![place(3)]), "lines/0/line");
    let other = LineReturn { sku: Some("cup".to_owned()), ..place(0) };
    assert_eq!(world.wrong_return(vec![other]), "lines/0/sku");
    assert_eq!(world.wrong_return(vec![LineReturn::default()]), "lines/0");
    assert_eq!(world.returns(vec![place(2), back("tea", Some(1))], 0).unwrap().points(), Points(-70));
    assert_eq!(world.wrong_return(vec![back("tea", Some(3))]), "lines/0/quantity", "one came back before");
    assert_eq!(world.returns(vec![back("tea", None), place(1)], 0).unwrap().points(), Points(-80));
    assert_eq!(world.pending(), 0);
}

// rule: ledger 4.12
#[test]
fn a_refund_by_line_takes_what_that_line_had_earned() {
    let bonus = "lines = \"category == 'tea'\"\npoints = 50";
    let mut world = with_rule(&[NO_GIFT_CARDS], bonus);
    let lines = vec![pieces(3, line(9_000, "tea")), line(5_000, "giftcard")];
    world.report(basket(lines, |_| ()));
    assert_eq!(world.pending(), 90 + 150);
    assert_eq!(world.returns(vec![back("giftcard", None)], 0).unwrap().points(), Points(0), "it had earned nothing");
    assert_eq!(world.returns(vec![back("tea", Some(1))], 0).unwrap().points(), Points(-80));
    assert_eq!(world.returns(vec![back("tea", Some(2))], 0).unwrap().points(), Points(-160));
}

// rule: ledger 4.12
#[test]
fn lines_go_before_an_amount_and_an_amount_over_what_is_left() {
    let money = |entry: &Entry| match &entry.detail {
        Detail::Refund { amount_minor, asked_minor, returned, .. } => {
            (amount_minor.0, asked_minor.map(|asked| asked.0), returned.shipping.0, returned.lines.len())
        }
        other => panic!("not a refund: {other:?}"),
    };
    let mut world = World::new(&[NO_GIFT_CARDS]);
    world.report(basket(vec![pieces(2, line(10_000, "tea")), line(10_000, "giftcard")], |_| ()));
    let entry = world.returns(vec![back("tea", Some(1))], 7_500).unwrap();
    assert_eq!(money(&entry), (12_500, None, 0, 1));
    assert_eq!(entry.points(), Points(-75), "50.00 of a piece, and half of the other");
    let less = LineReturn { amount: Some(Minor(1_000)), ..back("tea", None) };
    let entry = world.returns(vec![less.clone()], 0).unwrap();
    assert_eq!(
        (money(&entry), entry.points()),
        ((1_000, None, 0, 1), Points(-10)),
        "less was paid back than its share"
    );
    let entry = world.returns(vec![back("tea", Some(1))], 0).unwrap();
    assert_eq!(
        (money(&entry), entry.points()),
        ((1_500, Some(5_000), 0, 1), Points(-15)),
        "no more than is left of it"
    );
    let entry = world.returns(vec![], 9_999).unwrap();
    assert_eq!(money(&entry), (5_000, Some(9_999), 0, 0), "no more than is left");
    // Shipping that is a line of its own comes back in proportion, too, and earned nothing.
    let mut world = World::new(&[]);
    world.report(basket(vec![line(10_000, "tea"), shipping(1_000)], |_| ()));
    let entry = world.returns(vec![], 5_500).unwrap();
    assert_eq!((money(&entry), entry.points()), ((5_000, None, 500, 0), Points(-50)));
    let entry = world.returns(vec![back("express", None)], 0).unwrap();
    assert_eq!((money(&entry), entry.points()), ((0, Some(1_000), 500, 1), Points(0)));
    let entry = world.returns(vec![], 5_000).unwrap();
    assert_eq!((money(&entry), entry.points(), world.pending()), ((5_000, None, 0, 0), Points(-50), 0));
}

// rule: ledger 4.12
#[test]
fn an_order_whose_lines_were_not_kept_is_refunded_by_amount_alone() {
    let mut world = World::new(&[]);
    world.keeps_lines = false;
    world.report(basket(vec![pieces(2, line(10_000, "tea"))], |_| ()));
    assert_eq!(world.wrong_return(vec![back("tea", Some(1))]), "lines");
    assert_eq!(world.returns(vec![], 5_000).unwrap().points(), Points(-50));
}

// rule: ledger 4.13
#[test]
pub(crate) fn a_whole_cancellation_gives_the_next_orders_multiplier_back() {
    let tutorial = || behaviour("task.completed", &[("task", "watch_tutorial")]);
    let mut world = World::new(&[]);
    world.report(tutorial());
    assert_eq!(world.order("1", 10_000).points(), Points(200));
    world.refund("1", 4_000);
    assert_eq!(world.order("2", 10_000).points(), Points(100), "a partial one gives back points alone");
    world.refund("1", 6_000);
    assert_eq!(world.order("3", 10_000).points(), Points(200));
    world.refund("3", 10_000);
    world.refund("3", 1);
    assert_eq!(world.account.boosts.len(), 1);
    world.days(14);
    assert_eq!(world.order("4", 10_000).points(), Points(100), "it is no longer valid");
    // Cancelled before it came: nothing was used.
    let mut world = World::new(&[]);
    world.report(tutorial());
    world.parks(Refund::of_amount("1", Minor(10_000)));
    world.order("1", 10_000);
    assert_eq!(world.order("2", 10_000).points(), Points(200));
}

// rule: ledger 4.13
#[test]
pub(crate) fn a_whole_cancellation_gives_turns_and_limits_back() {
    let once = "points = 50\nlimit = { per_member = 1, period = \"calendar_month\" }";
    let most = "points = 50\nlimit = { max_points = 70, period = \"calendar_month\" }";
    for (rule, second, third) in [(once, 0, 50), (most, 20, 50)] {
        let mut world = with_rule(&[], rule);
        assert_eq!(world.order("1", 10_000).points(), Points(150));
        world.refund("1", 5_000);
        assert_eq!(world.order("2", 10_000).points(), Points(100 + second), "{rule}");
        world.refund("2", 10_000);
        world.refund("1", 5_000);
        assert_eq!(world.order("3", 10_000).points(), Points(100 + third), "{rule}");
    }
    let mut world = World::new(&[("max_earn_per_day = 50000", "max_earn_per_day = 150")]);
    assert_eq!(world.order("1", 10_000).points(), Points(100));
    assert_eq!(world.order("2", 10_000).points(), Points(50));
    world.refund("1", 10_000);
    assert_eq!(world.order("3", 20_000).points(), Points(100), "the day has 100 again");
    world.refund("3", 19_000);
    assert_eq!(world.order("4", 10_000).points(), Points(0));
}

// rule: ledger 4.2
#[test]
pub(crate) fn of_points_that_are_restored_those_that_expire_first_repay_a_debt() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
    world.order("1", 10_000);
    world.days(70);
    world.give(50);
    let spent = world.spend(150).unwrap();
    world.refund("1", 3_000);
    assert_eq!(world.debt(), 30);
    world.reverse(&spent, None, domain::ledger::entry::Initiator::Merchant).unwrap();
    let lots: Vec<i64> = world.lots().into_iter().map(|(points, _)| points).collect();
    assert_eq!((lots, world.debt()), (vec![70, 50], 0));
}
