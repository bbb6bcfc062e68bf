//! The golden numbers of `tests/data/vectors.json`. Every row is answered here, or named as belonging to a capability
//! that is not part of the ledger.

use domain::kernel::quantity::{Minor, Points, allocate};
use domain::kernel::time::{RoundExpiry, Validity, Zone, add_months};
use domain::ledger::command::Command;
use domain::ledger::entry::Initiator;
use domain::ledger::hold::pay_with_points;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::world::{AT_ONCE, World, at, behaviour, programme_with};

/// Rows about surveys, service desks, birthdays and referrals.
const ELSEWHERE: [&str; 4] = ["nps", "sla-dst", "leap-birthday", "referral-cost"];

#[test]
fn every_golden_number_of_the_ledger_holds() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../../../tests/data/vectors.json")).unwrap();
    let mut answered = 0;
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        if ELSEWHERE.contains(&id) {
            continue;
        }
        answered += 1;
        let answer = match id {
            "checkin-7" => {
                json!([checkins(&days(1..=7)).iter().sum::<i64>(), checkins(&days(1..=7))])
            }
            "checkin-14" => json!(checkins(&days(1..=14)).iter().sum::<i64>()),
            "checkin-gap" => {
                json!(checkins(&[days(1..=6), days(8..=14)].concat()).iter().sum::<i64>())
            }
            "checkin-dup" => {
                twice(&checkins(&["2026-03-01T10:00:00+08:00", "2026-03-01T20:00:00+08:00"].map(str::to_owned)))
            }
            "checkin-dst" => {
                let first = row["input"][0].as_str().unwrap().to_owned();
                let second = row["input"][1].as_str().unwrap().to_owned();
                twice(&checkins_in("America/New_York", &[first, second]))
            }
            "checkin-dst-fall" => twice(&checkins_in(
                "America/New_York",
                &["2026-10-31T23:00:00-04:00", "2026-11-02T22:55:00-05:00"].map(str::to_owned),
            )),
            // rule: ledger 1.3
            "expiry" => expiry(row["what"].as_str().unwrap(), row["input"].as_str().unwrap()),
            // rule: ledger 1.3
            "month-clamp" => {
                let months = i32::try_from(row["input"][1].as_i64().unwrap()).unwrap();
                json!(add_months(date(&row["input"][0]), months).to_string())
            }
            // rule: ledger 1.3
            "midnight-gap" => midnight(row["input"][0].as_str().unwrap(), date(&row["input"][1])),
            // rule: ledger 4.1, 4.2
            "fifo" => fifo(),
            // rule: ledger 4.2
            "reverse-partial" => reverse_partial(),
            // rule: ledger 4.5
            "refund-after-spend" => refund_after_spend(),
            // rule: ledger 4.5
            "refund-then-reverse" => refund_then_reverse(),
            // rule: ledger 3.2, 4.3
            "partial-refund" => partial_refund(),
            "partial-refund-naive" => naive_refund(),
            // rule: ledger 4.3
            "threshold" => threshold(),
            // rule: ledger 4.9
            "concurrent-redeem" => concurrent_redeem(),
            // rule: ledger 2.2, 4.9
            "replay" => replay(),
            // rule: ledger 4.10
            "pay-with-points" => {
                let allowed = pay_with_points(&programme_with(&[]), Minor(8765), Points(9000));
                json!([allowed.points.0, allowed.value.0])
            }
            "allocate" => {
                let lines: Vec<i64> =
                    row["input"].as_array().unwrap().iter().map(|line| line.as_i64().unwrap()).collect();
                json!(allocate(100, &lines))
            }
            unknown => panic!("nobody answers `{unknown}`"),
        };
        assert_eq!(answer, row["expect"], "{id}: {}", row["what"]);
    }
    assert_eq!(answered, 29, "of {}", rows.len());
}

fn date(value: &Value) -> Date {
    value.as_str().unwrap().parse().unwrap()
}

fn days(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.map(|day| format!("2026-03-{day:02}T10:00:00+08:00")).collect()
}

fn checkins(times: &[String]) -> Vec<i64> {
    checkins_in("Asia/Shanghai", times)
}

/// Points of one check-in after the other.
fn checkins_in(zone: &str, times: &[String]) -> Vec<i64> {
    let mut world = World::new(&[("Asia/Shanghai\"          # IANA", &format!("{zone}\" # IANA"))]);
    let mut earned = Vec::new();
    for time in times {
        world.now = at(time);
        earned.push(world.run(Command::Earn(behaviour("checkin", &[]))).unwrap().points().0);
    }
    earned
}

fn twice(earned: &[i64]) -> Value {
    json!([earned.iter().sum::<i64>(), earned])
}

fn rfc3339(instant: Timestamp) -> String {
    instant.to_string().replace('Z', "+00:00")
}

fn expiry(what: &str, earned: &str) -> Value {
    let zone = Zone::named(what.rsplit(", ").next().unwrap()).unwrap();
    let validity = Validity::Months(12);
    let day = zone.date(at(earned));
    json!({
        "local_earn_date": day.to_string(),
        "last_valid_local_date": validity.last_date(day, RoundExpiry::EndOfMonth).to_string(),
        "expires_at": rfc3339(validity.expires_at(at(earned), RoundExpiry::EndOfMonth, &zone)),
    })
}

fn midnight(name: &str, day: Date) -> Value {
    let start = Zone::named(name).unwrap().start_of(day);
    let local = start.in_tz(name).unwrap().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    json!([rfc3339(start), local])
}

/// 100 points that expire 31 days and 50 that expire 59 days after 1 March (days count from there), 120 of them spent.
fn two_lots() -> (World, domain::ledger::entry::Entry) {
    let mut world = World::new(&[
        ("validity = \"P12M\"", "validity = \"P30D\""),
        ("round_expiry = \"end_of_month\"", "round_expiry = \"day\""),
        ("refund_window_days = 365", "refund_window_days = 30"),
        (
            "points = 100, value_minor = 100, max_share_bp = 5000, min_points = 100, step_points = 100",
            "points = 1, value_minor = 1, max_share_bp = 5000, min_points = 1, step_points = 1",
        ),
    ]);
    world.now = day(0);
    world.give(100);
    world.now = day(28);
    world.give(50);
    let spent = world.spend(120).unwrap();
    (world, spent)
}

/// The start of a day, counted from 1 March in the programme's zone.
fn day(number: i32) -> Timestamp {
    domain::kernel::time::add_days(at("2026-03-01T00:00:00+08:00"), number)
}

/// Lots as points and the day on which they expire.
fn lots(world: &World) -> Vec<(i64, i64)> {
    let number = |expires: Timestamp| (expires.as_second() - day(0).as_second()) / 86_400;
    world.lots().into_iter().map(|(points, expires)| (points, number(expires))).collect()
}

fn points_at(world: &World, day: i64) -> i64 {
    lots(world).into_iter().find(|(_, expires)| *expires == day).map_or(0, |(points, _)| points)
}

fn fifo() -> Value {
    let (mut world, spent) = two_lots();
    let after_redeem = json!({"A": points_at(&world, 31), "B": points_at(&world, 59)});
    world.reverse(&spent, None, Initiator::Merchant).unwrap();
    json!({"after_redeem": after_redeem, "after_reverse": {"A": points_at(&world, 31), "B": points_at(&world, 59)}})
}

fn reverse_partial() -> Value {
    let (mut world, spent) = two_lots();
    world.reverse(&spent, Some(30), Initiator::Merchant).unwrap();
    let after_30 = json!({"A": points_at(&world, 31), "B": points_at(&world, 59)});
    world.now = day(40);
    world.reverse(&spent, Some(90), Initiator::Merchant).unwrap();
    let after_90 = json!({
        "A": [points_at(&world, 31), 31],
        "B": [points_at(&world, 59), 59],
        "grace:R:A": [points_at(&world, 70), 70],
    });
    json!({"after_30": after_30, "after_90": after_90})
}

fn fine_steps() -> [(&'static str, &'static str); 2] {
    [AT_ONCE, ("min_points = 100, step_points = 100", "min_points = 20, step_points = 20")]
}

fn refund_after_spend() -> Value {
    let mut world = World::new(&fine_steps());
    world.order("1", 10_000);
    world.spend(80).unwrap();
    world.refund("1", 10_000);
    let after_refund = world.balance();
    let redeem_while_debt = world.redeem("drink").is_ok();
    world.order("2", 5_000);
    let after_50 = world.balance();
    world.order("3", 5_000);
    json!({
        "after_refund": after_refund, "after_50": after_50, "after_100": world.balance(), "debt": world.debt(),
        "redeem_while_debt": redeem_while_debt,
    })
}

fn refund_then_reverse() -> Value {
    let mut world = World::new(&fine_steps());
    world.order("1", 10_000);
    let spent = world.spend(80).unwrap();
    world.refund("1", 10_000);
    world.reverse(&spent, None, Initiator::Member).unwrap();
    json!({"balance": world.balance(), "debt": world.debt()})
}

fn partial_refund() -> Value {
    let mut world = World::new(&[]);
    world.tier("gold");
    let earned = world.order("1", 19_990).points().0;
    let clawed: Vec<i64> = [6663, 6663, 6664].map(|amount| -world.refund("1", amount).points().0).into();
    json!({"earned": earned, "clawed": clawed, "sum": clawed.iter().sum::<i64>()})
}

/// What the row itself works out: rounding each part down leaks points, which the row above does not.
fn naive_refund() -> Value {
    let clawed = [6663, 6663, 6664].map(|amount| amount * 3 / 200);
    let sum: i64 = clawed.iter().sum();
    json!({"clawed": clawed, "sum": sum, "leak": 299 - sum})
}

fn threshold() -> Value {
    let rule = ("basis = \"net_cash\" ", "when = \"net_minor >= 10000\"\nbasis = \"net_cash\" ");
    let mut world = World::new(&[rule]);
    let earned = world.order("1", 12_000).points().0;
    let claw = -world.refund("1", 3_000).points().0;
    json!({"earned": earned, "after": world.pending(), "claw": claw})
}

fn sixty_of_a_hundred() -> World {
    let mut world = World::new(&[
        ("cost_points = 100\nkind = \"voucher\"", "cost_points = 60\nkind = \"voucher\""),
        (
            "per_member = 1, period = \"calendar_day\" }\nvoucher",
            "per_member = 9, period = \"calendar_day\" }\nvoucher",
        ),
    ]);
    world.give(100);
    world
}

fn concurrent_redeem() -> Value {
    let mut world = sixty_of_a_hundred();
    json!([world.redeem("drink").is_ok(), world.redeem("drink").is_ok(), world.active()])
}

fn replay() -> Value {
    let mut world = sixty_of_a_hundred();
    let command =
        || Command::Redeem(domain::ledger::redemption::Redeem { reward: "drink".into(), quantity: 1, donation: false });
    let now = world.now;
    let first = world.run_as("k1", now, command()).unwrap();
    let again = world.run_as("k1", now, command()).unwrap();
    json!([first == again, world.active()])
}
