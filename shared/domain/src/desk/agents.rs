//! Agents of the desk, and whose own they are (rules: desk 16, 19).

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::facts::DeskFact;
use super::routing::{Agent, DEDICATED};
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{InvalidField, Reused, refusals};
use crate::programme::compiled::Programme;

/// An agent of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Who.
    pub id: String,
    /// What is said of the agent.
    pub said: Said,
    /// Is the agent there?
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
    /// How many tickets are open.
    pub open: u32,
    /// When the agent got one last.
    pub last_assigned: Option<Timestamp>,
    /// The agent was gone for long, and what nobody had looked at is given back.
    pub gave_back: bool,
}

/// What is said of an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// For which queues.
    pub queues: Vec<String>,
    /// In which languages.
    pub locales: Vec<String>,
    /// How many tickets may be open.
    pub capacity: u32,
    /// The member ids that are the agent's own; none: nothing is said of them, and the agent gives nothing.
    pub own: Option<Vec<MemberId>>,
}

/// Is an agent there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Yes.
    Available,
    /// Not at this moment.
    Away,
    /// No.
    Offline,
}

refusals! {
    /// Why a command on an agent is refused.
    AgentRefusal {
        /// The agent has as many tickets as may be.
        Conflict NoRoom ("no_room") = "the agent has as many open tickets as may be",
        | InvalidField,
        | Reused,
    }
}

/// The most queues, languages or own members of an agent.
const MOST: usize = 20;
/// The most tickets that an agent may have open.
const MOST_OPEN: u32 = 500;
/// After how long somebody who is not there gives back what nobody has looked at.
const GONE_HOURS: i64 = 4;

impl Record {
    /// Says something of an agent, new or known.
    ///
    /// # Errors
    /// Which field is not acceptable.
    pub fn say(
        known: Option<&Self>,
        id: &str,
        said: Said,
        (programme, now): (&Programme, Timestamp),
    ) -> Result<Change<Self>, AgentRefusal> {
        let queues = &programme.document().desk_queue;
        if let Some(unknown) = said.queues.iter().find(|name| !queues.iter().any(|queue| queue.id == **name)) {
            return Err(InvalidField::new("queues", format!("there is no desk queue `{unknown}`")).into());
        }
        let locales = &programme.document().members.locales;
        if let Some(unknown) = said.locales.iter().find(|name| !locales.contains(name)) {
            return Err(InvalidField::new("locales", format!("`{unknown}` is none of {}", locales.join(", "))).into());
        }
        let own = said.own.as_deref().unwrap_or_default();
        let lists = [("queues", said.queues.len()), ("locales", said.locales.len()), ("members", own.len())];
        if let Some((field, _)) = lists.into_iter().find(|(_, length)| *length > MOST) {
            return Err(InvalidField::new(field, format!("{MOST} are the most")).into());
        }
        if !(1..=MOST_OPEN).contains(&said.capacity) {
            return Err(InvalidField::new("capacity", format!("must be in 1..={MOST_OPEN}")).into());
        }
        let new = Self {
            id: id.to_owned(),
            said: Said::default(),
            status: Status::Offline,
            since: now,
            open: 0,
            last_assigned: None,
            gave_back: false,
        };
        let distinct = |names: Vec<String>| names.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let said = Said { queues: distinct(said.queues), locales: distinct(said.locales), ..said };
        Ok(Change::to(Self { said, ..known.cloned().unwrap_or(new) }))
    }

    /// The agent comes, or goes.
    pub fn turn(&self, status: Status, now: Timestamp) -> Change<Self> {
        let since = if self.status == status { self.since } else { now };
        Change::to(Self { status, since, gave_back: self.gave_back && self.status == status, ..self.clone() })
    }

    /// What nobody has looked at is given back.
    pub fn give_back(&self) -> Change<Self> {
        Change::to(Self { gave_back: true, ..self.clone() })
    }

    /// The agent gets a ticket, whether there is room or not: it comes back, or is handed up.
    pub fn owe(&self, now: Timestamp) -> Change<Self> {
        let open = self.open.saturating_add(1);
        Change::to(Self { open, last_assigned: Some(now), ..self.clone() })
    }

    /// The agent gets a ticket.
    ///
    /// # Errors
    /// There is no room.
    pub fn take(&self, now: Timestamp) -> Result<Change<Self>, AgentRefusal> {
        if self.open >= self.said.capacity {
            return Err(AgentRefusal::NoRoom);
        }
        let open = self.open.saturating_add(1);
        Ok(Change::to(Self { open, last_assigned: Some(now), ..self.clone() }))
    }

    /// One of the agent's tickets counts no more.
    pub fn free(&self) -> Change<Self> {
        Change::to(Self { open: self.open.saturating_sub(1), ..self.clone() })
    }

    /// From when on what nobody has looked at goes back to its queue.
    #[must_use]
    pub fn gives_back_at(&self) -> Option<Timestamp> {
        let gone = self.since.saturating_add(GONE_HOURS.hours()).expect("a span of hours suits a timestamp");
        (self.status == Status::Offline && !self.gave_back).then_some(gone)
    }

    /// As one of those who may be next.
    #[must_use]
    pub fn candidate(&self) -> Agent {
        Agent {
            id: self.id.clone(),
            queues: self.said.queues.clone(),
            locales: self.said.locales.clone(),
            open: self.open,
            capacity: self.said.capacity,
            available: self.status == Status::Available,
            last_assigned: self.last_assigned,
        }
    }
}

impl Aggregate for Record {
    type Fact = DeskFact;
    type Refusal = AgentRefusal;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> AgentRefusal {
        unreachable!("an agent claims nothing")
    }
}

/// Whose own an agent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dedication {
    /// Whose.
    pub member: MemberId,
    /// The agent; none: it has ended.
    pub manager: Option<String>,
}

impl Dedication {
    /// Gives a member an agent of their own: of those for that the one with the fewest members, then the lowest id. Whoever has one keeps
    /// it. `agents` come with how many members each has.
    #[must_use]
    pub fn give(&self, agents: &[(Record, u32)]) -> Option<Change<Self>> {
        if self.manager.is_some() {
            return None;
        }
        let able = agents.iter().filter(|(agent, _)| agent.said.queues.iter().any(|queue| queue == DEDICATED));
        let (agent, _) = able.min_by_key(|(agent, members)| (*members, &agent.id))?;
        let manager = agent.id.clone();
        let after = Self { member: self.member.clone(), manager: Some(manager.clone()) };
        Some(Change::to(after).telling(DeskFact::ManagerAssigned { manager }))
    }

    /// It ends with the benefit, or with the membership.
    #[must_use]
    pub fn end(&self) -> Option<Change<Self>> {
        self.manager.is_some().then(|| Change::to(Self { member: self.member.clone(), manager: None }))
    }
}

impl Aggregate for Dedication {
    type Fact = DeskFact;
    type Refusal = AgentRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> AgentRefusal {
        unreachable!("a dedication claims nothing")
    }
}
