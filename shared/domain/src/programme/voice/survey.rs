//! `[[survey]]`: which form is sent, when, how often, and what its scores set off (rules: voice 6-10, 19).

use serde::{Deserialize, Serialize};

use super::form::Form;
use super::known::Known;
use crate::programme::finding::Findings;
use crate::programme::later::moment::Span;

/// `[[survey]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// A short name, unique.
    pub id: String,
    /// The form that is asked.
    pub form: String,
    /// Why it may be sent: a purpose of the programme.
    #[serde(default = "Survey::research", skip_serializing_if = "Survey::is_research")]
    pub purpose: String,
    /// What sends it.
    pub trigger: Trigger,
    /// How long after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Span>,
    /// How many local dates lie between two invitations to it, at least.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub recontact_days: i32,
    /// How many lie between any that counts and this.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cooldown_days: i32,
    /// `exempt`: it neither looks at that nor counts for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<Cooldown>,
    /// For how many local dates after the one that it is sent on answers are taken.
    #[serde(default = "Survey::fourteen", skip_serializing_if = "Survey::is_fourteen")]
    pub close_after_days: i32,
    /// How many of those whose turn it is are asked, in basis points.
    #[serde(default = "Survey::everybody", skip_serializing_if = "Survey::is_everybody")]
    pub sample_bp: u16,
    /// Which stage of the customer's way it asks about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// A form of which it ends with one question that the member's profile has no answer to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_form: Option<String>,
    /// What a low score sets off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_low: Option<FollowUp>,
    /// What a detractor sets off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_detractor: Option<FollowUp>,
    /// What a promoter sets off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_promoter: Option<FollowUp>,
}

/// What sends a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// A ticket that is resolved.
    #[serde(rename = "ticket.resolved")]
    TicketResolved,
    /// A step of a journey.
    #[serde(rename = "journey")]
    Journey,
    /// Somebody, by hand.
    #[serde(rename = "manual")]
    Manual,
    /// The member's turn in each quarter.
    #[serde(rename = "schedule:quarterly")]
    Quarterly,
}

/// `cooldown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cooldown {
    /// It neither looks at other surveys nor counts for them.
    Exempt,
}

/// What a score sets off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// Scores up to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
    /// Scores from this on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    /// What is done.
    pub r#do: Follows,
    /// Where a ticket goes; by the routes if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Its service level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// To what the member is invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What is done about a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// A ticket is opened.
    Ticket,
    /// The ticket that it asks about is opened again.
    ReopenAndEscalate,
    /// The member is invited to something.
    Invite,
}

impl FollowUp {
    /// Is it for this score?
    #[must_use]
    pub fn heeds(&self, score: i64) -> bool {
        self.at_most.is_none_or(|most| score <= most) && self.at_least.is_none_or(|least| score >= least)
    }
}

impl Survey {
    /// Does an invitation to it neither look at others nor count for them?
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        self.cooldown == Some(Cooldown::Exempt)
    }

    /// How long after its cause it is sent, in seconds.
    #[must_use]
    pub fn delay_seconds(&self) -> i64 {
        self.delay.map_or(0, |delay| delay.seconds)
    }

    /// What low scores set off: first what is named so, then what detractors do.
    pub fn on_low(&self) -> impl Iterator<Item = &FollowUp> {
        self.on_low.iter().chain(&self.on_detractor)
    }

    fn research() -> String {
        "research".to_owned()
    }

    fn is_research(purpose: &String) -> bool {
        purpose == "research"
    }

    const fn fourteen() -> i32 {
        14
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    const fn is_fourteen(days: &i32) -> bool {
        *days == 14
    }

    const fn everybody() -> u16 {
        10_000
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    const fn is_everybody(share: &u16) -> bool {
        *share == 10_000
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
const fn is_nothing(days: &i32) -> bool {
    *days == 0
}

/// Checks the section.
pub(super) fn check(surveys: &[Survey], forms: &[Form], known: &Known<'_>, findings: &mut Findings) {
    findings.unique("survey", surveys.iter().map(|survey| survey.id.as_str()));
    for survey in surveys {
        let at = |field: &str| format!("survey.{}.{field}", survey.id);
        let form = forms.iter().find(|form| form.id == survey.form);
        findings.unless(form.is_some(), at("form"), format!("there is no form `{}`", survey.form));
        let asks = survey.profile_form.as_ref().is_none_or(|own| forms.iter().any(|form| form.id == *own));
        findings.unless(asks, at("profile_form"), "there is no such form");
        let purpose = known.purposes.is_empty() || known.purposes.contains(survey.purpose.as_str());
        findings.unless(purpose, at("purpose"), format!("there is no purpose `{}`", survey.purpose));
        for (field, days, range) in [
            ("recontact_days", survey.recontact_days, 0..=3_650),
            ("cooldown_days", survey.cooldown_days, 0..=366),
            ("close_after_days", survey.close_after_days, 0..=366),
        ] {
            let message = format!("must be in {}..={}", range.start(), range.end());
            findings.unless(range.contains(&days), at(field), message);
        }
        let alone = survey.cooldown.is_none() || survey.cooldown_days == 0;
        findings.unless(alone, at("cooldown_days"), "what is exempt has none");
        let delay = (0..=366 * 86_400).contains(&survey.delay_seconds());
        findings.unless(delay, at("delay"), "must be at most P366D");
        findings.unless((1..=10_000).contains(&survey.sample_bp), at("sample_bp"), "must be in 1..=10000");
        let again = survey.trigger != Trigger::Quarterly || survey.recontact_days >= 90;
        findings.unless(again, at("recontact_days"), "a quarterly survey asks nobody again within 90 days");
        follow_ups(survey, form, known, findings);
    }
}

fn follow_ups(survey: &Survey, form: Option<&Form>, known: &Known<'_>, findings: &mut Findings) {
    let follows =
        [("on_low", &survey.on_low), ("on_detractor", &survey.on_detractor), ("on_promoter", &survey.on_promoter)];
    let follows: Vec<(&str, &FollowUp)> =
        follows.into_iter().filter_map(|(name, follow)| Some((name, follow.as_ref()?))).collect();
    let scored = form.map_or(0, |form| form.questions.iter().filter(|question| question.scale().is_some()).count());
    let one = follows.is_empty() || form.is_none() || scored == 1;
    let message = format!("follows a score, and its form has {scored} questions that give one");
    findings.unless(one, format!("survey.{}.form", survey.id), message);
    for (name, follow) in follows {
        let at = |field: &str| format!("survey.{}.{name}.{field}", survey.id);
        let only = follow.at_most.is_some() != follow.at_least.is_some();
        findings.unless(only, at("at_most"), "exactly one of at_most and at_least says which scores");
        let scale = form.and_then(Form::scored).and_then(super::form::Question::scale);
        if let Some((least, most)) = scale {
            for (field, number) in [("at_most", follow.at_most), ("at_least", follow.at_least)] {
                let within = number.is_none_or(|number| (least..=most).contains(&number));
                findings.unless(within, at(field), format!("must be in {least}..={most}"));
            }
        }
        let reopens = follow.r#do != Follows::ReopenAndEscalate || survey.trigger == Trigger::TicketResolved;
        findings.unless(reopens, at("do"), "only what asks about a ticket can open it again");
        let invites = (follow.r#do == Follows::Invite) == follow.to.is_some();
        findings.unless(invites, at("to"), "an invitation, and nothing else, is to something");
        let queue = follow.queue.as_deref().is_none_or(|queue| known.queues.contains(queue));
        findings.unless(queue, at("queue"), "there is no such desk queue");
        let policy = follow.policy.as_deref().is_none_or(|policy| known.policies.contains(policy));
        findings.unless(policy, at("policy"), "there is no such policy");
    }
}
