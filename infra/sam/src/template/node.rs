//! A place in the template: a value with its CloudFormation functions resolved, and the path that names it in an
//! error.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail, ensure};
use serde_norway::{Mapping, Value};

use crate::machine::{ACCOUNT, REGION, arn};

/// What a reference may name: parameters, conditions and resources.
#[derive(Default)]
pub(super) struct Scope {
    /// The default of each parameter, if it has one.
    pub(super) parameters: BTreeMap<String, Option<Value>>,
    pub(super) conditions: BTreeMap<String, Value>,
    pub(super) resources: BTreeMap<String, Named>,
    /// Where the queues answer, for their URLs.
    pub(super) queues_url: String,
}

/// A resource as others refer to it.
pub(super) struct Named {
    pub(super) kind: String,
    /// The physical name.
    pub(super) name: String,
}

/// A value of the template, resolved, and where it stands.
#[derive(Clone)]
pub(super) struct Node<'a> {
    scope: &'a Scope,
    path: String,
    value: Value,
}

impl<'a> Node<'a> {
    /// The value at `path`; `None` if it resolves to `AWS::NoValue`.
    pub(super) fn new(scope: &'a Scope, path: String, value: &Value) -> anyhow::Result<Option<Self>> {
        let value = scope.resolve(value).with_context(|| path.clone())?;
        Ok(value.map(|value| Self { scope, path, value }))
    }

    /// An error about this place.
    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> anyhow::Error {
        anyhow::anyhow!("{}: {what}", self.path)
    }

    /// Reads what stands here with `read`; an error names the place.
    pub(super) fn parse<T>(&self, read: impl FnOnce(&str) -> anyhow::Result<T>) -> anyhow::Result<T> {
        read(&self.string()?).with_context(|| self.path.clone())
    }

    fn mapping(&self) -> anyhow::Result<&Mapping> {
        self.value.as_mapping().ok_or_else(|| self.wrong("expected a mapping"))
    }

    /// The property `key`, if it is set.
    pub(super) fn optional(&self, key: &str) -> anyhow::Result<Option<Self>> {
        match self.mapping()?.get(key) {
            Some(value) => Self::new(self.scope, format!("{}.{key}", self.path), value),
            None => Ok(None),
        }
    }

    /// The property `key`.
    pub(super) fn required(&self, key: &str) -> anyhow::Result<Self> {
        self.optional(key)?.ok_or_else(|| self.wrong(format_args!("{key} is missing")))
    }

    /// Refuses properties other than `known`: a misspelt one would deploy as if it were not there.
    pub(super) fn only(&self, known: &[&str]) -> anyhow::Result<()> {
        for key in self.mapping()?.keys() {
            let key = key.as_str().unwrap_or("a key that is not text");
            ensure!(known.contains(&key), self.wrong(format_args!("unknown property {key}")));
        }
        Ok(())
    }

    /// The entries of a mapping.
    pub(super) fn entries(&self) -> anyhow::Result<Vec<(String, Self)>> {
        let mut entries = Vec::new();
        for (key, value) in self.mapping()? {
            let key = key.as_str().ok_or_else(|| self.wrong("expected names as keys"))?.to_owned();
            if let Some(node) = Self::new(self.scope, format!("{}.{key}", self.path), value)? {
                entries.push((key, node));
            }
        }
        Ok(entries)
    }

    /// The items of a list.
    pub(super) fn items(&self) -> anyhow::Result<Vec<Self>> {
        let list = self.value.as_sequence().ok_or_else(|| self.wrong("expected a list"))?;
        let items = list.iter().enumerate();
        let items = items.map(|(index, item)| Self::new(self.scope, format!("{}[{index}]", self.path), item));
        items.filter_map(Result::transpose).collect()
    }

    /// The value as text; numbers and booleans read as they are written.
    pub(super) fn string(&self) -> anyhow::Result<String> {
        text(&self.value).ok_or_else(|| self.wrong("expected text"))
    }

    /// The value as a whole number.
    pub(super) fn whole<N: std::str::FromStr>(&self) -> anyhow::Result<N> {
        self.string()?.parse().ok().ok_or_else(|| self.wrong("expected a whole number in range"))
    }

    /// The value as a boolean.
    pub(super) fn boolean(&self) -> anyhow::Result<bool> {
        self.string()?.parse().ok().ok_or_else(|| self.wrong("expected true or false"))
    }

    /// The value and everything below it, as JSON.
    pub(super) fn json(&self) -> anyhow::Result<serde_json::Value> {
        match &self.value {
            Value::Mapping(_) => {
                let entries = self.entries()?.into_iter().map(|(key, node)| Ok((key, node.json()?)));
                Ok(serde_json::Value::Object(entries.collect::<anyhow::Result<_>>()?))
            }
            Value::Sequence(_) => {
                let items = self.items()?.into_iter().map(|item| item.json());
                Ok(serde_json::Value::Array(items.collect::<anyhow::Result<_>>()?))
            }
            scalar => serde_json::to_value(scalar).with_context(|| self.path.clone()),
        }
    }

    /// Whether the condition `name` holds.
    pub(super) fn holds(&self, name: &str) -> anyhow::Result<bool> {
        self.scope.condition(name, &BTreeSet::new()).with_context(|| self.path.clone())
    }
}

impl Scope {
    /// The value with the function at its top applied; `None` for `AWS::NoValue`.
    fn resolve(&self, value: &Value) -> anyhow::Result<Option<Value>> {
        let Some((function, argument)) = function(value) else { return Ok(Some(value.clone())) };
        match function.as_str() {
            "Ref" if argument.as_str() == Some("AWS::NoValue") => Ok(None),
            "Ref" => self.reference(argument.as_str().context("!Ref takes a name")?).map(Some),
            "GetAtt" => self.attribute(argument).map(|text| Some(Value::String(text))),
            "Sub" => self.substitute(argument).map(|text| Some(Value::String(text))),
            "Join" => self.join(argument).map(|text| Some(Value::String(text))),
            "If" => match argument.as_sequence().map(Vec::as_slice) {
                Some([Value::String(name), yes, no]) => {
                    self.resolve(if self.condition(name, &BTreeSet::new())? { yes } else { no })
                }
                _ => bail!("!If takes a condition and two values"),
            },
            other => bail!("the function {other} is not supported by the local platform"),
        }
    }

    fn resolve_text(&self, value: &Value) -> anyhow::Result<String> {
        let value = self.resolve(value)?.context("AWS::NoValue cannot be part of a text")?;
        text(&value).context("expected text")
    }

    fn reference(&self, name: &str) -> anyhow::Result<Value> {
        if let Some(default) = self.parameters.get(name) {
            return default
                .clone()
                .with_context(|| format!("parameter {name} has no Default, and the local platform uses the defaults"));
        }
        if let Some(resource) = self.resources.get(name) {
            return Ok(Value::String(match resource.kind.as_str() {
                "AWS::SQS::Queue" => self.queue_url(&resource.name),
                _ => resource.name.clone(),
            }));
        }
        let pseudo = match name {
            "AWS::Region" => REGION,
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => "aws",
            "AWS::StackName" => "local",
            "AWS::URLSuffix" => "amazonaws.com",
            _ => bail!("there is no parameter or resource {name}"),
        };
        Ok(Value::String(pseudo.to_owned()))
    }

    fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.queues_url)
    }

    /// `!GetAtt Name.Attribute`, or a list of the two.
    fn attribute(&self, argument: &Value) -> anyhow::Result<String> {
        let (name, attribute) = match argument {
            Value::String(text) => text.split_once('.').context("!GetAtt takes Name.Attribute")?,
            Value::Sequence(parts) => match parts.as_slice() {
                [Value::String(name), Value::String(attribute)] => (name.as_str(), attribute.as_str()),
                _ => bail!("!GetAtt takes a name and an attribute"),
            },
            _ => bail!("!GetAtt takes Name.Attribute"),
        };
        let resource = self.resources.get(name).with_context(|| format!("there is no resource {name}"))?;
        let known = match (resource.kind.as_str(), attribute) {
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{}", resource.name)),
            ("AWS::DynamoDB::Table", "StreamArn") => arn("dynamodb", &format!("table/{}/stream/local", resource.name)),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{ACCOUNT}:role/{}", resource.name),
            ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{}", resource.name)),
            ("AWS::S3::Bucket", "Arn") => format!("arn:aws:s3:::{}", resource.name),
            ("AWS::SQS::Queue", "Arn") => arn("sqs", &resource.name),
            ("AWS::SQS::Queue", "QueueName") => resource.name.clone(),
            ("AWS::SQS::Queue", "QueueUrl") => self.queue_url(&resource.name),
            ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{}", resource.name)),
            (kind, _) => {
                bail!("the local platform knows no attribute {attribute} of {name} ({kind})")
            }
        };
        Ok(known)
    }

    /// `!Sub text`, or a list of a text and its own variables.
    fn substitute(&self, argument: &Value) -> anyhow::Result<String> {
        let none = Mapping::new();
        let (text, variables) = match argument {
            Value::String(text) => (text, &none),
            Value::Sequence(parts) => match parts.as_slice() {
                [Value::String(text), Value::Mapping(variables)] => (text, variables),
                _ => bail!("!Sub takes a text and its variables"),
            },
            _ => bail!("!Sub takes a text"),
        };
        let mut result = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').context("!Sub: a ${ without its }")?;
            result.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = variables.get(name) {
                result.push_str(&self.resolve_text(value)?);
            } else if name.contains('.') {
                result.push_str(&self.attribute(&Value::String(name.to_owned()))?);
            } else {
                result.push_str(&self.resolve_text(&self.reference(name)?)?);
            }
            rest = after;
        }
        Ok(result + rest)
    }

    fn join(&self, argument: &Value) -> anyhow::Result<String> {
        let Some([Value::String(delimiter), Value::Sequence(parts)]) = argument.as_sequence().map(Vec::as_slice) else {
            bail!("!Join takes a delimiter and a list");
        };
        let parts: Vec<String> = parts.iter().map(|part| self.resolve_text(part)).collect::<anyhow::Result<_>>()?;
        Ok(parts.join(delimiter))
    }

    /// Whether the condition `name` holds; `open` are the conditions that wait for the answer.
    fn condition(&self, name: &str, open: &BTreeSet<&str>) -> anyhow::Result<bool> {
        let condition = self.conditions.get(name).with_context(|| format!("there is no condition {name}"))?;
        let mut open = open.clone();
        ensure!(open.insert(name), "the condition {name} depends on itself");
        self.truth(condition, &open)
    }

    fn truth(&self, value: &Value, open: &BTreeSet<&str>) -> anyhow::Result<bool> {
        const EXPECTED: &str = "a condition is !Equals, !Not, !And, !Or or !Condition";
        if let Some(name) = value.get("Condition") {
            return self.condition(name.as_str().context(EXPECTED)?, open);
        }
        let (function, argument) = function(value).context(EXPECTED)?;
        let parts = argument.as_sequence().map(Vec::as_slice).unwrap_or_default();
        match (function.as_str(), parts) {
            ("Equals", [left, right]) => Ok(self.resolve_text(left)? == self.resolve_text(right)?),
            ("Not", [inner]) => Ok(!self.truth(inner, open)?),
            ("And", [_, ..]) => parts.iter().try_fold(true, |all, part| Ok(all & self.truth(part, open)?)),
            ("Or", [_, ..]) => parts.iter().try_fold(false, |any, part| Ok(any | self.truth(part, open)?)),
            ("Condition", _) => self.condition(argument.as_str().context(EXPECTED)?, open),
            _ => bail!(EXPECTED),
        }
    }
}

/// A CloudFormation function and its argument, in the short form (`!Ref x`) or the long one (`{Ref: x}`).
pub(super) fn function(value: &Value) -> Option<(String, &Value)> {
    match value {
        Value::Tagged(tagged) => Some((tagged.tag.to_string().trim_start_matches('!').to_owned(), &tagged.value)),
        Value::Mapping(mapping) if mapping.len() == 1 => {
            let (key, argument) = mapping.iter().next()?;
            let key = key.as_str()?;
            let name = if key == "Ref" { key } else { key.strip_prefix("Fn::")? };
            Some((name.to_owned(), argument))
        }
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}
