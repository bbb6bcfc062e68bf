//! What a member was asked, and may be asked (rules: voice 5-7).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::ids::InvitationId;
use crate::kernel::id::MemberId;
use crate::kernel::time::day_number;
use crate::programme::compiled::Programme;
use crate::programme::voice::form::{Form, Question};
use crate::programme::voice::survey::Survey;

/// What a member was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contacts {
    /// Whose it is.
    pub member: MemberId,
    /// The newest invitations to each survey, at most two, the newest first.
    pub invited: BTreeMap<String, Vec<(Date, InvitationId)>>,
    /// When each field of the profile was asked for last.
    pub asked: BTreeMap<String, Date>,
    /// When each was declined.
    pub declined: BTreeMap<String, Date>,
}

/// Why a member is not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// The member is not active.
    Inactive,
    /// The same survey was sent too lately.
    Recontact,
    /// Another was.
    Cooldown,
}

impl Refused {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Recontact => "recontact",
            Self::Cooldown => "cooldown",
        }
    }
}

/// For how many days a field that was declined is not asked for.
const DECLINED_DAYS: i32 = 180;
/// How many invitations to a survey are remembered: the newest, and the one that counts if that is given back.
const REMEMBERED: usize = 2;

impl Contacts {
    /// Of a member who was asked nothing.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self { member, invited: BTreeMap::new(), asked: BTreeMap::new(), declined: BTreeMap::new() }
    }

    /// May the member be invited today?
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, survey: &Survey, programme: &Programme, today: Date) -> Result<(), Refused> {
        let since = |date: Date| day_number(today).saturating_sub(day_number(date));
        let last = self.last(&survey.id);
        if last.is_some_and(|last| since(last) < survey.recontact_days) {
            return Err(Refused::Recontact);
        }
        let counts = |id: &String| programme.survey(id).is_none_or(|survey| !survey.is_exempt());
        let counted = self.invited.keys().filter(|id| counts(id)).filter_map(|id| self.last(id)).max();
        let cools = !survey.is_exempt() && counted.is_some_and(|counted| since(counted) < survey.cooldown_days);
        if cools { Err(Refused::Cooldown) } else { Ok(()) }
    }

    fn last(&self, survey: &str) -> Option<Date> {
        self.invited.get(survey)?.first().map(|(date, _)| *date)
    }

    /// Notes an invitation.
    pub(super) fn note(&mut self, survey: &str, date: Date, invitation: InvitationId) {
        let own = self.invited.entry(survey.to_owned()).or_default();
        own.insert(0, (date, invitation));
        own.sort_by_key(|(date, _)| std::cmp::Reverse(*date));
        own.truncate(REMEMBERED);
    }

    /// Gives the date of an invitation back that nobody received: the one before counts.
    pub fn give_back(&mut self, survey: &str, invitation: InvitationId) {
        if let Some(own) = self.invited.get_mut(survey) {
            own.retain(|(_, known)| *known != invitation);
        }
        self.invited.retain(|_, own| !own.is_empty());
    }

    /// Takes over what another was asked, who is the same person.
    pub fn unite(&mut self, other: &Self) {
        for (survey, invited) in &other.invited {
            for (date, invitation) in invited {
                let known =
                    self.invited.get(survey).is_some_and(|own| own.iter().any(|(_, known)| known == invitation));
                if !known {
                    self.note(survey, *date, *invitation);
                }
            }
        }
        for (own, others) in [(&mut self.asked, &other.asked), (&mut self.declined, &other.declined)] {
            for (field, date) in others {
                let newest = own.entry(field.clone()).or_insert(*date);
                *newest = (*newest).max(*date);
            }
        }
    }

    /// The one field of the profile that a survey may end with: the form's first without a value, or whose value is old, that was
    /// neither asked for nor declined lately. `known` says since when a field has its value.
    pub fn next_field<'f>(
        &self,
        form: &'f Form,
        known: impl Fn(&str) -> Option<Date>,
        today: Date,
    ) -> Option<&'f Question> {
        let since = |date: Date| day_number(today).saturating_sub(day_number(date));
        let lately = |dates: &BTreeMap<String, Date>, field: &str, days: i32| {
            dates.get(field).is_some_and(|date| since(*date) < days)
        };
        form.questions.iter().find(|question| {
            let Some(field) = question.profile_field() else { return false };
            let old = |date| form.refresh_after_days.is_some_and(|days| since(date) > days);
            known(field).is_none_or(old)
                && !lately(&self.asked, field, form.ask_again_days)
                && !lately(&self.declined, field, DECLINED_DAYS)
        })
    }

    /// Notes that a field was shown with a page that was sent, and whether it was answered.
    pub fn shown(&mut self, field: &str, answered: bool, today: Date) {
        self.asked.insert(field.to_owned(), today);
        if answered {
            self.declined.remove(field);
        } else {
            self.declined.insert(field.to_owned(), today);
        }
    }
}
