//! Entries, pages and events, pinned byte for byte in `tests/golden`: as stored, as hashed, as told. `GOLDEN=write` writes the
//! files anew.

mod accounts;
mod care;
mod desk;
mod elsewhere;
mod entries;
mod types;
mod voice;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use store::{
    Closed, Page, decode_care, decode_care_key, decode_closed, decode_note, decode_page, decode_record, encode_care,
    encode_care_key, encode_closed, encode_note, encode_page, encode_record, image_of, item_of, size_of,
};

use crate::types::{Entry, Fact, Hash, LedgerFact, MemberId, StandingFact, canonical_json, events};

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(kind)
}

fn member() -> MemberId {
    "m-2028_Wang".parse().expect("a member")
}

/// Compares a folder with what there is now, by name.
#[track_caller]
fn check(kind: &str, now: &BTreeMap<String, Value>) {
    let folder = folder(kind);
    let path = |name: &String| folder.join(format!("{name}.json"));
    let text = |value: &Value| format!("{}\n", serde_json::to_string_pretty(value).expect("JSON"));
    if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
        std::fs::create_dir_all(&folder).expect("a folder");
        now.iter().for_each(|(name, value)| std::fs::write(path(name), text(value)).expect("the file can be written"));
    }
    for (name, value) in now {
        let before = std::fs::read_to_string(path(name)).unwrap_or_default();
        assert_eq!(
            text(value),
            before,
            "{kind}/{name}: bytes changed; that needs a line in CHANGELOG.md and GOLDEN=write"
        );
    }
    let files = std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path());
    let files: BTreeSet<PathBuf> = files.collect();
    assert_eq!(files, now.keys().map(path).collect(), "every kind has a file, and every file a kind");
}

/// Every entry by the name of its file.
fn all_entries() -> Vec<(String, Entry)> {
    [entries::all(), entries::of_lines(), entries::of_uses(), entries::of_standing(), elsewhere::of_elsewhere()]
        .concat()
}

#[test]
fn entries_are_stored_and_hashed_as_before() {
    let previous = Hash::of("the entry before");
    let mut now = BTreeMap::new();
    for (name, entry) in all_entries() {
        let page = Page { head: entry.hash(previous), previous_at: None, entries: vec![entry.clone()] };
        let item = image_of(&encode_page(&member(), &page));
        let read = decode_page(&item_of(&item).expect("an item")).expect("a page");
        assert_eq!(read, page, "{name}");
        let file = json!({
            "previous": previous, "hash": entry.hash(previous), "canonical": entry.canonical(), "item": item,
        });
        assert!(now.insert(name, file).is_none(), "a name is used once");
    }
    check("entry", &now);
}

#[test]
fn every_kind_of_entry_has_a_file() {
    let kinds: BTreeSet<&str> = all_entries().iter().map(|(_, entry)| entries::kind(&entry.detail)).collect();
    assert_eq!(kinds.len(), entries::KINDS);
}

#[test]
fn pages_are_stored_as_before() {
    let mut balance = crate::types::Points(0);
    let mut head = Hash::GENESIS;
    let mut chained = Vec::new();
    for ((_, mut entry), sequence) in entries::all().into_iter().zip(1..) {
        (entry.sequence, balance) = (sequence, balance + entry.settled_points() + entry.points());
        entry.balance = balance;
        if matches!(entries::kind(&entry.detail), "settle" | "evaluate") {
            (entry.operation, entry.content) = Entry::unasked(sequence);
        }
        head = entry.hash(head);
        chained.push(entry);
    }
    let pages = [("first", None), ("later", Some(entries::at("2028-02-28T00:00:00Z")))];
    let pages = pages.map(|(name, previous_at)| {
        let page = Page { head, previous_at, entries: chained.clone() };
        let item = image_of(&encode_page(&member(), &page));
        assert_eq!(decode_page(&item_of(&item).expect("an item")).expect("a page"), page, "{name}");
        (name.to_owned(), json!({ "item": item }))
    });
    check("page", &pages.into());
}

/// Types that no entry of these tells: an account is opened by its first, notices are worked out, lapsed refunds are told by the order's
/// row, scores by the account.
const ELSEWHERE: [&str; 5] = [
    "perennial.led.accountopened.v1",
    "perennial.led.pointsexpiring.v1",
    "perennial.led.refundlapsed.v1",
    "perennial.seg.rescorewanted.v1",
    "perennial.tier.tierdowngradeupcoming.v1",
];

#[test]
fn events_are_told_as_before() {
    let mut now = BTreeMap::new();
    for event in all_entries().into_iter().map(|(_, entry)| entry).flat_map(|entry| events(&member(), &entry, |_| true))
    {
        let value = serde_json::to_value(&event).expect("JSON");
        let name = event.kind.clone();
        now.entry(name).or_insert_with(|| json!({"id": event.id, "canonical": canonical_json(&value), "event": value}));
    }
    let types = LedgerFact::TYPES.iter().chain(StandingFact::TYPES);
    let types: BTreeSet<String> =
        types.map(|(kind, _)| (*kind).to_owned()).filter(|kind| !ELSEWHERE.contains(&&**kind)).collect();
    assert_eq!(now.keys().cloned().collect::<BTreeSet<_>>(), types, "every type is told");
    check("event", &now);
}

// rule: care 28
#[test]
fn care_is_stored_as_before() {
    let mut now = BTreeMap::new();
    for (name, state) in care::heads() {
        let item = encode_care(&state);
        assert_eq!(decode_care(&member(), &item).expect("care"), state, "{name}");
        assert!(size_of(&item) <= 12 * 1_024, "{name}: {}", size_of(&item));
        now.insert(name.to_owned(), json!({"item": image_of(&item)}));
    }
    for (name, key, filed) in care::keys() {
        let at = entries::at("2028-02-29T04:05:06.007Z");
        let item = encode_care_key(&member(), key, &filed, at);
        assert_eq!(decode_care_key(&item, at).expect("a key"), Some((key, filed)), "{name}");
        assert_eq!(
            decode_care_key(&item, entries::at("2030-06-01T00:00:00Z")).expect("a key"),
            None,
            "{name}: it has gone"
        );
        now.insert(name.to_owned(), json!({"item": image_of(&item)}));
    }
    check("care", &now);
}

// rule: ledger 7.1
#[test]
fn accounts_are_stored_as_before() {
    let mut now = BTreeMap::new();
    for (name, record) in accounts::all() {
        let item = image_of(&encode_record(&record));
        assert_eq!(decode_record(&item_of(&item).expect("an item")).expect("an account"), record, "{name}");
        let (seal, state) = (record.account.seal, record.account.canonical());
        now.insert(name.to_owned(), json!({"canonical": state, "seal": seal, "item": item}));
    }
    check("account", &now);
}

#[test]
fn checkpoints_are_stored_and_hashed_as_before() {
    let (checkpoint, leaves) = accounts::checkpoint();
    let hashed: Vec<Value> = leaves.iter().map(|leaf| json!({"member": leaf.member, "hash": leaf.hash()})).collect();
    let root =
        json!({"tree": checkpoint.tree, "hash": checkpoint.hash(), "points": checkpoint.points, "leaves": hashed});
    let note = encode_note(checkpoint.day, "shard-7", leaves.iter());
    assert_eq!(decode_note(&note).expect("a note"), leaves);
    let differences = vec![(member(), "the balance does not follow from the entries".to_owned())];
    let closed = Closed { checkpoint, root: checkpoint.hash(), differences };
    let item = encode_closed(&closed);
    assert_eq!(decode_closed(&item).expect("a checkpoint"), closed);
    let [note, closed] = [note, item].map(|item| json!({ "item": image_of(&item) }));
    check(
        "checkpoint",
        &[("day", root), ("note", note), ("closed", closed)].map(|(name, of)| (name.to_owned(), of)).into(),
    );
}
