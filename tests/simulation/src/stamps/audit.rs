//! The auditor of the cards: reads items as they are written, with a model of its own, and knows nothing of the product's code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::card::{Ask, FULL, LASTS_HOURS, PRICE, Refused, SHARDS};
use crate::contexts::audit::{Audit, During, Wrong};
use crate::database::Change;

/// How many operations a card recognises, and for how long in milliseconds.
const RING: (usize, i64) = (8, 72 * 3_600_000);
/// How many gifts there are at first.
pub(super) const GIFTS: i64 = 9;

/// A card by the auditor's own model. Instants in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    number: Option<String>,
    stamps: u32,
    gifts: u32,
    collected: u32,
    lapses: Option<i64>,
}

type Facts = Vec<(&'static str, Value)>;

impl State {
    fn lapse(&mut self, now: i64) -> Facts {
        if self.lapses.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.lapses = None;
        vec![("perennial.stamps.lapsed.v1", json!({ "stamps": std::mem::take(&mut self.stamps) }))]
    }

    /// What an ask makes of it; a refusal that follows from the card alone.
    fn after(mut self, ask: Option<&Ask>, now: i64) -> Result<(Self, Facts), Refused> {
        let mut facts = self.lapse(now);
        match ask {
            None => {}
            Some(Ask::Collect) => {
                (self.stamps < FULL).then_some(()).ok_or(Refused::CardFull)?;
                (self.stamps, self.collected) = (self.stamps + 1, self.collected + 1);
                self.lapses = Some(now + LASTS_HOURS * 3_600_000);
                facts.push(("perennial.stamps.collected.v1", json!({ "stamps": self.stamps })));
                facts.extend((self.stamps == FULL).then(|| ("perennial.stamps.filled.v1", json!({ "gift": null }))));
            }
            Some(Ask::Swap) => {
                self.stamps = self.stamps.checked_sub(PRICE).ok_or(Refused::TooFewStamps)?;
                self.gifts += 1;
                self.lapses = self.lapses.filter(|_| self.stamps > 0);
                facts.push(("perennial.stamps.swapped.v1", json!({ "gifts": self.gifts })));
            }
            Some(Ask::GiveBack) => self.gifts = self.gifts.checked_sub(1).ok_or(Refused::WrongState)?,
            Some(Ask::Link(number)) => {
                self.number.is_none().then_some(()).ok_or(Refused::WrongState)?;
                self.number = Some(number.clone());
            }
            Some(Ask::Unlink) => drop(self.number.take().ok_or(Refused::WrongState)?),
        }
        Ok((self, facts))
    }
}

/// What identifies an ask: operation and content, as they are stored.
pub(super) type Identity = (String, String);

/// What was done once.
#[derive(Debug, Clone)]
struct Applied {
    member: String,
    at: i64,
    /// How many operations of its card came after it.
    since: usize,
    said: Option<String>,
    version: u64,
}

/// Who watches.
#[derive(Default)]
pub(super) struct Auditor {
    /// What was asked, by identity.
    pub(super) asks: BTreeMap<Identity, Ask>,
    cards: BTreeMap<String, Vec<(u64, State)>>,
    applied: BTreeMap<Identity, Applied>,
    shards: BTreeMap<String, i64>,
    /// What each shard held, by step.
    held: Vec<(u64, BTreeMap<String, i64>)>,
    owners: BTreeMap<String, Vec<(u64, Option<String>)>>,
    rows: BTreeMap<String, u32>,
    /// Events that must be told: type and data by id.
    pub(super) expected: BTreeMap<String, (String, Value)>,
    written_at: BTreeMap<String, i64>,
    /// Commands that were done, and how often time did something.
    pub(super) done: (usize, usize),
}

fn text(value: &Value) -> Option<String> {
    value["S"].as_str().map(str::to_owned)
}

fn whole(value: &Value) -> Option<i64> {
    value["N"].as_str()?.parse().ok()
}

fn count(value: &Value) -> u32 {
    whole(value).and_then(|count| count.try_into().ok()).unwrap_or_default()
}

/// Seconds with up to three decimals, in milliseconds.
fn millis(value: &Value) -> Option<i64> {
    let text = value["N"].as_str()?;
    let (seconds, rest) = text.split_once('.').unwrap_or((text, ""));
    Some(seconds.parse::<i64>().ok()? * 1000 + format!("{rest:0<3}").parse::<i64>().ok()?)
}

fn state(item: &Value) -> State {
    State {
        number: text(&item["n"]),
        stamps: count(&item["s"]),
        gifts: count(&item["g"]),
        collected: count(&item["c"]),
        lapses: whole(&item["l"]),
    }
}

/// Identity, instant and what was said, of each operation in the ring.
fn ring(item: &Value) -> Vec<(Identity, i64, Option<String>)> {
    let asked = item["op"]["L"].as_array().into_iter().flatten();
    let part = |asked: &Value, place: usize| asked["L"][place].clone();
    let bytes = |value: &Value| value["B"].as_str().unwrap_or_default().to_owned();
    asked
        .map(|asked| {
            let identity = (bytes(&part(asked, 0)), bytes(&part(asked, 1)));
            (identity, millis(&part(asked, 2)).unwrap_or_default(), text(&part(asked, 3)))
        })
        .collect()
}

fn event_id(member: &str, version: i64, kind: &str, leg: usize) -> String {
    let digest = Sha256::digest(format!("cards/{member}.{version}\n{kind}\n{leg}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Audit for Auditor {
    fn see(&mut self, step: u64, changes: &[Change], _during: Option<&During<'_>>) -> Wrong {
        let mut wrong = Vec::new();
        for Change { table, before, after } in changes {
            match table.as_str() {
                "cards" => {
                    wrong.extend(self.card(step, before, after).into_iter().map(|what| format!("{what}: {after}")))
                }
                "card-log" => *self.rows.entry(text(&after["member"]).unwrap_or_default()).or_default() += 1,
                "card-numbers" => {
                    let item = if after.is_null() { before } else { after };
                    let owners = self.owners.entry(text(&item["claim"]).unwrap_or_default()).or_default();
                    if !before.is_null() && !after.is_null() {
                        wrong.push(format!("a number was taken away from its owner: {before} {after}"));
                    }
                    owners.push((step, text(&after["owner"])));
                }
                _ => {
                    self.shards.insert(text(&after["id"]).unwrap_or_default(), whole(&after["n"]).unwrap_or(-1));
                    self.held.push((step, self.shards.clone()));
                }
            }
        }
        if !changes.is_empty() {
            wrong.extend(self.adds_up());
        }
        wrong
    }

    /// Thirty days have passed, and a sweep has taken what lapsed.
    fn at_rest(&self, _at: i64) -> Wrong {
        let newest = self.cards.iter().filter_map(|(member, states)| Some((member, states.last()?)));
        let left = newest.filter(|(_, (_, card))| card.stamps > 0);
        left.map(|(member, _)| format!("a sweep has left out the card of {member}")).collect()
    }
}

impl Auditor {
    /// What must be so after every write.
    fn adds_up(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some((shard, left)) = self.shards.iter().find(|(_, left)| **left < 0) {
            wrong.push(format!("{shard} holds {left}"));
        }
        let newest = || self.cards.iter().filter_map(|(member, states)| Some((member, &states.last()?.1)));
        let given: i64 = newest().map(|(_, card)| i64::from(card.gifts)).sum();
        if self.shards.values().sum::<i64>() + given != GIFTS {
            wrong.push(format!("{given} gifts were given, {:?} are left of {GIFTS}", self.shards));
        }
        let claimed: BTreeSet<(&String, &String)> =
            self.owners.iter().filter_map(|(number, owners)| Some((number, owners.last()?.1.as_ref()?))).collect();
        let linked: BTreeSet<_> = newest().filter_map(|(member, card)| Some((card.number.as_ref()?, member))).collect();
        if claimed != linked {
            wrong.push(format!("claims {claimed:?} are not the numbers of the cards {linked:?}"));
        }
        for (member, card) in newest() {
            let rows = self.rows.get(member).copied().unwrap_or_default();
            if rows != card.collected {
                wrong.push(format!("{member} has collected {} stamps and has {rows} rows", card.collected));
            }
        }
        wrong
    }

    fn card(&mut self, step: u64, before: &Value, after: &Value) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        let member = text(&after["member"]).unwrap_or_default();
        let (version, at) = (whole(&after["v"]).unwrap_or(-1), millis(&after["w"]).unwrap_or(-1));
        let mut expect = |holds: bool, what| wrong.extend((!holds).then_some(what));
        expect(version == whole(&before["v"]).unwrap_or_default() + 1, "a version was left out or written over");
        expect(at >= *self.written_at.get(&member).unwrap_or(&0), "time runs backwards");
        self.written_at.insert(member.clone(), at);

        let (old, new) = (ring(before), ring(after));
        let newest = new.last().filter(|newest| Some(*newest) != old.last());
        expect(new.len() <= RING.0, "more operations are kept than may be");
        let kept: Vec<_> = old.iter().filter(|(_, asked_at, _)| newest.is_none() || at - asked_at < RING.1).collect();
        let kept = kept.into_iter().chain(newest).cloned().collect::<Vec<_>>();
        expect(new == kept[kept.len().saturating_sub(RING.0)..], "an operation that must be recognised is not kept");

        let ask = newest.map(|(identity, ..)| self.asks.get(identity));
        expect(ask != Some(None), "nobody asked for it");
        let read = state(before);
        match read.after(ask.flatten(), at) {
            Ok((expected, facts)) => {
                expect(state(after) == expected, "the card is not what was asked for");
                let told = after["news"]["M"]["f"]["L"].as_array().map_or(0, Vec::len);
                expect(told == facts.len(), "the news are not those of this version");
                let mut legs: BTreeMap<&str, usize> = BTreeMap::new();
                for (kind, data) in facts {
                    let leg = legs.entry(kind).or_default();
                    *leg += 1;
                    self.expected.insert(event_id(&member, version, kind, *leg), (kind.to_owned(), data));
                }
            }
            Err(_) => expect(false, "it should have been refused"),
        }
        let due = state(after).lapses;
        expect(due.is_none_or(|due| millis(&after["da"]).is_some_and(|place| place <= due)), "it is found too late");

        self.done = if newest.is_some() { (self.done.0 + 1, self.done.1) } else { (self.done.0, self.done.1 + 1) };
        if let Some((identity, asked_at, said)) = newest {
            let known = self.applied.get(identity);
            let again = known.is_some_and(|known| known.since < RING.0 && at - known.at < RING.1);
            expect(!again, "it was done twice");
            self.applied.values_mut().filter(|known| known.member == member).for_each(|known| known.since += 1);
            let version = version.try_into().unwrap_or_default();
            let applied = Applied { member: member.clone(), at: *asked_at, since: 0, said: said.clone(), version };
            self.applied.insert(identity.clone(), applied);
        }
        self.cards.entry(member).or_default().push((step, state(after)));
        wrong
    }

    /// Is an answer true? Said and version of it.
    pub(super) fn answered(&self, identity: &Identity, said: Option<&str>, version: u64) -> Result<(), String> {
        let applied = self.applied.get(identity).ok_or("what was acknowledged is not there")?;
        if applied.said.as_deref() != said {
            return Err(format!("{said:?} was answered, {:?} was said", applied.said));
        }
        (version >= applied.version).then_some(()).ok_or_else(|| "an answer from before it was done".to_owned())
    }

    /// Was a refusal right at some moment from a step on, by an asker's clock?
    pub(super) fn refused(
        &self,
        (member, identity): (&str, &Identity),
        refused: &Refused,
        (since, now): (u64, i64),
    ) -> bool {
        let ask = self.asks.get(identity);
        let in_time = |step: u64| step >= since;
        match refused {
            Refused::KeyReused => {
                self.applied.keys().any(|(operation, content)| *operation == identity.0 && *content != identity.1)
            }
            Refused::NumberTaken => {
                let Some(Ask::Link(number)) = ask else { return false };
                let owners = self.owners.get(number).map_or(&[][..], Vec::as_slice);
                let first = owners.iter().rposition(|(step, _)| *step <= since).unwrap_or_default();
                owners[first..].iter().any(|(_, owner)| owner.as_deref().is_some_and(|owner| owner != member))
            }
            Refused::NoGifts => {
                let first = self.held.iter().rposition(|(step, _)| *step <= since).unwrap_or_default();
                let gone = |shard: u32| {
                    let name = format!("gift#{shard}");
                    self.held[first..].iter().any(|(_, held)| held.get(&name).is_none_or(|left| *left == 0))
                };
                (0..SHARDS).all(gone)
            }
            _ => {
                let none = vec![(0, State::default())];
                let states = self.cards.get(member).unwrap_or(&none);
                let known = states.iter().rposition(|(step, _)| *step <= since);
                let fresh = known.is_none().then(State::default);
                let later = states.iter().filter(|(step, _)| in_time(*step)).map(|(_, state)| state.clone());
                let then = known.map(|known| states[known].1.clone());
                let latest = now.max(self.written_at.get(member).copied().unwrap_or_default());
                let mut seen = fresh.into_iter().chain(then).chain(later);
                seen.any(|state| {
                    [now, latest].iter().any(|at| state.clone().after(ask, *at).err().as_ref() == Some(refused))
                })
            }
        }
    }
}
