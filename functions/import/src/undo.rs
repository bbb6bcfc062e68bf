//! What an import had written is taken back: found out first, then done, part by part (rule: import 27).

use domain::members::import::Import;
use domain::members::undoing::UndoState;
use domain::programme::setting::Setting;
use lambda::{Failure, Problem, Reply, Request};
use loading::{look_back, take_back};
use store::StoreError;
use tokio::time::Instant;

use crate::context::Importer;
use crate::imports::{LIST, TRIES, file, found, shown};
use crate::part::{Cut, Part};
use crate::wire::undo::UndoRequest;

/// The name of what is to be taken back of a part.
fn plan(part: u32) -> String {
    format!("undo-{part:04}.jsonl")
}

/// The name of what stays of a part.
fn left(part: u32) -> String {
    format!("left-{part:04}.csv")
}

pub(crate) async fn post(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let body: UndoRequest = request.body()?;
    let (programmes, by) = (app.programmes().await?, request.principal()?.named());
    for _ in 0..TRIES {
        let (mut import, version) = found(app, request).await?;
        let before = import.clone();
        import.ask_undo(&by, body.dry_run, app.now()).map_err(|refusal| Problem::refused(&refusal))?;
        let setting = Setting { programmes: &programmes, now: app.now() };
        if import != before && !app.store().keep_import(&import, version, setting).await? {
            continue;
        }
        if import.is_at_work() {
            app.go_on(&import.id).await?;
        }
        return Ok(Reply::ok(&shown(app, &import).await?));
    }
    Err(StoreError::Busy.into())
}

/// Finds out what would come of a part, or takes it back.
pub(crate) async fn undo(app: &Importer, import: &mut Import, part: u32, deadline: Instant) -> Result<(), Failure> {
    let Some(undo) = import.undo.clone() else { return Ok(()) };
    let cut = Cut::read(app, import, part).await?;
    let patience = || app.patience(deadline);
    let as_written = Part { number: part, writes: undo.state == UndoState::Undoing, again: false };
    let work = cut.work(app, import, (app.now(), as_written), &patience)?;
    let undone = if as_written.writes {
        let planned = app.bucket().get(&file(&import.id, &plan(part))).await?.unwrap_or_default();
        take_back(&work, &planned, &format!("{} undo:{}/{part}", undo.by, import.id)).await?
    } else {
        let looked = look_back(&work, &cut.rows).await?;
        app.bucket().put(&file(&import.id, &plan(part)), looked.plan()?.into_bytes()).await?;
        looked
    };
    let (counts, lines) = undone.told();
    if !lines.is_empty() {
        app.bucket().put(&file(&import.id, &left(part)), lines.into_bytes()).await?;
    }
    import.took_back(part, &counts);
    if !import.is_at_work() {
        list(app, import).await?;
    }
    Ok(())
}

/// Puts the parts of the list of what stays together, in the order of the file.
async fn list(app: &Importer, import: &Import) -> Result<(), Failure> {
    let Some(undo) = import.undo.as_ref().filter(|undo| !undo.listed.is_empty()) else { return Ok(()) };
    let mut whole = intake::left_head().into_bytes();
    for part in undo.listed.iter().rev() {
        whole.extend(app.bucket().get(&file(&import.id, &left(*part))).await?.unwrap_or_default());
    }
    app.bucket().put(&file(&import.id, LIST), whole).await
}
