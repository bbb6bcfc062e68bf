//! The events of a function: queues, streams and schedules.

use std::time::Duration;

use anyhow::ensure;
use jiff::tz::TimeZone;

use super::{
    EventSource, Function, Reader, Schedule, StreamSource,
    node::Node,
    resources::{queue_of_arn, table_of_stream},
};
use crate::expression::Expression;

impl<'a> Reader<'a> {
    pub(super) fn event(&mut self, function: &Function, name: &str, event: &Node<'a>) -> anyhow::Result<()> {
        event.only(&["Type", "Properties"])?;
        let properties = event.required("Properties")?;
        match event.required("Type")?.string()?.as_str() {
            "HttpApi" => Err(event.wrong("a route stands in the API's DefinitionBody")),
            "SQS" => self.event_source(function, &properties),
            "DynamoDB" => self.stream(function, &properties),
            "ScheduleV2" => self.schedule(function, name, &properties),
            kind => Err(event.wrong(format_args!("the local platform does not support events of type {kind}"))),
        }
    }

    fn event_source(&mut self, function: &Function, properties: &Node<'a>) -> anyhow::Result<()> {
        properties.only(&[
            "BatchSize",
            "Enabled",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "Queue",
            "ScalingConfig",
        ])?;
        let queue = properties.required("Queue")?.parse(queue_of_arn)?;
        let Some(source) = self.stack.queues.iter().find(|other| other.name == queue) else {
            return Err(properties.wrong(format_args!("there is no queue {queue}")));
        };
        ensure!(
            Duration::from_secs(source.visibility_seconds.into()) >= function.timeout,
            properties.wrong("the queue's VisibilityTimeout is shorter than the function's Timeout")
        );
        let types = properties.required("FunctionResponseTypes")?;
        let reported: Vec<String> = types.items()?.iter().map(Node::string).collect::<anyhow::Result<_>>()?;
        // Without it one bad message makes a whole batch come back.
        ensure!(reported == ["ReportBatchItemFailures"], types.wrong("expected [ReportBatchItemFailures]"));
        let batch_size = properties.optional("BatchSize")?.map_or(Ok(10), |node| node.whole())?;
        let window = properties.optional("MaximumBatchingWindowInSeconds")?.map_or(Ok(0), |node| node.whole())?;
        ensure!(
            (1..=10_000).contains(&batch_size) && window <= 300 && (batch_size <= 10 || window > 0),
            properties.wrong("BatchSize is 1 to 10, or up to 10000 with a MaximumBatchingWindowInSeconds (1 to 300)")
        );
        // AWS begins with five pollers and adds more; five are plenty for one machine.
        let mut maximum_concurrency = 5;
        if let Some(scaling) = properties.optional("ScalingConfig")? {
            scaling.only(&["MaximumConcurrency"])?;
            let node = scaling.required("MaximumConcurrency")?;
            maximum_concurrency = node.whole()?;
            ensure!((2..=1000).contains(&maximum_concurrency), node.wrong("MaximumConcurrency is 2 to 1000"));
        }
        if properties.optional("Enabled")?.map_or(Ok(true), |node| node.boolean())? {
            self.stack.event_sources.push(EventSource {
                function: function.name.clone(),
                queue,
                batch_size,
                batching_window: Duration::from_secs(window),
                maximum_concurrency,
            });
        }
        Ok(())
    }

    fn stream(&mut self, function: &Function, properties: &Node<'a>) -> anyhow::Result<()> {
        properties.only(&[
            "BatchSize",
            "BisectBatchOnFunctionError",
            "DestinationConfig",
            "Enabled",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "ParallelizationFactor",
            "StartingPosition",
            "Stream",
        ])?;
        let table = properties.required("Stream")?.parse(table_of_stream)?;
        let streams =
            |other: &super::Table| other.name == table && other.definition.get("StreamSpecification").is_some();
        ensure!(
            self.stack.tables.iter().any(streams),
            properties.wrong(format_args!("the table {table} has no stream"))
        );
        let start = properties.required("StartingPosition")?;
        ensure!(start.string()? == "TRIM_HORIZON", start.wrong("anything else than TRIM_HORIZON would lose records"));
        let types = properties.required("FunctionResponseTypes")?;
        let reported: Vec<String> = types.items()?.iter().map(Node::string).collect::<anyhow::Result<_>>()?;
        ensure!(reported == ["ReportBatchItemFailures"], types.wrong("expected [ReportBatchItemFailures]"));
        let batch_size = properties.optional("BatchSize")?.map_or(Ok(100), |node| node.whole())?;
        ensure!((1..=1000).contains(&batch_size), properties.wrong("BatchSize is 1 to 1000"));
        let bisect = properties.optional("BisectBatchOnFunctionError")?.map_or(Ok(false), |node| node.boolean())?;
        // AWS tries for ever unless it is told otherwise: one bad record would then stop its shard for a day.
        let retries = properties.required("MaximumRetryAttempts")?.whole()?;
        let on_failure = match properties.optional("DestinationConfig")? {
            Some(destination) => {
                let on_failure = destination.required("OnFailure")?;
                on_failure.only(&["Destination", "Type"])?;
                Some(on_failure.required("Destination")?.parse(queue_of_arn)?)
            }
            None => None,
        };
        if properties.optional("Enabled")?.map_or(Ok(true), |node| node.boolean())? {
            let function = function.name.clone();
            let source = StreamSource { function, table, batch_size, bisect, maximum_retries: retries, on_failure };
            self.stack.streams.push(source);
        }
        Ok(())
    }

    fn schedule(&mut self, function: &Function, name: &str, properties: &Node<'a>) -> anyhow::Result<()> {
        properties.only(&[
            "DeadLetterConfig",
            "Description",
            "FlexibleTimeWindow",
            "GroupName",
            "KmsKeyArn",
            "Name",
            "OmitName",
            "PermissionsBoundary",
            "RetryPolicy",
            "RoleArn",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "State",
        ])?;
        let expression = properties.required("ScheduleExpression")?.parse(Expression::parse)?;
        let time_zone = match properties.optional("ScheduleExpressionTimezone")? {
            Some(node) => node.parse(|name| Ok(TimeZone::get(name)?))?,
            None => TimeZone::UTC,
        };
        let name = match properties.optional("Name")? {
            Some(given) => given.string()?,
            None => format!("{}{name}", function.name),
        };
        let state = properties.optional("State")?.map_or(Ok("ENABLED".to_owned()), |node| node.string())?;
        ensure!(["ENABLED", "DISABLED"].contains(&state.as_str()), properties.wrong("State is ENABLED or DISABLED"));
        if state == "ENABLED" {
            self.stack.schedules.push(Schedule { name, function: function.name.clone(), expression, time_zone });
        }
        Ok(())
    }
}
