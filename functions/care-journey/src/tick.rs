//! Every five minutes: what is due is decided.

use std::collections::BTreeSet;

use domain::care::{Care, Standing};
use domain::kernel::id::MemberId;
use lambda::{Broken, Failure, each_due};
use serde_json::Value;
use tokio::time::Instant;

use crate::context::{Carer, View};

/// Decides what is due, member by member, through the index.
pub(crate) async fn run(carer: &Carer, deadline: Instant) -> Result<Value, Broken> {
    let view = carer.view().await.map_err(Broken::by)?;
    let due = |shard| carer.store().due_care(shard, view.now);
    let settle = |member| wake(carer, &view, member, deadline);
    each_due(deadline, due, settle).await
}

async fn wake(carer: &Carer, view: &View, member: MemberId, deadline: Instant) -> Result<bool, Failure> {
    let mut known = carer.known(view, &member).await?;
    if known.person.standing == Standing::Erased {
        // A message says so as well, and deletes the rest.
        return Ok(carer.store().forget_care(&member).await? > 0);
    }
    // What is under way for somebody who was absorbed is decided under their own id until it is taken over.
    known.member = member;
    let done = carer.decide((view, &known), (BTreeSet::new(), None), deadline, Care::wake).await?;
    Ok(done.written)
}
