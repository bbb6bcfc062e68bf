//! What a history comes to, worked out from the CSV alone and in another way than the product: one point per pound, rounded down once per
//! invoice, at most 50,000 a day; a return takes back what the rest of the invoice is no longer worth.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};
use operator::replay::{Member, Summary};

/// One invoice of the file.
pub(crate) struct Invoice {
    pub(crate) at: DateTime,
    customer: String,
    /// Pence.
    net: i64,
    refunded: i64,
    /// What is left of each line: goods, thousandths of a pound for a piece, pieces.
    left: Vec<(String, i64, i64)>,
}

/// A line of a cancellation.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Return {
    at: DateTime,
    invoice: String,
    goods: String,
    price: i64,
    pieces: i64,
    customer: String,
    pence: i64,
}

/// The whole of a file.
#[derive(Default)]
pub(crate) struct Expected {
    invoices: BTreeMap<String, Invoice>,
    returns: Vec<Return>,
    refunds: BTreeMap<String, u64>,
    pub(crate) rejected: u64,
    pub(crate) unmatched: u64,
}

impl Invoice {
    fn has(&self, goods: &str, price: Option<i64>) -> i64 {
        let of = self.left.iter().filter(|line| line.0 == goods && price.is_none_or(|price| price == line.1));
        of.map(|line| line.2).sum()
    }

    /// Takes pieces off the lines of that price, then off the dearest; says how many there were.
    fn take(&mut self, goods: &str, price: i64, pieces: i64) -> i64 {
        self.left.sort_by_key(|line| (line.1 != price, -line.1));
        let mut missing = pieces;
        for line in self.left.iter_mut().filter(|line| line.0 == goods) {
            let taken = line.2.min(missing);
            line.2 -= taken;
            missing -= taken;
        }
        pieces - missing
    }

    fn points(&self) -> i64 {
        (self.net / 100).min(50_000)
    }

    fn left_points(&self) -> i64 {
        ((self.net - self.refunded) / 100).min(50_000)
    }
}

impl Expected {
    pub(crate) fn of(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let mut expected = Self::default();
        let mut first: HashMap<String, DateTime> = HashMap::new();
        for row in text.lines().skip(1) {
            expected.row(row, &mut first);
        }
        for (number, invoice) in &mut expected.invoices {
            invoice.at = first[number];
        }
        for line in &mut expected.returns {
            line.at = first[&line.invoice];
        }
        let mut returns = std::mem::take(&mut expected.returns);
        returns.sort();
        for line in &returns {
            expected.take_back(line);
        }
        expected
    }

    fn row(&mut self, row: &str, first: &mut HashMap<String, DateTime>) {
        let fields = fields(row);
        let [invoice, goods, _, quantity, at, price, customer, _] = fields.as_slice() else { panic!("{row}") };
        let (quantity, customer) = (quantity.parse::<i64>().unwrap(), customer.trim_end_matches(".0").to_owned());
        if customer.is_empty() || price.starts_with('-') || (quantity < 0) != invoice.starts_with('C') {
            self.rejected += 1;
            return;
        }
        let (pounds, rest) = price.split_once('.').unwrap();
        let price = pounds.parse::<i64>().unwrap() * 1000 + format!("{rest:0<3}").parse::<i64>().unwrap();
        let at: DateTime = at.replace(' ', "T").parse().unwrap();
        first.entry(invoice.clone()).and_modify(|earliest| *earliest = at.min(*earliest)).or_insert(at);
        let pence = (quantity.abs() * price + 5) / 10;
        let goods = goods.clone();
        if quantity < 0 {
            let invoice = invoice.clone();
            self.returns.push(Return { at, invoice, goods, price, pieces: -quantity, customer, pence });
            return;
        }
        let new = || Invoice { at, customer, net: 0, refunded: 0, left: Vec::new() };
        let invoice = self.invoices.entry(invoice.clone()).or_insert_with(new);
        invoice.net += pence;
        invoice.left.push((goods, price, quantity));
    }

    fn take_back(&mut self, line: &Return) {
        let Return { at, goods, price, pieces, customer, pence, .. } = line;
        let mut earlier: Vec<(&String, &mut Invoice)> =
            self.invoices.iter_mut().filter(|(_, sold)| sold.customer == *customer && sold.at <= *at).collect();
        earlier.sort_by_key(|(number, sold)| (sold.at, *number));
        earlier.reverse();
        let same = earlier.iter().position(|(_, sold)| sold.has(goods, Some(*price)) >= *pieces);
        let one = same.or_else(|| earlier.iter().position(|(_, sold)| sold.has(goods, None) >= *pieces));
        let from = one.map_or(0..earlier.len(), |one| one..one + 1);
        let (mut missing, mut left) = (*pieces, *pence);
        for (_, sold) in &mut earlier[from] {
            let taken = sold.take(goods, *price, missing);
            missing -= taken;
            let part = if missing == 0 { left } else { pence * taken / pieces };
            left -= part;
            sold.refunded = sold.net.min(sold.refunded + part);
            *self.refunds.entry(customer.clone()).or_default() += u64::from(part > 0);
        }
        self.unmatched += u64::from(left > 0);
    }

    /// What each customer has, had nothing expired.
    pub(crate) fn members(&self) -> BTreeMap<String, Member> {
        let mut members: BTreeMap<String, Member> = BTreeMap::new();
        for invoice in self.invoices.values() {
            let name = invoice.customer.clone();
            let refunds = self.refunds.get(&name).copied().unwrap_or_default();
            let member = members.entry(name.clone()).or_insert(Member { member: name, refunds, ..Member::default() });
            member.orders += 1;
            member.issued += invoice.points();
            member.clawed_back += invoice.points() - invoice.left_points();
        }
        members
    }

    /// The totals at an instant when nothing waits any more; points expire at the end of the month a year later.
    pub(crate) fn totals(&self, until: Timestamp) -> Summary {
        let today = until.in_tz("Asia/Shanghai").unwrap().date();
        let members = self.members();
        let mut summary = Summary { members: members.len().try_into().unwrap(), ..Summary::default() };
        for member in members.values() {
            summary.orders += member.orders;
            summary.refunds += member.refunds;
            summary.issued += member.issued;
            summary.clawed_back += member.clawed_back;
        }
        for invoice in self.invoices.values() {
            let over = last_day(invoice.at.date()) < today;
            *(if over { &mut summary.expired } else { &mut summary.active }) += invoice.left_points();
        }
        (summary.rejected_rows, summary.unmatched_cancellations) = (self.rejected, self.unmatched);
        summary
    }
}

/// The last day on which points earned on a day are valid.
pub(crate) fn last_day(earned: Date) -> Date {
    earned.saturating_add(1.year()).last_of_month()
}

fn fields(row: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in row.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    fields
}
