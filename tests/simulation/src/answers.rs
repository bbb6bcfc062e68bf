//! What comes back from invocations, and what follows from it: answers are judged, messages deleted, streams go on.

use serde_json::{Value, json};

use crate::judge::{body, is_to_be_asked_again, refused, repeated, succeeded};
use crate::network::INJECTED;
use crate::queue::Message;
use crate::stream::Stretch;
use crate::world::{About, Running, World};

impl World {
    /// Hears the answers of invocations that have ended.
    pub(crate) async fn collect(&mut self) {
        let ended: Vec<u64> =
            self.running.iter().filter(|(_, running)| running.task.is_finished()).map(|(id, _)| *id).collect();
        for id in ended {
            let Some(mut running) = self.running.remove(&id) else { continue };
            let outcome = match (&mut running.task).await {
                Ok(outcome) => outcome,
                Err(error) if error.is_cancelled() => Err("cancelled".to_owned()),
                Err(error) => {
                    let payload = error.into_panic();
                    let injected = payload.downcast_ref::<&str>() == Some(&INJECTED);
                    let what =
                        if injected { "a panic in one record ends the invocation" } else { "the handler panics" };
                    self.violations(vec![format!("#{id}: {what}")]);
                    Err(what.to_owned())
                }
            };
            match &running.about {
                About::Wish(place) => {
                    self.wanted[*place].running -= 1;
                    match outcome {
                        Ok(answer) => self.hear(id, *place, answer, &running),
                        Err(error) => self.say(&format!("#{id} fails: {error}")),
                    }
                }
                About::Batch(queue, batch) => self.hear_batch(id, (queue, batch), outcome, running.disturbed),
                About::Stream(reader, stretch) => {
                    self.hear_stream(id, (*reader, stretch), outcome, running.disturbed);
                }
            }
        }
    }

    fn hear(&mut self, id: u64, place: usize, answer: Value, running: &Running) {
        let status = answer["statusCode"].as_i64();
        let body = body(&answer);
        let told = status
            .map_or_else(|| answer.to_string(), |status| format!("{status} {}", body["code"].as_str().unwrap_or("")));
        self.say(&format!("#{id} answers {told}"));
        if is_to_be_asked_again(&answer) {
            return;
        }
        let wish = self.wanted[place].wish.clone();
        let mut wrong = Vec::new();
        if status.is_some_and(|status| status >= 500) {
            wrong.push(format!("#{id} {}: {body}", wish.what));
        } else if status.is_some_and(|status| status >= 300) && !wish.refusals.is_empty() {
            wrong.extend(refused(&wish, &body));
        }
        let during = running.during();
        wrong.extend(self.audits.iter().flat_map(|audit| audit.answered(&wish, (status, &body), &during)));
        let wanted = &mut self.wanted[place];
        match &wanted.answer {
            Some(first) if wish.repeatable && succeeded(first) => {
                // What began before the first answer may have been refused for what was so then.
                let same = repeated(first) == repeated(&answer);
                if !same && (succeeded(&answer) || running.since > wanted.answered) {
                    wrong.push(format!(
                        "{} is answered in two ways: {} and {}",
                        wish.what, first["body"], answer["body"]
                    ));
                }
            }
            Some(_) => {}
            None => {
                let success = succeeded(&answer);
                wanted.answer = Some(answer);
                wanted.answered = self.outcome.steps;
                if success {
                    self.known.hear(&wish, &body);
                }
            }
        }
        self.violations(wrong);
    }

    /// Deletes what a function consumed. What it reports as failed, and everything if it fails or reports nonsense, comes back.
    fn hear_batch(
        &mut self,
        id: u64,
        (queue, batch): (&str, &[Message]),
        outcome: Result<Value, String>,
        disturbed: bool,
    ) {
        let mut wrong = Vec::new();
        let failed = outcome.map(|answer| {
            let failures = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
            failures
                .iter()
                .map(|failure| failure["itemIdentifier"].as_str().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        });
        let mut failed = failed.unwrap_or_else(|error| {
            wrong.push(format!("#{id} fails with its whole batch: {error}"));
            batch.iter().map(|message| message.id.clone()).collect()
        });
        let known = |id: &String| batch.iter().any(|message| message.id == *id);
        if let Some(stranger) = failed.iter().find(|id| !known(id)) {
            wrong.push(format!("#{id} reports {stranger:?}, which is not in its batch"));
            failed = batch.iter().map(|message| message.id.clone()).collect();
        }
        self.say(&format!("#{id} consumes {} of {}", batch.len() - failed.len(), batch.len()));
        for message in batch {
            let done = !failed.contains(&message.id);
            let Some(place) = self.messages.get(&message.id).copied() else {
                // An event of the chain: nobody waits for an answer.
                if !done && !disturbed {
                    wrong.push(format!("{} failed though nothing went wrong", message.body));
                }
                if done && self.rng.u32(0..1000) >= self.plan.faults_per_mille / 3 {
                    self.queues.named(queue).into_iter().for_each(|queue| queue.delete(&message.id));
                }
                continue;
            };
            let wanted = &mut self.wanted[place];
            match (done, wanted.wish.poison) {
                (true, true) => wrong.push(format!("{} was consumed", wanted.wish.what)),
                (false, false) if !disturbed => {
                    wrong.push(format!("{} failed though nothing went wrong", wanted.wish.what))
                }
                _ => {}
            }
            if done {
                wanted.answer.get_or_insert_with(|| json!({"statusCode": 200}));
                if self.rng.u32(0..1000) < self.plan.faults_per_mille / 3 {
                    self.fault("message not deleted");
                } else if let Some(queue) = self.queues.named(queue) {
                    queue.delete(&message.id);
                }
            }
        }
        self.violations(wrong);
    }

    /// The stream goes on after what was handled.
    fn hear_stream(
        &mut self,
        id: u64,
        (reader, stretch): (usize, &Stretch),
        outcome: Result<Value, String>,
        disturbed: bool,
    ) {
        let mut wrong = Vec::new();
        let answer = outcome.map_err(|error| wrong.push(format!("#{id} fails with its whole batch: {error}"))).ok();
        let all = answer.as_ref().is_some_and(|answer| answer["batchItemFailures"] == json!([]));
        match self.streams[reader].hear(stretch, answer.as_ref()) {
            Ok(handled) => self.say(&format!("#{id} handles {handled} of {stretch}")),
            Err(what) => wrong.push(format!("#{id}: {what}")),
        }
        if !all && !disturbed {
            wrong.push(format!("#{id} fails to handle {stretch} though nothing went wrong"));
        }
        self.violations(wrong);
    }
}
