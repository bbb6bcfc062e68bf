//! What others tell: who is invited by it, and whose invitation is taken back (rules: voice 6, 7, 10).

use domain::kernel::change::Change;
use domain::kernel::event::Event;
use domain::kernel::id::MemberId;
use domain::programme::voice::survey::{Survey, Trigger};
use domain::voice::inviting::{Asking, Back, Invited, Resolved, asks_after, cancel, gives_back};
use domain::voice::{About, Invitation, InvitationId, Refused, State};
use serde_json::Value;
use store::{Contacting, Keeping, Patience, StoreError, Writes};

use crate::Surveys;

/// The types of events that are wanted.
pub const WANTS: &[&str] = &[
    "perennial.care.messagefailed.v1",
    "perennial.care.messagesent.v1",
    "perennial.care.messageskipped.v1",
    "perennial.care.stepdue.v1",
    "perennial.care.stepskipped.v1",
    "perennial.mem.memberclosed.v1",
    "perennial.mem.memberenrolled.v1",
    "perennial.mem.membererased.v1",
    "perennial.mem.membersmerged.v1",
    "perennial.svc.ticketmerged.v1",
    "perennial.svc.ticketreopened.v1",
    "perennial.svc.ticketresolved.v1",
];

/// The journey whose messages invite.
const JOURNEY: &str = "survey-invitation";
/// Of a member who closes so many invitations are looked at, the newest.
const OPEN: i32 = 100;

/// What came of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is done.
    Done,
    /// Somebody was erased: this much went.
    Erased(u64),
}

/// Who is to be invited to what, and why.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The survey.
    pub survey: &'a Survey,
    /// Whom.
    pub member: &'a MemberId,
    /// What causes it.
    pub cause: String,
    /// What it belongs to.
    pub correlation: String,
    /// What it is about.
    pub about: About,
}

impl Surveys<'_> {
    /// Takes in an event about a member.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB or the master key says.
    pub async fn hear(
        &self,
        (event, member): (&Event, &MemberId),
        patience: &mut Patience,
    ) -> Result<Heard, StoreError> {
        let name = event.kind.trim_start_matches("perennial.").trim_end_matches(".v1");
        match name {
            "svc.ticketresolved" => self.resolved((event, member), patience).await?,
            "svc.ticketreopened" => self.unresolved((event, member), Back::TicketReopened, patience).await?,
            "svc.ticketmerged" => self.unresolved((event, member), Back::TicketMerged, patience).await?,
            "care.stepdue" if event.data["do"] == "survey" => self.step((event, member), patience).await?,
            "care.messagesent" | "care.messageskipped" | "care.messagefailed" | "care.stepskipped"
                if event.data["journey"] == JOURNEY =>
            {
                let id = event.data["key"][0].as_str().and_then(|id| id.parse().ok());
                let Some(id) = id else { return Ok(Heard::Done) };
                if name == "care.messagesent" {
                    self.sent(id, event.data["channel"].as_str(), patience).await?;
                } else {
                    self.take_back(id, Back::NotSent, patience).await?;
                }
            }
            "mem.memberenrolled" => self.store.meet(member, event.time, self.now).await?,
            "mem.memberclosed" => self.close(member, patience).await?,
            "mem.membersmerged" => {
                if let (Some(survivor), Some(absorbed)) = (event.named("survivor"), event.named("absorbed")) {
                    self.store.unite_contacts((&survivor, &absorbed), self.now, patience).await?;
                }
            }
            "mem.membererased" => return self.forget(event, member).await,
            _ => {}
        }
        Ok(Heard::Done)
    }

    /// Invites a member, if that is still to be. Whoever stands for them is meant; nobody is asked who refused to be.
    ///
    /// # Errors
    /// As [`Surveys::hear`].
    pub async fn ask(&self, wanted: Wanted<'_>, patience: &mut Patience) -> Result<Result<Invited, ()>, StoreError> {
        let Wanted { survey, member, cause, correlation, about } = wanted;
        let Some(invitee) = self.store.invitee(member).await? else { return Ok(Err(())) };
        let mut about = about;
        about.locale = about.locale.or_else(|| invitee.locale.clone());
        let asking = Asking { survey, member: &invitee.member, standing: invitee.standing, cause, correlation, about };
        let invited = if invitee.refuses(self.programme(), &survey.purpose) {
            Invited::Refused(Refused::Inactive)
        } else {
            self.store.invite(&asking, self.setting(), patience).await?
        };
        if let Invited::Refused(refused) = &invited {
            // Counted from the log, by reason; it names no member.
            tracing::info!(survey = survey.id, why = refused.name(), "a member is not invited");
        }
        Ok(Ok(invited))
    }

    async fn resolved(&self, (event, member): (&Event, &MemberId), patience: &mut Patience) -> Result<(), StoreError> {
        let data = &event.data;
        let resolved = Resolved {
            has_member: true,
            public_reply: data["replies"].as_u64().is_some_and(|replies| replies > 0),
            live: data["live"].as_bool().unwrap_or_default(),
            code: data["code"].as_str().unwrap_or_default(),
        };
        let Some((ticket, resolution)) = ticket(data).filter(|_| asks_after(resolved)) else { return Ok(()) };
        let said = |field: &str| data[field].as_str().map(str::to_owned);
        let about = About {
            channel: said("channel"),
            locale: said("locale"),
            ticket: Some(ticket.to_owned()),
            resolution: Some(resolution),
            order: said("order"),
            queue: said("queue"),
            agent: said("agent"),
            ..About::default()
        };
        for survey in self.of_tickets() {
            let cause = cause(ticket, resolution);
            let wanted = Wanted { survey, member, cause, correlation: correlation(event), about: about.clone() };
            self.ask(wanted, patience).await?.ok(); // nobody is asked whom nobody knows
        }
        Ok(())
    }

    /// A resolution does not hold any more: its question is taken back, or never asked.
    async fn unresolved(
        &self,
        (event, member): (&Event, &MemberId),
        why: Back,
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        let Some((ticket, resolution)) = ticket(&event.data) else { return Ok(()) };
        let Some(invitee) = self.store.invitee(member).await? else { return Ok(()) };
        for survey in self.of_tickets() {
            let cause = cause(ticket, resolution);
            // It may have been made for who is absorbed by now.
            let own = InvitationId::of(&survey.id, &cause, member);
            let id = InvitationId::of(&survey.id, &cause, &invitee.member);
            let there = self.take_back(own, why, patience).await?;
            if there || (own != id && self.take_back(id, why, patience).await?) {
                continue;
            }
            let (member, standing) = (&invitee.member, invitee.standing);
            let (correlation, about) = (correlation(event), About::default());
            let asking = Asking { survey, member, standing, cause, correlation, about };
            self.store.never_invite(&asking, self.setting()).await?;
        }
        Ok(())
    }

    async fn step(&self, (event, member): (&Event, &MemberId), patience: &mut Patience) -> Result<(), StoreError> {
        let said = |field: &str| event.data[field].as_str();
        let survey = said("survey").and_then(|survey| self.programme().survey(survey));
        let (Some(survey), Some(enrolment), Some(step)) = (survey, said("enrolment"), said("step")) else {
            tracing::warn!(survey = said("survey"), "a step names no survey that there is");
            return Ok(());
        };
        let journey = said("journey").unwrap_or_default();
        let names = self.programme().journey(journey).map(|journey| journey.written.key.clone()).unwrap_or_default();
        let of_key = |name: &str| {
            let place = names.iter().position(|known| known == name)?;
            event.data["key"][place].as_str().map(str::to_owned)
        };
        let about =
            About { order: of_key("order"), sku: of_key("sku"), journey: Some(journey.to_owned()), ..About::default() };
        let cause = format!("step:{enrolment}:{step}");
        let wanted = Wanted { survey, member, cause, correlation: correlation(event), about };
        self.ask(wanted, patience).await?.ok(); // nobody is asked whom nobody knows
        Ok(())
    }

    /// By which channel an invitation was sent.
    async fn sent(&self, id: InvitationId, channel: Option<&str>, patience: &mut Patience) -> Result<(), StoreError> {
        self.alter(id, patience, |invitation| {
            let about = About { channel: channel.map(str::to_owned), ..invitation.about.clone() };
            let open = invitation.state == State::Invited && invitation.about.channel.is_none();
            open.then(|| (Change::to(Invitation { about, ..invitation.clone() }), Contacting::Same))
        })
        .await?;
        Ok(())
    }

    /// Takes an invitation back, if there is one that waits; false if there is none at all.
    pub(crate) async fn take_back(
        &self,
        id: InvitationId,
        why: Back,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        self.alter(id, patience, |invitation| {
            let back = if gives_back(invitation, why) { Contacting::GivesBack } else { Contacting::Same };
            cancel(invitation, why).map(|change| (change, back))
        })
        .await
    }

    /// Changes an invitation, if there is anything to change; false if there is none at all.
    pub(crate) async fn alter(
        &self,
        id: InvitationId,
        patience: &mut Patience,
        change: impl Fn(&Invitation) -> Option<(Change<Invitation>, Contacting)>,
    ) -> Result<bool, StoreError> {
        loop {
            let Some(kept) = self.store.invitation(self.keys, id, self.now).await? else { return Ok(false) };
            let Some((change, contacts)) = change(&kept.invitation) else { return Ok(true) };
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let (keys, setting) = (self.keys, self.setting());
            let keeping = Keeping { keys, setting, contacts, beside: Writes::default() };
            if self.store.keep_invitation(&kept, &change, keeping).await? {
                return Ok(true);
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    /// A member has left: what asks about no ticket is taken back.
    async fn close(&self, member: &MemberId, patience: &mut Patience) -> Result<(), StoreError> {
        let page = self.store.answers_of(None, member, (None, OPEN), self.now).await?;
        for invitation in page.invitations {
            let survey = self.programme().survey(&invitation.survey);
            if survey.is_none_or(|survey| survey.trigger != Trigger::TicketResolved) {
                self.take_back(invitation.id, Back::MemberClosed, patience).await?;
            }
        }
        Ok(())
    }

    async fn forget(&self, event: &Event, member: &MemberId) -> Result<Heard, StoreError> {
        let erased = domain::voice::inviting::Standing::Erased;
        if self.store.invitee(member).await?.is_some_and(|invitee| invitee.standing != erased) {
            return Ok(Heard::Done); // the message is of a time before a copy of the table was put back; the erasure is done again
        }
        let mut deleted = self.store.forget_surveys(member, self.now).await?;
        for absorbed in event.absorbed() {
            deleted += self.store.forget_surveys(&absorbed, self.now).await?;
        }
        Ok(Heard::Erased(deleted))
    }

    fn of_tickets(&self) -> impl Iterator<Item = &Survey> {
        self.programme().document().survey.iter().filter(|survey| survey.trigger == Trigger::TicketResolved)
    }
}

/// A ticket and its resolution.
fn ticket(data: &Value) -> Option<(&str, u32)> {
    let resolution = data["resolution"].as_u64().and_then(|resolution| u32::try_from(resolution).ok());
    Some((data["ticket"].as_str()?, resolution.filter(|resolution| *resolution > 0)?))
}

fn cause(ticket: &str, resolution: u32) -> String {
    format!("ticket:{ticket}:{resolution}")
}

/// What an event belongs to: as it says, else the operation that made it.
fn correlation(event: &Event) -> String {
    event.data["correlation"].as_str().map_or_else(|| event.correlationid.to_string(), str::to_owned)
}
