//! What was reported: a behaviour, perhaps a paid order.

use crate::kernel::quantity::{Minor, allocate};
use crate::programme::compiled::Rule;
use crate::programme::condition::Variables;
use crate::programme::earning_rule::Basis;

/// A reported behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its CloudEvents type.
    pub activity: String,
    /// Declared attributes.
    pub attributes: Variables,
    /// What was bought, if it is a paid order.
    pub order: Option<Order>,
    /// An admin's reason for accepting it outside the time window.
    pub override_reason: Option<String>,
}

/// A paid order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The shop's order id, unique within the brand.
    pub order_id: String,
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
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it cost.
    pub amount: Minor,
    /// `sku`, `quantity`, `amount_minor` and declared line attributes.
    pub attributes: Variables,
}

impl Order {
    /// The sum of the lines.
    #[must_use]
    pub fn gross(&self) -> Minor {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// What the member paid for goods; never below zero.
    #[must_use]
    pub fn net(&self) -> Minor {
        (self.gross() - self.discount - self.points_paid - self.gift_card - self.shipping).or_zero()
    }

    /// The basis of a rule: the part of gross or net that its lines carry, the order's deductions split over the lines in
    /// proportion.
    pub(crate) fn basis(&self, rule: &Rule) -> Minor {
        let weights: Vec<i64> = self.lines.iter().map(|line| line.amount.0).collect();
        let whole = match rule.written.basis {
            Basis::NetCash => self.net(),
            Basis::NetCashExcludingTax => (self.net() - self.tax).or_zero(),
            Basis::Gross => self.gross(),
        };
        let Some(condition) = &rule.lines else { return whole };
        let parts = allocate(whole.0, &weights);
        let matching = self.lines.iter().zip(parts).filter(|(line, _)| condition.holds(&line.attributes) == Ok(true));
        matching.map(|(_, part)| Minor(part)).sum()
    }
}
