//! What was reported: a behaviour, perhaps a paid order.

use jiff::Timestamp;

use crate::kernel::quantity::{Minor, Points, allocate};
use crate::kernel::refusal::InvalidField;
use crate::ledger::lines::{LineKind, PaidLine, PaidLines};
use crate::planted;
use crate::programme::condition::Variables;

/// A reported behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its CloudEvents type.
    pub activity: String,
    /// Declared attributes.
    pub attributes: Variables,
    /// What was bought, if it is a paid order.
    pub order: Option<Order>,
    /// It happened in another programme: what an order had earned there, if it is one. Nothing is earned by it here.
    pub past: Option<Earned>,
}

/// What an order had earned in another programme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Earned {
    /// How many points.
    pub points: Points,
    /// When they expire, if that is said.
    pub expires_at: Option<Timestamp>,
}

/// A paid order. What is deducted on the order is spread over its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The shop's order id.
    pub order_id: String,
    /// Which of its systems reports it.
    pub source: String,
    /// ISO 4217 code.
    pub currency: String,
    /// What was sold; amounts as charged, before the deductions below.
    pub lines: Vec<Line>,
    /// Discounts on the whole order.
    pub discount: Minor,
    /// The part paid with points.
    pub points_paid: Minor,
    /// The part paid with gift cards.
    pub gift_card: Minor,
    /// Shipping contained in the lines.
    pub shipping: Minor,
    /// Taxes contained in the lines.
    pub tax: Minor,
    /// It was paid before and taken back whole, and is paid anew.
    pub reopens: bool,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it cost.
    pub amount: Minor,
    /// What was sold; empty if it is not said.
    pub sku: String,
    /// How many pieces, at least one.
    pub quantity: i64,
    /// What it is.
    pub kind: LineKind,
    /// Discounts on this line.
    pub discount: Minor,
    /// The part of it paid with points.
    pub points_paid: Minor,
    /// The part of it paid with gift cards.
    pub gift_card: Minor,
    /// Taxes contained in it.
    pub tax: Minor,
    /// Declared line attributes.
    pub attributes: Variables,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            amount: Minor::ZERO,
            sku: String::new(),
            quantity: 1,
            kind: LineKind::Goods,
            discount: Minor::ZERO,
            points_paid: Minor::ZERO,
            gift_card: Minor::ZERO,
            tax: Minor::ZERO,
            attributes: Variables::new(),
        }
    }
}

/// What is left of the lines while deductions are taken from them.
struct Bill {
    /// By line, without shipping that is contained in it.
    left: Vec<Minor>,
    /// Shipping contained in each line.
    shipping: Vec<Minor>,
    /// Which lines are goods.
    goods: Vec<bool>,
}

impl Order {
    /// Lines that were paid, and nothing else is said of it.
    #[must_use]
    pub fn of_lines(order_id: &str, source: &str, currency: &str, lines: Vec<Line>) -> Self {
        Self {
            order_id: order_id.to_owned(),
            source: source.to_owned(),
            currency: currency.to_owned(),
            lines,
            discount: Minor::ZERO,
            points_paid: Minor::ZERO,
            gift_card: Minor::ZERO,
            shipping: Minor::ZERO,
            tax: Minor::ZERO,
            reopens: false,
        }
    }

    /// The sum of the lines.
    #[must_use]
    pub fn gross(&self) -> Minor {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// What it comes to before points and gift cards pay for it.
    #[must_use]
    pub fn net(&self) -> Minor {
        self.gross() - self.lines.iter().map(|line| line.discount).sum() - self.discount
    }

    /// What it says that points paid.
    #[must_use]
    pub fn points_reported(&self) -> Minor {
        self.lines.iter().map(|line| line.points_paid).sum::<Minor>() + self.points_paid
    }

    /// The lines as they were paid: first their own discounts, then their parts of the order's, in proportion to what is left;
    /// then what was paid with points and gift cards, likewise. Goods are paid before shipping. Where points have paid more than the
    /// order says - `captured`, in minor units - they have paid that, as far as the order goes: points earn no points.
    ///
    /// # Errors
    /// The deduction that is more than what it is taken from, alone or with those before it.
    pub fn paid(&self, captured: Minor) -> Result<PaidLines, InvalidField> {
        let discounts = self.discounts()?;
        let charged: Vec<Minor> = self.lines.iter().zip(&discounts).map(|(line, off)| line.amount - *off).collect();
        let taxes = self.taxes(&charged)?;
        let mut bill = self.bill(&charged)?;
        for (place, line) in self.lines.iter().enumerate() {
            bill.pay_line(place, line.points_paid).ok_or_else(|| above(Some(place), "points_paid_minor"))?;
            bill.pay_line(place, line.gift_card).ok_or_else(|| above(Some(place), "gift_card_minor"))?;
        }
        bill.pay(self.points_paid).ok_or_else(|| above(None, "points_paid_minor"))?;
        bill.pay(self.gift_card).ok_or_else(|| above(None, "gift_card_minor"))?;
        let more = (captured - self.points_reported()).or_zero().min(bill.sum());
        bill.pay(more).ok_or_else(|| above(None, "points_paid_minor"))?;
        let lines = self.lines.iter().enumerate().map(|(place, line)| PaidLine {
            sku: line.sku.clone(),
            quantity: line.quantity,
            kind: line.kind,
            gross: line.amount,
            discount: discounts[place],
            net: bill.left[place],
            tax: taxes[place],
            attributes: line.attributes.clone(),
        });
        Ok(PaidLines { lines: lines.collect(), shipping: bill.shipping.iter().copied().sum() })
    }

    /// Discounts by line.
    fn discounts(&self) -> Result<Vec<Minor>, InvalidField> {
        let mut left = Vec::with_capacity(self.lines.len());
        for (place, line) in self.lines.iter().enumerate() {
            left.push(within(line.amount, line.discount).ok_or_else(|| above(Some(place), "discount_minor"))?);
        }
        let parts = spread(self.discount, &left).ok_or_else(|| above(None, "discount_minor"))?;
        Ok(self.lines.iter().zip(parts).map(|(line, part)| line.discount + part).collect())
    }

    /// Taxes by line: contained in what was charged, however it was paid.
    fn taxes(&self, charged: &[Minor]) -> Result<Vec<Minor>, InvalidField> {
        let mut left = Vec::with_capacity(charged.len());
        for (place, (line, charged)) in self.lines.iter().zip(charged).enumerate() {
            left.push(within(*charged, line.tax).ok_or_else(|| above(Some(place), "tax_minor"))?);
        }
        let parts = spread(self.tax, &left).ok_or_else(|| above(None, "tax_minor"))?;
        Ok(self.lines.iter().zip(parts).map(|(line, part)| line.tax + part).collect())
    }

    /// What is to be paid, with the shipping that goods contain told apart.
    fn bill(&self, charged: &[Minor]) -> Result<Bill, InvalidField> {
        let goods: Vec<bool> = self.lines.iter().map(|line| line.kind == LineKind::Goods).collect();
        let weights = goods.iter().zip(charged).map(|(goods, charged)| if *goods { *charged } else { Minor::ZERO });
        let weights: Vec<Minor> = weights.collect();
        let shipping = spread(self.shipping, &weights).ok_or_else(|| above(None, "shipping_minor"))?;
        let left = charged.iter().zip(&shipping).map(|(charged, shipping)| *charged - *shipping).collect();
        Ok(Bill { left, shipping, goods })
    }
}

impl Bill {
    /// What is still to be paid.
    fn sum(&self) -> Minor {
        self.left.iter().chain(&self.shipping).copied().sum()
    }

    /// Pays a part of a line; `None` if it is more than the line comes to.
    fn pay_line(&mut self, place: usize, amount: Minor) -> Option<()> {
        let of_goods = amount.min(self.left[place]);
        self.left[place] -= of_goods;
        self.shipping[place] = within(self.shipping[place], amount - of_goods)?;
        Some(())
    }

    /// Pays a part of the order: goods first, then shipping; `None` if it is more than all comes to.
    fn pay(&mut self, amount: Minor) -> Option<()> {
        let goods_first = !planted!("bug-shipping-paid-first");
        let weights = |of: bool| -> Vec<Minor> {
            let lines = self.left.iter().zip(&self.goods);
            let left = lines.map(|(left, goods)| if *goods == of || !goods_first { *left } else { Minor::ZERO });
            if of { left.collect() } else { left.chain(self.shipping.iter().copied()).collect() }
        };
        let goods = weights(true);
        let of_goods = amount.min(goods.iter().copied().sum());
        let (goods, shipping) = (spread(of_goods, &goods)?, spread(amount - of_goods, &weights(false))?);
        let own = shipping.iter().take(self.left.len());
        for ((left, goods), shipping) in self.left.iter_mut().zip(goods).zip(own) {
            *left = *left - goods - *shipping;
        }
        let contained = shipping.iter().skip(self.left.len());
        for (left, part) in self.shipping.iter_mut().zip(contained) {
            *left -= *part;
        }
        Some(())
    }
}

/// What is left of an amount; `None` if more is taken.
fn within(whole: Minor, taken: Minor) -> Option<Minor> {
    (taken <= whole).then(|| whole - taken)
}

/// An amount over lines in proportion to what is left of them, by largest remainder; `None` if it is more than all of them.
fn spread(amount: Minor, left: &[Minor]) -> Option<Vec<Minor>> {
    let weights: Vec<i64> = left.iter().map(|left| left.0).collect();
    let fits = amount <= left.iter().copied().sum();
    fits.then(|| allocate(amount.0, &weights).into_iter().map(Minor).collect())
}

fn above(line: Option<usize>, name: &str) -> InvalidField {
    let field = line.map_or_else(|| format!("data/{name}"), |line| format!("data/lines/{line}/{name}"));
    InvalidField::new(field, "is more than what it is taken from, alone or with the other deductions")
}
