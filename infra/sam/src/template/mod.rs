//! Reads `template.yaml`: what is deployed to AWS is what runs here.
//!
//! Only what decides how the product behaves is read; alarms, roles and dashboards are for AWS alone. What is read,
//! is read strictly: a property that is misspelt, a reference that leads nowhere, or a resource that would run on
//! AWS but not here is an error that names the place.

mod api;
mod events;
mod grants;
mod keys;
mod loops;
mod node;
mod resources;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context as _, ensure};
use serde_norway::{Mapping, Value};

use crate::expression::Expression;
pub use grants::Grant;
use node::{Named, Node, Scope};

/// The resources of the template that run on this machine.
#[derive(Debug, Default)]
pub struct Stack {
    /// The functions.
    pub functions: Vec<Function>,
    /// The routes of the HTTP API.
    pub routes: Vec<Route>,
    /// What answers when no route fits.
    pub default_route: Option<Route>,
    /// The DynamoDB tables.
    pub tables: Vec<Table>,
    /// The SQS queues.
    pub queues: Vec<Queue>,
    /// The S3 buckets, by their physical names.
    pub buckets: Vec<String>,
    /// Which function consumes which queue.
    pub event_sources: Vec<EventSource>,
    /// What runs by the clock.
    pub schedules: Vec<Schedule>,
    /// Which function reads which table's stream.
    pub streams: Vec<StreamSource>,
    /// How many resources of each type are deployed, of those that only AWS has, too.
    pub resources: BTreeMap<String, u64>,
}

/// A function, by its logical id.
#[derive(Debug)]
pub struct Function {
    /// The logical id.
    pub name: String,
    /// The binary that is deployed.
    pub binary: String,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// The environment variables.
    pub environment: BTreeMap<String, String>,
    /// What its role allows.
    pub grants: Vec<Grant>,
}

/// The path of the route that takes what no other does.
pub const DEFAULT: &str = "$default";

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method, or `ANY`.
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// The function that answers.
    pub function: String,
    /// The scope a token must carry; `None` is a route without authorizer.
    pub scope: Option<String>,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// The physical name.
    pub name: String,
    /// The `CreateTable` request.
    pub definition: serde_json::Value,
}

/// A standard queue.
#[derive(Debug)]
pub struct Queue {
    /// The physical name.
    pub name: String,
    /// How long a received message stays invisible.
    pub visibility_seconds: u32,
    /// How long a message is kept.
    pub retention_seconds: u32,
    /// How long a new message waits before it can be received.
    pub delay_seconds: u32,
    /// Where messages go that are received too often.
    pub redrive: Option<Redrive>,
}

/// When a message goes to the dead-letter queue.
#[derive(Debug)]
pub struct Redrive {
    /// The physical name of the dead-letter queue.
    pub dead_letter_queue: String,
    /// How often a message is received before it goes there.
    pub max_receive_count: u32,
}

/// A queue that invokes a function.
#[derive(Clone, Debug)]
pub struct EventSource {
    /// The function.
    pub function: String,
    /// The physical name of the queue.
    pub queue: String,
    /// The most messages of one invocation.
    pub batch_size: usize,
    /// How long to wait for a batch to fill.
    pub batching_window: Duration,
    /// The most invocations at the same time.
    pub maximum_concurrency: usize,
}

/// A table's stream that invokes a function.
#[derive(Clone, Debug)]
pub struct StreamSource {
    /// The function.
    pub function: String,
    /// The physical name of the table.
    pub table: String,
    /// The most records of one invocation.
    pub batch_size: usize,
    /// A batch that fails is tried again in halves.
    pub bisect: bool,
    /// How often a record is tried again.
    pub maximum_retries: u32,
    /// Where what never works is noted: the physical name of a queue.
    pub on_failure: Option<String>,
}

/// A schedule that invokes a function.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The schedule's name.
    pub name: String,
    /// The function.
    pub function: String,
    /// When it is due.
    pub expression: Expression,
    /// The time zone of the expression.
    pub time_zone: jiff::tz::TimeZone,
}

/// Resources that run on AWS without a counterpart here. Any other type is refused, misspelt ones included.
const AWS_ONLY: [&str; 12] = [
    "AWS::ApiGatewayV2::",
    "AWS::Budgets::",
    "AWS::CloudWatch::",
    "AWS::DynamoDB::ContributorInsights",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::SNS::",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::XRay::",
];

impl Stack {
    /// Reads the template at `path`; queue URLs begin with `queues_url`.
    pub fn read(path: &Path, queues_url: &str) -> anyhow::Result<Self> {
        ensure!(
            path.exists(),
            "there is no {}: this is not the folder of the project; go there, or name the template with --template",
            path.display()
        );
        let text =
            std::fs::read_to_string(path).with_context(|| format!("the template {} cannot be read", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder, queues_url).with_context(|| format!("the template {} is wrong", path.display()))
    }

    /// Reads a template that includes files of `folder`; queue URLs begin with `queues_url`.
    pub fn parse(text: &str, folder: &Path, queues_url: &str) -> anyhow::Result<Self> {
        let read = |file: &str| Ok(serde_norway::from_str(&std::fs::read_to_string(folder.join(file))?)?);
        let template = loops::expanded(&serde_norway::from_str(text)?, &read)?;
        let resources = section(&template, "Resources")?;
        ensure!(!resources.is_empty(), "Resources: there are none");
        let mut scope = Scope { queues_url: queues_url.to_owned(), ..Scope::default() };
        for (name, parameter) in section(&template, "Parameters")? {
            scope.parameters.insert(name, parameter.get("Default").cloned());
        }
        scope.conditions = section(&template, "Conditions")?;
        // Physical names first, so that any resource may refer to any other.
        scope.resources =
            resources.iter().map(|(id, value)| named(&scope, id, value)).collect::<anyhow::Result<_>>()?;

        let none = Value::Mapping(Mapping::new());
        let globals = Node::new(&scope, "Globals".to_owned(), template.get("Globals").unwrap_or(&none))?
            .context("Globals: expected a mapping")?;
        let mut reader = Reader { globals, stack: Self::default(), grants: BTreeMap::new() };
        let (mut functions, mut apis) = (Vec::new(), Vec::new());
        for (id, value) in &resources {
            let Some(resource) = Node::new(&scope, format!("Resources.{id}"), value)? else {
                continue;
            };
            if let Some(condition) = resource.optional("Condition")?
                && !resource.holds(&condition.string()?)?
            {
                continue;
            }
            let kind = resource.required("Type")?.string()?;
            *reader.stack.resources.entry(kind.clone()).or_default() += 1;
            match kind.as_str() {
                "AWS::Serverless::Function" => functions.push((id, resource)),
                "AWS::Serverless::HttpApi" => apis.push(resource),
                "AWS::DynamoDB::Table" => reader.table(&resource, &scope.resources[id].name)?,
                "AWS::SQS::Queue" => reader.queue(&resource, &scope.resources[id].name)?,
                "AWS::S3::Bucket" => reader.bucket(&resource, &scope.resources[id].name)?,
                "AWS::IAM::RolePolicy" => reader.policy(&resource)?,
                kind if AWS_ONLY.iter().any(|known| kind.starts_with(known)) => {}
                kind => {
                    return Err(resource.wrong(format_args!("the local platform does not know the type {kind}")));
                }
            }
        }
        // Functions refer to queues and tables, the API to functions.
        for (id, resource) in functions {
            reader.function(id, &resource)?;
        }
        for resource in apis {
            reader.http_api(&resource)?;
        }
        reader.finish()
    }
}

/// A section's entries, by name.
fn section(template: &Value, name: &str) -> anyhow::Result<BTreeMap<String, Value>> {
    let Some(section) = template.get(name) else { return Ok(BTreeMap::new()) };
    let entries = section.as_mapping().with_context(|| format!("{name}: expected a mapping"))?;
    let entry = |(key, value): (&Value, &Value)| Some((key.as_str()?.to_owned(), value.clone()));
    entries.iter().map(entry).collect::<Option<_>>().with_context(|| format!("{name}: expected names as keys"))
}

/// How others refer to a resource: the physical name is the one it was given, or else its logical id.
fn named(scope: &Scope, id: &str, resource: &Value) -> anyhow::Result<(String, Named)> {
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let property = match kind.as_str() {
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::Serverless::Function" => "FunctionName",
        _ => return Ok((id.to_owned(), Named { kind, name: id.to_owned() })),
    };
    let path = format!("Resources.{id}.Properties.{property}");
    let given = resource.get("Properties").and_then(|properties| properties.get(property));
    let given = given.map(|value| Node::new(scope, path, value)).transpose()?.flatten();
    let name = given.map_or_else(|| Ok(id.to_owned()), |node| node.string())?;
    Ok((id.to_owned(), Named { kind, name }))
}

/// Collects the stack while it reads.
struct Reader<'a> {
    globals: Node<'a>,
    stack: Stack,
    /// What policies allow, by their roles.
    grants: BTreeMap<String, Vec<Grant>>,
}

impl Reader<'_> {
    fn finish(self) -> anyhow::Result<Stack> {
        let stack = self.stack;
        for queue in &stack.queues {
            if let Some(redrive) = &queue.redrive {
                let target = &redrive.dead_letter_queue;
                ensure!(
                    stack.queues.iter().any(|other| other.name == *target),
                    "queue {}: there is no dead-letter queue {target}",
                    queue.name
                );
            }
        }
        Ok(stack)
    }
}

#[cfg(test)]
mod tests;
