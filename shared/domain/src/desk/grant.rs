//! What an agent gives on the spot, within budgets, and what is given back (rules: desk 19-22).

use jiff::ToSpan;
use jiff::civil::Date;

use super::deciding::{Deciding, Scene};
use super::facts::{DeskFact, OfGrant};
use super::pack::{Grant, GrantState};
use super::refusal::DeskRefusal;
use super::ticket::Ticket;
use crate::kernel::change::Change;
use crate::kernel::id::MemberId;
use crate::kernel::time::{Month, day_number};
use crate::programme::desk::emergency::{EmergencyItem, EmergencyPack, ItemKind};

/// Who asks for what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The grant's id: the same is one.
    pub id: &'a str,
    /// Of what.
    pub item: &'a EmergencyItem,
    /// Who.
    pub by: Agent<'a>,
    /// Is the member active?
    pub active: bool,
}

/// An agent who gives, or approves.
#[derive(Debug, Clone, Copy)]
pub struct Agent<'a> {
    /// Who.
    pub id: &'a str,
    /// The member ids that the agent says are theirs; none: the agent has said nothing.
    pub own: Option<&'a [MemberId]>,
}

impl Agent<'_> {
    fn is(&self, member: Option<&MemberId>) -> bool {
        self.own.is_some_and(|own| own.iter().any(|own| Some(own) == member))
    }
}

/// What budgets have been used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// How often the agent has given today.
    pub agent_today: i64,
    /// When the member got something last.
    pub member_last: Option<Date>,
    /// What was spent this month, in minor units.
    pub month_minor: i64,
    /// How many there are left of the item, if it has a stock.
    pub stock: Option<u32>,
}

/// What moves outside of the ticket in the same transaction: each of it is a condition as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moves {
    /// Which month's budget.
    pub month: Month,
    /// How much of it: below nothing if it is given back.
    pub cost_minor: i64,
    /// How many pieces of the item, alike.
    pub pieces: i64,
    /// How often the agent gives: nothing is given back of that.
    pub agent_count: i64,
    /// The local date of the grant.
    pub date: Date,
}

/// For how many local dates a member gets nothing more.
const MEMBER_DAYS: i32 = 30;
/// The most grants of a ticket.
const MOST_GRANTS: usize = 10;

/// Something is given by the ticket's owner, or the lead of its queue.
///
/// # Errors
/// It is somebody else.
pub fn is_for(ticket: &Ticket, agent: &str, scene: Scene<'_>) -> Result<(), DeskRefusal> {
    let theirs = [ticket.owner.as_deref(), scene.lead(&ticket.queue)].contains(&Some(agent));
    if theirs { Ok(()) } else { Err(DeskRefusal::NotYours) }
}

/// Gives something, or proposes it.
///
/// # Errors
/// The first of what stands against it.
pub fn grant(
    ticket: &Ticket,
    asked: Asked<'_>,
    (pack, used): (&EmergencyPack, Used),
    scene: Scene<'_>,
) -> Result<(Change<Ticket>, Moves), DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.lapse();
    let own = asked.by.own.ok_or(DeskRefusal::UndeclaredMembers)?;
    if own.iter().any(|own| Some(own) == ticket.member.as_ref()) {
        return Err(DeskRefusal::SelfBenefit);
    }
    if !asked.active || ticket.member.is_none() {
        return Err(DeskRefusal::MemberNotActive);
    }
    deciding.must_be(&["open", "pending_customer", "pending_third_party"])?;
    if asked.item.kind == ItemKind::Expedite && ticket.about.order.is_none() {
        return Err(DeskRefusal::NoOrder);
    }
    if deciding.ticket.grants.len() >= MOST_GRANTS {
        return Err(DeskRefusal::TooManyChanges { most: MOST_GRANTS });
    }
    let today = scene.zone().date(scene.now);
    within(&deciding.ticket, asked.item, (pack, used), scene)?;
    let cost_minor = asked.item.unit_cost_minor;
    let total = deciding.ticket.case_total_minor().saturating_add(cost_minor);
    let proposed = pack.approval_above_minor.is_some_and(|most| total > most);
    let hours = i64::from(pack.approval_hours);
    let lapses = scene.now.saturating_add(hours.hours()).expect("a span of hours suits a timestamp");
    let given = Grant {
        id: asked.id.to_owned(),
        item: asked.item.id.clone(),
        kind: asked.item.kind,
        reward: asked.item.reward.clone(),
        cost_minor,
        by: asked.by.id.to_owned(),
        at: scene.now,
        state: if proposed { GrantState::Proposed } else { GrantState::Granted },
        lapses: proposed.then_some(lapses),
        approver: None,
    };
    deciding.ticket.grants.push(given.clone());
    let of = deciding.of_ticket();
    let grant = of_grant(&given, total);
    deciding.facts.push(if proposed {
        DeskFact::EmergencyProposed { of, grant, lapses_at: lapses }
    } else {
        DeskFact::EmergencyGranted { of, grant, approver: None }
    });
    deciding.log("grant", asked.by.id, false);
    let pieces = i64::from(asked.item.kind == ItemKind::Gift);
    Ok((deciding.end(), Moves { month: Month::of(today), cost_minor, pieces, agent_count: 1, date: today }))
}

/// Do budgets suffice? Exactly at a limit they do.
fn within(
    ticket: &Ticket,
    item: &EmergencyItem,
    (pack, used): (&EmergencyPack, Used),
    scene: Scene<'_>,
) -> Result<(), DeskRefusal> {
    let (today, zone) = (scene.zone().date(scene.now), scene.zone());
    let (asked, case) = (item.unit_cost_minor, ticket.case_total_minor());
    if case.saturating_add(asked) > pack.per_case_minor {
        return Err(DeskRefusal::CaseBudget { limit: pack.per_case_minor, used: case, asked });
    }
    let limit = i64::from(pack.per_agent_day);
    if used.agent_today >= limit {
        let resets_at = zone.start_of(today.saturating_add(1.day()));
        return Err(DeskRefusal::AgentBudget { limit, used: used.agent_today, asked: 1, resets_at });
    }
    let since = |last: Date| day_number(today).saturating_sub(day_number(last));
    if let Some(last) = used.member_last.filter(|last| pack.per_member_30d > 0 && since(*last) < MEMBER_DAYS) {
        let resets_at = zone.start_of(last.saturating_add(MEMBER_DAYS.days()));
        return Err(DeskRefusal::MemberBudget { limit: i64::from(pack.per_member_30d), used: 1, asked: 1, resets_at });
    }
    let limit = pack.monthly_budget_minor;
    if used.month_minor.saturating_add(asked) > limit {
        let resets_at = zone.start_of(Month::of(today).last_date().saturating_add(1.day()));
        return Err(DeskRefusal::MonthBudget { limit, used: used.month_minor, asked, resets_at });
    }
    let empty = item.kind == ItemKind::Gift && used.stock.unwrap_or(0) == 0;
    if empty { Err(DeskRefusal::OutOfStock) } else { Ok(()) }
}

/// A second person approves a proposal.
///
/// # Errors
/// The first of what stands against it.
pub fn approve(ticket: &Ticket, id: &str, by: Agent<'_>, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    let total = deciding.ticket.case_total_minor();
    let member = deciding.ticket.member.clone();
    let grant = deciding.ticket.grants.iter_mut().find(|grant| grant.id == id).ok_or(DeskRefusal::UnknownGrant)?;
    is_proposed(grant)?;
    if grant.lapses_at().is_some_and(|lapses| scene.now >= lapses) {
        return Err(DeskRefusal::Lapsed);
    }
    if grant.by == by.id {
        return Err(DeskRefusal::SameApprover);
    }
    if by.is(member.as_ref()) {
        return Err(DeskRefusal::SelfBenefit);
    }
    (grant.state, grant.approver) = (GrantState::Granted, Some(by.id.to_owned()));
    let told = of_grant(grant, total);
    let of = deciding.of_ticket();
    deciding.facts.push(DeskFact::EmergencyGranted { of, grant: told, approver: Some(by.id.to_owned()) });
    deciding.log("grant approved", by.id, false);
    Ok(deciding.end())
}

fn is_proposed(grant: &Grant) -> Result<(), DeskRefusal> {
    let state = grant.state.name();
    let wrong = crate::kernel::refusal::WrongState::WrongState { state, allowed: &["proposed"] };
    if grant.state == GrantState::Proposed { Ok(()) } else { Err(wrong.into()) }
}

/// A lead rejects a proposal, or takes back what is not sent yet. Case, month, stock and the member's date are given back.
///
/// # Errors
/// There is no such grant, or it is over.
pub fn take_back(
    ticket: &Ticket,
    id: &str,
    to: GrantState,
    by: &str,
    scene: Scene<'_>,
) -> Result<(Change<Ticket>, Moves), DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    let known = deciding.ticket.grants.iter().find(|grant| grant.id == id).ok_or(DeskRefusal::UnknownGrant)?;
    let fits = known.state == GrantState::Proposed || (to == GrantState::Cancelled && known.can_be_stopped());
    if !fits {
        is_proposed(known)?;
    }
    let moves = deciding.return_grant(id, to);
    deciding.log("grant returned", by, false);
    Ok((deciding.end(), moves.ok_or(DeskRefusal::UnknownGrant)?))
}

/// What moves when proposals lapse.
#[must_use]
pub fn lapsing(ticket: &Ticket, scene: Scene<'_>) -> Vec<(String, Moves)> {
    let lapsed = ticket.grants.iter().filter(|grant| grant.lapses_at().is_some_and(|lapses| scene.now >= lapses));
    lapsed.map(|grant| (grant.item.clone(), returned(grant, scene))).collect()
}

fn returned(grant: &Grant, scene: Scene<'_>) -> Moves {
    let date = scene.zone().date(grant.at);
    let pieces = i64::from(grant.kind == ItemKind::Gift).saturating_neg();
    Moves { month: Month::of(date), cost_minor: grant.cost_minor.saturating_neg(), pieces, agent_count: 0, date }
}

impl Deciding<'_> {
    /// Proposals that nobody approved in time are over.
    pub(super) fn lapse(&mut self) {
        let now = self.scene.now;
        let lapsed = |grant: &&Grant| grant.lapses_at().is_some_and(|lapses| now >= lapses);
        let lapsed: Vec<String> = self.ticket.grants.iter().filter(lapsed).map(|grant| grant.id.clone()).collect();
        for id in lapsed {
            // What moves outside, `lapsing` says.
            self.return_grant(&id, GrantState::Lapsed);
        }
    }

    fn return_grant(&mut self, id: &str, to: GrantState) -> Option<Moves> {
        let scene = self.scene;
        let grant = self.ticket.grants.iter_mut().find(|grant| grant.id == id)?;
        grant.state = to;
        let grant = grant.clone();
        let told = of_grant(&grant, self.ticket.case_total_minor());
        let of = self.of_ticket();
        self.facts.push(DeskFact::EmergencyReturned { of, grant: told, because: to.name().to_owned() });
        Some(returned(&grant, scene))
    }
}

fn of_grant(grant: &Grant, case_total_minor: i64) -> OfGrant {
    OfGrant {
        grant: grant.id.clone(),
        item: grant.item.clone(),
        kind: grant.kind.name().to_owned(),
        reward: grant.reward.clone(),
        cost_minor: grant.cost_minor,
        case_total_minor,
        giver: grant.by.clone(),
    }
}

/// That nothing is given, for whoever watches over it.
pub fn denied(ticket: &Ticket, item: &str, by: &str, code: &str, scene: Scene<'_>) -> Change<Ticket> {
    let mut deciding = Deciding::begin(ticket, scene);
    let of = deciding.of_ticket();
    let (item, code) = (item.to_owned(), code.to_owned());
    deciding.facts.push(DeskFact::EmergencyDenied { of, item, giver: by.to_owned(), code });
    deciding.log("grant denied", by, false);
    deciding.end()
}
