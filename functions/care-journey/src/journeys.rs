//! `POST /v1/care/journeys/{journey}/pause` and `/resume`: a journey stands still, and goes on.

use domain::care::{Pause, Pauses, Pausing};
use domain::kernel::change::Change;
use domain::programme::setting::Setting;
use lambda::{Failure, Keyed, Reply, Request};
use store::Store;
use store::aggregate::Operation;

use crate::context::Carer;
use crate::wire::pause::{PauseReply, PauseRequest};

pub(crate) async fn pause(carer: &Carer, request: &Request) -> Result<Reply, Failure> {
    let by = request.principal()?.named();
    change(carer, request, |pauses, setting, (journey, reason)| {
        let pause = Pause { reason: reason.to_owned(), by: by.clone(), at: setting.now };
        pauses.pause(setting.programmes.at(setting.now), journey, pause)
    })
    .await
}

pub(crate) async fn resume(carer: &Carer, request: &Request) -> Result<Reply, Failure> {
    let by = request.principal()?.named();
    change(carer, request, |pauses, setting, (journey, reason)| {
        pauses.resume(setting.programmes.at(setting.now), journey, reason, &by)
    })
    .await
}

async fn change(
    carer: &Carer,
    request: &Request,
    decide: impl Fn(&Pauses, Setting<'_>, (&str, &str)) -> Result<Change<Pauses>, Pausing>,
) -> Result<Reply, Failure> {
    let journey: String = request.parameter("journey", "journey")?;
    let Keyed { body, stamp }: Keyed<PauseRequest> = request.keyed_for(("journey", &journey), carer.now())?;
    let (programmes, key) = (carer.programmes().await?, Store::pauses_key());
    let (setting, operation) = (Setting { programmes: &programmes, now: carer.now() }, Operation { key: &key, stamp });
    let mut patience = carer.patience(request.deadline);
    let said = (journey.as_str(), body.reason.as_str());
    let done =
        carer.store().run(operation, setting, &mut patience, |pauses, setting| decide(pauses, setting, said)).await?;
    let done = done.map_err(|refusal| Failure::refused(&refusal))?;
    Ok(Reply::ok(&PauseReply::new(&journey, &done.state)).replayed(done.replayed))
}
