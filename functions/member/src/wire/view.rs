//! The view of a member.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A member, as every context knows one.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ViewReply {
    /// The member.
    member: String,
    /// The id that was asked for, if this member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
    /// By name.
    parts: BTreeMap<String, PartReply>,
}

/// A part of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct PartReply {
    /// The context that knows it.
    source: &'static str,
    /// As of when it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// How long ago that was, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<i64>,
    /// What it says: of a list the newest ten.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    /// The address of more of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// It could not be had in time; everything else could.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unavailable: bool,
}

impl ViewReply {
    pub(crate) fn new(member: &MemberId, asked: &MemberId, parts: BTreeMap<String, PartReply>) -> Self {
        let merged_from = (asked != member).then(|| asked.to_string());
        Self { member: member.to_string(), merged_from, parts }
    }
}

impl PartReply {
    pub(crate) fn shown(
        source: &'static str,
        (as_of, now): (Timestamp, Timestamp),
        data: Value,
        next: Option<String>,
    ) -> Self {
        let age_s = now.duration_since(as_of).as_secs();
        Self { source, as_of: Some(as_of), age_s: Some(age_s), data: Some(data), next, unavailable: false }
    }

    pub(crate) fn unavailable(source: &'static str) -> Self {
        Self { source, as_of: None, age_s: None, data: None, next: None, unavailable: true }
    }
}
