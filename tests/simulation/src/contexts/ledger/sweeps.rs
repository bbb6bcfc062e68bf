//! What a sweep costs, in calls, by how many accounts there are.

use jiff::Timestamp;
use serde_json::{Value, json};
use store::{decode_record, encode_record, image_of, item_of};

use super::stories::earn::reported;
use crate::contexts::wish::fired;
use crate::plan::{Plan, Tier};
use crate::stack::EPOCH;
use crate::world::{World, block_on};

/// How many calls a sweep makes among so many accounts, of which so many are due.
///
/// # Errors
/// A world cannot be set up, or the sweep does not settle what is due.
pub fn calls(accounts: usize, due: usize) -> anyhow::Result<usize> {
    block_on(1, async move {
        let mut world = World::new(Plan { tier: Tier::Memory, faults_per_mille: 0, ..Plan::seed(1) }).await?;
        let place = world.want(reported("1", 10_000));
        world.drive(place, None, false).await;
        let mut items = world.database.dump("AccountsTable");
        let Some(model) = items.pop() else { anyhow::bail!("there is no account") };
        let now = EPOCH.parse::<Timestamp>()?.as_second();
        for number in 0..accounts {
            // Points that activate: some within the day, the others in a month.
            let at = now + if number < due { 3_600 } else { 30 * 86_400 };
            let item = like(&model, &format!("n-{number}"), at)?;
            let put = json!({"TableName": "AccountsTable", "Item": item});
            let (status, answer) = world.database.carry_out(world.millis(), "PutItem", &put);
            anyhow::ensure!(status == 200, "{answer}");
        }
        world.database.changes();
        world.skip(2 * 86_400_000);
        let place = world.want(fired("UpkeepFunctionSettleDueAccounts", "upkeep"));
        let calls = world.drive(place, None, false).await;
        let swept = world.wanted[place].answer.clone().unwrap_or_default();
        anyhow::ensure!(swept["settled"] == due, "{swept}");
        Ok(calls)
    })
}

/// An account like another, found in the index at an instant, its pending points activating then.
fn like(model: &Value, member: &str, at: i64) -> anyhow::Result<Value> {
    let mut record = decode_record(&item_of(model)?)?;
    let at = Timestamp::from_second(at)?;
    record.due = Some(at);
    let account = &mut record.account;
    account.member = member.parse().map_err(anyhow::Error::msg)?;
    let pending = std::mem::take(&mut account.pockets.pending);
    account.pockets.pending = pending.into_iter().map(|((_, expires_at), points)| ((at, expires_at), points)).collect();
    account.seal = account.seal_of_state();
    Ok(image_of(&encode_record(&record)))
}
