//! An order history: invoices, and cancellation lines that take earlier ones back.
//!
//! Columns: `InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID`, and `Cancels` if cancellations name what they
//! take back. An invoice whose number begins with `C` is a cancellation; its quantities are negative. An invoice is one order, of the
//! first time that its lines carry. Times without an offset are local times of the programme's zone.

use std::collections::BTreeMap;

use super::event::{Event, Line, Order, What};
use super::left_out::{self, Cause, LeftOut};
use super::returns::{self, Cancellation};
use super::row::{Item, Reading};
use super::table::{Record, Table};

/// What the file tells.
#[derive(Debug, Default)]
pub struct History {
    /// Orders and refunds, oldest first, at one instant orders before refunds.
    pub events: Vec<Event>,
    /// What was left out, the largest first.
    pub left_out: Vec<LeftOut>,
}

/// The most lines that one order may have in the API.
const MAX_LINES: usize = 200;

impl History {
    /// Reads a table. Bad rows are no error: they are listed.
    pub fn read(table: &Table, reading: &Reading<'_>) -> Self {
        let mut orders = BTreeMap::new();
        let mut cancellations = Vec::new();
        let mut left_out = Vec::new();
        for Record { line, fields } in table.records() {
            let found = match &fields {
                Ok(fields) => reading.item(fields),
                Err(reason) => Err((Cause::Unreadable, reason.clone())),
            };
            let kept = found.and_then(|item| match item.quantity {
                ..0 => {
                    cancellations.push(Cancellation { line, item });
                    Ok(())
                }
                _ => add(&mut orders, line, item),
            });
            if let Err((cause, reason)) = kept {
                let [invoice, member] = ["InvoiceNo", "CustomerID"]
                    .map(|name| fields.as_ref().map_or("", |fields| fields.get(name)).to_owned());
                let value_minor = fields.as_ref().map_or(0, |fields| reading.value_minor(fields));
                left_out.push(LeftOut { line, invoice, member, value_minor, cause, reason });
            }
        }
        let (mut refunds, unmatched) = returns::matched(&orders, cancellations);
        left_out.extend(unmatched);
        left_out::sort(&mut left_out);
        let mut events: Vec<Event> = orders
            .into_iter()
            .map(|(invoice, Order { at, member, lines, line })| Event {
                at,
                member,
                line,
                what: What::Order { invoice, lines: shortened(lines) },
            })
            .collect();
        events.append(&mut refunds);
        events.sort_by_key(|event| event.at); // stable: orders come before the refunds of the same instant
        Self { events, left_out }
    }
}

/// Adds a line to its invoice, which belongs to the customer of its first line.
fn add(orders: &mut BTreeMap<String, Order>, line: u64, item: Item) -> Result<(), (Cause, String)> {
    let Item { invoice, stock_code, quantity, at, price, amount_minor, member, .. } = item;
    let new = || Order { at, member: member.clone(), lines: Vec::new(), line };
    let order = orders.entry(invoice).or_insert_with(new);
    if order.member != member {
        return Err((Cause::OtherCustomer, format!("the invoice belongs to customer {}", order.member)));
    }
    order.at = order.at.min(at);
    order.lines.push(Line { stock_code, price, quantity, amount_minor });
    Ok(())
}

/// The lines in an order of their own, whatever that of the file; at most as many as the API takes: the same goods together, and what
/// is still too much in one line.
fn shortened(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort();
    if lines.len() <= MAX_LINES {
        return lines;
    }
    let mut merged: BTreeMap<String, Line> = BTreeMap::new();
    for line in lines {
        let sum = merged.entry(line.stock_code.clone()).or_insert_with(|| Line {
            quantity: 0,
            amount_minor: 0,
            ..line.clone()
        });
        sum.quantity += line.quantity;
        sum.amount_minor += line.amount_minor;
    }
    let mut lines: Vec<Line> = merged.into_values().collect();
    let rest = lines.split_off(lines.len().min(MAX_LINES - 1));
    if !rest.is_empty() {
        let amount_minor = rest.iter().map(|line| line.amount_minor).sum();
        lines.push(Line { stock_code: "OTHERS".to_owned(), price: 0, quantity: 1, amount_minor });
    }
    lines
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn read(rows: &str) -> History {
        let header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
        let table = Table::parse(format!("{header}{rows}"), &[]).unwrap();
        History::read(&table, &Reading { zone: &TimeZone::UTC, dates: None, decimal_comma: false })
    }

    #[test]
    fn bad_rows_are_listed_with_their_line_and_reason() {
        let history = read(
            "1,tea,,x,2026-01-01 10:00:00,1.50,7,CN\n1,tea,,1,yesterday,1.50,7,CN\n1,tea,,1,2026-01-01 10:00:00,-1.50,7,CN\n\
             1,tea,,1,2026-01-01 10:00:00,1.50,,CN\n1,tea,,-1,2026-01-01 10:00:00,1.50,7,CN\n1,tea,,1,2026-01-01 10:00:00,1.50,王芳,CN\n\
             1,tea,,1,2026-01-01 10:00:00,1.50,7,CN\n1,tea,,1,2026-01-01 10:00:00,1.50,8,CN\n",
        );
        let mut rows: Vec<(u64, Cause)> = history.left_out.iter().map(|row| (row.line, row.cause)).collect();
        rows.sort();
        let causes = [Cause::Unreadable, Cause::Unreadable, Cause::Unreadable, Cause::NoCustomer, Cause::Contradicts];
        let causes = causes.into_iter().chain([Cause::Unreadable, Cause::OtherCustomer]);
        assert_eq!(rows, [2, 3, 4, 5, 6, 7, 9].into_iter().zip(causes).collect::<Vec<_>>());
        assert_eq!((history.left_out.len(), history.events.len()), (7, 1));
    }

    #[test]
    fn an_invoice_is_one_order_whatever_the_order_of_its_rows() {
        let rows = ["1,cup,,1,2011-03-01 10:01:00,5.50,7,GB\n", "1,tea,,2,2011-03-01 10:00:00,15.00,7,GB\n"];
        let [one, other] = [rows.concat(), rows.into_iter().rev().collect::<String>()].map(|rows| read(&rows).events);
        assert_eq!(one, other);
        assert_eq!((one.len(), one[0].at.to_string().as_str()), (1, "2011-03-01T10:00:00Z"));
    }

    #[test]
    fn long_invoices_keep_their_amount() {
        let rows: String = (0..300).map(|n| format!("1,{n},,1,2011-03-01 10:00:00,1.01,7,GB\n")).collect();
        let What::Order { lines, .. } = &read(&rows).events[0].what else { panic!("an order") };
        assert_eq!((lines.len(), lines.iter().map(|line| line.amount_minor).sum::<i64>()), (MAX_LINES, 300 * 101));
    }
}
