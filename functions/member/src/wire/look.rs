//! Looks at what is masked.

use std::collections::BTreeMap;

use domain::members::looking::{SHOWN, Seen};
use jiff::Timestamp;
use lambda::{Problem, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::NotedLook;

use crate::wire::reason::StatedReason;

/// What somebody who serves a member wants to see.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookRequest {
    /// Names of fields, and kinds of identifiers: `phone`, `name`, `address.lines`.
    pub(crate) fields: Vec<String>,
    /// Why.
    pub(crate) reason: StatedReason,
    /// The ticket that it is for.
    #[serde(default)]
    pub(crate) ticket: Option<String>,
}

impl LookRequest {
    /// Is something asked for, and is the ticket one?
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if !(1..=20).contains(&self.fields.len()) {
            return Err(Problem::invalid("/fields", "name 1 to 20 fields"));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let ticket = self.ticket.as_ref();
        if ticket.is_some_and(|ticket| !(1..=64).contains(&ticket.len()) || !ticket.bytes().all(fits)) {
            return Err(Problem::invalid("/ticket", "a ticket is 1 to 64 of A-Z a-z 0-9 _ -"));
        }
        self.reason.check()
    }
}

/// What is masked elsewhere. That it was seen is noted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LookReply {
    /// Values by what was asked for; none where nothing is known.
    values: BTreeMap<String, Vec<Value>>,
    /// Until when they may stand on a screen.
    shown_until: Timestamp,
}

impl LookReply {
    pub(crate) fn new(seen: &[Seen], now: Timestamp) -> Self {
        let values =
            seen.iter().map(|(name, values)| (name.clone(), values.iter().map(|value| json!(value)).collect()));
        Self { values: values.collect(), shown_until: now.saturating_add(SHOWN).unwrap_or(now) }
    }
}

/// How much of a look somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Of what kind the person was who looked: nobody is handed over to the member.
    Role,
    /// Who it was.
    Person,
    /// And why.
    Reason,
}

impl Told {
    pub(crate) const fn of(role: Role) -> Self {
        match role {
            Role::Member => Self::Role,
            Role::Admin => Self::Reason,
            Role::Partner | Role::Agent | Role::Lead | Role::Auditor => Self::Person,
        }
    }
}

/// Who has looked at what is masked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LooksReply {
    /// The newest first.
    looks: Vec<ShownLook>,
    /// Where the next page begins, if there is one: `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A look at what is masked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownLook {
    /// When.
    at: Timestamp,
    /// Who: for the member as what, `agent`; else the person too.
    by: String,
    /// What was seen.
    fields: Vec<String>,
    /// For which ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// Why; for administrators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl LooksReply {
    pub(crate) fn new(noted: &[NotedLook], next: Option<String>, seeing: Told) -> Self {
        let shown = noted.iter().map(|look| ShownLook {
            at: look.at,
            by: match seeing {
                Told::Role => look.by.split(':').next().unwrap_or_default().to_owned(),
                Told::Person | Told::Reason => look.by.clone(),
            },
            fields: look.fields.clone(),
            ticket: look.ticket.clone(),
            reason: (seeing == Told::Reason).then(|| look.reason.clone()),
        });
        Self { looks: shown.collect(), next }
    }
}
