use super::*;

#[test]
fn the_most_specific_route_wins() {
    let route = |method: &str, path: &str| Route {
        method: method.to_owned(),
        path: path.to_owned(),
        function: format!("{method} {path}"),
        scope: None,
    };
    let routes = || {
        vec![
            route("ANY", "/v1/{kind}/{id}"),
            route("GET", "/v1/members/{id}"),
            route("GET", "/v1/members/me"),
            route("ANY", "/v1/members/me"),
            route("POST", "/v1/members"),
        ]
    };
    let known = Routes::new(routes(), None);
    let find = |method: Method, path: &str| {
        known.find(&method, path).map(|(route, parameters)| {
            (route.function.as_str(), parameters.values().cloned().collect::<Vec<_>>().join(","))
        })
    };
    assert_eq!(find(Method::GET, "/v1/members/me"), Some(("GET /v1/members/me", String::new())));
    assert_eq!(find(Method::PUT, "/v1/members/me"), Some(("ANY /v1/members/me", String::new())));
    assert_eq!(find(Method::GET, "/v1/members/m%2F1%20x"), Some(("GET /v1/members/{id}", "m/1 x".to_owned())));
    assert_eq!(find(Method::POST, "/v1/members/m-1"), Some(("ANY /v1/{kind}/{id}", "m-1,members".to_owned())));
    assert_eq!(find(Method::GET, "/v1/members"), None);
    assert_eq!(find(Method::POST, "/v1/members/"), None);
    assert_eq!(find(Method::GET, "/v1/members/"), None);
    assert_eq!(find(Method::GET, "/"), None);
    let all = Routes::new(routes(), Some(route("ANY", "$default")));
    let function = |path: &str| all.find(&Method::GET, path).map(|(route, _)| route.function.as_str());
    assert_eq!(function("/v1/members/me"), Some("GET /v1/members/me"));
    assert_eq!(function("/nothing"), Some("ANY $default"), "what no other route takes");
}
