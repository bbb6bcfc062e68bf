//! The hourly run: what time has done to members is written down.

use std::future::{Ready, ready};

use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use jiff::civil::{DateTime, Time, Weekday, time};
use lambda::{Broken, Private, each_due};
use serde_json::{Value, json};
use store::{Asking, DueJobs, StoreError};
use tokio::time::Instant;

use crate::quality::judge_days;
use crate::{access, erasing};

/// When once a week somebody looks at what is kept for years.
const WEEKLY: Time = time(4, 30, 0, 0);

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
    // Few are to be erased, or given what a lost message left undone; and records that are kept for years go once a week.
    let DueJobs { erasures, exports, records } = app.store().due_jobs(now).await.map_err(Broken::by)?;
    let patience = || app.patience(deadline);
    let erase = |member| async move { erasing::go_on(app, &member, asking, patience).await };
    let erased = each_due(deadline, listed(erasures), erase).await?;
    let mut done = json!({ "settled": settled, "erased": erased });
    if !exports.is_empty() {
        let export = |member| async move { access::go_on(app, &member, deadline).await };
        done["exported"] = each_due(deadline, listed(exports), export).await?;
    }
    if !records.is_empty() && is_weekly(rules.terms.zone.clock(now)) {
        let remove = |member| async move { app.store().remove_records(&member, now).await };
        done["removed"] = each_due(deadline, listed(records), remove).await?;
    }
    judge_days(app, deadline).await.map_err(Broken::by)?;
    Ok(done)
}

/// Those of a list, in the first shard.
fn listed(members: Vec<MemberId>) -> impl Fn(u32) -> Ready<Result<Vec<MemberId>, StoreError>> {
    move |shard| ready(Ok(if shard == 0 { members.clone() } else { Vec::new() }))
}

/// On Sunday from 04:30 local time on: who comes later finds what is left.
fn is_weekly(clock: DateTime) -> bool {
    clock.weekday() == Weekday::Sunday && clock.time() >= WEEKLY
}
