//! Activities: one, a batch, or a message.

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::MemberId;
use domain::ledger::command::Instruction;
use domain::planted;
use domain::programme::activity::ACTIVITY_REVERSED;
use lambda::{App, Failure, Problem, Reply, Request, Role, by_member, consume, shaped};
use serde_json::Value;
use store::is_unknown_fact;
use tokio::time::Instant;

use crate::wire::{ActivityEvent, ActivityReply, BatchItem, BatchReply, BatchRequest, to_reversal};

/// The most events in one batch.
const MAX_BATCH: usize = 25;

/// `POST /v1/activities`.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let event = ActivityEvent::read(&request.json()?)?;
    let (member, instruction) = event.to_instruction(request.principal()?.backdates())?;
    let done = app.execute(&member, instruction, request.deadline).await??;
    let programmes = app.programmes().await?;
    Ok(Reply::ok(&ActivityReply::new(&done.member, &done, &programmes)?).replayed(done.replayed))
}

/// `POST /v1/activities/batch`: the events of one member become one write; every event has its own answer.
pub(crate) async fn post_batch(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (role, backdates) = (request.principal()?.role, request.principal()?.backdates());
    let batch: BatchRequest = request.body()?;
    if batch.activities.is_empty() || batch.activities.len() > MAX_BATCH {
        return Err(Problem::invalid("/activities", "a batch has 1 to 25 activities").into());
    }
    let parse = |event: Value| -> Result<(MemberId, Instruction), BatchItem> {
        let event = ActivityEvent::read(&event).and_then(|event| event.to_instruction(backdates.clone()));
        event.map_err(|problem| BatchItem::failed(problem.into()))
    };
    let execute = |member, instructions| execute(app, member, instructions, role, request.deadline);
    let results = by_member(batch.activities.into_iter().map(parse), execute).await;
    let items =
        results.into_iter().flatten().enumerate().map(|(place, item)| item.within(&format!("/activities/{place}")));
    Ok(Reply::ok(&BatchReply { results: items.collect() }))
}

async fn execute(
    app: &App,
    member: MemberId,
    instructions: Vec<Instruction>,
    role: Role,
    deadline: Instant,
) -> Vec<BatchItem> {
    let answers = async {
        let outcomes = app.execute_all(&member, &instructions, deadline).await?;
        let programmes = app.programmes().await?;
        let item = |outcome: Result<store::Done, _>| {
            let done = outcome.map_err(|refused| Failure::from(refused).told_to(role))?;
            let activity = ActivityReply::new(&done.member, &done, &programmes)?;
            Ok(BatchItem { status: 200, activity: Some(Box::new(activity)), problem: None, replayed: done.replayed })
        };
        Ok(outcomes.into_iter().map(|outcome| item(outcome).unwrap_or_else(BatchItem::failed)).collect())
    };
    let answers: Result<Vec<BatchItem>, Failure> = answers.await;
    answers.unwrap_or_else(|failure| instructions.iter().map(|_| BatchItem::failed(failure.clone())).collect())
}

/// The queue `ingest`.
pub(crate) async fn ingest(app: &App, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, parse, |member, instructions| write(app, member, instructions, deadline)).await
}

/// Whose message it is, and what it says.
fn parse(body: Value) -> Result<(MemberId, Instruction), Failure> {
    if body["type"] == ACTIVITY_REVERSED {
        return Ok(to_reversal(&shaped(&body)?)?);
    }
    Ok(ActivityEvent::read(&body)?.to_instruction(None)?)
}

/// The reversal of a fact that nobody has reported waits for it.
async fn wait(app: &App, member: &MemberId, reversal: &Instruction, deadline: Instant) -> Result<(), Failure> {
    app.reverse_activity(member, reversal, deadline).await??;
    Ok(())
}

/// Messages of one member: one write.
async fn write(
    app: &App,
    member: MemberId,
    instructions: Vec<Instruction>,
    deadline: Instant,
) -> Vec<Result<(), Failure>> {
    match app.execute_all(&member, &instructions, deadline).await {
        Ok(outcomes) => {
            let mut done = Vec::new();
            for (instruction, outcome) in instructions.iter().zip(outcomes) {
                let outcome = match outcome {
                    Err(refused) if is_unknown_fact(&refused) => wait(app, &member, instruction, deadline).await,
                    outcome => outcome.map(drop).map_err(Failure::from),
                };
                done.push(if planted!("bug-refused-acknowledged") { Ok(()) } else { outcome });
            }
            done
        }
        Err(error) => vec![Err(error.into()); instructions.len()],
    }
}
