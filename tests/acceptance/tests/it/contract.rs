//! The API's description: it is what the code gives, what the template deploys, and what is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use local::functions::operations;
use reqwest::Method;
use sam::examples::Examples;
use sam::openapi;
use sam::template::Stack;
use serde_json::{Value, json};

use crate::world::{Answer, repository};

/// One route as the document describes it, by what it is asked and how it answers.
struct Described {
    method: String,
    path: Vec<String>,
    request: Option<Validator>,
    replies: BTreeMap<u16, Validator>,
}

static DESCRIBED: LazyLock<Vec<Described>> = LazyLock::new(|| {
    let document = openapi::document(&operations(), &Examples::new());
    let validator = |schema: &Value| {
        let schema = json!({"allOf": [schema], "components": document["components"]});
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    };
    let content =
        |described: &Value| described["content"].as_object().unwrap().values().next().unwrap()["schema"].clone();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let replies = operation["responses"].as_object().unwrap().iter();
            all.push(Described {
                method: method.to_uppercase(),
                path: path.split('/').map(str::to_owned).collect(),
                request: operation.get("requestBody").map(|body| validator(&content(body))),
                replies: replies.map(|(status, reply)| (status.parse().unwrap(), validator(&content(reply)))).collect(),
            });
        }
    }
    all
});

/// The description of the route that a request takes; those without parameters come first.
fn described(method: &Method, path: &str) -> Option<&'static Described> {
    let path: Vec<&str> = path.split_once('?').map_or(path, |(path, _)| path).split('/').collect();
    let fits = |described: &&Described| {
        let mut segments = described.path.iter().zip(&path);
        described.method == method.as_str()
            && described.path.len() == path.len()
            && segments.all(|(segment, text)| segment.starts_with('{') || segment == text)
    };
    DESCRIBED
        .iter()
        .filter(fits)
        .max_by_key(|described| described.path.iter().filter(|it| !it.starts_with('{')).count())
}

/// Holds an answer, and the request if it was accepted, against the description.
pub(crate) fn check(method: &Method, path: &str, said: Option<&Value>, answer: &Answer) {
    let Some(described) = described(method, path) else { return };
    if answer.body["code"].as_str().is_some_and(|code| code.ends_with("_damaged")) {
        return; // somebody changed the tables: no description says what then is answered
    }
    let reply = described.replies.get(&answer.status);
    let reply = reply.unwrap_or_else(|| panic!("{method} {path}: {} is not described: {}", answer.status, answer.body));
    fits(reply, &answer.body, &format!("the answer {} of {method} {path}", answer.status));
    if let (200..300, Some(request), Some(said)) = (answer.status, &described.request, said) {
        fits(request, said, &format!("an accepted request {method} {path}"));
    }
}

fn fits(schema: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what} is not as described: {}\n{value}", errors.join("; "));
}

#[test]
fn what_is_described_is_what_is_deployed() {
    let stack = Stack::read(&repository("template.yaml"), "").unwrap();
    let deployed: BTreeSet<(String, String, Option<String>)> =
        stack.routes.into_iter().map(|route| (route.method, route.path, route.scope)).collect();
    let described = operations().into_iter().map(|operation| {
        let scope = operation.access.scope().map(|scope| scope.name().to_owned());
        (operation.method.name().to_owned(), operation.path.to_owned(), scope)
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), deployed);
}
