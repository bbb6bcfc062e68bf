//! The trail of a member.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

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
    pub(crate) fn new(member: &MemberId, items: Vec<TrailItem>, next: Option<String>) -> Self {
        Self { member: member.to_string(), merged_from: None, items, next }
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

impl TrailItem {
    /// Of an entry; none if it is nothing that the member did.
    pub(crate) fn of_entry(member: &MemberId, entry: &Entry) -> Option<Self> {
        let kind = match &entry.detail {
            Detail::Earn { activity, .. } => activity,
            Detail::Refund { .. } => "order.refunded",
            Detail::ActivityReversal { .. } => "activity.reversed",
            Detail::Redeem { cause: None, .. } => "reward.redeemed",
            Detail::VoucherUse { .. } => "voucher.used",
            Detail::Benefit { cause: None, .. } => "benefit.used",
            _ => return None,
        };
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

/// How far the trail was read: `ENTRY.SIGNAL`, each `-` at the beginning and `0` at the end; of more than one account, their entries with
/// commas in between, first that of who stands for the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// The newest entry of each account that was not read: 0 if none is left; none if none was read.
    pub(crate) newest: Vec<Option<u64>>,
    /// The place of the last signal that was read.
    pub(crate) before: Option<String>,
    /// No signal is left.
    pub(crate) signals_end: bool,
}

/// The beginning of a part, and its end.
const BOUNDS: [&str; 2] = ["-", "0"];

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [begin, end] = BOUNDS;
        let entry = |newest: &Option<u64>| newest.map_or_else(|| begin.to_owned(), |newest| newest.to_string());
        let entries: Vec<String> = self.newest.iter().map(entry).collect();
        let signal = match &self.before {
            _ if self.signals_end => end.to_owned(),
            Some(before) => before.replace('#', "_"),
            None => begin.to_owned(),
        };
        write!(f, "{}.{signal}", entries.join(","))
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [begin, end] = BOUNDS;
        let (entries, signal) = text.split_once('.').ok_or(())?;
        let newest = |entry: &str| match entry {
            _ if entry == begin => Ok(None),
            _ => entry.parse().map(Some).map_err(|_no_number| ()),
        };
        let before = if BOUNDS.contains(&signal) {
            None
        } else {
            let (at, known_by) = signal.split_once('_').ok_or(())?;
            let all = |text: &str, length: usize, digits: fn(&u8) -> bool| {
                text.len() == length && text.as_bytes().iter().all(digits)
            };
            let fits = all(at, 13, u8::is_ascii_digit) && all(known_by, 16, u8::is_ascii_hexdigit);
            Some(if fits { format!("{at}#{known_by}") } else { return Err(()) })
        };
        let newest = entries.split(',').map(newest).collect::<Result<_, ()>>()?;
        Ok(Self { newest, before, signals_end: signal == end })
    }
}
