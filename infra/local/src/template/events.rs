//! The events of a function: routes, queues and schedules.

use std::time::Duration;

use anyhow::ensure;
use jiff::tz::TimeZone;

use super::{
    EventSource, Function, Reader, Route, Schedule, StreamSource,
    node::Node,
    resources::{queue_of_arn, table_of_stream},
};
use crate::event_sources::Expression;

/// What an HTTP API says about authorization.
#[derive(Clone, Default)]
pub(super) struct Api {
    authorizers: Vec<String>,
    default_authorizer: Option<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn http_api(&mut self, id: &str, resource: &Node<'a>) -> anyhow::Result<()> {
        let mut api = Api::default();
        if let Some(properties) = resource.optional("Properties")? {
            properties.only(&[
                "AccessLogSettings",
                "Auth",
                "CorsConfiguration",
                "DefaultRouteSettings",
                "Description",
                "DisableExecuteApiEndpoint",
                "Domain",
                "FailOnWarnings",
                "Name",
                "PropagateTags",
                "RouteSettings",
                "StageName",
                "StageVariables",
                "Tags",
            ])?;
            if let Some(auth) = properties.optional("Auth")? {
                api = read_auth(&auth)?;
            }
        }
        self.apis.insert(id.to_owned(), api);
        // One port serves one API; a second would need its own.
        ensure!(self.apis.len() == 1, resource.wrong("the local platform serves one HTTP API"));
        Ok(())
    }

    pub(super) fn event(&mut self, function: &Function, name: &str, event: &Node<'a>) -> anyhow::Result<()> {
        event.only(&["Type", "Properties"])?;
        let properties = event.required("Properties")?;
        match event.required("Type")?.string()?.as_str() {
            "HttpApi" => self.route(&function.name, &properties),
            "SQS" => self.event_source(function, &properties),
            "DynamoDB" => self.stream(function, &properties),
            "ScheduleV2" => self.schedule(function, name, &properties),
            kind => Err(event.wrong(format_args!("the local platform does not support events of type {kind}"))),
        }
    }

    fn route(&mut self, function: &str, properties: &Node<'a>) -> anyhow::Result<()> {
        properties.only(&["ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "TimeoutInMillis"])?;
        let method = properties.required("Method")?.string()?.to_uppercase();
        let path = properties.required("Path")?.string()?;
        ensure!(
            path.starts_with('/') && !path.contains("+}"),
            properties.wrong(format_args!("the path '{path}' must begin with / and name every segment"))
        );
        if let Some(version) = properties.optional("PayloadFormatVersion")? {
            ensure!(version.string()? == "2.0", version.wrong("the local platform speaks payload format 2.0"));
        }
        let scope = self.scope(properties)?;
        let route = Route { method, path, function: function.to_owned(), scope };
        let same = |other: &Route| (&other.method, &other.path) == (&route.method, &route.path);
        ensure!(
            !self.stack.routes.iter().any(same),
            properties.wrong(format_args!("{} {} has two functions", route.method, route.path))
        );
        self.stack.routes.push(route);
        Ok(())
    }

    /// The scope of a route: exactly one behind an authorizer, because API Gateway accepts any one of a list.
    fn scope(&self, properties: &Node<'a>) -> anyhow::Result<Option<String>> {
        let api = self.api(properties)?;
        let mut authorizer = api.default_authorizer;
        let mut scopes = Vec::new();
        if let Some(auth) = properties.optional("Auth")? {
            auth.only(&["AuthorizationScopes", "Authorizer"])?;
            if let Some(node) = auth.optional("Authorizer")? {
                let name = node.string()?;
                authorizer = (name != "NONE").then_some(name);
            }
            if let Some(list) = auth.optional("AuthorizationScopes")? {
                scopes = list.items()?.iter().map(Node::string).collect::<anyhow::Result<_>>()?;
            }
        }
        match (authorizer, scopes.as_slice()) {
            (None, []) => Ok(None),
            (None, _) => Err(properties.wrong("AuthorizationScopes without an authorizer protect nothing")),
            (Some(name), [scope]) => {
                ensure!(
                    api.authorizers.contains(&name),
                    properties.wrong(format_args!("there is no authorizer {name}"))
                );
                Ok(Some(scope.clone()))
            }
            (Some(_), _) => Err(properties.wrong("a route behind an authorizer needs exactly one AuthorizationScope")),
        }
    }

    /// The API a route belongs to: the one it names, or the one SAM makes of `Globals.HttpApi`.
    fn api(&self, properties: &Node<'a>) -> anyhow::Result<Api> {
        if let Some(node) = properties.optional("ApiId")? {
            let id = node.string()?;
            return self.apis.get(&id).cloned().ok_or_else(|| node.wrong(format_args!("there is no HttpApi {id}")));
        }
        match self.globals.optional("HttpApi")? {
            Some(globals) => match globals.optional("Auth")? {
                Some(auth) => read_auth(&auth),
                None => Ok(Api::default()),
            },
            None => Ok(Api::default()),
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

fn read_auth(auth: &Node<'_>) -> anyhow::Result<Api> {
    auth.only(&["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"])?;
    let authorizers = auth.optional("Authorizers")?.map_or(Ok(Vec::new()), |node| node.entries())?;
    let default_authorizer = auth.optional("DefaultAuthorizer")?.map(|node| node.string()).transpose()?;
    for (_, authorizer) in &authorizers {
        // The local issuer takes the place of the one the template names.
        authorizer.only(&["IdentitySource", "JwtConfiguration"])?;
        authorizer.required("JwtConfiguration")?.only(&["audience", "issuer"])?;
    }
    Ok(Api { authorizers: authorizers.into_iter().map(|(name, _)| name).collect(), default_authorizer })
}
