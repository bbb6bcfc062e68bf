use std::time::Duration;

use jiff::SignedDuration;
use sam::machine::{VirtualClock, url};
use sam::template::Route;
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
        let gateway =
            Gateway::new(Routes::new(routes, None), runtime(), Arc::clone(&issuer), Clock::Virtual(clock.clone()));
        let server = Server::serve(listener, gateway.router());
        Self { url, issuer, clock, client: reqwest::Client::new(), _server: server }
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    /// The status of the answer to a refund with `authorization`, and what the problem and the header say if it is refused.
    fn refund(&self, authorization: &str) -> impl Future<Output = (u16, String, String)> {
        let request = self.post("/v1/orders/1/refunds").header("authorization", authorization);
        async {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let header = |name| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
            let challenge = header("www-authenticate");
            let kind = header("content-type");
            let body: Value = response.json().await.unwrap();
            if status == 200 {
                return (status, String::new(), challenge);
            }
            assert_eq!((kind.as_str(), &body["status"]), ("application/problem+json", &json!(status)), "{body}");
            assert_eq!(body["code"], if status == 401 { "unauthorized" } else { "forbidden" });
            (status, body["detail"].as_str().unwrap().to_owned(), challenge)
        }
    }

    /// It is turned away with these words, in the problem and in the header.
    async fn unauthorized(&self, authorization: &str, words: &str) {
        let (status, detail, challenge) = self.refund(authorization).await;
        assert_eq!((status, detail.as_str()), (401, words), "{authorization}");
        assert_eq!(challenge, format!("Bearer error=\"invalid_token\" error_description=\"{words}\""));
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
    let valid = token(Role::Partner);
    assert_eq!(world.refund(&format!("Bearer {valid}")).await.0, 200);
    assert_eq!(world.refund(&valid).await.0, 200, "the prefix is optional, as on AWS");
    world.unauthorized("", "there is no token: Authorization: Bearer ... is needed").await;
    assert_eq!(world.refund(&format!("bearer {valid}")).await.0, 200);
    world.unauthorized("Bearer ", "there is nothing after Bearer: the token is empty").await;
    world.unauthorized("Basic bWU6bWU=", "the scheme is Basic: Authorization: Bearer ... is needed").await;
    world.unauthorized("Bearer x.y.z", "the token is no signed JWT").await;
    let turned: String = valid.chars().rev().take_while(|letter| *letter != '.').collect();
    let (unsigned, _) = valid.rsplit_once('.').unwrap();
    world.unauthorized(&format!("Bearer {unsigned}.{turned}"), "the token's signature is wrong").await;
    let elsewhere = Issuer::open(None, "http://127.0.0.1:1", Clock::Virtual(world.clock.clone())).unwrap();
    let words = format!("the token is issued by http://127.0.0.1:1, and this is {}", world.url);
    world.unauthorized(&elsewhere.token(Role::Partner, "shop-1"), &words).await;
    let (status, detail, challenge) = world.refund(&format!("Bearer {}", token(Role::Member))).await;
    assert_eq!((status, detail.as_str()), (403, "the token has no scope refunds:write"));
    assert_eq!(challenge, "Bearer scope=\"refunds:write\" error=\"insufficient_scope\"");

    world.clock.advance(SignedDuration::from_secs(-31));
    let early = "the token is not valid yet: from 2026-03-05T06:07:08Z on; it is 2026-03-05T06:06:37Z";
    world.unauthorized(&valid, early).await;
    world.clock.advance(SignedDuration::from_secs(LIFETIME_SECONDS + 31));
    let late = "the token has expired at 2026-03-05T18:07:08Z; it is 2026-03-05T18:07:08Z";
    world.unauthorized(&valid, late).await;
}

#[tokio::test]
async fn scopes_are_read_however_the_identity_provider_writes_them() {
    let world = World::new().await;
    for claims in [
        json!({"scope": "partner refunds:write"}),
        json!({"scope": ["partner", "refunds:write"]}),
        json!({"scp": "partner refunds:write"}),
        json!({"scp": ["partner", "refunds:write"]}),
        json!({"scope": "partner", "scp": ["refunds:write"]}),
    ] {
        let token = world.issuer.token_of("shop-1", &claims);
        assert_eq!(world.refund(&token).await.0, 200, "{claims}");
    }
    for claims in [json!({}), json!({"scp": ["partner"]}), json!({"scope": {"refunds:write": true}})] {
        assert_eq!(world.refund(&world.issuer.token_of("shop-1", &claims)).await.0, 403, "{claims}");
    }
}

#[tokio::test]
async fn tokens_are_given_to_this_machine_alone() {
    let world = World::new().await;
    let port = world.url.rsplit(':').next().unwrap().to_owned();
    let ask = |host: &str, origin: Option<&str>| {
        let host = host.replace("PORT", &port);
        let request = world.post("/local/tokens").header("host", host).body("{\"role\":\"admin\",\"sub\":\"x\"}");
        let request = match origin {
            Some(origin) => request.header("origin", origin.replace("PORT", &port)),
            None => request,
        };
        async {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let body: Value = response.json().await.unwrap();
            assert!(status == 200 || (status == 403 && body["code"] == "forbidden"), "{status} {body}");
            status
        }
    };
    for (host, origin) in [
        ("127.0.0.1:PORT", None),
        ("localhost:PORT", None),
        ("LocalHost:PORT", Some("http://localhost:PORT")),
        ("[::1]:PORT", Some("http://127.0.0.1:PORT")),
    ] {
        assert_eq!(ask(host, origin).await, 200, "{host} {origin:?}");
    }
    for (host, origin) in [
        ("evil.example:PORT", None),
        ("127.0.0.1.evil.example:PORT", None),
        ("127.0.0.1:1", None),
        ("127.0.0.1", None),
        ("127.0.0.1:PORT", Some("http://evil.example")),
        ("127.0.0.1:PORT", Some("null")),
        ("127.0.0.1:PORT", Some("https://127.0.0.1:PORT")),
        ("127.0.0.1:PORT", Some("http://127.0.0.1:1")),
    ] {
        assert_eq!(ask(host, origin).await, 403, "{host} {origin:?}");
    }
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
async fn a_failure_is_answered_with_the_status_of_api_gateway_and_a_code() {
    let world = World::new().await;
    let answer = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        let (status, kind) = (response.status().as_u16(), response.headers()["content-type"].clone());
        assert_eq!(kind == "application/problem+json", status != 200);
        (status, response.text().await.unwrap())
    };
    let problem = |status: u16, code: &str, detail: &str| {
        (status, json!({ "status": status, "code": code, "detail": detail }).to_string())
    };
    for path in ["/fail", "/panic", "/malformed"] {
        let broken = problem(500, "broken", "something is wrong on our side; it has been noted");
        assert_eq!(answer(world.post(path)).await, broken, "{path}");
    }
    let nowhere = || problem(404, "not_found", "there is no such route");
    assert_eq!(answer(world.post("/plain")).await, (200, "{\"points\":7}".to_owned()));
    assert_eq!(answer(world.post("/no/such/route")).await, nowhere());
    let get = world.client.get(format!("{}/v1/orders/1/refunds", world.url));
    assert_eq!(answer(get).await, nowhere(), "an unknown method is no route either");
    let body = |length| world.post("/any").body(vec![b'x'; length]);
    assert_eq!(answer(body(BODY_LIMIT)).await.0, 200);
    let large = problem(413, "too_large", "a body has at most 10485760 bytes");
    assert_eq!(answer(body(BODY_LIMIT + 1)).await, large);
}

#[tokio::test(start_paused = true)]
async fn api_gateway_gives_up_before_a_slow_function() {
    let issuer = Arc::new(Issuer::open(None, "http://127.0.0.1:1", Clock::System).unwrap());
    let gateway = Gateway::new(Routes::new(Vec::new(), None), runtime(), issuer, Clock::System);
    let response = gateway.invoke("Echo", json!({ "rawPath": "/never" })).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
