//! A command on a ticket: read, look for a repeat, decide, find who has it next, and write all of it at once.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::desk::{Agent, DeskRefusal, Moves, Record, Scene, Ticket, Used, candidates, lapsing, offer};
use domain::kernel::change::{Change, Key};
use domain::kernel::stamp::Stamp;
use domain::planted;
use domain::programme::setting::Setting;
use jiff::civil::Date;

use super::agents::agent_key;
use super::budgets::{Gives, Moved};
use super::ticket_item::encode_listed;
use crate::aggregate::{Kept, Pass, Read, Stored};
use crate::attribute::{Item, size_of};
use crate::race::Patience;
use crate::sealed::keys::Keys;
use crate::table::TICKETS;
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// Words of a command, by the kind of row that they stand in.
pub type Words<'a> = &'a [(&'static str, &'a str)];

/// A command on a ticket.
#[derive(Debug, Clone, Copy)]
pub struct TicketAsked<'a> {
    /// Which.
    pub ticket: &'a str,
    /// Another one that changes with it.
    pub other: Option<&'a str>,
    /// What identifies the command; none: time passes.
    pub stamp: Option<Stamp>,
    /// Whose budgets are read.
    pub gives: Option<Gives<'a>>,
    /// Is somebody found for it, if it is at work and nobody owns it?
    pub offers: bool,
    /// What is said.
    pub words: Words<'a>,
    /// The keys that it is sealed under.
    pub keys: Option<&'a Keys>,
    /// Where and when.
    pub setting: Setting<'a>,
}

/// What a decision is made of.
#[derive(Debug, Clone, Copy)]
pub struct SeenTicket<'a> {
    /// The ticket; none: nobody has opened it.
    pub ticket: Option<&'a Ticket>,
    /// Its version.
    pub version: u64,
    /// The other one.
    pub other: Option<&'a Ticket>,
    /// What is used of budgets.
    pub used: Option<Used>,
    /// Where and when.
    pub scene: Scene<'a>,
}

impl<'a> SeenTicket<'a> {
    /// The ticket, which there is.
    ///
    /// # Errors
    /// There is none.
    pub fn there(self) -> Result<&'a Ticket, DeskRefusal> {
        self.ticket.ok_or(DeskRefusal::NotFound)
    }

    /// The same, if the version that was seen is the newest.
    ///
    /// # Errors
    /// There is none, or it is not.
    pub fn newest(self, version: u64) -> Result<&'a Ticket, DeskRefusal> {
        let ticket = self.there()?;
        if self.version == version { Ok(ticket) } else { Err(DeskRefusal::ChangedMeanwhile { version: self.version }) }
    }
}

/// What is decided.
#[derive(Debug, Clone)]
pub struct TicketDecided {
    /// What becomes of the ticket.
    pub change: Change<Ticket>,
    /// What becomes of the other one.
    pub other: Option<Change<Ticket>>,
    /// What moves of budgets.
    pub moved: Vec<Moved>,
}

impl From<Change<Ticket>> for TicketDecided {
    fn from(change: Change<Ticket>) -> Self {
        Self { change, other: None, moved: Vec::new() }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketDone {
    /// The ticket afterwards, or as it is now if the command is repeated.
    pub ticket: Ticket,
    /// Its version.
    pub version: u64,
    /// It had been done before.
    pub replayed: bool,
    /// Something was written.
    pub written: bool,
    /// Agents who have a place again.
    pub freed: Vec<String>,
}

/// Everything that one try writes.
#[derive(Debug, Default)]
struct Writes {
    agents: BTreeMap<String, Kept<Record>>,
    changed: BTreeSet<String>,
    freed: Vec<String>,
}

impl Store {
    /// Carries out a command on a ticket. `decide` may be called several times, always for the same time; none: there is nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if others win every time, or what DynamoDB or the master key says.
    pub async fn on_ticket(
        &self,
        asked: TicketAsked<'_>,
        patience: &mut Patience,
        decide: impl Fn(SeenTicket<'_>) -> Result<Option<TicketDecided>, DeskRefusal>,
    ) -> Result<Result<TicketDone, DeskRefusal>, StoreError> {
        let key = Key::of(asked.ticket);
        let now = asked.setting.now;
        loop {
            let kept = self.kept::<Ticket>(&key, Read::Strong).await?;
            match asked.stamp.and_then(|stamp| kept.repeat_of(stamp)) {
                Some(Ok(_)) => return Ok(Ok(done(kept, (true, false), Vec::new()))),
                Some(Err(reused)) => return Ok(Err(reused.into())),
                None => {}
            }
            let now = kept.written_at.map_or(now, |at| at.max(now));
            let asked = TicketAsked { setting: Setting { now, ..asked.setting }, ..asked };
            let other = match asked.other {
                Some(other) => Some(self.kept::<Ticket>(&Key::of(other), Read::Strong).await?),
                None => None,
            };
            let used = match asked.gives {
                Some(gives) => Some(self.budgets_used(gives, asked.setting).await?),
                None => None,
            };
            let there = |kept: &Kept<Ticket>| kept.version > 0;
            let seen = SeenTicket {
                ticket: Some(&kept).filter(|kept| there(kept)).map(|kept| &kept.state),
                version: kept.version,
                other: other.as_ref().filter(|kept| there(kept)).map(|kept| &kept.state),
                used,
                scene: Scene { programmes: asked.setting.programmes, now },
            };
            let decided = match decide(seen) {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(None) => return Ok(Ok(done(kept, (false, false), Vec::new()))),
                Ok(Some(decided)) => decided,
            };
            let last = used.and_then(|used| used.member_last);
            match self.write_ticket(asked, (&kept, other.as_ref()), decided, last).await? {
                Some(done) => return Ok(Ok(done)),
                None if patience.again().await => {}
                None => return Err(StoreError::Busy),
            }
        }
    }

    /// Writes what was decided; none if somebody was first.
    async fn write_ticket(
        &self,
        asked: TicketAsked<'_>,
        (kept, other): (&Kept<Ticket>, Option<&Kept<Ticket>>),
        mut decided: TicketDecided,
        last: Option<Date>,
    ) -> Result<Option<TicketDone>, StoreError> {
        let mut writes = Writes::default();
        decided.change = self.place_owner(asked, (kept, decided.change), &mut writes).await?;
        if let (Some(kept), Some(change)) = (other, &decided.other) {
            self.take_places(asked, kept, &change.state, &mut writes).await?;
        }
        let key = Key::of(asked.ticket);
        let pass = Pass { key: &key, stamp: asked.stamp, setting: asked.setting };
        let Some(next) = kept.next(pass, &decided.change) else {
            return Ok(Some(done(kept.clone(), (false, false), Vec::new())));
        };
        let mut beside = Vec::new();
        if let (Some(before), Some(change)) = (other, &decided.other) {
            let key = Key::of(&change.state.id);
            let pass = Pass { key: &key, stamp: None, setting: asked.setting };
            if let Some(next) = before.next(pass, change) {
                beside.push(self.ticket_put(&next, pass, change)?.in_transaction()?);
            }
        }
        let effects = decided.change.effects.iter().chain(decided.other.iter().flat_map(|other| &other.effects));
        let effects: Vec<_> = effects.cloned().collect();
        let sealing = if asked.words.is_empty() { None } else { asked.keys };
        let sealed = self.key_of_ticket(sealing, &decided.change.state, asked.setting.now).await?;
        beside.extend(self.log_writes(&effects, asked.words, sealed.as_ref())?);
        beside.extend(self.agent_writes(asked, &writes)?);
        let pack = asked.setting.programmes.at(asked.setting.now).document().emergency_pack.as_ref();
        beside.extend(self.move_budgets(&decided.moved, (pack, last), asked.setting.now)?);
        let put = self.ticket_put(&next, pass, &decided.change)?;
        let written = if beside.is_empty() {
            matches!(self.write(put, Vec::new()).await?, Written::Done)
        } else {
            self.transact_all(std::iter::once(put.in_transaction()?).chain(beside).collect()).await?
        };
        Ok(written.then(|| done(next, (false, true), writes.freed)))
    }

    fn ticket_put(&self, next: &Kept<Ticket>, pass: Pass<'_>, change: &Change<Ticket>) -> Result<Next<'_>, StoreError> {
        let mut item: Item = next.encode(pass, change);
        encode_listed(&change.state, pass.setting, &mut item);
        if size_of(&item) > Ticket::LARGEST {
            return Err(StoreError::bug("a ticket is larger than it may be"));
        }
        Ok(Next { table: self.tables.of(&TICKETS)?, key: TICKETS.hash, item, read: next.version - 1 })
    }

    /// Finds somebody for a ticket that nobody owns, and moves the places that agents have.
    async fn place_owner(
        &self,
        asked: TicketAsked<'_>,
        (kept, change): (&Kept<Ticket>, Change<Ticket>),
        writes: &mut Writes,
    ) -> Result<Change<Ticket>, StoreError> {
        let wanted = asked.offers && change.state.owner.is_none() && change.state.state().is_counted();
        if wanted && let Some(member) = &change.state.member {
            let agents = self.agents(Some("available")).await?;
            let agents: Vec<Agent> = agents.iter().map(Record::candidate).collect();
            let known =
                if agents.is_empty() { Default::default() } else { self.acquainted(member, asked.setting).await? };
            let place = (change.state.queue.as_str(), change.state.about.locale.as_str());
            for (agent, because) in candidates(place, &known, &agents) {
                let record = self.kept::<Record>(&agent_key(&agent.id), Read::Strong).await?;
                if !record.state.candidate().available || record.state.take(asked.setting.now).is_err() {
                    continue;
                }
                writes.agents.insert(agent.id.clone(), record);
                let scene = Scene { programmes: asked.setting.programmes, now: asked.setting.now };
                let change = offer(change.clone(), &agent.id, because, scene);
                self.take_places(asked, kept, &change.state, writes).await?;
                return Ok(change);
            }
        }
        self.take_places(asked, kept, &change.state, writes).await?;
        Ok(change)
    }

    /// A place more for whoever has a ticket now, and one less for whoever had it. Who is no agent of the desk has no places.
    async fn take_places(
        &self,
        asked: TicketAsked<'_>,
        before: &Kept<Ticket>,
        after: &Ticket,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        let had = Some(&before.state).filter(|_| before.version > 0).and_then(place_of);
        let has = place_of(after);
        if had == has {
            return Ok(());
        }
        for (owner, gets) in [(had, false), (has, true)] {
            let Some(owner) = owner else { continue };
            if !writes.agents.contains_key(owner) {
                writes.agents.insert(owner.to_owned(), self.kept::<Record>(&agent_key(owner), Read::Strong).await?);
            }
            let Some(kept) = writes.agents.get_mut(owner).filter(|kept| kept.version > 0) else { continue };
            if !gets && planted!("bug-place-not-freed") {
                continue;
            }
            let change = if gets { kept.state.owe(asked.setting.now) } else { kept.state.free() };
            kept.state = change.state;
            writes.changed.insert(owner.to_owned());
            if !gets {
                writes.freed.push(owner.to_owned());
            }
        }
        Ok(())
    }

    fn agent_writes(&self, asked: TicketAsked<'_>, writes: &Writes) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut all = Vec::new();
        for (agent, kept) in writes.agents.iter().filter(|(agent, _)| writes.changed.contains(*agent)) {
            let key = agent_key(agent);
            let pass = Pass { key: &key, stamp: None, setting: asked.setting };
            let change = Change::to(kept.state.clone());
            let next = kept.written_again(pass, &change);
            let item = next.encode(pass, &change);
            let next =
                Next { table: self.tables.of(&Record::TABLE)?, key: Record::TABLE.hash, item, read: next.version - 1 };
            all.push(next.in_transaction()?);
        }
        Ok(all)
    }
}

/// Whose place a ticket takes.
fn place_of(ticket: &Ticket) -> Option<&str> {
    ticket.owner.as_deref().filter(|_| ticket.state().is_counted())
}

fn done(kept: Kept<Ticket>, (replayed, written): (bool, bool), freed: Vec<String>) -> TicketDone {
    TicketDone { ticket: kept.state, version: kept.version, replayed, written, freed }
}

/// What moves, of a grant of a ticket.
impl Moved {
    /// Of proposals that nobody approved in time.
    #[must_use]
    pub fn lapsed(ticket: &Ticket, scene: Scene<'_>) -> Vec<Self> {
        let Some(member) = &ticket.member else { return Vec::new() };
        let back = |(item, moves)| Self { agent: String::new(), member: member.clone(), item, stock: None, moves };
        lapsing(ticket, scene).into_iter().map(back).collect()
    }

    /// Of a grant that is given back.
    #[must_use]
    pub fn back(ticket: &Ticket, grant: &str, moves: Moves) -> Option<Self> {
        let grant = ticket.grants.iter().find(|own| own.id == grant)?;
        Some(Self {
            agent: grant.by.clone(),
            member: ticket.member.clone()?,
            item: grant.item.clone(),
            stock: None,
            moves,
        })
    }
}
