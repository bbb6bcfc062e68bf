//! Texts in the app: rows of `inbox`, each put once, sealed under its member's key, the newest found first, gone after 180 days.
//!
//! | attribute | |
//! |---|---|
//! | `member` `at` | whose; when, in milliseconds since 1970, `#`, and the message |
//! | `y` | the text, sealed |
//! | `l` | its language |
//! | `ra` | when it was read |
//! | `ttl` | when it goes |

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::kernel::id::MemberId;
use domain::kernel::time::add_days;
use jiff::Timestamp;

use crate::attribute::{Item, as_instant, as_text, bytes, instant, number, text};
use crate::error::{Damage, damaged};
use crate::sealed::keys::Keys;
use crate::sealed::secret::MemberKey;
use crate::table::{AT, INBOX, TTL};
use crate::{Store, StoreError};

/// For how many days a text is kept.
const KEPT_DAYS: i32 = 180;

/// A text in the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxText {
    /// Its place among those of its member.
    pub place: String,
    /// When it came.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
    /// In which language.
    pub locale: String,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

/// Texts of a member, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxPage {
    /// The texts.
    pub texts: Vec<InboxText>,
    /// There may be more.
    pub more: bool,
}

fn place(at: Timestamp, message: &str) -> String {
    format!("{:013}#{message}", at.as_millisecond())
}

impl Store {
    /// Puts a text into the app of a member, under the instant at which its message was taken up; put again it is the same. False: the
    /// member's key is gone, and with it the member.
    ///
    /// # Errors
    /// What DynamoDB or the master key says.
    pub async fn put_inbox(
        &self,
        keys: &Keys,
        (member, message): (&MemberId, &str),
        (words, locale): (&str, &str),
        (at, now): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let Some(key) = self.key_of(keys, member, now).await? else { return Ok(false) };
        let place = place(at, message);
        let item = Item::from([
            (INBOX.hash.to_owned(), text(member.as_str())),
            (AT.to_owned(), text(&place)),
            ("y".to_owned(), bytes(&key.seal(INBOX.name, &place, words.as_bytes())?)),
            ("l".to_owned(), text(locale)),
            (TTL.to_owned(), number(add_days(at, KEPT_DAYS).as_second())),
        ]);
        let put = self.dynamodb.put_item().table_name(self.tables.of(&INBOX)?).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(#at)").expression_attribute_names("#at", AT);
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(true),
                _ => Err(error.into()),
            },
        }
    }

    /// Texts of a member that lie before a place, the newest first.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or a text does not open.
    pub async fn inbox(
        &self,
        keys: &Keys,
        member: &MemberId,
        (before, limit): (Option<&str>, i32),
        now: Timestamp,
    ) -> Result<InboxPage, StoreError> {
        let Some(key) = self.key_of(keys, member, now).await? else {
            return Ok(InboxPage { texts: Vec::new(), more: false });
        };
        let query = self.dynamodb.query().table_name(self.tables.of(&INBOX)?).scan_index_forward(false).limit(limit);
        let query = query.expression_attribute_names("#member", INBOX.hash);
        let query = query.expression_attribute_values(":member", text(member.as_str()));
        let query = match before {
            None => query.key_condition_expression("#member = :member"),
            Some(before) => query
                .key_condition_expression("#member = :member AND #at < :before")
                .expression_attribute_names("#at", AT)
                .expression_attribute_values(":before", text(before)),
        };
        let found = query.send().await?;
        let items = found.items.unwrap_or_default();
        let texts = items.iter().map(|item| {
            opened(item, &key).map_err(|damage| StoreError::SealedDamaged { member: member.clone(), damage })
        });
        Ok(InboxPage { texts: texts.collect::<Result<_, _>>()?, more: found.last_evaluated_key.is_some() })
    }

    /// Notes that a text was read; the first time counts. False: there is none.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn read_inbox(&self, member: &MemberId, place: &str, now: Timestamp) -> Result<bool, StoreError> {
        let update = self.dynamodb.update_item().table_name(self.tables.of(&INBOX)?);
        let update = update.key(INBOX.hash, text(member.as_str())).key(AT, text(place));
        let update = update.update_expression("SET ra = :now").expression_attribute_values(":now", instant(now));
        let update = update.condition_expression("attribute_exists(#at) AND attribute_not_exists(ra)");
        let update = update.expression_attribute_names("#at", AT);
        let shown = ReturnValuesOnConditionCheckFailure::AllOld;
        match update.return_values_on_condition_check_failure(shown).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(there)) => Ok(there.item.is_some()),
                _ => Err(error.into()),
            },
        }
    }

    async fn key_of(&self, keys: &Keys, member: &MemberId, now: Timestamp) -> Result<Option<MemberKey>, StoreError> {
        Ok(self.member_keys(keys, std::slice::from_ref(member), now).await?.remove(member))
    }
}

fn opened(item: &Item, key: &MemberKey) -> Result<InboxText, Damage> {
    let parts = || {
        let place = as_text(item.get(AT), AT)?.to_owned();
        let at = place.split_once('#').and_then(|(at, _)| Timestamp::from_millisecond(at.parse().ok()?).ok());
        let sealed = item.get("y").and_then(|value| value.as_b().ok()).ok_or_else(|| damaged("y"))?;
        let words = key.open(INBOX.name, &place, sealed.as_ref())?;
        Ok(InboxText {
            at: at.ok_or_else(|| damaged(AT))?,
            text: String::from_utf8(words).map_err(|_no_text| damaged("y"))?,
            locale: as_text(item.get("l"), "l")?.to_owned(),
            read_at: item.get("ra").map(|at| as_instant(Some(at), "ra")).transpose()?,
            place,
        })
    };
    parts().map_err(|damage: Damage| damage.of(INBOX.name))
}
