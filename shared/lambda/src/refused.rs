//! What sources send and is refused is counted, by source and code: how well each keeps to what is expected of it is told from that.

use aws_lambda_events::event::sqs::SqsMessage;
use domain::programme::source::under;
use serde_json::Value;

use crate::{App, Failure, Problem, Request};

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
