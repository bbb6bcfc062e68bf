//! Earning: which rules answer an activity, what each gives, and why the others give nothing.
//!
//! [`evaluate`] is a pure function of the programme and the [`Inputs`] that the entry keeps. The first decision, a refund
//! (the same function of what is left of the order) and a later explanation are therefore one and the same computation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::account::{Account, Boost, Counter, Run};
use crate::books::{Books, Change, Setting, Stamp};
use crate::calendar::{Zone, add_days, day_number};
use crate::entry::{Detail, Entry, Inputs, Movement, StreakStep};
use crate::planted;
use crate::programme::condition::{Scalar, Variables};
use crate::programme::document::{Basis, EarningRule, Rate};
use crate::programme::{ORDER_PAID, Programme, Rule};
use crate::quantity::{Minor, Points, Ratio, Rounding, allocate};
use crate::refusal::Refusal;

/// The most that all multipliers together may do (requirements: "cap 10x").
const MOST_MULTIPLIED: i128 = 10;

/// How late an activity that counts a streak may be reported, in days: dates that are older are no longer remembered.
const STREAK_DAYS: i32 = 2;

/// The headroom and counter of the daily cap.
const DAY_CAP: &str = "max_earn_per_day";
/// The headroom of the largest balance.
const BALANCE_CAP: &str = "max_balance";
/// What cuts off everything that an order would still give after it was returned whole.
const RETURNED: &str = "returned";

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
    fn basis(&self, rule: &Rule) -> Minor {
        let weights: Vec<i64> = self.lines.iter().map(|line| line.amount.0).collect();
        let whole = match rule.written.basis {
            Basis::NetCash => self.net(),
            Basis::NetCashExcludingTax => (self.net() - self.tax).or_zero(),
            Basis::Gross => self.gross(),
        };
        let Some(condition) = &rule.lines else { return whole };
        let parts = allocate(whole.0, &weights);
        let matching =
            self.lines.iter().zip(parts).filter(|(line, _)| condition.evaluate(&line.attributes) == Ok(true));
        matching.map(|(_, part)| Minor(part)).sum()
    }
}

/// A rule that was considered, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Candidate {
    /// The rule.
    pub rule: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Points it gives.
    pub points: Points,
    /// How they were worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculation: Option<Calculation>,
    /// The limits that cut something off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limited_by: Vec<String>,
    /// What it did to a streak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streak: Option<StreakStep>,
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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

/// The result of evaluating all rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Every rule for the activity, losers included; then the boosts it used.
    pub candidates: Vec<Candidate>,
    /// Status points.
    pub status: Points,
}

impl Evaluation {
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

/// Something that multiplies rates.
struct Multiplier<'a> {
    rule: &'a str,
    factor: Ratio,
    cap: Option<Points>,
    basis: Option<Minor>,
}

/// Everything one evaluation works on.
struct Evaluator<'a> {
    programme: &'a Programme,
    inputs: &'a Inputs,
    occurred_at: Timestamp,
    /// What is left of the order.
    left: Minor,
    /// It was returned whole.
    returned: bool,
    variables: Variables,
    date: Date,
}

/// Evaluates the rules for an activity with `refunded` of the order given back.
#[must_use]
pub fn evaluate(
    programme: &Programme,
    activity: &str,
    occurred_at: Timestamp,
    inputs: &Inputs,
    refunded: Minor,
) -> Evaluation {
    let left = (inputs.net.unwrap_or_default() - inputs.netted - refunded).or_zero();
    let returned = (inputs.netted + refunded).is_positive() && left.is_zero();
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
    Evaluator { programme, inputs, occurred_at, left, returned, variables, date }.evaluate(activity)
}

impl Evaluator<'_> {
    fn evaluate(&self, activity: &str) -> Evaluation {
        let rules: Vec<&Rule> = self.programme.rules_on(activity).collect();
        let mut candidates: Vec<Candidate> = rules.iter().map(|rule| self.consider(rule)).collect();
        self.choose_in_groups(&rules, &mut candidates);

        let rates: Vec<&EarningRule> = applied_rates(&rules, &candidates);
        let mut multipliers: Vec<Multiplier<'_>> = Vec::new();
        for (rule, candidate) in
            rules.iter().zip(&mut candidates).filter(|(_, candidate)| candidate.outcome == Outcome::Applied)
        {
            if let Some(factor) = rule.written.multiplier {
                let before = self.total(&rates, &multipliers);
                let basis = rule.lines.is_some().then(|| self.basis(&rule.written.id));
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
            candidate.cap(RETURNED, self.returned.then_some(0));
        }
        self.cap_all(&mut candidates, DAY_CAP);
        self.cap_all(&mut candidates, BALANCE_CAP);
        let spent = rates.iter().filter_map(|rule| Some((rule, rule.also_credit?.rate?)));
        let spent = spent.map(|(rule, rate)| {
            let (upper, lower) = exact(self.basis(&rule.id), rate);
            Rounding::FloorOncePerOrder.points(upper, lower)
        });
        // A behaviour that earns nothing any more, because of a limit or its date, does not qualify either.
        let earning = rules.iter().zip(&candidates).filter(|(_, candidate)| candidate.points.is_positive());
        let fixed = earning.filter_map(|(rule, _)| rule.written.also_credit?.points);
        Evaluation { status: spent.sum::<Points>() + fixed.sum(), candidates }
    }

    /// The most points that a rule's own limit leaves it; `None` if it leaves all.
    fn left_by_limit(&self, rule: &str) -> Option<i64> {
        let limit = self.programme.rule(rule).and_then(|rule| rule.written.limit);
        let counts_points = limit.is_some_and(|limit| limit.max_points.is_some());
        self.inputs.headroom.get(rule).copied().filter(|&left| counts_points || left == 0)
    }

    /// Does the rule apply, and what would it give by itself?
    fn consider(&self, rule: &Rule) -> Candidate {
        let written = &rule.written;
        let lost = |outcome| Candidate::new(&written.id, outcome, Points::ZERO);
        if !rule.runs_on(self.date) {
            return lost(Outcome::OutsideDates);
        }
        for condition in &rule.conditions {
            let error = match condition.evaluate(&self.variables) {
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
            let basis_minor = self.basis(&written.id);
            let points = self.rated(written, &[]);
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
        let fixed = i128::from(written.points.unwrap_or_default().0).saturating_mul(times);
        Candidate::new(&written.id, Outcome::Applied, written.rounding.points(fixed, multiplier.denominator()))
    }

    /// Of each group only the best applies; a tie goes to the lower rule id.
    fn choose_in_groups(&self, rules: &[&Rule], candidates: &mut [Candidate]) {
        let rates: Vec<&EarningRule> = applied_rates(rules, candidates);
        let mut best: BTreeMap<&str, (Points, usize)> = BTreeMap::new();
        for (place, rule) in
            rules.iter().enumerate().filter(|(place, _)| candidates[*place].outcome == Outcome::Applied)
        {
            let Some(group) = rule.written.group.as_deref() else { continue };
            let alone = rule.written.multiplier.map_or(candidates[place].points, |factor| {
                let basis = rule.lines.is_some().then(|| self.basis(&rule.written.id));
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

    /// A rule's basis in what is left of the order.
    fn basis(&self, rule: &str) -> Minor {
        let net = self.inputs.net.unwrap_or_default();
        match self.inputs.bases.get(rule) {
            Some(basis) if self.left < net => {
                let part = i128::from(basis.0).saturating_mul(self.left.0.into()).checked_div(net.0.into());
                Minor(part.and_then(|part| i64::try_from(part).ok()).unwrap_or_default())
            }
            Some(basis) => *basis,
            None => self.left,
        }
    }

    fn tier_multiplier(&self, rule: &EarningRule) -> Ratio {
        let tier = self.inputs.tier.as_deref().unwrap_or(&self.programme.base_tier().id);
        rule.tier_multiplier.get(tier).copied().unwrap_or(Ratio::ONE)
    }

    fn total(&self, rates: &[&EarningRule], multipliers: &[Multiplier<'_>]) -> Points {
        rates.iter().map(|rule| self.rated(rule, multipliers)).sum()
    }

    /// `rounding(rate x (basis x tier + sum of basis x (multiplier - 1)))`, exactly, with all increments together at most
    /// ten times.
    fn rated(&self, rule: &EarningRule, multipliers: &[Multiplier<'_>]) -> Points {
        let basis = self.basis(&rule.id);
        let tier = self.tier_multiplier(rule);
        let common = multipliers
            .iter()
            .fold(tier.denominator(), |common, multiplier| lcm(common, multiplier.factor.denominator()));
        let times = |ratio: Ratio| {
            ratio.numerator().saturating_mul(common).checked_div(ratio.denominator()).unwrap_or_default()
        };
        let most = MOST_MULTIPLIED.saturating_mul(common);
        let mut factor = times(tier).min(most);
        let mut weighted = i128::from(basis.0).saturating_mul(factor);
        for multiplier in multipliers {
            let increment =
                times(multiplier.factor).saturating_sub(common).clamp(0, most.saturating_sub(factor).max(0));
            factor = factor.saturating_add(increment);
            let part = i128::from(multiplier.basis.unwrap_or(basis).0).saturating_mul(increment);
            weighted = weighted.saturating_add(part);
        }
        let Some(rate) = rule.rate else { return Points::ZERO };
        let upper = weighted.saturating_mul(rate.points.0.into());
        rule.rounding.points(upper, common.saturating_mul(rate.per_minor.0.into()))
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

fn applied_rates<'a>(rules: &[&'a Rule], candidates: &[Candidate]) -> Vec<&'a EarningRule> {
    let both = rules.iter().zip(candidates);
    let applied = both.filter(|(rule, candidate)| candidate.outcome == Outcome::Applied && rule.written.rate.is_some());
    applied.map(|(rule, _)| &rule.written).collect()
}

fn exact(basis: Minor, rate: Rate) -> (i128, i128) {
    (i128::from(basis.0).saturating_mul(rate.points.0.into()), rate.per_minor.0.into())
}

fn lcm(left: i128, right: i128) -> i128 {
    let (mut a, mut b) = (left, right);
    while b != 0 {
        (a, b) = (b, a.rem_euclid(b));
    }
    left.checked_div(a).and_then(|part| part.checked_mul(right)).expect("denominators are at most 10^4")
}

impl Candidate {
    fn new(rule: &str, outcome: Outcome, points: Points) -> Self {
        Self { rule: rule.to_owned(), outcome, points, calculation: None, limited_by: Vec::new(), streak: None }
    }

    fn cap(&mut self, limit: &str, most: Option<i64>) {
        if let Some(most) = most.filter(|&most| self.points.0 > most) {
            self.points = Points(most);
            self.limited_by.push(limit.to_owned());
        }
    }
}

/// Decides what an activity earns.
///
/// # Errors
/// What is wrong with the activity; nothing about points is ever refused, only cut off.
pub fn earn(
    account: &Account,
    activity: &Activity,
    stamp: &Stamp,
    history: &[Entry],
    (programme, setting): (&Programme, Setting<'_>),
) -> Result<Change, Refusal> {
    let now = setting.now;
    check(activity, stamp.occurred_at, programme, now)?;
    let mut books = Books::open(account, programme, setting);
    let mut inputs = gather(&books, activity, stamp.occurred_at, history);
    let evaluation = evaluate(programme, &activity.activity, stamp.occurred_at, &inputs, Minor::ZERO);
    let cut = |name: &str| {
        evaluation.candidates.iter().any(|candidate| {
            candidate.limited_by.iter().any(|limit| limit == name || (limit == "limit" && candidate.rule == name))
        })
    };
    // A rule of a group may have lost by its limit, and one of an order may win when a part of it is returned.
    let compared = |name: &str| {
        let rule = programme.rule(name);
        rule.is_some_and(|rule| activity.order.is_some() || rule.written.group.is_some())
    };
    inputs.headroom.retain(|name, _| cut(name) || compared(name));

    remember(&mut books.account, activity, stamp.occurred_at, programme, &evaluation);
    books.account.credit_status(programme.zone(), (stamp.occurred_at, now), evaluation.status);
    let points = evaluation.points();
    let expires_at = books.expires_at(if planted!("bug-expiry-from-recorded") { now } else { stamp.occurred_at });
    let pending_days = if activity.order.is_some() { programme.points().pending_days } else { 0 };
    let activates_at = programme.zone().start_of_day_after(stamp.occurred_at, pending_days);
    if points.is_positive() {
        if pending_days > 0 && activates_at > now {
            books.post(Movement::Pending { activates_at, expires_at, points });
        } else if expires_at <= now {
            books.post(Movement::Active { expires_at, points }); // earned and expired: it repays nothing
        } else {
            books.credit(expires_at, points);
        }
    }
    books.slide_expiry(stamp.occurred_at);
    let detail = Detail::Earn {
        activity: activity.activity.clone(),
        order: activity.order.as_ref().map(|order| order.order_id.clone()),
        inputs,
        trace: evaluation.trace(),
        status: evaluation.status,
    };
    Ok(books.close(stamp, detail))
}

/// Is the activity acceptable?
fn check(activity: &Activity, occurred_at: Timestamp, programme: &Programme, now: Timestamp) -> Result<(), Refusal> {
    let Some(declared) = programme.activity(&activity.activity) else {
        let known = programme.document().activity.keys().cloned().collect();
        return Err(Refusal::UnknownActivity { known });
    };
    let general = &programme.document().programme;
    let counts_streak = programme.rules_on(&activity.activity).any(|rule| rule.written.streak.is_some());
    let window = general.backdate_window_days;
    let earliest = add_days(now, if counts_streak { window.min(STREAK_DAYS) } else { window }.saturating_neg());
    let latest = now.saturating_add(jiff::SignedDuration::from_secs(general.future_skew_seconds.into()));
    let latest = latest.expect("a duration suits a timestamp");
    if occurred_at > latest {
        return Err(Refusal::InFuture { latest });
    }
    if occurred_at < earliest && activity.override_reason.is_none() {
        return Err(Refusal::TooOld { earliest });
    }
    let invalid = |field: String, message: &str| Err(Refusal::InvalidField { field, message: message.to_owned() });
    for (name, value) in &activity.attributes {
        match declared.attributes.get(name) {
            None => {
                return invalid(format!("data/attributes/{name}"), "is not a declared attribute of this activity");
            }
            Some(attribute) if !attribute.kind().admits(value) => {
                return invalid(format!("data/attributes/{name}"), "is not of the declared type, or too long");
            }
            Some(_) => {}
        }
    }
    let Some(order) = &activity.order else { return Ok(()) };
    if order.currency != general.currency {
        return invalid("data/currency".to_owned(), &format!("the programme's currency is {}", general.currency));
    }
    for (place, line) in order.lines.iter().enumerate() {
        for (name, value) in
            line.attributes.iter().filter(|(name, _)| !crate::programme::OF_LINES.contains(&name.as_str()))
        {
            let fits = declared.line_attributes.get(name).is_some_and(|attribute| attribute.kind().admits(value));
            if !fits {
                let field = format!("data/lines/{place}/attributes/{name}");
                return invalid(field, "is not a declared line attribute of this type");
            }
        }
    }
    Ok(())
}

/// Collects what the rules read.
fn gather(books: &Books<'_>, activity: &Activity, occurred_at: Timestamp, history: &[Entry]) -> Inputs {
    let (programme, account) = (books.programme, &books.account);
    let declared = programme.activity(&activity.activity);
    let mut attributes = activity.attributes.clone();
    for (name, attribute) in declared.into_iter().flat_map(|declared| &declared.attributes) {
        if let Some(default) = attribute.default() {
            attributes.entry(name.clone()).or_insert_with(|| default.clone());
        }
    }
    let mut inputs = Inputs { tier: account.tier_at(occurred_at).map(str::to_owned), ..Inputs::default() };
    if let Some(order) = &activity.order {
        let mut order = order.clone();
        for line in &mut order.lines {
            for (name, attribute) in declared.into_iter().flat_map(|declared| &declared.line_attributes) {
                if let Some(default) = attribute.default() {
                    line.attributes.entry(name.clone()).or_insert_with(|| default.clone());
                }
            }
        }
        let lines = i64::try_from(order.lines.len()).unwrap_or(i64::MAX);
        attributes.insert("gross_minor".to_owned(), Scalar::Integer(order.gross().0));
        attributes.insert("line_count".to_owned(), Scalar::Integer(lines));
        let parked = account.parked.get(&order.order_id).filter(|_| !planted!("bug-parked-refund-forgotten"));
        let parked = parked.map_or(Minor::ZERO, |parked| parked.amount);
        inputs.net = Some(order.net());
        inputs.netted = parked.min(order.net());
        let own =
            programme.rules_on(ORDER_PAID).filter(|rule| rule.lines.is_some() || rule.written.basis != Basis::NetCash);
        inputs.bases = own.map(|rule| (rule.written.id.clone(), order.basis(rule))).collect();
        inputs.boosts = account.boosts.iter().filter(|boost| boost.waits_at(occurred_at)).cloned().collect();
    }
    let kept = programme.kept_attributes(&activity.activity);
    attributes.retain(|name, _| kept.binary_search(name).is_ok());
    inputs.attributes = attributes;
    let counted_at = if planted!("bug-limit-by-recording") { books.now } else { occurred_at };
    inputs.headroom = headroom((account, history), programme, &activity.activity, counted_at);
    for rule in programme.rules_on(&activity.activity).filter(|rule| rule.written.streak.is_some()) {
        inputs
            .streaks
            .insert(rule.written.id.clone(), streak_step(account, &rule.written, programme.zone().date(occurred_at)));
    }
    inputs
}

/// What every limit leaves.
fn headroom(
    (account, history): (&Account, &[Entry]),
    programme: &Programme,
    activity: &str,
    occurred_at: Timestamp,
) -> BTreeMap<String, i64> {
    let date = programme.zone().date(occurred_at);
    let mut headroom = BTreeMap::new();
    for rule in programme.rules_on(activity) {
        let Some(limit) = &rule.written.limit else { continue };
        let most = limit.per_member.or(limit.max_points.map(|points| points.0)).unwrap_or(i64::MAX);
        let counted = account.counted(&Counter::new(&rule.written.id, limit.period, date));
        headroom.insert(rule.written.id.clone(), most.saturating_sub(counted).max(0));
    }
    let wallet = programme.points();
    if wallet.max_earn_per_day.is_positive() {
        let left = wallet.max_earn_per_day - earned_on(date, history, programme.zone());
        headroom.insert(DAY_CAP.to_owned(), left.or_zero().0);
    }
    if wallet.max_balance.is_positive() {
        headroom.insert(BALANCE_CAP.to_owned(), (wallet.max_balance - account.pockets.total()).or_zero().0);
    }
    headroom
}

/// What facts of a date have earned. Their entries are within the reach of one more fact of that date, so nobody counts them.
fn earned_on(date: Date, history: &[Entry], zone: &Zone) -> Points {
    let of_date = history.iter().filter(|entry| zone.date(entry.occurred_at) == date);
    let earned = of_date.filter_map(|entry| match &entry.detail {
        Detail::Earn { trace, .. } => Some(trace.values().copied().sum::<Points>()),
        _ => None,
    });
    earned.sum()
}

/// What later decisions must know of this one.
fn remember(
    account: &mut Account,
    activity: &Activity,
    occurred_at: Timestamp,
    programme: &Programme,
    evaluation: &Evaluation,
) {
    let date = programme.zone().date(occurred_at);
    for candidate in &evaluation.candidates {
        let Some(rule) = programme.rule(&candidate.rule).filter(|rule| rule.written.on == activity.activity) else {
            continue;
        };
        if let Some(limit) = rule.written.limit.as_ref().filter(|_| candidate.points.is_positive()) {
            let by = if limit.per_member.is_some() { 1 } else { candidate.points.0 };
            account.count(Counter::new(&candidate.rule, limit.period, date), by);
        }
        if let (Some(_), Outcome::Applied) = (candidate.streak, &candidate.outcome) {
            let runs = account.streaks.entry(candidate.rule.clone()).or_default();
            *runs = joined(runs, day_number(date)).0;
        }
        if let (Some(effect), Outcome::Granted { multiplier, until }) = (&rule.written.effect, &candidate.outcome) {
            let granted = Boost {
                rule: candidate.rule.clone(),
                multiplier: *multiplier,
                cap: effect.cap_points,
                from: occurred_at,
                until: *until,
            };
            let boost = match account.boosts.iter().position(|boost| boost.rule == granted.rule) {
                Some(waiting) => account.boosts.remove(waiting).joined(granted),
                None => granted,
            };
            account.boosts.push(boost);
            account.boosts.sort_by_key(|boost| boost.until);
            let excess = account.boosts.len().saturating_sub(Account::MAX_BOOSTS);
            account.boosts.drain(..excess);
        }
    }
    if let Some(order) = &activity.order {
        account.boosts.retain(|boost| !boost.waits_at(occurred_at));
        account.parked.remove(&order.order_id);
    }
}

/// What one more date does to a streak: its length, and the bonuses that this date brings.
fn streak_step(account: &Account, rule: &EarningRule, date: Date) -> StreakStep {
    let runs = account.streaks.get(&rule.id).map_or(&[][..], Vec::as_slice);
    let length = |run: &Run| run.last.saturating_sub(run.first).saturating_add(1);
    let day = day_number(date);
    let repeated = |run: &&Run| (run.first..=run.last).contains(&day) && !planted!("bug-streak-day-counted-twice");
    if let Some(run) = runs.iter().find(repeated) {
        return StreakStep { days: length(run), bonuses: 0, repeated: true };
    }
    let (_, run, parts) = joined(runs, day);
    let reached = |days: i32| match rule.streak {
        Some(streak) if streak.repeating => days.checked_div(streak.every).unwrap_or_default(),
        Some(streak) => i32::from(days >= streak.every),
        None => 0,
    };
    let before: i32 = parts.iter().map(|part| reached(length(part))).sum();
    StreakStep { days: length(&run), bonuses: reached(length(&run)).saturating_sub(before).max(0), repeated: false }
}

/// The runs with one more day; the run it is now in; and the runs that this one joined.
fn joined(runs: &[Run], day: i32) -> (Vec<Run>, Run, Vec<Run>) {
    let touches = |run: &Run| run.first.saturating_sub(1) <= day && day <= run.last.saturating_add(1);
    let (parts, mut others): (Vec<Run>, Vec<Run>) = runs.iter().partition(|run| touches(run));
    let run = Run {
        first: parts.iter().map(|run| run.first).min().unwrap_or(day).min(day),
        last: parts.iter().map(|run| run.last).max().unwrap_or(day).max(day),
    };
    others.push(run);
    others.sort_unstable_by_key(|run| run.first);
    (others, run, parts)
}
