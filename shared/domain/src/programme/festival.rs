//! `[[festival]]`: festivals that are proclaimed, by date; those that calendars know need no section.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `[[festival]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dated {
    /// A short name; that of a known festival: this one stands for it.
    pub id: String,
    /// Where it is kept, ISO 3166-1 alpha-2.
    pub country: String,
    /// Where alone within the country, ISO 3166-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The festivals that it stands for there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// When it is.
    pub dates: Vec<Date>,
}
