use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::quantity::Points;
use domain::kernel::stamp::Stamp;
use domain::kernel::time::Period;
use domain::ledger::adjustment::Adjust;
use domain::ledger::books::Change;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::counter::Counter;
use domain::ledger::known::Known;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::setting::Setting;
use serde_json::{Value, json};

use super::*;
use crate::encode_record;
use crate::json::image_of;
use crate::ledger::account_item::size_of_record;

/// An account with corrections of 100 and 50 points, before and after the second.
fn written() -> (Record, Record) {
    let document = toml::from_str(include_str!("../../../../../programme.toml")).expect("a programme");
    let programmes = Programmes::only(Programme::compile(1, document).expect("a sound one"));
    let mut record = Record::new("m-1".parse().expect("an id"));
    let mut before = record.clone();
    for (key, points) in [("a", 100), ("b", 50)] {
        let now = "2026-11-22T10:00:00Z".parse().expect("an instant");
        let operation = OperationId::of_key("test", "POST", "/", key);
        let stamp = Stamp { operation, content: ContentHash([0; 8]), occurred_at: now };
        let adjust = Adjust { points: Points(points), reason: "goodwill".to_owned() };
        let setting = Setting { programmes: &programmes, now };
        let decided =
            Instruction::keyed(stamp, Command::Adjust(adjust)).decide(&record.account, &[], &Known::default(), setting);
        let Change { account, entry, .. } = decided.expect("it is accepted");
        before = record.clone();
        record = Record { account, version: record.version + 1, ..record };
        record.recent.push(entry);
    }
    (before, record)
}

/// As somebody would write it who knows how an account is sealed.
fn sealed(record: &Record) -> Value {
    let mut account = record.account.clone();
    account.seal = account.seal_of_state();
    image_of(&encode_record(&Record { account, ..record.clone() }))
}

fn seen(before: &Record, after: &Record) -> Result<Committed, StoreError> {
    let images = json!({"OldImage": sealed(before), "NewImage": sealed(after)});
    committed(&json!({ "dynamodb": images }))
}

// rule: ledger 7.4
#[test]
fn a_write_adds_up() {
    let (before, after) = written();
    let committed = seen(&before, &after).expect("a record");
    assert_eq!((committed.entries.len(), committed.difference()), (1, None));
    assert_eq!(committed.entries, after.recent[1..]);
    assert_eq!(committed.leaf(None), Some(Leaf::of(&before.account, &after.account)));
}

// rule: ledger 7.4
#[test]
fn an_entry_that_was_there_is_what_it_was() {
    let (before, mut after) = written();
    after.recent[0].occurred_at = "2026-11-21T10:00:00Z".parse().expect("an instant");
    let committed = seen(&before, &after).expect("a record");
    assert_eq!(committed.difference(), Some("the entries before"));
    let whole = Leaf::of(&before.account, &after.account).since_the_first();
    assert_eq!(committed.leaf(committed.difference()), Some(whole));
    // What was sealed into a page is gone from the account, and nothing else is.
    let (before, mut after) = written();
    let sealed = after.recent.remove(0);
    after.sealed = Some((&sealed).into());
    assert_eq!(seen(&before, &after).expect("a record").difference(), None);
}

#[test]
fn a_balance_that_no_entry_explains_is_noticed() {
    let (mut before, after) = written();
    for points in before.account.pockets.active.values_mut() {
        *points += Points(1);
    }
    assert_eq!(seen(&before, &after).expect("a record").difference(), Some("the balance"));
    // An entry's balance follows from the account's, so one that was changed afterwards breaks the chain as well.
    let (before, mut after) = written();
    for points in after.account.pockets.active.values_mut() {
        *points += Points(1);
    }
    assert_eq!(seen(&before, &after).expect("a record").difference(), Some("the hash chain"));
}

#[test]
fn a_chain_that_does_not_follow_is_noticed() {
    let (mut before, mut after) = written();
    before.account.head.0[0] ^= 1;
    assert_eq!(seen(&before, &after).expect("a record").difference(), Some("the hash chain"));
    before.account.head.0[0] ^= 1;
    after.recent[1].occurred_at = "2026-11-21T10:00:00Z".parse().expect("an instant");
    assert_eq!(seen(&before, &after).expect("a record").difference(), Some("the hash chain"));
}

#[test]
fn entries_that_are_missing_make_a_record_unreadable() {
    let (before, mut after) = written();
    after.recent.pop();
    assert!(seen(&before, &after).is_err());
}

#[test]
fn a_write_without_an_entry_changes_nothing_that_is_sealed() {
    let (_, before) = written();
    let mut after = Record {
        version: before.version + 1,
        due: Some("2026-12-01T00:00:00Z".parse().expect("an instant")),
        ..before.clone()
    };
    let committed = seen(&before, &after).expect("a record");
    assert_eq!((committed.difference(), committed.leaf(None)), (None, None));
    let counter = Counter { what: "review".to_owned(), period: Period::Ever, start: jiff::civil::date(1970, 1, 1) };
    after.account.count(counter, 3);
    let committed = seen(&before, &after).expect("a record");
    assert_eq!(committed.difference(), Some("the seal"));
    let is = Leaf::of(&before.account, &before.account).since_the_first();
    assert_eq!(committed.leaf(committed.difference()), Some(is), "it is noted as it must be");
}

#[test]
fn an_image_that_is_not_what_was_written_names_its_member() {
    let (before, after) = written();
    let mut image = sealed(&after);
    image["v"]["N"] = json!("9");
    let record = json!({"dynamodb": {"OldImage": sealed(&before), "NewImage": image}});
    let Err(StoreError::AccountDamaged { member, .. }) = committed(&record) else { panic!("it is damaged") };
    assert_eq!(member.as_str(), "m-1");
}

#[test]
fn an_account_is_as_large_as_it_is_said_to_be_before_it_is_written() {
    let (before, after) = written();
    for record in [before, after] {
        assert_eq!(size_of_record(&record), crate::size_of(&encode_record(&record)));
    }
}
