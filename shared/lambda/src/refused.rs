//! What sources send and is refused is counted, by source and code: how well each keeps to what is expected of it is told from that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lambda_events::event::sqs::SqsMessage;
use domain::programme::source::under;
use jiff::Timestamp;
use serde_json::Value;

use crate::{App, Failure, Problem, Request};

/// So many a second and source are counted each.
const EACH: u32 = 10;

/// Of the others one of so many, for all of them.
const SAMPLE: u32 = 10;

/// What a process has counted in the running second.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<HashMap<String, (i64, u32)>>);

impl Tally {
    /// For how many a refusal of a source stands, and whether it is a sample; none if it is left out.
    pub(crate) fn count(&self, source: &str, now: Timestamp) -> Option<(u32, bool)> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (second, count) = counted.entry(source.to_owned()).or_default();
        if *second != now.as_second() {
            (*second, *count) = (now.as_second(), 0);
        }
        *count = count.saturating_add(1);
        match count.checked_sub(EACH) {
            None | Some(0) => Some((1, false)),
            Some(more) => (more % SAMPLE == 0).then_some((SAMPLE, true)),
        }
    }
}

impl App {
    /// Does what a source asks for in the body of a request, and counts it if that is refused.
    ///
    /// # Errors
    /// What the work says.
    pub async fn counting<T>(
        &self,
        request: &Request,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let done = work.await;
        if let Err(Failure::Refused(problem)) = &done
            && let Ok(body) = request.json()
        {
            self.refused(&body, Some(problem)).await;
        }
        done
    }

    /// Counts something that a source has sent and that is refused. What cannot be counted is logged, and changes no answer.
    pub async fn refused(&self, sent: &Value, problem: Option<&Problem>) {
        let by_us = |problem: &&Problem| matches!(problem.status, 403 | 500..) || problem.may_be_tried_again();
        let Some((problem, name)) = problem.filter(|problem| !by_us(problem)).zip(sent["source"].as_str()) else {
            return;
        };
        let Ok(programmes) = self.programmes().await else { return };
        let now = self.now();
        let programme = programmes.at(now);
        let Some(source) = under(&programme.document().source, name) else { return };
        let Some(weight) = self.tally.count(&source.id, now) else { return };
        let (of, at) = ((source.id.as_str(), problem.code.as_ref()), (programme.zone().date(now), now));
        if let Err(error) = self.store().count_refusal(of, at, weight).await {
            tracing::warn!(%error, "a refusal is not counted");
        }
    }

    /// Counts what a message says, if it is delivered for the first time: what is refused comes again.
    pub(crate) async fn refused_message(&self, message: &SqsMessage, problem: &Problem) {
        let received = message.attributes.get("ApproximateReceiveCount");
        let body = serde_json::from_str::<Value>(message.body.as_deref().unwrap_or_default());
        if let Ok(body) = body
            && received.is_none_or(|received| received == "1")
        {
            self.refused(&body, Some(problem)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: import 30
    #[test]
    fn ten_a_second_are_counted_each_and_of_the_others_a_sample() {
        let (tally, now) = (Tally::default(), "2026-05-01T10:00:00Z".parse::<Timestamp>().unwrap());
        let all: Vec<_> = (0..40).map(|_| tally.count("shop", now)).collect();
        assert!(all[..10].iter().all(|one| *one == Some((1, false))));
        let sampled: Vec<_> = all[10..].iter().flatten().collect();
        assert_eq!(sampled, [&(10, true); 3], "they stand for all thirty");
        assert_eq!(tally.count("app", now), Some((1, false)), "each source by itself");
        let next = "2026-05-01T10:00:01Z".parse().unwrap();
        assert_eq!(tally.count("shop", next), Some((1, false)));
    }
}
