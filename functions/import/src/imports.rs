//! What is asked of imports over HTTP.

use domain::kernel::cutover::Cutover;
use domain::members::import::{Expected, Import, Importing, State, Wanted};
use domain::programme::setting::Setting;
use domain::programme::source::named;
use jiff::Timestamp;
use lambda::bucket::GOOD;
use lambda::{Failure, Problem, Reply, Request, Role};
use loading::{LIST, content, file, sha256};
use serde_json::json;
use store::StoreError;

use crate::context::Importer;
use crate::wire::file::ErrorsReply;
use crate::wire::{CreateRequest, ImportReply};

const TRIES: usize = 5; // of a change that somebody else was ahead of

pub(crate) async fn found(app: &Importer, request: &Request) -> Result<(Import, u64), Failure> {
    let import: String = request.parameter("import_id", "import")?;
    let found = app.store().import(&import).await?;
    // A partner's are its own.
    let principal = request.principal()?;
    let found = found.filter(|(import, _)| principal.role != Role::Partner || import.by == principal.named());
    found.ok_or_else(|| Problem::not_found("import").into())
}

pub(crate) async fn create(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let body: CreateRequest = request.body()?;
    let (programmes, now) = (app.programmes().await?, app.now());
    let sources = &programmes.at(now).document().source;
    named(sources, &body.source, body.kind.sends()).map_err(|refusal| Problem::refused(&refusal))?;
    let checked = body.mapping.check();
    checked.map_err(|(key, words)| Problem::invalid(format!("/mapping/{key}"), words))?;
    let cutover = body.cutover(now)?;
    let mapping = json!(body.mapping);
    let sha256 = body.content.as_ref().map(|text| sha256(text.as_bytes())).or_else(|| body.sha256.clone());
    let content = sha256.map(|sha256| content(&sha256, &mapping));
    if let Some(before) = newest(app, &body, (content.as_deref(), cutover)).await? {
        return Ok(Reply::ok(&ImportReply::new(&before, None)));
    }
    let id = app.keys().new_member_id()?.as_str().replacen("m-", "i-", 1);
    let wanted = Wanted {
        id: id.clone(),
        kind: body.kind,
        source: body.source.clone(),
        by: request.principal()?.named(),
        dry_run: body.dry_run,
        expected: body
            .expect
            .map_or_else(Expected::default, |expect| Expected { rows: expect.rows, points: expect.points }),
        cutover,
        content,
    };
    let import = Import::received(wanted, now);
    app.bucket()?.put(&file(&id, "mapping.json"), mapping.to_string().into_bytes()).await?;
    if let Some(text) = body.content {
        app.bucket()?.put(&file(&id, "file"), text.into_bytes()).await?;
    }
    app.store().keep_import(&import, 0, Setting { programmes: &programmes, now }).await?;
    let upload = app.bucket()?.upload(&file(&id, "file")).await?;
    Ok(Reply::created(&ImportReply::new(&import, Some((upload, until(now))))))
}

pub(crate) fn until(now: Timestamp) -> Timestamp {
    now.saturating_add(GOOD).unwrap_or(now)
}

/// The newest import of this source and kind, if it is of the same file and has not failed.
async fn newest(
    app: &Importer,
    body: &CreateRequest,
    (content, cutover): (Option<&str>, Cutover),
) -> Result<Option<Import>, Failure> {
    let Some(content) = content.filter(|_| !body.dry_run) else { return Ok(None) };
    let import = app.store().newest_import(&body.source, body.kind).await?;
    let same = |import: &Import| {
        let there = import.goes_on() || import.state == State::Done && !import.is_taken_back();
        import.content.as_deref() == Some(content) && import.cutover == cutover && there
    };
    Ok(import.filter(same))
}

/// Changes the import that is named and sees to it that it goes on. Whoever was ahead is heard first.
pub(crate) async fn changed(
    app: &Importer,
    request: &Request,
    change: impl Fn(&mut Import) -> Result<(), Importing>,
) -> Result<Import, Failure> {
    let programmes = app.programmes().await?;
    for _ in 0..TRIES {
        let (mut import, version) = found(app, request).await?;
        let before = import.clone();
        change(&mut import).map_err(|refusal| Problem::refused(&refusal))?;
        let begins = (before.state, import.state) == (State::Received, State::Checking);
        if begins && app.bucket()?.size(&file(&import.id, "file")).await?.is_none() {
            return Err(Problem::refused(&Importing::NoFile).into());
        }
        let setting = Setting { programmes: &programmes, now: app.now() };
        if import != before && !app.store().keep_import(&import, version, setting).await? {
            continue;
        }
        if import.goes_on() && !import.stopping && !import.dry_run {
            app.store().is_newest_import(&import, app.now()).await?;
        }
        if import.is_at_work() {
            app.go_on(&import.id).await?; // whoever is at work on a part finds that it has lost
        }
        return Ok(import);
    }
    Err(StoreError::Busy.into())
}

pub(crate) async fn start(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let import = changed(app, request, |import| import.start(app.now())).await?;
    Ok(Reply::ok(&ImportReply::new(&import, None)))
}

pub(crate) async fn cancel(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let import = changed(app, request, Import::cancel).await?;
    Ok(Reply::ok(&ImportReply::new(&import, None)))
}

pub(crate) async fn get(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let (import, _) = found(app, request).await?;
    Ok(Reply::ok(&shown(app, &import).await?))
}

/// An import as it is, with where the list of what stays of its undoing is.
pub(crate) async fn shown(app: &Importer, import: &Import) -> Result<ImportReply, Failure> {
    let reply = ImportReply::new(import, None);
    let listed = import.undo.as_ref().is_some_and(|undo| !undo.goes_on() && !undo.listed.is_empty());
    if !listed {
        return Ok(reply);
    }
    Ok(reply.listed(app.bucket()?.download(&file(&import.id, LIST)).await?, until(app.now())))
}

pub(crate) async fn errors(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let (import, _) = found(app, request).await?;
    let key = file(&import.id, "errors.csv");
    app.bucket()?.size(&key).await?.ok_or_else(|| Problem::not_found("file of errors"))?;
    let url = app.bucket()?.download(&key).await?;
    Ok(Reply::ok(&ErrorsReply { url, until: until(app.now()) }))
}
