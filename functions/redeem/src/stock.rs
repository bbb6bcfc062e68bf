//! Stock, changed by hand.

use domain::programme::setting::Setting;
use domain::programme::stock::Restock;
use lambda::{App, Failure, Keyed, Reply, Request};

use crate::wire::{RestockReply, RestockRequest};

/// `POST /v1/rewards/{reward}/stock`: lays pieces in, or takes some out, with a reason.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let name: String = request.parameter("reward", "reward")?;
    let Keyed { body, stamp }: Keyed<RestockRequest> = request.keyed(app.now())?;
    body.check()?;
    let by = request.principal()?.subject.clone();
    let command = Restock { name, add: body.add, reason: body.reason, by };
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let done = app.store().restock(&command, &stamp, setting, &mut app.patience(request.deadline)).await?;
    let (restocked, replayed) = done.map_err(|refused| Failure::refused(&refused))?;
    Ok(Reply::ok(&RestockReply::new(&command, &restocked)).replayed(replayed))
}
