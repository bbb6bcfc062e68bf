//! `POST /v1/members/{member_id}/merge` and `/unmerge`: two members are one person, or that was a mistake.

use std::collections::BTreeSet;

use domain::kernel::id::MemberId;
use domain::ledger::doer::Doer;
use domain::members::standing::reason;
use lambda::{Failure, Keyed, Private, Problem, Reply, Request};
use store::{Kept, Merge, NotMerged, StoreError};

use crate::access;
use crate::asked::Asked;
use crate::wire::merge::{MergeReply, MergeRequest, UnmergeReply, UnmergeRequest};

pub(crate) async fn merge(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body, stamp }: Keyed<MergeRequest> = request.keyed(app.now())?;
    let merge =
        Merge { take: body.take.into_iter().collect(), ..of_two(request, ("absorb", &body.absorb), body.reason)? };
    let asked = Asked::keyed(app, request, &stamp).await?;
    let merged = app.store().merge(&merge, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided, version } = merged.map_err(|why| not_merged(&why))?;
    let status = if decided.waits { 202 } else { 200 };
    let reply = MergeReply::new(&decided, &merge.absorbed, version);
    Ok(Reply::with_status(status, &reply).replayed(decided.replayed))
}

pub(crate) async fn unmerge(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body, stamp }: Keyed<UnmergeRequest> = request.keyed(app.now())?;
    let merge = of_two(request, ("absorbed", &body.absorbed), body.reason)?;
    let asked = Asked::keyed(app, request, &stamp).await?;
    let parted = app.store().unmerge(&merge, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided, version } = parted.map_err(|why| not_merged(&why))?;
    access::part(app, &merge.survivor).await?;
    Ok(Reply::ok(&UnmergeReply::new(&decided, &merge.absorbed, version)).replayed(decided.replayed))
}

/// The member of the path and another one, whom a field names; why, and who asks.
fn of_two(request: &Request, (field, other): (&str, &str), why: String) -> Result<Merge, Failure> {
    reason(Some(&why), true).map_err(|refusal| Problem::refused(&refusal))?;
    let absorbed: MemberId = other.parse().map_err(|error: String| Problem::invalid(format!("/{field}"), error))?;
    Ok(Merge { survivor: request.member()?.clone(), absorbed, take: BTreeSet::new(), by: who(request)?, reason: why })
}

/// Who asks: nobody merges for themselves.
pub(crate) fn who(request: &Request) -> Result<Doer, Failure> {
    Ok(request.doer()?.ok_or_else(|| StoreError::bug("a member may not merge"))?)
}

pub(crate) fn not_merged(why: &NotMerged) -> Problem {
    match why {
        NotMerged::Finding(finding) => Problem::refused(finding),
        NotMerged::Merging(refusal) => Problem::refused(refusal),
        NotMerged::Unmerging(refusal) => Problem::refused(refusal),
        NotMerged::Transferring(refusal) => Problem::refused(refusal),
    }
}
