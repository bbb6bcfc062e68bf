//! What other loyalty systems do, by the numbers of `tests/data/peer_scenarios.json`: every row that lies within the ledger
//! is answered by the domain, with a programme switched to that peer's policy; every other row is named with its reason.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::Validity;
use domain::ledger::command::Command;
use domain::ledger::earning::order::{Activity, Line};
use domain::ledger::entry::Entry;
use domain::ledger::hold::{HoldPoints, pay_with_points};
use domain::ledger::settlement::Settlement;
use domain::programme::condition::Scalar;
use serde_json::{Value, json};

use crate::world::{AT_ONCE, BEFORE_TIERS, SHORT_LIVED, World, at, behaviour, order, order_of, programme_with};

/// Rows that the ledger does not answer, and what does.
const ELSEWHERE: [(&str, &str); 17] = [
    ("OL-TIER-06", "tiers are evaluated outside the ledger"),
    ("ER-TIER-01", "tiers are evaluated outside the ledger"),
    ("ER-TIER-02", "tiers are evaluated outside the ledger"),
    ("VO-TIER-02", "tiers are evaluated outside the ledger"),
    ("OL-SEG-02", "segments are another capability"),
    ("SF-EXT-01", "issued points keep their instants: there is no extension"),
    ("OLS-REF-01", "referral is another capability"),
    ("STD-WH-01", "webhooks are another capability"),
    ("STD-WH-02", "webhooks are another capability"),
    ("STD-WH-03", "webhooks are another capability"),
    ("STD-WH-04", "webhooks are another capability"),
    ("STD-WH-05", "webhooks are another capability"),
    ("STD-WH-06", "webhooks are another capability"),
    ("STD-WH-07", "webhooks are another capability"),
    ("STD-IDEM-01", "a missing header is found where requests are read"),
    ("STD-IDEM-02", "the status of a refusal is decided where answers are written"),
    ("STD-IDEM-03", "two requests in flight meet where accounts are written"),
];

#[test]
fn every_scenario_of_a_peer_is_answered_or_named_with_its_reason() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../../../tests/data/peer_scenarios.json")).unwrap();
    let mut answered = 0;
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == id) {
            continue;
        }
        assert_eq!(answer(id, &row["given"]), row["then"], "{id}: {}", row["when"]);
        answered += 1;
    }
    assert_eq!(answered + ELSEWHERE.len(), rows.len(), "a row is named that is not there");
}

fn answer(id: &str, given: &Value) -> Value {
    match id {
        "OL-EARN-01" | "OL-EARN-03" | "OL-EARN-08" => basket_rules(given),
        "OL-EVENT-01" => event_rule(given),
        "OL-CASHBACK-01" => cashback(given),
        "OL-REWARD-02" => reward(given),
        "SY-LEDGER-01" => signup(1),
        "SY-LEDGER-02" => signup(2),
        "SY-EXPIRE-01" | "SY-EXPIRE-03" => expire(given),
        "SY-CLAW-01" => claw_back(given),
        "SY-REDEEM-01" => redeem_on_an_order(given),
        "SY-CALC-01" => applicable_points(given),
        "SQ-EARN-01" => json!({ "points": spend(10_500, "points = 1, per_minor = 1000") }),
        "YO-EARN-01" => json!({ "points": spend(4_995, "points = 1, per_minor = 100") }),
        "SM-EXPIRE-01" => inactivity(given),
        "VO-EXPIRE-01" => months(given),
        "SH-SEED-01" => checkins(given),
        "STD-IDEM-04" => replay(),
        unknown => panic!("nobody answers `{unknown}`"),
    }
}

fn whole(value: &Value) -> i64 {
    value.as_i64().expect("a whole number")
}

/// The default programme's rate and basis, to be replaced.
const RATE: &str = "rate = { points = 1, per_minor = 100 }     #";
const GROSS: (&str, &str) = ("basis = \"net_cash\" ", "basis = \"gross\" ");

/// Open Loyalty's `general_spending` with excluded labels, and its `multiply` for some articles.
fn basket_rules(given: &Value) -> Value {
    let mut rate = String::new();
    let mut more = String::new();
    for rule in given["rules"].as_array().unwrap() {
        match rule["type"].as_str().unwrap() {
            "general_spending" => {
                rate = format!("rate = {{ points = {}, per_minor = 100 }}\n", whole(&rule["points_per_unit"]));
                for label in rule["excluded_labels"].as_array().into_iter().flatten() {
                    rate += &format!("lines = \"color != '{}'\" #", label["color"].as_str().unwrap());
                }
            }
            "multiply" => {
                let (sku, factor) = (rule["skus"][0].as_str().unwrap(), whole(&rule["multiplier"]));
                more = format!(
                    "[[earning_rule]]\nid = \"multiply\"\non = \"order.paid\"\nmultiplier = \"{factor}\"\nlines = \"sku == '{sku}'\"\n"
                );
            }
            other => panic!("nobody knows `{other}`"),
        }
    }
    let color = ("line_attributes = {", "line_attributes = { color = { type = \"text\", default = \"\" },");
    let mut world = World::new(&[
        GROSS,
        AT_ONCE,
        color,
        (RATE, &format!("{rate} #")),
        (BEFORE_TIERS, &format!("{more}{BEFORE_TIERS}")),
    ]);
    let lines = given["transaction"]["items"].as_array().unwrap().iter().map(line).collect();
    world.report(order_of("1", lines));
    json!({ "points": world.active() })
}

fn line(item: &Value) -> Line {
    let text = |value: &Value| Scalar::Text(value.as_str().unwrap_or_default().to_owned());
    let color = ("color".to_owned(), text(&item["labels"]["color"]));
    Line {
        amount: Minor(whole(&item["gross"]) * 100),
        sku: item["sku"].as_str().unwrap_or_default().to_owned(),
        attributes: [color].into(),
        ..Line::default()
    }
}

/// A world where an activity gives points.
fn on_activity(activity: &str, points: i64) -> World {
    let declared = format!("[activity.\"{activity}\"]\n[activity.\"ugc.approved\"]");
    let rule = format!("[[earning_rule]]\nid = \"once\"\non = \"{activity}\"\npoints = {points}\n{BEFORE_TIERS}");
    World::new(&[("[activity.\"ugc.approved\"]", &declared), (BEFORE_TIERS, &rule)])
}

fn event_rule(given: &Value) -> Value {
    let rule = &given["rules"][0];
    let event = rule["event"].as_str().unwrap();
    let mut world = on_activity(event, whole(&rule["points"]));
    json!({ "points": world.report(behaviour(event, &[])).points().0 })
}

fn signup(times: usize) -> Value {
    let mut world = on_activity("newsletter-signup", 150);
    for _ in 0..times {
        let signup = Command::Earn(behaviour("newsletter-signup", &[]));
        world.run_as("newsletter-signup", at("2026-03-01T04:00:00Z"), signup).unwrap();
    }
    let mut told = json!({ "balance": world.active(), "transactions": world.history.len() });
    if times == 1 {
        told["lifetime_earned"] = json!(world.history.iter().map(|entry| entry.points().0.max(0)).sum::<i64>());
    }
    told
}

/// Points at a rate of the programme's currency, for an order of so many minor units.
fn spend(net: i64, rate: &str) -> i64 {
    let mut world = World::new(&[AT_ONCE, (RATE, &format!("rate = {{ {rate} }} #"))]);
    world.order("1", net);
    world.active()
}

/// The default programme's terms of paying with points, to be replaced.
const PAY: &str = "points = 100, value_minor = 100, max_share_bp = 5000, min_points = 100, step_points = 100";

fn pay(world: &mut World, points: i64, order_net: i64) -> Entry {
    let (order_net, points) = (Minor(order_net), Points(points));
    let hold = world.run(Command::Hold(HoldPoints { order_id: "1".to_owned(), order_net, points })).unwrap();
    world.run(Command::Capture { hold: hold.sequence }).unwrap()
}

/// Points that pay for a whole order, each worth so many euros.
fn cashback(given: &Value) -> Value {
    let value_minor = whole(&given["point_value_eur"]) * 100;
    let total = whole(&given["order_total_eur"]) * 100;
    let terms =
        format!("points = 1, value_minor = {value_minor}, max_share_bp = 10000, min_points = 1, step_points = 1");
    let mut world = World::new(&[(PAY, &terms), ("currency = \"CNY\"", "currency = \"EUR\"")]);
    world.give(whole(&given["balance"]));
    let captured = pay(&mut world, 20, total);
    let domain::ledger::entry::Detail::Capture { value_minor, .. } = captured.detail else { unreachable!() };
    let euros = |minor: i64| minor / 100;
    json!({ "discount_eur": euros(value_minor.0), "to_pay_eur": euros(total - value_minor.0), "balance": world.active() })
}

fn redeem_on_an_order(given: &Value) -> Value {
    let mut world = World::new(&[]);
    world.give(whole(&given["balance"]));
    let captured = pay(&mut world, 300, 100_000);
    json!({ "balance": world.active(), "redeem_row": captured.points().0 })
}

fn applicable_points(given: &Value) -> Value {
    let number = |name: &str| whole(&given[name]);
    let terms = format!(
        "points = {}, value_minor = {}, max_share_bp = {}, min_points = {}, step_points = 1",
        number("conversion_points"),
        number("conversion_amount_minor"),
        number("max_percent_of_order") * 100,
        number("min_points"),
    );
    let programme = programme_with(&[(PAY, &terms)]);
    let allowed = pay_with_points(&programme, Minor(number("order_total_minor")), Points(1_000));
    json!({ "applicable_points": allowed.points.0 })
}

fn reward(given: &Value) -> Value {
    let cost = format!("cost_points = {}\nkind = \"voucher\"", whole(&given["cost"]));
    let mut world = World::new(&[("cost_points = 100\nkind = \"voucher\"", &cost)]);
    world.give(whole(&given["balance"]));
    json!({ "ok": world.redeem("drink").is_ok() })
}

/// Lots that expire some days from now, swept now.
fn expire(given: &Value) -> Value {
    let [validity, rounding, window] = SHORT_LIVED;
    let mut world = World::new(&[validity, rounding, window]);
    let now = at("2026-06-01T00:00:00+08:00");
    for lot in given["lots"].as_array().unwrap() {
        let days: i32 = lot["expires"].as_str().unwrap().trim_end_matches('d').parse().unwrap();
        world.now = domain::kernel::time::add_days(now, days - 31);
        world.give(whole(&lot["points"]));
    }
    world.now = now;
    let swept = world.sweep().expect("something was due");
    let rows = swept.settled.iter().filter_map(|settled| match settled {
        Settlement::Expired { points, .. } => Some(-points.0),
        _ => None,
    });
    let rows: Vec<i64> = rows.collect();
    json!({ "balance": world.active(), "expire_rows": rows })
}

fn claw_back(given: &Value) -> Value {
    let mut world = World::new(&[AT_ONCE]);
    let net = whole(&given["earned_for_order"]) * 100;
    world.order("1", net);
    let refund = world.refund("1", net);
    json!({ "balance": world.balance(), "clawback": refund.points().0 })
}

/// The last local date on which what is left after an earning can be spent.
fn last_day(world: &World) -> String {
    let (_, expires_at) = world.lots()[0];
    let before = expires_at - jiff::SignedDuration::from_millis(1);
    world.programmes.at(world.now).zone().date(before).to_string()
}

const BY_DAY: (&str, &str) = ("round_expiry = \"end_of_month\"", "round_expiry = \"day\"");

fn inactivity(given: &Value) -> Value {
    assert_eq!(given["expiry"], "1 year of inactivity");
    let mut world = World::new(&[BY_DAY, ("expiry = \"lots\" ", "expiry = \"activity\" "), AT_ONCE]);
    for earned in given["earned"].as_array().unwrap() {
        world.now = noon(&earned[0]);
        world.order("1", whole(&earned[1]) * 100);
    }
    let (points, expires_at) = world.lots()[0];
    let last = last_day(&world);
    world.now = expires_at;
    assert_eq!(world.active(), 0);
    json!({ "expires_on": last, "points": points })
}

fn months(given: &Value) -> Value {
    let validity = format!("validity = \"{}\"", String::from(Validity::Months(1)));
    assert_eq!(given["expiry_months"], 1);
    let window = ("refund_window_days = 365", "refund_window_days = 28");
    let mut world = World::new(&[BY_DAY, ("validity = \"P12M\"", &validity), window]);
    world.now = noon(&given["earned_on"]);
    world.give(100);
    json!({ "last_usable_day": last_day(&world) })
}

fn noon(date: &Value) -> jiff::Timestamp {
    at(&format!("{}T12:00:00+08:00", date.as_str().unwrap()))
}

fn checkins(given: &Value) -> Value {
    let streak = &given["streak_bonus"];
    let numbers = [&given["daily_checkin"], &streak["days"], &streak["points"]].map(whole);
    let [daily, every, bonus] = numbers;
    let written = format!("points = {daily}\nstreak = {{ every = {every}, bonus = {bonus}, repeating");
    let mut world = World::new(&[("points = 1\nstreak = { every = 7, bonus = 10, repeating", &written)]);
    for _ in 0..whole(&streak["days"]) {
        world.report(behaviour("checkin", &[]));
        world.days(1);
    }
    json!({ "points": world.active() })
}

fn replay() -> Value {
    let mut world = World::new(&[]);
    let now = world.now;
    let payment = || -> Activity { order("1", 10_000) };
    let first = world.run_as("key-a", now, Command::Earn(payment())).unwrap();
    let again = world.run_as("key-a", now, Command::Earn(payment())).unwrap();
    let same = if first == again { "same as first" } else { "another" };
    json!({ "status": same, "body": same, "side_effects": world.history.len() })
}
