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
    /// Signals and facts.
    pub(crate) items: Vec<TrailItem>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
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

/// How far the trail was read: `ENTRY.SIGNAL`, each `-` at the beginning and `0` at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// The newest entry that was not read.
    pub(crate) newest: Option<u64>,
    /// No entry is left.
    pub(crate) facts_end: bool,
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
        let entry = match self.newest {
            _ if self.facts_end => end.to_owned(),
            Some(newest) => newest.to_string(),
            None => begin.to_owned(),
        };
        let signal = match &self.before {
            _ if self.signals_end => end.to_owned(),
            Some(before) => before.replace('#', "_"),
            None => begin.to_owned(),
        };
        write!(f, "{entry}.{signal}")
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [_, end] = BOUNDS;
        let (entry, signal) = text.split_once('.').ok_or(())?;
        let newest = if BOUNDS.contains(&entry) { None } else { Some(entry.parse().map_err(|_no_number| ())?) };
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
        Ok(Self { newest, facts_end: entry == end, before, signals_end: signal == end })
    }
}
