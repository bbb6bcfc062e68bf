//! `[charity]`: what the company gives for each order.

use serde::Deserialize;

use super::moment::Yearly;
use super::place::Place;
use super::section::Section;

/// `[charity]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charity {
    /// For each order, in minor units.
    pub per_order_minor: i64,
    /// Where it can go.
    pub projects: Vec<Project>,
    /// Where it goes unless the member says otherwise.
    pub default_project: String,
    /// How long after the order it is paid, in days.
    pub disburse_after_days: i64,
    /// On which day of the month, and when.
    pub disburse: Option<String>,
    /// When the report of the year is sent.
    pub annual_report: Option<Yearly>,
}

/// A project: its id, or more of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "must be an id in quotes, or a table with an id")]
pub enum Project {
    /// Its id.
    Id(String),
    /// More of it.
    Table {
        /// A short name, unique.
        id: String,
        /// For people, by language.
        #[serde(default)]
        name: std::collections::BTreeMap<String, String>,
        /// Who runs it.
        #[serde(default)]
        partner: String,
        /// The last date on which it takes money.
        #[serde(default)]
        until: String,
    },
}

impl Project {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &String {
        match self {
            Self::Id(id) | Self::Table { id, .. } => id,
        }
    }
}

impl Project {
    /// The last date on which it takes money, if one is said.
    #[must_use]
    pub fn until(&self) -> Option<&str> {
        match self {
            Self::Table { until, .. } if !until.is_empty() => Some(until),
            Self::Id(_) | Self::Table { .. } => None,
        }
    }
}

impl Section for Charity {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=1_000_000_000, [("per_order_minor", Some(self.per_order_minor))]);
        place.range(0..=366, [("disburse_after_days", Some(self.disburse_after_days))]);
        place.unique("projects", self.projects.iter().map(Project::id));
        for until in self.projects.iter().filter_map(Project::until) {
            let a_date = until.parse::<jiff::civil::Date>().is_ok();
            place.unless(a_date, "projects", format!("`{until}` is no date; one is \"2026-12-31\""));
        }
        let closed = |project: &Project| project.id() == &self.default_project && project.until().is_some();
        place.unless(!self.projects.iter().any(closed), "default_project", "takes money without an end");
        place.named("default_project", [&self.default_project], &["charity.projects"]);
    }
}
