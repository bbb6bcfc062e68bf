//! The table `stock`: pieces that are left, spread over shards.
//!
//! | item | what it holds |
//! |---|---|
//! | `c#NAME` | `given`: how many pieces were laid in so far |
//! | `c#NAME#SHARD` | `n`: how many of them are left there |
//! | `r#OPERATION` | what was laid in by hand: content, stock, add, reason, by, at, what it came to, and `a`, the check of all that |
//!
//! Counters are changed in place by whoever takes, so that they do not wait for one another; no check can follow that.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::kernel::refusal::Reused;
use domain::kernel::stamp::Stamp;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use domain::programme::stock::{Level, Levels, Restock, Restocked, Restocking, Step, restock};

use crate::attribute::{Item, as_bytes, as_number, bytes, instant, number, text};
use crate::catalogue::put_new_item;
use crate::check::{checked, put_check};
use crate::effect::Pool;
use crate::error::Damage;
use crate::race::Patience;
use crate::{Store, StoreError, table};

/// A stock is not what was written.
fn broken(damage: Damage) -> StoreError {
    StoreError::StockDamaged(damage.of(table::STOCK))
}

/// How much of a reward is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// The reward.
    pub reward: String,
    /// Pieces, over all shards.
    pub left: i64,
}

impl Store {
    /// How much is left of each reward that has a stock in the version in force.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn stock_levels(
        &self,
        programmes: &Programmes,
        now: jiff::Timestamp,
    ) -> Result<Vec<StockLevel>, StoreError> {
        let mut levels = Vec::new();
        for reward in programmes.at(now).document().reward.iter().filter(|reward| reward.stock.is_some()) {
            let left = self.stock_left(&reward.id, programmes).await?;
            levels.push(StockLevel { reward: reward.id.clone(), left });
        }
        Ok(levels)
    }

    /// How much is left of a stock.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn stock_left(&self, name: &str, programmes: &Programmes) -> Result<i64, StoreError> {
        let shards = self.left_in(&self.stock(name, programmes.shards_of(name)), false).await?;
        Ok(shards.iter().map(|(_, left)| left).sum())
    }

    /// How stocks stand, read strongly.
    pub(crate) async fn levels(&self, names: &BTreeSet<String>, programmes: &Programmes) -> Result<Levels, StoreError> {
        let mut levels = Levels::new();
        for name in names {
            let Some(item) = self.shared_item(&self.tables.stock, &table::stock(name)).await? else { continue };
            let given = as_number(item.get("given"), "given").map_err(broken)?;
            let shards = self.left_in(&self.stock(name, programmes.shards_of(name)), true).await?;
            levels.insert(name.clone(), Level { given, left: shards.into_iter().collect() });
        }
        Ok(levels)
    }

    /// Lays pieces in, once for each operation: what it came to is kept beside, and says who did it and why.
    ///
    /// # Errors
    /// Others write the same all the time ([`StoreError::Busy`]), or what DynamoDB says; inside, why it is refused.
    pub async fn restock(
        &self,
        command: &Restock,
        stamp: &Stamp,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Result<(Restocked, bool), Restocking>, StoreError> {
        loop {
            if let Some(item) = self.shared_item(&self.tables.stock, &table::restocked(stamp.operation)).await? {
                let [] = checked(&item).map_err(broken)?;
                let content: [u8; 8] = as_bytes(item.get("content"), "content").map_err(broken)?;
                if content != stamp.content.0 {
                    return Ok(Err(Reused::KeyReused.into()));
                }
                let number = |name| as_number(item.get(name), name).map_err(broken);
                return Ok(Ok((Restocked { given: number("given")?, left: number("left")? }, true)));
            }
            let named = Some(command.name.clone()).filter(|name| setting.programmes.have_stock(name));
            let levels = self.levels(&named.into_iter().collect(), setting.programmes).await?;
            let shards = setting.programmes.shards_of(&command.name);
            let (steps, restocked) = match restock(command, shards, levels.get(&command.name)) {
                Ok(decided) => decided,
                Err(refused) => return Ok(Err(refused)),
            };
            let mut row: Item = [
                (table::ID.to_owned(), text(table::restocked(stamp.operation))),
                ("content".to_owned(), bytes(&stamp.content.0)),
                ("stock".to_owned(), text(&command.name)),
                ("add".to_owned(), number(command.add)),
                ("reason".to_owned(), text(&command.reason)),
                ("by".to_owned(), text(&command.by)),
                ("at".to_owned(), instant(setting.now)),
                ("given".to_owned(), number(restocked.given)),
                ("left".to_owned(), number(restocked.left)),
            ]
            .into();
            put_check(&mut row, &[]);
            let mut writes = vec![put_new_item(&self.tables.stock, row)?];
            for step in &steps {
                writes.push(self.stock_write(step)?);
            }
            if self.transact_all(writes).await? {
                return Ok(Ok((restocked, false)));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    /// The write of a step.
    pub(crate) fn stock_write(&self, step: &Step) -> Result<TransactWriteItem, BuildError> {
        let Step { name, shard, by, new } = step;
        let counter = table::stock(name);
        let (id, attribute) = match shard {
            Some(shard) => (table::counter(&counter, *shard), "n"),
            None => (counter, "given"),
        };
        if *new {
            let item: Item = [(table::ID.to_owned(), text(id)), (attribute.to_owned(), number(by))].into();
            return put_new_item(&self.tables.stock, item);
        }
        let update = Update::builder().table_name(&self.tables.stock).key(table::ID, text(id));
        let update = if *by < 0 {
            let update = update.update_expression("SET #left = #left - :taken").condition_expression("#left >= :taken");
            let update = update.expression_attribute_names("#left", attribute);
            update.expression_attribute_values(":taken", number(by.saturating_neg()))
        } else {
            let update = update.update_expression("ADD #left :more").expression_attribute_names("#left", attribute);
            update.expression_attribute_values(":more", number(by))
        };
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// The counter of a stock.
    pub(crate) fn stock(&self, name: &str, shards: u32) -> Pool<'_> {
        Pool { table: &self.tables.stock, key: table::ID, counter: table::stock(name), shards }
    }
}
