//! What is remembered of a merge: an item of `member-jobs` under the one who was absorbed. It says nothing of what fields say.
//!
//! | attribute | |
//! |---|---|
//! | `job` | `merge#` and the absorbed |
//! | `v` | version (counts writes) |
//! | `n` `a` | the name of the merge, when it was |
//! | `s` `b` `w` | survivor, absorbed, who came with the absorbed |
//! | `e` | the entry of the survivor's account |
//! | `ss` `bs` | where both stood |
//! | `f` | fields that were copied: `[name, source, rank, at, ...]` |
//! | `c` | what the survivor had agreed to |
//! | `x` | indexes of identifiers that both had said were theirs |
//! | `u` `nr` | the operation that undid it, if one did; points that did not come back |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::MemberId;
use domain::kernel::membership::MemberState;
use domain::kernel::quantity::Points;
use domain::members::conflict::Pair;
use domain::members::consent::Consents;
use domain::members::field::Provenance;
use domain::members::identifier::Index;
use domain::members::merging::{Merged, Undone};
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::members::member_item::{decode_consent, encode_consent};
use crate::outbox::VERSION;
use crate::table::MEMBER_JOBS;

/// Somebody has asked for a merge of so much that a second person has to ask for it as well.
pub(crate) struct Asked {
    /// Who asked.
    pub(crate) by: String,
    /// When.
    pub(crate) at: Timestamp,
    /// Under which operation.
    pub(crate) operation: String,
    /// It was done since.
    pub(crate) done: bool,
}

/// The key of that: `by`, `a` when, `o` the operation, `d` it was done.
pub(crate) fn key_asked(pair: &Pair) -> String {
    format!("merge-asked#{}", pair.id())
}

pub(crate) fn encode_asked(pair: &Pair, asked: &Asked, version: u64) -> Item {
    Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(key_asked(pair))),
        (VERSION.to_owned(), number(version)),
        ("by".to_owned(), text(&asked.by)),
        ("a".to_owned(), instant(asked.at)),
        ("o".to_owned(), text(&asked.operation)),
        ("d".to_owned(), AttributeValue::Bool(asked.done)),
    ])
}

pub(crate) fn decode_asked(item: &Item) -> Result<(Asked, u64), Damage> {
    let parts = || {
        let asked = Asked {
            by: as_text(item.get("by"), "by")?.to_owned(),
            at: as_instant(item.get("a"), "a")?,
            operation: as_text(item.get("o"), "o")?.to_owned(),
            done: item.get("d") == Some(&AttributeValue::Bool(true)),
        };
        Ok((asked, as_number(item.get(VERSION), VERSION)?))
    };
    parts().map_err(|damage: Damage| damage.of(MEMBER_JOBS.name))
}

/// The key of the item.
pub(crate) fn key(absorbed: &MemberId) -> String {
    format!("merge#{absorbed}")
}

pub(crate) fn encode(merged: &Merged, version: u64) -> Item {
    let Merged { merge, survivor, absorbed, at, entry, stood, copied, consents, with, disputed, undone } = merged;
    let members =
        |members: &[MemberId]| AttributeValue::L(members.iter().map(|member| text(member.as_str())).collect());
    let mut item = Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(key(absorbed))),
        (VERSION.to_owned(), number(version)),
        ("n".to_owned(), text(merge)),
        ("a".to_owned(), instant(*at)),
        ("s".to_owned(), text(survivor.as_str())),
        ("b".to_owned(), text(absorbed.as_str())),
        ("e".to_owned(), number(entry)),
        ("ss".to_owned(), text(stood.0.name())),
        ("bs".to_owned(), text(stood.1.name())),
    ]);
    put(&mut item, "w", members(with));
    let fields =
        copied.iter().flat_map(|(field, said)| [text(field), text(&said.source), number(said.rank), instant(said.at)]);
    put(&mut item, "f", AttributeValue::L(fields.collect()));
    put(&mut item, "c", AttributeValue::L(consents.iter().map(encode_consent).collect()));
    put(&mut item, "x", AttributeValue::L(disputed.iter().map(|index| bytes(&index.0)).collect()));
    if let Some(Undone { operation, not_returned }) = undone {
        item.extend([("u".to_owned(), text(operation)), ("nr".to_owned(), number(not_returned))]);
    }
    item
}

/// A merge, and the version of its item.
pub(crate) fn decode(item: &Item) -> Result<(Merged, u64), Damage> {
    decode_parts(item).map_err(|damage| damage.of(MEMBER_JOBS.name))
}

fn decode_parts(item: &Item) -> Result<(Merged, u64), Damage> {
    let member = |value: Option<&AttributeValue>, name: &'static str| -> Result<MemberId, Damage> {
        as_text(value, name)?.parse().map_err(|_not_an_id| damaged(name))
    };
    let state = |name: &'static str| {
        let said = as_text(item.get(name), name)?;
        MemberState::ALL.into_iter().find(|state| state.name() == said).ok_or_else(|| damaged(name))
    };
    let fields = as_list(item.get("f"), "f")?.chunks_exact(4).map(|parts| {
        let [field, source, rank, at] = parts else { return Err(damaged("f")) };
        let source = as_text(Some(source), "f")?.to_owned();
        let said = Provenance { source, rank: as_number(Some(rank), "f")?, at: as_instant(Some(at), "f")? };
        Ok((as_text(Some(field), "f")?.to_owned(), said))
    });
    let merged = Merged {
        merge: as_text(item.get("n"), "n")?.to_owned(),
        survivor: member(item.get("s"), "s")?,
        absorbed: member(item.get("b"), "b")?,
        at: as_instant(item.get("a"), "a")?,
        entry: as_number(item.get("e"), "e")?,
        stood: (state("ss")?, state("bs")?),
        copied: fields.collect::<Result<_, Damage>>()?,
        consents: as_list(item.get("c"), "c")?.iter().map(decode_consent).collect::<Result<Consents, _>>()?,
        with: as_list(item.get("w"), "w")?.iter().map(|value| member(Some(value), "w")).collect::<Result<_, _>>()?,
        disputed: as_list(item.get("x"), "x")?
            .iter()
            .map(|index| as_bytes(Some(index), "x").map(Index))
            .collect::<Result<_, _>>()?,
        undone: match item.get("u") {
            None => None,
            Some(operation) => Some(Undone {
                operation: as_text(Some(operation), "u")?.to_owned(),
                not_returned: Points(as_number(item.get("nr"), "nr")?),
            }),
        },
    };
    Ok((merged, as_number(item.get(VERSION), VERSION)?))
}
