//! Members whose identifiers would not be taken in today (rule: import 31).

use domain::kernel::id::MemberId;
use domain::members::sweeping::{Unclean, unclean};
use domain::programme::members::Members;
use futures_util::future::join_all;
use jiff::Timestamp;
use store::{Keys, MemberPlace, Store, StoreError};

use crate::work::{AT_ONCE, reading};

/// The most members that are looked at in one go.
const MOST: usize = 100;

/// What a sweep has found so far.
#[derive(Debug, Default)]
pub struct Swept {
    /// Whose identifiers are to be looked at, and which.
    pub members: Vec<(MemberId, Vec<Unclean>)>,
    /// How many members were looked at.
    pub looked_at: usize,
    /// Where it goes on.
    pub next: Option<MemberPlace>,
}

/// Looks at some members, from a place on.
///
/// # Errors
/// What the store says.
pub async fn sweep(
    (store, keys): (&Store, &Keys),
    place: MemberPlace,
    rules: &Members,
    now: Timestamp,
) -> Result<Swept, StoreError> {
    let reading = reading(rules)?;
    let (members, next) = store.some_members(place, MOST).await?;
    let mut swept = Swept { next, looked_at: members.len(), ..Swept::default() };
    for some in members.chunks(AT_ONCE) {
        for found in join_all(some.iter().map(|member| store.member(keys, member, now))).await {
            let Ok(stored) = found? else { continue }; // gone by now
            let found = unclean(&stored.member, &reading);
            if !found.is_empty() {
                swept.members.push((stored.member.id, found));
            }
        }
    }
    Ok(swept)
}
