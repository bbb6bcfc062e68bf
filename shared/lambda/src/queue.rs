//! SQS batches: what concerns the same - a member, as a rule - is done together; only what failed goes back to the queue.

use std::error::Error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use domain::kernel::event::Event;
use domain::kernel::id::MemberId;
use domain::planted;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{App, Problem, by_member, shaped};

/// What became of a record.
type Outcome = Result<(), Failure>;

/// An event, and the member whom it is about.
///
/// # Errors
/// 422 with everything that is wrong, each with a pointer to it: it is no event, or about no member.
pub fn of_member(body: &Value) -> Result<(MemberId, Event), Failure> {
    let event: Event = shaped(body)?;
    let member = event.member.clone().ok_or_else(|| Problem::invalid("/member", "the event is about no member"))?;
    Ok((member, event))
}

/// Hands the records to `consume`, those of one member together and in their order; `parse` says whose each is.
///
/// - Only a record that is done is acknowledged.
/// - One that could not be done now goes back to the queue.
/// - One about somebody who was erased is dropped, and counted: nothing can mend that.
/// - One that is refused, does not parse, or makes the code panic goes back too, and by and by to the dead-letter queue,
///   where somebody sees it and can send it again when its cause is mended. It fails alone: if several together make the code
///   panic, or fail all of them for good, each is tried by itself.
pub async fn consume<K: Clone + PartialEq, T: Clone, P, F>(
    event: SqsEvent,
    parse: impl Fn(Value) -> P,
    consume: impl Fn(K, Vec<T>) -> F,
) -> Value
where
    P: Future<Output = Result<(K, T), Failure>>,
    F: Future<Output = Vec<Outcome>>,
{
    let outcomes = outcomes(&event, parse, consume).await;
    answer(&event.records, outcomes)
}

/// The same of what sources send: what is refused of it is counted.
pub async fn consume_of_sources<K: Clone + PartialEq, T: Clone, P, F>(
    app: &App,
    event: SqsEvent,
    parse: impl Fn(Value) -> P,
    consume: impl Fn(K, Vec<T>) -> F,
) -> Value
where
    P: Future<Output = Result<(K, T), Failure>>,
    F: Future<Output = Vec<Outcome>>,
{
    let outcomes = outcomes(&event, parse, consume).await;
    for (record, outcome) in event.records.iter().zip(&outcomes) {
        if let Some(Err(Failure::Refused(problem))) = outcome {
            // Whatever happens here, what is done is done.
            let _ = guarded(app.refused_message(record, problem)).await;
        }
    }
    answer(&event.records, outcomes)
}

async fn outcomes<K: Clone + PartialEq, T: Clone, P, F>(
    event: &SqsEvent,
    parse: impl Fn(Value) -> P,
    consume: impl Fn(K, Vec<T>) -> F,
) -> Vec<Option<Outcome>>
where
    P: Future<Output = Result<(K, T), Failure>>,
    F: Future<Output = Vec<Outcome>>,
{
    let mut parsed = Vec::new();
    for record in &event.records {
        let read = guarded(async { parse(body(record)?).await }).await.unwrap_or_else(|| Err(panicked()));
        parsed.push(read.map_err(Err));
    }
    by_member(parsed, |member, together| carry_out(member, together, &consume)).await
}

/// What concerns one member: all together, or one by one if that is what it takes.
async fn carry_out<K: Clone, T: Clone, F>(
    member: K,
    together: Vec<T>,
    consume: &impl Fn(K, Vec<T>) -> F,
) -> Vec<Outcome>
where
    F: Future<Output = Vec<Outcome>>,
{
    if planted!("bug-panic-ends-batch") {
        return consume(member, together).await;
    }
    match guarded(consume(member.clone(), together.clone())).await {
        Some(done) if done.len() == 1 || !done.iter().all(is_final) => done,
        _ => one_by_one(&member, together, consume).await,
    }
}

/// Has it failed, and would it again?
fn is_final(outcome: &Outcome) -> bool {
    outcome.as_ref().is_err_and(|failure| !failure.may_be_tried_again())
}

async fn one_by_one<K: Clone, T, F>(member: &K, all: Vec<T>, consume: &impl Fn(K, Vec<T>) -> F) -> Vec<Outcome>
where
    F: Future<Output = Vec<Outcome>>,
{
    let mut done = Vec::new();
    for one in all {
        let outcome = guarded(consume(member.clone(), vec![one])).await.and_then(|mut outcomes| outcomes.pop());
        done.push(outcome.unwrap_or_else(|| Err(panicked())));
    }
    done
}

fn answer(records: &[SqsMessage], outcomes: Vec<Option<Outcome>>) -> Value {
    let mut failures = Vec::new();
    for (record, outcome) in records.iter().zip(outcomes) {
        let Some(id) = record.message_id.clone() else { continue };
        if let Err(failure) = outcome.unwrap_or_else(|| Err(panicked()))
            && !failure.is_of_erased()
            && !(planted!("bug-busy-acknowledged") && failure.may_be_tried_again())
        {
            failure.of_message(&id);
            failures.push(json!({"itemIdentifier": id}));
        }
    }
    json!({"batchItemFailures": failures})
}

fn body(record: &SqsMessage) -> Result<Value, Problem> {
    crate::json::read(record.body.as_deref().unwrap_or_default().as_bytes())
}

fn panicked() -> Failure {
    Failure::Broken(Arc::new(Panicked))
}

/// A record made the code panic.
#[derive(Debug)]
struct Panicked;

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record made the code panic")
    }
}

impl Error for Panicked {}

/// Runs a future; nothing if it panics.
async fn guarded<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use domain::kernel::id::MemberId;
    use domain::members::finding::Finding;

    use super::*;

    /// An event of messages `MEMBER WORD`.
    fn event(messages: &[&str]) -> SqsEvent {
        let records = messages.iter().enumerate().map(|(place, text)| {
            json!({"messageId": place.to_string(), "body": json!(text).to_string(), "messageAttributes": {}})
        });
        serde_json::from_value(json!({ "Records": records.collect::<Vec<_>>() })).expect("an event")
    }

    async fn parse(body: Value) -> Result<(MemberId, String), Failure> {
        let text = body.as_str().unwrap_or_default();
        assert!(text != "panic", "while it is parsed");
        let (member, word) = text.split_once(' ').ok_or_else(|| Problem::bad_request("no_event", "two words"))?;
        let member = member.parse().map_err(|_not_an_id| Problem::not_found("member"))?;
        Ok((member, word.to_owned()))
    }

    /// What is done together, and which messages fail.
    #[track_caller]
    fn check(messages: &[&str], expected: (&[&str], &[&str])) {
        let calls = Mutex::new(Vec::new());
        let work = |member: MemberId, words: Vec<String>| {
            calls.lock().expect("no panic holds it").push(format!("{member}: {}", words.join(" ")));
            async move {
                assert!(!words.iter().any(|word| word == "poison"), "poison");
                let broken = words.iter().any(|word| word == "broken");
                let outcome = |word: &String| match word.as_str() {
                    "refused" => Err(Problem::not_found("activity").into()),
                    "erased" => Err(Failure::refused(&Finding::MemberErased)),
                    _ if broken => Err(Problem::bad_request("broken", "what one of them reads cannot be read").into()),
                    _ => Ok(()),
                };
                words.iter().map(outcome).collect()
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answer = runtime.block_on(consume(event(messages), parse, work));
        let failed = answer["batchItemFailures"].as_array().expect("a list").iter();
        let failed: Vec<&str> = failed.filter_map(|failure| failure["itemIdentifier"].as_str()).collect();
        let calls = calls.into_inner().expect("no panic holds it");
        assert_eq!((calls.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), failed.as_slice()), expected);
    }

    #[test]
    fn messages_of_one_member_are_done_together_in_their_order() {
        check(&["m-1 a", "m-2 b", "m-1 c"], (&["m-1: a c", "m-2: b"], &[]));
    }

    #[test]
    fn what_is_refused_fails_alone() {
        check(&["m-1 a", "m-1 refused", "nonsense", "m-1 c"], (&["m-1: a refused c"], &["1", "2"]));
    }

    // rule: privacy 23
    #[test]
    fn what_is_about_somebody_who_was_erased_is_dropped() {
        let messages = ["m-1 erased", "m-1 a", "m-1 refused", "m-2 erased"];
        check(&messages, (&["m-1: erased a refused", "m-2: erased"], &["2"]));
    }

    #[test]
    fn what_fails_all_of_them_for_good_fails_alone() {
        let alone = ["m-1: a broken c", "m-1: a", "m-1: broken", "m-1: c"];
        check(&["m-1 a", "m-1 broken", "m-1 c"], (&alone, &["1"]));
    }

    #[test]
    fn what_makes_the_code_panic_fails_alone() {
        let alone = ["m-1: a poison c", "m-1: a", "m-1: poison", "m-1: c", "m-2: b"];
        check(&["m-1 a", "m-1 poison", "m-1 c", "m-2 b"], (&alone, &["1"]));
        check(&["panic", "m-1 a"], (&["m-1: a"], &["0"]));
    }
}
