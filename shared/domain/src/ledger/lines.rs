//! The lines of an order as they were paid, and what is left of them.
//!
//! They are frozen when the order earns and kept beside it, not in its entry: a refund that names lines needs them. What is left
//! follows from them and from what the refund entries say, whatever the order in which lines came back.

use crate::kernel::quantity::{Minor, allocate};
use crate::kernel::refusal::InvalidField;
use crate::planted;
use crate::programme::condition::Variables;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineKind {
    /// Something that was bought.
    #[default]
    Goods,
    /// Its delivery: earns only by rules that say so.
    Shipping,
}

/// A line as it was paid: its own deductions and its parts of the order's are taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidLine {
    /// What was sold; empty if the shop did not say.
    pub sku: String,
    /// How many pieces.
    pub quantity: i64,
    /// What it is.
    pub kind: LineKind,
    /// What it cost before deductions, in minor units.
    pub gross: Minor,
    /// Discounts, in minor units: its own, and its part of the order's.
    pub discount: Minor,
    /// What the member paid for it, in minor units; never below zero.
    pub net: Minor,
    /// Taxes contained in it, in minor units.
    pub tax: Minor,
    /// Declared attributes, as the shop gave them.
    pub attributes: Variables,
}

/// The lines of an order as they were paid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaidLines {
    /// In the order in which the shop gave them; a line is known by its place, from 0.
    pub lines: Vec<PaidLine>,
    /// What the member paid for shipping that was contained in the lines, in minor units.
    pub shipping: Minor,
}

/// What a refund takes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnedLine {
    /// Its place in the order, from 0.
    pub line: u32,
    /// How many pieces came back.
    pub quantity: i64,
    /// How much was paid back for it, in minor units, never more than is left of it.
    pub amount: Minor,
}

/// What a refund takes of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Returned {
    /// Those that it names; what is not in them was paid back without naming one.
    pub lines: Vec<ReturnedLine>,
    /// How much of lines that are shipping it takes, beside what it takes of goods, in minor units.
    pub shipping: Minor,
}

/// A line that comes back, as the shop names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineReturn {
    /// Its place in the order, from 0.
    pub line: Option<u32>,
    /// What was sold; enough if one line only has it.
    pub sku: Option<String>,
    /// How many pieces; without an amount all that are left.
    pub quantity: Option<i64>,
    /// How much was paid back; else the share of the pieces, in minor units.
    pub amount: Option<Minor>,
}

/// An order was returned, in part or whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refund {
    /// The shop's refund id.
    pub id: String,
    /// Which of its systems reports it.
    pub source: String,
    /// The shop's order id.
    pub order_id: String,
    /// How much was paid back without naming a line, in minor units; above zero if no line is named.
    pub amount: Minor,
    /// The lines that came back; they are taken before the amount.
    pub lines: Vec<LineReturn>,
}

impl Refund {
    /// Of an amount, that names no line.
    #[must_use]
    pub fn of_amount(order_id: impl Into<String>, amount: Minor) -> Self {
        Self { order_id: order_id.into(), amount, ..Self::default() }
    }
}

/// What is left of an order's lines.
#[derive(Debug, Clone)]
pub(crate) struct Remaining<'a> {
    paid: &'a PaidLines,
    back: Vec<Back>,
    /// Paid back without naming a line, since lines were last named. It is spread over them only when one is named again, so
    /// that any split of an amount is the amount.
    by_amount: Minor,
}

/// What has come back of a line.
#[derive(Debug, Clone, Copy, Default)]
struct Back {
    pieces: i64,
    /// Paid back beside the share of those pieces; below zero if less was.
    beside: Minor,
}

/// What a refund asks of an order, worked out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Money for goods.
    pub(crate) goods: Minor,
    /// By line, and for shipping.
    pub(crate) returned: Returned,
    /// All that was asked.
    pub(crate) asked: Minor,
}

impl PaidLines {
    /// What the member paid for goods.
    #[must_use]
    pub fn net(&self) -> Minor {
        self.of(LineKind::Goods).map(|line| line.net).sum()
    }

    /// What goods cost before deductions.
    #[must_use]
    pub fn gross(&self) -> Minor {
        self.of(LineKind::Goods).map(|line| line.gross).sum()
    }

    /// How many lines are goods, without those that came back.
    #[must_use]
    pub fn count(&self) -> i64 {
        i64::try_from(self.of(LineKind::Goods).filter(|line| line.is_there()).count()).unwrap_or(i64::MAX)
    }

    fn of(&self, kind: LineKind) -> impl Iterator<Item = &PaidLine> {
        self.lines.iter().filter(move |line| line.kind == kind)
    }

    /// Which line is meant.
    fn named(&self, asked: &LineReturn, at: &str) -> Result<usize, InvalidField> {
        let invalid = |field: &str, message: &str| InvalidField::new(format!("{at}{field}"), message);
        if let Some(place) = asked.line {
            let found = usize::try_from(place).ok().filter(|place| *place < self.lines.len());
            let place = found.ok_or_else(|| invalid("/line", "is not a line of the order"))?;
            let agrees = asked.sku.as_ref().is_none_or(|sku| *sku == self.lines[place].sku);
            return if agrees { Ok(place) } else { Err(invalid("/sku", "is not the sku of that line")) };
        }
        let Some(sku) = &asked.sku else { return Err(invalid("", "needs a line or a sku")) };
        let mut with_it = self.lines.iter().enumerate().filter(|(_, line)| line.sku == *sku);
        match (with_it.next(), with_it.next()) {
            (Some((place, _)), None) => Ok(place),
            (Some(_), Some(_)) => Err(invalid("/sku", "is on several lines; name the line")),
            (None, _) => Err(invalid("/sku", "is on no line of the order")),
        }
    }
}

impl PaidLine {
    /// Is anything left of it?
    pub(crate) fn is_there(&self) -> bool {
        self.quantity > 0 || self.net.is_positive()
    }

    /// The line with some of it back.
    fn less(&self, back: Back) -> Self {
        let left = |whole: Minor| whole - last_pieces(whole, self.quantity, back.pieces);
        let net = (left(self.net) - back.beside).or_zero();
        let in_step = |whole: Minor| if back.beside.is_zero() { left(whole) } else { part(whole, net, self.net) };
        Self {
            quantity: self.quantity.saturating_sub(back.pieces),
            gross: in_step(self.gross),
            discount: in_step(self.discount),
            tax: in_step(self.tax),
            net,
            ..self.clone()
        }
    }
}

/// What the last `pieces` of `quantity` carry of an amount: it is split over the pieces by largest remainder, and those that
/// come later carry less.
fn last_pieces(amount: Minor, quantity: i64, pieces: i64) -> Minor {
    let each = amount.0.checked_div(quantity).unwrap_or_default();
    let larger = amount.0.checked_rem(quantity).unwrap_or_default();
    let larger = if planted!("bug-piece-share-floored") { 0 } else { larger };
    let smaller = quantity.saturating_sub(larger);
    Minor(each.saturating_mul(pieces).saturating_add(pieces.saturating_sub(smaller).max(0)))
}

/// `whole x upper / lower`, rounded down; nothing of nothing.
pub(crate) fn part(whole: Minor, upper: Minor, lower: Minor) -> Minor {
    let part = i128::from(whole.0).saturating_mul(upper.0.into()).checked_div(lower.0.into());
    Minor(part.and_then(|part| i64::try_from(part).ok()).unwrap_or_default())
}

impl<'a> Remaining<'a> {
    /// All of it, less what came back before the order was known: as [`Remaining::so_far`] said.
    pub(crate) fn of(paid: &'a PaidLines, returned: &Returned, netted: Minor) -> Self {
        let mut remaining = Self { paid, back: vec![Back::default(); paid.lines.len()], by_amount: Minor::ZERO };
        remaining.take(&returned.lines, netted + returned.shipping);
        remaining
    }

    /// The lines as they are left, without what was paid back since one was named.
    pub(crate) fn lines(&self) -> PaidLines {
        let lines = self.paid.lines.iter().zip(&self.back).map(|(line, back)| line.less(*back)).collect();
        PaidLines { lines, shipping: self.paid.shipping }
    }

    /// What was paid back for goods since a line was named.
    pub(crate) fn goods_by_amount(&self) -> Minor {
        let lines = self.lines();
        part(lines.net(), self.by_amount, self.net_of_lines())
    }

    /// What has come back: each line once, what was paid back for shipping without a line, and for goods without one.
    pub(crate) fn so_far(&self) -> (Returned, Minor) {
        let lines = (0_u32..).zip(self.paid.lines.iter().zip(&self.back));
        let back = lines.filter(|(_, (_, back))| back.pieces > 0 || !back.beside.is_zero());
        let lines = back.map(|(line, (paid, back))| {
            let amount = last_pieces(paid.net, paid.quantity, back.pieces) + back.beside;
            ReturnedLine { line, quantity: back.pieces, amount }
        });
        let goods = self.goods_by_amount();
        (Returned { lines: lines.collect(), shipping: self.by_amount - goods }, goods)
    }

    /// Has anything come back by line?
    pub(crate) fn by_line(&self) -> bool {
        self.back.iter().any(|back| back.pieces > 0 || !back.beside.is_zero())
    }

    /// Has all of it come back?
    pub(crate) fn is_nothing(&self) -> bool {
        let lines = self.lines();
        let something = self.by_line() || self.by_amount.is_positive();
        let free = self.paid.net().is_zero() && lines.of(LineKind::Goods).any(|line| line.quantity > 0);
        something && !free && lines.net() == self.goods_by_amount()
    }

    /// What a refund of all that is left takes: an amount, or the lines where nothing is to be paid back for goods.
    pub(crate) fn all(&self) -> (Vec<LineReturn>, Minor) {
        let (lines, amount) = (self.lines(), (self.net_of_lines() - self.by_amount).or_zero());
        if lines.net().is_positive() {
            return (Vec::new(), amount);
        }
        let there = (0_u32..).zip(&lines.lines).filter(|(_, line)| line.is_there());
        let lines = there.map(|(place, _)| LineReturn { line: Some(place), ..LineReturn::default() });
        (lines.collect(), Minor::ZERO)
    }

    /// Takes what a refund entry says.
    pub(crate) fn take(&mut self, lines: &[ReturnedLine], amount: Minor) {
        if !lines.is_empty() {
            self.settle();
        }
        for returned in lines {
            let place = usize::try_from(returned.line).unwrap_or(usize::MAX);
            let (Some(line), Some(back)) = (self.paid.lines.get(place), self.back.get_mut(place)) else { continue };
            let pieces = back.pieces.saturating_add(returned.quantity);
            let share =
                last_pieces(line.net, line.quantity, pieces) - last_pieces(line.net, line.quantity, back.pieces);
            *back = Back { pieces, beside: back.beside + returned.amount - share };
        }
        self.by_amount += amount;
    }

    /// Works out what a refund takes: lines first, then an amount that names none, each at most what is left.
    ///
    /// # Errors
    /// A line that is not there or not clear, or more pieces than were bought.
    pub(crate) fn refund(&mut self, asked: &[LineReturn], amount: Minor) -> Result<Taken, InvalidField> {
        let mut taken = Taken::default();
        for (place, line) in asked.iter().enumerate() {
            let (returned, wanted) = self.returned(line, &format!("lines/{place}"))?;
            taken.asked += wanted;
            match self.paid.lines[usize::try_from(returned.line).unwrap_or_default()].kind {
                LineKind::Goods => taken.goods += returned.amount,
                LineKind::Shipping => taken.returned.shipping += returned.amount,
            }
            self.take(&[returned], Minor::ZERO);
            taken.returned.lines.push(returned);
        }
        let paid_back = amount.min((self.net_of_lines() - self.by_amount).or_zero());
        let goods = self.pay_back(paid_back);
        taken.goods += goods;
        taken.returned.shipping += paid_back - goods;
        taken.asked += amount;
        Ok(taken)
    }

    /// Pays an amount back without a line, at most what is left; returns how much of it is for goods.
    pub(crate) fn pay_back(&mut self, amount: Minor) -> Minor {
        let before = self.goods_by_amount();
        self.take(&[], amount.min((self.net_of_lines() - self.by_amount).or_zero()));
        self.goods_by_amount() - before
    }

    /// What a named line gives back, and how much was asked for it.
    fn returned(&mut self, asked: &LineReturn, at: &str) -> Result<(ReturnedLine, Minor), InvalidField> {
        let place = self.paid.named(asked, at)?;
        self.settle();
        let (line, back) = (&self.paid.lines[place], self.back[place]);
        let most = line.quantity.saturating_sub(back.pieces);
        let quantity = asked.quantity.unwrap_or(if asked.amount.is_some() { 0 } else { most });
        if quantity > most {
            let words = format!("{} were bought, {most} have not come back", line.quantity);
            return Err(InvalidField::new(format!("{at}/quantity"), words));
        }
        let pieces = |pieces| last_pieces(line.net, line.quantity, pieces);
        let share = pieces(back.pieces.saturating_add(quantity)) - pieces(back.pieces);
        let wanted = asked.amount.unwrap_or(share);
        let amount = wanted.min(line.less(back).net);
        let line = u32::try_from(place).unwrap_or(u32::MAX);
        Ok((ReturnedLine { line, quantity, amount }, wanted))
    }

    /// Spreads what was paid back without a line over what is left of all of them, in proportion.
    fn settle(&mut self) {
        let weights: Vec<i64> = self.lines().lines.iter().map(|line| line.net.0).collect();
        if self.by_amount.is_positive() {
            for (back, part) in self.back.iter_mut().zip(allocate(self.by_amount.0, &weights)) {
                back.beside += Minor(part);
            }
        }
        self.by_amount = Minor::ZERO;
    }

    fn net_of_lines(&self) -> Minor {
        self.lines().lines.iter().map(|line| line.net).sum()
    }
}
