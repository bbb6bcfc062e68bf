//! Every five minutes: what is due is sent, complete or over; and from nine o'clock on whoever has a turn is asked.

use lambda::{Broken, each_due};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::context::Surveyor;

/// Does what is due, one by one, through the index; then asks those whose turn it is.
pub(crate) async fn run(surveyor: &Surveyor, deadline: Instant) -> Result<Value, Broken> {
    let surveys = surveyor.surveys().await.map_err(Broken::by)?;
    let due = |shard| surveyor.store().due_surveys(shard, surveys.now);
    let (of, patience) = (&surveys, || surveyor.patience(deadline));
    let settle = |key: String| async move { of.settle(&key, deadline, &mut patience()).await };
    let mut done = each_due(deadline, due, settle).await?;
    let invited = surveys.sample(deadline, patience).await.map_err(Broken::by)?;
    done["invited"] = json!(invited);
    Ok(done)
}
