//! The queue `grants`: what other contexts give members.

use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::MemberId;
use domain::ledger::command::Instruction;
use lambda::wire::FactEvent;
use lambda::{App, Failure, consume, shaped};
use serde_json::Value;
use tokio::time::Instant;

use crate::wire::{STEP_DUE, of_step, to_grant};

/// The queue `grants`.
pub(crate) async fn take(app: &App, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, |body| ready(parse(body)), |member, instructions| write(app, member, instructions, deadline)).await
}

/// Whose message it is, and what it says.
fn parse(body: Value) -> Result<(MemberId, Instruction), Failure> {
    if body["type"] == STEP_DUE {
        return Ok(of_step(&shaped(&body)?)?);
    }
    let event: FactEvent = shaped(&body)?;
    Ok(to_grant(&event)?)
}

/// Messages of one member: one write each, for each may touch a stock.
async fn write(
    app: &App,
    member: MemberId,
    instructions: Vec<Instruction>,
    deadline: Instant,
) -> Vec<Result<(), Failure>> {
    let mut outcomes = Vec::with_capacity(instructions.len());
    for instruction in instructions {
        outcomes.push(match app.execute(&member, instruction, deadline).await {
            Ok(outcome) => outcome.map(drop).map_err(Failure::from),
            Err(error) => Err(error.into()),
        });
    }
    outcomes
}
