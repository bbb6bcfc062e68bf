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
#[serde(untagged, expecting = "must be \"boolean\", \"integer\" or \"text\", or { type = \"text\", default = \"\" }")]
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
    /// Text, at most 256 bytes.
    Text,
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
            Self::Text => Scalar::Text(String::new()),
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
    }
}
