//! What an invitation asks: its form, as it was when it was made; and the one question about the member that it may end with.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::members::state::Member;
use domain::programme::compiled::Programme;
use domain::programme::voice::form::{CompiledForm, Question};
use domain::programme::voice::survey::Survey;
use domain::voice::page::second_step;
use domain::voice::{Answers, Invitation, InvitationId, State};
use jiff::Timestamp;
use store::{KeptInvitation, StoreError};

use crate::Surveys;

/// An invitation with what it asks.
#[derive(Debug)]
pub struct Sheet {
    /// As it is kept.
    pub kept: KeptInvitation,
    /// The programme that it was made by.
    pub programme: Arc<Programme>,
    /// The one question about the member that it ends with.
    pub about_member: Option<Question>,
    /// Which form has that.
    pub profile_form: Option<String>,
    /// Now.
    pub now: Timestamp,
}

impl Sheet {
    /// The invitation.
    #[must_use]
    pub fn invitation(&self) -> &Invitation {
        &self.kept.invitation
    }

    /// The survey; none if the programme has it no more.
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        self.programme.survey(&self.invitation().survey)
    }

    /// The form; none if the programme has it no more.
    #[must_use]
    pub fn form(&self) -> Option<&CompiledForm> {
        self.programme.form(&self.survey()?.form)
    }

    /// Is an answer to be had no more? One that is there can be changed for a while.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let invitation = self.invitation();
        invitation.versions.is_empty() && (invitation.state == State::Expired || self.now >= invitation.closes_at)
    }

    /// Can the answer be changed?
    #[must_use]
    pub fn is_open_to_change(&self) -> bool {
        self.invitation().fixed_at().is_some_and(|fixed| self.now < fixed)
    }

    /// In which of the programme's languages to ask: as is asked for, as the member reads, or the first of others that is known.
    #[must_use]
    pub fn locale<'a>(&'a self, asked: Option<&'a str>, others: impl Iterator<Item = &'a str>) -> &'a str {
        let known = &self.programme.document().members.locales;
        let language = |locale: &str| locale.split('-').next().unwrap_or_default().to_owned();
        let own = self.invitation().about.locale.as_deref();
        let mut wanted = asked.into_iter().chain(own).chain(others);
        let found = wanted.find_map(|wanted| {
            let exact = known.iter().find(|locale| *locale == wanted);
            exact.or_else(|| known.iter().find(|locale| language(locale) == language(wanted)))
        });
        found.or_else(|| known.first()).map_or("en", String::as_str)
    }

    /// Is there nothing more to ask after these answers?
    #[must_use]
    pub fn ends_with(&self, answers: &Answers) -> bool {
        let more = self.form().is_some_and(|form| !second_step(form, answers).is_empty());
        !more && self.about_member.is_none()
    }
}

impl Surveys<'_> {
    /// An invitation with what it asks; none if it is nobody's.
    ///
    /// # Errors
    /// What DynamoDB or the master key says.
    pub async fn sheet(&self, id: InvitationId) -> Result<Option<Sheet>, StoreError> {
        let kept = self.store.invitation(self.keys, id, self.now).await?;
        let Some(kept) = kept.filter(|kept| kept.invitation.member.as_str() != "erased") else { return Ok(None) };
        let by = self.programmes.numbered(kept.invitation.version);
        let programme = Arc::clone(by.unwrap_or_else(|| self.programmes.at(self.now)));
        let mut sheet = Sheet { kept, programme, about_member: None, profile_form: None, now: self.now };
        let asks = sheet.survey().and_then(|survey| survey.profile_form.clone());
        if let Some(form) = asks.filter(|_| sheet.invitation().completed_at.is_none()) {
            sheet.about_member = self.next_question(&form, &sheet.invitation().member.clone()).await?;
            sheet.profile_form = Some(form);
        }
        Ok(Some(sheet))
    }

    /// What leads to those of some invitations that can be answered, or whose answer can be changed.
    ///
    /// # Errors
    /// What the master key says.
    pub async fn tokens(&self, of: &[Invitation]) -> Result<BTreeMap<InvitationId, String>, StoreError> {
        let mut tokens = BTreeMap::new();
        for invitation in of {
            let open = match invitation.state {
                State::Waiting | State::Invited => self.now < invitation.closes_at,
                State::Answered => invitation.fixed_at().is_some_and(|fixed| self.now < fixed),
                State::Expired | State::Cancelled => false,
            };
            if open {
                tokens.insert(invitation.id, self.store.survey_token(self.keys, invitation.id).await?);
            }
        }
        Ok(tokens)
    }

    /// The first question of a form that a member's profile has no answer to; none also if nobody is a member of this id.
    ///
    /// # Errors
    /// What DynamoDB or the master key says.
    pub async fn next_question(
        &self,
        form: &str,
        member: &domain::kernel::id::MemberId,
    ) -> Result<Option<Question>, StoreError> {
        let Ok(stored) = self.store.member(self.keys, member, self.now).await? else { return Ok(None) };
        self.next_of(form, &stored.member).await
    }

    /// The same of a member who was read.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn next_of(&self, form: &str, member: &Member) -> Result<Option<Question>, StoreError> {
        let programme = self.programme();
        let Some(form) = programme.form(form) else { return Ok(None) };
        let contacts = self.store.contacts(&member.id, self.now).await?;
        let zone = programme.zone();
        let known = |field: &str| {
            let known = member.profile.fields.get(field).filter(|known| known.value.is_some())?;
            Some(zone.date(known.provenance.at))
        };
        Ok(contacts.next_field(&form.written, known, zone.date(self.now)).cloned())
    }
}
