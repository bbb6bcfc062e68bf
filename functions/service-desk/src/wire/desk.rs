//! Agents, departments and budgets as they are shown.

use domain::desk::{Record, Said, Status};
use domain::kernel::id::MemberId;
use jiff::Timestamp;
use lambda::Problem;
use lambda::wire::member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said of an agent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentRequest {
    /// For which departments.
    queues: Vec<String>,
    /// In which languages.
    locales: Vec<String>,
    /// How many tickets may be open, 1 to 500.
    capacity: u32,
    /// The member ids that are the agent's own. Absent: nothing is said of them, and the agent gives nothing on the spot.
    #[serde(default)]
    members: Option<Vec<String>>,
}

impl AgentRequest {
    pub(crate) fn said(self) -> Result<Said, Problem> {
        let own = |ids: Vec<String>| -> Result<Vec<MemberId>, Problem> {
            let ids = ids.iter().enumerate();
            ids.map(|(place, id)| member(&format!("/members/{place}"), id)).collect()
        };
        let own = self.members.map(own).transpose()?;
        Ok(Said { queues: self.queues, locales: self.locales, capacity: self.capacity, own })
    }
}

/// Is one there?
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusRequest {
    /// `available`, `away` or `offline`.
    status: String,
}

impl StatusRequest {
    pub(crate) fn status(&self) -> Result<Status, Problem> {
        let status = serde_json::from_value(self.status.as_str().into());
        status.map_err(|_unknown| Problem::invalid("/status", "is one of available, away, offline"))
    }
}

/// An agent.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct AgentReply {
    /// Who.
    agent: String,
    /// For which departments.
    queues: Vec<String>,
    /// In which languages.
    locales: Vec<String>,
    /// How many tickets may be open.
    capacity: u32,
    /// The member ids that are the agent's own; absent: nothing is said of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<String>>,
    /// `available`, `away` or `offline`.
    status: String,
    /// Since when.
    since: Timestamp,
    /// How many tickets are open.
    open: u32,
}

impl AgentReply {
    pub(crate) fn new(record: &Record) -> Self {
        let Said { queues, locales, capacity, own } = record.said.clone();
        let status = serde_json::to_value(record.status).ok().and_then(|status| status.as_str().map(str::to_owned));
        Self {
            agent: record.id.clone(),
            queues,
            locales,
            capacity,
            members: own.map(|own| own.iter().map(ToString::to_string).collect()),
            status: status.unwrap_or_default(),
            since: record.since,
            open: record.open,
        }
    }
}

/// What one may still give on the spot.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BudgetsReply {
    /// How often one gave on this local date.
    pub(crate) agent_today: Budget,
    /// What was spent in this local month, in minor units.
    pub(crate) month_minor: Budget,
    /// The most for a case, in minor units.
    pub(crate) per_case_minor: i64,
    /// Above this a second person must agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approval_above_minor: Option<i64>,
    /// What can be given.
    pub(crate) items: Vec<ItemView>,
}

/// A budget.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Budget {
    /// The most.
    pub(crate) limit: i64,
    /// What is used.
    pub(crate) used: i64,
    /// When it begins anew.
    pub(crate) resets_at: Timestamp,
}

/// Something that can be given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ItemView {
    /// Which.
    pub(crate) item: String,
    /// `points`, `coupon`, `gift` or `expedite`.
    pub(crate) kind: &'static str,
    /// What one costs, in minor units.
    pub(crate) cost_minor: i64,
    /// How many there are left; absent if that has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<i64>,
}

/// Departments.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct QueuesReply {
    /// Of each.
    pub(crate) queues: Vec<QueueView>,
}

/// A department.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct QueueView {
    /// Which.
    pub(crate) queue: String,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lead: Option<String>,
    /// How many tickets are at work.
    pub(crate) open: u64,
    /// How many of them nobody owns.
    pub(crate) unassigned: u64,
    /// How many of them are overdue.
    pub(crate) overdue: u64,
    /// How many agents are there.
    pub(crate) available: u64,
}

/// The agent of a member's own.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ManagerReply {
    /// The member.
    pub(crate) member: String,
    /// The agent; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manager: Option<String>,
}
