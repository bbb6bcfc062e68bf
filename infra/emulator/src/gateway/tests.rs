use std::time::Duration;

use jiff::SignedDuration;
use sam::machine::{VirtualClock, url};
use serde_json::json;

use super::*;
use crate::Handler;
use crate::server::{Server, listen};

/// A gateway before a function that answers with its event, or misbehaves as the path says.
struct World {
    url: String,
    issuer: Arc<Issuer>,
    clock: VirtualClock,
    client: reqwest::Client,
    _server: Server,
}

fn runtime() -> Arc<Runtime> {
    let echo: Handler = Arc::new(|event| {
        Box::pin(async move {
            match event["rawPath"].as_str().unwrap_or_default() {
                "/fail" => Err("on purpose".to_owned()),
                "/panic" => panic!("on purpose"),
                "/malformed" => Ok(json!({ "statusCode": "none" })),
                "/plain" => Ok(json!({ "points": 7 })),
                "/never" => std::future::pending().await,
                "/binary" => Ok(json!({
                    "statusCode": 201,
                    "headers": { "content-type": "image/png", "x-number": 7 },
                    "cookies": ["a=1", "b=2"],
                    "body": "AP8=",
                    "isBase64Encoded": true,
                })),
                _ => Ok(json!({ "statusCode": 200, "body": event.to_string() })),
            }
        })
    });
    Arc::new(Runtime::of("Echo", Duration::from_secs(60), echo))
}

fn route(method: &str, path: &str, scope: Option<&str>) -> Route {
    Route {
        method: method.to_owned(),
        path: path.to_owned(),
        function: "Echo".to_owned(),
        scope: scope.map(str::to_owned),
    }
}

impl World {
    async fn new() -> Self {
        let (listener, port) = listen(0).await.unwrap();
        let url = url(port);
        let clock = VirtualClock::new("2026-03-05T06:07:08Z".parse().unwrap());
        let issuer = Arc::new(Issuer::open(None, &url, Clock::Virtual(clock.clone())).unwrap());
        let routes =
            vec![route("POST", "/v1/orders/{order_id}/refunds", Some("refunds:write")), route("ANY", "/{path}", None)];
        let gateway = Gateway::new(routes, runtime(), Arc::clone(&issuer), Clock::Virtual(clock.clone()));
        let server = Server::serve(listener, gateway.router());
        Self { url, issuer, clock, client: reqwest::Client::new(), _server: server }
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    /// The status and the body of the answer to a refund with `authorization`.
    #[track_caller]
    fn refund(&self, authorization: &str) -> impl Future<Output = (u16, String)> {
        let request = self.post("/v1/orders/1/refunds").header("authorization", authorization);
        async {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        }
    }
}

#[tokio::test]
async fn a_request_becomes_an_event_of_payload_format_2() {
    let world = World::new().await;
    let token = world.issuer.token(Role::Partner, "shop-1");
    let response = world
        .post("/v1/orders/order%2F1%20x/refunds?day=1&day=2&q=a%20b+c&empty")
        .bearer_auth(&token)
        .header("X-Many", "one")
        .header("X-Many", "two")
        .header("Cookie", "a=1; b=2")
        .header("User-Agent", "test/1")
        .body("{\"amount_minor\":100}")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let request_id = response.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let mut event: Value = response.json().await.unwrap();
    let host = world.url.strip_prefix("http://").unwrap();
    let claims = event["requestContext"]["authorizer"]["jwt"]["claims"].take();
    assert_eq!(
        event,
        json!({
            "version": "2.0",
            "routeKey": "POST /v1/orders/{order_id}/refunds",
            "rawPath": "/v1/orders/order/1 x/refunds",
            "rawQueryString": "day=1&day=2&q=a%20b+c&empty",
            "cookies": ["a=1", "b=2"],
            "headers": {
                "accept": "*/*",
                "authorization": format!("Bearer {token}"),
                "content-length": "20",
                "host": host,
                "user-agent": "test/1",
                "x-many": "one,two",
            },
            "queryStringParameters": { "day": "1,2", "q": "a b c", "empty": "" },
            "pathParameters": { "order_id": "order/1 x" },
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "authorizer": { "jwt": { "claims": null, "scopes": Role::Partner.scopes() } },
                "domainName": host,
                "domainPrefix": "local",
                "http": {
                    "method": "POST",
                    "path": "/v1/orders/order/1 x/refunds",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "test/1",
                },
                "requestId": request_id,
                "routeKey": "POST /v1/orders/{order_id}/refunds",
                "stage": "$default",
                "time": "05/Mar/2026:06:07:08 +0000",
                "timeEpoch": 1_772_690_828_000_i64,
            },
            "body": "{\"amount_minor\":100}",
            "isBase64Encoded": false,
        })
    );
    assert_eq!(claims["sub"], "shop-1");
    assert_eq!(claims["exp"], "1772734028", "claims are texts");
}

#[tokio::test]
async fn bytes_travel_as_base64() {
    let world = World::new().await;
    let response = world.post("/any").body(vec![0, 255]).send().await.unwrap();
    let event: Value = response.json().await.unwrap();
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("AP8="), &json!(true)));

    let response = world.post("/binary").send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["x-number"], "7");
    assert_eq!(response.headers().get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(response.bytes().await.unwrap(), [0_u8, 255].as_slice());
}

#[tokio::test]
async fn a_route_behind_the_authorizer_needs_a_valid_token_with_its_scope() {
    let world = World::new().await;
    let token = |role| world.issuer.token(role, "someone");
    let unauthorized = (401, "{\"message\":\"Unauthorized\"}".to_owned());
    let valid = token(Role::Partner);
    assert_eq!(world.refund(&format!("Bearer {valid}")).await.0, 200);
    assert_eq!(world.refund(&valid).await.0, 200, "the prefix is optional, as on AWS");
    assert_eq!(world.refund("").await, unauthorized);
    assert_eq!(world.refund(&format!("Bearer {valid}x")).await, unauthorized);
    let forbidden = world.refund(&format!("Bearer {}", token(Role::Member))).await;
    assert_eq!(forbidden, (403, "{\"message\":\"Forbidden\"}".to_owned()));

    let response = world.post("/v1/orders/1/refunds").send().await.unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");

    world.clock.advance(SignedDuration::from_secs(LIFETIME_SECONDS));
    assert_eq!(world.refund(&format!("Bearer {valid}")).await, unauthorized);
}

#[tokio::test]
async fn the_issuer_is_found_and_gives_tokens() {
    let world = World::new().await;
    let get = async |path: &str| -> Value {
        world.client.get(format!("{}{path}", world.url)).send().await.unwrap().json().await.unwrap()
    };
    let discovery = get("/.well-known/openid-configuration").await;
    assert_eq!(discovery["issuer"], world.url);
    assert_eq!(discovery["jwks_uri"], format!("{}/.well-known/jwks.json", world.url));
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(get("/.well-known/jwks.json").await).unwrap();

    let request = world.post("/local/tokens").body("{\"role\":\"partner\",\"sub\":\"shop-1\"}");
    let granted: Value = request.send().await.unwrap().json().await.unwrap();
    let token = granted["access_token"].as_str().unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert!(keys.find(&header.kid.unwrap()).is_some());
    assert_eq!(world.refund(&format!("Bearer {token}")).await.0, 200);

    for body in ["{\"role\":\"king\",\"sub\":\"x\"}", "{\"role\":\"admin\"}", ""] {
        assert_eq!(world.post("/local/tokens").body(body).send().await.unwrap().status(), 400, "{body}");
    }
}

#[tokio::test]
async fn a_failure_is_answered_as_api_gateway_answers_it() {
    let world = World::new().await;
    let answer = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let message = |status: u16, text: &str| (status, json!({ "message": text }).to_string());
    for path in ["/fail", "/panic", "/malformed"] {
        assert_eq!(answer(world.post(path)).await, message(500, "Internal Server Error"), "{path}");
    }
    assert_eq!(answer(world.post("/plain")).await, (200, "{\"points\":7}".to_owned()));
    assert_eq!(answer(world.post("/no/such/route")).await, message(404, "Not Found"));
    let get = world.client.get(format!("{}/v1/orders/1/refunds", world.url));
    assert_eq!(answer(get).await, message(404, "Not Found"), "an unknown method is no route either");
    let body = |length| world.post("/any").body(vec![b'x'; length]);
    assert_eq!(answer(body(BODY_LIMIT)).await.0, 200);
    assert_eq!(answer(body(BODY_LIMIT + 1)).await, message(413, "Request Entity Too Large"));
}

#[tokio::test(start_paused = true)]
async fn api_gateway_gives_up_before_a_slow_function() {
    let issuer = Arc::new(Issuer::open(None, "http://127.0.0.1:1", Clock::System).unwrap());
    let gateway = Gateway::new(Vec::new(), runtime(), issuer, Clock::System);
    let response = gateway.invoke("Echo", json!({ "rawPath": "/never" })).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
