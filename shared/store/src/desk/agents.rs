//! Agents, and whose own they are, read and changed.

use domain::desk::{Acquainted, AgentRefusal, Dedication, Record, Said, Status};
use domain::kernel::change::{Change, Key};
use domain::kernel::id::MemberId;
use domain::kernel::stamp::Stamp;
use domain::programme::setting::Setting;
use jiff::SignedDuration;

use super::agent_item::{AGENT, AGENTS, DEDICATED};
use super::lists::{TicketPlace, TicketsOf};
use crate::aggregate::{Done, Operation, Read, Stored as _};
use crate::attribute::text;
use crate::error::Damage;
use crate::race::Patience;
use crate::table::DESK;
use crate::{Store, StoreError};

/// Among so many of a member's newest tickets the one that was resolved last is looked for.
const NEWEST: i32 = 10;

/// Where an agent is kept.
pub(super) fn agent_key(agent: &str) -> Key {
    Key::of(format!("{AGENT}{agent}"))
}

fn dedication_key(member: &MemberId) -> Key {
    Key::of(format!("{DEDICATED}{member}"))
}

impl Store {
    /// Every agent; those who have another status are left out if one is named.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn agents(&self, status: Option<&str>) -> Result<Vec<Record>, StoreError> {
        let (mut agents, mut start) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&DESK)?).index_name("agents");
            let query =
                query.expression_attribute_names("#agents", "ak").expression_attribute_values(":agents", text(AGENTS));
            let query = match status {
                None => query.key_condition_expression("#agents = :agents"),
                Some(status) => query
                    .key_condition_expression("#agents = :agents AND begins_with(#status, :status)")
                    .expression_attribute_names("#status", "as")
                    .expression_attribute_values(":status", text(format!("{status}#"))),
            };
            let found = query.set_exclusive_start_key(start).send().await?;
            for item in found.items.unwrap_or_default() {
                let key = DESK.key_of(&item)?;
                agents.push(Record::decode(&key, &item).map_err(|damage: Damage| damage.of(DESK.name))?);
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                agents.sort_by(|one, other| one.id.cmp(&other.id));
                return Ok(agents);
            }
        }
    }

    /// An agent, if there is one of this name.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn agent(&self, agent: &str) -> Result<Option<Record>, StoreError> {
        self.get(&agent_key(agent), Read::Strong).await
    }

    /// Says something of an agent, new or known.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn say_of_agent(
        &self,
        agent: &str,
        said: &Said,
        (stamp, setting): (Stamp, Setting<'_>),
        patience: &mut Patience,
    ) -> Result<Result<Done<Record>, AgentRefusal>, StoreError> {
        let key = agent_key(agent);
        self.run(Operation { key: &key, stamp }, setting, patience, |known: &Record, setting| {
            let known = (known.said.capacity > 0).then_some(known);
            Record::say(known, agent, said.clone(), (setting.programmes.at(setting.now), setting.now))
        })
        .await
    }

    /// An agent comes, or goes; none if there is no such agent.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn turn_agent(
        &self,
        agent: &str,
        status: Status,
        (stamp, setting): (Stamp, Setting<'_>),
        patience: &mut Patience,
    ) -> Result<Option<Done<Record>>, StoreError> {
        if self.agent(agent).await?.is_none() {
            return Ok(None);
        }
        let key = agent_key(agent);
        let turned = self
            .run(Operation { key: &key, stamp }, setting, patience, |known: &Record, setting| {
                Ok(known.turn(status, setting.now))
            })
            .await?;
        Ok(turned.ok())
    }

    /// Notes that what nobody has looked at of an agent's is given back.
    ///
    /// # Errors
    /// As [`Store::settle`].
    pub async fn gave_back(
        &self,
        agent: &str,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let noted = self
            .settle(&agent_key(agent), setting, patience, |known: &Record, setting| {
                let gone = known.gives_back_at().is_some_and(|at| at <= setting.now);
                Ok(if gone { known.give_back() } else { Change::to(known.clone()) })
            })
            .await?;
        Ok(noted.is_ok_and(|done| done.is_some()))
    }

    /// The agent of a member's own.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn manager(&self, member: &MemberId) -> Result<Option<String>, StoreError> {
        let dedication: Option<Dedication> = self.get(&dedication_key(member), Read::Strong).await?;
        Ok(dedication.and_then(|dedication| dedication.manager))
    }

    /// Gives a member an agent of their own, who has the fewest members; nothing if the member has one, or nobody does that.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn dedicate(
        &self,
        member: &MemberId,
        (stamp, setting): (Stamp, Setting<'_>),
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        let mut agents = Vec::new();
        for agent in self.agents(None).await? {
            let members = self.members_of_manager(&agent.id).await?;
            agents.push((agent, members));
        }
        let key = dedication_key(member);
        let given = self
            .run(Operation { key: &key, stamp }, setting, patience, |known: &Dedication, _| {
                Ok(known.give(&agents).unwrap_or_else(|| Change::to(known.clone())))
            })
            .await?;
        given.map(drop).map_err(|_none| StoreError::bug("a dedication is refused by nobody"))
    }

    /// A member has no agent of their own any more.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn end_dedication(
        &self,
        member: &MemberId,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        let key = dedication_key(member);
        let ended = self.settle(&key, setting, patience, |known: &Dedication, _| {
            Ok(known.end().unwrap_or_else(|| Change::<Dedication>::to(known.clone())))
        });
        ended.await?.map(drop).map_err(|_none| StoreError::bug("a dedication is refused by nobody"))
    }

    /// Whose own an agent is: how many.
    async fn members_of_manager(&self, agent: &str) -> Result<u32, StoreError> {
        let query = self.dynamodb.query().table_name(self.tables.of(&DESK)?).index_name("manager");
        let query = query.key_condition_expression("#manager = :manager").expression_attribute_names("#manager", "mg");
        let query = query.expression_attribute_values(":manager", text(agent));
        let found = query.select(aws_sdk_dynamodb::types::Select::Count).send().await?;
        Ok(u32::try_from(found.count).unwrap_or_default())
    }

    /// Who knows a member already: the agent of their own, and who owned the ticket that was resolved last, if that was lately.
    pub(super) async fn acquainted(&self, member: &MemberId, setting: Setting<'_>) -> Result<Acquainted, StoreError> {
        let dedicated = self.manager(member).await?;
        let newest = self.tickets(TicketsOf::Member(member.as_str()), None::<&TicketPlace>, NEWEST).await?;
        let days = setting.programmes.at(setting.now).document().desk.sticky_days;
        let lately = SignedDuration::from_hours(24 * i64::from(days));
        let resolved = newest.tickets.into_iter().filter_map(|ticket| Some((ticket.resolved_at?, ticket.owner)));
        let last = resolved.max_by_key(|(at, _)| *at);
        let recent = last.filter(|(at, _)| setting.now.duration_since(*at) <= lately).and_then(|(_, owner)| owner);
        Ok(Acquainted { dedicated, recent })
    }
}
