//! Invitations and what members were asked, read.

use domain::kernel::id::MemberId;
use domain::voice::{Contacts, Invitation, InvitationId};
use jiff::Timestamp;

use super::contacts_item;
use super::invitation_item::{decode, has_words};
use super::{INVITATION, MEMBER};
use crate::attribute::{Item, as_number, as_text, text};
use crate::outbox::VERSION;
use crate::sealed::keys::Keys;
use crate::sealed::secret::MemberKey;
use crate::table::SURVEYS;
use crate::{Store, StoreError};

/// An invitation as it is kept, with its words opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptInvitation {
    /// The invitation.
    pub invitation: Invitation,
    pub(super) version: u64,
}

/// What a member was asked, as it is kept.
pub(super) struct KeptContacts {
    pub(super) contacts: Contacts,
    pub(super) since: Timestamp,
    /// 0: never written.
    pub(super) version: u64,
}

impl Store {
    /// An invitation; none if there is none of this id.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or the item is damaged.
    pub async fn invitation(
        &self,
        keys: &Keys,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<Option<KeptInvitation>, StoreError> {
        let Some(item) = self.surveys_item(format!("{INVITATION}{id}")).await? else { return Ok(None) };
        Ok(Some(self.opened_invitation(keys, &item, now).await?))
    }

    /// An item as an invitation; the member's key is read only if there are words.
    pub(super) async fn opened_invitation(
        &self,
        keys: &Keys,
        item: &Item,
        now: Timestamp,
    ) -> Result<KeptInvitation, StoreError> {
        let of = |damage: crate::Damage| damage.of(SURVEYS.name);
        let version = as_number(item.get(VERSION), VERSION).map_err(of)?;
        let key = match item.get(MEMBER).filter(|_| has_words(item)) {
            None => None,
            Some(member) => {
                let member = as_text(Some(member), MEMBER).map_err(of)?;
                let member = member.parse().map_err(|_not_an_id: String| of(crate::error::damaged(MEMBER)))?;
                self.key_of_voice(keys, &member, now).await?
            }
        };
        Ok(KeptInvitation { invitation: decode(item, &key)?, version })
    }

    /// A member's key; none if it is gone, and with it the member.
    pub(super) async fn key_of_voice(
        &self,
        keys: &Keys,
        member: &MemberId,
        now: Timestamp,
    ) -> Result<Option<MemberKey>, StoreError> {
        Ok(self.member_keys(keys, std::slice::from_ref(member), now).await?.remove(member))
    }

    /// What a member was asked; nothing yet if nothing is kept.
    pub(super) async fn kept_contacts(&self, member: &MemberId, now: Timestamp) -> Result<KeptContacts, StoreError> {
        let Some(item) = self.surveys_item(contacts_item::key(member)).await? else {
            return Ok(KeptContacts { contacts: Contacts::new(member.clone()), since: now, version: 0 });
        };
        let version = as_number(item.get(VERSION), VERSION).map_err(|damage| damage.of(SURVEYS.name))?;
        let (contacts, since) = contacts_item::decode(member, &item)?;
        Ok(KeptContacts { contacts, since, version })
    }

    /// What a member was asked.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn contacts(&self, member: &MemberId, now: Timestamp) -> Result<Contacts, StoreError> {
        Ok(self.kept_contacts(member, now).await?.contacts)
    }

    pub(super) async fn surveys_item(&self, key: String) -> Result<Option<Item>, StoreError> {
        let get = self.dynamodb.get_item().table_name(self.tables.of(&SURVEYS)?).key(SURVEYS.hash, text(key));
        Ok(get.consistent_read(true).send().await?.item)
    }

    /// Invitations of one shard to which time has done something by an instant, and suggestions of which something is to be done.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_surveys(&self, shard: u32, until: Timestamp) -> Result<Vec<String>, StoreError> {
        let items = self.due_items(self.tables.of(&SURVEYS)?, shard, until).await?;
        let key = |item: &Item| as_text(item.get(SURVEYS.hash), SURVEYS.hash).map(str::to_owned);
        Ok(items.iter().map(key).collect::<Result<_, crate::Damage>>().map_err(|damage| damage.of(SURVEYS.name))?)
    }
}
