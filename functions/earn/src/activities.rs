//! Activities: one, a batch, or a message; facts for the ledger, and signals.

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::MemberId;
use domain::ledger::command::Instruction;
use domain::planted;
use domain::programme::activity::ACTIVITY_REVERSED;
use domain::programme::setting::Setting;
use domain::programme::source::Sends;
use domain::signals::signal::Signal;
use lambda::wire::FactEvent;
use lambda::{App, Failure, Problem, Reply, Request, Role, by_member, consume_of_sources, shaped};
use serde_json::Value;
use store::is_unknown_fact;
use tokio::time::Instant;

use crate::door::Door;
use crate::wire::{
    ActivityEvent, ActivityReply, BatchItem, BatchReply, BatchRequest, Report, ReportReply, apart, in_order,
    to_reversal,
};

/// `POST /v1/activities`.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let event = ActivityEvent::read(&request.json()?)?;
    let (member, report) = Door::of(app).await.read(&event, request.principal()?.backdates())?;
    let (reply, replayed) = match report {
        Report::Fact(instruction) | Report::Ours(instruction) => {
            let done = app.execute(&member, *instruction, request.deadline).await??;
            let reply = ActivityReply::new(&done.member, &done, &*app.programmes().await?)?;
            (ReportReply::Activity(Box::new(reply)), done.replayed)
        }
        Report::Signal(signal) => {
            let (signal, new) = keep(app, &signal).await?;
            (ReportReply::Signal((&signal).into()), !new)
        }
    };
    Ok(Reply::ok(&reply).replayed(replayed))
}

/// Notes a signal; what is noted of it, and whether that is news.
async fn keep(app: &App, signal: &Signal) -> Result<(Signal, bool), Failure> {
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    Ok(app.store().keep_signal(signal, setting).await??)
}

/// `POST /v1/activities/batch`: the events of one member become one write; every event has its own answer.
pub(crate) async fn post_batch(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (role, backdates) = (request.principal()?.role, request.principal()?.backdates());
    let batch: BatchRequest = request.body()?;
    if !(1..=25).contains(&batch.activities.len()) {
        return Err(Problem::invalid("/activities", "a batch has 1 to 25 activities").into());
    }
    let door = Door::of(app).await;
    let parse = |event: Value| door.read(&ActivityEvent::read(&event)?, backdates.clone());
    let parse = |event: Value| parse(event).map_err(BatchItem::failed);
    let execute = |member, reports| execute(app, member, reports, role, request.deadline);
    let results = by_member(batch.activities.iter().cloned().map(parse), execute).await;
    let items: Vec<BatchItem> = results.into_iter().flatten().collect();
    for (event, item) in batch.activities.iter().zip(&items) {
        app.refused(event, item.problem.as_deref()).await;
    }
    let items = items.into_iter().enumerate().map(|(place, item)| item.within(&format!("/activities/{place}")));
    Ok(Reply::ok(&BatchReply { results: items.collect() }))
}

/// What is reported of a member: facts become one write; each signal is one of its own.
async fn execute(app: &App, member: MemberId, reports: Vec<Report>, role: Role, deadline: Instant) -> Vec<BatchItem> {
    let (facts, signals) = apart(&reports);
    let facts = earn(app, &member, &facts, role, deadline).await;
    let mut of_signals = Vec::new();
    for signal in signals {
        of_signals.push(match keep(app, signal).await {
            Ok((signal, new)) => BatchItem::noted(&signal, !new),
            Err(failure) => BatchItem::failed(failure.told_to(role)),
        });
    }
    in_order(&reports, facts, of_signals)
}

async fn earn(
    app: &App,
    member: &MemberId,
    instructions: &[Instruction],
    role: Role,
    deadline: Instant,
) -> Vec<BatchItem> {
    if instructions.is_empty() {
        return Vec::new();
    }
    let answers = async {
        let outcomes = app.execute_all(member, instructions, deadline).await?;
        let programmes = app.programmes().await?;
        let item = |outcome: Result<store::Done, _>| {
            let done = outcome.map_err(|refused| Failure::from(refused).told_to(role))?;
            Ok(BatchItem::earned(ActivityReply::new(&done.member, &done, &programmes)?, done.replayed))
        };
        Ok(outcomes.into_iter().map(|outcome| item(outcome).unwrap_or_else(BatchItem::failed)).collect())
    };
    let answers: Result<Vec<BatchItem>, Failure> = answers.await;
    answers.unwrap_or_else(|failure| instructions.iter().map(|_| BatchItem::failed(failure.clone())).collect())
}

/// The queue `ingest`.
pub(crate) async fn ingest(app: &App, event: SqsEvent, deadline: Instant) -> Value {
    let write = |member, reports| write(app, member, reports, deadline);
    consume_of_sources(app, event, |body| parse(app, body), write).await
}

/// Whose message it is, and what it says.
async fn parse(app: &App, body: Value) -> Result<(MemberId, Report), Failure> {
    let door = Door::of(app).await;
    if body["type"] == ACTIVITY_REVERSED {
        let event: FactEvent = shaped(&body)?;
        let (member, reversal) = to_reversal(&event)?;
        door.admits(&event.source, Sends::Activities)?;
        return Ok((member, Report::Fact(Box::new(reversal))));
    }
    let event = ActivityEvent::read(&body)?;
    if event.is_ours() { door.hear(&event) } else { door.read(&event, None) }
}

/// The reversal of a fact that nobody has reported waits for it.
async fn wait(app: &App, member: &MemberId, reversal: &Instruction, deadline: Instant) -> Result<(), Failure> {
    app.reverse_activity(member, reversal, deadline).await??;
    Ok(())
}

/// Messages of one member: facts are one write.
async fn write(app: &App, member: MemberId, reports: Vec<Report>, deadline: Instant) -> Vec<Result<(), Failure>> {
    let (facts, signals) = apart(&reports);
    let facts = write_facts(app, &member, &facts, deadline).await;
    let mut of_signals = Vec::new();
    for signal in signals {
        of_signals.push(keep(app, signal).await.map(drop));
    }
    let outcomes = in_order(&reports, facts, of_signals);
    reports.iter().zip(outcomes).map(|(report, outcome)| report.settled(outcome)).collect()
}

async fn write_facts(
    app: &App,
    member: &MemberId,
    instructions: &[Instruction],
    deadline: Instant,
) -> Vec<Result<(), Failure>> {
    if instructions.is_empty() {
        return Vec::new();
    }
    match app.execute_all(member, instructions, deadline).await {
        Ok(outcomes) => {
            let mut done = Vec::new();
            for (instruction, outcome) in instructions.iter().zip(outcomes) {
                let outcome = match outcome {
                    Err(refused) if is_unknown_fact(&refused) => wait(app, member, instruction, deadline).await,
                    outcome => outcome.map(drop).map_err(Failure::from),
                };
                done.push(if planted!("bug-refused-acknowledged") { Ok(()) } else { outcome });
            }
            done
        }
        Err(error) => vec![Err(error.into()); instructions.len()],
    }
}
