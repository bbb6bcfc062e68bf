//! `GET /v1/messages/{message_id}`: what became of a message.

use lambda::{Failure, Problem, Reply, Request, Scope};

use crate::context::Dispatcher;
use crate::wire::MessageReply;

pub(crate) async fn get(dispatcher: &Dispatcher, request: &Request) -> Result<Reply, Failure> {
    let id: String = request.parameter("message_id", "message")?;
    let is_name = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let found = if is_name { dispatcher.store().message(&id).await? } else { None };
    let Some((record, _)) = found else { return Err(Problem::not_found("message").into()) };
    // A member sees its own alone; that there is another is nothing it learns.
    if request.principal()?.may_for(Scope::CareRead, &record.member).is_err() {
        return Err(Problem::not_found("message").into());
    }
    Ok(Reply::ok(&MessageReply::new(&record)))
}
