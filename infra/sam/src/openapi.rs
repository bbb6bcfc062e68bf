//! The OpenAPI 3.1 document, made from the routes of functions: their rows, and the types that requests are read into and replies
//! are written from.

use std::collections::BTreeMap;

use lambda::{
    Access, Answer, Code, Codes, Function, Key, Method, OTHER_REQUEST, Problem, Request, Role, Route, SCOPES, Scope,
    Shape, status_of,
};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A route, whatever its function holds between invocations.
pub struct Operation {
    /// The function that answers it.
    pub function: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path, with `{parameters}`.
    pub path: &'static str,
    /// Its name for clients.
    pub id: &'static str,
    /// Who may use it.
    pub access: Access,
    /// How a repeat is known.
    pub key: Key,
    says: &'static str,
    shape: &'static Shape,
    refuses: &'static [Codes],
}

/// The routes of a function.
pub fn operations<C>(function: &'static Function<C>) -> impl Iterator<Item = Operation> {
    function.routes.iter().map(|Route { method, path, id, says, access, key, shape, refuses, .. }| Operation {
        function: function.name,
        method: *method,
        path,
        id,
        access: *access,
        key: *key,
        says,
        shape,
        refuses,
    })
}

/// The whole document of these routes.
#[must_use]
pub fn document(operations: &[Operation]) -> Value {
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
        path[operation.method.name().to_lowercase()] = operation.describe(&mut requests, &mut replies, &problem);
    }
    let mut schemas = replies.take_definitions(true);
    schemas.extend(requests.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Perennial",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Customer loyalty: points earned and redeemed in a ledger that can be proved. Points are whole \
                numbers, money is in minor units, instants are RFC 3339. Errors are RFC 9457 problem details with a stable `code`.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": token_scheme()}},
    })
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
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        parameters.extend(self.shape.query.iter().map(|(name, description)| {
            json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
        }));
        if self.key == Key::Header {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": true,
                "description": "Names this request: the same key with the same body is answered again and done once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": Request::MAX_KEY},
            }));
        }
        let mut responses = Map::new();
        for Answer { status, says, body } in self.shape.replies {
            let mut reply = json!({"description": says, "content": {"application/json": {"schema": body(replies)}}});
            if self.method == Method::Post {
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
            let body = json!({"application/json": {"schema": schema(requests)}});
            operation["requestBody"] = json!({"required": true, "content": body});
        }
        if let Some(scope) = self.access.scope() {
            operation["security"] = json!([{"token": [scope.name()]}]);
        }
        operation
    }

    /// What else may be answered: by whom and how it is asked, and by what its decisions refuse.
    fn problems(&self) -> BTreeMap<u16, String> {
        let mut problems: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        let mut may = |status: u16, what: &str| problems.entry(status).or_default().push(what.to_owned());
        let writes = self.key != Key::Read;
        let body = self.shape.request.is_some();
        if self.access != Access::Open {
            may(401, "No valid token");
            may(403, "The token may not do that");
            may(503, "Try again with the same key; nothing is done twice");
        }
        if self.path.contains('{') {
            may(404, "There is no such thing");
        }
        if body {
            may(400, "Not a request");
            may(413, "Too large");
            may(422, "A field is wrong: `pointer` says which");
        } else if !self.shape.query.is_empty() {
            may(400, "A parameter is wrong");
        }
        if writes {
            may(409, "`busy`: others are changing the same; try again");
        }
        let keyed = (self.key == Key::Header).then_some(OTHER_REQUEST);
        let mut codes: BTreeMap<&str, Code> = BTreeMap::new();
        for code in self.refuses.iter().chain(&keyed).flat_map(Codes::all) {
            codes.insert(code.code, code);
        }
        codes.retain(|code, _| !["invalid_field", "not_found"].contains(code)); // said above
        for Code { code, class, words } in codes.into_values() {
            may(status_of(class), &format!("`{code}`: {words}"));
        }
        problems.into_iter().map(|(status, what)| (status, what.join("; "))).collect()
    }
}
