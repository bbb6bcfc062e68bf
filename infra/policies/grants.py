"""What each role may do, and on which resource: all of it. A change here is a change of who may touch the ledger."""

GRANTS = {
    "EarnRole": {
        "AccountsTable": "dynamodb:GetItem dynamodb:PutItem",
        "PagesTable": "dynamodb:PutItem dynamodb:Query",
        "FactsTable": "dynamodb:GetItem dynamodb:UpdateItem",
        "FactsTable/index/parked": "dynamodb:Query",
        "CatalogueTable": "dynamodb:GetItem",
        "StockTable": "dynamodb:BatchGetItem",
        "IngestQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
        "EarnLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "RedeemRole": {
        "AccountsTable": "dynamodb:GetItem dynamodb:PutItem",
        "PagesTable": "dynamodb:PutItem dynamodb:Query",
        "FactsTable": "dynamodb:GetItem dynamodb:UpdateItem",
        "CatalogueTable": "dynamodb:GetItem",
        "StockTable": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem",
        "VouchersTable": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem",
        "GrantsQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
        "RedeemLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "AccountRole": {
        "AccountsTable": "dynamodb:GetItem",
        "PagesTable": "dynamodb:Query",
        "CatalogueTable": "dynamodb:GetItem",
        "AccountLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "UpkeepRole": {
        "AccountsTable": "dynamodb:GetItem dynamodb:PutItem",
        "AccountsTable/index/due": "dynamodb:Query",
        "PagesTable": "dynamodb:PutItem dynamodb:Query",
        "FactsTable": "dynamodb:GetItem dynamodb:UpdateItem",
        "FactsTable/index/parked": "dynamodb:Query",
        "CatalogueTable": "dynamodb:GetItem",
        "UpkeepDlq": "sqs:SendMessage",
        "UpkeepLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "EventRouterRole": {
        "AccountsTable.StreamArn": "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams",
        "TierQueue": "sqs:SendMessage",
        "EventRouterDlq": "sqs:SendMessage",
        "EventRouterLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "ReconciliationRole": {  # who watches the ledger may not write to it
        "AccountsTable.StreamArn": "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams",
        "AccountsTable": "dynamodb:GetItem",
        "PagesTable": "dynamodb:Query",
        "CheckpointsTable": "dynamodb:ConditionCheckItem dynamodb:PutItem dynamodb:Query",
        "ReconciliationDlq": "sqs:SendMessage",
        "ReconciliationLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "ReconciliationFunctionCloseDaysRole": {  # the scheduler's
        "ReconciliationFunction": "lambda:InvokeFunction",
        "ReconciliationDlq": "sqs:SendMessage",
    },
    "TierEvaluationRole": {
        "AccountsTable": "dynamodb:GetItem dynamodb:PutItem",
        "PagesTable": "dynamodb:PutItem dynamodb:Query",
        "CatalogueTable": "dynamodb:GetItem",
        "TierQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
        "TierEvaluationLog": "logs:CreateLogStream logs:PutLogEvents",
    },
    "UpkeepFunctionSettleDueAccountsRole": {  # the scheduler's
        "UpkeepFunction": "lambda:InvokeFunction",
        "UpkeepDlq": "sqs:SendMessage",
    },
}
