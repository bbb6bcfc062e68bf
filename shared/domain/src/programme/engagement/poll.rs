//! `[[poll]]`: a question to all.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::eligible::Eligible;
use crate::kernel::time::Zone;
use crate::programme::later::engagement as written;

/// `[[poll]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// A short name, unique.
    pub id: String,
    /// What can be chosen.
    pub options: Vec<String>,
    /// From when on.
    pub opens_at: Timestamp,
    /// Until when, exclusive.
    pub closes_at: Timestamp,
    /// How many a ballot may choose.
    pub choices: usize,
    /// Who may vote.
    pub eligible: Eligible,
    /// How much a ballot counts, by tier; 1 for the others.
    pub weights: BTreeMap<String, u32>,
    /// Are results told while it is open?
    pub live: bool,
}

impl Poll {
    pub(super) fn compile(poll: &written::Poll, zone: &Zone) -> Option<Self> {
        let weight = |weight: &i64| u32::try_from(*weight).ok();
        let (segments, tags_any) = (poll.segments.clone(), poll.tags_any.clone());
        Some(Self {
            id: poll.id.clone(),
            options: poll.options.clone(),
            opens_at: poll.opens_at.instant(zone)?,
            closes_at: poll.closes_at.instant(zone)?,
            choices: poll.choices.and_then(|choices| usize::try_from(choices).ok()).unwrap_or(1),
            eligible: Eligible { min_tier: poll.min_tier.clone(), segments, tags_any },
            weights: poll.weights.iter().filter_map(|(tier, w)| Some((tier.clone(), weight(w)?))).collect(),
            live: poll.results.as_deref() == Some("live"),
        })
    }
}
