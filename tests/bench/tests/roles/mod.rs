//! What functions are allowed, held against what they do.

use std::fmt::Write as _;

use super::Ledger;

/// What roles allow and none of these operations needs: rarer cases do, all of them in the acceptance tests. What no case needs is to go
/// from the template. Left out is what others do in a function's role: Lambda reads queues and streams for it, and puts what failed into a
/// dead-letter queue; and S3 says that an object is not there to nobody who may not list its bucket.
fn undone(ledger: &Ledger) -> String {
    let by_lambda = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "s3:ListBucket"];
    let by_others = |action: &str, resource: &str| {
        by_lambda.contains(&action) || resource.contains("/stream/") || resource.ends_with("Dlq")
    };
    let mut lines = String::new();
    for (function, role) in &ledger.roles {
        for (action, resource) in role.undone().into_iter().filter(|(action, of)| !by_others(action, of)) {
            writeln!(lines, "{function}: {action} on {}", resource.rsplit(':').next().unwrap()).unwrap();
        }
    }
    lines
}

/// Each is of a rarer case.
pub(super) fn unused(ledger: &Ledger) {
    insta::assert_snapshot!(undone(ledger), @r"
    care-journey: dynamodb:BatchWriteItem on table/CareTable
    care-journey: sqs:SendMessage on MembersQueue
    earn: dynamodb:BatchGetItem on table/StockTable
    earn: dynamodb:GetItem on table/SignalsTable
    earn: dynamodb:UpdateItem on table/SignalsTable
    event-router: sqs:SendMessage on DeskQueue
    event-router: sqs:SendMessage on GrantsQueue
    event-router: sqs:SendMessage on IngestQueue
    event-router: sqs:SendMessage on MembersQueue
    event-router: sqs:SendMessage on VoiceQueue
    import: dynamodb:GetItem on table/ClaimsTable
    import: dynamodb:GetItem on table/FactsTable
    import: dynamodb:GetItem on table/MemberLogTable
    import: dynamodb:GetItem on table/MembersTable
    import: dynamodb:PutItem on table/AccountsTable
    import: dynamodb:PutItem on table/PagesTable
    import: dynamodb:Query on table/FactsTable/index/parked
    import: dynamodb:Query on table/PagesTable
    import: dynamodb:UpdateItem on table/FactsTable
    import: kms:GenerateDataKey on key/MemberKey
    member: dynamodb:GetItem on table/ClaimsTable
    member: dynamodb:GetItem on table/TicketsTable
    member: dynamodb:PutItem on table/PagesTable
    member: dynamodb:Query on table/TicketLogTable
    member: dynamodb:UpdateItem on table/FactsTable
    member: dynamodb:UpdateItem on table/MemberLogTable
    member: s3:DeleteObject on PrivateBucket/imports/*
    message-dispatch: dynamodb:BatchWriteItem on table/InboxTable
    message-dispatch: dynamodb:BatchWriteItem on table/MessagesTable
    message-dispatch: dynamodb:PutItem on table/MemberKeysTable
    message-dispatch: dynamodb:Query on table/MessagesTable/index/member
    message-dispatch: kms:GenerateDataKey on key/MemberKey
    message-dispatch: ses:SendEmail on identity/example.com
    message-dispatch: sms-voice:SendTextMessage on phone-number/none
    message-dispatch: sqs:SendMessage on MembersQueue
    reconciliation: dynamodb:GetItem on table/AccountsTable
    reconciliation: dynamodb:Query on table/CheckpointsTable
    reconciliation: dynamodb:Query on table/PagesTable
    redeem: dynamodb:GetItem on table/MembersTable
    service-desk: dynamodb:UpdateItem on table/TicketLogTable
    service-desk: sqs:SendMessage on MembersQueue
    tier-evaluation: dynamodb:GetItem on table/MembersTable
    upkeep: dynamodb:GetItem on table/FactsTable
    upkeep: dynamodb:UpdateItem on table/FactsTable
    ");
}
