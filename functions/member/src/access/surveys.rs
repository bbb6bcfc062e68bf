//! What the member was asked and answered, with every word of it, the newest first.

use lambda::Failure;
use serde_json::{Value, json};
use store::{AnswersPage, StoreError};

use super::gathering::{Gathering, MOST};
use crate::wire::answered::answered;
use crate::wire::part::Part;

/// So many are read at once: DynamoDB's most.
const AT_ONCE: usize = 100;

pub(super) async fn surveys(from: &Gathering<'_>, after: Option<&str>) -> Result<Part, Failure> {
    let after = after.map(str::parse).transpose().map_err(|_no_place| StoreError::bug("a place is no place"))?;
    let most = i32::try_from(MOST.min(AT_ONCE)).unwrap_or(i32::MAX);
    let (store, keys) = (from.app.store(), Some(from.app.keys()));
    let AnswersPage { invitations, next } = store.answers_of(keys, from.whose, (after, most), from.as_of).await?;
    let told = invitations.iter().filter(|invitation| invitation.issued_at <= from.as_of);
    let lines: Vec<Value> = told.map(|invitation| json!(answered(invitation, true))).collect();
    Ok(Part::lines(&lines, next.map(|next| next.to_string())))
}
