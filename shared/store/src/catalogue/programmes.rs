//! Programme versions: documents by their hash, and the list of which is in force from when.
//!
//! | item | what it holds |
//! |---|---|
//! | `programme` | `revision`, and `versions`: number, from, hash, by, at, oldest first; `a`, the check of the item |
//! | `doc#HASH` | `document`: the canonical text; never overwritten |
//!
//! A publication is one transaction under the list's revision: the document if it is not there, the list, what moves in the stocks.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::kernel::canonical::Hash;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::document::Document;
use domain::programme::publication::{
    Decision, Edition, Publication, Published, Publishing, Request, State, Version, publish,
};

use crate::attribute::{Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, instant, number, text};
use crate::catalogue::put_new_item;
use crate::check::{checked, put_check};
use crate::error::{Damage, contradicts, damaged};
use crate::{Store, StoreError, table};

/// How often a publication is decided again when something else is written at the same time.
const TRIES: u32 = 5;

/// The list of versions as stored.
struct Index {
    revision: u64,
    versions: Vec<Version>,
}

impl Store {
    /// Loads every programme version; those in `known` are not read again.
    ///
    /// # Errors
    /// Nothing is published yet, a version is not what was published, or what DynamoDB says.
    pub async fn programmes(&self, known: &Programmes) -> Result<Programmes, StoreError> {
        let editions = self.editions_of(self.programme_index().await?, known).await?;
        if editions.is_empty() {
            // What was there before is gone; or nobody has published anything.
            let lost = known.numbered(1).is_some();
            return Err(if lost {
                broken(damaged("versions"))
            } else {
                StoreError::unavailable("no programme is published yet")
            });
        }
        Ok(programmes_of(&editions))
    }

    /// Every version that was published, oldest first.
    ///
    /// # Errors
    /// A version is not what was published, or what DynamoDB says.
    pub async fn editions(&self) -> Result<Vec<Edition>, StoreError> {
        self.editions_of(self.programme_index().await?, &Programmes::default()).await
    }

    async fn editions_of(&self, index: Index, known: &Programmes) -> Result<Vec<Edition>, StoreError> {
        let mut editions: Vec<Edition> = Vec::new();
        for version in index.versions {
            let programme = match known.numbered(version.number) {
                Some(programme) if programme.hash == version.hash => Arc::clone(programme),
                Some(_) => return Err(StoreError::ProgrammeDamaged(contradicts("versions").of(table::CATALOGUE))),
                None => Arc::new(self.load_programme(version.number, version.hash).await?),
            };
            editions.push(Edition { version, programme });
        }
        Ok(editions)
    }

    async fn load_programme(&self, number: u32, hash: Hash) -> Result<Programme, StoreError> {
        let item = self
            .shared_item(&self.tables.catalogue, &table::document(hash))
            .await?
            .ok_or_else(|| broken(damaged("document")))?;
        let canonical = as_text(item.get("document"), "document").map_err(broken)?;
        if Hash::of(canonical) != hash {
            return Err(broken(contradicts("document")));
        }
        let document: Document = serde_json::from_str(canonical).map_err(|_not_one| broken(damaged("document")))?;
        Programme::published(number, hash, document).map_err(|_findings| broken(contradicts("document")))
    }

    async fn programme_index(&self) -> Result<Index, StoreError> {
        let Some(item) = self.shared_item(&self.tables.catalogue, table::PROGRAMME).await? else {
            return Ok(Index { revision: 0, versions: Vec::new() });
        };
        decode(&item).map_err(broken)
    }

    /// Publishes a checked document: everything that it brings is written, or nothing. Safe to repeat: the newest document again is no
    /// news.
    ///
    /// # Errors
    /// Others write the same all the time ([`StoreError::Busy`]), or what DynamoDB says; inside, why the document is refused.
    pub async fn publish(&self, request: Request<'_>) -> Result<Result<Published, Publishing>, StoreError> {
        let names: BTreeSet<String> = request.document.stocks().map(|(name, _)| name).collect();
        let mut known = Programmes::default();
        for again in 1..=TRIES {
            let index = self.programme_index().await?;
            let revision = index.revision;
            let editions = self.editions_of(index, &known).await?;
            known = programmes_of(&editions);
            let levels = self.levels(&names, &known).await?;
            let used = self.is_used().await?;
            if used && editions.is_empty() {
                return Err(broken(damaged("versions"))); // entries are of versions that are gone
            }
            let state = State { editions: &editions, used, levels: &levels };
            let publication = match publish(request, state) {
                Ok(Decision::New(publication)) => publication,
                Ok(Decision::Unchanged(version)) => {
                    return Ok(Ok(Published { version, unchanged: true, moved: false }));
                }
                Err(refused) => return Ok(Err(refused)),
            };
            if self.write_publication(&publication, (revision, &editions)).await? {
                let Publication { version, moved, .. } = publication;
                return Ok(Ok(Published { version, unchanged: false, moved }));
            }
            tokio::time::sleep(Duration::from_millis(50).saturating_mul(again)).await;
        }
        Err(StoreError::Busy)
    }

    /// Writes all of a publication; false if something of it was written by others meanwhile, and nothing was.
    async fn write_publication(
        &self,
        publication: &Publication,
        (revision, editions): (u64, &[Edition]),
    ) -> Result<bool, StoreError> {
        let Publication { version, canonical, stock, .. } = publication;
        let versions = editions.iter().map(|edition| &edition.version).chain([version]).map(encode);
        let mut list: Item = [
            (table::ID.to_owned(), text(table::PROGRAMME)),
            ("revision".to_owned(), number(revision.saturating_add(1))),
            ("versions".to_owned(), AttributeValue::L(versions.collect())),
        ]
        .into();
        put_check(&mut list, &[]);
        let condition = if revision == 0 { "attribute_not_exists(id)" } else { "revision = :revision" };
        let list =
            Put::builder().table_name(&self.tables.catalogue).set_item(Some(list)).condition_expression(condition);
        let list = if revision == 0 { list } else { list.expression_attribute_values(":revision", number(revision)) };
        let mut writes = vec![TransactWriteItem::builder().put(list.build()?).build()];
        if !editions.iter().any(|edition| edition.version.hash == version.hash) {
            let id = text(table::document(version.hash));
            let document = [(table::ID.to_owned(), id), ("document".to_owned(), text(canonical))].into();
            writes.push(put_new_item(&self.tables.catalogue, document)?);
        }
        for step in stock {
            writes.push(self.stock_write(step)?);
        }
        self.transact_all(writes).await
    }

    /// Is anything in the ledger? For those who publish; no function may ask.
    async fn is_used(&self) -> Result<bool, StoreError> {
        let first = self.dynamodb.scan().table_name(&self.tables.accounts).limit(1).send().await?;
        Ok(!first.items().is_empty())
    }
}

fn programmes_of(editions: &[Edition]) -> Programmes {
    Programmes::new(editions.iter().map(|edition| (edition.version.from, Arc::clone(&edition.programme))).collect())
}

/// The programme is not what was published.
fn broken(damage: Damage) -> StoreError {
    StoreError::ProgrammeDamaged(damage.of(table::CATALOGUE))
}

fn encode(version: &Version) -> AttributeValue {
    let Version { number: counted, from, hash, by, at } = version;
    AttributeValue::L(vec![number(counted), instant(*from), bytes(&hash.0), text(by), instant(*at)])
}

/// Numbers count from 1 without gaps, and no version begins before the one before it.
fn decode(item: &Item) -> Result<Index, Damage> {
    let [] = checked(item)?;
    let mut versions: Vec<Version> = Vec::new();
    for value in as_list(item.get("versions"), "versions")? {
        let parts = as_list(Some(value), "versions")?;
        let version = Version {
            number: as_number(parts.first(), "versions")?,
            from: as_instant(parts.get(1), "versions")?,
            hash: Hash(as_bytes(parts.get(2), "versions")?),
            by: as_text(parts.get(3), "versions")?.to_owned(),
            at: as_instant(parts.get(4), "versions")?,
        };
        let (number, from) = versions.last().map_or((0, version.from), |last| (last.number, last.from));
        if version.number != number.saturating_add(1) || version.from < from {
            return Err(contradicts("versions"));
        }
        versions.push(version);
    }
    Ok(Index { revision: as_number(item.get("revision"), "revision")?, versions })
}
