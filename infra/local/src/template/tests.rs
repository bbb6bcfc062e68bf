use super::*;

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: dev }
  ProgrammeTimezone: { Type: String, Default: Asia/Shanghai }
  Issuer: { Type: String }
Conditions:
  IsProduction: !Equals [!Ref Stage, prod]
  IsSmall: !Not [!Condition IsProduction]
Globals:
  Function:
    Runtime: provided.al2023
    Timeout: 10
    Environment:
      Variables:
        ACCOUNTS_TABLE: !Ref Accounts
        INGEST_URL: !Ref Ingest
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: { issuer: !Ref Issuer, audience: [perennial] }
  Accounts:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      DeletionProtectionEnabled: !If [IsProduction, true, false]
      AttributeDefinitions:
        - { AttributeName: member, AttributeType: S }
        - { AttributeName: due, AttributeType: S }
      KeySchema: [{ AttributeName: member, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: due
          KeySchema:
            - { AttributeName: due, KeyType: HASH }
            - { AttributeName: member, KeyType: RANGE }
          Projection: { ProjectionType: KEYS_ONLY }
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
      SSESpecification: { SSEEnabled: true }
  Ingest:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-ingest"
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt IngestDlq.Arn, maxReceiveCount: 5 }
  IngestDlq:
    Type: AWS::SQS::Queue
    Properties: { MessageRetentionPeriod: 1209600 }
  Earn:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: earn } }
    Properties:
      CodeUri: .
      Timeout: !If [IsSmall, 8, 20]
      Environment: { Variables: { NAME: !Join ["-", [earn, !Ref Stage]] } }
      Policies: [{ Statement: [{ Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Accounts.Arn }] }]
      Events:
        Post:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: post
            Path: "/v1/orders/{order_id}/refunds"
            Auth: { AuthorizationScopes: ["refunds:write"] }
        Document:
          Type: HttpApi
          Properties: { ApiId: !Ref Api, Method: GET, Path: /openapi.json, Auth: { Authorizer: NONE } }
        Messages:
          Type: SQS
          Properties:
            Queue: !GetAtt Ingest.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 4 }
  Upkeep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/upkeep/
      Events:
        Hourly:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(5 * * * ? *)
            ScheduleExpressionTimezone: !Ref ProgrammeTimezone
            RetryPolicy: { MaximumRetryAttempts: 3 }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: IsProduction
    Properties: { Namespace: !GetAtt Nothing.Known }
"#;

const QUEUES: &str = "http://127.0.0.1:9324";

#[test]
fn the_template_is_read_with_its_references_resolved() {
    let stack = Stack::parse(TEMPLATE, QUEUES).unwrap();
    let earn = &stack.functions[0];
    assert_eq!((earn.name.as_str(), earn.binary.as_str(), earn.timeout.as_secs()), ("Earn", "earn", 8));
    assert_eq!(earn.environment["ACCOUNTS_TABLE"], "Accounts");
    assert_eq!(earn.environment["INGEST_URL"], "http://127.0.0.1:9324/000000000000/local-ingest");
    assert_eq!(earn.environment["NAME"], "earn-dev");
    let upkeep = &stack.functions[1];
    assert_eq!((upkeep.binary.as_str(), upkeep.timeout.as_secs()), ("upkeep", 10));

    let route = |method: &str, path: &str, scope: Option<&str>| Route {
        method: method.to_owned(),
        path: path.to_owned(),
        function: "Earn".to_owned(),
        scope: scope.map(str::to_owned),
    };
    assert_eq!(
        stack.routes,
        [route("POST", "/v1/orders/{order_id}/refunds", Some("refunds:write")), route("GET", "/openapi.json", None),]
    );

    let accounts = &stack.tables[0];
    assert_eq!(accounts.name, "Accounts");
    assert_eq!(accounts.definition["StreamSpecification"]["StreamEnabled"], true);
    assert_eq!(accounts.definition["DeletionProtectionEnabled"], false);

    let ingest = stack.queues.iter().find(|queue| queue.name == "local-ingest").unwrap();
    assert_eq!((ingest.visibility_seconds, ingest.retention_seconds), (60, 345_600));
    let redrive = ingest.redrive.as_ref().unwrap();
    assert_eq!((redrive.dead_letter_queue.as_str(), redrive.max_receive_count), ("IngestDlq", 5));

    let source = &stack.event_sources[0];
    assert_eq!((source.queue.as_str(), source.batch_size, source.maximum_concurrency), ("local-ingest", 10, 4));
    let schedule = &stack.schedules[0];
    assert_eq!((schedule.name.as_str(), schedule.function.as_str()), ("UpkeepHourly", "Upkeep"));
    assert_eq!(schedule.time_zone.iana_name(), Some("Asia/Shanghai"));
}

/// The template with one thing changed says what is wrong, and where.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(TEMPLATE.contains(from), "{from} is in the template");
    let error = Stack::parse(&TEMPLATE.replacen(from, to, 1), QUEUES).unwrap_err();
    let error = format!("{error:#}");
    for expected in expected {
        assert!(error.contains(expected), "{error}\ndoes not say: {expected}");
    }
}

#[test]
fn a_misspelt_property_is_noticed() {
    check("MaximumConcurrency", "MaximumConcurency", &["Earn.Properties.Events.Messages", "MaximumConcurency"]);
    check("BatchSize", "BatchSiz", &["Resources.Earn.Properties.Events.Messages.Properties", "BatchSiz"]);
    check("VisibilityTimeout", "VisibilityTimeOut", &["Resources.Ingest.Properties", "VisibilityTimeOut"]);
    check("AuthorizationScopes", "AuthorisationScopes", &["Events.Post.Properties.Auth", "AuthorisationScopes"]);
    check("      Timeout: !If", "      Timout: !If", &["Resources.Earn.Properties", "Timout"]);
    check("StreamSpecification:", "StreamSpec:", &["Resources.Accounts.Properties", "StreamSpec"]);
    check("Timeout: 10", "TimeOut: 10", &["Globals.Function", "TimeOut"]);
    check("AWS::SQS::Queue", "AWS::SQS::Queu", &["AWS::SQS::Queu"]);
}

#[test]
fn a_wrong_event_is_refused() {
    check(
        "            FunctionResponseTypes: [ReportBatchItemFailures]\n",
        "",
        &["Events.Messages", "FunctionResponseTypes is missing"],
    );
    check("[ReportBatchItemFailures]", "[ReportBatchItemFailure]", &["expected [ReportBatchItemFailures]"]);
    check("Type: ScheduleV2", "Type: CloudWatchEvent", &["Resources.Upkeep", "CloudWatchEvent"]);
    check("cron(5 * * * ? *)", "cron(5 * * * *)", &["Hourly.Properties.ScheduleExpression", "six fields"]);
    check(
        "ScheduleExpressionTimezone: !Ref ProgrammeTimezone",
        "ScheduleExpressionTimezone: Asia/Nowhere",
        &["Hourly.Properties.ScheduleExpressionTimezone", "Asia/Nowhere"],
    );
    check("BatchSize: 10", "BatchSize: 100", &["MaximumBatchingWindowInSeconds"]);
    check("VisibilityTimeout: 60", "VisibilityTimeout: 5", &["shorter than the function's Timeout"]);
    check("VisibilityTimeout: 60", "VisibilityTimeout: soon", &["Ingest.Properties.VisibilityTimeout", "whole number"]);
}

#[test]
fn a_reference_that_leads_nowhere_is_refused() {
    check("Queue: !GetAtt Ingest.Arn", "Queue: !GetAtt Ingst.Arn", &["Messages.Properties.Queue", "Ingst"]);
    check("Queue: !GetAtt Ingest.Arn", "Queue: !GetAtt Accounts.Arn", &["not the ARN of a queue"]);
    check("ApiId: !Ref Api", "ApiId: !Ref Accounts", &["Events.Post.Properties.ApiId", "Accounts"]);
    check("NAME: !Join [\"-\", [earn, !Ref Stage]]", "NAME: !Ref Issuer", &["Variables.NAME", "no Default"]);
    check("!GetAtt IngestDlq.Arn", "!Sub \"arn:aws:sqs:us-east-1:000000000000:lost\"", &["no dead-letter queue lost"]);
    check("!If [IsSmall, 8, 20]", "!If [IsTiny, 8, 20]", &["Earn.Properties.Timeout", "IsTiny"]);
    check("!Not [!Condition IsProduction]", "!Not [!Condition IsSmall]", &["IsSmall depends on itself"]);
    check("!If [IsSmall, 8, 20]", "!ImportValue x", &["ImportValue is not supported"]);
}

#[test]
fn a_route_has_exactly_one_scope() {
    check("[\"refunds:write\"]", "[\"refunds:write\", \"admin\"]", &["Events.Post", "exactly one"]);
    check("            Auth: { AuthorizationScopes: [\"refunds:write\"] }\n", "", &["Events.Post", "exactly one"]);
    check("DefaultAuthorizer: Tokens", "DefaultAuthorizer: Tokns", &["there is no authorizer Tokns"]);
    check("        DefaultAuthorizer: Tokens\n", "", &["without an authorizer"]);
}

#[test]
fn a_function_needs_code_and_a_table_needs_keys() {
    check("      CodeUri: functions/upkeep/\n", "", &["Resources.Upkeep", "CodeUri is missing"]);
    check("CodeUri: functions/upkeep/", "CodeUri: .", &["Resources.Upkeep.Properties.CodeUri", "names no binary"]);
    check(
        "KeySchema: [{ AttributeName: member,",
        "KeySchema: [{ AttributeName: membr,",
        &["Resources.Accounts.Properties"],
    );
    check(
        "Type: AWS::CloudWatch::Alarm\n    Condition: IsProduction",
        "Type: AWS::Events::Rule",
        &["Resources.Alarm", "does not know the type AWS::Events::Rule"],
    );
}

#[test]
fn text_that_is_no_template_is_refused() {
    for text in ["", "42", "Resources: [1]", "Resources: { Earn: 1 }", "a: b: c"] {
        assert!(Stack::parse(text, QUEUES).is_err(), "{text}");
    }
}

#[test]
fn the_template_of_the_product_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let stack = Stack::read(&path, QUEUES).unwrap();
    assert!(!stack.routes.is_empty() && !stack.event_sources.is_empty() && !stack.schedules.is_empty());
    for route in &stack.routes {
        let known = route.scope.as_deref().is_none_or(crate::issuer::knows);
        assert!(known, "the issuer grants the scope of {} {} to somebody", route.method, route.path);
    }
}
