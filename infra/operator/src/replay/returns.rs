//! Which invoices a cancellation line takes back.
//!
//! One that has enough left of the same goods at the same price, the newest first; else one that has enough left of the same goods;
//! else all that have some. Only invoices of the same customer, not later than the cancellation. What none of them has is left out.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::event::{Event, Order, What};
use super::left_out::{Cause, LeftOut};
use super::row::Item;

/// A cancellation line.
pub(super) struct Cancellation {
    pub(super) line: u64,
    pub(super) item: Item,
}

/// What was sold of one kind of goods on one invoice, and how many are left at each price.
struct Sale<'a> {
    at: Timestamp,
    invoice: &'a str,
    left: BTreeMap<i64, i64>,
}

/// By member and stock code, oldest first.
type Sales<'a> = HashMap<(&'a str, &'a str), Vec<Sale<'a>>>;

/// So many pieces from one invoice.
struct Part {
    invoice: String,
    pieces: i64,
}

impl Sale<'_> {
    fn left(&self) -> i64 {
        self.left.values().sum()
    }

    fn left_at(&self, price: i64) -> i64 {
        self.left.get(&price).copied().unwrap_or_default()
    }

    /// Takes as many pieces as are wanted and there, those of the same price first, then the dearest.
    fn take(&mut self, wanted: i64, price: i64) -> Part {
        let mut missing = wanted;
        let others: Vec<i64> = self.left.keys().rev().copied().filter(|&other| other != price).collect();
        for price in std::iter::once(price).chain(others) {
            if let Some(left) = self.left.get_mut(&price) {
                let taken = missing.min(*left);
                *left -= taken;
                missing -= taken;
            }
        }
        Part { invoice: self.invoice.to_owned(), pieces: wanted - missing }
    }
}

/// The refunds, oldest first, and what takes nothing back.
pub(super) fn matched(
    orders: &BTreeMap<String, Order>,
    mut cancellations: Vec<Cancellation>,
) -> (Vec<Event>, Vec<LeftOut>) {
    count_from_the_first(&mut cancellations);
    // By what they say, and not by where they stand: so the n-th of some goods is the same in every copy of the file.
    cancellations.sort_by(|one, other| key(one).cmp(&key(other)));
    let mut sales = sales(orders);
    let mut numbers: HashMap<(String, String), u32> = HashMap::new();
    let (mut refunds, mut left_out) = (Vec::new(), Vec::new());
    for cancellation in &cancellations {
        let Cancellation { line, item } = cancellation;
        let number = numbers.entry((item.invoice.clone(), item.stock_code.clone())).or_default();
        *number += 1;
        let mut leave = |value_minor, cause, reason| {
            let (invoice, member) = (item.invoice.clone(), item.member.clone());
            left_out.push(LeftOut { line: *line, invoice, member, value_minor, cause, reason });
        };
        if item.amount_minor == 0 {
            leave(0, Cause::NothingPaid, format!("nothing was paid for {}", item.stock_code));
            continue;
        }
        let of_goods = sales.get_mut(&(item.member.as_str(), item.stock_code.as_str()));
        let of_goods = of_goods.map_or(&mut [][..], Vec::as_mut_slice);
        let taken = match &item.cancels {
            Some(named) => take_named(orders, of_goods, item, named),
            None => take(of_goods, item),
        };
        match taken {
            Ok(parts) => {
                let (parts, rest_minor) = priced(parts, item);
                for (place, (invoice, amount_minor)) in parts.into_iter().enumerate() {
                    let id = name(item, *number, place);
                    let what = What::Refund { id, cancellation: item.invoice.clone(), invoice, amount_minor };
                    refunds.push(Event { at: item.at, member: item.member.clone(), line: *line, what });
                }
                if rest_minor > 0 {
                    let reason =
                        format!("less than {} of {} is left of earlier invoices", -item.quantity, item.stock_code);
                    leave(rest_minor, Cause::NothingLeft, reason);
                }
            }
            Err((cause, reason)) => leave(-item.amount_minor, cause, reason),
        }
    }
    (refunds, left_out)
}

/// The lines of one cancellation count from the first of their times.
fn count_from_the_first(cancellations: &mut [Cancellation]) {
    let mut first: HashMap<String, Timestamp> = HashMap::new();
    for Cancellation { item, .. } in &*cancellations {
        first.entry(item.invoice.clone()).and_modify(|at| *at = item.at.min(*at)).or_insert(item.at);
    }
    for Cancellation { item, .. } in cancellations {
        item.at = first.get(&item.invoice).copied().unwrap_or(item.at);
    }
}

/// What orders cancellations.
fn key(cancellation: &Cancellation) -> impl Ord + '_ {
    let Cancellation { line, item } = cancellation;
    (item.at, &item.invoice, &item.stock_code, item.price, item.quantity, (&item.member, &item.cancels, *line))
}

fn sales(orders: &BTreeMap<String, Order>) -> Sales<'_> {
    let mut by_age: Vec<(&String, &Order)> = orders.iter().collect();
    by_age.sort_by_key(|(_, order)| order.at);
    let mut sales: Sales<'_> = HashMap::new();
    for (invoice, order) in by_age {
        for line in &order.lines {
            let of_goods = sales.entry((&order.member, &line.stock_code)).or_default();
            if of_goods.last().is_none_or(|sale| sale.invoice != invoice) {
                of_goods.push(Sale { at: order.at, invoice, left: BTreeMap::new() });
            }
            if let Some(sale) = of_goods.last_mut() {
                *sale.left.entry(line.price).or_default() += line.quantity;
            }
        }
    }
    sales
}

/// Takes a cancellation's pieces from the invoices that have them.
fn take(sales: &mut [Sale<'_>], item: &Item) -> Result<Vec<Part>, (Cause, String)> {
    let wanted = -item.quantity;
    let earlier = sales.iter().take_while(|sale| sale.at <= item.at).count();
    let earlier = sales.get_mut(..earlier).unwrap_or_default();
    if earlier.is_empty() {
        return Err((Cause::NeverSold, format!("no earlier invoice has {}", item.stock_code)));
    }
    let same = earlier.iter().rposition(|sale| sale.left_at(item.price) >= wanted);
    let enough = same.or_else(|| earlier.iter().rposition(|sale| sale.left() >= wanted));
    if let Some(sale) = enough.and_then(|place| earlier.get_mut(place)) {
        return Ok(vec![sale.take(wanted, item.price)]);
    }
    let mut missing = wanted;
    let mut parts = Vec::new();
    for sale in earlier.iter_mut().rev() {
        let part = sale.take(missing, item.price);
        missing -= part.pieces;
        if part.pieces > 0 {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        return Err((Cause::NothingLeft, format!("no earlier invoice has any of {} left", item.stock_code)));
    }
    Ok(parts)
}

/// Takes all of a cancellation from the invoice that it names, whether or not the goods are on it: money was given back.
fn take_named(
    orders: &BTreeMap<String, Order>,
    sales: &mut [Sale<'_>],
    item: &Item,
    named: &str,
) -> Result<Vec<Part>, (Cause, String)> {
    let order = orders.get(named).filter(|order| order.member == item.member && order.at <= item.at);
    if order.is_none() {
        return Err((Cause::NoSuchInvoice, format!("the customer has no earlier invoice {named}")));
    }
    if let Some(sale) = sales.iter_mut().find(|sale| sale.invoice == named) {
        sale.take(-item.quantity, item.price);
    }
    Ok(vec![Part { invoice: named.to_owned(), pieces: -item.quantity }])
}

/// What of a cancellation's amount falls to each part, by pieces and rounded down, and what to none. The last of all takes the rest: a
/// part, or what is left out.
fn priced(parts: Vec<Part>, item: &Item) -> (Vec<(String, i64)>, i64) {
    let (pieces, mut left) = (-item.quantity, -item.amount_minor);
    let mut missing = pieces;
    let mut amounts = Vec::new();
    for Part { invoice, pieces: taken } in parts {
        missing -= taken;
        let share = i128::from(-item.amount_minor) * i128::from(taken) / i128::from(pieces);
        let amount = if missing == 0 { left } else { i64::try_from(share).unwrap_or(left) };
        left -= amount;
        if amount > 0 {
            amounts.push((invoice, amount));
        }
    }
    (amounts, left)
}

/// What names a refund: the cancellation, the goods, the how many-th of them, and if it is spread, which part.
fn name(item: &Item, number: u32, place: usize) -> String {
    let name = format!("{}-{}-{number}", item.invoice, item.stock_code);
    if place == 0 { name } else { format!("{name}.{}", place + 1) }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::super::history::History;
    use super::super::row::Reading;
    use super::super::table::Table;
    use super::*;

    /// Of rows `invoice goods quantity day price` of one customer: the refunds `id order amount`, and what was left out.
    #[track_caller]
    fn check(rows: &[&str], refunds: &[&str], left_out: &[(Cause, i64)]) {
        for rows in [rows.to_vec(), rows.iter().rev().copied().collect()] {
            let mut text = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Cancels\n".to_owned();
            for row in rows {
                let fields: Vec<&str> = row.split(' ').collect();
                let [invoice, goods, quantity, day, price, rest @ ..] = fields.as_slice() else { panic!("{row}") };
                let cancels = rest.first().unwrap_or(&"");
                text.push_str(&format!("{invoice},{goods},{quantity},2026-01-{day} 10:00:00,{price},7,{cancels}\n"));
            }
            let table = Table::parse(text, &[]).unwrap();
            let reading = Reading { zone: &TimeZone::UTC, dates: None, decimal_comma: false };
            let history = History::read(&table, &reading);
            let found: Vec<String> = history
                .events
                .iter()
                .filter_map(|event| match &event.what {
                    What::Refund { id, invoice, amount_minor, .. } => Some(format!("{id} {invoice} {amount_minor}")),
                    What::Order { .. } => None,
                })
                .collect();
            assert_eq!(found, refunds);
            let found: Vec<(Cause, i64)> = history.left_out.iter().map(|row| (row.cause, row.value_minor)).collect();
            assert_eq!(found, left_out);
        }
    }

    #[test]
    fn the_newest_invoice_with_enough_left_is_taken_back() {
        let sold = ["1 tea 2 01 1.50", "2 tea 5 02 1.50", "3 tea 1 03 1.50"];
        let returned = ["C4 tea -4 04 1.50", "C5 tea -2 05 1.50"];
        check(
            &[sold, ["C4 tea -4 04 1.50", "C5 tea -2 05 1.50", "4 cup 1 06 1.00"]].concat(),
            &["C4-tea-1 2 600", "C5-tea-1 1 300"],
            &[],
        );
        let too_many = [&sold[..], &returned, &["C6 tea -3 06 1.50"]].concat();
        let refunds = ["C4-tea-1 2 600", "C5-tea-1 1 300", "C6-tea-1 3 150", "C6-tea-1.2 2 150"];
        check(&too_many, &refunds, &[(Cause::NothingLeft, 150)]);
    }

    #[test]
    fn the_same_price_comes_before_the_newest() {
        let sold = ["1 tea 2 01 1.50", "2 tea 2 02 1.25"];
        check(&[&sold[..], &["C3 tea -2 03 1.50"]].concat(), &["C3-tea-1 1 300"], &[]);
        check(&[&sold[..], &["C3 tea -2 03 1.40"]].concat(), &["C3-tea-1 2 280"], &[]);
    }

    #[test]
    fn what_no_single_invoice_has_is_spread() {
        let rows = ["1 tea 2 01 1.00", "2 tea 1 02 1.00", "C3 tea -3 03 0.37"];
        check(&rows, &["C3-tea-1 2 37", "C3-tea-1.2 1 74"], &[]);
        let rows = ["1 tea 1 01 1.00", "2 tea 1 02 1.00", "C3 tea -3 03 0.3333"];
        check(&rows, &["C3-tea-1 2 33", "C3-tea-1.2 1 33"], &[(Cause::NothingLeft, 34)]);
    }

    #[test]
    fn what_was_not_sold_before_is_left_out() {
        check(&["C1 tea -1 01 1.50", "2 tea 1 02 1.50"], &[], &[(Cause::NeverSold, 150)]);
        check(&["1 tea 1 02 1.50", "C1 tea -1 02 1.50"], &["C1-tea-1 1 150"], &[]);
        check(&["1 tea 1 01 0.00", "C1 tea -1 02 0.00"], &[], &[(Cause::NothingPaid, 0)]);
    }

    #[test]
    fn lines_of_the_same_goods_are_told_apart_by_what_they_say() {
        let rows = ["1 tea 9 01 1.50", "C2 tea -1 02 1.50", "C2 tea -2 02 1.50", "C2 tea -2 02 1.50"];
        check(&rows, &["C2-tea-1 1 300", "C2-tea-2 1 300", "C2-tea-3 1 150"], &[]);
    }

    #[test]
    fn a_cancellation_may_name_its_invoice() {
        check(&["1 tea 60 01 649.50", "C2 M -1 01 38970.00 1"], &["C2-M-1 1 3897000"], &[]);
        check(&["1 tea 60 01 649.50", "C2 M -1 01 1.00 9"], &[], &[(Cause::NoSuchInvoice, 100)]);
    }
}
