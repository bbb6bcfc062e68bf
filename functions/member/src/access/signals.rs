//! What a member did that earns nothing, as long as it is kept, the newest first.

use lambda::Failure;
use serde_json::{Value, json};
use store::SignalsPage;

use super::gathering::{Gathering, MOST};
use crate::wire::part::Part;
use crate::wire::trail::TrailItem;

pub(super) async fn signals(from: &Gathering<'_>, after: Option<&str>) -> Result<Part, Failure> {
    let most = i32::try_from(MOST).unwrap_or(i32::MAX);
    let SignalsPage { signals, more } = from.app.store().signals(from.whose, after, most).await?;
    let last = signals.last().map(|(place, _)| place.clone());
    let told = signals.iter().filter(|(_, signal)| signal.recorded_at <= from.as_of);
    let lines: Vec<Value> = told.map(|(_, signal)| json!(TrailItem::of_signal(signal))).collect();
    Ok(Part::lines(&lines, last.filter(|_| more)))
}
