//! Signals: what is reported of one, and what is answered.

use std::collections::BTreeMap;

use domain::kernel::id::OperationId;
use domain::kernel::time::to_millisecond;
use domain::signals::signal::{Reported, Signal};
use jiff::Timestamp;
use lambda::{Problem, shaped};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::ActivityEvent;

/// The data of a signal.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignalData {
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
}

impl ActivityEvent {
    /// As a signal; whose its source is, is to be said yet.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_reported(&self) -> Result<Reported, Problem> {
        let member = self.envelope();
        let data = if self.data.is_null() { Ok(SignalData::default()) } else { shaped(&self.data) };
        let data = data.map_err(|problem| problem.within("/data"));
        let dated = match self.backdatereason {
            Some(_) => Err(Problem::invalid("/backdatereason", "a signal that is too old is not recorded")),
            None => Ok(()),
        };
        let (of_member, of_data) = (member.as_ref().map(drop), data.as_ref().map(drop));
        Problem::unless([of_member.map_err(Clone::clone), dated, of_data.map_err(Clone::clone)])?;
        let SignalData { attributes } = data?;
        Ok(Reported {
            member: member?,
            kind: self.r#type.clone(),
            source: String::new(),
            operation: OperationId::of_event(&self.source, &self.id),
            at: to_millisecond(self.time),
            attributes,
        })
    }
}

/// A signal as it is recorded: it earns nothing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SignalReply {
    /// About whom.
    member: String,
    /// Its type.
    r#type: String,
    /// The source, as the programme calls it.
    source: String,
    /// When it happened.
    time: Timestamp,
    /// When it was recorded.
    recorded_at: Timestamp,
    /// What is said of it, with what stands in for what was not.
    attributes: BTreeMap<String, Value>,
}

impl From<&Signal> for SignalReply {
    fn from(signal: &Signal) -> Self {
        let Reported { member, kind, source, at, attributes, .. } = signal.reported.clone();
        Self { member: member.to_string(), r#type: kind, source, time: at, recorded_at: signal.recorded_at, attributes }
    }
}
