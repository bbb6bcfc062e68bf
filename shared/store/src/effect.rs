//! What a change touches beside its item, in the same transaction: claims, counters, rows.
//!
//! | | kept as | written if |
//! |---|---|---|
//! | claim | its key, `owner` | put if absent; deleted under its owner |
//! | counter | `NAME#SHARD`, `n` left | `n >= :taken`; first from the taker's own shard, then by a plan over all |
//! | row | its key and what it says | put if absent |

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use domain::kernel::canonical::Hash;
use domain::kernel::change::{Counter, Effect, Key};

use crate::attribute::{Item, as_number, from_json, number, text};
use crate::error::damaged;
use crate::table::Table;
use crate::{Store, StoreError, table};

/// A counter where it is deployed, spread over shards.
pub(crate) struct Pool<'a> {
    pub(crate) table: &'a str,
    /// The name of its hash key.
    pub(crate) key: &'static str,
    pub(crate) counter: String,
    pub(crate) shards: u32,
}

impl Pool<'_> {
    /// The shard at which somebody looks first: everybody is spread over all of them.
    pub(crate) fn own_shard(&self, taker: &str) -> u32 {
        u32::from(Hash::of(taker).0[1]) % self.shards.max(1)
    }

    /// Takes from a shard that holds as much.
    fn take(&self, shard: u32, n: i64) -> Result<TransactWriteItem, BuildError> {
        let update = self.update(shard).update_expression("SET n = n - :taken").condition_expression("n >= :taken");
        let update = update.expression_attribute_values(":taken", number(n)).build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Gives back to a shard.
    pub(crate) fn give_back(&self, shard: u32, n: u32) -> Result<TransactWriteItem, BuildError> {
        let update = self.update(shard).update_expression("ADD n :back");
        let update = update.expression_attribute_values(":back", number(n)).build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn update(&self, shard: u32) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder().table_name(self.table).key(self.key, text(table::counter(&self.counter, shard)))
    }
}

/// A write beside the item, and what it means that its condition does not hold.
pub(crate) struct Beside {
    pub(crate) write: TransactWriteItem,
    /// It is one shard of a counter: the others have not been looked at yet.
    pub(crate) one_shard: bool,
}

impl Store {
    /// The writes of one effect; none if its counter holds too little.
    pub(crate) async fn beside(
        &self,
        tables: &[Table],
        effect: &Effect,
        taker: &Key,
        first: bool,
    ) -> Result<Vec<Beside>, StoreError> {
        let beside = |write| Beside { write, one_shard: false };
        let named = |name: &str| {
            let table = tables.iter().find(|table| table.name == name);
            table.ok_or_else(|| StoreError::bug("an effect is in a table that is not declared"))
        };
        let taker = taker.to_string();
        Ok(match effect {
            Effect::Claim { claim, owner } => {
                let mut item = named(claim.table)?.key(&claim.key);
                item.insert("owner".to_owned(), text(&owner.0));
                vec![beside(self.put_new(named(claim.table)?, item)?)]
            }
            Effect::Unclaim { claim, owner } => {
                let table = named(claim.table)?;
                let delete = Delete::builder().table_name(self.tables.of(table)?).set_key(Some(table.key(&claim.key)));
                let delete =
                    delete.condition_expression("#owner = :owner").expression_attribute_names("#owner", "owner");
                let delete = delete.expression_attribute_values(":owner", text(&owner.0)).build()?;
                vec![beside(TransactWriteItem::builder().delete(delete).build())]
            }
            Effect::Take { counter, shards, n } => {
                let pool = self.pool(named(counter.table)?, counter, *shards)?;
                let taken = self.take(&pool, &taker, *n, first).await?;
                taken.into_iter().map(|write| Beside { write, one_shard: true }).collect()
            }
            Effect::Return { counter, shards, n } => {
                let pool = self.pool(named(counter.table)?, counter, *shards)?;
                vec![beside(pool.give_back(pool.own_shard(&taker), *n)?)]
            }
            Effect::Row(row) => {
                let mut item = named(row.table)?.key(&row.key);
                item.extend(row.fields.iter().map(|(name, value)| (name.clone(), from_json(value))));
                vec![beside(self.put_new(named(row.table)?, item)?)]
            }
        })
    }

    /// Takes from a counter; no writes if it holds too little. At the first try the taker's own shard is taken from, unseen; only
    /// if that is empty all are looked at.
    pub(crate) async fn take(
        &self,
        pool: &Pool<'_>,
        taker: &str,
        n: u32,
        first: bool,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let plan = if first { vec![(pool.own_shard(taker), i64::from(n))] } else { self.plan(pool, n).await? };
        Ok(plan.into_iter().map(|(shard, n)| pool.take(shard, n)).collect::<Result<_, _>>()?)
    }

    /// Puts an item under a key that has none.
    fn put_new(&self, table: &Table, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.tables.of(table)?).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", table.hash);
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    fn pool(&self, table: &Table, counter: &Counter, shards: u32) -> Result<Pool<'_>, StoreError> {
        Ok(Pool { table: self.tables.of(table)?, key: table.hash, counter: counter.name.clone(), shards })
    }

    /// How much each shard holds.
    pub(crate) async fn left_in(&self, pool: &Pool<'_>, consistent: bool) -> Result<Vec<(u32, i64)>, StoreError> {
        let wanted: Vec<String> = (0..pool.shards).map(|shard| table::counter(&pool.counter, shard)).collect();
        let mut found = Vec::new();
        for (id, item) in self.items_of(pool.table, pool.key, &wanted, consistent).await? {
            let shard = id.rsplit('#').next().and_then(|shard| shard.parse().ok()).ok_or_else(|| damaged(pool.key))?;
            found.push((shard, as_number(item.get("n"), "n")?));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// From which shards to take, the fullest first; empty if there is not enough.
    async fn plan(&self, pool: &Pool<'_>, n: u32) -> Result<Vec<(u32, i64)>, StoreError> {
        let mut shards = self.left_in(pool, true).await?;
        shards.sort_by_key(|(shard, left)| (std::cmp::Reverse(*left), *shard));
        let mut wanted = i64::from(n);
        let mut plan = Vec::new();
        for (shard, left) in shards {
            let taken = wanted.min(left);
            if taken > 0 {
                plan.push((shard, taken));
                wanted -= taken;
            }
        }
        Ok(if wanted == 0 { plan } else { Vec::new() })
    }
}
