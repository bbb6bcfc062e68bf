//! A suggestion as an item of `surveys`.
//!
//! | attribute | |
//! |---|---|
//! | `pk` | `s#`, its id |
//! | `v` `w` `op` `ds` `da` `news` | as of every aggregate |
//! | `g` | `s` |
//! | `th` `ti` `re` | theme, title and reason by language |
//! | `st` `lo` `mo` | where it stands, when it was proposed, since when it stands there |
//! | `n` | how many wished it |
//! | `fo` `to` | how far those were looked for, and told |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::change::Key;
use domain::programme::setting::Setting;
use domain::programme::voice::form::Texts;
use domain::voice::{Stage, Suggestion, SuggestionId, Upto};
use jiff::Timestamp;

use super::{GROUP, SUGGESTION};
use crate::aggregate::{Ring, Stored};
use crate::attribute::{Item, as_instant, as_map, as_number, as_text, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::table::{SURVEYS, Table};

/// The group of all suggestions.
pub(super) const ALL: &str = "s";
/// That everybody was found, or told.
const EVERYBODY: &str = "*";

const STAGES: [Stage; 4] = [Stage::Proposed, Stage::Accepted, Stage::Shipped, Stage::Declined];

impl Stored for Suggestion {
    const TABLE: Table = SURVEYS;
    const BESIDE: &'static [Table] = &[SURVEYS];
    const LARGEST: usize = 16 * 1_024;
    const KEEPS: Ring = Ring::SHORT;

    fn new(key: &Key) -> Self {
        let id = key.hash.strip_prefix(SUGGESTION).and_then(|id| id.parse().ok()).unwrap_or(SuggestionId([0; 16]));
        Self::propose(id, "", Texts::new(), Timestamp::UNIX_EPOCH).state
    }

    fn encode(&self, item: &mut Item) {
        item.extend([
            (GROUP.to_owned(), text(ALL)),
            ("th".to_owned(), text(&self.theme)),
            ("st".to_owned(), text(self.state.name())),
            ("lo".to_owned(), instant(self.logged_at)),
            ("mo".to_owned(), instant(self.moved_at)),
            ("n".to_owned(), number(self.contributors)),
        ]);
        put(item, "ti", encode_texts(&self.title));
        put(item, "re", encode_texts(&self.reason));
        item.extend(self.found.as_ref().map(|found| ("fo".to_owned(), encode_upto(found))));
        item.extend(self.told.as_ref().map(|told| ("to".to_owned(), encode_upto(told))));
    }

    fn decode(key: &Key, item: &Item) -> Result<Self, Damage> {
        let id = key.hash.strip_prefix(SUGGESTION).and_then(|id| id.parse().ok());
        let stage = as_text(item.get("st"), "st")?;
        let stage = STAGES.into_iter().find(|known| known.name() == stage);
        let upto = |name: &'static str| item.get(name).map(|value| decode_upto(value, name)).transpose();
        Ok(Self {
            id: id.ok_or_else(|| damaged(SURVEYS.hash))?,
            theme: as_text(item.get("th"), "th")?.to_owned(),
            title: decode_texts(item, "ti")?,
            state: stage.ok_or_else(|| damaged("st"))?,
            reason: decode_texts(item, "re")?,
            contributors: as_number(item.get("n"), "n")?,
            logged_at: as_instant(item.get("lo"), "lo")?,
            moved_at: as_instant(item.get("mo"), "mo")?,
            found: upto("fo")?,
            told: upto("to")?,
        })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        (self.is_looking() || self.is_telling()).then_some(self.moved_at)
    }
}

fn encode_upto(upto: &Upto) -> AttributeValue {
    match upto {
        Upto::This(place) => text(place),
        Upto::Everybody => text(EVERYBODY),
    }
}

fn decode_upto(value: &AttributeValue, name: &'static str) -> Result<Upto, Damage> {
    Ok(match as_text(Some(value), name)? {
        EVERYBODY => Upto::Everybody,
        place => Upto::This(place.to_owned()),
    })
}

fn encode_texts(texts: &Texts) -> AttributeValue {
    AttributeValue::M(texts.iter().map(|(locale, words)| (locale.clone(), text(words))).collect())
}

fn decode_texts(item: &Item, name: &'static str) -> Result<Texts, Damage> {
    let texts = as_map(item.get(name), name)?.into_iter();
    texts.map(|(locale, words)| Ok((locale.clone(), as_text(Some(words), name)?.to_owned()))).collect()
}
