//! What a newcomer reads first.

use emulator::Platform;
use jiff::Zoned;
use sam::machine::LIFETIME_SECONDS;

/// Where the platform is, a token, and what to try, in the programme's currency and on its day.
pub(super) fn welcome(platform: &Platform, data: &str, token: &str, (currency, today): (&str, &Zoned)) -> String {
    let (url, dynamodb, sqs) = (platform.url(), platform.dynamodb_url(), platform.sqs_url());
    let (day, midnight) = (today.date(), today.timestamp());
    let hours = LIFETIME_SECONDS / 3600;
    format!(
        r#"
Perennial runs at {url}, its data is in {data}/ (DynamoDB {dynamodb}, SQS {sqs}). Ctrl-C stops it.

An administrator's token for the next {hours} hours (others: cargo run -- token --role member --sub m-1):

TOKEN={token}

A member pays for an order and is featured for a review; takes a reward; sees the statement. Again, each line is answered the same:

curl -X POST {url}/v1/activities/batch -H "Authorization: Bearer $TOKEN" -d '{{"activities":[{{"specversion":"1.0","type":"order.paid","source":"shop","id":"paid-{day}","subject":"m-1","time":"{midnight}","data":{{"order_id":"{day}","currency":"{currency}","lines":[{{"sku":"tea","quantity":1,"amount_minor":19990}}]}}}},{{"specversion":"1.0","type":"ugc.featured","source":"shop","id":"one-{day}","subject":"m-1","time":"{midnight}"}}]}}'
curl -X POST {url}/v1/redemptions -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: drink-{day}" -d '{{"member":"m-1","reward":"drink"}}'
curl {url}/v1/members/m-1/entries -H "Authorization: Bearer $TOKEN"
"#
    )
}
