//! Stock, spread over shards.

use domain::ledger::benefit::stock_name;
use domain::programme::compiled::Programme;
use domain::programme::document::Document;

use crate::attribute::{number, text};
use crate::effect::Pool;
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
                let id = text(table::counter(&table::stock(&name), shard));
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
            let shards = self.left_in(&self.stock(&reward.id, Programme::stock_shards(stock)), false).await?;
            levels.push(StockLevel { reward: reward.id.clone(), left: shards.iter().map(|(_, left)| left).sum() });
        }
        Ok(levels)
    }

    /// The counter of a reward's stock.
    pub(crate) fn stock(&self, reward: &str, shards: u32) -> Pool<'_> {
        Pool { table: &self.tables.catalogue, key: table::ID, counter: table::stock(reward), shards }
    }
}
