//! Examples of the API: for every route one request and its answer, in `functions/NAME/examples/ID.json`. They are read where the API
//! is described and where they are proved, and by no function.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use lambda::{Key, Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operation::Operation;

/// Examples by the ids of their routes.
pub type Examples = BTreeMap<String, Example>;

/// A request as somebody sends it, and how it is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Examples that must have happened, in this order, each after those that it names itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// What else has happened right before, and is the example of no route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Also>,
    /// When it is asked.
    pub at: Timestamp,
    /// Who asks; absent where anybody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// What is asked.
    pub request: Asked,
    /// What is answered.
    pub response: Answered,
    /// Pointers into the answer's body to what chance decides, or what is too long to show. A text there that is found again in a
    /// later request stands for what was answered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub varies: BTreeSet<String>,
}

/// Something that somebody asked as well, without parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// The id of its route.
    pub id: String,
    /// Who asked.
    pub by: By,
    /// What.
    pub body: Value,
}

/// The bearer of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// What it is.
    pub role: Role,
    /// Who it is; for a member, the member's id.
    pub subject: String,
}

/// What is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Parameters of the path, all of them, not encoded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub path: BTreeMap<String, String>,
    /// Parameters of the query, not encoded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Headers that the route asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// Where the example of a route is, from the root of the project.
#[must_use]
pub fn place(operation: &Operation) -> PathBuf {
    Path::new("functions").join(operation.function).join("examples").join(operation.id).with_extension("json")
}

/// Reads the examples of all routes.
///
/// # Errors
/// A route has no example, an example is of no route, does not fit it, or names one before it that there is not.
pub fn read(root: &Path, operations: &[Operation]) -> anyhow::Result<Examples> {
    let mut examples = Examples::new();
    for operation in operations.iter().filter(|operation| operation.has_example()) {
        let place = place(operation);
        let said = || format!("{}, the example of {} {}", place.display(), operation.method.name(), operation.path);
        let text = std::fs::read_to_string(root.join(&place)).with_context(said)?;
        let example: Example = serde_json::from_str(&text).with_context(said)?;
        example.fits(operation).with_context(said)?;
        examples.insert(operation.id.to_owned(), example);
    }
    let places: BTreeSet<PathBuf> = operations.iter().map(|operation| root.join(place(operation))).collect();
    for function in std::fs::read_dir(root.join("functions")).context("functions")? {
        let folder = function?.path().join("examples");
        for file in folder.is_dir().then(|| std::fs::read_dir(&folder)).transpose()?.into_iter().flatten() {
            let file = file?.path();
            ensure!(places.contains(&file), "{}: no route of this function has this id", file.display());
        }
    }
    for (id, example) in &examples {
        for before in &example.before {
            ensure!(examples.contains_key(before), "the example of `{id}` comes after `{before}`, which there is not");
        }
    }
    Ok(examples)
}

impl Example {
    /// It asks for what the route asks for, and is answered as the route answers.
    fn fits(&self, operation: &Operation) -> anyhow::Result<()> {
        let Self { by, request, response, .. } = self;
        let path: BTreeSet<&str> = operation.path_parameters().collect();
        let query: BTreeSet<&str> = operation.shape.query.iter().map(|(name, _)| *name).collect();
        let header: BTreeSet<&str> = (operation.key == Key::Header).then_some(Operation::KEY).into_iter().collect();
        let names = |given: &BTreeMap<String, String>| given.keys().cloned().collect::<BTreeSet<String>>();
        let same = |given: &BTreeMap<String, String>, asked: &BTreeSet<&str>| given.keys().eq(asked.iter());
        ensure!(same(&request.path, &path), "the path has the parameters {path:?}, not {:?}", names(&request.path));
        ensure!(same(&request.headers, &header), "the headers are {header:?}, not {:?}", names(&request.headers));
        let other = request.query.keys().find(|name| !query.contains(name.as_str()));
        ensure!(other.is_none(), "the query has the parameters {query:?}, not {other:?}");
        ensure!(request.body.is_some() == operation.has_body(), "there is a body, or none, against the route");
        ensure!(by.is_some() == operation.access.scope().is_some(), "`by` is said where the route is not open");
        ensure!(operation.statuses().contains(&response.status), "{} is not described", response.status);
        for pointer in &self.varies {
            ensure!(response.body.pointer(pointer).is_some(), "the answer has nothing at `{pointer}` that could vary");
        }
        Ok(())
    }
}
