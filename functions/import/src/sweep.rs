//! `POST /v1/quality/sweep`: members whose identifiers would not be taken in today (rule: import 31).

use lambda::{Failure, Problem, Reply, Request, Role};
use loading::sweep;
use store::MemberPlace;

use crate::context::Importer;
use crate::wire::sweep::{SweepReply, SweepRequest};

pub(crate) async fn post(app: &Importer, request: &Request) -> Result<Reply, Failure> {
    let body: SweepRequest = request.body()?;
    if request.principal()?.role == Role::Partner {
        return Err(Problem::forbidden("whose identifiers are to be cleaned is for the brand").into());
    }
    let place: Result<Option<MemberPlace>, String> = body.next.map(|next| next.parse()).transpose();
    let place = place.map_err(|words| Problem::invalid("/next", words))?.unwrap_or_default();
    let (programmes, now) = (app.programmes().await?, app.now());
    let rules = &programmes.at(now).document().members;
    let swept = sweep((app.store(), app.keys()), place, rules, now).await?;
    Ok(Reply::ok(&SweepReply::new(&swept)))
}
