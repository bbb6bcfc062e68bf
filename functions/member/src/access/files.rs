//! The files of an archive.

use super::gathering::Gathering;
use super::{desk, known, ledger, signals, surveys};
use crate::wire::part::Reading;

/// A file, and how it is read, part by part.
pub(super) struct File {
    pub(super) name: &'static str,
    /// It is read of the member, and then of each whom the member stands for.
    pub(super) of_each: bool,
    /// What comes after a place.
    pub(super) read: for<'a> fn(&'a Gathering<'a>, Option<&'a str>) -> Reading<'a>,
}

/// All of them. A context plugs in by a line here.
pub(super) const FILES: &[File] = &[
    File { name: "profile.json", of_each: false, read: |from, _| Box::pin(known::profile(from)) },
    File { name: "identifiers.json", of_each: false, read: |from, _| Box::pin(known::identifiers(from)) },
    File { name: "consents.json", of_each: false, read: |from, _| Box::pin(known::consents(from)) },
    File { name: "tags_segments_scores.json", of_each: false, read: |from, _| Box::pin(known::scores(from)) },
    File { name: "looks.json", of_each: false, read: |from, _| Box::pin(known::looks(from)) },
    File { name: "ledger.jsonl", of_each: true, read: |from, after| Box::pin(ledger::entries(from, after)) },
    File { name: "orders.jsonl", of_each: true, read: |from, after| Box::pin(ledger::orders(from, after)) },
    File { name: "signals.jsonl", of_each: true, read: |from, after| Box::pin(signals::signals(from, after)) },
    File { name: "surveys.jsonl", of_each: true, read: |from, after| Box::pin(surveys::surveys(from, after)) },
    File { name: "tickets.jsonl", of_each: true, read: |from, after| Box::pin(desk::tickets(from, after)) },
];

/// Their names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.name)
}

/// A file by its name.
pub(super) fn named(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}
