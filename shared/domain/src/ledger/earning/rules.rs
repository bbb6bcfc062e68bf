//! Earning: which rules answer an activity, what each gives, and why the others give nothing.
//!
//! [`explain`] is a pure function of the programme and the [`Inputs`] that the entry keeps. The first decision, a refund
//! (the same function of what is left of the order) and a later explanation are therefore one and the same computation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::quantity::{Minor, Points, Ratio, Rounding};
use crate::kernel::time::add_days;
use crate::ledger::earning::limits::{BALANCE_CAP, DAY_CAP};
use crate::ledger::earning::rates::{Money, Multiplier};
use crate::ledger::earning::reading::MOST_MULTIPLIED;
use crate::ledger::entry::{Inputs, StreakStep};
use crate::programme::activity::LINES_NET;
use crate::programme::compiled::{Programme, Rule};
use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::earning_rule::EarningRule;

/// What cuts off everything that an order would still give after it was returned whole.
const RETURNED: &str = "returned";

/// A rule that was considered, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The rule.
    pub rule: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Points it gives.
    pub points: Points,
    /// How they were worked out.
    pub calculation: Option<Calculation>,
    /// The limits that cut something off.
    pub limited_by: Vec<String>,
    /// What it did to a streak.
    pub streak: Option<StreakStep>,
    /// Lines for which its condition could not be decided, so that they do not count: places, from 0.
    pub undecided: Vec<u32>,
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It applies.
    Applied,
    /// It grants a multiplier for the next order.
    Granted {
        /// By how much.
        multiplier: Ratio,
        /// Until when.
        until: Timestamp,
    },
    /// A condition does not hold: the first that failed.
    ConditionFailed {
        /// As written in the programme.
        condition: String,
        /// Why it could not be decided, if that is the reason.
        error: Option<String>,
    },
    /// The local date is outside the rule's dates.
    OutsideDates,
    /// Another rule of its group gives more.
    Beaten {
        /// Which.
        by: String,
    },
    /// The date had been counted before.
    AlreadyCounted,
}

/// How points were worked out: `rounding(basis_minor x rate x multiplier)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    /// What the rate applied to, in minor units.
    pub basis_minor: Minor,
    /// Points per money.
    pub rate: String,
    /// The tier's multiplier.
    pub multiplier: Ratio,
    /// How a fraction was rounded.
    pub rounding: Rounding,
    /// Before limits.
    pub points: Points,
}

/// What every rule gives, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Every rule for the activity, losers included; then the boosts it used.
    pub candidates: Vec<Candidate>,
    /// Status points.
    pub status: Points,
}

impl Explanation {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self { candidates: Vec::new(), status: Points::ZERO };

    /// Points of all candidates.
    #[must_use]
    pub fn points(&self) -> Points {
        self.candidates.iter().map(|candidate| candidate.points).sum()
    }

    /// Points by rule, without those that gave none.
    #[must_use]
    pub fn trace(&self) -> BTreeMap<String, Points> {
        let awarded = self.candidates.iter().filter(|candidate| candidate.points.is_positive());
        awarded.map(|candidate| (candidate.rule.clone(), candidate.points)).collect()
    }
}

/// Everything that one explanation is worked out from.
struct Reckoning<'a> {
    programme: &'a Programme,
    inputs: &'a Inputs,
    occurred_at: Timestamp,
    money: Money<'a>,
    variables: Variables,
    date: Date,
}

/// What was given back of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GivenBack {
    /// How much of its net amount, in minor units.
    pub amount: Minor,
    /// All of it.
    pub whole: bool,
}

impl GivenBack {
    /// Nothing.
    pub const NOTHING: Self = Self { amount: Minor::ZERO, whole: false };
}

/// Works out what every rule gives for an activity with some of the order given back.
#[must_use]
pub fn explain(
    programme: &Programme,
    activity: &str,
    occurred_at: Timestamp,
    inputs: &Inputs,
    back: GivenBack,
) -> Explanation {
    if inputs.past.is_some() {
        return Explanation::NOTHING;
    }
    let left = (inputs.net.unwrap_or_default() - inputs.netted - back.amount).or_zero();
    let something = !inputs.returned.lines.is_empty() || (inputs.netted + back.amount).is_positive();
    let returned = back.whole || (something && left.is_zero());
    let date = programme.zone().date(occurred_at);
    let tier = inputs.tier.clone().unwrap_or_else(|| programme.base_tier().id.clone());
    let mut variables = inputs.attributes.clone();
    variables.insert("date".to_owned(), Scalar::Text(date.to_string()));
    variables.insert("weekday".to_owned(), Scalar::Integer(date.weekday().to_monday_one_offset().into()));
    variables.insert("hour".to_owned(), Scalar::Integer(programme.zone().hour(occurred_at).into()));
    variables.insert("tier".to_owned(), Scalar::Text(tier));
    if inputs.net.is_some() {
        variables.insert("net_minor".to_owned(), Scalar::Integer(left.0));
    }
    let money = Money { inputs, left, returned };
    Reckoning { programme, inputs, occurred_at, money, variables, date }.reckon(activity)
}

impl Reckoning<'_> {
    fn reckon(&self, activity: &str) -> Explanation {
        let rules: Vec<&Rule> = self.programme.rules_on(activity).collect();
        let mut candidates: Vec<Candidate> = rules.iter().map(|rule| self.consider(rule)).collect();
        self.choose_in_groups(&rules, &mut candidates);

        let rates: Vec<&Rule> = applied_rates(&rules, &candidates);
        let mut multipliers: Vec<Multiplier<'_>> = Vec::new();
        for (rule, candidate) in
            rules.iter().zip(&mut candidates).filter(|(_, candidate)| candidate.outcome == Outcome::Applied)
        {
            if let Some(factor) = rule.written.multiplier {
                let before = self.total(&rates, &multipliers);
                let basis = rule.lines.is_some().then(|| self.money.basis(&rule.written.id));
                multipliers.push(Multiplier { rule: &rule.written.id, factor, cap: rule.written.cap_points, basis });
                candidate.points = self.total(&rates, &multipliers) - before;
            }
        }
        for boost in &self.inputs.boosts {
            let before = self.total(&rates, &multipliers);
            multipliers.push(Multiplier {
                rule: &boost.rule,
                factor: boost.multiplier,
                cap: Some(boost.cap),
                basis: None,
            });
            let points = self.total(&rates, &multipliers) - before;
            candidates.push(Candidate::new(&boost.rule, Outcome::Applied, points));
        }
        for candidate in &mut candidates {
            let multiplier = multipliers.iter().find(|multiplier| multiplier.rule == candidate.rule);
            candidate.cap("cap_points", multiplier.and_then(|multiplier| multiplier.cap).map(|cap| cap.0));
            candidate.cap("limit", self.left_by_limit(&candidate.rule));
            candidate.cap(RETURNED, self.money.returned.then_some(0));
        }
        self.cap_all(&mut candidates, DAY_CAP);
        self.cap_all(&mut candidates, BALANCE_CAP);
        let spent = rates.iter().filter_map(|rule| Some((&rule.written.id, rule.written.also_credit?.rate?)));
        let spent = spent.map(|(rule, rate)| self.money.plain(rule, rate));
        // A behaviour that earns nothing any more, because of a limit or its date, does not qualify either.
        let earning = rules.iter().zip(&candidates).filter(|(_, candidate)| candidate.points.is_positive());
        let fixed = earning.filter_map(|(rule, _)| rule.written.also_credit?.points);
        Explanation { status: spent.sum::<Points>() + fixed.sum(), candidates }
    }

    /// The most points that a rule's own limit leaves it; `None` if it leaves all.
    fn left_by_limit(&self, rule: &str) -> Option<i64> {
        let limit = self.programme.rule(rule).and_then(|rule| rule.written.limit);
        let counts_points = limit.is_some_and(|limit| limit.max_points.is_some());
        self.inputs.headroom.get(rule).copied().filter(|&left| counts_points || left == 0)
    }

    /// Does the rule apply, and what would it give by itself?
    fn consider(&self, rule: &Rule) -> Candidate {
        let undecided = self.inputs.undecided.get(&rule.written.id).cloned().unwrap_or_default();
        Candidate { undecided, ..self.considered(rule) }
    }

    /// Does a condition of a rule hold?
    fn holds(&self, rule: &Rule, condition: &Condition) -> Result<bool, String> {
        if rule.lines.is_none() || !rule.reads(LINES_NET) {
            return condition.holds(&self.variables);
        }
        let mut variables = self.variables.clone();
        variables.insert(LINES_NET.to_owned(), Scalar::Integer(self.money.lines_net(&rule.written.id).0));
        condition.holds(&variables)
    }

    fn considered(&self, rule: &Rule) -> Candidate {
        let written = &rule.written;
        let lost = |outcome| Candidate::new(&written.id, outcome, Points::ZERO);
        if !rule.runs_on(self.date) {
            return lost(Outcome::OutsideDates);
        }
        for condition in &rule.conditions {
            let error = match self.holds(rule, condition) {
                Ok(true) => continue,
                Ok(false) => None,
                Err(error) => Some(error),
            };
            return lost(Outcome::ConditionFailed { condition: condition.source().to_owned(), error });
        }
        if let Some(effect) = written.effect {
            let until = add_days(self.occurred_at, effect.valid_days);
            return lost(Outcome::Granted { multiplier: effect.multiplier, until });
        }
        if let Some(step) = self.inputs.streaks.get(&written.id) {
            let outcome = if step.repeated { Outcome::AlreadyCounted } else { Outcome::Applied };
            let bonus = written
                .streak
                .map_or(Points::ZERO, |streak| Points(streak.bonus.0.saturating_mul(step.bonuses.into())));
            let base = if step.repeated { Points::ZERO } else { written.points.unwrap_or_default() };
            return Candidate { streak: Some(*step), ..Candidate::new(&written.id, outcome, base + bonus) };
        }
        if written.rate.is_some() {
            let basis_minor = self.money.basis(&written.id);
            let points = self.rated(rule, &[]);
            let calculation = Calculation {
                basis_minor,
                rate: written.rate.map_or_else(String::new, |rate| format!("{} per {}", rate.points, rate.per_minor)),
                multiplier: self.tier_multiplier(written),
                rounding: written.rounding,
                points,
            };
            return Candidate {
                calculation: Some(calculation),
                ..Candidate::new(&written.id, Outcome::Applied, points)
            };
        }
        let multiplier = self.tier_multiplier(written);
        let times = multiplier.numerator().min(MOST_MULTIPLIED.saturating_mul(multiplier.denominator()));
        let pieces = self.inputs.pieces.get(&written.id).copied().unwrap_or(1);
        let fixed = i128::from(written.points.unwrap_or_default().0).saturating_mul(pieces.into());
        let fixed = fixed.saturating_mul(times);
        Candidate::new(&written.id, Outcome::Applied, written.rounding.points(fixed, multiplier.denominator()))
    }

    /// Of each group only the best applies; a tie goes to the lower rule id.
    fn choose_in_groups(&self, rules: &[&Rule], candidates: &mut [Candidate]) {
        let rates: Vec<&Rule> = applied_rates(rules, candidates);
        let mut best: BTreeMap<&str, (Points, usize)> = BTreeMap::new();
        for (place, rule) in
            rules.iter().enumerate().filter(|(place, _)| candidates[*place].outcome == Outcome::Applied)
        {
            let Some(group) = rule.written.group.as_deref() else { continue };
            let alone = rule.written.multiplier.map_or(candidates[place].points, |factor| {
                let basis = rule.lines.is_some().then(|| self.money.basis(&rule.written.id));
                let multiplier = Multiplier { rule: &rule.written.id, factor, cap: None, basis };
                let gain = self.total(&rates, &[multiplier]) - self.total(&rates, &[]);
                rule.written.cap_points.map_or(gain, |cap| gain.min(cap))
            });
            let alone = self.left_by_limit(&rule.written.id).map_or(alone, |left| alone.min(Points(left)));
            let leader = best.entry(group).or_insert((alone, place));
            if alone > leader.0 {
                *leader = (alone, place);
            }
        }
        for (place, rule) in rules.iter().enumerate() {
            let winner = rule.written.group.as_deref().and_then(|group| best.get(group)).map(|(_, winner)| *winner);
            let Some(winner) =
                winner.filter(|&winner| winner != place && candidates[place].outcome == Outcome::Applied)
            else {
                continue;
            };
            candidates[place].outcome = Outcome::Beaten { by: rules[winner].written.id.clone() };
            candidates[place].points = Points::ZERO;
        }
    }

    fn tier_multiplier(&self, rule: &EarningRule) -> Ratio {
        let tier = self.inputs.tier.as_deref().unwrap_or(&self.programme.base_tier().id);
        rule.tier_multiplier.get(tier).copied().unwrap_or(Ratio::ONE)
    }

    fn total(&self, rates: &[&Rule], multipliers: &[Multiplier<'_>]) -> Points {
        rates.iter().map(|rule| self.rated(rule, multipliers)).sum()
    }

    fn rated(&self, rule: &Rule, multipliers: &[Multiplier<'_>]) -> Points {
        self.money.rated(rule, self.tier_multiplier(&rule.written), multipliers)
    }

    /// Cuts off what a limit on the whole does not leave room for, from the last candidate backwards.
    fn cap_all(&self, candidates: &mut [Candidate], limit: &str) {
        let Some(&headroom) = self.inputs.headroom.get(limit) else { return };
        let total: Points = candidates.iter().map(|candidate| candidate.points).sum();
        let mut excess = (total - Points(headroom)).or_zero();
        for candidate in candidates.iter_mut().rev() {
            if excess.is_positive() && candidate.points.is_positive() {
                let cut = excess.min(candidate.points);
                candidate.points -= cut;
                excess -= cut;
                candidate.limited_by.push(limit.to_owned());
            }
        }
    }
}

fn applied_rates<'a>(rules: &[&'a Rule], candidates: &[Candidate]) -> Vec<&'a Rule> {
    let both = rules.iter().zip(candidates);
    let applied = both.filter(|(rule, candidate)| candidate.outcome == Outcome::Applied && rule.written.rate.is_some());
    applied.map(|(rule, _)| *rule).collect()
}

impl Candidate {
    fn new(rule: &str, outcome: Outcome, points: Points) -> Self {
        Self {
            rule: rule.to_owned(),
            outcome,
            points,
            calculation: None,
            limited_by: Vec::new(),
            streak: None,
            undecided: Vec::new(),
        }
    }

    fn cap(&mut self, limit: &str, most: Option<i64>) {
        if let Some(most) = most.filter(|&most| self.points.0 > most) {
            self.points = Points(most);
            self.limited_by.push(limit.to_owned());
        }
    }
}
