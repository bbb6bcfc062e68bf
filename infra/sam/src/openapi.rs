//! The OpenAPI 3.1 document, made from the routes of functions: their rows, and the types that requests are read into and replies
//! are written from.

use lambda::{Answer, Key, Method, Problem, Request, Role, SCOPES, Scope};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::examples::{Example, Examples};
use crate::operation::Operation;

/// The whole document of these routes, with what examples there are.
#[must_use]
pub fn document(operations: &[Operation], examples: &Examples) -> Value {
    let with_path = |settings: &mut SchemaSettings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    };
    let mut requests = SchemaSettings::draft2020_12().for_deserialize().with(with_path).into_generator();
    let mut replies = SchemaSettings::draft2020_12().for_serialize().with(with_path).into_generator();
    let problem = replies.subschema_for::<Problem>();
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        let mut described = operation.describe(&mut requests, &mut replies, &problem);
        if let Some(example) = examples.get(operation.id) {
            exemplify(&mut described, example);
        }
        path[operation.method.name().to_lowercase()] = described;
    }
    let mut schemas = replies.take_definitions(true);
    schemas.extend(requests.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Perennial",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Customer loyalty: points earned and redeemed in a ledger that can be proved. Points are whole \
                numbers, money is in minor units, instants are RFC 3339. Errors are RFC 9457 problem details with a stable `code`; \
                deployed, API Gateway itself answers 401, 403 for a missing scope, 413 above 10 MB, 429, 500 and 503 where no \
                function was reached, and cannot be told how: its body is `{\"message\": ...}`, and `WWW-Authenticate` says what \
                is wrong with a token. A query parameter or field that is not described is refused, and so is a name that \
                stands twice in an object.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": token_scheme()}},
    })
}

/// Puts an example where the request and the answer that it shows are described.
fn exemplify(operation: &mut Value, Example { request, response, .. }: &Example) {
    let at = |content: &mut Value, example: &Value| {
        let media = content.as_object_mut().and_then(|content| content.values_mut().next());
        media.unwrap_or(&mut Value::Null)["example"] = example.clone();
    };
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let given = [&request.path, &request.query, &request.headers].into_iter().find_map(|given| given.get(name));
        if let Some(given) = given {
            parameter["example"] = json!(given);
        }
    }
    if let Some(body) = &request.body {
        at(&mut operation["requestBody"]["content"], body);
    }
    at(&mut operation["responses"][response.status.to_string()]["content"], &response.body);
}

fn token_scheme() -> Value {
    let roles = |scope: Scope| {
        let listed = SCOPES.iter().find(|(listed, _)| *listed == scope).map_or(&[][..], |(_, roles)| roles);
        listed.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
    };
    let scopes: Vec<String> =
        SCOPES.iter().map(|(scope, _)| format!("`{}`: {}", scope.name(), roles(*scope))).collect();
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": format!(
            "An access token whose `scope` holds one role ({}) and the scopes that the role may use; for a member, `sub` is the \
             member id. {}",
            Role::ALL.map(Role::name).join(", "),
            scopes.join("; "),
        ),
    })
}

impl Operation {
    fn describe(&self, requests: &mut SchemaGenerator, replies: &mut SchemaGenerator, problem: &Schema) -> Value {
        let mut parameters: Vec<Value> = self
            .path_parameters()
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        parameters.extend(self.shape.query.iter().map(|(name, description)| {
            json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
        }));
        if self.key == Key::Header {
            parameters.push(json!({
                "name": Self::KEY, "in": "header", "required": true,
                "description": "Names this request: for three days the same key with the same body is answered again and done \
                    once, and with another body refused; after that it names a new request.",
                "schema": {"type": "string", "minLength": 1, "maxLength": Request::MAX_KEY},
            }));
        }
        let mut responses = Map::new();
        let (asks, answers) = if self.shape.page {
            ("application/x-www-form-urlencoded", "text/html")
        } else {
            ("application/json", "application/json")
        };
        for Answer { status, says, body } in self.shape.replies {
            let schema = if self.shape.page { json!({"type": "string"}) } else { json!(body(replies)) };
            let mut reply = json!({"description": says, "content": {answers: {"schema": schema}}});
            if self.method == Method::Post && !self.shape.page {
                let description = "`true` if this repeats an earlier answer";
                reply["headers"] =
                    json!({"Idempotency-Replayed": {"description": description, "schema": {"type": "string"}}});
            }
            responses.insert(status.to_string(), reply);
        }
        for (status, description) in self.problems() {
            let content = json!({"application/problem+json": {"schema": problem}});
            responses.insert(status.to_string(), json!({"description": description, "content": content}));
        }
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.says,
            "parameters": parameters,
            "responses": responses,
        });
        if let Some(schema) = self.shape.request {
            let body = json!({asks: {"schema": schema(requests)}});
            operation["requestBody"] = json!({"required": true, "content": body});
        }
        if let Some(scope) = self.access.scope() {
            operation["security"] = json!([{"token": [scope.name()]}]);
        }
        operation
    }
}
