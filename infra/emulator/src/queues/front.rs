//! SQS's own protocol over HTTP, for the functions' clients and for anyone with an AWS SDK.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use rustack_sqs_http::{
    dispatch::SqsHandler as _,
    response::{error_to_response, json_response},
    router::resolve_operation,
};
use rustack_sqs_model::{
    error::{SqsError, SqsErrorCode},
    input::{
        ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityInput, DeleteMessageBatchInput, DeleteMessageInput,
        ReceiveMessageInput,
    },
    operations::SqsOperation,
    output::{
        ChangeMessageVisibilityBatchOutput, ChangeMessageVisibilityOutput, DeleteMessageBatchOutput,
        DeleteMessageOutput,
    },
    types::{BatchResultErrorEntry, ChangeMessageVisibilityBatchResultEntry, DeleteMessageBatchResultEntry},
};
use serde::{Serialize, de::DeserializeOwned};

use super::Queues;

type Reply = axum::http::Response<rustack_sqs_http::body::SqsResponseBody>;

/// The queues' endpoint.
pub(crate) fn router(queues: Arc<Queues>) -> axum::Router {
    axum::Router::new().fallback(answer).with_state(queues)
}

async fn answer(State(queues): State<Arc<Queues>>, headers: HeaderMap, body: Bytes) -> Response {
    let request = request_id();
    let reply = match resolve_operation(&headers) {
        Ok(operation) => queues.perform(operation, body, &request).await,
        Err(error) => Err(error),
    };
    reply.unwrap_or_else(|error| error_to_response(&error, &request)).map(Body::new).into_response()
}

fn request_id() -> String {
    format!("{:016x}", fastrand::u64(..))
}

impl Queues {
    async fn perform(&self, operation: SqsOperation, body: Bytes, request: &str) -> Result<Reply, SqsError> {
        match operation {
            SqsOperation::SendMessage => reply(&self.send(parse(&body)?).await?, request),
            SqsOperation::SendMessageBatch => reply(&self.send_batch(parse(&body)?).await?, request),
            SqsOperation::ReceiveMessage => {
                let input: ReceiveMessageInput = parse(&body)?;
                reply(&self.receive(input).await?, request)
            }
            SqsOperation::DeleteMessage => {
                let input: DeleteMessageInput = parse(&body)?;
                self.delete(&input.queue_url, &input.receipt_handle).await?;
                reply(&DeleteMessageOutput {}, request)
            }
            SqsOperation::DeleteMessageBatch => reply(&self.delete_batch(parse(&body)?).await, request),
            SqsOperation::ChangeMessageVisibility => {
                let input: ChangeMessageVisibilityInput = parse(&body)?;
                self.change_visibility(&input.queue_url, &input.receipt_handle, input.visibility_timeout).await?;
                reply(&ChangeMessageVisibilityOutput {}, request)
            }
            SqsOperation::ChangeMessageVisibilityBatch => {
                reply(&self.change_visibility_batch(parse(&body)?).await, request)
            }
            SqsOperation::ListDeadLetterSourceQueues => {
                let output = self.sqs.list_dead_letter_source_queues(parse(&body)?).await?;
                // SQS spells this one field with a small letter, and its clients insist.
                reply(&serde_json::json!({ "queueUrls": output.queue_urls }), request)
            }
            SqsOperation::GetQueueUrl
            | SqsOperation::GetQueueAttributes
            | SqsOperation::ListQueues
            | SqsOperation::ListQueueTags => self.handler.handle_operation(operation, body).await,
            // Whatever else there is would make the journal, or the template, tell less than the truth.
            _ => Err(SqsError::new(
                SqsErrorCode::UnsupportedOperation,
                format!("{operation} is not supported: the queues of the local platform come from template.yaml"),
            )),
        }
    }

    async fn delete_batch(&self, input: DeleteMessageBatchInput) -> DeleteMessageBatchOutput {
        let mut output = DeleteMessageBatchOutput::default();
        for entry in input.entries {
            match self.delete(&input.queue_url, &entry.receipt_handle).await {
                Ok(()) => output.successful.push(DeleteMessageBatchResultEntry { id: entry.id }),
                Err(error) => output.failed.push(failure(entry.id, error)),
            }
        }
        output
    }

    async fn change_visibility_batch(
        &self,
        input: ChangeMessageVisibilityBatchInput,
    ) -> ChangeMessageVisibilityBatchOutput {
        let mut output = ChangeMessageVisibilityBatchOutput::default();
        for entry in input.entries {
            match self.change_visibility(&input.queue_url, &entry.receipt_handle, entry.visibility_timeout).await {
                Ok(()) => output.successful.push(ChangeMessageVisibilityBatchResultEntry { id: entry.id }),
                Err(error) => output.failed.push(failure(entry.id, error)),
            }
        }
        output
    }
}

fn failure(id: String, error: SqsError) -> BatchResultErrorEntry {
    BatchResultErrorEntry {
        id,
        sender_fault: error.code.is_sender_fault(),
        code: error.code.error_type().to_owned(),
        message: Some(error.message),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| SqsError::invalid_parameter_value(error.to_string()))
}

fn reply(output: &impl Serialize, request: &str) -> Result<Reply, SqsError> {
    let json = serde_json::to_vec(output).map_err(|error| SqsError::internal_error(error.to_string()))?;
    Ok(json_response(json, request))
}
