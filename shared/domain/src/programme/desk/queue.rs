//! `[[desk_queue]]`, `[[route]]`: who answers for what, and where a ticket goes (rules: desk 1).

use serde::{Deserialize, Serialize};

use super::policy::SlaPolicy;
use super::rules::Desk;
use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::finding::{Finding, Findings};

/// `[[desk_queue]]`: a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskQueue {
    /// A short name, unique.
    pub id: String,
    /// The agent who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Queues of earlier versions whose tickets it takes over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_over: Vec<String>,
}

/// `[[route]]`: the first whose condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The condition; always if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// To which queue.
    pub to: String,
    /// With which service level.
    pub policy: String,
}

/// A route whose condition is compiled.
#[derive(Debug)]
pub struct CompiledRoute {
    /// As written.
    pub written: Route,
    /// Its condition; always if there is none.
    pub condition: Option<Condition>,
}

/// What the condition of a route may read: texts.
pub const TEXTS: [&str; 7] = ["topic", "source", "channel", "locale", "tier", "segment", "survey"];
/// What it may read: numbers. A `score` of 99 is none.
pub const NUMBERS: [&str; 2] = ["score", "order_net_minor"];
/// What it may read: the themes of what was written.
pub const THEMES: &str = "themes";

/// Checks the two sections.
pub(super) fn check(
    queues: &[DeskQueue],
    routes: &[Route],
    (policies, desk): (&[SlaPolicy], &Desk),
    findings: &mut Findings,
) {
    findings.unique("desk_queue", queues.iter().map(|queue| queue.id.as_str()));
    for queue in queues {
        let taken = queue.takes_over.iter().all(|old| queues.iter().all(|other| other.id != *old));
        let at = format!("desk_queue.{}.takes_over", queue.id);
        findings.unless(taken, at, "is a queue that there is");
    }
    for (place, route) in routes.iter().enumerate() {
        let at = |field: &str| format!("route.{}.{field}", place.saturating_add(1));
        let queue = queues.iter().any(|queue| queue.id == route.to);
        findings.unless(queue, at("to"), format!("there is no desk queue `{}`", route.to));
        let policy = policies.iter().any(|policy| policy.id == route.policy);
        findings.unless(policy, at("policy"), format!("there is no policy `{}`", route.policy));
        let last = place.saturating_add(1) == routes.len();
        let message = if last { "the last route is for all else" } else { "only the last route is for all else" };
        findings.unless(route.when.is_none() == last, at("when"), message);
        for topic in topics(route.when.as_deref().unwrap_or_default()) {
            let known = desk.topics.contains(&topic);
            findings.unless(known, at("when"), format!("there is no topic `{topic}`"));
        }
    }
    let somewhere = queues.is_empty() || !routes.is_empty();
    findings.unless(somewhere, "route", "there are queues, and nothing says where a ticket goes");
}

/// The topics that a condition compares with.
fn topics(condition: &str) -> Vec<String> {
    let compared = |rest: &str| {
        let rest = rest.trim_start();
        let other = rest.strip_prefix("==").or_else(|| rest.strip_prefix("!="))?.trim_start();
        let quote = other.chars().next().filter(|letter| ['\'', '"'].contains(letter))?;
        Some(other.get(1..)?.split(quote).next()?.to_owned())
    };
    condition.split("topic").skip(1).filter_map(compared).collect()
}

/// Compiles the conditions.
pub(in crate::programme) fn compile(routes: &[Route], findings: &mut Vec<Finding>) -> Vec<CompiledRoute> {
    let texts = TEXTS.iter().map(|name| ((*name).to_owned(), Scalar::Text("x".to_owned())));
    let numbers = NUMBERS.iter().map(|name| ((*name).to_owned(), Scalar::Integer(0)));
    let sample: Variables = texts.chain(numbers).collect();
    let one = |source: &str| -> Result<Condition, String> {
        let condition = Condition::compile_open(source)?;
        let known = |name: &&String| sample.contains_key(*name) || *name == THEMES;
        if let Some(unknown) = condition.reads().iter().find(|name| !known(name)) {
            let all: Vec<&str> = TEXTS.into_iter().chain(NUMBERS).chain([THEMES]).collect();
            return Err(format!("`{unknown}` is not known; known: {}", all.join(", ")));
        }
        condition.holds_with(&sample, &[(THEMES, &["x".to_owned()])])?;
        Ok(condition)
    };
    let mut compiled = Vec::new();
    for (place, route) in routes.iter().enumerate() {
        let condition = route.when.as_deref().map(one).transpose().unwrap_or_else(|message| {
            findings.push(Finding::new(format!("route.{}.when", place.saturating_add(1)), message));
            None
        });
        compiled.push(CompiledRoute { written: route.clone(), condition });
    }
    compiled
}
