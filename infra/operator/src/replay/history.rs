//! An order history as a CSV file: invoice lines, and cancellation lines that take earlier ones back.
//!
//! Columns: `InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country`. An invoice whose
//! number begins with `C` is a cancellation; its quantities are negative. Times are local times of the programme's zone.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// What the file tells.
#[derive(Debug, Default)]
pub struct History {
    /// Orders and refunds, oldest first.
    pub events: Vec<Event>,
    /// Rows that say nothing sensible.
    pub rejected: Vec<Rejected>,
    /// Cancellation lines that take back no earlier invoice line.
    pub unmatched: Vec<Rejected>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub member: String,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An invoice was paid.
    Order {
        /// Its number.
        invoice: String,
        /// Its lines.
        lines: Vec<Line>,
    },
    /// A line was cancelled.
    Refund {
        /// Names this refund, whenever the file is read again.
        id: String,
        /// The invoice it takes back.
        invoice: String,
        /// How much, in minor units.
        amount_minor: i64,
    },
}

/// An invoice line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was sold.
    pub stock_code: String,
    /// How many.
    pub quantity: i64,
    /// What they cost together, in minor units.
    pub amount_minor: i64,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its line in the file, from 1 for the header.
    pub line: u64,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    invoice_no: String,
    stock_code: String,
    quantity: String,
    invoice_date: String,
    unit_price: String,
    #[serde(rename = "CustomerID")]
    customer_id: String,
}

/// A row that makes sense.
struct Item {
    invoice: String,
    stock_code: String,
    quantity: i64,
    at: Timestamp,
    amount_minor: i64,
    member: String,
}

/// When something was sold, on which invoice, and how many are left of it.
type Sale<'a> = (Timestamp, &'a str, i64);

/// The most lines that one order may have in the API.
const MAX_LINES: usize = 200;

impl History {
    /// Reads a file.
    ///
    /// # Errors
    /// It is not CSV, or lacks a column. Bad rows are no error: they are listed.
    pub fn read(file: impl Read, zone: &TimeZone) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(file);
        let mut history = Self::default();
        let mut orders: BTreeMap<(Timestamp, String), (String, Vec<Line>)> = BTreeMap::new();
        let mut cancellations = Vec::new();
        let headers = reader.headers()?.clone();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            match record
                .deserialize::<Row>(Some(&headers))
                .map_err(|error| error.to_string())
                .and_then(|row| row.check(zone))
            {
                Err(reason) => history.rejected.push(Rejected { line, reason }),
                Ok(item) if item.quantity < 0 => cancellations.push((line, item)),
                Ok(item) => {
                    let order =
                        orders.entry((item.at, item.invoice)).or_insert_with(|| (item.member.clone(), Vec::new()));
                    if order.0 == item.member {
                        let Item { stock_code, quantity, amount_minor, .. } = item;
                        order.1.push(Line { stock_code, quantity, amount_minor });
                    } else {
                        let reason = "the invoice belongs to another customer".to_owned();
                        history.rejected.push(Rejected { line, reason });
                    }
                }
            }
        }
        history.unmatched = history.match_cancellations(&orders, cancellations);
        history.events.extend(orders.into_iter().map(|((at, invoice), (member, lines))| {
            let what = What::Order { invoice, lines: shortened(lines) };
            Event { at, member, what }
        }));
        history.events.sort_by_key(|event| event.at); // stable: a refund comes after its order
        Ok(history)
    }

    /// A cancellation line refunds the latest earlier invoice of the same customer with the same stock code and enough
    /// quantity left.
    fn match_cancellations(
        &mut self,
        orders: &BTreeMap<(Timestamp, String), (String, Vec<Line>)>,
        mut cancellations: Vec<(u64, Item)>,
    ) -> Vec<Rejected> {
        let mut sold: HashMap<(String, String), Vec<Sale<'_>>> = HashMap::new();
        for ((at, invoice), (member, lines)) in orders {
            for line in lines {
                let sales = sold.entry((member.clone(), line.stock_code.clone())).or_default();
                match sales.last_mut() {
                    Some((_, last, left)) if *last == invoice => *left += line.quantity,
                    _ => sales.push((*at, invoice, line.quantity)),
                }
            }
        }
        let mut unmatched = Vec::new();
        let mut refunds = Vec::new();
        cancellations.sort_by_key(|(line, item)| (item.at, *line));
        for (line, item) in cancellations {
            let quantity = -item.quantity;
            let sales = sold.get_mut(&(item.member.clone(), item.stock_code.clone()));
            let sale = sales
                .and_then(|sales| sales.iter_mut().rev().find(|(at, _, left)| *at <= item.at && *left >= quantity));
            let Some((_, invoice, left)) = sale else {
                let reason = format!("{}: no earlier invoice has {quantity} of {} left", item.invoice, item.stock_code);
                unmatched.push(Rejected { line, reason });
                continue;
            };
            if item.amount_minor == 0 {
                unmatched.push(Rejected { line, reason: format!("{}: nothing was paid for it", item.invoice) });
                continue;
            }
            *left -= quantity;
            let id = format!("{}-{line}", item.invoice);
            let what = What::Refund { id, invoice: (*invoice).to_owned(), amount_minor: -item.amount_minor };
            refunds.push(Event { at: item.at, member: item.member, what });
        }
        self.events.extend(refunds);
        unmatched
    }
}

/// At most as many lines as the API takes: the same goods together, and what is still too much in one line.
fn shortened(lines: Vec<Line>) -> Vec<Line> {
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
        lines.push(Line { stock_code: "OTHERS".to_owned(), quantity: 1, amount_minor });
    }
    lines
}

impl Row {
    fn check(self, zone: &TimeZone) -> Result<Item, String> {
        let named = |text: &str, what: &str| {
            let text = text.trim().to_owned();
            if text.is_empty() || text.len() > 64 { Err(format!("no {what}")) } else { Ok(text) }
        };
        let invoice = named(&self.invoice_no, "InvoiceNo")?;
        let member = named(&self.customer_id, "CustomerID")?;
        let shaped = member.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !shaped {
            return Err(format!("`{member}` is not a CustomerID"));
        }
        let quantity: i64 =
            self.quantity.trim().parse().map_err(|_not_a_number| format!("`{}` is not a Quantity", self.quantity))?;
        if quantity == 0 || quantity.abs() > 1_000_000 {
            return Err("the Quantity must be within a million, and not 0".to_owned());
        }
        if (quantity < 0) != invoice.starts_with('C') {
            return Err("a negative Quantity belongs to a cancellation (C...), a positive one to an invoice".to_owned());
        }
        let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", self.invoice_date.trim()).ok();
        let at = at.and_then(|at| at.to_zoned(zone.clone()).ok()).map(|at| at.timestamp());
        let at =
            at.ok_or_else(|| format!("`{}` is not an InvoiceDate such as 2010-12-01 11:41:00", self.invoice_date))?;
        let price = price(&self.unit_price).ok_or_else(|| format!("`{}` is not a UnitPrice", self.unit_price))?;
        let amount_minor = rounded(i128::from(quantity) * i128::from(price));
        Ok(Item { invoice, stock_code: self.stock_code.trim().to_owned(), quantity, at, amount_minor, member })
    }
}

/// A price in ten-thousandths of a minor unit's hundred: `0.42` is 4,200.
fn price(text: &str) -> Option<i64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 4 || whole.len() > 9 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<4}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(10_000)?.checked_add(fraction)
}

/// Ten-thousandths of a unit as minor units, a half away from zero.
fn rounded(ten_thousandths: i128) -> i64 {
    let half = if ten_thousandths < 0 { -50 } else { 50 };
    i64::try_from((ten_thousandths + half) / 100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    fn read(rows: &str) -> History {
        History::read(format!("{HEADER}{rows}").as_bytes(), &TimeZone::UTC).unwrap()
    }

    #[test]
    fn a_cancellation_refunds_the_latest_earlier_invoice_with_enough_left() {
        let history = read(
            "1,tea,,2,2026-01-01 10:00:00,1.50,7,CN\n2,tea,,5,2026-01-02 10:00:00,1.50,7,CN\n3,tea,,1,2026-01-03 10:00:00,1.50,7,CN\n\
             C4,tea,,-4,2026-01-04 10:00:00,1.50,7,CN\nC5,tea,,-2,2026-01-05 10:00:00,1.50,7,CN\nC6,tea,,-3,2026-01-06 10:00:00,1.50,7,CN\n",
        );
        let refunds = history.events.iter().filter_map(|event| match &event.what {
            What::Refund { invoice, amount_minor, .. } => Some((invoice.as_str(), *amount_minor)),
            What::Order { .. } => None,
        });
        assert_eq!(refunds.collect::<Vec<_>>(), [("2", 600), ("1", 300)]);
        assert_eq!(history.unmatched.len(), 1);
        assert_eq!(history.unmatched[0].line, 7);
    }

    #[test]
    fn bad_rows_are_listed_with_their_line_and_reason() {
        let history = read(
            "1,tea,,x,2026-01-01 10:00:00,1.50,7,CN\n1,tea,,1,yesterday,1.50,7,CN\n1,tea,,1,2026-01-01 10:00:00,-1.50,7,CN\n\
             1,tea,,1,2026-01-01 10:00:00,1.50,,CN\n1,tea,,-1,2026-01-01 10:00:00,1.50,7,CN\n1,tea,,1,2026-01-01 10:00:00,1.50,王芳,CN\n\
             1,tea,,1,2026-01-01 10:00:00,1.50,7,CN\n",
        );
        let lines: Vec<u64> = history.rejected.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
        assert!(history.rejected[3].reason.contains("CustomerID"));
        assert_eq!(history.events.len(), 1);
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(price("0.42"), Some(4200));
        assert_eq!(price("0.001"), Some(10));
        assert_eq!(price("1e3"), None);
        assert_eq!(rounded(24 * 4200), 1008);
        assert_eq!(rounded(-3 * 50), -2);
    }
}
