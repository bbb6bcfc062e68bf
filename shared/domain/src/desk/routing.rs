//! Where a ticket goes, and to whom (rules: desk 1, 16).

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::kernel::canonical::Hash;
use crate::programme::compiled::Programme;
use crate::programme::condition::{Scalar, Variables};
use crate::programme::desk::queue::THEMES;

/// What routes read of a concern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concern {
    /// Its topic.
    pub topic: String,
    /// Where it comes from.
    pub source: String,
    /// By which channel.
    pub channel: String,
    /// In which language.
    pub locale: String,
    /// The member's tier.
    pub tier: String,
    /// The member's segment.
    pub segment: String,
    /// Which survey, if it is an answer.
    pub survey: String,
    /// Its score, if it has one.
    pub score: Option<i64>,
    /// What the order came to.
    pub order_net_minor: i64,
    /// What was written about.
    pub themes: Vec<String>,
    /// The queue that a step or a survey names.
    pub queue: Option<String>,
    /// The policy that it names.
    pub policy: Option<String>,
}

/// What conditions read where there is no score.
const NO_SCORE: i64 = 99;

/// Where a ticket goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// By which route, from 0; none: what names queue and policy needs none.
    pub route: Option<usize>,
    /// To which queue.
    pub queue: String,
    /// With which service level.
    pub policy: String,
}

/// Finds the first route whose condition holds. What a step names goes before what it says. Nothing where there are no routes and not all
/// is named.
#[must_use]
pub fn route(concern: &Concern, programme: &Programme) -> Option<Routed> {
    let texts = [
        ("topic", &concern.topic),
        ("source", &concern.source),
        ("channel", &concern.channel),
        ("locale", &concern.locale),
        ("tier", &concern.tier),
        ("segment", &concern.segment),
        ("survey", &concern.survey),
    ];
    let mut variables: Variables =
        texts.into_iter().map(|(name, text)| (name.to_owned(), Scalar::Text(text.clone()))).collect();
    variables.insert("score".to_owned(), Scalar::Integer(concern.score.unwrap_or(NO_SCORE)));
    variables.insert("order_net_minor".to_owned(), Scalar::Integer(concern.order_net_minor));
    let themes: &[(&str, &[String])] = &[(THEMES, &concern.themes)];
    let found = programme.routes().iter().position(|route| {
        route.condition.as_ref().is_none_or(|condition| condition.holds_with(&variables, themes) == Ok(true))
    });
    let route = found.and_then(|place| programme.routes().get(place)).map(|route| &route.written);
    let queue = concern.queue.clone().or_else(|| Some(route?.to.clone()))?;
    let policy = concern.policy.clone().or_else(|| Some(route?.policy.clone()))?;
    Some(Routed { route: found, queue, policy })
}

/// The id of a ticket that opens by itself: the same origin is one ticket.
#[must_use]
pub fn ticket_of(origin: &str) -> String {
    let hash = Hash::of(&format!("ticket|{origin}")).to_string();
    hash.get(..32).unwrap_or(&hash).to_owned()
}

/// An agent, as far as it matters for who is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub id: String,
    /// For which queues.
    pub queues: Vec<String>,
    /// In which languages.
    pub locales: Vec<String>,
    /// How many tickets are open.
    pub open: u32,
    /// How many may be.
    pub capacity: u32,
    /// Is the agent there?
    pub available: bool,
    /// When the agent got one last.
    pub last_assigned: Option<Timestamp>,
}

impl Agent {
    fn has_room(&self) -> bool {
        self.available && self.open < self.capacity
    }

    fn is_in(&self, queue: &str) -> bool {
        self.queues.iter().any(|own| own == queue)
    }
}

/// Who knows the member already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acquainted {
    /// The agent of the member's own.
    pub dedicated: Option<String>,
    /// Who owned the member's last ticket, if that was resolved lately.
    pub recent: Option<String>,
}

/// The queue of agents of members' own.
pub(super) const DEDICATED: &str = "dedicated-manager";

/// The agents that a ticket is offered to, the first first, each with why: whoever loses a race makes way for the next. None: the queue
/// keeps it.
#[must_use]
pub fn candidates<'a>(
    (queue, locale): (&str, &str),
    acquainted: &Acquainted,
    agents: &'a [Agent],
) -> Vec<(&'a Agent, &'static str)> {
    /// The most that a ticket is offered to.
    const MOST: usize = 5;
    let of = |id: &Option<String>| agents.iter().find(|agent| Some(&agent.id) == id.as_ref() && agent.has_room());
    let dedicated = of(&acquainted.dedicated).filter(|agent| agent.is_in(queue) || agent.is_in(DEDICATED));
    let recent = of(&acquainted.recent).filter(|agent| agent.is_in(queue));
    let mut found: Vec<(&Agent, &'static str)> = Vec::new();
    found.extend(dedicated.map(|agent| (agent, "dedicated")));
    found.extend(recent.map(|agent| (agent, "recent")));
    let able: Vec<&Agent> = agents.iter().filter(|agent| agent.has_room() && agent.is_in(queue)).collect();
    let speaking = |agent: &&Agent| agent.locales.iter().any(|own| own == locale);
    let speak: Vec<&Agent> = able.iter().copied().filter(speaking).collect();
    let mut others = if speak.is_empty() { able } else { speak };
    others.sort_by(|one, other| by_load(one, other));
    found.extend(others.into_iter().map(|agent| (agent, "load")));
    let mut seen = Vec::new();
    found.retain(|(agent, _)| {
        let new = !seen.contains(&agent.id.as_str());
        seen.push(agent.id.as_str());
        new
    });
    found.truncate(MOST);
    found
}

/// The lower share of the capacity first, then who waits longest, then the lower id.
fn by_load(one: &Agent, other: &Agent) -> Ordering {
    let share = |agent: &Agent, of: &Agent| u64::from(agent.open).saturating_mul(u64::from(of.capacity));
    let load = share(one, other).cmp(&share(other, one));
    load.then_with(|| one.last_assigned.cmp(&other.last_assigned)).then_with(|| one.id.cmp(&other.id))
}
