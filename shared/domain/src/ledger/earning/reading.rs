//! What rules read of an order's lines: the sums that an entry keeps, of the lines as paid or of what is left of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::quantity::{Minor, Ratio};
use crate::ledger::entry::{Inputs, Part};
use crate::ledger::lines::{LineKind, PaidLine, PaidLines};
use crate::planted;
use crate::programme::activity::{LINES_NET, ORDER_PAID};
use crate::programme::compiled::{Programme, Rule};
use crate::programme::condition::{Scalar, Variables};
use crate::programme::earning_rule::{Basis, Per};

/// The most that all multipliers together may do (requirements: "cap 10x").
pub(crate) const MOST_MULTIPLIED: i128 = 10;

/// What a rule makes of the lines.
struct Matched<'a> {
    rule: &'a Rule,
    /// Which lines count for it.
    admitted: Vec<bool>,
    /// Lines for which its condition cannot be decided.
    undecided: Vec<u32>,
}

/// Reads lines into what an entry keeps of them; what stood there of lines before is replaced.
pub(crate) fn read(programme: &Programme, paid: &PaidLines, inputs: &mut Inputs) {
    let asked = programme.rules_on(ORDER_PAID).any(|rule| rule.lines.is_some());
    let of_line = |line| if asked { variables(programme, line) } else { Variables::new() };
    let variables: Vec<Variables> = paid.lines.iter().map(of_line).collect();
    let rules: Vec<Matched<'_>> =
        programme.rules_on(ORDER_PAID).map(|rule| Matched::of(rule, paid, &variables)).collect();
    inputs.net = Some(paid.net());
    let own = rules.iter().filter(|matched| {
        let written = &matched.rule.written;
        matched.rule.lines.is_some() || written.basis != Basis::NetCash || written.shipping
    });
    inputs.bases = own.map(|matched| (matched.id(), matched.basis(paid))).collect();
    let undecided = rules.iter().filter(|matched| !matched.undecided.is_empty());
    inputs.undecided = undecided.map(|matched| (matched.id(), matched.undecided.clone())).collect();
    let fixed = rules.iter().filter(|matched| matched.rule.lines.is_some() && matched.rule.written.points.is_some());
    inputs.pieces = fixed.map(|matched| (matched.id(), matched.pieces(paid))).collect();
    let other_sum =
        rules.iter().filter(|matched| matched.rule.written.basis != Basis::NetCash && matched.rule.reads(LINES_NET));
    inputs.lines_net = other_sum.map(|matched| (matched.id(), matched.sum(paid, |line| line.net))).collect();
    inputs.parts = if parts_matter(&rules, inputs) { parts(&rules, paid) } else { Vec::new() };
}

/// Reads other lines of the same order, or what is left of them: also what an entry keeps of their number and sum.
pub(crate) fn read_again(programme: &Programme, paid: &PaidLines, inputs: &mut Inputs) {
    for (name, value) in [("gross_minor", paid.gross().0), ("line_count", paid.count())] {
        if let Some(read) = inputs.attributes.get_mut(name) {
            *read = Scalar::Integer(value);
        }
    }
    read(programme, paid, inputs);
}

/// What a condition on a line sees.
fn variables(programme: &Programme, line: &PaidLine) -> Variables {
    let mut variables = line.attributes.clone();
    let declared = programme.activity(ORDER_PAID).into_iter().flat_map(|declared| &declared.line_attributes);
    for (name, attribute) in declared {
        if let Some(default) = attribute.default() {
            variables.entry(name.clone()).or_insert_with(|| default.clone());
        }
    }
    variables.insert("sku".to_owned(), Scalar::Text(line.sku.clone()));
    variables.insert("quantity".to_owned(), Scalar::Integer(line.quantity));
    variables.insert("amount_minor".to_owned(), Scalar::Integer(line.gross.0));
    variables
}

impl<'a> Matched<'a> {
    fn of(rule: &'a Rule, paid: &PaidLines, variables: &[Variables]) -> Self {
        let mut undecided = Vec::new();
        let admitted = (0_u32..).zip(paid.lines.iter().zip(variables)).map(|(place, (line, variables))| {
            if !line.is_there() || (line.kind == LineKind::Shipping && !rule.written.shipping) {
                return false;
            }
            let Some(condition) = &rule.lines else { return true };
            condition.holds(variables).unwrap_or_else(|_undecided| {
                undecided.push(place);
                planted!("bug-undecided-line-counts")
            })
        });
        let admitted = admitted.collect();
        Self { rule, admitted, undecided }
    }

    fn id(&self) -> String {
        self.rule.written.id.clone()
    }

    /// The lines that count.
    fn lines<'b>(&'b self, paid: &'b PaidLines) -> impl Iterator<Item = &'b PaidLine> {
        paid.lines.iter().zip(&self.admitted).filter(|(_, admitted)| **admitted).map(|(line, _)| line)
    }

    fn sum(&self, paid: &PaidLines, amount: impl Fn(&PaidLine) -> Minor) -> Minor {
        self.lines(paid).map(amount).sum()
    }

    /// What its rate applies to, or what its multiplier multiplies.
    fn basis(&self, paid: &PaidLines) -> Minor {
        let contained =
            if self.rule.written.shipping && self.rule.lines.is_none() { paid.shipping } else { Minor::ZERO };
        let net = self.sum(paid, |line| line.net) + contained;
        match self.rule.written.basis {
            Basis::NetCash => net,
            Basis::NetCashExcludingTax => (net - self.sum(paid, |line| line.tax)).or_zero(),
            Basis::Gross => self.sum(paid, |line| line.gross),
        }
    }

    /// How many times its fixed points are given.
    fn pieces(&self, paid: &PaidLines) -> i64 {
        match self.rule.written.per.unwrap_or_default() {
            Per::Quantity => self.lines(paid).map(|line| line.quantity).fold(0, i64::saturating_add),
            Per::Line => i64::try_from(self.lines(paid).count()).unwrap_or(i64::MAX),
            Per::Order => i64::from(self.lines(paid).next().is_some()),
        }
    }

    /// Does it multiply some lines?
    fn multiplies_lines(&self) -> bool {
        self.rule.lines.is_some() && self.rule.written.multiplier.is_some()
    }
}

/// Must it be known which lines rules have in common? Not if one multiplier has lines, rates have none, and all multipliers
/// together stay within the most.
fn parts_matter(rules: &[Matched<'_>], inputs: &Inputs) -> bool {
    let of_lines = rules.iter().filter(|matched| matched.multiplies_lines()).count();
    let rates = rules.iter().map(|matched| &matched.rule.written).filter(|written| written.rate.is_some());
    let other = rates.clone().any(|rate| rate.lines.is_some() || rate.basis != Basis::NetCash || rate.shipping);
    let up = |ratio: Ratio| {
        let whole = ratio.numerator().saturating_add(ratio.denominator()).saturating_sub(1);
        whole.checked_div(ratio.denominator()).unwrap_or_default()
    };
    let multipliers = rules.iter().filter_map(|matched| matched.rule.written.multiplier);
    let multipliers = multipliers.chain(inputs.boosts.iter().map(|boost| boost.multiplier));
    let increments: i128 = multipliers.map(|multiplier| up(multiplier).saturating_sub(1)).sum();
    let tier = rates.flat_map(|rate| rate.tier_multiplier.values()).map(|ratio| up(*ratio)).max().unwrap_or(1);
    of_lines > 1 || (of_lines == 1 && (other || tier.saturating_add(increments) > MOST_MULTIPLIED))
}

/// Lines that the same multipliers multiply, and the same rates admit, together.
fn parts(rules: &[Matched<'_>], paid: &PaidLines) -> Vec<Part> {
    let keeps = |basis: Basis| rules.iter().any(|matched| matched.rule.written.basis == basis);
    let (keeps_tax, keeps_gross) = (keeps(Basis::NetCashExcludingTax), keeps(Basis::Gross));
    let if_kept = |kept: bool, amount: Minor| if kept { amount } else { Minor::ZERO };
    let of_lines: Vec<&Matched<'_>> = rules
        .iter()
        .filter(|matched| {
            matched.multiplies_lines() || (matched.rule.lines.is_some() && matched.rule.written.rate.is_some())
        })
        .collect();
    let mut parts: BTreeMap<(bool, BTreeSet<String>), Part> = BTreeMap::new();
    for (place, line) in paid.lines.iter().enumerate() {
        let admit: Vec<&&Matched<'_>> = of_lines.iter().filter(|matched| matched.admitted[place]).collect();
        if !admit.iter().any(|matched| matched.multiplies_lines()) {
            continue;
        }
        let ids: BTreeSet<String> = admit.iter().map(|matched| matched.id()).collect();
        let shipping = line.kind == LineKind::Shipping;
        let part = parts.entry((shipping, ids.clone())).or_insert_with(|| Part {
            rules: ids.into_iter().collect(),
            shipping,
            ..Part::default()
        });
        part.net += line.net;
        part.tax += if_kept(keeps_tax, line.tax);
        part.gross += if_kept(keeps_gross, line.gross);
    }
    parts.into_values().collect()
}
