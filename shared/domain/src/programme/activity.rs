//! `[activity]`: the behaviours that may be reported, and what is known of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::programme::condition::Scalar;
use crate::programme::finding::Findings;

/// The activity type of a paid order, the only one that is refundable.
pub const ORDER_PAID: &str = "order.paid";

/// The fact that takes another back.
pub const ACTIVITY_REVERSED: &str = "activity.reversed";

/// Facts that are commands of the ledger and earn nothing: nobody declares them.
const COMMANDS: [&str; 3] = [ACTIVITY_REVERSED, "benefit.used", "reward.granted"];

/// What the lines of a rule come to, net, in minor units: read by conditions of rules with lines.
pub(crate) const LINES_NET: &str = "lines_net_minor";

/// Names that conditions on orders may read besides.
pub(crate) const OF_ORDERS: [&str; 3] = ["gross_minor", "line_count", "net_minor"];

/// `[activity."TYPE"]`: a behaviour that may be reported.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityType {
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
    /// Attributes of the fact that rules may read.
    #[serde(default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// Attributes of an order's lines that rules may read; orders only.
    #[serde(default)]
    pub line_attributes: BTreeMap<String, Attribute>,
    /// Among whom a fact of this kind is told from a repeat.
    #[serde(default, skip_serializing_if = "Once::is_default")]
    pub once: Once,
    /// Where it is recorded.
    #[serde(default, skip_serializing_if = "Record::is_default")]
    pub record: Record,
    /// Of a signal: is it something that the member did, so that the member is not dormant?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub activity: bool,
}

impl ActivityType {
    /// Is it recorded as a signal, which earns nothing?
    #[must_use]
    pub fn is_signal(&self) -> bool {
        self.record == Record::Signal
    }
}

/// Where a behaviour is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// In the ledger, for ever: rules can reward it.
    #[default]
    Ledger,
    /// Among signals, for ninety days: it earns nothing.
    Signal,
}

impl Record {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The type of the event that tells of a signal: its name without dots and underscores.
#[must_use]
pub fn event_type(signal: &str) -> String {
    format!("perennial.act.{}.v1", signal.replace(['.', '_'], ""))
}

/// Among whom, and for how long, a fact is told from a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// In the brand, for ever. It costs a write unit.
    #[default]
    Brand,
    /// Among the member's own facts, for three days: enough for an id that is made from member and date.
    Member,
}

impl Once {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A declared attribute: its type, or its type and the value that stands in when it is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "must be \"boolean\", \"integer\", \"text\" or \"texts\", or { type = \"text\", default = \"\" }"
)]
pub enum Attribute {
    /// The type alone.
    Type(AttributeType),
    /// With a default.
    Default {
        /// The type.
        r#type: AttributeType,
        /// The value when the fact does not say.
        default: Scalar,
    },
}

/// The type of a declared attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Text, at most 256 bytes; of a signal a code of at most 64 characters.
    Text,
    /// A list of codes; of signals alone.
    Texts,
}

impl Attribute {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> AttributeType {
        match self {
            Self::Type(kind) | Self::Default { r#type: kind, .. } => *kind,
        }
    }

    /// What stands in when the fact does not say.
    #[must_use]
    pub fn default(&self) -> Option<&Scalar> {
        match self {
            Self::Type(_) => None,
            Self::Default { default, .. } => Some(default),
        }
    }
}

impl AttributeType {
    /// Is it a value of this type?
    #[must_use]
    pub fn admits(self, value: &Scalar) -> bool {
        match (self, value) {
            (Self::Boolean, Scalar::Boolean(_)) | (Self::Integer, Scalar::Integer(_)) => true,
            (Self::Text, Scalar::Text(text)) => text.len() <= 256,
            _ => false,
        }
    }

    /// A value of this type to try conditions on.
    #[must_use]
    pub fn sample(self) -> Scalar {
        match self {
            Self::Boolean => Scalar::Boolean(false),
            Self::Integer => Scalar::Integer(0),
            Self::Text | Self::Texts => Scalar::Text(String::new()),
        }
    }
}

/// Checks the section.
pub(super) fn check(activities: &BTreeMap<String, ActivityType>, findings: &mut Findings) {
    findings.unless(activities.contains_key(ORDER_PAID), "activity", format!("`{ORDER_PAID}` must be declared"));
    for (name, activity) in activities {
        let free = !COMMANDS.contains(&name.as_str());
        findings.unless(free, format!("activity.{name}"), "is a command of the ledger, known without being declared");
        let attributes = activity.attributes.iter().chain(&activity.line_attributes);
        for (attribute, declared) in attributes {
            let fits = declared.default().is_none_or(|default| declared.kind().admits(default));
            findings.unless(fits, format!("activity.{name}.{attribute}"), "the default is not of the declared type");
        }
        findings.unless(
            name == ORDER_PAID || activity.line_attributes.is_empty(),
            format!("activity.{name}.line_attributes"),
            "only orders have lines",
        );
        let by_order = name != ORDER_PAID || activity.once == Once::Brand;
        findings.unless(by_order, format!("activity.{name}.once"), "an order is known by its order id, for ever");
        if activity.is_signal() {
            of_signal(name, activity, findings);
            continue;
        }
        findings.unless(
            !activity.activity,
            format!("activity.{name}.activity"),
            "is said of signals; all others count",
        );
        let lists = activity.attributes.iter().chain(&activity.line_attributes);
        for (attribute, _) in lists.filter(|(_, declared)| declared.kind() == AttributeType::Texts) {
            findings.unless(false, format!("activity.{name}.{attribute}"), "only signals have lists");
        }
    }
    let signals = || activities.iter().filter(|(_, activity)| activity.is_signal()).map(|(name, _)| name);
    for (place, name) in signals().enumerate() {
        let clash = signals().take(place).find(|other| event_type(other) == event_type(name));
        if let Some(other) = clash {
            findings.unless(false, format!("activity.{name}"), format!("is told of by the same event as {other}"));
        }
    }
}

/// What a signal must not be.
fn of_signal(name: &str, signal: &ActivityType, findings: &mut Findings) {
    let at = |field: &str| format!("activity.{name}.{field}");
    findings.unless(name != ORDER_PAID, at("record"), "an order is recorded in the ledger");
    findings.unless(signal.once == Once::Brand, at("once"), "a signal is known by its source and id");
    let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ['.', '_'].contains(&letter);
    let named = name.chars().all(letters) && name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let named = named && name.len() <= 64;
    let message = "a signal is called by up to 64 small letters, digits, dots and underscores, a letter first";
    findings.unless(named, format!("activity.{name}"), message);
}
