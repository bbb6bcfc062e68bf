//! Lists of tickets, each one query of an index: by queue, by owner, of what nobody owns, and of a member.

use std::str::FromStr;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::desk::Ticket;
use domain::kernel::change::Key;
use domain::kernel::id::MemberId;
use jiff::Timestamp;

use super::ticket_item::LAST;
use crate::aggregate::Read;
use crate::attribute::{Item, as_instant, as_text, instant, number, text};
use crate::error::{Damage, damaged};
use crate::table::{MEMBER_INDEX, TICKETS};
use crate::{Store, StoreError};

/// Which tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketsOf<'a> {
    /// Of a department, by due time.
    Queue(&'a str),
    /// Of an agent, by due time.
    Owner(&'a str),
    /// Of a department, as far as nobody owns them, by due time.
    Unassigned(&'a str),
    /// Of a member, the newest first.
    Member(&'a str),
}

impl TicketsOf<'_> {
    /// The index, its hash key and range key, and whose.
    fn index(self) -> (&'static str, &'static str, &'static str, String) {
        match self {
            Self::Queue(queue) => ("queue", "lq", "ld", queue.to_owned()),
            Self::Owner(owner) => ("owner", "lw", "ld", owner.to_owned()),
            Self::Unassigned(queue) => ("owner", "lw", "ld", format!("-{queue}")),
            Self::Member(member) => (MEMBER_INDEX, "m", "at", member.to_owned()),
        }
    }
}

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTicket {
    /// Which.
    pub ticket: String,
    /// Whose.
    pub member: Option<MemberId>,
    /// Where it stands.
    pub state: String,
    /// Its department.
    pub queue: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// Its service level.
    pub policy: String,
    /// Its topic.
    pub topic: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was resolved last.
    pub resolved_at: Option<Timestamp>,
    /// By what it is sorted: when it is due, or goes on; none once it is resolved.
    pub due: Option<Timestamp>,
}

/// A place in a list: what it is sorted by there, and the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketPlace {
    at: String,
    ticket: String,
}

impl FromStr for TicketPlace {
    type Err = String;

    fn from_str(place: &str) -> Result<Self, String> {
        let (at, ticket) = place.split_once('~').ok_or("a place in a list")?;
        let digits = at.bytes().filter(u8::is_ascii_digit).count();
        let points = at.bytes().filter(|byte| *byte == b'.').count();
        let number = at.len() <= 24 && digits > 0 && points <= 1 && digits + points == at.len();
        let named = (1..=64).contains(&ticket.len()) && ticket.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if number && named {
            Ok(Self { at: at.to_owned(), ticket: ticket.to_owned() })
        } else {
            Err("a place in a list".to_owned())
        }
    }
}

impl std::fmt::Display for TicketPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.at, self.ticket)
    }
}

/// Tickets of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tickets {
    /// The tickets.
    pub tickets: Vec<ListedTicket>,
    /// Where it goes on.
    pub next: Option<TicketPlace>,
}

impl Store {
    /// A ticket as it is, and its version; none if there is none.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn ticket(&self, ticket: &str) -> Result<Option<(Ticket, u64)>, StoreError> {
        let kept = self.kept::<Ticket>(&Key::of(ticket), Read::Strong).await?;
        Ok((kept.version > 0).then_some((kept.state, kept.version)))
    }

    /// Tickets of a list after a place.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn tickets(
        &self,
        of: TicketsOf<'_>,
        after: Option<&TicketPlace>,
        limit: i32,
    ) -> Result<Tickets, StoreError> {
        self.tickets_in(of, (after, limit), None).await
    }

    /// The same of one state alone. What is not in it is passed over, so that there may be fewer, and more to come.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn tickets_in(
        &self,
        of: TicketsOf<'_>,
        (after, limit): (Option<&TicketPlace>, i32),
        state: Option<&str>,
    ) -> Result<Tickets, StoreError> {
        let (_, hash, range, whose) = of.index();
        let start = after.map(|place| {
            let number = AttributeValue::N(place.at.clone());
            let parts = [(hash, text(&whose)), (range, number), (TICKETS.hash, text(&place.ticket))];
            parts.map(|(name, value)| (name.to_owned(), value)).into()
        });
        let query = self.listed(of)?.scan_index_forward(!matches!(of, TicketsOf::Member(_))).limit(limit);
        let query = match state {
            None => query,
            Some(state) => query
                .filter_expression("#state = :state")
                .expression_attribute_names("#state", "ls")
                .expression_attribute_values(":state", text(state)),
        };
        let found = query.set_exclusive_start_key(start).send().await?;
        let next = found.last_evaluated_key.filter(|key| !key.is_empty()).map(|key| place(&key, range)).transpose()?;
        let items = found.items.unwrap_or_default();
        let tickets = items.iter().map(|item| decode(item).map_err(|damage| damage.of(TICKETS.name)));
        Ok(Tickets { tickets: tickets.collect::<Result<_, _>>()?, next })
    }

    /// How many tickets of a list are at work; if an instant is named, how many of them are due by then.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn count_tickets(&self, of: TicketsOf<'_>, due_by: Option<Timestamp>) -> Result<u64, StoreError> {
        let (_, hash, range, whose) = of.index();
        let (mut count, mut start) = (0_u64, None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&TICKETS)?).index_name(of.index().0);
            let query = query.key_condition_expression("#whose = :whose AND #due <= :due");
            let query = query.expression_attribute_names("#whose", hash).expression_attribute_names("#due", range);
            let query = query.expression_attribute_values(":whose", text(&whose));
            let due = due_by.map_or_else(|| number(LAST - 1), instant);
            let query = query.expression_attribute_values(":due", due).select(Select::Count);
            let found = query.set_exclusive_start_key(start).send().await?;
            count = count.saturating_add(u64::try_from(found.count).unwrap_or_default());
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    fn listed(&self, of: TicketsOf<'_>) -> Result<QueryFluentBuilder, StoreError> {
        let (index, hash, _, whose) = of.index();
        let query = self.dynamodb.query().table_name(self.tables.of(&TICKETS)?).index_name(index);
        let query = query.key_condition_expression("#whose = :whose").expression_attribute_names("#whose", hash);
        Ok(query.expression_attribute_values(":whose", text(whose)))
    }

    /// Tickets of one shard of the index of what is due, by an instant.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_tickets(&self, shard: u32, until: Timestamp) -> Result<Vec<String>, StoreError> {
        Ok(self.due::<Ticket>(shard, until).await?.into_iter().map(|key| key.hash).collect())
    }
}

fn place(key: &Item, range: &'static str) -> Result<TicketPlace, StoreError> {
    let at = key.get(range).and_then(|at| at.as_n().ok()).ok_or_else(|| damaged(range))?;
    let ticket = as_text(key.get(TICKETS.hash), TICKETS.hash)?;
    Ok(TicketPlace { at: at.clone(), ticket: ticket.to_owned() })
}

fn decode(item: &Item) -> Result<ListedTicket, Damage> {
    let words = |name: &'static str| as_text(item.get(name), name).map(str::to_owned);
    let maybe = |name: &'static str| item.contains_key(name).then(|| words(name)).transpose();
    let state = words("ls")?;
    let queue = maybe("q")?.or(maybe("lq")?).ok_or_else(|| damaged("q"))?;
    let member = maybe("m")?.map(|member| member.parse().map_err(|_not_an_id| damaged("m"))).transpose()?;
    let at_work = !["resolved", "closed", "merged", "spam"].contains(&state.as_str());
    let due = item.get("ld").filter(|_| at_work).map(|at| as_instant(Some(at), "ld")).transpose()?;
    Ok(ListedTicket {
        ticket: words(TICKETS.hash)?,
        member,
        state,
        queue,
        owner: maybe("o")?,
        policy: words("p")?,
        topic: words("lt")?,
        opened_at: as_instant(item.get("at"), "at")?,
        resolved_at: item.get("lr").map(|at| as_instant(Some(at), "lr")).transpose()?,
        due,
    })
}
