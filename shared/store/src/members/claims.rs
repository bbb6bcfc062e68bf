//! Whose an identifier is: an item of `claims` under its kind and its index.
//!
//! | attribute | |
//! |---|---|
//! | `m` | the member whose it is |
//! | `a` | since when |
//! | `v` | its newest verification, if there is one |
//! | `e` `ttl` | in place of these: it belonged to somebody who was erased, since when; and until when that is kept |

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::id::MemberId;
use domain::members::identifier::{Identifier, Index, Kind};
use domain::members::mask;
use domain::members::resolution::Presented;
use domain::planted;
use jiff::Timestamp;

use crate::attribute::{Item, as_instant, as_text, instant, number, text};
use crate::error::{Damage, damaged};
use crate::sealed::keys::Keys;
use crate::table::{CLAIMS, TTL};
use crate::{Store, StoreError};

/// A claim as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claimed {
    /// Whose it is.
    pub(crate) member: MemberId,
    /// Its newest verification.
    pub(crate) verified_at: Option<Timestamp>,
}

/// What stands for an identifier.
pub(crate) enum Claim {
    /// It is somebody's.
    Live(Claimed),
    /// It belonged to somebody who was erased then.
    Erased(Timestamp),
}

/// How a claim was seen that is to be another's.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'a> {
    /// There was none.
    Nobody,
    /// It was this member's.
    Of(&'a MemberId),
    /// It belonged to somebody who was erased.
    Erased,
}

impl<'a> Seen<'a> {
    /// As a claim says.
    pub(crate) fn of(claim: Option<&'a Claimed>) -> Self {
        claim.map_or(Self::Nobody, |claim| Self::Of(&claim.member))
    }
}

/// The key of a claim. What the kind is says nothing of whose it is, nor does the index without its key.
pub(crate) fn key(kind: &Kind, index: Index) -> String {
    format!("{}#{}", kind.name(), URL_SAFE_NO_PAD.encode(index.0)) // of which source it is, is in the index
}

/// Is it, by its key, of a kind that is kept from coming back?
pub(crate) fn stays_away(key: &str) -> bool {
    let kinds = [Kind::Phone, Kind::Email, Kind::External(String::new())];
    key.split_once('#').is_some_and(|(kind, _)| kinds.iter().any(|known| known.name() == kind))
}

impl Store {
    /// What stands for an identifier where its value must not: the hash under which it is somebody's, else that under which it will be. Of what
    /// nobody is found by it is always the first.
    ///
    /// # Errors
    /// A key cannot be had, or what DynamoDB says.
    pub async fn index_of(&self, keys: &Keys, identifier: &Identifier, now: Timestamp) -> Result<Index, StoreError> {
        let text = format!("{}\u{1f}{}", identifier.kind, identifier.value);
        let (hashes, written) = self.blinded_by_all(keys, &text, now).await?;
        let mut all: Vec<Index> = hashes.into_iter().map(Index).collect();
        if all.len() == 1 || !identifier.kind.is_unique() {
            return Ok(all.swap_remove(0));
        }
        let wanted: Vec<String> = all.iter().map(|index| key(&identifier.kind, *index)).collect();
        let (live, erased) = self.claims(&wanted).await?;
        let there = wanted.iter().rposition(|key| live.contains_key(key) || erased.contains_key(key));
        Ok(all.swap_remove(there.unwrap_or(written)))
    }
}

pub(crate) fn decode(item: &Item) -> Result<Claim, Damage> {
    if let Some(at) = item.get("e") {
        return as_instant(Some(at), "e").map(Claim::Erased).map_err(|damage| damage.of(CLAIMS.name));
    }
    let member = as_text(item.get("m"), "m").and_then(|text| text.parse().map_err(|_not_an_id| damaged("m")));
    let verified_at = item.get("v").map(|value| as_instant(Some(value), "v")).transpose();
    let claimed = member.and_then(|member| Ok(Claim::Live(Claimed { member, verified_at: verified_at? })));
    claimed.map_err(|damage: Damage| damage.of(CLAIMS.name))
}

/// Makes it a member's, if it is as it was seen: nobody's, or somebody's.
pub(crate) fn put(
    table: &str,
    key: &str,
    after: &Claimed,
    seen: Seen<'_>,
    now: Timestamp,
) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder().table_name(table).item(CLAIMS.hash, text(key)).item("m", text(after.member.as_str()));
    let put = put.item("a", instant(now));
    let put = match after.verified_at {
        Some(at) => put.item("v", instant(at)),
        None => put,
    };
    let put = match seen {
        _ if planted!("bug-claim-unguarded") => put,
        Seen::Of(member) => {
            put.condition_expression("m = :seen").expression_attribute_values(":seen", text(member.as_str()))
        }
        Seen::Erased => put.condition_expression("attribute_not_exists(m)"),
        Seen::Nobody => {
            put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", CLAIMS.hash)
        }
    };
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

/// Makes it nobody's, if it is as it was seen.
pub(crate) fn free(table: &str, key: &str, seen: &MemberId) -> Result<TransactWriteItem, BuildError> {
    let delete = Delete::builder().table_name(table).key(CLAIMS.hash, text(key)).condition_expression("m = :seen");
    let delete = delete.expression_attribute_values(":seen", text(seen.as_str())).build()?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Leaves in its place that it belonged to somebody who was erased, if it is as it was seen.
pub(crate) fn suppress(
    table: &str,
    key: &str,
    seen: &MemberId,
    (erased_at, until): (Timestamp, Timestamp),
) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder().table_name(table).item(CLAIMS.hash, text(key)).item("e", instant(erased_at));
    let put = put.item(TTL, number(until.as_second())).condition_expression("m = :seen");
    let put = put.expression_attribute_values(":seen", text(seen.as_str())).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

impl Store {
    /// An identifier as it is presented; cards are always verified.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn presented(
        &self,
        keys: &Keys,
        identifier: &Identifier,
        verified: bool,
        now: Timestamp,
    ) -> Result<Presented, StoreError> {
        let index = self.index_of(keys, identifier, now).await?;
        let (kind, hint) = (identifier.kind.clone(), mask::identifier(identifier));
        let verified = verified || kind == Kind::Card;
        Ok(Presented { kind, index, hint, verified })
    }
}
