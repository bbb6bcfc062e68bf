//! The HTTP API's definition as API Gateway imports it, made from the routes of all functions: `infra/sam/api.yaml`.

use std::fmt::Write as _;

use lambda::Scope;

use crate::operation::Operation;

const HEAD: &str = "\
# The HTTP API as API Gateway imports it: what is asked of a token on each route, and which function answers. Written by
# `cargo run -- generate` from the functions' routes; a test holds it against them.
# template.yaml includes it (AWS::Include), which takes no short forms such as !Ref. That the gateway may call a function is
# said there, in the list of the loop Callable.

openapi: 3.0.1
info: { title: { Ref: 'AWS::StackName' }, version: '1.0' }

paths:
  /$default: # what no other route takes: a 404 with a code, as every error has one
    x-amazon-apigateway-any-method:
      isDefaultRoute: true
      responses: {}
      x-amazon-apigateway-integration: { $ref: '#/components/x-amazon-apigateway-integrations/account' }
";

const COMPONENTS: &str = "
components:
  securitySchemes:
    AccessToken:
      type: oauth2
      x-amazon-apigateway-authorizer:
        type: jwt
        identitySource: $request.header.Authorization
        jwtConfiguration: { issuer: { Ref: JwtIssuer }, audience: [{ Ref: JwtAudience }] }
  x-amazon-apigateway-integrations:
";

/// The whole file for these routes.
#[must_use]
pub fn document(operations: &[Operation]) -> String {
    let mut operations: Vec<&Operation> = operations.iter().collect();
    let mut functions: Vec<&str> = operations.iter().map(|operation| operation.function).collect();
    functions.dedup();
    operations.sort_by_key(|operation| (operation.path, operation.method.name()));
    let mut text = HEAD.to_owned();
    let mut path = "";
    for operation in operations {
        if operation.path != path {
            path = operation.path;
            let quote = if path.contains('{') { "'" } else { "" };
            line(&mut text, &format!("  {quote}{path}{quote}:"));
        }
        stanza(&mut text, operation);
    }
    text.push_str(COMPONENTS);
    for function in functions {
        integration(&mut text, function);
    }
    text
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a text takes every line");
}

/// One method of a path.
fn stanza(text: &mut String, operation: &Operation) {
    line(text, &format!("    {}:", operation.method.name().to_lowercase()));
    if let Some(scope) = operation.access.scope().map(Scope::name) {
        line(text, &format!("      security: [{{ AccessToken: ['{scope}'] }}]"));
    }
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<String> = names.map(|name| format!("{{ name: {name}, in: path, required: true }}")).collect();
    if !parameters.is_empty() {
        line(text, &format!("      parameters: [{}]", parameters.join(", ")));
    }
    line(text, "      responses: {}");
    let integration = format!("'#/components/x-amazon-apigateway-integrations/{}'", operation.function);
    line(text, &format!("      x-amazon-apigateway-integration: {{ $ref: {integration} }}"));
}

/// How a function is called.
fn integration(text: &mut String, function: &str) {
    let words = function.split('-').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        first.to_uppercase() + rest
    });
    let resource: String = words.chain(["Function".to_owned()]).collect();
    line(text, &format!("    {function}:"));
    line(text, "      type: aws_proxy");
    line(text, "      httpMethod: POST");
    line(text, "      payloadFormatVersion: '2.0'");
    let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions";
    line(text, &format!("      uri: {{ Fn::Sub: '{uri}/${{{resource}.Arn}}/invocations' }}"));
}
