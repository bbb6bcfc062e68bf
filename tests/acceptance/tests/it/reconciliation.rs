//! The ledger is watched: every day is closed with a checkpoint, an export proves itself, and what was changed behind the
//! product's back is found.

use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::kernel::time::Period;
use domain::ledger::account::Account;
use domain::ledger::counter::Counter;
use domain::ledger::proof::Leaf;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use operator::export::{Report, verify, write};
use serde_json::{Value, json};
use store::{Closed, Item, Page, Record, decode_page, encode_page, encode_record};

use crate::tables;
use crate::world::{START, World};

impl World {
    async fn checkpoints(&self) -> Vec<Closed> {
        self.store().checkpoints().await.unwrap()
    }

    /// Whose accounts differed when a day was closed.
    async fn differed(&self, day: Date) -> Vec<String> {
        let closed = self.checkpoints().await;
        let of = closed.iter().find(|closed| closed.checkpoint.day == day).expect("the day is closed");
        of.differences.iter().map(|(member, _)| member.to_string()).collect()
    }

    async fn puts_into(&self, table: &str, item: Item) {
        Client::new(self.platform.aws()).put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }

    /// Somebody who knows how it is done writes an account over, as its next version.
    async fn writes_over(&self, member: &MemberId, change: impl FnOnce(&mut Record)) {
        let mut record = self.store().read(member, true).await.unwrap();
        record.version += 1;
        change(&mut record);
        record.account.seal = record.account.seal_of_state();
        self.puts_into(&tables::names(&self.platform).accounts, encode_record(&record)).await;
    }

    /// A member's pages, oldest first.
    async fn pages_of(&self, member: &MemberId) -> Vec<Page> {
        let query = Client::new(self.platform.aws()).query().table_name(tables::names(&self.platform).pages);
        let query = query.key_condition_expression("#member = :member").expression_attribute_names("#member", "member");
        let query = query.expression_attribute_values(":member", AttributeValue::S(member.to_string()));
        let found = query.send().await.unwrap().items.unwrap_or_default();
        found.iter().map(|item| decode_page(item).unwrap()).collect()
    }

    /// They write the last entry of a page over.
    async fn writes_page_over(&self, member: &MemberId, mut page: Page) {
        let entry = page.entries.last_mut().expect("a page has entries");
        entry.occurred_at -= SignedDuration::from_secs(1);
        self.puts_into(&tables::names(&self.platform).pages, encode_page(member, &page)).await;
    }

    /// Members pay for some orders, whatever follows of it is done, and a day passes.
    async fn day_of(&self, members: &[&MemberId], orders: usize) {
        for member in members {
            for order in 0..orders {
                self.pays(member.as_str(), &format!("{member}-{}-{order}", self.now().as_second()), 20_000).await.ok();
            }
        }
        self.platform.rest().await.unwrap();
    }
}

/// Is an account that was written on a day read whole when that is closed?
fn is_read_whole(member: &MemberId, day: Date) -> bool {
    let account = Account { sequence: 1, ..Account::new(member.clone()) };
    Leaf::of(&account, &account).read_from(day) == 1
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

// rule: ledger 7.6
#[tokio::test]
async fn what_is_written_over_is_found_the_night_of_its_entries_or_when_all_of_the_account_is_read() {
    let world = World::whole(START, &[]).await;
    let days = [1, 2, 3, 4].map(|day| date(2026, 3, day));
    let mut members = (0..).map(|number| format!("m-{number}").parse::<MemberId>().unwrap());
    // Of the first all is read on the fourth day and on none before; of the others on none.
    let mut next = |whole: [bool; 3]| {
        members.find(|member| days[1..].iter().map(|day| is_read_whole(member, *day)).eq(whole)).unwrap()
    };
    let old = next([false, false, true]);
    let [today, recent, state, limit, whole] = [(); 5].map(|()| next([false; 3]));
    let all = [&old, &today, &recent, &state, &limit, &whole];
    world.day_of(&all, 8).await;
    world.days_pass(1).await;
    assert_eq!(world.differed(days[0]).await, Vec::<String>::new());
    let first = world.store().read(&today, true).await.unwrap().account.sequence + 1;
    world.day_of(&all, 8).await;

    let oldest = world.pages_of(&old).await.remove(0);
    assert!(oldest.entries.last().unwrap().sequence < first, "a page of the day before");
    world.writes_page_over(&old, oldest).await;
    let newest = world.pages_of(&today).await.pop().unwrap();
    assert!(newest.entries.last().unwrap().sequence >= first, "entries of today are in a page already");
    world.writes_page_over(&today, newest).await;
    let later = SignedDuration::from_secs(1);
    world.writes_over(&recent, |record| record.recent.last_mut().unwrap().occurred_at -= later).await;
    world
        .writes_over(&state, |record| {
            let pending = record.account.pockets.pending.values_mut().next().unwrap();
            *pending += Points(1_000_000);
        })
        .await;
    let counter = Counter { what: "review".to_owned(), period: Period::Ever, start: date(1970, 1, 1) };
    world.writes_over(&limit, |record| record.account.count(counter, 3)).await;
    world.platform.rest().await.unwrap();
    world.days_pass(1).await;
    let mut differing = [&today, &recent, &state, &limit].map(|member| member.to_string());
    differing.sort_unstable();
    assert_eq!(world.differed(days[1]).await, differing);

    // An export proves all of it, whatever was read at night.
    let found = verify(exported(&world).await.path(), None).unwrap().differences;
    for member in all {
        let of = format!("{member}: ");
        assert_eq!(found.iter().any(|what| what.starts_with(&of)), *member != whole, "{member}: {found:?}");
    }
    for (day, differing) in [(days[2], vec![]), (days[3], vec![old.to_string()])] {
        world.day_of(&[&old, &whole], 1).await;
        world.days_pass(1).await;
        assert_eq!(world.differed(day).await, differing, "{day}");
    }
}

fn number(text: &str) -> AttributeValue {
    AttributeValue::N(text.to_owned())
}
