//! Facts that were accepted, as the stream of `facts` tells of them: who reported each, and when it happened.

use domain::quality::traffic::Reported;
use serde_json::Value;

use crate::attribute::{as_instant, as_text};
use crate::error::Damage;
use crate::json::item_of;
use crate::table::FACTS;

/// The source, and when the fact happened and was claimed, of a change that claims one.
///
/// # Errors
/// The row is damaged.
pub fn reported(record: &Value) -> Result<Option<(String, Reported)>, Damage> {
    let [before, after] = ["OldImage", "NewImage"].map(|image| &record["dynamodb"][image]);
    if !before["m"].is_null() || after["m"].is_null() || after["s"].is_null() {
        return Ok(None);
    }
    let read = || {
        let row = item_of(after)?;
        let (occurred_at, recorded_at) = (as_instant(row.get("h"), "h")?, as_instant(row.get("a"), "a")?);
        Ok(Some((as_text(row.get("s"), "s")?.to_owned(), Reported { occurred_at, recorded_at })))
    };
    read().map_err(|damage: Damage| damage.of(FACTS))
}
