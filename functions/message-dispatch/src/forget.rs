//! Whatever is kept of the messages of somebody who was erased goes.

use domain::care::Standing;
use domain::kernel::id::MemberId;
use lambda::Failure;
use serde_json::json;

use crate::context::Dispatcher;

/// Somebody was erased, with those for whom they stood.
pub(crate) const ERASED: &str = "perennial.mem.membererased.v1";

/// What a context is called among those that answer to an erasure.
const CONTEXT: &str = "messages";

/// Deletes what is kept of somebody who was erased and of those for whom they stood, and says so.
pub(crate) async fn forget(dispatcher: &Dispatcher, member: &MemberId, absorbed: &[MemberId]) -> Result<(), Failure> {
    let (programmes, now) = (dispatcher.programmes().await?, dispatcher.now());
    let known = dispatcher.store().care_person(member, programmes.at(now), now).await?;
    if known.person.standing != Standing::Erased {
        return Ok(()); // the message is of a time before a copy of the table was put back; the erasure is done again
    }
    let mut deleted = dispatcher.store().forget_messages(member).await?;
    for one in absorbed {
        deleted += dispatcher.store().forget_messages(one).await?;
    }
    dispatcher.tell_members(&json!({"member": member, "context": CONTEXT, "deleted": deleted})).await
}
