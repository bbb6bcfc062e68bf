//! The sections to come, each with what reads it.

use serde_json::Value;

use super::place::{Declared, Place, shaped};
use super::section::Section;
use super::{community, draw, engagement, giving, insight, ledger, messages, publication, referral};
use crate::programme::fault::{faults, items, not_known};
use crate::programme::finding::Finding;

/// The sections that are in force.
pub(in crate::programme) const SECTIONS: [&str; 36] = [
    "programme",
    "wallet",
    "activity",
    "earning_rule",
    "tiers",
    "tier",
    "benefit",
    "rfmls",
    "tag",
    "redemption",
    "reward",
    "adjustment",
    "members",
    "attribute",
    "privacy",
    "dormancy",
    "purpose",
    "consent_text",
    "source",
    "care",
    "festival",
    "journey",
    "form",
    "survey",
    "theme",
    "voice",
    "calendar",
    "desk",
    "sla_policy",
    "desk_queue",
    "route",
    "emergency_pack",
    "emergency_item",
    "channel",
    "links",
    "template",
];

/// What reads a section.
type Reads = fn(&str, &Value, &Declared) -> Vec<Finding>;

const LATER: &[(&str, Reads)] = &[
    ("badge", list::<engagement::Badge>),
    ("campaign", list::<ledger::Campaign>),
    ("catalogue", list::<ledger::Goods>),
    ("challenge", list::<engagement::Challenge>),
    ("charity", one::<giving::Charity>),
    ("cohort", list::<community::Cohort>),
    ("community", list::<community::Community>),
    ("contest", list::<community::Contest>),
    ("digest", one::<community::Digest>),
    ("draw", list::<draw::Draw>),
    ("event", list::<community::Event>),
    ("exchange", list::<ledger::Exchange>),
    ("fulfilment", one::<messages::Fulfilment>),
    ("health", one::<insight::Health>),
    ("insight", one::<insight::Insight>),
    ("media", one::<messages::Media>),
    ("poll", list::<engagement::Poll>),
    ("product_set", list::<ledger::ProductSet>),
    ("publication", one::<publication::PublicationRules>),
    ("referral", one::<referral::Referral>),
    ("task", list::<engagement::Task>),
    ("ugc", one::<community::Ugc>),
    ("webhooks", one::<messages::Webhooks>),
];

/// What is wrong with a section to come, or that there is none of that name.
pub(in crate::programme) fn check(name: &str, value: &Value, declared: &Declared) -> Vec<Finding> {
    if SECTIONS.contains(&name) {
        return Vec::new();
    }
    match LATER.iter().find(|(known, _)| *known == name) {
        Some((_, reads)) => reads(name, value, declared),
        None => vec![Finding::new(name, no_such(name))],
    }
}

/// Is there a section of this name?
pub(in crate::programme) fn is_known(name: &str) -> bool {
    SECTIONS.contains(&name) || LATER.iter().any(|(known, _)| *known == name)
}

/// That there is no section of this name.
pub(in crate::programme) fn no_such(name: &str) -> String {
    let known: Vec<&str> = SECTIONS.iter().copied().chain(LATER.iter().map(|(known, _)| *known)).collect();
    format!("there is no such section; {}", not_known(name, &known))
}

fn one<T: Section>(at: &str, value: &Value, declared: &Declared) -> Vec<Finding> {
    let mut findings = faults::<T>(at, value);
    if findings.is_empty()
        && let Ok(section) = T::deserialize(value)
    {
        section.check(&mut Place { at: at.to_owned(), declared, findings: &mut findings });
    }
    findings
}

fn list<T: Section>(name: &str, value: &Value, declared: &Declared) -> Vec<Finding> {
    let mut findings = items(name, value, |at, item| one::<T>(at, item, declared));
    let mut seen = std::collections::BTreeSet::new();
    for id in value.as_array().into_iter().flatten().filter_map(|item| item["id"].as_str()) {
        if !shaped(id) {
            let words = "an id is 1 to 64 characters of a-z A-Z 0-9 - _ .";
            findings.push(Finding::new(format!("{name}.{id}"), words));
        }
        if !seen.insert(id) {
            findings.push(Finding::new(format!("{name}.{id}"), "the id is used twice"));
        }
    }
    findings
}
