//! What two members both say is theirs: an item of `member-jobs`, one of a pair.
//!
//! | attribute | |
//! |---|---|
//! | `job` | `conflict#` and the hash of both |
//! | `v` `w` | version (counts writes), when it was written |
//! | `p` | both, the first by its id first |
//! | `c` | what is open: `k` kind, `x` index, `h` hint, `a` presented at, `s` source, `o` moved or stayed, `m` without whom |
//! | `d` | the indexes of what was decided to stay as it is |
//! | `pr` | what was proposed: the decision, who proposes it, when, and of a merge who would stay |
//! | `ok` `oa` | while something is open, its place in the index `open` |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::MemberId;
use domain::members::conflict::{Claimed, Conflict, Decision, Outcome, Pair, Proposal};
use domain::members::identifier::Index;
use jiff::Timestamp;

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, bytes, instant, number, put, text,
};
use crate::error::{Damage, damaged};
use crate::outbox::{VERSION, WRITTEN};
use crate::table::{MEMBER_JOBS, OPEN_AT, OPEN_KIND};

/// The kind of open conflicts.
pub(crate) const CONFLICT: &str = "conflict";

/// The key of the item.
pub(crate) fn key(pair: &Pair) -> String {
    format!("{CONFLICT}#{}", pair.id())
}

pub(crate) fn encode(conflict: &Conflict, version: u64, now: Timestamp) -> Item {
    let pair = conflict.pair.members().map(|member| text(member.as_str()));
    let mut item = Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(key(&conflict.pair))),
        (VERSION.to_owned(), number(version)),
        (WRITTEN.to_owned(), instant(now)),
        ("p".to_owned(), AttributeValue::L(pair.to_vec())),
    ]);
    put(&mut item, "c", AttributeValue::L(conflict.open.iter().map(encode_claimed).collect()));
    put(&mut item, "d", AttributeValue::L(conflict.settled.iter().map(|index| bytes(&index.0)).collect()));
    item.extend(conflict.proposed.as_ref().map(|proposed| ("pr".to_owned(), encode_proposal(proposed))));
    if let Some(newest) = conflict.open.iter().map(|claimed| claimed.presented_at).max() {
        item.extend([(OPEN_KIND.to_owned(), text(CONFLICT)), (OPEN_AT.to_owned(), instant(newest))]);
    }
    item
}

/// A conflict and the version of its item.
pub(crate) fn decode(item: &Item) -> Result<(Conflict, u64), Damage> {
    decode_parts(item).map_err(|damage| damage.of(MEMBER_JOBS.name))
}

fn decode_parts(item: &Item) -> Result<(Conflict, u64), Damage> {
    let pair = as_list(item.get("p"), "p")?.iter().map(member).collect::<Result<Vec<_>, _>>()?;
    let [first, second] = &pair[..] else { return Err(damaged("p")) };
    let settled = as_list(item.get("d"), "d")?.iter().map(|index| as_bytes(Some(index), "d").map(Index));
    let conflict = Conflict {
        pair: Pair::of(first, second).ok_or_else(|| damaged("p"))?,
        open: as_list(item.get("c"), "c")?.iter().map(decode_claimed).collect::<Result<_, _>>()?,
        settled: settled.collect::<Result<_, _>>()?,
        proposed: item.get("pr").map(decode_proposal).transpose()?,
    };
    Ok((conflict, as_number(item.get(VERSION), VERSION)?))
}

fn member(value: &AttributeValue) -> Result<MemberId, Damage> {
    as_text(Some(value), "p")?.parse().map_err(|_not_an_id| damaged("p"))
}

fn encode_proposal(proposed: &Proposal) -> AttributeValue {
    let Proposal { decision, survivor, by, at } = proposed;
    let mut parts = vec![text(decision.name()), text(by), instant(*at)];
    parts.extend(survivor.as_ref().map(|survivor| text(survivor.as_str())));
    AttributeValue::L(parts)
}

fn decode_proposal(value: &AttributeValue) -> Result<Proposal, Damage> {
    let [decision, by, at, survivor @ ..] = as_list(Some(value), "pr")? else { return Err(damaged("pr")) };
    let name = as_text(Some(decision), "pr")?;
    let decision = Decision::ALL.into_iter().find(|known| known.name() == name);
    Ok(Proposal {
        decision: decision.ok_or_else(|| damaged("pr"))?,
        by: as_text(Some(by), "pr")?.to_owned(),
        at: as_instant(Some(at), "pr")?,
        survivor: survivor.first().map(member).transpose()?,
    })
}

fn encode_claimed(claimed: &Claimed) -> AttributeValue {
    let Claimed { kind, index, hint, presented_at, source, outcome, without } = claimed;
    AttributeValue::M(Item::from([
        ("k".to_owned(), text(kind.to_string())),
        ("x".to_owned(), bytes(&index.0)),
        ("h".to_owned(), text(hint)),
        ("a".to_owned(), instant(*presented_at)),
        ("s".to_owned(), text(source)),
        ("o".to_owned(), text(outcome.name())),
        ("m".to_owned(), text(without.as_str())),
    ]))
}

fn decode_claimed(value: &AttributeValue) -> Result<Claimed, Damage> {
    let fields = as_map(Some(value), "c")?;
    let of = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let outcome = match as_text(of("o"), "c")? {
        "moved" => Outcome::Moved,
        "stayed" => Outcome::Stayed,
        _ => return Err(damaged("c")),
    };
    Ok(Claimed {
        kind: as_text(of("k"), "c")?.parse().map_err(|_no_kind| damaged("c"))?,
        index: Index(as_bytes(of("x"), "c")?),
        hint: as_text(of("h"), "c")?.to_owned(),
        presented_at: as_instant(of("a"), "c")?,
        source: as_text(of("s"), "c")?.to_owned(),
        outcome,
        without: as_text(of("m"), "c")?.parse().map_err(|_not_an_id| damaged("c"))?,
    })
}
