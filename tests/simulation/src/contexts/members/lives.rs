//! What happens in lives: [`crate::lives`].

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::people::of;
use super::wishes::{ADDRESS, asked, presented};
use crate::contexts::known::Known;
use crate::contexts::ledger::facts::{paid, post};
use crate::contexts::reported::login;
use crate::contexts::wish::{Wish, http, request};
use crate::judge::body;

/// By what the crm calls the people.
const CALLED: [u8; 3] = [0, 1, 3];
const OF_SPENDING: &[&str] = &["insufficient_points", "in_debt", "out_of_stock", "limit_reached", "member_not_active"];
const OF_MERGES: &[&str] = &["not_mergeable", "same_member", "same_approver", "too_many_absorbed", "open_holds"];
const OF_UNMERGES: &[&str] = &["not_found", "not_merged", "later_merge", "too_late"];
const OF_STANDING: &[&str] = &["wrong_state"];
const OF_ORDERS: &[&str] = &["too_old", "in_future", "before_cutover"];
const OF_REFUNDS: &[&str] = &["too_old", "refund_window_closed", "not_found"];

/// What lives remember.
#[derive(Default)]
pub(crate) struct Life {
    count: u64,
    /// Whose, which, and for how much.
    orders: Vec<(String, String, i64)>,
    /// Who was absorbed, and by whom.
    into: BTreeMap<String, String>,
    /// Who ever was: what comes back of their orders is told by tests of its own.
    moved: BTreeSet<String>,
    /// Rows of lots that were sent before.
    lots: Vec<String>,
    /// What follows what has just happened.
    next: Vec<fn(&Known) -> Wish>,
}

/// The import that was asked for last.
fn import(known: &Known, method: &str, step: &str, what: &str) -> Wish {
    let import = known.members_known.imports.last().map_or("i-nobody", String::as_str);
    let path = format!("/v1/imports/{import}{step}");
    let said = if step == "/undo" { json!({"dry_run": what != "undo"}) } else { Value::Null };
    Wish {
        repeatable: false,
        refusals: &["wrong_state", "dry_run_first"],
        ..http(("import", method, &path), ("", what), said, None)
    }
}

/// The date in Shanghai, so many days on.
fn date(now: Timestamp, days: i64) -> Date {
    now.to_zoned(TimeZone::fixed(Offset::constant(8))).date().saturating_add(days.days())
}

impl Life {
    /// Hears what was answered.
    pub(crate) fn hears(&mut self, wish: &Wish, answer: Option<&Value>) {
        let Some(said) = answer.map(body) else { return };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match wish.what.as_str() {
            "merge" if said["status"] == "merged" => {
                self.moved.insert(text(&said["merged_from"]));
                self.into.insert(text(&said["merged_from"]), text(&said["member"]));
            }
            "unmerge" if said["unmerged"].is_string() => drop(self.into.remove(&text(&said["unmerged"]))),
            _ => {}
        }
    }

    /// Who stands for a member.
    fn stands(&self, member: &str) -> String {
        self.into.get(member).map_or_else(|| member.to_owned(), |into| self.stands(into))
    }

    /// What happens next.
    pub(crate) fn next(&mut self, known: &Known, rng: &mut Rng, now: Timestamp) -> Wish {
        self.count += 1;
        let people = &known.members_known.people;
        if people.len() < CALLED.len() {
            let place = u8::try_from(people.len()).unwrap_or_default();
            let name = ["Mei", "Li", "Wang"][usize::from(place)];
            return presented("crm", CALLED[usize::from(place)], Some((place, true)), Some(place), name);
        }
        if let Some(next) = self.next.pop() {
            return next(known);
        }
        let member = people[rng.usize(0..people.len())].clone();
        match rng.u8(0..24) {
            0..4 => self.pays(&member, rng, now),
            4..7 => self.is_featured(&member, now),
            7..11 => self.redeems(&member, rng),
            11..13 => self.returns(rng, now),
            13 => http(("earn", "POST", "/v1/activities"), (&member, "login"), self.login(&member, now), None),
            14 | 15 => self.merges(&member, &people[rng.usize(0..people.len())], rng),
            16 => self.parts(&member),
            17 => self.stands_elsewhere(&member, "suspension"),
            18 => self.stands_elsewhere(&member, "reactivation"),
            19 => {
                asked("POST", "/v1/privacy/exports", "export", json!({"member": member, "reason": "asked by letter"}))
            }
            20 | 21 => self.sends("lots", rng, now),
            22 => self.sends("status", rng, now),
            _ => self.sends("tiers", rng, now),
        }
    }

    fn pays(&mut self, member: &str, rng: &mut Rng, now: Timestamp) -> Wish {
        let (order, amount) = (format!("l-{}", self.count), rng.i64(1_000..120_000));
        let ago = if rng.bool() { SignedDuration::from_mins(6) } else { SignedDuration::from_hours(rng.i64(1..400)) };
        self.orders.push((self.stands(member), order.clone(), amount));
        let wish = post(member, &format!("earn {order}"), paid(member, &order, &order, amount, now - ago), &order);
        Wish { order: None, refusals: OF_ORDERS, ..wish }
    }

    fn is_featured(&self, member: &str, now: Timestamp) -> Wish {
        let event = json!({
            "specversion": "1.0", "type": "ugc.featured", "source": "app", "id": format!("f-{}", self.count),
            "subject": member, "time": now - SignedDuration::from_mins(6),
        });
        http(("earn", "POST", "/v1/activities"), (member, "featured"), event, None)
    }

    fn login(&self, member: &str, now: Timestamp) -> Value {
        login(member, &format!("s-{}", self.count), now - SignedDuration::from_mins(6))
    }

    fn redeems(&self, member: &str, rng: &mut Rng) -> Wish {
        let reward = ["drink", "sticker"][rng.usize(0..2)];
        let body = json!({"member": member, "reward": reward});
        let whose = self.stands(member);
        let wish = http(("redeem", "POST", "/v1/redemptions"), (&whose, "redeem"), body, self.key());
        Wish { refusals: OF_SPENDING, ..wish }
    }

    fn returns(&self, rng: &mut Rng, now: Timestamp) -> Wish {
        let own: Vec<_> = self.orders.iter().filter(|(member, ..)| !self.moved.contains(member)).cloned().collect();
        let Some((member, order, amount)) = rng.choice(own) else {
            return asked("GET", "/v1/sources", "see sources", Value::Null);
        };
        let part = if rng.bool() { amount } else { rng.i64(1..=amount) };
        let body = json!({
            "source": "shop", "id": format!("r-{}", self.count), "time": now - SignedDuration::from_mins(6),
            "amount_minor": part, "member": member,
        });
        let path = format!("/v1/orders/{order}/refunds");
        let wish = http(("earn", "POST", &path), (&member, &format!("refund {order} {part}")), body, None);
        Wish { refusals: OF_REFUNDS, ..wish }
    }

    /// Two are one; a second person asks for it, too, where points are many.
    fn merges(&self, member: &str, other: &str, rng: &mut Rng) -> Wish {
        let by = ["world", "second"][rng.usize(0..2)];
        let (path, said) = (of(member, "merge"), json!({"absorb": other, "reason": "one person"}));
        let wish = request(by, ("member", "POST", &path), ("", "merge"), said, self.key());
        Wish { refusals: OF_MERGES, ..wish }
    }

    /// Whoever was absorbed last by somebody is a member again.
    fn parts(&self, member: &str) -> Wish {
        let survivor = self.stands(member);
        let absorbed = self.into.iter().find(|(_, into)| **into == survivor).map_or(member, |(absorbed, _)| absorbed);
        let said = json!({"absorbed": absorbed, "reason": "two people after all"});
        let wish = http(("member", "POST", &of(&survivor, "unmerge")), ("", "unmerge"), said, self.key());
        Wish { refusals: OF_UNMERGES, ..wish }
    }

    fn stands_elsewhere(&self, member: &str, how: &str) -> Wish {
        let wish = http(("member", "POST", &of(member, how)), ("", how), json!({"reason": "a dispute"}), self.key());
        Wish { refusals: OF_STANDING, ..wish }
    }

    fn key(&self) -> Option<String> {
        Some(format!("k-{}", self.count))
    }

    /// A file of what some of them had elsewhere: it is sent, its import is started, and looked at when it has ended.
    fn sends(&mut self, kind: &str, rng: &mut Rng, now: Timestamp) -> Wish {
        // What this draws is its own: the rest of a life goes on as it would without it.
        let mut own = Rng::with_seed(self.count);
        self.next = vec![|known| import(known, "GET", "", "see import"), |known| {
            import(known, "POST", "/start", "start import")
        }];
        if own.u8(0..4) == 0 {
            let undone: [fn(&Known) -> Wish; 2] = [
                |known| import(known, "POST", "/undo", "undo"),
                |known| import(known, "POST", "/undo", "look at undo"),
            ];
            let mut next: Vec<fn(&Known) -> Wish> = undone.to_vec();
            next.append(&mut self.next);
            self.next = next;
        }
        let (header, mut rows) = match kind {
            "lots" => ("external_id,points,earned_on,expires_on,activates_on", self.lots(rng, now)),
            "status" => ("external_id,month,points", months(rng, now)),
            _ => ("external_id,tier,since,until", tiers(rng, now)),
        };
        rng.shuffle(&mut rows);
        // Blank rows say nothing, and make it another file.
        let blank = "\n".repeat(usize::try_from(self.count).unwrap_or_default());
        let content = format!("{header}\n{}\n{blank}", rows.join("\n"));
        let mut said = json!({"kind": kind, "source": "crm", "content": content});
        if own.u8(0..2) == 0 {
            said["as_of"] = json!(now - SignedDuration::from_hours(own.i64(1..300)));
        }
        Wish { repeatable: false, ..http(("import", "POST", "/v1/imports"), ("", "a file"), said, None) }
    }

    /// Lots of some: now and then the same as before, now and then with a bad row, or as a debt.
    fn lots(&mut self, rng: &mut Rng, now: Timestamp) -> Vec<String> {
        if !self.lots.is_empty() && rng.bool() {
            return self.lots.clone();
        }
        let mut rows = Vec::new();
        for called in some(rng) {
            if rng.u8(0..6) == 0 {
                rows.push(format!("{called},-{},,,", rng.u8(1..200)));
                continue;
            }
            for _ in 0..rng.u8(1..4) {
                let points = if rng.u8(0..10) == 0 { 0 } else { rng.i64(1..300) };
                let (earned, last) = (date(now, -rng.i64(1..200)), date(now, rng.i64(20..200)));
                let from = if rng.u8(0..4) == 0 { date(now, rng.i64(1..15)).to_string() } else { String::new() };
                rows.push(match rng.u8(0..4) {
                    0 => format!("{called},{points},{earned},,{from}"),
                    1 => format!("{called},{points},,{last},{from}"),
                    _ => format!("{called},{points},{earned},{last},{from}"),
                });
            }
        }
        self.lots.clone_from(&rows);
        rows
    }
}

/// Some of the people, and now and then somebody whom nobody knows.
fn some(rng: &mut Rng) -> Vec<String> {
    let mut called: Vec<String> = CALLED.iter().map(|id| format!("{ADDRESS}-{id}")).collect();
    rng.shuffle(&mut called);
    called.truncate(rng.usize(1..4));
    called.extend((rng.u8(0..6) == 0).then(|| format!("{ADDRESS}-9")));
    called
}

/// Status points of months, of which the oldest is too old now and then.
fn months(rng: &mut Rng, now: Timestamp) -> Vec<String> {
    let mut rows = Vec::new();
    for called in some(rng) {
        for _ in 0..rng.u8(1..4) {
            let back = if rng.u8(0..12) == 0 { 14 } else { rng.i64(0..12) };
            let month = date(now, 0).first_of_month().saturating_sub(back.months());
            rows.push(format!("{called},{:04}-{:02},{}", month.year(), month.month(), rng.i64(1..2_000)));
        }
    }
    rows
}

fn tiers(rng: &mut Rng, now: Timestamp) -> Vec<String> {
    let called = some(rng);
    let row = |called: String| {
        let tier = ["member", "silver", "gold", "diamond"][rng.usize(0..4)];
        format!("{called},{tier},{},{}", date(now, -rng.i64(1..300)), date(now, rng.i64(1..300)))
    };
    called.into_iter().map(row).collect()
}
