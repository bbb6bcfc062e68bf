//! What a journey must not be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::name::fault;
use super::step::{At, Does, Quietness, Step, TimeOfDay, Window};
use super::{BIRTHDAY, CompiledJourney, Exit, Journey, Moved, Purpose, TICKET_OPEN};
use crate::festivals::named;
use crate::programme::care::{Care, Quiet};
use crate::programme::condition::Condition;
use crate::programme::fault::not_known;
use crate::programme::festival::Dated;
use crate::programme::finding::{Finding, Findings, Names};

/// The most steps of a journey.
const MOST_STEPS: usize = 8;

/// What journeys may name.
pub(in crate::programme) struct Known<'a> {
    pub(in crate::programme) names: &'a Names<'a>,
    pub(in crate::programme) care: &'a Care,
    pub(in crate::programme) festivals: &'a [Dated],
    pub(in crate::programme) rewards: Vec<&'a str>,
    pub(in crate::programme) revoke_window_days: i32,
    pub(in crate::programme) surveys: Vec<&'a str>,
    pub(in crate::programme) queues: Vec<&'a str>,
    pub(in crate::programme) policies: Vec<&'a str>,
    /// What sections to come declare.
    pub(in crate::programme) later: &'a BTreeMap<String, Value>,
}

/// Checks the section.
pub(in crate::programme) fn check(journeys: &[Journey], known: &Known<'_>, findings: &mut Findings) {
    findings.unique("journey", journeys.iter().map(|journey| journey.id.as_str()));
    for journey in journeys {
        let at = |field: &str| format!("journey.{}.{field}", journey.id);
        names(journey, known, findings);
        findings.unless(journey.priority <= 100, at("priority"), "must be in 0..=100");
        let few = (1..=MOST_STEPS).contains(&journey.steps.len());
        findings.unless(few, at("steps"), "a journey has 1 to 8 steps");
        findings.unique(&at("steps"), journey.steps.iter().map(|step| step.id.as_str()));
        let service = journey.purpose == Purpose::Service;
        let message = "what somebody is owed is kept from nobody: only marketing journeys have a holdout";
        findings.unless(!service || journey.holdout_bp == 0, at("holdout_bp"), message);
        findings.unless(journey.holdout_bp <= 10_000, at("holdout_bp"), "must be in 0..=10000");
        let shares: u32 = journey.variants.iter().map(|variant| u32::from(variant.share_bp)).sum();
        let whole = journey.variants.is_empty() || shares == 10_000;
        findings.unless(whole, at("variants"), format!("their shares come to {shares}, not to 10000"));
        findings.unique(&at("variants"), journey.variants.iter().map(|variant| variant.id.as_str()));
        for step in &journey.steps {
            Checked { journey, step, known }.check(findings);
        }
    }
}

fn names(journey: &Journey, known: &Known<'_>, findings: &mut Findings) {
    let at = |field: &str| format!("journey.{}.{field}", journey.id);
    let mut event = |field: &str, name: &str| {
        if let Some(message) = fault(name, known.names) {
            findings.unless(false, at(field), message);
        }
    };
    event("enter", &journey.enter);
    for exit in journey.exit_on.iter().map(super::ExitOn::on).filter(|on| *on != TICKET_OPEN) {
        event("exit_on", exit);
    }
    tiers(&at("if"), journey.r#if.as_deref(), known, findings);
    if let Some(wanted) = &journey.r#match {
        let is_known = |id: &String| named(id).is_some() || known.festivals.iter().any(|dated| dated.id == *id);
        for id in wanted.festivals.iter().filter(|id| !is_known(id)) {
            findings.unless(false, at("match.festivals"), format!("there is no festival `{id}`"));
        }
        findings.unless((0..=366).contains(&wanted.lookahead_days), at("match.lookahead_days"), "must be in 0..=366");
        let fits = (0..=wanted.lookahead_days).contains(&wanted.min_days);
        findings.unless(fits, at("match.min_days"), "must be in 0..=lookahead_days");
        let keyless = journey.key.is_empty() && journey.anchor.is_none();
        findings.unless(keyless, at("match"), "its key is the festival and the year, its anchor when it was shipped");
    }
    let birthday = journey.enter != BIRTHDAY || (journey.key.is_empty() && journey.anchor.is_none());
    findings.unless(birthday, at("enter"), "a birthday's key is its year, its anchor the date");
    let fixed = journey.moved == Moved::Keep || (journey.enter != BIRTHDAY && journey.r#match.is_none());
    findings.unless(fixed, at("moved"), "a birthday or festival is not moved");
}

/// The tiers that a condition compares the member's with are there.
fn tiers(at: &str, condition: Option<&str>, known: &Known<'_>, findings: &mut Findings) {
    let names: Vec<&str> = known.names.tiers.iter().copied().collect();
    for tier in compared_tiers(condition.unwrap_or_default()).into_iter().filter(|tier| !names.contains(&&**tier)) {
        let message = format!("there is no tier {}", not_known(&tier, &names));
        findings.unless(false, at, message);
    }
}

/// The tiers that a condition compares the member's with: `tier>=gold`, `tier == 'gold'`.
fn compared_tiers(condition: &str) -> Vec<String> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let compared = |place: usize, word: &str| {
        let (before, after) = condition.split_at(place);
        let compared = after.trim_start_matches(word).trim_start();
        let operator = ["==", "!=", ">=", "<=", ">", "<"].iter().find_map(|operator| compared.strip_prefix(operator));
        let other = operator.filter(|_| !before.ends_with(is_word))?;
        let other = other.trim_start().trim_start_matches(['\'', '"']);
        let end = other.find(|letter| !is_word(letter) && letter != '-').unwrap_or(other.len());
        Some(other[..end].to_owned())
    };
    condition.match_indices("tier").filter_map(|(place, word)| compared(place, word)).collect()
}

/// A step that is checked.
struct Checked<'a> {
    journey: &'a Journey,
    step: &'a Step,
    known: &'a Known<'a>,
}

impl Checked<'_> {
    fn at(&self, field: &str) -> String {
        format!("journey.{}.steps.{}.{field}", self.journey.id, self.step.id)
    }

    fn check(&self, findings: &mut Findings) {
        self.what(findings);
        self.when(findings);
        self.named(findings);
        tiers(&self.at("if"), self.step.r#if.as_deref(), self.known, findings);
    }

    /// What it does: channels, or one action.
    fn what(&self, findings: &mut Findings) {
        let step = self.step;
        for (field, texts) in [("do", Some(&step.r#do)), ("tell.do", step.tell.as_ref().map(|tell| &tell.r#do))] {
            for name in texts.iter().flat_map(|texts| texts.all()).filter(|name| Does::named(name).is_none()) {
                let message = not_known(name, &Does::ALL.map(Does::name));
                findings.unless(false, self.at(field), message);
            }
        }
        let does = step.does();
        findings.unless(!step.r#do.all().is_empty(), self.at("do"), "must say what is done");
        let alone = does.len() <= 1 || does.iter().all(|does| does.is_message());
        findings.unless(alone, self.at("do"), "is a list of channels, or one action");
        let distinct = does.iter().collect::<BTreeSet<_>>().len() == does.len();
        findings.unless(distinct, self.at("do"), "a channel stands in it twice");
        if let Some(tell) = &step.tell {
            findings.unless(!step.is_message(), self.at("tell"), "follows an action; a message tells by itself");
            let messages = !tell.r#do.all().is_empty() && tell.does().iter().all(|does| does.is_message());
            findings.unless(messages, self.at("tell.do"), "is a list of channels");
        }
        let marketing = self.journey.purpose == Purpose::Marketing;
        let loud = step.quiet == Some(Quietness::Ignore);
        findings.unless(!(marketing && loud), self.at("quiet"), "marketing keeps quiet hours");
        for (does, field, there) in [
            (Does::Benefit, "reward", step.reward.is_some()),
            (Does::TaskOffer, "task", step.task.is_some()),
            (Does::Fulfil, "item", step.item.is_some()),
            (Does::Survey, "survey", step.survey.is_some()),
        ] {
            findings.unless(step.does() != [does] || there, self.at(field), "is missing");
        }
        findings.unless(!step.is_message() || step.template.is_some(), self.at("template"), "is missing");
    }

    /// When it is done.
    fn when(&self, findings: &mut Findings) {
        let step = self.step;
        let year = jiff::SignedDuration::from_hours(366 * 24);
        findings.unless(step.at.about().abs() <= year, self.at("at"), "must be within a year of the anchor");
        let elapsed = matches!(step.at, At::Elapsed(seconds) if seconds != 0);
        let dated = self.journey.enter == BIRTHDAY || self.journey.anchor.as_deref() == Some("last_day");
        findings.unless(!(elapsed && dated), self.at("at"), "hours are counted from an instant; the anchor is a date");
        findings.unless(step.time.is_none() || !elapsed, self.at("time"), "only what counts days has a time");
        let days = step.last_day.is_none_or(|last| matches!(last, At::Days(_)));
        findings.unless(days, self.at("last_day"), "is a number of days such as \"-P1D\"");
        let one = step.last_day.is_none() || step.valid_for.is_none();
        findings.unless(one, self.at("valid_for"), "either `valid_for` or `last_day`");
        let lasts = step.valid_for.is_none_or(|span| span.seconds >= 600);
        findings.unless(lasts, self.at("valid_for"), "must be at least PT10M");
        let quiet = self.known.care.quiet.as_ref().filter(|quiet| holds(quiet, step));
        if let Some((window, quiet)) = step.window.as_ref().zip(quiet) {
            findings.unless(!wholly_quiet(window, quiet), self.at("window"), "lies wholly in quiet hours");
        }
        let upgraded = ["tier.upgraded", "tier.tierupgraded"].contains(&self.journey.enter.as_str());
        let window = jiff::SignedDuration::from_hours(i64::from(self.known.revoke_window_days).saturating_mul(24));
        let kept = !(upgraded && step.does() == [Does::Fulfil]) || step.at.about() > window;
        findings.unless(
            kept,
            self.at("at"),
            "a medal leaves after `tiers.revoke_window_days`, when a return revokes no more",
        );
    }

    /// What it names is there.
    fn named(&self, findings: &mut Findings) {
        let step = self.step;
        let texts = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<String>>();
        let benefits = texts(self.known.names.benefits.iter().copied().collect());
        let rewards = texts(self.known.rewards.clone());
        let [surveys, queues, policies] =
            [&self.known.surveys, &self.known.queues, &self.known.policies].map(|names| texts(names.clone()));
        let tasks = ids(self.known.later.get("task"));
        for (field, noun, name, known) in [
            ("benefit", "benefit", &step.benefit, Some(benefits)),
            ("reward", "reward", &step.reward, Some(rewards)),
            ("survey", "survey", &step.survey, Some(surveys)),
            ("policy", "policy", &step.policy, Some(policies)),
            ("queue", "desk queue", &step.queue, Some(queues).filter(|known| !known.is_empty())),
            ("task", "task", &step.task, Some(tasks).filter(|known| !known.is_empty())),
        ] {
            let Some((name, known)) = name.as_ref().zip(known) else { continue };
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("there is no {noun} {}", not_known(name, &known));
            findings.unless(known.contains(&name.as_str()), self.at(field), message);
        }
        let valid = step.valid_days.is_none_or(|days| (1..=366).contains(&days));
        findings.unless(valid, self.at("valid_days"), "must be in 1..=366");
    }
}

/// The ids of a list that is not read yet.
fn ids(items: Option<&Value>) -> Vec<String> {
    let items = items.and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
}

/// Do quiet hours hold a step?
fn holds(quiet: &Quiet, step: &Step) -> bool {
    let mut does = step.does().into_iter();
    step.quiet != Some(Quietness::Ignore) && does.any(|does| quiet.channels.iter().any(|name| name == does.name()))
}

/// Is every minute of a window quiet?
fn wholly_quiet(window: &Window, quiet: &Quiet) -> bool {
    const DAY: u16 = 1_440;
    let (from, mut to) = (window.from.0, window.to.0);
    if to <= from {
        to = to.saturating_add(DAY);
    }
    let is_quiet = |minute: u16| {
        let (from, to, minute) = (quiet.from.0, quiet.to.0, minute.rem_euclid(DAY));
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    };
    (from..to).all(is_quiet)
}

/// What is allowed, and perhaps not meant.
#[must_use]
pub fn advice(journeys: &[Journey]) -> Vec<Finding> {
    let steps = journeys.iter().flat_map(|journey| journey.steps.iter().map(move |step| (journey, step)));
    let night =
        steps.filter(|(_, step)| matches!(step.time, Some(TimeOfDay::At(clock)) if (60..=180).contains(&clock.0)));
    let words = "clocks that change skip this time in one night and show it twice in another";
    night.map(|(journey, step)| Finding::new(format!("journey.{}.steps.{}.time", journey.id, step.id), words)).collect()
}

/// Checks the festivals of the programme's own.
pub(in crate::programme) fn festivals(dated: &[Dated], findings: &mut Findings) {
    findings.unique("festival", dated.iter().map(|festival| festival.id.as_str()));
    for festival in dated {
        let at = |field: &str| format!("festival.{}.{field}", festival.id);
        let letters = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        findings.unless(letters(&festival.country), at("country"), "is two letters of ISO 3166-1 such as SG");
        let within =
            festival.region.as_ref().is_none_or(|region| region.starts_with(&format!("{}-", festival.country)));
        findings.unless(within, at("region"), "is a part of the country such as JP-47");
        findings.unless(!festival.dates.is_empty(), at("dates"), "say when it is");
    }
}

/// Compiles the conditions.
pub(in crate::programme) fn compile(journeys: &[Journey], findings: &mut Vec<Finding>) -> Vec<CompiledJourney> {
    let mut compiled = Vec::new();
    for (place, journey) in journeys.iter().enumerate() {
        let mut condition = |field: &str, source: Option<&str>| {
            let compiled = source.map(Condition::compile_open).transpose();
            compiled.unwrap_or_else(|message| {
                findings.push(Finding::new(format!("journey.{}.{field}", journey.id), message));
                None
            })
        };
        let enter = condition("if", journey.r#if.as_deref());
        let exits = journey.exit_on.iter();
        let exits =
            exits.map(|exit| Exit { on: exit.on().to_owned(), condition: condition("exit_on", exit.condition()) });
        let exits = exits.collect();
        let steps = journey.steps.iter().map(|step| condition(&format!("steps.{}.if", step.id), step.r#if.as_deref()));
        let steps = steps.collect();
        compiled.push(CompiledJourney { written: journey.clone(), place, condition: enter, exits, steps });
    }
    compiled
}
