//! A member is invited, or is not; an invitation is sent, taken back, or runs out (rules: voice 6-8, 10, 18).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::contacts::{Contacts, Refused};
use super::facts::{Of, VoiceFact};
use super::following;
use super::ids::InvitationId;
use super::invitation::{About, Invitation, State};
use crate::kernel::change::Change;
use crate::kernel::id::MemberId;
use crate::kernel::time::Zone;
use crate::programme::compiled::Programme;
use crate::programme::voice::survey::{Survey, Trigger};

/// Who is to be invited to what.
#[derive(Debug, Clone)]
pub struct Asking<'a> {
    /// The survey.
    pub survey: &'a Survey,
    /// Whom.
    pub member: &'a MemberId,
    /// How the member stands.
    pub standing: Standing,
    /// What causes it.
    pub cause: String,
    /// What it belongs to.
    pub correlation: String,
    /// What it is about.
    pub about: About,
}

/// How a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As usual.
    Active,
    /// Suspended, closed or deceased.
    Inactive,
    /// Forgotten.
    Erased,
}

/// What an invitation came to. What is new is written in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// There is one more.
    New {
        /// The invitation.
        invitation: Box<Invitation>,
        /// What the member was asked.
        contacts: Contacts,
    },
    /// The same cause has invited before: it invites once.
    Already,
    /// It was taken back before it was made.
    Cancelled,
    /// It is not to be.
    Refused(Refused),
}

/// Decides on an invitation. `known` is what there is under its id.
#[must_use]
pub fn invite(
    asking: &Asking<'_>,
    contacts: &Contacts,
    known: Option<&Invitation>,
    programme: &Programme,
    now: Timestamp,
) -> Invited {
    match known.map(|known| known.state) {
        Some(State::Cancelled) => return Invited::Cancelled,
        Some(_) => return Invited::Already,
        None => {}
    }
    let survey = asking.survey;
    let of_ticket = survey.trigger == Trigger::TicketResolved;
    let welcome = match asking.standing {
        Standing::Active => true,
        Standing::Inactive => of_ticket,
        Standing::Erased => false,
    };
    let today = programme.zone().date(now);
    let admitted = if welcome { contacts.admits(survey, programme, today) } else { Err(Refused::Inactive) };
    if let Err(refused) = admitted {
        return Invited::Refused(refused);
    }
    let invitation = Invitation::new(asking, programme, now);
    let mut contacts = contacts.clone();
    contacts.note(&survey.id, today, invitation.id);
    Invited::New { invitation: Box::new(invitation), contacts }
}

impl Invitation {
    fn new(asking: &Asking<'_>, programme: &Programme, now: Timestamp) -> Self {
        let survey = asking.survey;
        let delay = SignedDuration::from_secs(survey.delay_seconds());
        let send_at = now.saturating_add(delay).expect("a duration suits a timestamp");
        let about =
            About { stage: asking.about.stage.clone().or_else(|| survey.stage.clone()), ..asking.about.clone() };
        Self {
            id: InvitationId::of(&survey.id, &asking.cause, asking.member),
            survey: survey.id.clone(),
            version: programme.number,
            member: asking.member.clone(),
            cause: asking.cause.clone(),
            correlation: asking.correlation.clone(),
            about,
            state: State::Waiting,
            issued_at: now,
            send_at,
            closes_at: closes_at(survey, send_at, programme.zone()),
            versions: Vec::new(),
            analysis: None,
            completed_at: None,
            done: BTreeSet::new(),
        }
    }

    /// One that is taken back before it is made: when what makes it comes, it finds it so.
    #[must_use]
    pub fn never(asking: &Asking<'_>, programme: &Programme, now: Timestamp) -> Self {
        Self { state: State::Cancelled, ..Self::new(asking, programme, now) }
    }
}

/// When an answer is taken no more: the start of a local date.
#[must_use]
pub fn closes_at(survey: &Survey, send_at: Timestamp, zone: &Zone) -> Timestamp {
    zone.start_of_day_after(send_at, survey.close_after_days.saturating_add(1))
}

/// A ticket that was resolved, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// Has it a member?
    pub has_member: bool,
    /// Did an agent answer, for the member to see?
    pub public_reply: bool,
    /// Was it opened while somebody spoke with the member?
    pub live: bool,
    /// How it was resolved.
    pub code: &'a str,
}

/// Is the member asked how satisfied they are with a resolution?
#[must_use]
pub fn asks_after(resolved: Resolved<'_>) -> bool {
    let reached = resolved.public_reply || resolved.live;
    resolved.has_member && reached && !["spam", "duplicate"].contains(&resolved.code)
}

/// Why an invitation is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// The ticket was opened again.
    TicketReopened,
    /// The ticket became part of another.
    TicketMerged,
    /// The member left.
    MemberClosed,
    /// The message could not be sent.
    NotSent,
    /// The member does not agree to be asked.
    NoConsent,
}

impl Back {
    const fn name(self) -> &'static str {
        match self {
            Self::TicketReopened => "ticket_reopened",
            Self::TicketMerged => "ticket_merged",
            Self::MemberClosed => "member_closed",
            Self::NotSent => "not_sent",
            Self::NoConsent => "no_consent",
        }
    }
}

/// Takes an invitation back, sent or not. What is answered stands, and what has ended has ended.
#[must_use]
pub fn cancel(invitation: &Invitation, why: Back) -> Option<Change<Invitation>> {
    let open = matches!(invitation.state, State::Waiting | State::Invited);
    open.then(|| {
        let after = Invitation { state: State::Cancelled, ..invitation.clone() };
        let of = Of::new(&after);
        Change::to(after).telling(VoiceFact::SurveyCancelled { of, reason: why.name().to_owned() })
    })
}

/// Does an invitation that is taken back count no more for what the member was asked? One that was received does.
#[must_use]
pub fn gives_back(invitation: &Invitation, why: Back) -> bool {
    invitation.state == State::Waiting || (invitation.state == State::Invited && why == Back::NotSent)
}

/// What time does to an invitation: it is sent, its answer is complete, its time is over.
#[must_use]
pub fn pass(
    invitation: &Invitation,
    survey: Option<&Survey>,
    programme: &Programme,
    now: Timestamp,
) -> Option<Change<Invitation>> {
    if invitation.due().is_none_or(|due| now < due) {
        return None;
    }
    let mut after = invitation.clone();
    let of = Of::new(invitation);
    match invitation.state {
        State::Waiting => {
            after.state = State::Invited;
            let purpose = survey.map_or_else(|| "research".to_owned(), |survey| survey.purpose.clone());
            let closes_at = after.closes_at;
            Some(Change::to(after).telling(VoiceFact::SurveyInvited { of, purpose, closes_at }))
        }
        State::Invited => {
            after.state = State::Expired;
            Some(Change::to(after).telling(VoiceFact::SurveyExpired { of }))
        }
        State::Answered => {
            // It was complete when it was left alone, however late somebody looks.
            let at = invitation.left_alone_at()?;
            Some(following::complete(after, survey, programme, at))
        }
        State::Expired | State::Cancelled => None,
    }
}
