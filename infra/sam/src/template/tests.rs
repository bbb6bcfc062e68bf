use super::*;

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Stage: { Type: String, Default: dev }
  ProgrammeTimezone: { Type: String, Default: Asia/Shanghai }
  Issuer: { Type: String }
Mappings:
  Queues:
    Ingest: { Dead: 1209600 }
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
      DefinitionBody:
        openapi: 3.0.1
        info: { title: !Ref AWS::StackName, version: "1.0" }
        paths:
          "/v1/orders/{order_id}/refunds":
            post:
              security: [{ Tokens: ["refunds:write"] }]
              responses: {}
              x-amazon-apigateway-integration: { $ref: '#/components/x-amazon-apigateway-integrations/earn' }
          /openapi.json:
            get:
              x-amazon-apigateway-integration: { $ref: '#/components/x-amazon-apigateway-integrations/earn' }
        components:
          securitySchemes:
            Tokens:
              type: oauth2
              x-amazon-apigateway-authorizer:
                type: jwt
                identitySource: $request.header.Authorization
                jwtConfiguration: { issuer: !Ref Issuer, audience: [perennial] }
          x-amazon-apigateway-integrations:
            earn:
              type: aws_proxy
              httpMethod: POST
              payloadFormatVersion: "2.0"
              uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Earn.Arn}/invocations"
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
  Fn::ForEach::DeadLetters:
    - Q
    - [Ingest]
    - ${Q}Dlq:
        Type: AWS::SQS::Queue
        Properties: { MessageRetentionPeriod: !FindInMap [Queues, !Ref Q, Dead] }
  Earn:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: earn } }
    Properties:
      CodeUri: .
      Timeout: !If [IsSmall, 8, 20]
      Environment: { Variables: { NAME: !Join ["-", [earn, !Ref Stage]] } }
      Policies: [{ Statement: [{ Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Accounts.Arn }] }]
      Events:
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
    let stack = Stack::parse(TEMPLATE, Path::new(""), QUEUES).unwrap();
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
    let error = Stack::parse(&TEMPLATE.replacen(from, to, 1), Path::new(""), QUEUES).unwrap_err();
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
    check("security:", "secure:", &["DefinitionBody.paths./v1/orders/{order_id}/refunds.post", "secure"]);
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
    check(
        "integrations/earn",
        "integrations/ern",
        &["refunds.post.x-amazon-apigateway-integration.$ref", "integrations/ern"],
    );
    check("${Earn.Arn}/invocations", "${Accounts.Arn}/invocations", &["earn.uri", "does not invoke a function"]);
    check("${Earn.Arn}/invocations", "${Ern.Arn}/invocations", &["earn.uri", "Ern"]);
    check("[Queues, !Ref Q, Dead]", "[Queues, !Ref Q, Ded]", &["DeadLetters", "${Q}Dlq", "finds no Ded"]);
    check("NAME: !Join [\"-\", [earn, !Ref Stage]]", "NAME: !Ref Issuer", &["Variables.NAME", "no Default"]);
    check("!GetAtt IngestDlq.Arn", "!Sub \"arn:aws:sqs:us-east-1:000000000000:lost\"", &["no dead-letter queue lost"]);
    check("!If [IsSmall, 8, 20]", "!If [IsTiny, 8, 20]", &["Earn.Properties.Timeout", "IsTiny"]);
    check("!Not [!Condition IsProduction]", "!Not [!Condition IsSmall]", &["IsSmall depends on itself"]);
    check("!If [IsSmall, 8, 20]", "!ImportValue x", &["ImportValue is not supported"]);
}

#[test]
fn a_route_has_exactly_one_scope() {
    check("[\"refunds:write\"]", "[\"refunds:write\", \"admin\"]", &["refunds.post", "exactly one"]);
    check("[\"refunds:write\"]", "[]", &["refunds.post", "exactly one"]);
    check("[{ Tokens: [\"refunds:write\"] }]", "[]", &["refunds.post", "exactly one"]);
    check("[{ Tokens:", "[{ Tokns:", &["refunds.post", "there is no authorizer Tokns"]);
    check("type: jwt", "type: request", &["securitySchemes.Tokens", "as jwt does"]);
    check("\"2.0\"", "\"1.0\"", &["earn.payloadFormatVersion", "2.0"]);
    check("            post:", "            past:", &["refunds.past", "there is no method past"]);
    check("/openapi.json:", "/{proxy+}:", &["/{proxy+}", "names every segment"]);
}

#[test]
fn a_route_is_no_event() {
    check("Type: SQS", "Type: HttpApi", &["Earn.Properties.Events.Messages", "DefinitionBody"]);
}

/// The policies' check reads the same file: what is checked there is what runs here.
#[test]
fn loops_mappings_and_includes_are_written_out_as_the_policies_do() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/expand.json");
    let held: Value = serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let read = |file: &str| held["files"].get(file).cloned().context("there is no such file");
    assert_eq!(loops::expanded(&held["template"], &read).unwrap(), held["expanded"]);
    for resources in held["refused"].as_sequence().unwrap() {
        let mut template = held["template"].clone();
        template["Resources"] = resources.clone();
        assert!(loops::expanded(&template, &read).is_err(), "{resources:?}");
    }
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
        assert!(Stack::parse(text, Path::new(""), QUEUES).is_err(), "{text}");
    }
}

#[test]
fn the_template_of_the_product_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let stack = Stack::read(&path, QUEUES).unwrap();
    let roles = stack.resources["AWS::IAM::Role"];
    assert_eq!(usize::try_from(roles).unwrap(), stack.functions.len(), "the loop over functions makes a role of each");
    assert!(!stack.routes.is_empty() && !stack.event_sources.is_empty() && !stack.schedules.is_empty());
    for route in &stack.routes {
        let known = route.scope.as_deref().is_none_or(crate::machine::knows);
        assert!(known, "the issuer grants the scope of {} {} to somebody", route.method, route.path);
    }
}
