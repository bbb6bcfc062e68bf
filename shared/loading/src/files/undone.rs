//! What an import had written is taken back: found out first, then done, part by part (rule: import 27).

use domain::members::import::Import;
use domain::members::undoing::UndoState;
use lambda::{Failure, Private};
use tokio::time::Instant;

use super::named::{LIST, file};
use super::part::{Cut, Part};
use crate::undo::{look_back, take_back};

/// The name of what is to be taken back of a part.
fn plan(part: u32) -> String {
    format!("undo-{part:04}.jsonl")
}

/// The name of what stays of a part.
fn left(part: u32) -> String {
    format!("left-{part:04}.csv")
}

/// Finds out what would come of a part, or takes it back.
///
/// # Errors
/// The bucket or the store does not answer; what is done by then is found when it is done again.
pub async fn undo(app: &Private, import: &mut Import, part: u32, deadline: Instant) -> Result<(), Failure> {
    let Some(undo) = import.undo.clone() else { return Ok(()) };
    let cut = Cut::read(app, import, part).await?;
    let patience = || app.patience(deadline);
    let as_written = Part { number: part, writes: undo.state == UndoState::Undoing, again: false };
    let work = cut.work(app, import, (app.now(), as_written), &patience)?;
    let undone = if as_written.writes {
        let planned = app.bucket()?.get(&file(&import.id, &plan(part))).await?.unwrap_or_default();
        take_back(&work, &planned, &format!("{} undo:{}/{part}", undo.by, import.id)).await?
    } else {
        let looked = look_back(&work, &cut.rows).await?;
        app.bucket()?.put(&file(&import.id, &plan(part)), looked.plan()?.into_bytes()).await?;
        looked
    };
    let (counts, lines) = undone.told();
    if !lines.is_empty() {
        app.bucket()?.put(&file(&import.id, &left(part)), lines.into_bytes()).await?;
    }
    import.took_back(part, &counts);
    if !import.is_at_work() {
        list(app, import).await?;
    }
    Ok(())
}

/// Puts the parts of the list of what stays together, in the order of the file.
async fn list(app: &Private, import: &Import) -> Result<(), Failure> {
    let Some(undo) = import.undo.as_ref().filter(|undo| !undo.listed.is_empty()) else { return Ok(()) };
    let mut whole = intake::left_head().into_bytes();
    for part in undo.listed.iter().rev() {
        whole.extend(app.bucket()?.get(&file(&import.id, &left(*part))).await?.unwrap_or_default());
    }
    app.bucket()?.put(&file(&import.id, LIST), whole).await
}
