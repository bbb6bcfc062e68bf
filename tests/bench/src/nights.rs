//! What the proof of a day costs by how much came before it.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use domain::kernel::id::MemberId;
use domain::ledger::account::Account;
use domain::ledger::proof::Leaf;
use dynoxide::ImportOptions;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Page, Record, decode_page, decode_record, encode_page, encode_record, image_of, item_of};

use crate::harness::{Bench, DAY, Places, fired, succeeded};
use crate::runtime::Process;
use crate::tables::Counts;

/// How many accounts are written on a day.
const WRITTEN: usize = 100;

/// What the night after a day asks for.
pub(crate) struct Night {
    /// How many entries each account had.
    pub(crate) entries: usize,
    /// With [`Night::WRITTEN`] accounts of which the day's entries are read.
    pub(crate) usual: Counts,
    /// With one that is read whole.
    pub(crate) whole: Counts,
}

impl Night {
    pub(crate) const WRITTEN: u64 = WRITTEN as u64;
}

/// Is an account that has entries from before read whole when a day is closed on which it was written?
#[must_use]
pub fn is_read_whole(member: &str, day: Date) -> bool {
    let Ok(member) = member.parse::<MemberId>() else { return false };
    let account = Account { sequence: 1, ..Account::new(member) };
    Leaf::of(&account, &account).read_from(day) == 1
}

/// After few entries, and after many.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Night>> {
    let mut nights = Vec::new();
    for entries in [10, 1_000] {
        nights.push(one(places, entries).await?);
    }
    Ok(nights)
}

async fn one(places: &Places, entries: usize) -> anyhow::Result<Night> {
    let past = DAY * i32::try_from(entries + 20)?;
    let bench = Bench::new(places, &places.programme()?, Duration::ZERO, past).await?;
    let mut earning = bench.start("earn").await?;
    let mut number = 0;
    while number < entries {
        succeeded(&earning.invoke(&bench.next_order("model", &mut number, DAY)?).await?)?;
    }
    bench.tables.changes();
    // At noon nobody is near the end of a day.
    let passed = bench.clock.now().as_second().rem_euclid(86_400);
    bench.clock.advance(DAY + SignedDuration::from_secs(43_200 - passed))?;
    let mut reconciliation = bench.start("reconciliation").await?;
    reconciliation.invoke(&fired()).await?;
    let mut after = async |count: usize, whole: bool| {
        let today = date_of(bench.clock.now());
        let names = (0..).map(|number| format!("n-{number}")).filter(|name| is_read_whole(name, today) == whole);
        let members: Vec<String> = names.take(count).collect();
        copy(&bench, &members)?;
        for member in &members {
            let mut next = number;
            succeeded(&earning.invoke(&bench.next_order(member, &mut next, SignedDuration::ZERO)?).await?)?;
        }
        closed(&bench, &mut reconciliation, members.len()).await
    };
    let (usual, whole) = (after(WRITTEN, false).await?, after(1, true).await?);
    reconciliation.stop().await?;
    earning.stop().await?;
    Ok(Night { entries, usual, whole })
}

fn date_of(at: Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(at).date()
}

/// What is asked for when the day is closed on which so many accounts were written.
async fn closed(bench: &Bench, reconciliation: &mut Process, count: usize) -> anyhow::Result<Counts> {
    reconciliation.invoke(&json!({ "Records": bench.tables.changes() })).await?;
    bench.clock.advance(DAY)?;
    bench.tables.counts();
    let done = reconciliation.invoke(&fired()).await?;
    ensure!(done["verified"] == count && done["differences"] == 0, "{done}");
    Ok(bench.tables.counts())
}

/// Gives members what the model has.
fn copy(bench: &Bench, members: &[String]) -> anyhow::Result<()> {
    let record = decode_record(&item_of(&bench.account("model")?)?)?;
    let query = json!({
        "TableName": "PagesTable",
        "KeyConditionExpression": "#member = :member",
        "ExpressionAttributeNames": {"#member": "member"},
        "ExpressionAttributeValues": {":member": {"S": "model"}},
    });
    let found = emulator::dynamodb::call(&bench.tables.database, "Query", query)?;
    let found = found["Items"].as_array().context("pages")?;
    let pages: Vec<Page> = found.iter().map(|page| Ok(decode_page(&item_of(page)?)?)).collect::<anyhow::Result<_>>()?;
    let (mut accounts, mut copies) = (Vec::new(), Vec::new());
    for member in members {
        let member: MemberId = member.parse().map_err(anyhow::Error::msg)?;
        let mut account = Account { member: member.clone(), ..record.account.clone() };
        account.seal = account.seal_of_state();
        accounts.push(serde_json::from_value(image_of(&encode_record(&Record { account, ..record.clone() })))?);
        for page in &pages {
            copies.push(serde_json::from_value(image_of(&encode_page(&member, page)))?);
        }
    }
    bench.tables.database.import_items("AccountsTable", accounts, ImportOptions::default())?;
    bench.tables.database.import_items("PagesTable", copies, ImportOptions::default())?;
    Ok(())
}
