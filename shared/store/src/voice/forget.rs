//! All that is kept of somebody who was erased goes: of what was answered scores and themes stay, and are nobody's.

use domain::kernel::id::MemberId;
use domain::voice::responding::redact;
use domain::voice::{About, Invitation};
use jiff::Timestamp;

use super::invitation_item::{decode, encode};
use super::keeping::{framed, wish_key, wished};
use super::{INVITATION, SUGGESTION, contacts_item};
use crate::attribute::{Item, as_number, text};
use crate::outbox::VERSION;
use crate::sealed::secret::MemberKey;
use crate::table::SURVEYS;
use crate::write::{Next, Written};
use crate::{Store, StoreError};

const NO_KEY: Option<MemberKey> = None;
/// How many are read at once.
const PAGE: i32 = 100;

impl Store {
    /// Deletes what is kept of a member, and makes nobody's what was answered; how much that was.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn forget_surveys(&self, member: &MemberId, now: Timestamp) -> Result<u64, StoreError> {
        let key = |key: String| Item::from([(SURVEYS.hash.to_owned(), text(key))]);
        let (mut count, mut keys) = (0_u64, vec![key(contacts_item::key(member))]);
        loop {
            // What is nobody's is not found again.
            let (places, _) = self.places_of(member, None, PAGE).await?;
            let mut unanswered = Vec::new();
            for id in places.iter().map(|place| place.id) {
                let Some(item) = self.surveys_item(format!("{INVITATION}{id}")).await? else { continue };
                let invitation = decode(&item, &NO_KEY)?;
                keys.extend(wished(&invitation).iter().map(|theme| key(wish_key(theme, &invitation))));
                if invitation.versions.is_empty() {
                    unanswered.push(key(format!("{INVITATION}{id}")));
                } else {
                    let read = as_number(item.get(VERSION), VERSION).map_err(|damage| damage.of(SURVEYS.name))?;
                    self.make_nobodys(&invitation, read, now).await?;
                }
                count += 1;
            }
            self.delete_all(self.tables.of(&SURVEYS)?, unanswered).await?;
            if places.is_empty() {
                break;
            }
        }
        let mut after = None;
        loop {
            let (suggestions, more) = self.suggestions(after, PAGE).await?;
            keys.extend(suggestions.iter().map(|suggestion| key(format!("{SUGGESTION}{}#{member}", suggestion.id))));
            after = suggestions.last().map(|last| last.id).filter(|_| more);
            if after.is_none() {
                break;
            }
        }
        self.delete_all(self.tables.of(&SURVEYS)?, keys).await?;
        Ok(count)
    }

    /// What stays of an answer: scores, choices, themes, the survey and the department.
    async fn make_nobodys(&self, invitation: &Invitation, read: u64, now: Timestamp) -> Result<(), StoreError> {
        let words = redact(invitation).map_or_else(|| invitation.clone(), |change| change.state);
        let About { channel, locale, queue, stage, journey, .. } = words.about.clone();
        let about = About { channel, locale, queue, stage, journey, ..About::default() };
        let nobody = "erased".parse().map_err(|_no_id: String| StoreError::bug("nobody has an id"))?;
        let after = Invitation { member: nobody, about, cause: String::new(), ..words };
        let mut item = encode(&after, &NO_KEY)?;
        framed(&mut item, read + 1, now);
        let next = Next { table: self.tables.of(&SURVEYS)?, key: SURVEYS.hash, item, read };
        match self.write(next, Vec::new()).await? {
            Written::Done => Ok(()),
            Written::Lost(_) | Written::Beside(..) => Err(StoreError::Busy),
        }
    }
}
