//! What one earning costs, in bytes and write units, for a member that shops every week: deterministic, so asserted.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::quantity::Minor;
use domain::kernel::stamp::Stamp;
use domain::kernel::time::add_days;
use domain::ledger::account::Account;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::earning::order::{Activity, Line, Order};
use domain::ledger::entry::Entry;
use domain::ledger::evaluation::{evaluate, lookback};
use domain::ledger::known::Known;
use domain::ledger::reach::Recorded;
use domain::programme::activity::ORDER_PAID;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::condition::Variables;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use store::{Page, Record, Store, decode_page, decode_record, encode_page, encode_record, size_of};

fn programmes() -> Programmes {
    let document = toml::from_str(include_str!("../../../programme.toml")).unwrap();
    Programmes::only(Programme::compile(1, document).unwrap())
}

fn order(number: usize, net: i64) -> Activity {
    let order = Order::of_lines(
        &format!("2026{number:06}"),
        "shop",
        "CNY",
        vec![Line { amount: Minor(net), ..Line::default() }],
    );
    Activity { activity: ORDER_PAID.to_owned(), attributes: Variables::new(), order: Some(order), past: None }
}

/// Write units of an item.
fn units(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

#[derive(Default)]
struct Cost {
    largest_item: usize,
    largest_page: usize,
    write_units: usize,
    calls: usize,
}

/// Writes an account with one entry more, as the store does.
fn write(record: &Record, account: Account, entry: Entry, setting: Setting<'_>, cost: &mut Cost) -> Record {
    let mut next = Record { account, version: record.version + 1, ..record.clone() };
    next.recent.push(entry);
    next.due = next.account.due(setting);
    cost.calls += 2; // read, write
    if size_of(&encode_record(&next)) > Store::BUDGET {
        let entries = record.recent.clone();
        let newest = entries.last().map(Recorded::from).unwrap();
        let page = Page { head: record.account.head, previous_at: record.sealed.map(|sealed| sealed.at), entries };
        let item = encode_page(&record.account.member, &page);
        assert_eq!(decode_page(&item).unwrap(), page, "a page reads back as it was written");
        cost.largest_page = cost.largest_page.max(size_of(&item));
        cost.write_units += units(size_of(&item));
        cost.calls += 1;
        next.recent.retain(|entry| entry.sequence > newest.sequence);
        next.sealed = Some(newest);
    }
    let item = encode_record(&next);
    assert_eq!(decode_record(&item).unwrap(), next, "an account reads back as it was written");
    cost.largest_item = cost.largest_item.max(size_of(&item));
    cost.write_units += units(size_of(&item));
    next
}

/// A member that buys every `days`, as the chain writes it: what the earnings cost, and what all else costs.
fn shop(orders: usize, days: i32) -> (Record, Cost, Cost) {
    let programmes = programmes();
    let mut now: Timestamp = "2025-01-02T03:04:05.678Z".parse().unwrap();
    let mut record = Record::new("01JD2X8K4M7N9P0QRSTVWXYZ12".parse().unwrap());
    let mut history: Vec<Entry> = Vec::new();
    let (mut earning, mut other) = (Cost::default(), Cost::default());
    for number in 0..orders {
        let next = add_days(now, days);
        while now < next {
            // A sweep a day, then the order, and an evaluation if what it did asks for one.
            now = add_days(now, 1);
            if now == next {
                let occurred_at = now.checked_sub(jiff::SignedDuration::from_millis(1234)).unwrap();
                let operation = OperationId::of_fact("shop", &number.to_string(), "earn");
                let stamp = Stamp { operation, content: ContentHash([7; 8]), occurred_at };
                let instruction = Instruction::keyed(stamp, Command::Earn(order(number, 19_990)));
                let setting = Setting { programmes: &programmes, now };
                let change = instruction.decide(&record.account, &record.recent, &Known::default(), setting).unwrap();
                history.push(change.entry.clone());
                record = write(&record, change.account, change.entry, setting, &mut earning);
            }
            let setting = Setting { programmes: &programmes, now };
            if record.account.rescore || record.account.due(setting).is_some_and(|due| due <= now) {
                let since = lookback(programmes.at(now), now).unwrap();
                let from = history.partition_point(|entry| entry.recorded_at < since);
                let evaluated = evaluate(&record.account, Some(&history[from..]), setting);
                match evaluated.entry {
                    Some(entry) => {
                        history.push(entry.clone());
                        record = write(&record, evaluated.account, entry, setting, &mut other);
                    }
                    None => record.account = evaluated.account,
                }
            }
        }
    }
    (record, earning, other)
}

#[test]
fn a_typical_members_item_costs_one_write_unit() {
    let (record, cost, other) = shop(520, 7);
    assert_eq!(record.account.tier_at(record.newest_at().unwrap()), Some("gold"));
    println!(
        "{} units and {} calls for 520 earnings; {} units besides",
        cost.write_units, cost.calls, other.write_units
    );
    assert!(cost.largest_item <= 1024, "{} bytes", cost.largest_item);
    assert!(cost.largest_page <= 1024, "{} bytes", cost.largest_page);
    assert!(cost.write_units * 100 <= 126 * 520, "{} write units for 520 earnings", cost.write_units);
    assert!(cost.calls * 100 <= 226 * 520, "{} calls for 520 earnings", cost.calls);
}

#[test]
fn what_a_member_causes_besides_stays_a_fraction_of_what_is_earned() {
    // An expiry now and then, a renewal a year, a score that changes.
    let (_, earning, other) = shop(520, 7);
    assert!(other.write_units * 100 <= earning.write_units * 8, "{} units", other.write_units);
}

#[test]
fn the_cost_does_not_grow_with_history() {
    let of = |orders| shop(orders, 7).1.write_units;
    let (first, second) = (of(260), of(520) - of(260));
    assert!(second * 100 <= first * 105, "{first} units for the first five years, {second} for the next");
}
