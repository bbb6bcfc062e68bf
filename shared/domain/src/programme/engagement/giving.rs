//! `[charity]`: what the company gives for each order.

use jiff::civil::Date;

use crate::kernel::quantity::Minor;
use crate::programme::later::giving as written;

/// `[charity]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giving {
    /// For each order.
    pub per_order: Minor,
    /// Where it can go.
    pub projects: Vec<Project>,
    /// Where it goes unless the member says otherwise.
    pub default_project: String,
    /// How long after the order it is paid, in days.
    pub disburse_after_days: i32,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// A short name, unique.
    pub id: String,
    /// The last date on which it takes money; none: it takes it always.
    pub until: Option<Date>,
}

impl Giving {
    pub(super) fn compile(charity: &written::Charity) -> Option<Self> {
        let project = |project: &written::Project| Project {
            id: project.id().clone(),
            until: project.until().and_then(|until| until.parse().ok()),
        };
        Some(Self {
            per_order: Minor(charity.per_order_minor),
            projects: charity.projects.iter().map(project).collect(),
            default_project: charity.default_project.clone(),
            disburse_after_days: i32::try_from(charity.disburse_after_days).ok()?,
        })
    }

    /// A project.
    #[must_use]
    pub fn project(&self, id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// Is a project there, and takes money on a date?
    #[must_use]
    pub fn takes(&self, id: &str, date: Date) -> bool {
        self.project(id).is_some_and(|project| project.until.is_none_or(|until| date <= until))
    }
}
