//! `POST /v1/members/{member_id}/suspension`, `/reactivation` and `/closing`: where a member stands.

use domain::kernel::membership::MemberState;
use domain::members::standing::reason;
use lambda::{Failure, Keyed, Private, Problem, Reply, Request, Role};
use store::{Kept, NotStood, Standpoint};

use crate::asked::Asked;
use crate::wire::standing::{StandingReply, StandingRequest};

pub(crate) async fn suspend(app: &Private, request: &Request) -> Result<Reply, Failure> {
    stand(app, request, MemberState::Suspended).await
}

pub(crate) async fn reactivate(app: &Private, request: &Request) -> Result<Reply, Failure> {
    stand(app, request, MemberState::Active).await
}

pub(crate) async fn close(app: &Private, request: &Request) -> Result<Reply, Failure> {
    stand(app, request, MemberState::Closed).await
}

async fn stand(app: &Private, request: &Request, state: MemberState) -> Result<Reply, Failure> {
    let member = request.member()?;
    let Keyed { body, stamp }: Keyed<StandingRequest> = request.keyed(app.now())?;
    let needed = request.principal()?.role != Role::Member;
    reason(body.reason.as_deref(), needed).map_err(|refusal| Problem::refused(&refusal))?;
    let asked = Asked::keyed(app, request, &stamp).await?;
    let standpoint = Standpoint { state, reason: body.reason, by: request.doer()?, stamp };
    let stood = app.store().stand(member, &standpoint, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided, version } = stood.map_err(|why| not_stood(&why))?;
    Ok(Reply::ok(&StandingReply::new(&decided, member, version)).replayed(decided.replayed))
}

fn not_stood(why: &NotStood) -> Problem {
    match why {
        NotStood::Finding(finding) => Problem::refused(finding),
        NotStood::Refused(refusal) => Problem::refused(refusal),
        NotStood::Account(refusal) => Problem::refused(refusal),
    }
}
