//! Erasures. What is asked for and not done yet is an item of `member-jobs`; that a member was erased, a row of `erasures`, for ever.
//!
//! | of the job | |
//! |---|---|
//! | `job` | `erasure#` and the member |
//! | `v` `w` `n` | version, when it was written, which of the member's requests |
//! | `q` `by` `be` `r` `cl` | when it was asked for, by whom, why, when it is carried out, whether the account was closed for it |
//! | `h` `x` | the last local date of a hold; when it was taken back |
//! | `c` `g` | what is to go: keys of claims until they are gone, how many signals once they are counted |
//! | `ok` `oa` | its place among what is open: at its time, until it is done |
//! | `ttl` | when it goes, once it is done or taken back |
//!
//! | of the row | |
//! |---|---|
//! | `member` | who was erased |
//! | `v` `w` `n` `q` `by` `be` | as above |
//! | `e` `ab` | when the member was gone, and for whom it stood |
//! | `s` | what was done: by step, when and how many |
//! | `a` `l` | what the contexts answered, by name: when and how many, or null; that one was late |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::MemberId;
use domain::members::erasing::{Asked, Because, Request, Work};
use domain::members::receipt::{Done, Receipt, Step};
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_instant, as_list, as_map, as_number, as_text, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::outbox::{VERSION, WRITTEN};
use crate::table::{ERASURES, MEMBER_JOBS, OPEN_AT, OPEN_KIND, TTL};

/// What the key of the job begins with.
pub(crate) const ERASURE: &str = "erasure";

/// The kind of all that the hourly run looks for, in one place among what is open; erasures were the first.
pub(crate) const DUE: &str = "erasure";

/// For how long one that is done, or was taken back, is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The key of a member's job.
pub(crate) fn key(member: &MemberId) -> String {
    format!("{ERASURE}#{member}")
}

/// Whose a job is, by its key, and what that begins with.
pub(crate) fn member_of(item: &Item) -> Result<(&str, MemberId), Damage> {
    let key = as_text(item.get(MEMBER_JOBS.hash), MEMBER_JOBS.hash)?;
    let parts = key.split_once('#').and_then(|(kind, member)| Some((kind, member.parse().ok()?)));
    parts.ok_or_else(|| damaged(MEMBER_JOBS.hash).of(MEMBER_JOBS.name))
}

/// A job in its next version; `open`: when it is looked at next, if it is not done.
pub(crate) fn encode_request(request: &Request, version: u64, open: Option<Timestamp>, setting: Setting<'_>) -> Item {
    let Request { member, n, asked, held_until, revoked_at, work } = request;
    let mut item = Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(key(member))),
        (VERSION.to_owned(), number(version)),
        (WRITTEN.to_owned(), instant(setting.now)),
        ("n".to_owned(), number(n)),
    ]);
    if let Some(Asked { at, by, because, due, closed }) = asked {
        item.extend(asked_by((*at, by, *because)));
        item.insert("r".to_owned(), instant(*due));
        item.extend(closed.then(|| ("cl".to_owned(), AttributeValue::Bool(true))));
    }
    item.extend(held_until.map(|last| ("h".to_owned(), text(last.to_string()))));
    item.extend(revoked_at.map(|at| ("x".to_owned(), instant(at))));
    if let Some(Work { claims, signals }) = work {
        item.insert("c".to_owned(), AttributeValue::L(claims.iter().map(text).collect()));
        item.extend(signals.map(|signals| ("g".to_owned(), number(signals))));
    }
    match open {
        Some(at) => {
            item.insert(OPEN_KIND.to_owned(), text(DUE));
            item.insert(OPEN_AT.to_owned(), instant(at));
        }
        None if asked.is_some() => {
            let gone = setting.now.saturating_add(REMEMBERED).unwrap_or(setting.now);
            item.insert(TTL.to_owned(), number(gone.as_second()));
        }
        None => {} // a hold alone stays
    }
    item
}

/// The same back, and its version.
pub(crate) fn decode_request(item: &Item) -> Result<(Request, u64), Damage> {
    let parts = || {
        let asked = item.get("r").map(|due| {
            let (at, by, because) = decode_asked_by(item)?;
            let (due, closed) = (as_instant(Some(due), "r")?, item.contains_key("cl"));
            Ok::<_, Damage>(Asked { at, by, because, due, closed })
        });
        let held_until = item.get("h").map(|last| as_text(Some(last), "h")?.parse().map_err(|_no_date| damaged("h")));
        let work = item.get("c").map(|claims| {
            let claims = as_list(Some(claims), "c")?.iter().map(|key| as_text(Some(key), "c").map(str::to_owned));
            let signals = item.get("g").map(|count| as_number(Some(count), "g")).transpose()?;
            Ok::<_, Damage>(Work { claims: claims.collect::<Result<_, _>>()?, signals })
        });
        let request = Request {
            member: member_of(item)?.1,
            n: as_number(item.get("n"), "n")?,
            asked: asked.transpose()?,
            held_until: held_until.transpose()?,
            revoked_at: item.get("x").map(|at| as_instant(Some(at), "x")).transpose()?,
            work: work.transpose()?,
        };
        Ok((request, as_number(item.get(VERSION), VERSION)?))
    };
    parts().map_err(|damage: Damage| damage.of(MEMBER_JOBS.name))
}

/// A row of the register in its next version.
pub(crate) fn encode_receipt(receipt: &Receipt, version: u64, now: Timestamp) -> Item {
    let Receipt { member, n, asked_at, by, because, erased_at, absorbed, steps, answers, late } = receipt;
    let mut item = Item::from([
        (ERASURES.hash.to_owned(), text(member.as_str())),
        (VERSION.to_owned(), number(version)),
        (WRITTEN.to_owned(), instant(now)),
        ("n".to_owned(), number(n)),
        ("e".to_owned(), instant(*erased_at)),
    ]);
    item.extend(asked_by((*asked_at, by, *because)));
    put(&mut item, "ab", AttributeValue::L(absorbed.iter().map(|member| text(member.as_str())).collect()));
    let done = |done: &Done| AttributeValue::L(vec![instant(done.at), number(done.count)]);
    put(
        &mut item,
        "s",
        AttributeValue::M(steps.iter().map(|(step, did)| (step.name().to_owned(), done(did))).collect()),
    );
    let answer = |answer: &Option<Done>| answer.as_ref().map_or(AttributeValue::Null(true), done);
    put(&mut item, "a", AttributeValue::M(answers.iter().map(|(name, said)| (name.clone(), answer(said))).collect()));
    item.extend(late.then(|| ("l".to_owned(), AttributeValue::Bool(true))));
    item
}

/// The same back, and its version.
pub(crate) fn decode_receipt(item: &Item) -> Result<(Receipt, u64), Damage> {
    let parts = || {
        let member = |value, name| as_text(value, name)?.parse().map_err(|_not_an_id| damaged("member"));
        let (asked_at, by, because) = decode_asked_by(item)?;
        let steps = as_map(item.get("s"), "s")?.into_iter().map(|(name, did)| {
            let step = Step::ALL.into_iter().find(|step| step.name() == name).ok_or_else(|| damaged("s"))?;
            Ok((step, done(did, "s")?))
        });
        let answers = as_map(item.get("a"), "a")?.into_iter().map(|(name, said)| {
            let said = if said.is_null() { None } else { Some(done(said, "a")?) };
            Ok((name.clone(), said))
        });
        let receipt = Receipt {
            member: member(item.get(ERASURES.hash), ERASURES.hash)?,
            n: as_number(item.get("n"), "n")?,
            asked_at,
            by,
            because,
            erased_at: as_instant(item.get("e"), "e")?,
            absorbed: as_list(item.get("ab"), "ab")?
                .iter()
                .map(|id| member(Some(id), "ab"))
                .collect::<Result<_, _>>()?,
            steps: steps.collect::<Result<_, Damage>>()?,
            answers: answers.collect::<Result<BTreeMap<_, _>, Damage>>()?,
            late: item.contains_key("l"),
        };
        Ok((receipt, as_number(item.get(VERSION), VERSION)?))
    };
    parts().map_err(|damage: Damage| damage.of(ERASURES.name))
}

fn done(value: &AttributeValue, what: &'static str) -> Result<Done, Damage> {
    let [at, count] = as_list(Some(value), what)? else { return Err(damaged(what)) };
    Ok(Done { at: as_instant(Some(at), what)?, count: as_number(Some(count), what)? })
}

fn asked_by((at, by, because): (Timestamp, &str, Because)) -> [(String, AttributeValue); 3] {
    [("q".to_owned(), instant(at)), ("by".to_owned(), text(by)), ("be".to_owned(), text(because.name()))]
}

fn decode_asked_by(item: &Item) -> Result<(Timestamp, String, Because), Damage> {
    let because = as_text(item.get("be"), "be")?;
    let because = Because::ALL.into_iter().find(|known| known.name() == because).ok_or_else(|| damaged("be"))?;
    Ok((as_instant(item.get("q"), "q")?, as_text(item.get("by"), "by")?.to_owned(), because))
}
