//! `[[calendar]]`, `[desk]`, `[[sla_policy]]`, `[[desk_queue]]`, `[[route]]`, `[emergency_pack]`, `[[emergency_item]]`: the service desk.

pub mod calendar;
pub mod emergency;
pub mod policy;
pub mod queue;
pub mod rules;

use std::collections::BTreeSet;

use self::calendar::Calendar;
use self::emergency::{EmergencyItem, EmergencyPack};
use self::policy::SlaPolicy;
use self::queue::{DeskQueue, Route};
use self::rules::Desk;
use crate::programme::earning_rule::EarningRule;
use crate::programme::finding::Findings;

/// The sections.
pub(super) struct Sections<'a> {
    pub(super) calendars: &'a [Calendar],
    pub(super) desk: &'a Desk,
    pub(super) policies: &'a [SlaPolicy],
    pub(super) queues: &'a [DeskQueue],
    pub(super) routes: &'a [Route],
    pub(super) pack: Option<&'a EmergencyPack>,
    pub(super) items: &'a [EmergencyItem],
    /// The rewards that can be given.
    pub(super) rewards: BTreeSet<&'a str>,
    /// What earns points.
    pub(super) earning: &'a [EarningRule],
}

/// Checks the sections.
pub(super) fn check(sections: &Sections<'_>, findings: &mut Findings) {
    calendar::check(sections.calendars, findings);
    rules::check(sections.desk, findings);
    policy::check(sections.policies, sections.calendars, findings);
    queue::check(sections.queues, sections.routes, (sections.policies, sections.desk), findings);
    emergency::check((sections.pack, sections.items), &sections.rewards, sections.earning, findings);
}
