//! What is asked of the undoing of an import over HTTP (rule: import 27).

use domain::programme::setting::Setting;
use lambda::{Failure, Problem, Reply, Request};
use store::StoreError;

use crate::context::Importer;
use crate::imports::{TRIES, found, shown};
use crate::wire::undo::UndoRequest;

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
