//! The queue `imports`: one step of an import a message, and the message of the next.

use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::MemberId;
use domain::members::import::Step;
use domain::programme::setting::Setting;
use lambda::{Failure, Problem, consume};
use loading::{Part, cut, faults_told, gather, take_in, undo};
use serde_json::Value;
use tokio::time::Instant;

use crate::context::Importer;

/// The queue.
pub(crate) async fn take(app: &Importer, event: SqsEvent, deadline: Instant) -> Value {
    let work = |job: MemberId, messages: Vec<What>| async move {
        let done = match messages.first() {
            Some(What::Export) => collect(app, job.as_str()).await,
            Some(What::Import) | None => next(app, job.as_str(), deadline).await,
        };
        messages.iter().map(|_| done.clone()).collect::<Vec<_>>()
    };
    consume(event, |body| ready(parse(body)), work).await
}

/// What goes on.
#[derive(Debug, Clone, Copy)]
enum What {
    Import,
    Export,
}

/// Which import or export goes on: an id is written as that of a member is.
fn parse(body: Value) -> Result<(MemberId, What), Failure> {
    let what = if body["export"].is_null() { What::Import } else { What::Export };
    let id = body["import"].as_str().or(body["export"].as_str()).unwrap_or_default();
    let id: Result<MemberId, String> = id.parse();
    let id = id.map_err(|_no_id| Problem::bad_request("no_import", "the message names no import and no export"))?;
    Ok((id, what))
}

/// Does what is to be done next, whatever the message said: so one that comes twice does nothing twice.
async fn next(app: &Importer, id: &str, deadline: Instant) -> Result<(), Failure> {
    let Some((mut import, mut version)) = app.store().import(id).await? else { return Ok(()) };
    if !import.is_at_work() {
        return Ok(());
    }
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    import.settle();
    let step = import.next();
    match step {
        Step::Cut => cut(app, &mut import).await?,
        Step::Look(part) | Step::Write(part) => {
            let again = import.begun;
            if !again {
                import.begun = true;
                if !app.store().keep_import(&import, version, setting).await? {
                    return Ok(()); // another message is ahead, and goes on
                }
                version += 1;
            }
            let part = Part { number: part, writes: matches!(step, Step::Write(_)), again };
            let (counts, faulty) = take_in(app, &import, part, deadline).await?;
            import.took(&counts, faulty);
        }
        Step::LookBack(part) | Step::TakeBack(part) => undo(app, &mut import, part, deadline).await?,
        Step::Nothing => {}
    }
    import.settle();
    if import.undo.is_none() && !import.goes_on() {
        faults_told(app, &import).await?;
    }
    let kept = app.store().keep_import(&import, version, setting).await?;
    if kept && import.is_at_work() {
        app.go_on(id).await?;
    }
    Ok(())
}

/// Gathers the next part of an export.
async fn collect(app: &Importer, id: &str) -> Result<(), Failure> {
    if gather(app, id).await? {
        app.gather(id).await?;
    }
    Ok(())
}
