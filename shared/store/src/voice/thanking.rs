//! Whoever wished what is done is told once: what is told of each is news of their own row, which says that they were.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::kernel::event::Fact as _;
use domain::kernel::id::{MemberId, OperationId};
use domain::planted;
use domain::programme::setting::Setting;
use domain::voice::{SUGGESTION_SHIPPED, SuggestionId, Thanked, VoiceFact};
use futures_util::future::try_join_all;
use serde_json::json;

use super::keeping::framed;
use super::{AT, CORRELATION, GROUP, SUGGESTION};
use crate::attribute::{Item, instant, text};
use crate::outbox::{NEWS, Origin, named, news_of, told_as};
use crate::table::SURVEYS;
use crate::{Store, StoreError};

/// When a member was told.
const TOLD: &str = "tl";

impl Store {
    /// Tells those who are thanked, each of whom was not told yet; how many that were.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn thank(&self, thanked: &Thanked, setting: Setting<'_>) -> Result<usize, StoreError> {
        let id = thanked.after.id;
        let told = thanked.told.iter().map(|(member, fact)| self.thank_one(id, (member, fact), setting));
        Ok(try_join_all(told).await?.into_iter().filter(|told| *told).count())
    }

    async fn thank_one(
        &self,
        id: SuggestionId,
        (member, fact): (&MemberId, &VoiceFact),
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let VoiceFact::SuggestionShipped { correlation, .. } = fact else { return Ok(false) };
        let programme = setting.programmes.at(setting.now);
        let mut facts = vec![told_as(fact.kind(), &fact.data())];
        let earns = programme.activity(SUGGESTION_SHIPPED).is_some();
        let name = format!("{id}|{member}");
        facts.extend(earns.then(|| named((SUGGESTION_SHIPPED, &json!({})), &name, setting.now)));
        let own = || OperationId::of_fact(SURVEYS.name, &id.to_string(), member.as_str());
        let origin = Origin {
            operation: correlation.parse().unwrap_or_else(|_words: String| own()),
            occurred_at: setting.now,
            programme: programme.number,
            member: Some(member),
        };
        let mut item = Item::from([
            (SURVEYS.hash.to_owned(), text(format!("{SUGGESTION}{id}#{member}"))),
            (GROUP.to_owned(), text(format!("{SUGGESTION}{id}"))),
            (AT.to_owned(), instant(setting.now)),
            (CORRELATION.to_owned(), text(correlation)),
            (TOLD.to_owned(), instant(setting.now)),
        ]);
        framed(&mut item, 1, setting.now);
        item.extend(news_of(&origin, facts).map(|news| (NEWS.to_owned(), news)));
        let put = self.dynamodb.put_item().table_name(self.tables.of(&SURVEYS)?).set_item(Some(item));
        let put = if planted!("bug-suggestion-thanked-twice") {
            put
        } else {
            // A row that went with its member does not come back.
            put.condition_expression("attribute_exists(#key) AND attribute_not_exists(#told)")
                .expression_attribute_names("#key", SURVEYS.hash)
                .expression_attribute_names("#told", TOLD)
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }
}
