//! Invitations of a member, the newest first, with their answers.

use std::fmt;
use std::str::FromStr;

use domain::kernel::id::MemberId;
use domain::voice::{Invitation, InvitationId};
use jiff::Timestamp;

use super::invitation_item::decode;
use super::{AT, INVITATION, MEMBER, MEMBER_INDEX};
use crate::attribute::{Item, as_instant, as_text, instant, text};
use crate::error::{Damage, damaged};
use crate::sealed::keys::Keys;
use crate::table::SURVEYS;
use crate::{Store, StoreError};

/// After which invitation to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswersPlace {
    at: Timestamp,
    pub(super) id: InvitationId,
}

impl fmt::Display for AnswersPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_millisecond(), self.id)
    }
}

impl FromStr for AnswersPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "no place of a list".to_owned();
        let (at, id) = text.split_once('.').ok_or_else(wrong)?;
        let at = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok()).ok_or_else(wrong)?;
        Ok(Self { at, id: id.parse().map_err(|_no_id: String| wrong())? })
    }
}

/// Invitations of a member, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswersPage {
    /// The invitations.
    pub invitations: Vec<Invitation>,
    /// Where it goes on, if there are more.
    pub next: Option<AnswersPlace>,
}

impl Store {
    /// Invitations of a member before a place, the newest first; with words only where there are keys.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or an item is damaged.
    pub async fn answers_of(
        &self,
        keys: Option<&Keys>,
        member: &MemberId,
        (after, limit): (Option<AnswersPlace>, i32),
        now: Timestamp,
    ) -> Result<AnswersPage, StoreError> {
        let (places, more) = self.places_of(member, after, limit).await?;
        let wanted: Vec<String> = places.iter().map(|place| format!("{INVITATION}{}", place.id)).collect();
        let key = match keys {
            Some(keys) if !wanted.is_empty() => self.key_of_voice(keys, member, now).await?,
            _ => None,
        };
        let items = self.items_of(self.tables.of(&SURVEYS)?, SURVEYS.hash, &wanted, true).await?;
        let mut invitations = Vec::with_capacity(items.len());
        for place in &places {
            let own = format!("{INVITATION}{}", place.id);
            if let Some((_, item)) = items.iter().find(|(id, _)| *id == own) {
                invitations.push(decode(item, &key)?);
            }
        }
        Ok(AnswersPage { invitations, next: places.last().copied().filter(|_| more) })
    }

    /// Invitations that were answered, a page of them after one, in no order; and where it goes on. No function asks for all of them.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn answered(&self, after: Option<&str>) -> Result<(Vec<InvitationId>, Option<String>), StoreError> {
        let start = after.map(|after| Item::from([(SURVEYS.hash.to_owned(), text(after))]));
        let scan = self.dynamodb.scan().table_name(self.tables.of(&SURVEYS)?).limit(100).set_exclusive_start_key(start);
        let scan = scan.filter_expression("begins_with(#key, :invitation) AND attribute_exists(vs)");
        let scan = scan.expression_attribute_names("#key", SURVEYS.hash);
        let found = scan.expression_attribute_values(":invitation", text(INVITATION)).send().await?;
        let of = |damage: Damage| damage.of(SURVEYS.name);
        let id = |item: &Item| {
            let id = as_text(item.get(SURVEYS.hash), SURVEYS.hash)?.strip_prefix(INVITATION);
            id.and_then(|id| id.parse().ok()).ok_or_else(|| damaged(SURVEYS.hash))
        };
        let ids: Result<Vec<InvitationId>, Damage> = found.items.unwrap_or_default().iter().map(id).collect();
        let next = found.last_evaluated_key.filter(|key| !key.is_empty());
        let next = next.map(|key| as_text(key.get(SURVEYS.hash), SURVEYS.hash).map(str::to_owned)).transpose();
        Ok((ids.map_err(of)?, next.map_err(of)?))
    }

    /// Where invitations of a member stand, the newest first, and whether there are more.
    pub(super) async fn places_of(
        &self,
        member: &MemberId,
        after: Option<AnswersPlace>,
        limit: i32,
    ) -> Result<(Vec<AnswersPlace>, bool), StoreError> {
        let query = self.dynamodb.query().table_name(self.tables.of(&SURVEYS)?).index_name(MEMBER_INDEX);
        let query = query.key_condition_expression("#member = :member").expression_attribute_names("#member", MEMBER);
        let query = query.expression_attribute_values(":member", text(member.as_str()));
        let start = after.map(|AnswersPlace { at, id }| {
            Item::from([
                (SURVEYS.hash.to_owned(), text(format!("{INVITATION}{id}"))),
                (MEMBER.to_owned(), text(member.as_str())),
                (AT.to_owned(), instant(at)),
            ])
        });
        let query = query.scan_index_forward(false).limit(limit).set_exclusive_start_key(start);
        let found = query.send().await?;
        let place = |item: &Item| {
            let id = as_text(item.get(SURVEYS.hash), SURVEYS.hash)?.strip_prefix(INVITATION);
            let id = id.and_then(|id| id.parse().ok()).ok_or_else(|| damaged(SURVEYS.hash))?;
            Ok(AnswersPlace { at: as_instant(item.get(AT), AT)?, id })
        };
        let places = found.items.unwrap_or_default().iter().map(place).collect::<Result<_, Damage>>();
        let more = found.last_evaluated_key.is_some_and(|key| !key.is_empty());
        Ok((places.map_err(|damage| damage.of(SURVEYS.name))?, more))
    }
}
