//! What rates give: `rounding(rate x sum over lines of (basis x (tier + increments that match the line)))`, exactly.

use crate::kernel::quantity::{Minor, Points, Ratio, Rounding};
use crate::ledger::earning::reading::MOST_MULTIPLIED;
use crate::ledger::entry::{Inputs, Part};
use crate::ledger::lines::part;
use crate::planted;
use crate::programme::compiled::Rule;
use crate::programme::earning_rule::{Basis, EarningRule, Rate};

/// Something that multiplies rates.
pub(crate) struct Multiplier<'a> {
    pub(crate) rule: &'a str,
    pub(crate) factor: Ratio,
    pub(crate) cap: Option<Points>,
    /// What it multiplies; everything if absent.
    pub(crate) basis: Option<Minor>,
}

/// The money that rates apply to: what is left of an order.
#[derive(Clone, Copy)]
pub(crate) struct Money<'a> {
    pub(crate) inputs: &'a Inputs,
    /// What is left of the net amount.
    pub(crate) left: Minor,
    /// It was returned whole: nothing counts, shipping neither.
    pub(crate) returned: bool,
}

impl Money<'_> {
    /// A rule's basis in what is left of the order.
    pub(crate) fn basis(&self, rule: &str) -> Minor {
        self.inputs.bases.get(rule).map_or(self.left, |basis| self.scaled(*basis))
    }

    /// What a rule's lines come to, net.
    pub(crate) fn lines_net(&self, rule: &str) -> Minor {
        self.inputs.lines_net.get(rule).map_or_else(|| self.basis(rule), |net| self.scaled(*net))
    }

    /// In proportion to what is left.
    fn scaled(&self, amount: Minor) -> Minor {
        let net = self.inputs.net.unwrap_or_default();
        if self.returned {
            Minor::ZERO
        } else if self.left < net {
            part(amount, self.left, net)
        } else {
            amount
        }
    }

    /// What a rule's rate gives with a tier's multiplier and others; all increments of a line together at most ten times.
    pub(crate) fn rated(&self, rule: &Rule, tier: Ratio, multipliers: &[Multiplier<'_>]) -> Points {
        let Some(rate) = rule.written.rate.filter(|_| tier.numerator() > 0) else { return Points::ZERO };
        let factors = Factors::new(tier, multipliers);
        let basis = i128::from(steps(self.basis(&rule.written.id), rate).0);
        let mut weighted;
        if self.inputs.parts.is_empty() {
            let mut factor = factors.tier;
            weighted = basis.saturating_mul(factor);
            for multiplier in multipliers {
                let increment = factors.increment(multiplier).min(factors.most.saturating_sub(factor).max(0));
                factor = factor.saturating_add(increment);
                let of = multiplier.basis.map_or(basis, |of| steps(of, rate).0.into());
                weighted = weighted.saturating_add(of.saturating_mul(increment));
            }
        } else {
            let everywhere = factors.of(multipliers.iter().filter(|multiplier| multiplier.basis.is_none()));
            weighted = basis.saturating_mul(everywhere);
            for part in self.inputs.parts.iter().filter(|part| admits(&rule.written, part)) {
                let here = |multiplier: &&Multiplier<'_>| {
                    multiplier.basis.is_none() || part.rules.iter().any(|rule| rule == multiplier.rule)
                };
                let more = factors.of(multipliers.iter().filter(here)).saturating_sub(everywhere);
                let of = i128::from(steps(self.scaled(amount(part, rule.written.basis)), rate).0);
                weighted = weighted.saturating_add(of.saturating_mul(more));
            }
        }
        let upper = weighted.saturating_mul(rate.points.0.into());
        rule.written.rounding.points(upper, factors.common.saturating_mul(rate.per_minor.0.into()))
    }

    /// What a rate gives without any multiplier.
    pub(crate) fn plain(&self, rule: &str, rate: Rate) -> Points {
        let basis = steps(self.basis(rule), rate);
        let upper = i128::from(basis.0).saturating_mul(rate.points.0.into());
        Rounding::FloorOncePerOrder.points(upper, rate.per_minor.0.into())
    }
}

/// Multipliers over a common denominator.
struct Factors {
    common: i128,
    tier: i128,
    most: i128,
}

impl Factors {
    fn new(tier: Ratio, multipliers: &[Multiplier<'_>]) -> Self {
        let denominators = multipliers.iter().map(|multiplier| multiplier.factor.denominator());
        let common = denominators.fold(tier.denominator(), lcm);
        let most = MOST_MULTIPLIED.saturating_mul(common);
        Self { common, tier: over(tier, common).min(most), most }
    }

    /// What a multiplier adds.
    fn increment(&self, multiplier: &Multiplier<'_>) -> i128 {
        over(multiplier.factor, self.common).saturating_sub(self.common).clamp(0, self.most)
    }

    /// The tier's and the increments of some multipliers together.
    fn of<'a>(&self, multipliers: impl Iterator<Item = &'a Multiplier<'a>>) -> i128 {
        let sum = multipliers.map(|multiplier| self.increment(multiplier)).fold(self.tier, i128::saturating_add);
        if planted!("bug-line-uncapped") { sum } else { sum.min(self.most) }
    }
}

fn over(ratio: Ratio, common: i128) -> i128 {
    ratio.numerator().saturating_mul(common).checked_div(ratio.denominator()).unwrap_or_default()
}

/// Does a rate apply to these lines?
fn admits(rate: &EarningRule, part: &Part) -> bool {
    let lines = rate.lines.is_none() || part.rules.contains(&rate.id);
    lines && (rate.shipping || !part.shipping)
}

fn amount(part: &Part, basis: Basis) -> Minor {
    match basis {
        Basis::NetCash => part.net,
        Basis::NetCashExcludingTax => (part.net - part.tax).or_zero(),
        Basis::Gross => part.gross,
    }
}

/// Of an amount, what a rate counts: full steps if it says so.
fn steps(amount: Minor, rate: Rate) -> Minor {
    let rest = amount.0.checked_rem(rate.per_minor.0).filter(|_| rate.whole_steps);
    Minor(amount.0.saturating_sub(rest.unwrap_or_default()))
}

fn lcm(left: i128, right: i128) -> i128 {
    let (mut a, mut b) = (left, right);
    while b != 0 {
        (a, b) = (b, a.rem_euclid(b));
    }
    left.checked_div(a).and_then(|part| part.checked_mul(right)).expect("denominators are at most 10^4")
}
