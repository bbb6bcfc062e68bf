//! What care reads of a member when something is decided: the member's item without what is sealed in it, and the account. Nothing of it is kept.

use std::collections::BTreeMap;

use domain::care::{Person, Standing};
use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::members::consent::{Consents, Said, Terms, is_allowed};
use domain::members::identifier::Kind;
use domain::members::state::State;
use domain::members::tag::current;
use domain::programme::channel::Channel;
use domain::programme::compiled::Programme;
use domain::programme::journey::Purpose;
use domain::programme::sending::reaches;
use jiff::Timestamp;

use crate::members::outline::Outline;
use crate::{Store, StoreError};

/// Who is meant by an id, and what is read of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The member who stands for it.
    pub member: MemberId,
    /// What is read.
    pub person: Person,
    /// Is there a member of this id, or was there one?
    pub is_member: bool,
}

impl Store {
    /// Who is meant by an id, and what care reads of them. Of somebody of whom nothing is known there is no address.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn care_person(
        &self,
        member: &MemberId,
        programme: &Programme,
        now: Timestamp,
    ) -> Result<Known, StoreError> {
        let mut member = member.clone();
        for _ in 0..HOPS {
            let outline = self.outline(&member).await?;
            if let Some(Outline { state: Some(State::Merged { into }), .. }) = &outline {
                member = into.clone();
                continue;
            }
            let account = self.read(&member, false).await?.account;
            let is_member = outline.is_some();
            let mut person = outline.map_or_else(Person::default, |outline| person(outline, programme, now));
            person.tier = account.tier_at(now).map(str::to_owned);
            if let Some(score) = account.score {
                person.segment = Some(score.segment);
                person.tags.extend(score.tags);
            }
            person.tags.sort();
            person.tags.dedup();
            return Ok(Known { member, person, is_member });
        }
        Err(StoreError::bug("members stand for each other in a circle"))
    }
}

fn person(outline: Outline, programme: &Programme, now: Timestamp) -> Person {
    let Outline { state, zone, locale, countries, reached, consents, tags } = outline;
    let standing = match state {
        None => return Person { standing: Standing::Erased, ..Person::default() },
        Some(State::Active | State::Merged { .. }) => Standing::Active,
        Some(State::Suspended) => Standing::Suspended,
        Some(State::Closed { deceased: true, .. }) => Standing::Deceased,
        Some(State::Closed { .. }) => Standing::Closed,
    };
    let (document, today) = (programme.document(), programme.zone().date(now));
    let terms = Terms {
        purposes: &document.purpose,
        texts: &document.consent_text,
        min_age: document.privacy.consent_min_age,
        zone: programme.zone(),
    };
    let allowed = |purpose: Purpose, channel: Channel| {
        is_allowed(terms, &consents, &(purpose.name().to_owned(), Some(channel)), today)
    };
    Person {
        standing,
        zone,
        locale,
        country: countries.into_iter().next(),
        addresses: addresses(&reached, programme),
        agreed: Channel::ALL.into_iter().filter(|channel| allowed(Purpose::Marketing, *channel)).collect(),
        refused: Channel::ALL.into_iter().filter(|channel| is_withdrawn(&consents, *channel)).collect(),
        tags: current(&tags, today).map(|(tag, _)| tag.to_owned()).collect(),
        ..Person::default()
    }
}

/// Messages about what was bought go unless they were refused.
fn is_withdrawn(consents: &Consents, channel: Channel) -> bool {
    let subject = (Purpose::Service.name().to_owned(), Some(channel));
    consents.get(&subject).is_some_and(|consent| consent.said == Said::Withdrawn)
}

/// By which ways somebody with such identifiers can be reached; `true`: by no address of the kind any more.
fn addresses(reached: &[(Kind, bool)], programme: &Programme) -> BTreeMap<Channel, bool> {
    let mut addresses = BTreeMap::new();
    for (kind, suppressed) in reached {
        let channels: &[Channel] = match kind {
            Kind::Email => &[Channel::Email],
            Kind::Phone => &[Channel::Sms, Channel::Phone],
            Kind::Wecom => &[Channel::Wecom],
            Kind::Device => &[Channel::Push],
            Kind::Card | Kind::External(_) => &[],
        };
        for channel in channels.iter().filter(|channel| reaches(&programme.document().channel, **channel)) {
            let known = addresses.entry(*channel).or_insert(true);
            *known = *known && *suppressed;
        }
    }
    addresses
}
