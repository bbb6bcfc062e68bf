//! The resources: tables, queues and functions.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::Context as _;

use super::{Function, Queue, Reader, Redrive, Table, keys, node::Node};

/// Properties of a table that are part of a `CreateTable` request, under the same name and in the same form.
const TABLE_REQUEST: [&str; 7] = [
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
];

/// The other properties of a table.
const TABLE_OTHER: [&str; 9] = [
    "ContributorInsightsSpecification",
    "OnDemandThroughput",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
    "TableName",
    "Tags",
    // DynamoDB deletes what has expired when it likes, at the latest after days: here it never does.
    "TimeToLiveSpecification",
];

/// The properties of a standard queue.
const QUEUE: [&str; 11] = [
    "DelaySeconds",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MessageRetentionPeriod",
    "QueueName",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "Tags",
    "VisibilityTimeout",
];

/// The properties of a bucket.
const BUCKET: [&str; 8] = [
    "BucketEncryption",
    "BucketName",
    "CorsConfiguration",
    "LifecycleConfiguration",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
    "Tags",
    "VersioningConfiguration",
];

/// The properties of a function.
const FUNCTION: [&str; 35] = [
    "Architectures",
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CodeSigningConfigArn",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "Description",
    "Environment",
    "EphemeralStorage",
    "EventInvokeConfig",
    "Events",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Role",
    "RolePath",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "Tags",
    "Timeout",
    "Tracing",
    "VpcConfig",
];

impl<'a> Reader<'a> {
    pub(super) fn table(&mut self, resource: &Node<'a>, name: &str) -> anyhow::Result<()> {
        let properties = resource.required("Properties")?;
        properties.only(&[TABLE_REQUEST.as_slice(), TABLE_OTHER.as_slice()].concat())?;
        let mut definition = serde_json::json!({ "TableName": name });
        for key in TABLE_REQUEST {
            if let Some(value) = properties.optional(key)? {
                definition[key] = value.json()?;
            }
        }
        if let Some(stream) = properties.optional("StreamSpecification")? {
            stream.only(&["StreamViewType", "ResourcePolicy"])?;
            let view = stream.required("StreamViewType")?.string()?;
            definition["StreamSpecification"] = serde_json::json!({ "StreamEnabled": true, "StreamViewType": view });
        }
        keys::check(&definition).map_err(|error| properties.wrong(error))?;
        self.stack.tables.push(Table { name: name.to_owned(), definition });
        Ok(())
    }

    pub(super) fn queue(&mut self, resource: &Node<'a>, name: &str) -> anyhow::Result<()> {
        let mut queue = Queue {
            name: name.to_owned(),
            visibility_seconds: 30,
            retention_seconds: 4 * 24 * 60 * 60,
            delay_seconds: 0,
            redrive: None,
        };
        if let Some(properties) = resource.optional("Properties")? {
            properties.only(&QUEUE)?;
            let seconds = |key: &str, default: u32| -> anyhow::Result<u32> {
                properties.optional(key)?.map_or(Ok(default), |node| node.whole())
            };
            queue.visibility_seconds = seconds("VisibilityTimeout", queue.visibility_seconds)?;
            queue.retention_seconds = seconds("MessageRetentionPeriod", queue.retention_seconds)?;
            queue.delay_seconds = seconds("DelaySeconds", queue.delay_seconds)?;
            if let Some(policy) = properties.optional("RedrivePolicy")? {
                policy.only(&["deadLetterTargetArn", "maxReceiveCount"])?;
                let target = policy.required("deadLetterTargetArn")?.string()?;
                queue.redrive = Some(Redrive {
                    dead_letter_queue: queue_of_arn(&target).map_err(|error| policy.wrong(error))?,
                    max_receive_count: policy.required("maxReceiveCount")?.whole()?,
                });
            }
        }
        self.stack.queues.push(queue);
        Ok(())
    }

    pub(super) fn bucket(&mut self, resource: &Node<'a>, name: &str) -> anyhow::Result<()> {
        if let Some(properties) = resource.optional("Properties")? {
            properties.only(&BUCKET)?;
        }
        self.stack.buckets.push(name.to_owned());
        Ok(())
    }

    pub(super) fn function(&mut self, id: &str, resource: &Node<'a>) -> anyhow::Result<()> {
        let properties = resource.required("Properties")?;
        properties.only(&FUNCTION)?;
        let globals = self.globals.optional("Function")?;
        if let Some(globals) = &globals {
            globals.only(&FUNCTION)?;
        }
        let property = |key: &str| -> anyhow::Result<Option<Node<'a>>> {
            let own = properties.optional(key)?;
            if own.is_some() {
                return Ok(own);
            }
            globals.as_ref().map(|globals| globals.optional(key)).transpose().map(Option::flatten)
        };
        let binary = binary(resource, property("CodeUri")?)?;
        let timeout = property("Timeout")?.map_or(Ok(3), |node| node.whole())?;
        let mut environment = BTreeMap::new();
        for node in [globals.as_ref(), Some(&properties)].into_iter().flatten() {
            if let Some(node) = node.optional("Environment")? {
                node.only(&["Variables"])?;
                for (name, value) in node.required("Variables")?.entries()? {
                    environment.insert(name, value.string()?);
                }
            }
        }
        let role = property("Role")?.map(|node| node.string()).transpose()?;
        let role = role.as_deref().and_then(|arn| arn.rsplit('/').next());
        let grants = role.and_then(|role| self.grants.get(role)).cloned().unwrap_or_default();
        let timeout = Duration::from_secs(timeout);
        let function = Function { name: id.to_owned(), binary, timeout, environment, grants };
        if let Some(events) = properties.optional("Events")? {
            for (name, event) in events.entries()? {
                self.event(&function, &name, &event)?;
            }
        }
        self.stack.functions.push(function);
        Ok(())
    }
}

/// The binary a function runs: the one `cargo lambda` is told to build, or else the folder of its code.
fn binary(resource: &Node<'_>, code: Option<Node<'_>>) -> anyhow::Result<String> {
    let code = code.ok_or_else(|| resource.wrong("Properties.CodeUri is missing"))?;
    if let Some(metadata) = resource.optional("Metadata")?
        && let Some(build) = metadata.optional("BuildProperties")?
        && let Some(binary) = build.optional("Binary")?
    {
        return binary.string();
    }
    let path = code.string()?;
    let folder = Path::new(&path).file_name().and_then(|name| name.to_str());
    folder.map(str::to_owned).ok_or_else(|| {
        code.wrong("names no binary: end it with the folder of the function, or set Metadata.BuildProperties.Binary")
    })
}

/// The table whose stream an ARN names.
pub(super) fn table_of_stream(arn: &str) -> anyhow::Result<String> {
    let name = arn
        .strip_prefix(&crate::machine::arn("dynamodb", "table/"))
        .and_then(|rest| rest.strip_suffix("/stream/local"));
    name.map(str::to_owned).with_context(|| format!("'{arn}' is not the stream of a table of this template"))
}

/// The queue an ARN names.
pub(super) fn queue_of_arn(arn: &str) -> anyhow::Result<String> {
    let name = arn.strip_prefix(&crate::machine::arn("sqs", ""));
    name.map(str::to_owned).with_context(|| format!("'{arn}' is not the ARN of a queue of this template"))
}
