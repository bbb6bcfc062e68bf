//! Stock, spread over shards.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use domain::ledger::benefit::stock_name;
use domain::planted;
use domain::programme::compiled::Programme;
use domain::programme::document::Document;

use crate::attribute::{as_number, as_text, number, text};
use crate::error::damaged;
use crate::{Store, StoreError, table};

/// How much of a reward is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// The reward.
    pub reward: String,
    /// Pieces, over all shards.
    pub left: i64,
}

impl Store {
    /// Lays in the stock of what has none yet.
    pub(crate) async fn lay_in_stock(&self, document: &Document) -> Result<(), StoreError> {
        let rewards = document.reward.iter().filter_map(|reward| Some((reward.id.clone(), reward.stock?)));
        let benefits = document.benefit.iter().filter_map(|benefit| Some((stock_name(&benefit.id), benefit.stock?)));
        for (name, stock) in rewards.chain(benefits) {
            let shards = Programme::stock_shards(stock);
            for shard in 0..shards {
                let share = stock / shards + u32::from(shard < stock % shards);
                let id = text(table::stock(&name, shard));
                self.put_if_absent([(table::ID.to_owned(), id), ("n".to_owned(), number(share))].into()).await?;
            }
        }
        Ok(())
    }

    /// How much is left of each reward that has a stock.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn stock_levels(&self, programme: &Programme) -> Result<Vec<StockLevel>, StoreError> {
        let mut levels = Vec::new();
        for reward in &programme.document().reward {
            let Some(stock) = reward.stock else { continue };
            let shards = self.stock_of(&reward.id, Programme::stock_shards(stock), false).await?;
            levels.push(StockLevel { reward: reward.id.clone(), left: shards.iter().map(|(_, left)| left).sum() });
        }
        Ok(levels)
    }

    async fn stock_of(&self, reward: &str, shards: u32, consistent: bool) -> Result<Vec<(u32, i64)>, StoreError> {
        let mut wanted: Vec<u32> = (0..shards).collect();
        let mut found = Vec::new();
        while !wanted.is_empty() {
            let keys = wanted
                .iter()
                .map(|shard| [(table::ID.to_owned(), text(table::stock(reward, *shard)))].into())
                .collect();
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
            let keys = keys?;
            let answer = self.dynamodb.batch_get_item().request_items(&self.tables.catalogue, keys).send().await?;
            let items = answer.responses.unwrap_or_default().remove(&self.tables.catalogue).unwrap_or_default();
            let before = found.len();
            for item in &items {
                let id = as_text(item.get(table::ID), table::ID)?;
                let shard =
                    id.rsplit('#').next().and_then(|shard| shard.parse().ok()).ok_or_else(|| damaged(table::ID))?;
                found.push((shard, as_number(item.get("n"), "n")?));
                wanted.retain(|other| *other != shard);
            }
            let unprocessed = answer.unprocessed_keys.is_some_and(|left| !left.is_empty());
            if !unprocessed || planted!("bug-unprocessed-keys-ignored") {
                break;
            }
            if found.len() == before {
                return Err(StoreError::unavailable("the catalogue is throttled"));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// From which shards to take pieces; empty if there are not enough.
    pub(crate) async fn stock_plan(
        &self,
        reward: &str,
        quantity: u32,
        shards: u32,
    ) -> Result<Vec<(u32, i64)>, StoreError> {
        let mut stock = self.stock_of(reward, shards, true).await?;
        stock.sort_by_key(|(shard, left)| (std::cmp::Reverse(*left), *shard));
        let mut wanted = i64::from(quantity);
        let mut plan = Vec::new();
        for (shard, left) in stock {
            let taken = wanted.min(left);
            if taken > 0 {
                plan.push((shard, taken));
                wanted -= taken;
            }
        }
        Ok(if wanted == 0 { plan } else { Vec::new() })
    }
}
