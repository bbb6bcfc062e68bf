//! The hourly run: what time has done to members is written down.

use domain::kernel::id::{ContentHash, OperationId};
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use lambda::{Broken, Private, each_due};
use serde_json::{Value, json};
use store::Asking;
use tokio::time::Instant;

use crate::quality::judge_days;

/// Ends the tags that have ended, erases those who are to be erased, and judges the sources after each night.
pub(crate) async fn run(app: &Private, deadline: Instant) -> Result<Value, Broken> {
    let now = app.now();
    let programmes = app.programmes().await.map_err(Broken::by)?;
    let (setting, rules) = (Setting { programmes: &programmes, now }, Rules::of(programmes.at(now), now));
    let operation = OperationId::of_fact("member-tick", &ContentHash::of(&Value::Null).to_string(), &now.to_string());
    let asking = Asking { keys: app.keys(), by: "schedule:member-tick", operation, rules, setting };
    let due = |shard| app.store().due_members(shard, now);
    let settle = |member| async move { app.store().settle_member(&member, asking, &mut app.patience(deadline)).await };
    let settled = each_due(deadline, due, settle).await?;
    // Few are to be erased: they are found in one place.
    let due = |shard| async move { if shard == 0 { app.store().due_erasures(now).await } else { Ok(Vec::new()) } };
    let erase = |member| async move { app.store().go_on_erasing(&member, asking, &mut app.patience(deadline)).await };
    let erased = each_due(deadline, due, erase).await?;
    judge_days(app, deadline).await.map_err(Broken::by)?;
    Ok(json!({ "settled": settled, "erased": erased }))
}
