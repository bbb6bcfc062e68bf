//! What a decision rests on beside the state.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::person::Person;
use super::state::{Enrolment, StepState};
use super::when::{Clocks, Plan, planned};
use crate::kernel::time::Zone;
use crate::programme::care::Care as Settings;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::journey::CompiledJourney;
use crate::programme::journey::step::{Does, Step};

/// The longest that is kept of what a condition read, in characters.
const LONGEST_GROUND: usize = 96;

/// What a decision rests on beside the state.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The programme, by version.
    pub programmes: &'a Programmes,
    /// Who it is about.
    pub person: &'a Person,
    /// Journeys that stand still.
    pub paused: &'a BTreeSet<String>,
    /// Now.
    pub now: Timestamp,
}

/// A step of an enrolment with what the programme says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) journey: &'a CompiledJourney,
    pub(super) step: &'a Step,
    /// Which step of the journey it is.
    pub(super) place: usize,
    /// Is it the message that follows?
    pub(super) tells: bool,
}

impl<'a> Scene<'a> {
    /// The programme in force.
    #[must_use]
    pub fn programme(&self) -> &'a Programme {
        self.programmes.at(self.now)
    }

    pub(super) fn settings(&self) -> &'a Settings {
        &self.programme().document().care
    }

    /// The member's zone, or that of the country, or the programme's.
    #[must_use]
    pub fn zone(&self) -> Zone {
        let by_country = || self.person.country.as_ref().and_then(|country| self.settings().zones.get(country));
        let name = self.person.zone.as_ref().or_else(by_country);
        name.and_then(|name| Zone::named(name)).unwrap_or_else(|| self.programme().zone().clone())
    }

    /// The local date of the programme.
    #[must_use]
    pub fn today(&self) -> Date {
        self.programme().zone().date(self.now)
    }

    pub(super) fn clocks(&self) -> Clocks {
        Clocks { zone: self.zone(), send_time: self.settings().default_send_time.time() }
    }

    /// A journey of the version that an enrolment began with.
    pub(super) fn journey(&self, enrolment: &Enrolment) -> Option<&'a CompiledJourney> {
        self.programmes.numbered(enrolment.version)?.journey(&enrolment.journey)
    }

    /// Which journey of the programme it is, in its order.
    pub(super) fn place(&self, journey: &CompiledJourney) -> usize {
        self.programme().journey(&journey.written.id).map_or(usize::MAX, |current| current.place)
    }

    pub(super) fn stage(&self, enrolment: &Enrolment, state: &StepState) -> Option<Stage<'a>> {
        let journey = self.journey(enrolment)?;
        let (place, step) = journey.step(&state.step)?;
        Some(Stage { journey, step, place, tells: state.tells })
    }

    /// When a step is planned, and until when it is of use.
    pub(super) fn plan(&self, enrolment: &Enrolment, stage: Stage<'_>) -> Plan {
        planned(stage.step, enrolment.anchor, &self.clocks())
    }

    /// Does a condition hold, of what is said and of the member? What is not there, no condition on it holds.
    pub(super) fn holds(&self, condition: Option<&Condition>, data: &Variables) -> bool {
        let Some(condition) = condition else { return true };
        let mut variables = data.clone();
        variables.extend(self.own());
        condition.holds_with(&variables, &[("tags", &self.person.tags)]).unwrap_or(false)
    }

    /// What a condition reads, in words.
    pub(super) fn read(&self, condition: &Condition, data: &Variables) -> String {
        let own: Variables = self.own().collect();
        let value = |name: &String| own.get(name).or(data.get(name)).map(|value| serde_json::json!(value).to_string());
        let said = condition.reads().iter().map(|name| format!("{name}={}", value(name).unwrap_or_else(|| "-".into())));
        said.collect::<Vec<_>>().join(", ").chars().take(LONGEST_GROUND).collect()
    }

    fn own(&self) -> impl Iterator<Item = (String, Scalar)> {
        let programme = self.programme();
        let tier = programme.tier_or_base(self.person.tier.as_deref());
        let texts = [
            ("tier", Some(tier.to_owned())),
            ("segment", self.person.segment.clone()),
            ("country", self.person.country.clone()),
            ("locale", self.person.locale.clone()),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Scalar::Text(text?))));
        texts.chain([("tier_rank".to_owned(), Scalar::Integer(programme.rank(tier).into()))])
    }
}

impl Stage<'_> {
    /// What it does, in the order in which that is tried.
    pub(super) fn does(&self) -> Vec<Does> {
        match &self.step.tell {
            Some(tell) if self.tells => tell.does(),
            _ => self.step.does(),
        }
    }

    /// The text.
    pub(super) fn template(&self) -> Option<&String> {
        match &self.step.tell {
            Some(tell) if self.tells => Some(&tell.template),
            _ => self.step.template.as_ref(),
        }
    }
}
