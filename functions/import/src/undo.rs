//! What is asked of the undoing of an import over HTTP (rule: import 27).

use lambda::{Failure, Reply, Request};

use crate::context::Importer;
use crate::imports::{changed, shown};
use crate::wire::undo::UndoRequest;

pub(crate) async fn post(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let body: UndoRequest = request.body()?;
    let by = request.principal()?.named();
    let import = changed(app, request, |import| import.ask_undo(&by, body.dry_run, app.now())).await?;
    Ok(Reply::ok(&shown(app, &import).await?))
}
