//! Facts that other contexts tell the ledger.

use domain::kernel::id::{ContentHash, FactName, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::kernel::time::to_millisecond;
use domain::ledger::command::{Command, Instruction};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{member, short};
use crate::{Problem, shaped};

/// A fact that is a command of the ledger: a `CloudEvents` 1.0 event in JSON. `(source, id)` is its business key, for ever: the same event
/// again finds what came of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactEvent {
    /// Always `1.0`.
    pub specversion: String,
    /// The event's id, unique within its source.
    pub id: String,
    /// Which context it comes from.
    pub source: String,
    /// What is asked.
    pub r#type: String,
    /// The member's id.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// Always `application/json`, if given.
    #[serde(default)]
    pub datacontenttype: Option<String>,
    /// Not read.
    #[serde(default)]
    pub dataschema: Option<String>,
    /// W3C trace context; not kept.
    #[serde(default)]
    pub traceparent: Option<String>,
    /// W3C trace context; not kept.
    #[serde(default)]
    pub tracestate: Option<String>,
    /// What its type says it carries.
    #[serde(default)]
    pub data: Value,
}

impl FactEvent {
    /// What it carries, in the shape of its type.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        shaped(&self.data).map_err(|problem| problem.within("/data"))
    }

    /// As the instruction to carry out its command.
    ///
    /// # Errors
    /// 422 with a pointer to the field, or what is wrong with the command.
    pub fn to_instruction(&self, command: Result<Command, Problem>) -> Result<(MemberId, Instruction), Problem> {
        let json = self.datacontenttype.as_deref().is_none_or(|kind| kind.starts_with("application/json"));
        let member = member("/subject", &self.subject);
        let occurred_at = to_millisecond(self.time);
        let must = |holds: bool, place: &str, what: &str| {
            if holds { Ok(()) } else { Err(Problem::invalid(place, what)) }
        };
        Problem::unless([
            must(self.specversion == "1.0", "/specversion", "must be \"1.0\""),
            must(json, "/datacontenttype", "must be application/json"),
            short("/id", &self.id),
            short("/source", &self.source),
            member.as_ref().map(drop).map_err(Clone::clone),
            must(occurred_at >= Timestamp::UNIX_EPOCH, "/time", "must not lie before 1970"),
            command.as_ref().map(drop).map_err(Clone::clone),
        ])?;
        let said = json!({
            "type": self.r#type, "subject": self.subject, "time": occurred_at.to_string(), "data": self.data,
        });
        let stamp = Stamp {
            operation: OperationId::of_event(&self.source, &self.id),
            content: ContentHash::of(&said),
            occurred_at,
        };
        let fact = Some(FactName::event(&self.source, &self.id));
        Ok((member?, Instruction { stamp, fact, by: None, command: command?, legs: Vec::new() }))
    }
}
