//! Judges answers: what was acknowledged, what was refused, and whether the ledger agrees.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::contexts::handlers;
use crate::contexts::ledger::auditor::{Auditor, Books, STOCK};
use crate::contexts::wish::{Heard, Wish, entry_of, find};

/// A wish and its answer.
pub(crate) struct Wanted {
    pub(crate) wish: Wish,
    pub(crate) answer: Option<Value>,
    /// At which step it was answered first.
    pub(crate) answered: u64,
    pub(crate) running: u32,
    pub(crate) since: Timestamp,
    pub(crate) given_up: bool,
    /// Its message was sent.
    pub(crate) sent: bool,
}

impl Wanted {
    /// Somebody still waits for an answer.
    pub(crate) fn is_open(&self) -> bool {
        self.answer.is_none() && !self.given_up
    }
}

/// What the judge remembers of the past, to tell whether a refusal was right when it was given.
#[derive(Default)]
pub(crate) struct Judge {
    /// Where each member's points were, from which step on.
    states: BTreeMap<String, Vec<(u64, Books)>>,
    /// The last step at which a reward was gone.
    gone: BTreeMap<&'static str, u64>,
    /// The fewest and the most pieces that each shard of a reward has had. Shards are not read at one moment, so what is told
    /// of a stock may be a sum that there never was.
    shards: BTreeMap<(&'static str, String), (i64, i64)>,
}

/// When an invocation began and when, on its clock, it looked at the account.
pub(crate) struct During<'a> {
    pub(crate) since: u64,
    pub(crate) looked: &'a [i64],
}

impl Judge {
    /// Sees accounts that have changed in a step.
    pub(crate) fn see(&mut self, step: u64, auditor: &Auditor, changed: &[(String, u64)]) {
        for (name, _) in changed {
            let Some(member) = auditor.members().get(name) else { continue };
            let states = self.states.entry(name.clone()).or_insert_with(|| vec![(0, Books::default())]);
            states.push((step, member.books().clone()));
        }
        for (reward, _) in STOCK {
            for (shard, left) in auditor.shards(reward) {
                let (fewest, most) = self.shards.entry((reward, shard.to_owned())).or_insert((left, left));
                (*fewest, *most) = (left.min(*fewest), left.max(*most));
            }
            if auditor.left(reward) == 0 {
                self.gone.insert(reward, step);
            }
        }
    }

    /// Can what is told of stocks have been read?
    pub(crate) fn told(&self, body: &Value) -> Vec<String> {
        let rewards = body["rewards"].as_array().into_iter().flatten();
        let told = rewards.filter_map(|reward| {
            let known = STOCK.iter().find(|(known, _)| reward["reward"] == json!(known))?;
            let left = reward["left"].as_i64()?;
            let shards = self.shards.iter().filter(|((reward, _), _)| *reward == known.0).map(|(_, bounds)| bounds);
            let (fewest, most) = shards.fold((0, 0), |sum, bounds| (sum.0 + bounds.0, sum.1 + bounds.1));
            Some((known.0, left)).filter(|_| left != known.1 && !(fewest..=most).contains(&left))
        });
        told.map(|(reward, left)| format!("{left} {reward} are said to be left, which cannot be")).collect()
    }

    /// Was a refusal right at some moment of the invocation?
    pub(crate) fn refused(&self, wish: &Wish, body: &Value, during: &During<'_>) -> Option<String> {
        let code = body["code"].as_str().unwrap_or_default();
        if !wish.refusals.contains(&code) {
            return Some(format!("{} is refused: {body}", wish.what));
        }
        let reward = body_of(wish)["reward"].as_str().unwrap_or_default().to_owned();
        let lasted = self.gone.iter().any(|(gone, step)| *gone == reward && *step >= during.since);
        if code == "out_of_stock" && !lasted && wish.what != "quote" {
            return Some(format!("{} is refused for a stock of {reward} that was there", wish.what));
        }
        if code == "insufficient_points" && !self.had(&wish.member, body, during) {
            return Some(format!("{} is refused by what was no longer so: {body}", wish.what));
        }
        None
    }

    /// Had the member, at some moment of the invocation, what the refusal says?
    fn had(&self, member: &str, body: &Value, during: &During<'_>) -> bool {
        let stated = (body["active"].as_i64().unwrap_or(-1), body["debt"].as_i64().unwrap_or(-1));
        let none = [(0, Books::default())];
        let states = self.states.get(member).map_or(&none[..], Vec::as_slice);
        let first = states.iter().rposition(|(step, _)| *step <= during.since).unwrap_or_default();
        states[first..].iter().any(|(_, books)| during.looked.iter().any(|at| books.spendable_at(*at) == stated))
    }
}

fn body_of(wish: &Wish) -> Value {
    wish.payload["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The body of an answer as JSON.
pub(crate) fn body(answer: &Value) -> Value {
    answer["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The body of an answer, less what says that it is a repetition.
pub(crate) fn repeated(answer: &Value) -> Value {
    let mut body = body(answer);
    for item in body["results"].as_array_mut().into_iter().flatten() {
        item["replayed"] = Value::Null;
    }
    body
}

/// Is it a success, of every item if it is about several?
pub(crate) fn succeeded(answer: &Value) -> bool {
    let items = body(answer);
    let all = items["results"].as_array().is_none_or(|items| items.iter().all(|item| item["status"] == json!(200)));
    all && answer["statusCode"].as_i64().is_none_or(|status| status < 300)
}

/// Must it be asked again?
pub(crate) fn is_to_be_asked_again(answer: &Value) -> bool {
    let body = body(answer);
    let busy = |problem: &Value| problem["code"] == json!("busy") || problem["code"] == json!("unavailable");
    let items = body["results"].as_array().is_some_and(|items| items.iter().any(|item| busy(&item["problem"])));
    items || busy(&body)
}

/// Checks what was answered against the ledger: every acknowledged wish has an entry of its own, with the balance that was
/// told; and what the handlers add.
pub(crate) fn judge(wanted: &[Wanted], auditor: &Auditor) -> Vec<String> {
    let answered = wanted.iter().filter_map(|wanted| {
        let answer = wanted.answer.as_ref()?;
        Some(Heard { wish: &wanted.wish, status: answer["statusCode"].as_i64().unwrap_or(200), body: body(answer) })
    });
    let heard: Vec<Heard<'_>> = answered.collect();
    let mut wrong = Vec::new();
    let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Heard { wish, status, body } in heard.iter().filter(|heard| heard.wish.repeatable) {
        let items = body["results"].as_array().cloned().unwrap_or_default();
        let asked = body_of(wish);
        let parts = items.iter().zip(asked["activities"].as_array().into_iter().flatten());
        let parts = parts.map(|(item, event)| (item["status"].as_i64().unwrap_or_default(), &item["activity"], event));
        for (status, part, fact) in parts.chain(std::iter::once((*status, body, &asked))) {
            let Some(id) = entry_of(wish, part).filter(|_| status < 300) else { continue };
            let Some(entry) = find(auditor, &id) else {
                wrong.push(format!("{} was acknowledged as {id}, which is not in the ledger", wish.what));
                continue;
            };
            if part["balance"].is_object() && part["balance"]["total"] != json!(entry.balance) {
                wrong.push(format!(
                    "{} was told a balance of {}, {id} has {}",
                    wish.what, part["balance"], entry.balance
                ));
            }
            // The very same fact may be reported twice; two wishes with keys of their own may not share an entry.
            let (path, key) = (&wish.payload["rawPath"], &wish.payload["headers"]["idempotency-key"]);
            let by = &wish.payload["requestContext"]["authorizer"]["jwt"]["claims"]["sub"];
            entries.entry(id).or_default().insert(if wish.keyed {
                format!("{path} {key} {by}")
            } else {
                fact.to_string()
            });
        }
    }
    wrong.extend(
        entries
            .into_iter()
            .filter(|(_, wishes)| wishes.len() > 1)
            .map(|(id, wishes)| format!("{id} is the answer to {wishes:?}")),
    );
    for handler in handlers() {
        wrong.extend((handler.check)(auditor, &heard));
    }
    wrong
}
