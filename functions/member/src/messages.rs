//! The queue `members`: what members are told of by others.

use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::{MemberId, OperationId};
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use lambda::{Failure, Private, Problem, consume, of_member, shaped};
use serde::Deserialize;
use serde_json::Value;
use store::{Asking, StoreError};
use tokio::time::Instant;

use crate::access;
use crate::quality::{self, Counted};

/// The ledger has an account for somebody.
const OPENED: &str = "perennial.led.accountopened.v1";

/// The events that are wanted.
pub(crate) const WANTS: &[&str] = &[OPENED];

/// As the source of members whom the ledger met first.
const LEDGER: &str = "ledger";

/// What the router counted in a batch of a stream.
const COUNTED: &str = "perennial.gov.factsreported.v1";

/// What a message is about: what is about the same is done together.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    /// A member.
    Member(MemberId),
    /// The systems that report.
    Sources,
}

/// What a message says.
#[derive(Debug, Clone)]
enum Message {
    /// There is an account for the member.
    Opened(OperationId),
    /// So many facts were reported.
    Counted((OperationId, Counted)),
    /// A context has deleted what it had of a member who was erased.
    Erased(Answer),
    /// What is known of a member is to be gathered on.
    Access,
}

/// What a context answers to an erasure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Who was erased.
    member: MemberId,
    /// Which context.
    context: String,
    /// How much it has deleted.
    deleted: u64,
}

/// Takes a batch in.
pub(crate) async fn take(app: &Private, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, |body| ready(parse(body)), |about, messages| work(app, about, messages, deadline)).await
}

fn parse(body: Value) -> Result<(About, Message), Failure> {
    if body["type"] == COUNTED {
        return Ok((About::Sources, Message::Counted(quality::counted(&body)?)));
    }
    if let Some(member) = body["access"].as_str() {
        let member = member.parse().map_err(|error: String| Problem::invalid("/access", error))?;
        return Ok((About::Member(member), Message::Access));
    }
    if !body["deleted"].is_null() {
        let answer: Answer = shaped(&body)?;
        return Ok((About::Member(answer.member.clone()), Message::Erased(answer)));
    }
    let (member, event) = of_member(&body)?;
    match event.kind.as_str() {
        OPENED => Ok((About::Member(member), Message::Opened(event.correlationid))),
        _ => Err(Problem::invalid("/type", "is nothing that this queue takes").into()),
    }
}

async fn work(app: &Private, about: About, messages: Vec<Message>, deadline: Instant) -> Vec<Result<(), Failure>> {
    let mut outcomes = Vec::new();
    for message in messages {
        outcomes.push(match (&about, message) {
            (About::Member(member), Message::Opened(operation)) => enrol(app, member, operation, deadline).await,
            (About::Member(member), Message::Erased(answer)) => answered(app, member, &answer, deadline).await,
            (About::Member(member), Message::Access) => access::go_on(app, member, deadline).await.map(drop),
            (_, Message::Counted(counted)) => quality::count(app, &counted, deadline).await,
            (About::Sources, _) => Err(StoreError::bug("it is about a member").into()),
        });
    }
    outcomes
}

/// Whoever has an account is a member.
async fn enrol(app: &Private, member: &MemberId, operation: OperationId, deadline: Instant) -> Result<(), Failure> {
    let (programmes, now) = (app.programmes().await?, app.now());
    let (rules, setting) = (Rules::of(programmes.at(now), now), Setting { programmes: &programmes, now });
    let asking = Asking { keys: app.keys(), by: LEDGER, operation, rules, setting };
    app.store().enrol_bare(member, LEDGER, asking, &mut app.patience(deadline)).await?;
    Ok(())
}

/// What a context says belongs into the receipt. What is said again, or was not asked, changes nothing.
async fn answered(app: &Private, member: &MemberId, answer: &Answer, deadline: Instant) -> Result<(), Failure> {
    let (programmes, now) = (app.programmes().await?, app.now());
    let (rules, setting) = (Rules::of(programmes.at(now), now), Setting { programmes: &programmes, now });
    let operation = OperationId::of_fact("erasure", member.as_str(), &answer.context);
    let asking = Asking { keys: app.keys(), by: &answer.context, operation, rules, setting };
    let said = (answer.context.as_str(), answer.deleted);
    app.store().erasure_answered(member, said, asking, &mut app.patience(deadline)).await?;
    Ok(())
}
