//! Everything that is made sure of in the ledger: the auditor follows what is written, the judge what is answered.

use serde_json::Value;

use super::auditor::{Asked, Auditor, Detail, Entry};
use super::judge::{Judge, Looked, judge};
use crate::contexts::audit::{Audit, Begun, During, Wrong};
use crate::contexts::context::Dump;
use crate::contexts::wish::{Heard, Way, Wish};
use crate::database::Change;

/// The queue of those who evaluate.
const TIER_QUEUE: &str = "TierQueue";

/// Auditor and judge.
struct OfLedger {
    auditor: Auditor,
    asked: Asked,
    judge: Judge,
    /// Days' checkpoints as stored.
    checkpoints: Vec<String>,
}

/// Reads everything anew.
pub(super) fn from_scratch(dump: Dump<'_>) -> Begun {
    let (auditor, wrong) = Auditor::from_scratch(dump);
    let days = dump("CheckpointsTable").into_iter().filter(|item| !item["root"].is_null());
    let checkpoints = days.map(|item| item.to_string()).collect();
    (Box::new(OfLedger { auditor, asked: Asked::default(), judge: Judge::default(), checkpoints }), wrong)
}

/// When, on its own clock, an invocation looked at an account first, by the decisions it has begun.
fn begun(during: &During<'_>, member: &str) -> Vec<i64> {
    let mut times = Vec::new();
    // A strong read confirms what a weak one began; each evaluation of a batch begins with a strong one.
    let evaluates = during.queue == Some(TIER_QUEUE);
    for look in during.looks.iter().filter(|look| look.table == "AccountsTable" && look.key["member"]["S"] == member) {
        if times.is_empty() || evaluates || !look.is_strong {
            times.push(look.at);
        }
    }
    times
}

impl OfLedger {
    /// Among a member's entries from a place on, grants that were refused in an invocation for a stock that was there.
    fn not_gone(&self, name: &str, from: usize, during: &During<'_>) -> Wrong {
        let refused = self.auditor.entries(name)[from..].iter().filter_map(|entry| match &entry.detail {
            Detail::GrantRefused { reward: Some(reward), code, .. } if code == "out_of_stock" => {
                Some(format!("{name}: entry {} is refused for a stock of {reward} that was there", entry.sequence))
                    .filter(|_| !self.judge.was_gone(reward, during.since))
            }
            _ => None,
        });
        refused.collect()
    }
}

impl Audit for OfLedger {
    fn ask(&mut self, wish: &Wish) {
        match wish.way {
            Way::Invoke(_) => self.asked.request(&wish.payload, &wish.body()),
            Way::Send(_) => self.asked.fact(&wish.payload),
        }
    }

    /// What other contexts tell the ledger is asked for, too.
    fn sent(&mut self, queue: &str, bodies: &[Value]) {
        if queue == "IngestQueue" {
            bodies.iter().for_each(|fact| self.asked.fact(fact));
        }
    }

    fn see(&mut self, step: u64, changes: &[Change], during: Option<&During<'_>>) -> Wrong {
        let accounts = changes.iter().filter(|change| change.table == "AccountsTable");
        let names: Vec<&str> = accounts.filter_map(|change| change.after["member"]["S"].as_str()).collect();
        let known: Vec<usize> = names.iter().map(|name| self.auditor.entries(name).len()).collect();
        // Accounts that change together change at one moment, which is before no entry of any of them.
        let newest = names.iter().filter_map(|name| self.auditor.entries(name).last());
        let newest = newest.map(|entry| entry.recorded_at.as_millisecond()).max();
        let mut wrong = self.auditor.see(changes);
        self.judge.see(step, &self.auditor, names.iter().copied());
        for (name, known) in names.into_iter().zip(known) {
            let names = self.auditor.merged(name);
            let unasked = self.auditor.entries(name)[known..].iter();
            let unasked = unasked.filter_map(|entry| self.asked.check(name, &names, entry));
            wrong.extend(unasked.map(|what| format!("{name}: {what}")));
            wrong.extend(during.into_iter().flat_map(|during| self.not_gone(name, known, during)));
            let Some(looked) = during.and_then(|during| begun(during, name).pop()) else { continue };
            let latest = newest.map_or(looked, |newest| newest.max(looked));
            let later =
                self.auditor.entries(name)[known..].iter().filter(|entry| entry.recorded_at.as_millisecond() > latest);
            let later = later.map(|entry| entry.sequence);
            wrong.extend(later.map(|entry| format!("{name}: entry {entry} was decided after its account was read")));
        }
        wrong
    }

    fn answered(&self, wish: &Wish, (status, body): (Option<i64>, &Value), during: &During<'_>) -> Wrong {
        let mut wrong = Wrong::new();
        if status.is_some_and(|status| (300..500).contains(&status)) && !wish.refusals.is_empty() {
            let looked = begun(during, &wish.member);
            wrong.extend(self.judge.refused(wish, body, &Looked { since: during.since, at: &looked }));
        }
        wrong.extend(self.judge.told(body));
        wrong
    }

    /// Nothing that was due is left, and every member is evaluated.
    fn at_rest(&self, at: i64) -> Wrong {
        let overdue = self.auditor.overdue(at).into_iter().map(|member| format!("{member} is due and was not found"));
        let mut wrong: Vec<String> = overdue.collect();
        wrong.extend(self.auditor.unevaluated(at));
        wrong.extend(self.auditor.lapsing(at));
        wrong.extend(self.auditor.reversed());
        wrong
    }

    fn closed(&self) -> Wrong {
        self.auditor.check_checkpoints()
    }

    fn heard(&self, heard: &[Heard<'_>]) -> Wrong {
        judge(heard, &self.auditor)
    }

    fn stored(&self) -> Vec<String> {
        let mut stored = Vec::new();
        for (name, member) in self.auditor.members() {
            let entry = |entry: &Entry| {
                format!("{name}.{} {:?} {} {}", entry.sequence, entry.operation, entry.points(), entry.balance)
            };
            stored.extend(member.entries.iter().map(entry));
        }
        stored.extend(self.checkpoints.iter().cloned());
        stored.extend(["drink", "toy", "sticker"].map(|reward| format!("{reward}: {}", self.auditor.left(reward))));
        stored
    }

    fn entries(&self) -> u64 {
        u64::try_from(self.auditor.count()).unwrap_or_default()
    }
}
