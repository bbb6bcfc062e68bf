//! What the member was asked and answered, as others see it: without words.

use domain::voice::Invitation;
use lambda::Failure;
use serde_json::{Value, json};

use super::looking::{NEWEST, Shown, View};
use crate::wire::answered::answered;

/// The newest invitations, of whichever id they were made for.
pub(super) async fn surveys(view: &View<'_>) -> Result<Shown, Failure> {
    let mut all: Vec<Invitation> = Vec::new();
    let one_more = i32::try_from(NEWEST + 1).unwrap_or(i32::MAX);
    for member in view.stored()?.member.everybody() {
        let page = view.app.store().answers_of(None, member, (None, one_more), view.now).await?;
        all.extend(page.invitations);
    }
    all.sort_by_key(|invitation| std::cmp::Reverse((invitation.issued_at, invitation.id)));
    let shown: Vec<Value> = all.iter().map(|invitation| json!(answered(invitation, false))).collect();
    Ok(Shown::list(shown, || view.address("surveys")))
}
