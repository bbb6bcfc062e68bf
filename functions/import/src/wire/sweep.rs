//! A sweep as it is asked for and shown.

use loading::Swept;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a sweep begins.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SweepRequest {
    /// The `next` of an answer; from the beginning if absent.
    #[serde(default)]
    pub(crate) next: Option<String>,
}

/// What is to be cleaned.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SweepReply {
    /// Members with identifiers that would not be taken in today.
    members: Vec<UncleanMember>,
    /// How many members were looked at: at most 100.
    looked_at: usize,
    /// Where it goes on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A member with such identifiers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct UncleanMember {
    /// Who.
    member: String,
    /// Which.
    identifiers: Vec<UncleanIdentifier>,
}

/// One of them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct UncleanIdentifier {
    /// Its number among the member's.
    n: u32,
    /// Of which kind.
    kind: String,
    /// The source that presented it first.
    source: String,
    /// Why it would be refused; or `reads_differently`: it would be taken in as another.
    code: &'static str,
}

impl SweepReply {
    pub(crate) fn new(swept: &Swept) -> Self {
        let members = swept.members.iter().map(|(member, found)| {
            let identifiers = found.iter().map(|unclean| UncleanIdentifier {
                n: unclean.n,
                kind: unclean.kind.clone(),
                source: unclean.source.clone(),
                code: unclean.code,
            });
            UncleanMember { member: member.to_string(), identifiers: identifiers.collect() }
        });
        let next = swept.next.as_ref().map(ToString::to_string);
        Self { members: members.collect(), looked_at: swept.looked_at, next }
    }
}
