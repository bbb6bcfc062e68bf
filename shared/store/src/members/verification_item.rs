//! The codes that were sent to an identifier: an item of `member-jobs`, under the identifier's index, so that they are counted whoever
//! wants them.
//!
//! | attribute | |
//! |---|---|
//! | `job` | `verification#` and the index |
//! | `v` `w` | version (counts writes), when it was written |
//! | `id` `m` | the newest one's name, and who wanted it |
//! | `s` | when the newest were sent |
//! | `n` `d` | how often it was said wrongly; it was said |
//! | `ttl` | when nothing of it matters any more |

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::members::identifier::Index;
use domain::members::verification::Verification;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_instant, as_list, as_number, as_text, instant, number, text};
use crate::error::{Damage, damaged};
use crate::outbox::{VERSION, WRITTEN};
use crate::table::{MEMBER_JOBS, TTL};

/// How long an item is kept after its newest code: longer than anything of it counts.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The key of the item.
pub(crate) fn key(index: Index) -> String {
    format!("verification#{}", URL_SAFE_NO_PAD.encode(index.0))
}

pub(crate) fn encode(index: Index, verification: &Verification, version: u64, now: Timestamp) -> Item {
    let Verification { id, member, sent, wrong, done } = verification;
    let gone = now.saturating_add(KEPT).unwrap_or(now);
    let mut item = Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(key(index))),
        (VERSION.to_owned(), number(version)),
        (WRITTEN.to_owned(), instant(now)),
        ("id".to_owned(), text(id)),
        ("m".to_owned(), text(member.as_str())),
        ("s".to_owned(), AttributeValue::L(sent.iter().map(|at| instant(*at)).collect())),
        ("n".to_owned(), number(wrong)),
        (TTL.to_owned(), number(gone.as_second())),
    ]);
    item.extend(done.then(|| ("d".to_owned(), AttributeValue::Bool(true))));
    item
}

/// What is known of the codes, and the version of the item.
pub(crate) fn decode(item: &Item) -> Result<(Verification, u64), Damage> {
    let parts = || {
        let sent = as_list(item.get("s"), "s")?.iter().map(|at| as_instant(Some(at), "s"));
        let verification = Verification {
            id: as_text(item.get("id"), "id")?.to_owned(),
            member: as_text(item.get("m"), "m")?.parse().map_err(|_not_an_id| damaged("m"))?,
            sent: sent.collect::<Result<_, _>>()?,
            wrong: as_number(item.get("n"), "n")?,
            done: item.contains_key("d"),
        };
        Ok((verification, as_number(item.get(VERSION), VERSION)?))
    };
    parts().map_err(|damage: Damage| damage.of(MEMBER_JOBS.name))
}
