//! The HTTP API, from its OpenAPI definition: which function answers a route, and what a token must carry for it.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};

use super::{DEFAULT, Reader, Route, node::Node};

/// Where the functions stand in a definition.
const INTEGRATIONS: &str = "x-amazon-apigateway-integrations";
/// The name of all methods at once.
const ANY_METHOD: &str = "x-amazon-apigateway-any-method";
/// How a route refers to one.
const REFERENCE: &str = "#/components/x-amazon-apigateway-integrations/";

/// What the routes of a definition refer to.
struct Components {
    authorizers: Vec<String>,
    /// The function of each integration.
    functions: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    /// Reads the routes; the functions they lead to are known by then.
    pub(super) fn http_api(&mut self, resource: &Node<'a>) -> anyhow::Result<()> {
        // One port serves one API; a second would need its own.
        ensure!(self.stack.routes.is_empty(), resource.wrong("the local platform serves one HTTP API"));
        let properties = resource.required("Properties")?;
        properties.only(&[
            "AccessLogSettings",
            "DefaultRouteSettings",
            "DefinitionBody",
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
        let definition = properties.required("DefinitionBody")?;
        definition.only(&["components", "info", "openapi", "paths"])?;
        let components = self.components(&definition.required("components")?)?;
        for (path, methods) in definition.required("paths")?.entries()? {
            if path.strip_prefix('/') == Some(DEFAULT) {
                self.stack.default_route = Some(default_route(&components, &methods)?);
                continue;
            }
            ensure!(
                path.starts_with('/') && !path.contains("+}"),
                methods.wrong("a path begins with / and names every segment")
            );
            for (method, operation) in methods.entries()? {
                let route = read_route(&components, &method, &path, &operation)?;
                self.stack.routes.push(route);
            }
        }
        Ok(())
    }

    fn components(&self, components: &Node<'a>) -> anyhow::Result<Components> {
        components.only(&["securitySchemes", INTEGRATIONS])?;
        let mut authorizers = Vec::new();
        for (name, scheme) in components.required("securitySchemes")?.entries()? {
            scheme.only(&["type", "x-amazon-apigateway-authorizer"])?;
            let authorizer = scheme.required("x-amazon-apigateway-authorizer")?;
            authorizer.only(&["identitySource", "jwtConfiguration", "type"])?;
            let kind = authorizer.required("type")?;
            ensure!(kind.string()? == "jwt", kind.wrong("the local platform checks tokens, as jwt does"));
            // The local issuer takes the place of the one the template names.
            authorizer.required("jwtConfiguration")?.only(&["audience", "issuer"])?;
            authorizers.push(name);
        }
        let mut functions = BTreeMap::new();
        for (name, integration) in components.required(INTEGRATIONS)?.entries()? {
            integration.only(&["httpMethod", "payloadFormatVersion", "type", "uri"])?;
            for (key, expected) in [("type", "aws_proxy"), ("httpMethod", "POST"), ("payloadFormatVersion", "2.0")] {
                let node = integration.required(key)?;
                ensure!(node.string()? == expected, node.wrong(format_args!("the local platform speaks {expected}")));
            }
            let uri = integration.required("uri")?;
            let function = uri.parse(function_of_uri)?;
            let known = self.stack.functions.iter().any(|other| other.name == function);
            ensure!(known, uri.wrong(format_args!("there is no function {function}")));
            functions.insert(name, function);
        }
        Ok(Components { authorizers, functions })
    }
}

/// What answers when no route fits: any method, and no token is asked for.
fn default_route(components: &Components, methods: &Node<'_>) -> anyhow::Result<Route> {
    methods.only(&[ANY_METHOD])?;
    let operation = methods.required(ANY_METHOD)?;
    let default = operation.optional("isDefaultRoute")?;
    ensure!(default.is_some(), operation.wrong("it must say isDefaultRoute"));
    let route = read_route(components, ANY_METHOD, DEFAULT, &operation)?;
    ensure!(route.scope.is_none(), operation.wrong("who asks for what is not there needs no token"));
    Ok(route)
}

fn read_route(components: &Components, method: &str, path: &str, operation: &Node<'_>) -> anyhow::Result<Route> {
    operation.only(&["isDefaultRoute", "parameters", "responses", "security", "x-amazon-apigateway-integration"])?;
    let method = match method {
        ANY_METHOD => "ANY".to_owned(),
        "delete" | "get" | "head" | "options" | "patch" | "post" | "put" => method.to_uppercase(),
        _ => return Err(operation.wrong(format_args!("there is no method {method}"))),
    };
    let integration = operation.required("x-amazon-apigateway-integration")?;
    integration.only(&["$ref"])?;
    let reference = integration.required("$ref")?;
    let function = reference.parse(|text| {
        let name = text.strip_prefix(REFERENCE);
        let function = name.and_then(|name| components.functions.get(name)).cloned();
        function.with_context(|| format!("there is no integration {text}"))
    })?;
    Ok(Route { method, path: path.to_owned(), function, scope: scope(components, operation)? })
}

/// The scope of a route: exactly one behind an authorizer, because API Gateway accepts any one of a list.
fn scope(components: &Components, operation: &Node<'_>) -> anyhow::Result<Option<String>> {
    let Some(security) = operation.optional("security")? else { return Ok(None) };
    let mut needed = Vec::new();
    for option in security.items()? {
        for (authorizer, scopes) in option.entries()? {
            ensure!(
                components.authorizers.contains(&authorizer),
                scopes.wrong(format_args!("there is no authorizer {authorizer}"))
            );
            needed.push(scopes.items()?.iter().map(Node::string).collect::<anyhow::Result<Vec<_>>>()?);
        }
    }
    match needed.as_slice() {
        [scopes] if scopes.len() == 1 => Ok(scopes.first().cloned()),
        _ => Err(security.wrong("a route behind an authorizer needs exactly one scope")),
    }
}

/// The function that an integration calls.
fn function_of_uri(uri: &str) -> anyhow::Result<String> {
    let arn = uri.split_once("/functions/").and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    let name = arn.and_then(|arn| arn.strip_prefix(&crate::machine::arn("lambda", "function:")));
    name.map(str::to_owned).with_context(|| format!("'{uri}' does not invoke a function of this template"))
}
