//! What a function's role allows is all that it may do here, too: a call that no policy of `template.yaml` grants is refused, as AWS would
//! refuse it. Calls that others make for a function - receiving from its queue, reading its stream - are theirs and not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use percent_encoding::percent_decode_str;
use sam::machine::arn;
use sam::template::{Function, Grant};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What was done: the action, and with which resource.
pub type Done = BTreeSet<(String, String)>;

/// A function's role, and what of it was made use of.
#[derive(Debug)]
pub struct Role {
    function: String,
    grants: Vec<Grant>,
    /// Actions that were granted and done, with the resources as they are granted: no more than the policies say.
    used: Mutex<Done>,
}

impl Role {
    /// The role of a function.
    #[must_use]
    pub fn of(function: &Function) -> Arc<Self> {
        let grants = function.grants.clone();
        Arc::new(Self { function: function.name.clone(), grants, used: Mutex::default() })
    }

    /// The same way to AWS, for whoever has this role.
    #[must_use]
    pub fn assumed(self: &Arc<Self>, aws: &SdkConfig) -> SdkConfig {
        let Some(inner) = aws.http_client() else { return aws.clone() };
        let guard = Guard { inner, role: Arc::clone(self) };
        aws.to_builder().http_client(SharedHttpClient::new(guard)).build()
    }

    /// What it allows and was not done: each action, with what.
    #[must_use]
    pub fn undone(&self) -> Done {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let each = self.grants.iter().flat_map(|grant| {
            let resources = grant.resources.iter();
            resources.flat_map(|resource| grant.actions.iter().map(move |action| (action.clone(), resource.clone())))
        });
        each.filter(|granted| !used.contains(granted)).collect()
    }

    /// What of a call is not granted.
    fn refuses(&self, request: &HttpRequest) -> Option<(String, String)> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        asked(request).into_iter().find(|(action, resource)| {
            let granted: Vec<&String> = self.grants.iter().flat_map(|grant| grant.allows(action, resource)).collect();
            used.extend(granted.iter().map(|&granted| (action.clone(), granted.clone())));
            granted.is_empty()
        })
    }
}

#[derive(Debug)]
struct Guard<T> {
    inner: T,
    role: Arc<Role>,
}

impl HttpClient for Guard<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Guard { inner, role: Arc::clone(&self.role) })
    }
}

impl HttpConnector for Guard<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some((action, resource)) = self.role.refuses(&request) else { return self.inner.call(request) };
        let function = &self.role.function;
        tracing::error!(
            "the role of {function} does not allow {action} on {resource}: template.yaml grants it nowhere"
        );
        let words = format!("User: {function} is not authorized to perform: {action} on resource: {resource}");
        let body = serde_json::json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": words });
        let status = StatusCode::try_from(400).unwrap_or_else(|_never| unreachable!("400 is a status"));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body.to_string().into())))
    }
}

/// The parts of a call's body that say with what something is done.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    table_name: Option<String>,
    index_name: Option<String>,
    request_items: BTreeMap<String, IgnoredAny>,
    transact_items: Vec<BTreeMap<String, OfTable>>,
    queue_url: Option<String>,
    key_id: Option<String>,
    from_email_address: Option<String>,
    origination_identity: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct OfTable {
    table_name: String,
}

/// What a call asks to be done, with which resources.
fn asked(request: &HttpRequest) -> Done {
    let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
    let named: Named = request.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    if let Some(from) = &named.from_email_address {
        let domain = from.rsplit('@').next().unwrap_or_default().trim_end_matches('>');
        return Done::from([("ses:SendEmail".to_owned(), arn("ses", &format!("identity/{domain}")))]);
    }
    let Some((service, operation)) = target else { return of_object(request) };
    match service {
        "AmazonSQS" => {
            let url = named.queue_url.unwrap_or_default();
            let name = url.rsplit('/').next().unwrap_or_default();
            Done::from([(format!("sqs:{}", operation.trim_end_matches("Batch")), arn("sqs", name))])
        }
        "TrentService" => {
            let key = named.key_id.unwrap_or_default();
            let key = if key.starts_with("arn:") { key } else { arn("kms", &format!("key/{key}")) };
            Done::from([(format!("kms:{operation}"), key)])
        }
        "PinpointSMSVoiceV2" => {
            let number = format!("phone-number/{}", named.origination_identity.unwrap_or_default());
            Done::from([(format!("sms-voice:{operation}"), arn("sms-voice", &number))])
        }
        _ => of_tables(operation, named),
    }
}

fn of_tables(operation: &str, named: Named) -> Done {
    let table = |name: &str| arn("dynamodb", &format!("table/{name}"));
    let action = |name: &str| format!("dynamodb:{name}");
    let mut done = Done::new();
    if let Some(name) = named.table_name {
        let index = named.index_name.map(|index| format!("/index/{index}")).unwrap_or_default();
        done.insert((action(operation), table(&name) + &index));
    }
    done.extend(named.request_items.keys().map(|name| (action(operation), table(name))));
    for (what, OfTable { table_name }) in named.transact_items.iter().flatten() {
        let each = if what == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{what}Item") };
        done.insert((action(&each), table(table_name)));
    }
    done
}

/// Objects are called by method and path.
fn of_object(request: &HttpRequest) -> Done {
    let path = request.uri().split_once("://").map_or(request.uri(), |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path).split('?').next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy();
    let action = match request.method() {
        "GET" | "HEAD" => "s3:GetObject",
        "PUT" => "s3:PutObject",
        "DELETE" => "s3:DeleteObject",
        _ => "s3:AnythingElse",
    };
    Done::from([(action.to_owned(), format!("arn:aws:s3:::{path}"))])
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::Request;

    use super::*;

    fn request(target: &str, body: &str) -> HttpRequest {
        let mut request = Request::new(body.to_owned().into());
        request.set_uri("http://127.0.0.1:1/").unwrap();
        request.headers_mut().insert("x-amz-target", target.to_owned());
        request
    }

    #[track_caller]
    fn check(request: &HttpRequest, expected: &[(&str, &str)]) {
        let expected: Done = expected.iter().map(|(action, of)| ((*action).to_owned(), (*of).to_owned())).collect();
        assert_eq!(asked(request), expected);
    }

    #[test]
    fn a_call_says_what_it_does_and_with_what() {
        let table = |name: &str| arn("dynamodb", &format!("table/{name}"));
        let get = request("DynamoDB_20120810.GetItem", r#"{"TableName": "a", "Key": {"k": {"S": "1"}}}"#);
        check(&get, &[("dynamodb:GetItem", &table("a"))]);
        let query = request("DynamoDB_20120810.Query", r#"{"TableName": "a", "IndexName": "due"}"#);
        check(&query, &[("dynamodb:Query", &(table("a") + "/index/due"))]);
        let batch = request("DynamoDB_20120810.BatchGetItem", r#"{"RequestItems": {"a": {}, "b": {}}}"#);
        check(&batch, &[("dynamodb:BatchGetItem", &table("a")), ("dynamodb:BatchGetItem", &table("b"))]);
        let items =
            r#"{"TransactItems": [{"Put": {"TableName": "a", "Item": {}}}, {"ConditionCheck": {"TableName": "b"}}]}"#;
        let both = [("dynamodb:PutItem", table("a")), ("dynamodb:ConditionCheckItem", table("b"))];
        check(
            &request("DynamoDB_20120810.TransactWriteItems", items),
            &both.each_ref().map(|(action, of)| (*action, of.as_str())),
        );
        let send = request("AmazonSQS.SendMessageBatch", r#"{"QueueUrl": "http://127.0.0.1:2/000000000000/q"}"#);
        check(&send, &[("sqs:SendMessage", &arn("sqs", "q"))]);
        let unwrap = request("TrentService.Decrypt", r#"{"KeyId": "MemberKey"}"#);
        check(&unwrap, &[("kms:Decrypt", &arn("kms", "key/MemberKey"))]);
        let mut put = Request::new("x".into());
        put.set_uri("http://127.0.0.1:3/private/imports/i%2D1/file?x-id=PutObject").unwrap();
        put.set_method("PUT").unwrap();
        check(&put, &[("s3:PutObject", "arn:aws:s3:::private/imports/i-1/file")]);
    }

    #[test]
    fn a_role_allows_what_its_policies_say_and_tells_what_was_not_done() {
        let grant = |actions: &[&str], resource: &str| Grant {
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
            resources: vec![resource.to_owned()],
        };
        let (a, files) = (arn("dynamodb", "table/a"), "arn:aws:s3:::private/exports/*");
        let grants = vec![grant(&["dynamodb:GetItem", "dynamodb:PutItem"], &a), grant(&["s3:GetObject"], files)];
        let role = Role { function: "F".to_owned(), grants, used: Mutex::default() };
        let get = |table: &str| request("DynamoDB_20120810.GetItem", &format!(r#"{{"TableName": "{table}"}}"#));
        assert_eq!(role.refuses(&get("a")), None);
        assert_eq!(role.refuses(&get("b")), Some(("dynamodb:GetItem".to_owned(), arn("dynamodb", "table/b"))));
        let mut object = Request::new("".into());
        object.set_uri("http://127.0.0.1:3/private/exports/e-1").unwrap();
        object.set_method("GET").unwrap();
        assert_eq!(role.refuses(&object), None);
        assert_eq!(role.undone(), Done::from([("dynamodb:PutItem".to_owned(), a)]));
    }
}
