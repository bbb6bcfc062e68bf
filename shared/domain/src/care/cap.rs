//! How many marketing messages a member gets (rules: care 15, 16).

use jiff::civil::Date;

use super::person::Standing;
use super::scene::{Scene, Stage};
use super::state::{Care, Enrolment, StepState};
use super::when::{Held, held, plus};
use crate::programme::care::Cap;
use crate::programme::journey::Purpose;
use crate::programme::journey::step::Does;

/// What a message is one too many for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Over {
    pub(super) reason: &'static str,
    pub(super) ground: String,
}

/// Is one more message too many?
pub(super) fn over(care: &Care, scene: &Scene<'_>, stage: Stage<'_>, does: Does) -> Option<Over> {
    if stage.journey.written.purpose != Purpose::Marketing || does.channel().is_none() {
        return None;
    }
    let zone = scene.zone();
    let today = zone.date(scene.now);
    let count = |from: Date, channel: Option<Does>| {
        let contacts = care.contacts.iter().filter(|contact| channel.is_none_or(|channel| contact.channel == channel));
        contacts.filter(|contact| (from..=today).contains(&zone.date(contact.at))).count()
    };
    let caps = &scene.settings().caps;
    let of_channel = does.channel().map(|channel| caps.of(channel)).unwrap_or_default();
    for (Cap { per_day, per_7d }, channel) in [(caps.marketing, None), (of_channel, Some(does))] {
        for (most, from, reason) in [(per_day, today, "cap_day"), (per_7d, plus(today, -6), "cap_7d")] {
            let Some(most) = most else { continue };
            let had = count(from, channel);
            if had >= usize::from(most) {
                return Some(Over { reason, ground: format!("{had} of {most} since {from}") });
            }
        }
    }
    let per_day = caps.marketing.per_day?;
    let had = count(today, None);
    let reserved = reserved(care, scene, stage, today);
    let full = reserved > 0 && had.saturating_add(reserved) >= usize::from(per_day);
    full.then(|| Over { reason: "cap_reserved", ground: format!("{reserved} of higher priority on {today}") })
}

/// The messages of higher priority that are to go later on this date.
fn reserved(care: &Care, scene: &Scene<'_>, mine: Stage<'_>, today: Date) -> usize {
    let goes = |enrolment: &Enrolment, state: &StepState| {
        let stage = scene.stage(enrolment, state)?;
        let written = &stage.journey.written;
        let higher = written.purpose == Purpose::Marketing && written.priority > mine.journey.written.priority;
        let does = stage.does();
        let counts = higher && !scene.paused.contains(&written.id) && does.iter().any(|does| does.channel().is_some());
        let due = due(enrolment, state, scene, stage).filter(|_| counts && !state.tells)?;
        let quiet = scene.settings().quiet();
        let zone = scene.zone();
        let release = match held(stage.step, &does, quiet, due.max(scene.now), &zone) {
            Held::Free => due.max(scene.now),
            Held::Until(until, _) => until,
        };
        let later = release > scene.now && zone.date(release) == today;
        (later && release < scene.plan(enrolment, stage).latest_at).then_some(())
    };
    let all = care.enrolments.iter().filter(|enrolment| enrolment.is_pending());
    all.flat_map(|enrolment| enrolment.steps.iter().filter_map(move |state| goes(enrolment, state))).count()
}

/// When a step that is to come is due. What follows a step is of use until that is, if it is not done before.
pub(super) fn due(
    enrolment: &Enrolment,
    state: &StepState,
    scene: &Scene<'_>,
    stage: Stage<'_>,
) -> Option<jiff::Timestamp> {
    if state.outcome.is_some() || !enrolment.is_pending() {
        return None;
    }
    let plan = scene.plan(enrolment, stage);
    Some(match state.not_before {
        None if state.tells => plan.latest_at,
        None => plan.at,
        Some(not_before) if state.tells => not_before,
        Some(not_before) => plan.at.max(not_before),
    })
}

/// Is marketing done for a member at all?
pub(super) fn is_suspended(standing: Standing, purpose: Purpose) -> bool {
    standing == Standing::Suspended && purpose == Purpose::Marketing
}
