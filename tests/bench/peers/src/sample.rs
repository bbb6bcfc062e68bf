//! The common sample: an idempotency record, a row, a balance, and a message to whoever wants to know; one point for one
//! unit of money, no rules, no expiry, no proof. On the SDK as it comes.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::types::AttributeValue::{self, N, S};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let (dynamodb, sqs) = (aws_sdk_dynamodb::Client::new(&aws), aws_sdk_sqs::Client::new(&aws));
    let handle = |event: LambdaEvent<Value>| earn(&dynamodb, &sqs, event.payload);
    lambda_runtime::run(service_fn(handle)).await
}

async fn earn(dynamodb: &aws_sdk_dynamodb::Client, sqs: &aws_sdk_sqs::Client, request: Value) -> Result<Value, Error> {
    let event: Value = serde_json::from_str(request["body"].as_str().unwrap_or_default())?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("a field is missing");
    let (id, member, time) = (text(&event["id"])?, text(&event["subject"])?, text(&event["time"])?);
    let lines = event["data"]["lines"].as_array().ok_or("no lines")?;
    let points = lines.iter().filter_map(|line| line["amount_minor"].as_i64()).sum::<i64>() / 100;
    let status = |status: &str| ("status".to_owned(), S(status.to_owned()));
    let key = ("id".to_owned(), S(id.clone()));

    // Whoever repeats a request is told what was answered first.
    dynamodb
        .put_item()
        .table_name("peer-requests")
        .set_item(Some([key.clone(), status("in progress")].into()))
        .condition_expression("attribute_not_exists(id)")
        .send()
        .await?;
    let row: [(String, AttributeValue); 5] = [
        ("member".to_owned(), S(member.clone())),
        ("operation".to_owned(), S(format!("{time}#{id}"))),
        ("type".to_owned(), S("earn".to_owned())),
        ("points".to_owned(), N(points.to_string())),
        ("order".to_owned(), S(event["data"].to_string())),
    ];
    dynamodb.put_item().table_name("peer-entries").set_item(Some(row.into())).send().await?;
    let updated = dynamodb
        .update_item()
        .table_name("peer-balances")
        .key("member", S(member.clone()))
        .update_expression("ADD points :points")
        .expression_attribute_values(":points", N(points.to_string()))
        .return_values(aws_sdk_dynamodb::types::ReturnValue::UpdatedNew)
        .send()
        .await?;
    let balance = updated.attributes.as_ref().and_then(|found| found.get("points")?.as_n().ok()).ok_or("no balance")?;
    let answer = json!({"member": member, "points": points, "balance": balance}).to_string();
    sqs.send_message().queue_url("https://localhost/peer").message_body(&answer).send().await?;
    dynamodb
        .put_item()
        .table_name("peer-requests")
        .set_item(Some([key, status("done"), ("answer".to_owned(), S(answer.clone()))].into()))
        .send()
        .await?;
    Ok(json!({"statusCode": 200, "headers": {"content-type": "application/json"}, "body": answer}))
}
