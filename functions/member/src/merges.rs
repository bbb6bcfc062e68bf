//! `POST /v1/members/{member_id}/merge` and `/unmerge`: two members are one person, or that was a mistake.

use domain::kernel::id::MemberId;
use domain::members::finding::Finding;
use domain::members::standing::reason;
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use lambda::{Failure, Keyed, Private, Problem, Reply, Request};
use store::{Asking, Kept, Merge, MergeDone, NotMerged, StoreError};

use crate::speaker::by;
use crate::wire::merge::{MergeReply, MergeRequest, UnmergeReply, UnmergeRequest};

pub(crate) async fn merge(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body, stamp }: Keyed<MergeRequest> = request.keyed(app.now())?;
    reason(Some(&body.reason), true).map_err(|refusal| Problem::refused(&refusal))?;
    let absorbed: MemberId = body.absorb.parse().map_err(|error: String| Problem::invalid("/absorb", error))?;
    let merge = Merge {
        survivor: request.member()?.clone(),
        absorbed,
        take: body.take.iter().cloned().collect(),
        by: who(request)?,
        reason: body.reason,
    };
    let (programmes, now, by) = (app.programmes().await?, app.now(), by(request)?);
    let (setting, rules) = (Setting { programmes: &programmes, now }, Rules::of(programmes.at(now), now));
    let asking = Asking { keys: app.keys(), by: &by, operation: stamp.operation, rules, setting };
    let mut patience = app.patience(request.deadline);
    let merged = app.store().merge(&merge, asking, &mut patience).await?;
    let Kept { decided, version } = merged.map_err(|why| not_merged(&why))?;
    let MergeDone { replayed, .. } = decided;
    let status = if decided.waits { 202 } else { 200 };
    Ok(Reply::with_status(status, &MergeReply::new(&decided, &merge.absorbed, version)).replayed(replayed))
}

pub(crate) async fn unmerge(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body, stamp }: Keyed<UnmergeRequest> = request.keyed(app.now())?;
    reason(Some(&body.reason), true).map_err(|refusal| Problem::refused(&refusal))?;
    let absorbed: MemberId = body.absorbed.parse().map_err(|error: String| Problem::invalid("/absorbed", error))?;
    let (survivor, take) = (request.member()?.clone(), std::collections::BTreeSet::new());
    let merge = Merge { survivor, absorbed, take, by: who(request)?, reason: body.reason };
    let (programmes, now, by) = (app.programmes().await?, app.now(), by(request)?);
    let (setting, rules) = (Setting { programmes: &programmes, now }, Rules::of(programmes.at(now), now));
    let asking = Asking { keys: app.keys(), by: &by, operation: stamp.operation, rules, setting };
    let mut patience = app.patience(request.deadline);
    let parted = app.store().unmerge(&merge, asking, &mut patience).await?;
    let Kept { decided, version } = parted.map_err(|why| not_merged(&why))?;
    Ok(Reply::ok(&UnmergeReply::new(&decided, &merge.absorbed, version)))
}

/// Who asks: nobody merges for themselves.
pub(crate) fn who(request: &Request) -> Result<domain::ledger::doer::Doer, Failure> {
    Ok(request.doer()?.ok_or_else(|| StoreError::bug("a member may not merge"))?)
}

pub(crate) fn not_merged(why: &NotMerged) -> Problem {
    match why {
        NotMerged::UnknownMember => Problem::refused(&Finding::UnknownMember),
        NotMerged::Merging(refusal) => Problem::refused(refusal),
        NotMerged::Unmerging(refusal) => Problem::refused(refusal),
        NotMerged::Transferring(refusal) => Problem::refused(refusal),
    }
}
