//! Programme versions: documents, and the list of which is in force from when.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::{Hash, canonical_json};
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::document::Document;
use domain::programme::publication::{Published, Version, publish};
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, instant, number, text};
use crate::error::{Damage, contradicts, damaged};
use crate::{Store, StoreError, table};

/// The list of versions as stored.
struct Index {
    revision: u64,
    versions: Vec<Version>,
}

impl Store {
    /// Loads every programme version; those in `known` are not read again.
    ///
    /// # Errors
    /// Nothing is published yet, or what DynamoDB says.
    pub async fn programmes(&self, known: &Programmes) -> Result<Programmes, StoreError> {
        let index = self.programme_index().await?;
        if index.versions.is_empty() {
            return Err(StoreError::unavailable("no programme is published yet"));
        }
        let mut versions = Vec::new();
        for Version { number, from, .. } in index.versions {
            let programme = match known.numbered(number) {
                Some(programme) => Arc::clone(programme),
                None => Arc::new(self.load_programme(number).await?),
            };
            versions.push((from, programme));
        }
        Ok(Programmes::new(versions))
    }

    async fn load_programme(&self, number: u32) -> Result<Programme, StoreError> {
        let item = self.catalogue_item(&table::programme(number)).await?.ok_or_else(|| damaged("programme"))?;
        let document: Document = serde_json::from_str(as_text(item.get("document"), "document")?)
            .map_err(|_not_one| damaged("document").of(table::CATALOGUE))?;
        // What was published has been checked; a version that can no longer be compiled is damaged.
        Ok(Programme::compile(number, document).map_err(|_findings| contradicts("document").of(table::CATALOGUE))?)
    }

    async fn programme_index(&self) -> Result<Index, StoreError> {
        let Some(item) = self.catalogue_item(table::PROGRAMME).await? else {
            return Ok(Index { revision: 0, versions: Vec::new() });
        };
        let version = |value: &AttributeValue| {
            let parts = as_list(Some(value), "versions")?;
            let hash = Hash(as_bytes(parts.get(2), "versions")?);
            let (number, from) = (as_number(parts.first(), "versions")?, as_instant(parts.get(1), "versions")?);
            Ok(Version { number, from, hash })
        };
        let versions = as_list(item.get("versions"), "versions")?.iter().map(version).collect::<Result<_, Damage>>()?;
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
        let json = serde_json::to_value(document).map_err(|error| StoreError::Bug(Arc::new(error)))?;
        let canonical = canonical_json(&json);
        let hash = Hash::of(&canonical);
        let index = self.programme_index().await?;
        self.lay_in_stock(document).await?;
        let secret: Item =
            [(table::ID.to_owned(), text(table::VOUCHER_SECRET)), ("secret".to_owned(), bytes(&secret))].into();
        self.put_if_absent(secret).await?;
        let published = publish(&index.versions, hash);
        let Published::New { number: count } = published else { return Ok(published) };
        let item = [
            (table::ID.to_owned(), text(table::programme(count))),
            ("version".to_owned(), text(&document.programme.rules_version)),
            ("document".to_owned(), text(canonical)),
        ];
        // A document left behind by a crash before the list was written is replaced: nobody has seen it.
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).set_item(Some(item.into()));
        put.send().await?;
        let versions = index.versions.iter().copied().chain([Version { number: count, from, hash }]);
        let versions = versions.map(|version| {
            AttributeValue::L(vec![number(version.number), instant(version.from), bytes(&version.hash.0)])
        });
        let list: Item = [
            (table::ID.to_owned(), text(table::PROGRAMME)),
            ("revision".to_owned(), number(index.revision + 1)),
            ("versions".to_owned(), AttributeValue::L(versions.collect())),
        ]
        .into();
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).set_item(Some(list));
        let put = put.condition_expression("attribute_not_exists(id) OR revision = :revision");
        match put.expression_attribute_values(":revision", number(index.revision)).send().await {
            Ok(_) => Ok(published),
            Err(error)
                if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) =>
            {
                Err(StoreError::Busy)
            }
            Err(error) => Err(error.into()),
        }
    }
}
