//! Suggestions, and those who wished them.

use std::collections::BTreeSet;

use domain::kernel::change::Key;
use domain::kernel::id::MemberId;
use domain::voice::{Suggestion, SuggestionId};

use super::suggestion_item::ALL;
use super::{CORRELATION, SUGGESTION, WISH};
use crate::aggregate::Stored as _;
use crate::attribute::as_text;
use crate::error::{Damage, damaged};
use crate::table::SURVEYS;
use crate::{Store, StoreError};

impl Store {
    /// Where a suggestion is kept.
    #[must_use]
    pub fn suggestion_key(id: SuggestionId) -> Key {
        Key::of(format!("{SUGGESTION}{id}"))
    }

    /// Suggestions after one, in the order of their ids, and whether there are more.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn suggestions(
        &self,
        after: Option<SuggestionId>,
        limit: i32,
    ) -> Result<(Vec<Suggestion>, bool), StoreError> {
        let after = after.map(|id| format!("{SUGGESTION}{id}"));
        let (keys, more) = self.grouped(ALL, after.as_deref(), limit).await?;
        let items = self.items_of(self.tables.of(&SURVEYS)?, SURVEYS.hash, &keys, true).await?;
        let mut suggestions = Vec::with_capacity(items.len());
        for (key, item) in &items {
            let suggestion = Suggestion::decode(&Key::of(key.as_str()), item);
            suggestions.push(suggestion.map_err(|damage| damage.of(SURVEYS.name))?);
        }
        suggestions.sort_by_key(|suggestion| suggestion.id);
        Ok((suggestions, more))
    }

    /// Members who wish what a theme is about, after a place: each once, with what the wish belongs to; and the place of the last, if there
    /// are more.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn wishing(
        &self,
        theme: &str,
        after: Option<&str>,
    ) -> Result<(Vec<(MemberId, String)>, Option<String>), StoreError> {
        let group = format!("{WISH}{theme}");
        let most = i32::try_from(Suggestion::NOTED).unwrap_or(i32::MAX);
        let (keys, more) = self.grouped(&group, after, most).await?;
        let mut wishing: Vec<(MemberId, String)> = Vec::new();
        for (member, correlation) in self.rows(&keys, &format!("{group}#")).await? {
            if !wishing.iter().any(|(known, _)| *known == member) {
                wishing.push((member, correlation));
            }
        }
        Ok((wishing, keys.last().cloned().filter(|_| more)))
    }

    /// Of members those who are not noted as wishing something yet.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn not_noted(
        &self,
        id: SuggestionId,
        wishing: Vec<(MemberId, String)>,
    ) -> Result<Vec<(MemberId, String)>, StoreError> {
        let key = |(member, _): &(MemberId, String)| format!("{SUGGESTION}{id}#{member}");
        let wanted: BTreeSet<String> = wishing.iter().map(key).collect();
        let wanted: Vec<String> = wanted.into_iter().collect();
        let there = self.items_of(self.tables.of(&SURVEYS)?, SURVEYS.hash, &wanted, true).await?;
        let mut fresh: Vec<(MemberId, String)> = Vec::new();
        for one in wishing {
            let noted = there.iter().any(|(known, _)| *known == key(&one));
            if !noted && !fresh.iter().any(|(member, _)| *member == one.0) {
                fresh.push(one);
            }
        }
        Ok(fresh)
    }

    /// Those who wished something, after a place, and the place of the last, if there are more.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn contributors(
        &self,
        id: SuggestionId,
        after: Option<&str>,
    ) -> Result<(Vec<(MemberId, String)>, Option<String>), StoreError> {
        let group = format!("{SUGGESTION}{id}");
        let (keys, more) = self.grouped(&group, after, Suggestion::PAGE).await?;
        let rows = self.rows(&keys, &format!("{group}#")).await?;
        Ok((rows, keys.last().cloned().filter(|_| more)))
    }

    /// Rows of members: whose, and what they belong to. After the prefix of its key the member's id comes, perhaps more after a `#`.
    async fn rows(&self, keys: &[String], prefix: &str) -> Result<Vec<(MemberId, String)>, StoreError> {
        let items = self.items_of(self.tables.of(&SURVEYS)?, SURVEYS.hash, keys, true).await?;
        let row = |key: &String| {
            let Some((_, item)) = items.iter().find(|(id, _)| id == key) else { return Ok(None) };
            let member = key.strip_prefix(prefix).and_then(|rest| rest.split('#').next()?.parse().ok());
            let member: MemberId = member.ok_or_else(|| damaged(SURVEYS.hash))?;
            Ok(Some((member, as_text(item.get(CORRELATION), CORRELATION)?.to_owned())))
        };
        let rows: Result<Vec<Option<(MemberId, String)>>, Damage> = keys.iter().map(row).collect();
        Ok(rows.map_err(|damage| damage.of(SURVEYS.name))?.into_iter().flatten().collect())
    }
}
