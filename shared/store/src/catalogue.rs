//! The table `catalogue`: programme versions, stock, vouchers; and the index of due accounts.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure};
use domain::kernel::canonical::{Hash, canonical_json};
use domain::ledger::benefit::stock_name;
use domain::ledger::voucher::VoucherCode;
use domain::planted;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::document::Document;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_list, as_number, as_text, broken, bytes, instant, number, text};
use crate::{Store, StoreError, keys};

/// What a publication did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// The version is new.
    New {
        /// Its number.
        number: u32,
    },
    /// This very document was published last.
    Unchanged {
        /// Its number.
        number: u32,
    },
}

/// How much of a reward is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// The reward.
    pub reward: String,
    /// Pieces, over all shards.
    pub left: i64,
}

/// A voucher as stored, without its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Whose.
    pub member: String,
    /// Of which reward.
    pub reward: String,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

/// What became of the use of a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoucherUse {
    /// It is used now.
    Used(Voucher),
    /// The same request used it before.
    Repeated(Voucher),
    /// It had been used.
    AlreadyUsed,
    /// It was voided, or its time is over.
    NotValid(&'static str),
    /// There is no such voucher.
    Unknown,
}

/// The list of versions as stored.
struct Index {
    revision: u64,
    versions: Vec<(u32, Timestamp, Hash)>,
}

impl Store {
    /// Loads every programme version; those in `known` are not read again.
    ///
    /// # Errors
    /// Nothing is published yet, or what DynamoDB says.
    pub async fn programmes(&self, known: &Programmes) -> Result<Programmes, StoreError> {
        let index = self.programme_index().await?;
        if index.versions.is_empty() {
            return Err(StoreError::Unavailable("no programme is published yet".to_owned()));
        }
        let mut versions = Vec::new();
        for (number, from, _) in index.versions {
            let programme = match known.numbered(number) {
                Some(programme) => Arc::clone(programme),
                None => Arc::new(self.load_programme(number).await?),
            };
            versions.push((from, programme));
        }
        Ok(Programmes::new(versions))
    }

    async fn load_programme(&self, number: u32) -> Result<Programme, StoreError> {
        let item = self.catalogue_item(&keys::programme(number)).await?.ok_or_else(|| broken("programme"))?;
        let document: Document = serde_json::from_str(as_text(item.get("document"), "document")?)
            .map_err(|error| StoreError::Broken(format!("programme {number}: {error}")))?;
        Programme::compile(number, document)
            .map_err(|problems| StoreError::Broken(format!("programme {number}: {problems:?}")))
    }

    async fn programme_index(&self) -> Result<Index, StoreError> {
        let Some(item) = self.catalogue_item(keys::PROGRAMME).await? else {
            return Ok(Index { revision: 0, versions: Vec::new() });
        };
        let version = |value: &AttributeValue| {
            let parts = as_list(Some(value), "versions")?;
            let hash = Hash(as_bytes(parts.get(2), "versions")?);
            Ok((as_number(parts.first(), "versions")?, as_instant(parts.get(1), "versions")?, hash))
        };
        let versions =
            as_list(item.get("versions"), "versions")?.iter().map(version).collect::<Result<_, StoreError>>()?;
        Ok(Index { revision: as_number(item.get("revision"), "revision")?, versions })
    }

    /// Publishes a checked document, in force from an instant; stock of rewards that have none yet is laid in. Safe to
    /// repeat after a crash at any point.
    ///
    /// # Errors
    /// Somebody else published at the same time ([`StoreError::Busy`]), or what DynamoDB says.
    pub async fn publish(
        &self,
        document: &Document,
        from: Timestamp,
        secret: [u8; 32],
    ) -> Result<Published, StoreError> {
        let json = serde_json::to_value(document).map_err(|error| StoreError::Broken(error.to_string()))?;
        let canonical = canonical_json(&json);
        let hash = Hash::of(&canonical);
        let index = self.programme_index().await?;
        self.lay_in_stock(document).await?;
        let secret: Item =
            [(keys::ID.to_owned(), text(keys::VOUCHER_SECRET)), ("secret".to_owned(), bytes(&secret))].into();
        self.put_if_absent(secret).await?;
        if let Some((number, _, last)) = index.versions.last()
            && *last == hash
        {
            return Ok(Published::Unchanged { number: *number });
        }
        let count = index.versions.last().map_or(1, |(number, _, _)| number + 1);
        let item = [
            (keys::ID.to_owned(), text(keys::programme(count))),
            ("version".to_owned(), text(&document.programme.rules_version)),
            ("document".to_owned(), text(canonical)),
        ];
        // A document left behind by a crash before the list was written is replaced: nobody has seen it.
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).set_item(Some(item.into()));
        put.send().await?;
        let versions = index.versions.iter().copied().chain([(count, from, hash)]);
        let versions = versions
            .map(|(count, from, Hash(hash))| AttributeValue::L(vec![number(count), instant(from), bytes(&hash)]));
        let list: Item = [
            (keys::ID.to_owned(), text(keys::PROGRAMME)),
            ("revision".to_owned(), number(index.revision + 1)),
            ("versions".to_owned(), AttributeValue::L(versions.collect())),
        ]
        .into();
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).set_item(Some(list));
        let put = put.condition_expression("attribute_not_exists(id) OR revision = :revision");
        match put.expression_attribute_values(":revision", number(index.revision)).send().await {
            Ok(_) => Ok(Published::New { number: count }),
            Err(error)
                if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) =>
            {
                Err(StoreError::Busy)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn lay_in_stock(&self, document: &Document) -> Result<(), StoreError> {
        let rewards = document.reward.iter().filter_map(|reward| Some((reward.id.clone(), reward.stock?)));
        let benefits = document.benefit.iter().filter_map(|benefit| Some((stock_name(&benefit.id), benefit.stock?)));
        for (name, stock) in rewards.chain(benefits) {
            let shards = Programme::stock_shards(stock);
            for shard in 0..shards {
                let share = stock / shards + u32::from(shard < stock % shards);
                let id = text(keys::stock(&name, shard));
                self.put_if_absent([(keys::ID.to_owned(), id), ("n".to_owned(), number(share))].into()).await?;
            }
        }
        Ok(())
    }

    async fn put_if_absent(&self, item: Item) -> Result<(), StoreError> {
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).set_item(Some(item));
        match put.condition_expression("attribute_not_exists(id)").send().await {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The secret under which voucher codes are derived. It never changes, so it is read once.
    ///
    /// # Errors
    /// Nothing is published yet, or what DynamoDB says.
    pub async fn voucher_secret(&self) -> Result<[u8; 32], StoreError> {
        if let Some(secret) = self.voucher_secret.get() {
            return Ok(*secret);
        }
        let item = self.catalogue_item(keys::VOUCHER_SECRET).await?.ok_or_else(|| broken("secret"))?;
        let secret = as_bytes(item.get("secret"), "secret")?;
        Ok(*self.voucher_secret.get_or_init(|| secret))
    }

    /// Marks a voucher used.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn use_voucher(&self, code: &VoucherCode, by: &str, now: Timestamp) -> Result<VoucherUse, StoreError> {
        let update = self.dynamodb.update_item().table_name(&self.tables.catalogue);
        let update = update.key(keys::ID, text(keys::voucher(code.hash())));
        let update = update.update_expression("SET #state = :used, used_by = :by");
        let update = update.condition_expression(if planted!("bug-voucher-used-twice") {
            "expires_at > :now AND #state = :issued OR #state = :used"
        } else {
            "expires_at > :now AND #state = :issued"
        });
        let update =
            update.expression_attribute_names("#state", "state").expression_attribute_values(":used", text("used"));
        let update =
            update.expression_attribute_values(":issued", text("issued")).expression_attribute_values(":by", text(by));
        let update = update.expression_attribute_values(":now", instant(now));
        let update = update.return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew);
        let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(done) => voucher(&done.attributes.unwrap_or_default()).map(VoucherUse::Used),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => match &failed.item {
                    None => Ok(VoucherUse::Unknown),
                    Some(item) => Ok(match as_text(item.get("state"), "state")? {
                        "used" if as_text(item.get("used_by"), "used_by")? == by => {
                            VoucherUse::Repeated(voucher(item)?)
                        }
                        "used" => VoucherUse::AlreadyUsed,
                        "void" => VoucherUse::NotValid("void"),
                        _ => VoucherUse::NotValid("expired"),
                    }),
                },
                _ => Err(error.into()),
            },
        }
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
            let keys =
                wanted.iter().map(|shard| [(keys::ID.to_owned(), text(keys::stock(reward, *shard)))].into()).collect();
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
            let keys = keys.map_err(|error| StoreError::Broken(error.to_string()))?;
            let answer = self.dynamodb.batch_get_item().request_items(&self.tables.catalogue, keys).send().await?;
            let items = answer.responses.unwrap_or_default().remove(&self.tables.catalogue).unwrap_or_default();
            let before = found.len();
            for item in &items {
                let id = as_text(item.get(keys::ID), keys::ID)?;
                let shard =
                    id.rsplit('#').next().and_then(|shard| shard.parse().ok()).ok_or_else(|| broken(keys::ID))?;
                found.push((shard, as_number(item.get("n"), "n")?));
                wanted.retain(|other| *other != shard);
            }
            let unprocessed = answer.unprocessed_keys.is_some_and(|left| !left.is_empty());
            if !unprocessed || planted!("bug-unprocessed-keys-ignored") {
                break;
            }
            if found.len() == before {
                return Err(StoreError::Unavailable("the catalogue is throttled".to_owned()));
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

    /// Members of one shard to which time has done something by an instant; all pages of the answer.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_by(
        &self,
        shard: u32,
        instant: Timestamp,
    ) -> Result<Vec<domain::kernel::id::MemberId>, StoreError> {
        let mut members = Vec::new();
        let mut start = None;
        loop {
            let query = self.dynamodb.query().table_name(&self.tables.accounts).index_name(keys::DUE_INDEX);
            let query = query.key_condition_expression("#shard = :shard AND #at <= :at");
            let query = query.expression_attribute_names("#shard", keys::DUE_SHARD);
            let query = query.expression_attribute_names("#at", keys::DUE_AT);
            let query = query.expression_attribute_values(":shard", number(shard));
            let query = query.expression_attribute_values(":at", crate::attribute::instant(instant));
            let found = query.set_exclusive_start_key(start).send().await?;
            for item in found.items.unwrap_or_default() {
                members.push(as_text(item.get(keys::MEMBER), keys::MEMBER)?.parse().map_err(StoreError::Broken)?);
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || planted!("bug-sweep-reads-one-page") {
                return Ok(members);
            }
        }
    }

    /// Read strongly: what was published a moment ago must be there, and it is read rarely.
    async fn catalogue_item(&self, id: &str) -> Result<Option<Item>, StoreError> {
        let call = self.dynamodb.get_item().table_name(&self.tables.catalogue).key(keys::ID, text(id));
        Ok(call.consistent_read(true).send().await?.item)
    }
}

fn voucher(item: &Item) -> Result<Voucher, StoreError> {
    Ok(Voucher {
        member: as_text(item.get("member"), "member")?.to_owned(),
        reward: as_text(item.get("reward"), "reward")?.to_owned(),
        expires_at: as_instant(item.get("expires_at"), "expires_at")?,
    })
}
