//! Judges answers of the ledger: what was acknowledged, what was refused, and whether the ledger agrees.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::auditor::{Auditor, Books, STOCK, not_brought};
use super::known::entry_of;
use super::wishes::{account, earn, grants, redeem};
use crate::contexts::wish::{Heard, Wish};

/// What the judge remembers of the past, to tell whether a refusal was right when it was given.
#[derive(Default)]
pub(super) struct Judge {
    /// Where each member's points were, from which step on.
    states: BTreeMap<String, Vec<(u64, Books)>>,
    /// The last step at which a reward was gone.
    gone: BTreeMap<&'static str, u64>,
    /// The fewest and the most pieces that each shard of a reward has had. Shards are not read at one moment, so what is told
    /// of a stock may be a sum that there never was.
    shards: BTreeMap<(&'static str, String), (i64, i64)>,
}

/// When an invocation began and when, on its clock, it looked at the account.
pub(super) struct Looked<'a> {
    pub(super) since: u64,
    pub(super) at: &'a [i64],
}

impl Judge {
    /// Sees accounts that have changed in a step.
    pub(super) fn see<'a>(&mut self, step: u64, auditor: &Auditor, changed: impl Iterator<Item = &'a str>) {
        for name in changed {
            let Some(member) = auditor.members().get(name) else { continue };
            let states = self.states.entry(name.to_owned()).or_insert_with(|| vec![(0, Books::default())]);
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
    pub(super) fn told(&self, body: &Value) -> Vec<String> {
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
    pub(super) fn refused(&self, wish: &Wish, body: &Value, looked: &Looked<'_>) -> Option<String> {
        let code = body["code"].as_str().unwrap_or_default();
        let reward = wish.body()["reward"].as_str().unwrap_or_default().to_owned();
        if code == "out_of_stock" && !self.was_gone(&reward, looked.since) && wish.what != "quote" {
            return Some(format!("{} is refused for a stock of {reward} that was there", wish.what));
        }
        if code == "insufficient_points" && !self.had(&wish.member, body, looked) {
            return Some(format!("{} is refused by what was no longer so: {body}", wish.what));
        }
        None
    }

    /// Was there none of a reward left at some step since another?
    pub(super) fn was_gone(&self, reward: &str, since: u64) -> bool {
        self.gone.iter().any(|(gone, step)| *gone == reward && *step >= since)
    }

    /// Had the member, at some moment of the invocation, what the refusal says?
    fn had(&self, member: &str, body: &Value, looked: &Looked<'_>) -> bool {
        let stated = (body["active"].as_i64().unwrap_or(-1), body["debt"].as_i64().unwrap_or(-1));
        let none = [(0, Books::default())];
        let states = self.states.get(member).map_or(&none[..], Vec::as_slice);
        let first = states.iter().rposition(|(step, _)| *step <= looked.since).unwrap_or_default();
        states[first..].iter().any(|(_, books)| looked.at.iter().any(|at| books.spendable_at(*at) == stated))
    }
}

/// Checks what was answered against the ledger: every acknowledged wish has an entry of its own, with the balance that was
/// told; and what each handler promises besides.
pub(super) fn judge(heard: &[Heard<'_>], auditor: &Auditor) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Heard { wish, status, body } in heard.iter().filter(|heard| heard.wish.repeatable) {
        let items = body["results"].as_array().cloned().unwrap_or_default();
        let asked = wish.body();
        let parts = items.iter().zip(asked["activities"].as_array().into_iter().flatten());
        let parts = parts.map(|(item, event)| (item["status"].as_i64().unwrap_or_default(), &item["activity"], event));
        for (status, part, fact) in parts.chain(std::iter::once((*status, body, &asked))) {
            let Some(id) = entry_of(wish, part).filter(|_| status < 300) else { continue };
            let Some(entry) = auditor.entry(&id) else {
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
    let checks = [account::check, earn::check, redeem::check, grants::check];
    wrong.extend(not_brought(auditor, heard));
    wrong.extend(checks.into_iter().flat_map(|check| check(auditor, heard)));
    wrong
}
