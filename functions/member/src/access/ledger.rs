//! What the ledger knows: every entry, and what was bought, the newest first.

use domain::kernel::id::MemberId;
use domain::ledger::entry::{Detail, Entry};
use domain::programme::activity::ORDER_PAID;
use futures_util::future::join_all;
use lambda::Failure;
use lambda::wire::{self, EntryView};
use serde_json::{Value, json};
use store::{EntriesPage, Store, StoreError};

use super::gathering::{Gathering, MOST};
use crate::wire::order::lines_of;
use crate::wire::part::{Part, role};

/// How many rows of orders are read at once.
const AT_ONCE: usize = 16;

/// Entries that come after a place, without what was recorded since, and where the next ones begin.
async fn read(from: &Gathering<'_>, after: Option<&str>) -> Result<(Vec<Entry>, Option<String>), Failure> {
    let newest = after.map(str::parse).transpose().map_err(|_no_number| StoreError::bug("a place is no number"))?;
    let EntriesPage { mut entries, next, .. } = from.app.store().entries(from.whose, newest, MOST).await?;
    entries.retain(|entry| entry.recorded_at <= from.as_of);
    Ok((entries, next.map(|next| next.to_string())))
}

pub(super) async fn entries(from: &Gathering<'_>, after: Option<&str>) -> Result<Part, Failure> {
    let (entries, next) = read(from, after).await?;
    let line = |entry: &Entry| {
        let mut view = EntryView::new(from.whose, entry, from.programmes);
        view.by = entry.by.as_ref().map(|doer| role(&doer.who).to_owned());
        json!(view)
    };
    Ok(Part::lines(&entries.iter().map(line).collect::<Vec<_>>(), next))
}

/// What was bought, line by line as far as lines were told, and what came back.
pub(super) async fn orders(from: &Gathering<'_>, after: Option<&str>) -> Result<Part, Failure> {
    let (entries, next) = read(from, after).await?;
    let mut lines = Vec::new();
    for some in entries.chunks(AT_ONCE) {
        let shown = join_all(some.iter().map(|entry| order(from.app.store(), from.whose, entry))).await;
        for shown in shown {
            lines.extend(shown?);
        }
    }
    Ok(Part::lines(&lines, next))
}

async fn order(store: &Store, member: &MemberId, entry: &Entry) -> Result<Option<Value>, StoreError> {
    let (id, time, points) = (wire::id(member, entry), entry.occurred_at, entry.points());
    Ok(match &entry.detail {
        Detail::Earn { activity, order: Some(order), inputs, .. } if activity == ORDER_PAID => {
            let lines = store.lines_of(order, entry).await?;
            Some(json!({
                "what": "order", "order": order, "time": time, "net_minor": inputs.net.unwrap_or_default(), "points": points, "entry": id,
                "lines": lines.as_ref().map(lines_of),
            }))
        }
        Detail::Refund { order, amount_minor, .. } => Some(json!({
            "what": "return", "order": order, "time": time, "returned_minor": amount_minor, "points": points, "entry": id,
        })),
        _ => None,
    })
}
