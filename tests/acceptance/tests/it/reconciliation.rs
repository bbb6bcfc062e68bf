//! The ledger is watched: every day is closed with a checkpoint, an export proves itself, and what was changed behind the
//! product's back is found.

use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use operator::export::{Report, verify, write};
use serde_json::{Value, json};
use store::Closed;

use crate::tables;
use crate::world::{START, World};

impl World {
    async fn checkpoints(&self) -> Vec<Closed> {
        self.store().checkpoints().await.unwrap()
    }
}

/// Days of some members: purchases, a redemption, a refund, a pause; long enough that history is sealed into pages.
async fn lived() -> World {
    let world = World::whole(START, &[]).await;
    for day in 0..6 {
        for member in ["m-1", "m-2", "m-3"] {
            for order in 0..4 {
                world.pays(member, &format!("{member}-{day}-{order}"), 20_000).await.ok();
            }
        }
        world.refunds(&format!("m-2-{day}-0"), &format!("r-{day}"), "m-2", 5_000).await.ok();
        world.platform.rest().await.unwrap();
        world.days_pass(1).await;
    }
    world
}

async fn exported(world: &World) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    write(&world.store(), directory.path()).await.unwrap();
    directory
}

/// The lines of a table's file.
fn lines(directory: &Path, table: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(directory.join(format!("{table}.json"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is found when a table's lines were changed.
#[track_caller]
fn changed(directory: &Path, table: &str, change: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
    let file = directory.join(format!("{table}.json"));
    let before = std::fs::read_to_string(&file).unwrap();
    let mut all = lines(directory, table);
    change(&mut all);
    std::fs::write(&file, all.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let Report { differences, .. } = verify(directory, None).unwrap();
    std::fs::write(&file, before).unwrap();
    differences
}

fn place(lines: &[Value], name: &str, value: &str) -> usize {
    lines.iter().position(|line| line["Item"][name]["S"].as_str().is_some_and(|text| text.starts_with(value))).unwrap()
}

#[tokio::test]
async fn every_day_is_closed_and_an_export_proves_itself() {
    let world = lived().await;
    let checkpoints = world.checkpoints().await;
    assert_eq!(checkpoints.len(), 6, "one for each day that is over");
    let mut previous = Hash::GENESIS;
    for Closed { checkpoint, root, differences } in &checkpoints {
        assert_eq!((checkpoint.previous, checkpoint.accounts, differences.len()), (previous, 3, 0), "{checkpoint:?}");
        assert_eq!(checkpoint.hash(), *root);
        previous = *root;
    }
    // Days without a purchase are closed as well.
    world.days_pass(2).await;
    assert_eq!(world.checkpoints().await.len(), 8);

    let directory = exported(&world).await;
    let report = verify(directory.path(), Some(checkpoints[2].root)).unwrap();
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.accounts, report.checkpoints), (3, 8));
    let pockets = [world.pockets("m-1").await, world.pockets("m-2").await, world.pockets("m-3").await];
    let sum = |place: usize| pockets.iter().map(|pockets| pockets[place]).sum::<i64>();
    assert_eq!(report.active.0 + report.pending.0, sum(0) + sum(1));
    assert!(report.entries > 75, "{report:?}");

    let strange = Hash::of("another ledger");
    let report = verify(directory.path(), Some(strange)).unwrap();
    assert_eq!(report.differences, [format!("no checkpoint has the root {strange}")]);
    assert!(verify(tempfile::tempdir().unwrap().path(), None).is_err(), "nothing proves nothing");
}

#[tokio::test]
async fn an_export_that_was_changed_does_not_prove_itself() {
    let world = lived().await;
    let directory = exported(&world).await;
    let directory = directory.path();
    assert_eq!(verify(directory, None).unwrap().differences, Vec::<String>::new());
    assert!(lines(directory, "pages").len() >= 3, "history is sealed");

    let found = changed(directory, "accounts", |all| {
        let account = place(all, "member", "m-1");
        let points = &mut all[account]["Item"]["p"]["L"][2]["N"];
        *points = json!((points.as_str().unwrap().parse::<i64>().unwrap() + 1_000).to_string());
    });
    assert!(found.iter().any(|what| what.contains("m-1: ")), "points out of nothing: {found:?}");

    let found = changed(directory, "accounts", |all| {
        let account = place(all, "member", "m-2");
        all.remove(account);
    });
    assert_eq!(found, ["m-2: a checkpoint knows the account, and it is missing"]);

    let found = changed(directory, "pages", |all| {
        let page = place(all, "member", "m-3");
        all.remove(page);
    });
    assert!(found.iter().any(|what| what.starts_with("m-3: ")), "a page is gone: {found:?}");

    let found = changed(directory, "pages", |all| {
        let page = place(all, "member", "m-1");
        all[page]["Item"]["h"]["B"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    });
    assert!(found.iter().any(|what| what.starts_with("m-1: entry ")), "another hash: {found:?}");

    let found = changed(directory, "checkpoints", |all| {
        let note = place(all, "of", "notes");
        all.remove(note);
    });
    assert!(found.iter().any(|what| what.contains("never noted") || what.contains("the checkpoint of")), "{found:?}");

    let found = changed(directory, "checkpoints", |all| {
        let first = place(all, "of", "checkpoints");
        all[first]["Item"]["points"]["N"] = json!("7");
    });
    assert!(found[0].contains("checkpoints.json, line 1: "), "{found:?}");

    let found = changed(directory, "checkpoints", |all| {
        let first = place(all, "of", "checkpoints");
        all.remove(first + 1);
    });
    assert!(found.contains(&"the checkpoint before 2026-03-03 is missing".to_owned()), "{found:?}");
}

#[tokio::test]
async fn what_was_changed_behind_the_back_of_the_product_is_found_at_night() {
    let world = World::whole(START, &[]).await;
    for member in ["m-1", "m-2"] {
        world.earns_100(member, member).await.ok();
    }
    world.platform.rest().await.unwrap();
    let update = Client::new(world.platform.aws()).update_item().table_name(tables::names(&world.platform).accounts);
    let update = update.key("member", AttributeValue::S("m-1".to_owned()));
    let update = update.update_expression("SET l[1] = :many").expression_attribute_values(":many", number("1000000"));
    update.send().await.unwrap();
    world.platform.rest().await.unwrap();
    world.days_pass(1).await;
    let closed = world.checkpoints().await;
    let [Closed { differences, checkpoint, .. }] = &closed[..] else { panic!("one day is closed: {closed:?}") };
    assert_eq!(checkpoint.accounts, 2);
    let [(member, what)] = &differences[..] else { panic!("one account differs: {differences:?}") };
    assert_eq!(member.as_str(), "m-1");
    assert!(what.contains("contradicts what else is stored"), "{what}");

    let report = verify(exported(&world).await.path(), None).unwrap();
    assert!(report.differences.iter().all(|what| what.contains("m-1: ")), "{report:?}");
    assert!(!report.differences.is_empty());
}

// rule: ledger 7.3
#[tokio::test]
async fn an_account_that_is_damaged_or_missing_is_named_before_any_day_is_closed() {
    let world = World::whole(START, &[]).await;
    world.earns_100("m-1", "a").await.ok();
    world.platform.rest().await.unwrap();
    let directory = exported(&world).await;
    let directory = directory.path();
    assert_eq!(verify(directory, None).unwrap().differences, Vec::<String>::new());
    let found = changed(directory, "accounts", |all| all[0]["Item"]["l"]["L"][1] = json!({"N": "1000"}));
    let [what] = &found[..] else { panic!("the only account: {found:?}") };
    assert!(what.starts_with("m-1: ") && what.contains("accounts.json, line 1"), "{what}");
    let found = changed(directory, "accounts", Vec::clear);
    assert_eq!(found, ["m-1: a write was noted of the account, and it is missing"]);
    let found = changed(directory, "accounts", |all| all.extend(all.clone()));
    let [what] = &found[..] else { panic!("twice: {found:?}") };
    assert!(what.starts_with("m-1: ") && what.contains("accounts.json, line 2"), "{what}");
}

fn number(text: &str) -> AttributeValue {
    AttributeValue::N(text.to_owned())
}
