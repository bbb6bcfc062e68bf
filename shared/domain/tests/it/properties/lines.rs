//! Lines of orders: what they are paid with sums up, and returns of them come to the same in any split and order.

use domain::kernel::quantity::{Minor, Points};
use domain::ledger::command::Command;
use domain::ledger::earning::order::{Activity, Line};
use domain::ledger::earning::rules::{GivenBack, explain};
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::lines::{LineKind, LineReturn, PaidLines, Refund};
use domain::programme::compiled::Programmes;
use domain::programme::condition::Scalar;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use super::cases;
use crate::world::{BEFORE_TIERS, World, compile, order_of};

/// Rules for lines that meet, and are capped.
const RULES: &str = "
    [[earning_rule]]
    id = \"a-tea\"
    on = \"order.paid\"
    lines = \"category == 'tea'\"
    multiplier = \"6\"
    [[earning_rule]]
    id = \"b-many\"
    on = \"order.paid\"
    lines = \"quantity >= 2\"
    multiplier = \"8\"
    [[earning_rule]]
    id = \"bonus\"
    on = \"order.paid\"
    lines = \"category == 'cup'\"
    points = 7
    [[earning_rule]]
    id = \"large\"
    on = \"order.paid\"
    lines = \"category == 'tea'\"
    when = \"lines_net_minor >= 5000\"
    points = 40
    per = \"order\"
";

fn programmes() -> Programmes {
    let rate = "rate = { points = 1, per_minor = 100 }     # 1 point per 1.00 CNY\n";
    let cards = format!("{rate}lines = \"category != 'giftcard'\"\n");
    let more = format!("{RULES}\n{BEFORE_TIERS}");
    Programmes::only(compile(1, &[(rate, &cards), (BEFORE_TIERS, &more)]).unwrap())
}

fn line() -> impl Strategy<Value = Line> {
    let category = prop::sample::select(vec!["tea", "cup", "giftcard"]);
    let shares = (0_i64..=30, 0_i64..=30, 0_i64..=30, 0_i64..=20);
    (0_i64..20_000, 1_i64..5, category, prop::bool::weighted(0.15), shares).prop_map(
        |(amount, quantity, category, ships, (discount, points, card, tax))| {
            let of = |percent: i64| Minor(amount * percent / 100);
            Line {
                amount: Minor(amount),
                quantity,
                kind: if ships { LineKind::Shipping } else { LineKind::Goods },
                discount: of(discount),
                points_paid: of(points),
                gift_card: of(card),
                tax: of(tax),
                attributes: [("category".to_owned(), Scalar::Text(category.to_owned()))].into(),
                ..Line::default()
            }
        },
    )
}

/// Orders that can be paid: at most 30 % are discounts of lines, and 10 % more of the order.
fn basket() -> impl Strategy<Value = Activity> {
    let shares = (0_i64..=10, 0_i64..=10, 0_i64..=10, 0_i64..=10);
    (prop::collection::vec(line(), 1..7), shares).prop_map(|(lines, (discount, points, card, tax))| {
        let mut activity = order_of("1", lines);
        let order = activity.order.as_mut().unwrap();
        let left: Minor = order.lines.iter().map(|line| line.amount - line.discount).sum();
        let whole: Minor =
            order.lines.iter().map(|line| line.amount - line.discount - line.points_paid - line.gift_card).sum();
        order.discount = Minor(left.0.min(whole.0) * discount / 100);
        order.points_paid = Minor((whole - order.discount).or_zero().0 * points / 100);
        order.gift_card = Minor((whole - order.discount).or_zero().0 * card / 100);
        order.tax = Minor((left - order.discount).or_zero().0 * tax / 100);
        if order.paid(Minor::ZERO).is_err() {
            (order.discount, order.points_paid, order.gift_card, order.tax) = Default::default();
        }
        activity
    })
}

fn paid(activity: &Activity) -> PaidLines {
    activity.order.as_ref().unwrap().paid(Minor::ZERO).expect("it can be paid")
}

/// Everything that is deducted is deducted, once; goods are paid before shipping; turning the lines round moves a unit at most.
fn deductions_sum_up(activity: &Activity) -> Result<(), TestCaseError> {
    let order = activity.order.as_ref().unwrap();
    let of = |amount: fn(&Line) -> Minor| order.lines.iter().map(amount).sum::<Minor>();
    let lines = paid(activity);
    let sum = |amount: fn(&domain::ledger::lines::PaidLine) -> Minor| lines.lines.iter().map(amount).sum::<Minor>();
    prop_assert_eq!(sum(|line| line.discount), of(|line| line.discount) + order.discount);
    prop_assert_eq!(sum(|line| line.tax), of(|line| line.tax) + order.tax);
    let paid_otherwise = of(|line| line.points_paid + line.gift_card) + order.points_paid + order.gift_card;
    prop_assert_eq!(sum(|line| line.net) + paid_otherwise, order.gross() - sum(|line| line.discount));
    for (line, reported) in lines.lines.iter().zip(&order.lines) {
        let own = reported.points_paid + reported.gift_card;
        prop_assert!(Minor::ZERO <= line.net && line.net <= line.gross - line.discount - own);
        prop_assert!(line.tax <= line.gross - line.discount);
        let by_order = line.gross - line.discount - own - line.net;
        prop_assert!(line.kind == LineKind::Goods || by_order.is_zero() || lines.net().is_zero(), "goods first");
    }
    let mut turned = activity.clone();
    turned.order.as_mut().unwrap().lines.reverse();
    let mut back = paid(&turned).lines;
    back.reverse();
    for (line, other) in lines.lines.iter().zip(&back) {
        // At most one unit of a tie for each of discount, points and gift card, and one that moves with them.
        prop_assert!((line.net - other.net).0.abs() <= 4, "{} and {}", line.net, other.net);
    }
    Ok(())
}

/// All pieces of the lines, one by one.
fn pieces(activity: &Activity) -> Vec<LineReturn> {
    let lines = activity.order.as_ref().unwrap().lines.iter().zip(0..);
    let one = |place| LineReturn { line: Some(place), quantity: Some(1), ..LineReturn::default() };
    lines.flat_map(|(line, place)| (0..line.quantity).map(move |_| one(place))).collect()
}

fn returning(activity: &Activity, refunds: &[Vec<LineReturn>]) -> World {
    let mut world = World::under(programmes());
    world.report(activity.clone());
    for lines in refunds.iter().filter(|lines| !lines.is_empty()) {
        let refund = Refund { order_id: "1".to_owned(), lines: lines.clone(), ..Refund::default() };
        world.run(Command::Refund(refund)).expect("the pieces are there");
    }
    world
}

/// What was paid back.
fn money(world: &World) -> Minor {
    let paid_back = world.history.iter().map(|entry| match &entry.detail {
        Detail::Refund { amount_minor, returned, .. } => *amount_minor + returned.shipping,
        _ => Minor::ZERO,
    });
    paid_back.sum()
}

fn taken(world: &World) -> Points {
    world.history.iter().map(Entry::clawed_back).sum()
}

/// What is left of an order is worth what an order of that would have been: paid once, by the same rules.
fn paid_once(activity: &Activity, kept: &[LineReturn]) -> Points {
    let lines = paid(activity);
    let quantity = |place: u32| kept.iter().filter(|piece| piece.line == Some(place)).count() as i64;
    let left = lines.lines.iter().zip(0_u32..).filter(|(_, place)| quantity(*place) > 0).map(|(line, place)| {
        // The pieces that are left are the first ones: they carry the larger shares.
        let (each, larger, left) = (line.net.0 / line.quantity, line.net.0 % line.quantity, quantity(place));
        Line {
            amount: Minor(each * left + larger.min(left)),
            quantity: left,
            kind: line.kind,
            attributes: line.attributes.clone(),
            ..Line::default()
        }
    });
    let left: Vec<Line> = left.collect();
    if left.iter().all(|line| line.kind == LineKind::Shipping || line.amount.is_zero()) && !lines.net().is_zero() {
        return Points::ZERO; // returned whole
    }
    World::under(programmes()).report(order_of("1", left)).points()
}

/// Pieces come back in any split and order; what they take is what the order had earned beyond what is left of it.
fn splits_agree(activity: &Activity, shuffled: &[LineReturn], cuts: &[Index]) -> Result<(), TestCaseError> {
    let mut marks: Vec<usize> = cuts.iter().map(|cut| cut.index(shuffled.len() + 1)).collect();
    marks.sort_unstable();
    let end = marks.last().copied().unwrap_or(shuffled.len());
    marks.insert(0, 0);
    let parts: Vec<Vec<LineReturn>> = marks.windows(2).map(|pair| shuffled[pair[0]..pair[1]].to_vec()).collect();
    let mut sorted = shuffled[..end].to_vec();
    sorted.sort_by_key(|piece| piece.line);
    let parts = if parts.is_empty() { vec![shuffled[..end].to_vec()] } else { parts };
    let (split, whole) = (returning(activity, &parts), returning(activity, &[sorted]));
    prop_assert_eq!(&split.account.pockets, &whole.account.pockets);
    prop_assert_eq!(&split.account.qualifying, &whole.account.qualifying);
    let earned = split.history[0].points();
    let floor = (earned - paid_once(activity, &shuffled[end..])).or_zero();
    prop_assert_eq!(taken(&whole), floor);
    prop_assert_eq!(money(&split), money(&whole));
    let all: Minor = paid(activity).lines.iter().map(|line| line.net).sum();
    prop_assert!(end < shuffled.len() || money(&whole) == all, "all pieces are all the money");
    Ok(())
}

/// Entries keep what is needed to decide again, parts of lines included; no line is multiplied more than ten times.
fn explained(activity: &Activity) -> Result<(), TestCaseError> {
    let mut world = World::under(programmes());
    let entry = world.report(activity.clone());
    let Detail::Earn { inputs, .. } = &entry.detail else { panic!("no earning") };
    let explanation =
        explain(world.programmes.at(world.now), "order.paid", entry.occurred_at, inputs, GivenBack::NOTHING);
    prop_assert_eq!(explanation.points(), entry.points());
    let fixed = explanation.candidates.iter().filter(|rule| ["bonus", "large"].contains(&rule.rule.as_str()));
    let fixed: Points = fixed.map(|rule| rule.points).sum();
    prop_assert!((explanation.points() - fixed).0 * 100 <= paid(activity).net().0 * 10);
    Ok(())
}

/// Runs a property by itself.
pub(crate) fn run<T: std::fmt::Debug>(
    strategy: &impl Strategy<Value = T>,
    property: impl Fn(T) -> Result<(), TestCaseError>,
) -> Result<(), String> {
    TestRunner::new(cases(200)).run(strategy, property).map_err(|failed| failed.to_string())
}

pub(crate) fn deductions() -> Result<(), String> {
    run(&basket(), |activity| deductions_sum_up(&activity))
}

pub(crate) fn splits() -> Result<(), String> {
    let pieces = basket().prop_flat_map(|activity| {
        let all = pieces(&activity);
        (Just(activity), Just(all).prop_shuffle(), prop::collection::vec(any::<Index>(), 0..5))
    });
    run(&pieces, |(activity, shuffled, cuts)| splits_agree(&activity, &shuffled, &cuts))
}

pub(crate) fn explanations() -> Result<(), String> {
    run(&basket(), |activity| explained(&activity))
}

#[test]
fn deductions_on_lines_and_on_the_order_sum_up() {
    deductions().unwrap();
}

#[test]
fn pieces_come_back_in_any_split_and_order() {
    splits().unwrap();
}

#[test]
fn an_order_of_lines_is_explained_from_its_entry_and_multiplied_ten_times_at_most() {
    explanations().unwrap();
}

proptest! {
    #![proptest_config(cases(160))]

    /// Amounts that name no line take the same whether or not the lines were kept.
    #[test]
    fn an_amount_takes_the_same_with_and_without_lines(
        activity in basket(),
        amounts in prop::collection::vec(1_i64..9_000, 1..6),
    ) {
        prop_assume!(activity.order.as_ref().unwrap().lines.iter().all(|line| line.kind == LineKind::Goods));
        let run = |keeps_lines, amounts: &[i64]| {
            let mut world = World::under(programmes());
            world.keeps_lines = keeps_lines;
            world.report(activity.clone());
            for amount in amounts {
                world.refund("1", *amount);
            }
            world
        };
        prop_assert_eq!(run(true, &amounts).history, run(false, &amounts).history);
        let whole = run(true, &[amounts.iter().sum()]);
        prop_assert_eq!(run(true, &amounts).account.pockets, whole.account.pockets);
    }

    /// Whatever comes back, by line or by amount: once all of it has, nothing is left, and nothing was taken twice.
    #[test]
    fn who_returns_everything_keeps_nothing(
        activity in basket(),
        returns in prop::collection::vec((any::<Index>(), 0_i64..3, prop::option::of(0_i64..5_000), 0_i64..4_000), 1..8),
    ) {
        let mut world = World::under(programmes());
        world.report(activity.clone());
        let earned = world.history[0].points();
        let count = activity.order.as_ref().unwrap().lines.len();
        for (place, quantity, amount, beside) in returns {
            let line = u32::try_from(place.index(count)).ok();
            let named = LineReturn { line, quantity: Some(quantity), amount: amount.map(Minor), sku: None };
            _ = world.returns(vec![named], beside);
        }
        world.returns(vec![], 1_000_000).unwrap();
        let free = paid(&activity).net().is_zero();
        prop_assert!(free || world.pending() == 0);
        prop_assert!(free || taken(&world) == earned);
        prop_assert!(free || world.account.qualifying.is_empty());
    }
}
