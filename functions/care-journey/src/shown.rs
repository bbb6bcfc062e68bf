//! `GET /v1/members/{member_id}/care`: what was done for a member and is to come.

use domain::care::Standing;
use domain::members::finding::Finding;
use lambda::{Failure, Problem, Reply, Request};

use crate::context::Carer;
use crate::wire::care::{CareReply, Place};

pub(crate) async fn get(carer: &Carer, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let after: Option<Place> = request.query("after", "what `next` said")?;
    let view = carer.view().await?;
    let known = carer.known(&view, member).await?;
    if known.person.standing == Standing::Erased {
        return Err(Problem::refused(&Finding::MemberErased).into());
    }
    let care = carer.store().whole_care(&known.member, view.now).await?;
    if !known.is_member && care.enrolments.is_empty() && care.filed.is_empty() {
        return Err(Problem::refused(&Finding::UnknownMember).into());
    }
    let steps = care.shown(&view.scene(&known));
    Ok(Reply::ok(&CareReply::new(&known.member, member, &steps, after.as_ref())))
}
