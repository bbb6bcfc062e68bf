//! What a member agreed to, per purpose and channel (rules: privacy 1-5).
//!
//! Records are never changed. What holds is the record that is true latest; at the same instant a withdrawal holds. So the order
//! in which records arrive does not matter, and a list from the past subscribes nobody again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::refusal::refusals;
use crate::kernel::time::Zone;
use crate::members::birthday::turns;
use crate::members::field::latest;
use crate::programme::channel::Channel;
use crate::programme::privacy::{Basis, ConsentText, Purpose};

/// How long a consent that waits for its confirmation can be confirmed.
pub const CONFIRMED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Within which a consent that is given again says nothing new.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

refusals! {
    /// A consent that cannot be recorded.
    Consenting {
        /// The programme has no such purpose.
        Invalid UnknownPurpose ("unknown_purpose" at "purpose") {
            /// Those it has.
            known: Vec<String>,
        } = "there is no such purpose",
        /// The purpose is not served by this channel.
        Invalid UnknownChannel ("unknown_channel" at "channel") {
            /// Those it is served by.
            known: Vec<String>,
        } = "this purpose has no such channel",
        /// Nobody can do without it.
        Invalid MandatoryPurpose ("mandatory_purpose" at "purpose") = "this purpose cannot be withdrawn",
        /// There is no such text, or none is named.
        Invalid UnknownText ("unknown_text" at "text") = "a consent names the text that was agreed to, and its version",
        /// Another version was in force then.
        Invalid TextNotInForce ("text_not_in_force" at "version") {
            /// The version that was.
            #[serde(skip_serializing_if = "Option::is_none")]
            in_force: Option<u32>,
        } = "this version of the text was not in force then",
        /// It lies in the future.
        Invalid InFuture ("in_future" at "at") {
            /// The latest accepted.
            latest: Timestamp,
        } = "the consent lies in the future",
        /// The member is a child.
        Invalid GuardianNeeded ("guardian_needed" at "guardian") {
            /// From which age on members agree alone.
            min_age: u8,
        } = "a guardian must agree for this member",
        /// Nothing waits to be confirmed.
        NotFound NothingPending ("nothing_pending") = "no consent waits for a confirmation",
        /// It was not confirmed in time.
        Gone ConfirmationExpired ("confirmation_expired") = "the consent was not confirmed in time; it must be given again",
    }
}

/// What was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// Agreed, and not confirmed yet.
    Pending,
    /// Agreed.
    Given,
    /// Taken back.
    Withdrawn,
}

impl Said {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The newest that is known of a purpose and a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// What was said.
    pub said: Said,
    /// When it was true.
    pub at: Timestamp,
    /// The version of the text that was agreed to; a withdrawal needs none.
    pub version: Option<u32>,
}

/// What is agreed to or not: a purpose, by a channel. A purpose without channels, which is about what is kept, is one by itself.
pub type Subject = (String, Option<Channel>);

/// What holds now.
pub type Consents = BTreeMap<Subject, Consent>;

/// What somebody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// For what; `*` on a withdrawal is all that can be withdrawn.
    pub purpose: String,
    /// By which channel, if the purpose has any; none on a withdrawal is every one.
    pub channel: Option<Channel>,
    /// Given or withdrawn.
    pub said: Said,
    /// The text, and its version.
    pub text: Option<(String, u32)>,
    /// When it is true.
    pub at: Timestamp,
    /// Did a guardian agree, with evidence?
    pub guardian: bool,
}

/// A record to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Of what.
    pub subject: Subject,
    /// What was said.
    pub consent: Consent,
    /// Something newer is known: it changes nothing.
    pub superseded: bool,
}

/// What the programme says of consent.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The purposes.
    pub purposes: &'a [Purpose],
    /// The texts, with all their versions.
    pub texts: &'a [ConsentText],
    /// From which age on members agree alone.
    pub min_age: u8,
    /// The zone of its days.
    pub zone: &'a Zone,
}

/// Decides what a statement is to be recorded as.
///
/// # Errors
/// The programme has no such purpose, channel or text; it lies in the future; or the member may not say so, or not alone.
pub fn state(
    terms: Terms<'_>,
    held: &Consents,
    birthday: Option<Date>,
    says: &Statement,
    now: Timestamp,
) -> Result<Vec<Record>, Consenting> {
    let latest = latest(now);
    if says.at > latest {
        return Err(Consenting::InFuture { latest });
    }
    if says.said == Said::Withdrawn {
        let subjects = withdrawn(terms, says)?;
        return Ok(subjects.into_iter().filter_map(|subject| record(held, subject, says, None)).collect());
    }
    let purpose = terms.purpose(&says.purpose)?;
    let subject = of(purpose).into_iter().find(|(_, channel)| *channel == says.channel);
    let subject = subject.ok_or_else(|| Consenting::UnknownChannel { known: names(&purpose.channels) })?;
    let version = terms.version(says)?;
    let child = birthday.is_some_and(|born| terms.zone.date(says.at) < turns(born, terms.min_age));
    if purpose.basis == Basis::OptIn && child && !says.guardian {
        return Err(Consenting::GuardianNeeded { min_age: terms.min_age });
    }
    let confirmed = says.channel.is_none_or(|channel| !purpose.double_opt_in.contains(&channel));
    let says = Statement { said: if confirmed { Said::Given } else { Said::Pending }, ..says.clone() };
    Ok(record(held, subject, &says, Some(version)).into_iter().collect())
}

/// Decides the confirmation of a consent that waits for it: what is recorded is true from then on.
///
/// # Errors
/// None waits, or it was given too long ago.
pub fn confirm(held: &Consents, subject: Subject, now: Timestamp) -> Result<Record, Consenting> {
    let pending = held.get(&subject).filter(|consent| consent.said == Said::Pending);
    let pending = pending.ok_or(Consenting::NothingPending)?;
    if now.duration_since(pending.at) > CONFIRMED_WITHIN {
        return Err(Consenting::ConfirmationExpired);
    }
    let consent = Consent { said: Said::Given, at: now, version: pending.version };
    Ok(Record { subject, consent, superseded: false })
}

/// Is it allowed: a message of this purpose by this channel, or what a purpose without channels is about?
#[must_use]
pub fn is_allowed(terms: Terms<'_>, held: &Consents, subject: &Subject, today: Date) -> bool {
    let Ok(purpose) = terms.purpose(&subject.0) else { return false };
    match held.get(subject) {
        _ if !of(purpose).contains(subject) => false,
        Some(consent) if consent.said == Said::Withdrawn => purpose.mandatory,
        Some(consent) if purpose.basis == Basis::OptIn => {
            consent.said == Said::Given && !terms.is_stale(&purpose.id, consent.version, today)
        }
        None => purpose.basis != Basis::OptIn,
        Some(_) => true,
    }
}

/// May something be kept that is kept for a purpose: is it allowed by any of its channels?
#[must_use]
pub fn may_keep(terms: Terms<'_>, held: &Consents, purpose: &str, today: Date) -> bool {
    let subjects = terms.purpose(purpose).map(of).unwrap_or_default();
    subjects.iter().any(|subject| is_allowed(terms, held, subject, today))
}

impl Record {
    /// Takes what was recorded to what holds.
    pub fn apply(&self, held: &mut Consents) {
        if !self.superseded {
            held.insert(self.subject.clone(), self.consent.clone());
        }
    }
}

/// All that can be said of a purpose, in the order of its channels.
fn of(purpose: &Purpose) -> Vec<Subject> {
    if purpose.channels.is_empty() {
        return vec![(purpose.id.clone(), None)];
    }
    purpose.channels.iter().map(|channel| (purpose.id.clone(), Some(*channel))).collect()
}

impl<'a> Terms<'a> {
    /// All that can be said of all purposes, in the order of the programme.
    pub fn subjects(self) -> impl Iterator<Item = Subject> + 'a {
        self.purposes.iter().flat_map(of)
    }

    /// The version of a text that is in force on a local date.
    #[must_use]
    pub fn in_force(&self, id: &str, today: Date) -> Option<&'a ConsentText> {
        let its = |text: &&ConsentText| text.id == id && text.from <= today;
        self.texts.iter().filter(its).max_by_key(|text| text.from)
    }

    fn purpose(&self, id: &str) -> Result<&'a Purpose, Consenting> {
        let known = || self.purposes.iter().map(|purpose| purpose.id.clone()).collect();
        self.purposes
            .iter()
            .find(|purpose| purpose.id == id)
            .ok_or_else(|| Consenting::UnknownPurpose { known: known() })
    }

    /// The version of its text that a statement agrees to, which was the one in force then.
    fn version(&self, says: &Statement) -> Result<u32, Consenting> {
        let (text, version) = says.text.as_ref().ok_or(Consenting::UnknownText)?;
        let its = |candidate: &&ConsentText| candidate.id == *text && candidate.id == says.purpose;
        if !self.texts.iter().filter(its).any(|text| text.version == *version) {
            return Err(Consenting::UnknownText);
        }
        let date = self.zone.date(says.at);
        let in_force = self.texts.iter().filter(its).filter(|text| text.from <= date).max_by_key(|text| text.from);
        let in_force = in_force.map(|text| text.version);
        if in_force == Some(*version) { Ok(*version) } else { Err(Consenting::TextNotInForce { in_force }) }
    }

    /// Has a later version come into force of which members are asked again?
    #[must_use]
    pub fn is_stale(&self, purpose: &str, version: Option<u32>, today: Date) -> bool {
        let later = |text: &&ConsentText| text.id == purpose && Some(text.version) > version && text.from <= today;
        self.texts.iter().filter(later).any(|text| text.ask_again)
    }
}

/// What a withdrawal is of, in the order of the programme.
fn withdrawn(terms: Terms<'_>, says: &Statement) -> Result<Vec<Subject>, Consenting> {
    let every = says.purpose == "*";
    let purposes: Vec<&Purpose> = if every {
        terms.purposes.iter().filter(|purpose| !purpose.mandatory).collect()
    } else {
        vec![terms.purpose(&says.purpose)?]
    };
    if purposes.iter().any(|purpose| purpose.mandatory) {
        return Err(Consenting::MandatoryPurpose);
    }
    let subjects = purposes.iter().flat_map(|purpose| of(purpose));
    let withdrawn: Vec<Subject> =
        subjects.filter(|(_, channel)| says.channel.is_none() || *channel == says.channel).collect();
    match purposes.first() {
        Some(purpose) if withdrawn.is_empty() && !every => {
            Err(Consenting::UnknownChannel { known: names(&purpose.channels) })
        }
        _ => Ok(withdrawn),
    }
}

/// What is recorded of a statement, if it says anything new.
fn record(held: &Consents, subject: Subject, says: &Statement, version: Option<u32>) -> Option<Record> {
    let newest = held.get(&subject);
    let consent = Consent { said: says.said, at: says.at, version };
    let said_lately = |newest: &Consent| {
        newest.said == says.said
            && newest.version == version
            && says.at >= newest.at
            && says.at.duration_since(newest.at) < AGAIN
    };
    let known =
        newest.is_some_and(|newest| *newest == consent || (says.said != Said::Withdrawn && said_lately(newest)));
    // The same instant: a withdrawal holds.
    let superseded = newest.is_some_and(|newest| (newest.at, newest.said) > (consent.at, consent.said));
    (!known).then_some(Record { subject, consent, superseded })
}

fn names(channels: &[Channel]) -> Vec<String> {
    channels.iter().map(|channel| channel.name().to_owned()).collect()
}
