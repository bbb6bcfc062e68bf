//! What is asked of exports over HTTP (rule: import 17).

use domain::members::exporting::Export;
use domain::programme::setting::Setting;
use lambda::{Failure, Problem, Reply, Request, Role};
use loading::whole;

use crate::context::Importer;
use crate::imports::until;
use crate::wire::export::{ExportReply, ExportRequest};

pub(crate) async fn create(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let body: ExportRequest = request.body()?;
    let principal = request.principal()?;
    if principal.role == Role::Partner {
        return Err(Problem::forbidden("systems import what is theirs; nobody exports but the brand").into());
    }
    let (programmes, now) = (app.programmes().await?, app.now());
    let unknown = |source: &&String| !programmes.at(now).document().source.iter().any(|known| known.id == **source);
    if body.source.as_ref().filter(unknown).is_some() {
        return Err(Problem::invalid("/source", "the programme has no such source").into());
    }
    let id = app.keys().new_member_id()?.as_str().replacen("m-", "e-", 1);
    let export = Export::new(id, (body.kind, body.source), principal.named(), now);
    app.store().keep_export(&export, 0, Setting { programmes: &programmes, now }).await?;
    app.gather(&export.id).await?;
    Ok(Reply::with_status(202, &ExportReply::new(&export, None)))
}

pub(crate) async fn get(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let export: String = request.parameter("export_id", "export")?;
    let partner = request.principal()?.role == Role::Partner;
    let found = app.store().export(&export).await?.filter(|_| !partner);
    let (export, _) = found.ok_or_else(|| Problem::not_found("export"))?;
    let now = app.now();
    if !export.done {
        app.gather(&export.id).await?; // a message that was lost is made up for
    }
    let there = export.done && now < export.until();
    let url = if there {
        Some((app.bucket()?.download(&whole(&export)).await?, until(now).min(export.until())))
    } else {
        None
    };
    Ok(Reply::ok(&ExportReply::new(&export, url)))
}
