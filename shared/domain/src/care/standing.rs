//! Two members turn out to be one (rules: care 6).

use super::state::{Care, Filed};

impl Care {
    /// Takes over what is under way for a member that this one absorbed. A key that both have stays the survivor's.
    #[must_use]
    pub fn absorb(&self, other: Self) -> Self {
        let mut joined = self.clone();
        for enrolment in other.enrolments {
            let key = enrolment.key_id();
            let active = joined.enrolments.iter().any(|own| own.key_id() == key);
            let filed = joined.filed.get(&key).is_some_and(Filed::is_known);
            if !active && !filed && joined.enrolments.len() < Self::MOST_ENROLMENTS {
                joined.enrolments.push(enrolment);
            }
        }
        for (key, filed) in other.filed {
            let own = joined.filed.entry(key).or_default();
            own.exited = own.exited.max(filed.exited);
            if own.enrolment.is_none() && joined.enrolments.iter().all(|active| active.key_id() != key) {
                own.enrolment = filed.enrolment;
            }
        }
        for contact in other.contacts {
            if joined.contacts.iter().all(|own| own.message != contact.message) {
                joined.contacts.push(contact);
            }
        }
        joined.contacts.sort_by_key(|contact| contact.at);
        let surplus = joined.contacts.len().saturating_sub(Self::MOST_CONTACTS);
        joined.contacts.drain(..surplus);
        for ticket in other.tickets {
            if joined.tickets.iter().all(|own| own.ticket != ticket.ticket) && joined.tickets.len() < Self::MOST_TICKETS
            {
                joined.tickets.push(ticket);
            }
        }
        joined
    }
}
