//! The trail of a member.

use std::collections::BTreeMap;

use crate::told::{Told, TrailPage};
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::entry::{Detail, Entry};
use domain::signals::signal::{Reported, Signal};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What a member did, the newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TrailReply {
    /// The member.
    member: String,
    /// The id that was asked for, if this member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
    /// Signals and facts.
    pub(crate) items: Vec<TrailItem>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl TrailReply {
    pub(crate) fn new(member: &MemberId, trail: &TrailPage) -> Self {
        let item = |told: &Told| match told {
            Told::Fact(member, entry) => TrailItem::of_entry(member, entry),
            Told::Signal(signal) => Some(TrailItem::of_signal(signal)),
        };
        let items = trail.told.iter().filter_map(item).collect();
        Self {
            member: member.to_string(),
            merged_from: None,
            items,
            next: trail.next.as_ref().map(ToString::to_string),
        }
    }

    /// As it is told to who asked for a member.
    pub(crate) fn of(mut self, asked: &MemberId) -> Self {
        self.merged_from = (asked.as_str() != self.member).then(|| asked.to_string());
        self
    }
}

/// Something that a member did, or that was told of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TrailItem {
    /// `signal`, or `fact`: that is in the ledger.
    what: &'static str,
    /// Its type: that of a reported activity; `order.refunded`, `activity.reversed`, `reward.redeemed`, `voucher.used`, `benefit.used`.
    r#type: String,
    /// When it happened.
    time: Timestamp,
    /// When it was recorded.
    recorded_at: Timestamp,
    /// The source of a signal, as the programme calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// What is said of a signal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, Value>,
    /// The entry of a fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// What it added to the balance (negative: took).
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Points>,
}

/// What a member did with it; nothing if it is none of that.
fn kind_of(entry: &Entry) -> Option<&str> {
    Some(match &entry.detail {
        Detail::Earn { activity, .. } => activity,
        Detail::Refund { .. } => "order.refunded",
        Detail::ActivityReversal { .. } => "activity.reversed",
        Detail::Redeem { cause: None, .. } => "reward.redeemed",
        Detail::VoucherUse { .. } => "voucher.used",
        Detail::Benefit { cause: None, .. } => "benefit.used",
        _ => return None,
    })
}

/// Is an entry something that the member did?
pub(crate) fn is_shown(entry: &Entry) -> bool {
    kind_of(entry).is_some()
}

impl TrailItem {
    /// Of an entry; none if it is nothing that the member did.
    fn of_entry(member: &MemberId, entry: &Entry) -> Option<Self> {
        let kind = kind_of(entry)?;
        Some(Self {
            what: "fact",
            r#type: kind.to_owned(),
            time: entry.occurred_at,
            recorded_at: entry.recorded_at,
            source: None,
            attributes: BTreeMap::new(),
            entry: Some(lambda::wire::id(member, entry)),
            points: Some(entry.points()),
        })
    }

    pub(crate) fn of_signal(signal: &Signal) -> Self {
        let Reported { kind, source, at, attributes, .. } = signal.reported.clone();
        Self {
            what: "signal",
            r#type: kind,
            time: at,
            recorded_at: signal.recorded_at,
            source: Some(source),
            attributes,
            entry: None,
            points: None,
        }
    }
}
