//! What will be done for a member.

use domain::care::{Happening, Shown};
use domain::kernel::event::{Event, Version};
use domain::kernel::id::{MemberId, OperationId};
use domain::programme::compiled::Programme;
use jiff::Timestamp;
use lambda::{NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::care::StepView;

/// How far one can look ahead, in days.
const DAYS: std::ops::RangeInclusive<i64> = 1..=30;

/// So much can be said to happen.
const MOST_EVENTS: usize = 20;

/// Of whom, and how far ahead.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRequest {
    /// The member.
    #[schemars(with = "String")]
    member: String,
    /// How many days, 1 to 30.
    days: i64,
    /// What happens meanwhile, at most 20.
    #[serde(default)]
    events: Vec<SaidEvent>,
}

/// Something that happens.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SaidEvent {
    /// Its type, as events have it: `perennial.act.orderdelivered.v1`.
    r#type: String,
    /// When; within the days that are looked at.
    time: Timestamp,
    /// What it says.
    #[serde(default)]
    data: Map<String, Value>,
}

impl NamesMember for PreviewRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        self.member.parse().map_err(|error: String| Problem::invalid("/member", error))
    }
}

impl PreviewRequest {
    /// How many days.
    pub(crate) fn days(&self) -> Result<i64, Problem> {
        if DAYS.contains(&self.days) { Ok(self.days) } else { Err(Problem::invalid("/days", "must be in 1..=30")) }
    }

    /// What happens, in order, as journeys hear it.
    pub(crate) fn events(
        &self,
        member: &MemberId,
        (from, until): (Timestamp, Timestamp),
        programme: &Programme,
    ) -> Result<Vec<Happening>, Problem> {
        if self.events.len() > MOST_EVENTS {
            return Err(Problem::invalid("/events", "has at most 20"));
        }
        let mut heard = Vec::new();
        for (place, said) in self.events.iter().enumerate() {
            if !(from..=until).contains(&said.time) {
                let words = "must lie within the days that are looked at";
                return Err(Problem::invalid(format!("/events/{place}/time"), words));
            }
            let happening = Happening::heard(&said.event(member), programme);
            if !happening.is_heeded(programme) {
                let words = "begins and ends no journey of the programme";
                return Err(Problem::invalid(format!("/events/{place}/type"), words));
            }
            heard.push(happening);
        }
        heard.sort_by_key(|happening| happening.at);
        Ok(heard)
    }
}

impl SaidEvent {
    fn event(&self, member: &MemberId) -> Event {
        Event {
            specversion: Version::V1,
            id: String::new(),
            source: "/perennial/care".to_owned(),
            kind: self.r#type.clone(),
            data: Value::Object(self.data.clone()),
            time: self.time,
            member: Some(member.clone()),
            sequence: 0,
            recordedtime: self.time,
            causationid: String::new(),
            correlationid: OperationId([0; 16]),
            programmeversion: 0,
        }
    }
}

/// What will be done for a member.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct PreviewReply {
    /// The member.
    member: String,
    /// Until when was looked.
    until: Timestamp,
    /// Steps that are decided by then, what is planned first first.
    steps: Vec<StepView>,
}

impl PreviewReply {
    pub(crate) fn new<'a>(member: &MemberId, until: Timestamp, steps: impl Iterator<Item = &'a Shown>) -> Self {
        let mut steps: Vec<StepView> = steps.map(StepView::new).collect();
        steps.reverse();
        Self { member: member.to_string(), until, steps }
    }
}
