//! The journeys that stand still, as one item of `care`.
//!
//! | attribute | |
//! |---|---|
//! | `j` | journeys, by name: `r` why, `b` who said so, `a` since when |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::care::{Pause, Pauses};
use domain::kernel::change::Key;
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::aggregate::{Read, Ring, Stored};
use crate::attribute::{Item, as_instant, as_map, as_text, instant, put, text};
use crate::error::Damage;
use crate::table::{CARE, Table};
use crate::{Store, StoreError};

impl Stored for Pauses {
    const TABLE: Table = CARE;
    const BESIDE: &'static [Table] = &[];
    const LARGEST: usize = 256 * 1024;
    const KEEPS: Ring = Ring::USUAL;

    fn new(_: &Key) -> Self {
        Self::default()
    }

    fn encode(&self, item: &mut Item) {
        let pause = |Pause { reason, by, at }: &Pause| {
            let fields = [("r", text(reason)), ("b", text(by)), ("a", instant(*at))];
            AttributeValue::M(fields.map(|(name, value)| (name.to_owned(), value)).into())
        };
        let paused = self.paused.iter().map(|(journey, paused)| (journey.clone(), pause(paused)));
        put(item, "j", AttributeValue::M(paused.collect()));
    }

    fn decode(_: &Key, item: &Item) -> Result<Self, Damage> {
        let pause = |(journey, value): (&String, &AttributeValue)| {
            let fields: Item =
                as_map(Some(value), "j")?.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let words = |name: &str| as_text(fields.get(name), "j").map(str::to_owned);
            Ok((journey.clone(), Pause { reason: words("r")?, by: words("b")?, at: as_instant(fields.get("a"), "j")? }))
        };
        Ok(Self { paused: as_map(item.get("j"), "j")?.into_iter().map(pause).collect::<Result<_, Damage>>()? })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        None
    }
}

impl Store {
    /// Where the journeys that stand still are kept. No member is called so.
    #[must_use]
    pub fn pauses_key() -> Key {
        Key::pair("#journeys", "paused")
    }

    /// The journeys that stand still.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn pauses(&self) -> Result<Pauses, StoreError> {
        Ok(self.get(&Self::pauses_key(), Read::Strong).await?.unwrap_or_default())
    }
}
