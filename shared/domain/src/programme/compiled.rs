//! A programme version, checked and compiled once; and the versions that a decision may need.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::canonical::Hash;
use crate::kernel::refusal::OutsideWindow;
use crate::kernel::time::{Zone, add_days};
use crate::programme::activity::{ActivityType, Attribute, LINES_NET, OF_ORDERS, ORDER_PAID};
use crate::programme::benefit::Benefit;
use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::desk::queue::{self, CompiledRoute};
use crate::programme::document::Document;
use crate::programme::earning_rule::EarningRule;
use crate::programme::engagement::Engagement;
use crate::programme::finding::Finding;
use crate::programme::journey::{self, CompiledJourney};
use crate::programme::reward::Reward;
use crate::programme::segment::{Labelled, Measures, Scores, variables};
use crate::programme::stock::shards;
use crate::programme::tier::Tier;
use crate::programme::voice::form::{self, CompiledForm};
use crate::programme::voice::survey::Survey;
use crate::programme::wallet::PointsWallet;

/// A published, checked programme version.
#[derive(Debug)]
pub struct Programme {
    /// Counts versions from 1; entries name the version that decided them by it.
    pub number: u32,
    /// The hash of its document as it was published; zeros before that.
    pub hash: Hash,
    document: Document,
    points: PointsWallet,
    zone: Zone,
    rules: Vec<Rule>,
    kept: BTreeMap<String, Vec<String>>,
    tiers: Vec<Tier>,
    segments: Vec<Labelled>,
    tags: Vec<Labelled>,
    journeys: Vec<CompiledJourney>,
    forms: Vec<CompiledForm>,
    routes: Vec<CompiledRoute>,
    engagement: Engagement,
}

/// An earning rule with its conditions compiled.
#[derive(Debug)]
pub struct Rule {
    /// As written.
    pub written: EarningRule,
    /// Must all hold.
    pub conditions: Vec<Condition>,
    /// Which lines count.
    pub lines: Option<Condition>,
}

impl Programme {
    /// Checks and compiles a document.
    ///
    /// # Errors
    /// Everything found, not only the first.
    pub fn compile(number: u32, document: Document) -> Result<Self, Vec<Finding>> {
        let findings = document.check();
        Self::assemble(number, Hash::GENESIS, document, findings)
    }

    /// Compiles a published document: it was checked then, and its hash says that it is what was checked.
    ///
    /// # Errors
    /// What no longer compiles.
    pub fn published(number: u32, hash: Hash, document: Document) -> Result<Self, Vec<Finding>> {
        Self::assemble(number, hash, document, Vec::new())
    }

    fn assemble(number: u32, hash: Hash, document: Document, mut findings: Vec<Finding>) -> Result<Self, Vec<Finding>> {
        let zone = Zone::named(&document.programme.timezone);
        let points = document.points().cloned();
        let mut rules = Vec::new();
        for rule in &document.earning_rule {
            match Rule::compile(rule, document.activity.get(&rule.on)) {
                Ok(rule) => rules.push(rule),
                Err(found) => findings.extend(found),
            }
        }
        let segments = document.rfmls.iter().flat_map(|rfmls| &rfmls.segments);
        let segments =
            labels("rfmls.segments", segments.map(|segment| (&segment.id, &segment.when, None)), &mut findings);
        let computed = document.tag.iter().filter_map(|tag| tag.when.as_ref().map(|when| (tag, when)));
        let tags = labels("tag", computed.map(|(tag, when)| (&tag.id, when, tag.ladder.as_ref())), &mut findings);
        let journeys = journey::compile(&document.journey, &mut findings);
        let forms = form::compile(&document.form, &mut findings);
        let routes = queue::compile(&document.route, &mut findings);
        match (zone, points) {
            (Some(zone), Some(points)) if findings.is_empty() => {
                rules.sort_by(|left, right| left.written.id.cmp(&right.written.id));
                let kept = kept_attributes(&document, &rules);
                let mut tiers = document.tier.clone();
                tiers.sort_by_key(|tier| tier.rank);
                let engagement = Engagement::compile(&document.later, &zone);
                Ok(Self {
                    number,
                    hash,
                    document,
                    points,
                    zone,
                    rules,
                    kept,
                    tiers,
                    segments,
                    tags,
                    journeys,
                    forms,
                    routes,
                    engagement,
                })
            }
            _ => Err(findings),
        }
    }

    /// As written.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The version's name.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.document.programme.rules_version
    }

    /// The `points` wallet.
    #[must_use]
    pub fn points(&self) -> &PointsWallet {
        &self.points
    }

    /// When points earned at an instant expire.
    #[must_use]
    pub fn expires_at(&self, earned_at: Timestamp) -> Timestamp {
        self.points.validity.expires_at(earned_at, self.points.round_expiry, &self.zone)
    }

    /// The zone of all day and month boundaries.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// A declared activity type.
    #[must_use]
    pub fn activity(&self, name: &str) -> Option<&ActivityType> {
        self.document.activity.get(name)
    }

    /// The rules for an activity type, by id.
    pub fn rules_on<'a>(&'a self, activity: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.written.on == activity)
    }

    /// A rule by id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.written.id == id)
    }

    /// The attributes of an activity type that its rules read: what an entry keeps of the fact, and nothing more.
    #[must_use]
    pub fn kept_attributes(&self, activity: &str) -> &[String] {
        self.kept.get(activity).map_or(&[], Vec::as_slice)
    }

    /// A reward by id.
    #[must_use]
    pub fn reward(&self, id: &str) -> Option<&Reward> {
        self.document.reward.iter().find(|reward| reward.id == id)
    }

    /// A tier by its id, or by that of a tier of an earlier version whose place it has taken.
    #[must_use]
    pub fn tier(&self, id: &str) -> Option<&Tier> {
        self.document.tier.iter().find(|tier| tier.names().any(|name| name == id))
    }

    /// What this version calls a tier; the same if it knows none of that name.
    #[must_use]
    pub fn tier_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.tier(id).map_or(id, |tier| &tier.id)
    }

    /// What this version calls a tier; without one the base tier.
    #[must_use]
    pub fn tier_or_base<'a>(&'a self, tier: Option<&'a str>) -> &'a str {
        self.tier_name(tier.unwrap_or(&self.base_tier().id))
    }

    /// How far clocks may differ.
    fn skew(&self) -> SignedDuration {
        SignedDuration::from_secs(self.document().programme.future_skew_seconds.into())
    }

    /// An instant, as a clock may show it that is as far ahead as clocks may be.
    #[must_use]
    pub fn plus_skew(&self, at: Timestamp) -> Timestamp {
        at.saturating_add(self.skew()).expect("a duration suits a timestamp")
    }

    /// An instant, as a clock may show it that is as far behind.
    #[must_use]
    pub fn less_skew(&self, at: Timestamp) -> Timestamp {
        at.saturating_sub(self.skew()).expect("a duration suits a timestamp")
    }

    /// May a fact that happened at an instant still come at `now`?
    ///
    /// # Errors
    /// It is later than clocks may be ahead, or earlier than facts may be late.
    pub fn in_window(&self, occurred_at: Timestamp, now: Timestamp) -> Result<(), OutsideWindow> {
        let latest = self.plus_skew(now);
        if occurred_at > latest {
            return Err(OutsideWindow::InFuture { latest });
        }
        let earliest = add_days(now, self.document().programme.backdate_window_days.saturating_neg());
        if occurred_at < earliest { Err(OutsideWindow::TooOld { earliest }) } else { Ok(()) }
    }

    /// No fact that may still come at `now` lies before this: a day more than facts may be late.
    #[must_use]
    pub fn open_since(&self, now: Timestamp) -> Timestamp {
        add_days(now, self.document().programme.backdate_window_days.saturating_neg().saturating_sub(1))
    }

    /// The rank of a tier; one that the programme no longer has counts as the base tier.
    #[must_use]
    pub fn rank(&self, tier: &str) -> u8 {
        self.tier(tier).map_or(0, |tier| tier.rank)
    }

    /// The tier that everybody has.
    #[must_use]
    pub fn base_tier(&self) -> &Tier {
        self.tiers.first().expect("a checked programme has a tier")
    }

    /// The tiers, lowest first.
    pub fn tiers(&self) -> impl DoubleEndedIterator<Item = &Tier> {
        self.tiers.iter()
    }

    /// A declared benefit by id.
    #[must_use]
    pub fn benefit(&self, id: &str) -> Option<&Benefit> {
        self.document.benefit.iter().find(|benefit| benefit.id == id)
    }

    /// The segments; the first whose condition holds is a member's.
    #[must_use]
    pub fn segments(&self) -> &[Labelled] {
        &self.segments
    }

    /// What brings members back.
    #[must_use]
    pub fn engagement(&self) -> &Engagement {
        &self.engagement
    }

    /// The journeys, as the programme orders them.
    #[must_use]
    pub fn journeys(&self) -> &[CompiledJourney] {
        &self.journeys
    }

    /// A journey by its id.
    #[must_use]
    pub fn journey(&self, id: &str) -> Option<&CompiledJourney> {
        self.journeys.iter().find(|journey| journey.written.id == id)
    }

    /// A form by its id.
    #[must_use]
    pub fn form(&self, id: &str) -> Option<&CompiledForm> {
        self.forms.iter().find(|form| form.written.id == id)
    }

    /// A survey by its id.
    #[must_use]
    pub fn survey(&self, id: &str) -> Option<&Survey> {
        self.document.survey.iter().find(|survey| survey.id == id)
    }

    /// Where tickets go: the first whose condition holds.
    #[must_use]
    pub fn routes(&self) -> &[CompiledRoute] {
        &self.routes
    }

    /// The tags of the dictionary.
    #[must_use]
    pub fn tags(&self) -> &[Labelled] {
        &self.tags
    }
}

/// Names that every condition may read, with values to try it on. What can be worked out again from the entry's time and
/// tier is not kept with the entry.
const ALWAYS: [(&str, Scalar); 4] = [
    ("date", Scalar::Text(String::new())),
    ("hour", Scalar::Integer(0)),
    ("tier", Scalar::Text(String::new())),
    ("weekday", Scalar::Integer(1)),
];

fn kept_attributes(document: &Document, rules: &[Rule]) -> BTreeMap<String, Vec<String>> {
    let mut kept: BTreeMap<String, Vec<String>> =
        document.activity.keys().map(|name| (name.clone(), Vec::new())).collect();
    for rule in rules {
        let Some(names) = kept.get_mut(&rule.written.on) else { continue };
        let derived =
            |name: &str| ALWAYS.iter().any(|(always, _)| *always == name) || ["net_minor", LINES_NET].contains(&name);
        let read = rule.conditions.iter().flat_map(Condition::reads).filter(|name| !derived(name));
        names.extend(read.cloned());
    }
    for names in kept.values_mut() {
        names.sort_unstable();
        names.dedup();
    }
    kept
}

/// Compiles the conditions of segments or tags.
fn labels<'a>(
    section: &str,
    written: impl Iterator<Item = (&'a String, &'a String, Option<&'a String>)>,
    findings: &mut Vec<Finding>,
) -> Vec<Labelled> {
    let scores = Scores { r: 1, f: 1, m: 1, l: 1, s: 1 };
    let sample = variables(scores, &Measures::default());
    let mut compiled = Vec::new();
    for (id, when, ladder) in written {
        match Condition::compile(when, &sample) {
            Ok(condition) if !condition.compares_with_numbers() => {
                let message = "a condition on scores compares them with whole numbers, and does not calculate";
                findings.push(Finding::new(format!("{section}.{id}.when"), message));
            }
            Ok(when) => compiled.push(Labelled { id: id.clone(), when, ladder: ladder.cloned() }),
            Err(message) => findings.push(Finding::new(format!("{section}.{id}.when"), message)),
        }
    }
    compiled
}

fn sample(activity: &str, declared: &BTreeMap<String, Attribute>) -> Variables {
    let mut sample: Variables = ALWAYS.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    if activity == ORDER_PAID {
        sample.extend(OF_ORDERS.map(|name| (name.to_owned(), Scalar::Integer(0))));
    }
    sample.extend(declared.iter().map(|(name, attribute)| (name.clone(), attribute.kind().sample())));
    sample
}

impl Rule {
    fn compile(rule: &EarningRule, activity: Option<&ActivityType>) -> Result<Self, Vec<Finding>> {
        let at = |field: &str| format!("earning_rule.{}.{field}", rule.id);
        let finding = |field: &str, message: String| Finding::new(at(field), message);
        let Some(activity) = activity else {
            return Err(vec![finding("on", format!("`{}` is not a declared activity", rule.on))]);
        };
        if activity.is_signal() {
            return Err(vec![finding("on", format!("`{}` is a signal, and earns nothing", rule.on))]);
        }
        let mut findings = Vec::new();
        let mut attributes = sample(&rule.on, &activity.attributes);
        if rule.lines.is_some() {
            attributes.insert(LINES_NET.to_owned(), Scalar::Integer(0));
        }
        let mut conditions = Vec::new();
        for source in rule.when.as_slice() {
            match Condition::compile(source, &attributes) {
                Ok(condition) => conditions.push(condition),
                Err(message) => findings.push(finding("when", message)),
            }
        }
        let line_sample =
            activity.line_attributes.iter().map(|(name, attribute)| (name.clone(), attribute.kind().sample()));
        let mut line_sample: Variables = line_sample.collect();
        line_sample.insert("sku".to_owned(), Scalar::Text(String::new()));
        line_sample.insert("quantity".to_owned(), Scalar::Integer(1));
        line_sample.insert("amount_minor".to_owned(), Scalar::Integer(0));
        let lines = rule.lines.as_ref().map(|source| Condition::compile(source, &line_sample)).transpose();
        let lines = lines.unwrap_or_else(|message| {
            findings.push(finding("lines", message));
            None
        });
        if findings.is_empty() { Ok(Self { written: rule.clone(), conditions, lines }) } else { Err(findings) }
    }

    /// Does a condition on the activity read this?
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.conditions.iter().flat_map(Condition::reads).any(|read| read == name)
    }

    /// Is the local date within the rule's dates?
    #[must_use]
    pub fn runs_on(&self, date: Date) -> bool {
        self.written.from.is_none_or(|from| from <= date) && self.written.until.is_none_or(|until| date <= until)
    }
}

/// The published versions a decision may need: which applied when, and those that decided earlier entries.
#[derive(Debug, Clone, Default)]
pub struct Programmes {
    versions: Vec<(Timestamp, Arc<Programme>)>,
}

impl Programmes {
    /// With versions and the instants from which each applies, in any order.
    #[must_use]
    pub fn new(mut versions: Vec<(Timestamp, Arc<Programme>)>) -> Self {
        versions.sort_by_key(|(from, programme)| (*from, programme.number));
        Self { versions }
    }

    /// One version that always applies.
    #[must_use]
    pub fn only(programme: Programme) -> Self {
        Self { versions: vec![(Timestamp::MIN, Arc::new(programme))] }
    }

    /// The version in force at an instant: the latest that had begun, or the first if none had.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> &Arc<Programme> {
        let begun = self.versions.iter().rev().find(|(from, _)| *from <= instant);
        let (_, programme) = begun.or(self.versions.first()).expect("a platform has a programme");
        programme
    }

    /// The longest that a voucher of any version is valid, in days, unless it was given for longer; 0 if there are none.
    #[must_use]
    pub fn longest_voucher(&self) -> i32 {
        let rewards = self.versions.iter().flat_map(|(_, programme)| &programme.document().reward);
        rewards.filter_map(|reward| reward.voucher_valid_days).max().unwrap_or_default()
    }

    /// Over how many shards a stock is spread: it only grows, so that no piece is ever out of sight.
    #[must_use]
    pub fn shards_of(&self, stock: &str) -> u32 {
        let named = self.versions.iter().filter_map(|(_, programme)| programme.document().stock(stock));
        named.map(shards).max().unwrap_or(1)
    }

    /// Does a version name this stock?
    #[must_use]
    pub fn have_stock(&self, stock: &str) -> bool {
        self.versions.iter().any(|(_, programme)| programme.document().stock(stock).is_some())
    }

    /// A version by number.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<&Arc<Programme>> {
        self.versions.iter().map(|(_, programme)| programme).find(|programme| programme.number == number)
    }
}
