//! Who may do what: every route, every role, every kind of token. What a role may is written here by hand once more, or a wrong row
//! of a function's table would prove itself.

use jiff::SignedDuration;
use lambda::{Access, Whose};
use local::functions::operations;
use reqwest::Method;
use sam::Role;
use sam::operation::Operation;
use serde_json::json;

use super::{Unchanged, lived_in};
use crate::world::{World, answer, order, refund};

/// What each role may use, as the product was asked for.
const MAY: [(Role, &str); 6] = [
    (
        Role::Member,
        "redemptions:write holds:write donations:write rewards:read ledger:read quotes:read benefits:use members:enrol \
         members:read members:write consents:write privacy:read privacy:request care:read inbox:read surveys:read \
         tickets:open tickets:read tickets:reply",
    ),
    (
        Role::Partner,
        "activities:write refunds:write quotes:read holds:write holds:capture vouchers:use rewards:read ledger:read \
         redemptions:write reversals:write donations:write benefits:use orders:read members:enrol members:find members:read \
         members:write consents:write imports:run surveys:invite tickets:open",
    ),
    (
        Role::Agent,
        "quotes:read redemptions:write reversals:write holds:write donations:write vouchers:use rewards:read ledger:read \
         benefits:use orders:read orders:move members:enrol members:find members:read members:write consents:write members:merge \
         members:unmask \
         privacy:request care:read surveys:read voice:text tickets:open tickets:read tickets:reply tickets:work grants:write",
    ),
    (
        Role::Lead,
        "quotes:read redemptions:write reversals:write holds:write donations:write vouchers:use rewards:read ledger:read \
         benefits:use orders:read orders:move members:enrol members:find members:read members:write consents:write members:merge \
         members:unmask members:suspend \
         privacy:request care:read care:preview surveys:read voice:text tickets:open tickets:read tickets:reply tickets:work grants:write grants:approve",
    ),
    (
        Role::Admin,
        "activities:write refunds:write adjustments:write adjustments:approve quotes:read redemptions:write \
         reversals:write holds:write holds:capture donations:write vouchers:use rewards:read ledger:read \
         tiers:write benefits:use rewards:write orders:read orders:move members:enrol members:find members:read members:write consents:write \
         members:suspend members:merge members:unmask privacy:read privacy:request \
         privacy:manage imports:run sources:read care:read care:preview care:admin surveys:invite surveys:read voice:text \
         suggestions:write tickets:open tickets:read tickets:reply \
         tickets:work grants:approve desk:manage",
    ),
    (Role::Auditor, "privacy:read sources:read ledger:read orders:read members:read"),
];

/// A route with things of a member in its path.
fn path_of(operation: &Operation, member: &str) -> String {
    let entry = format!("{member}.1");
    let path = ["redemption_id", "hold_id", "adjustment_id", "entry_id", "erasure_id", "export_id"]
        .iter()
        .fold(operation.path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), &entry));
    path.replace("{member_id}", member).replace(['{', '}'], "")
}

/// What a token with some scopes is answered on every route that it may not use for a member's things.
async fn statuses(world: &World, token: &str, member: &str) -> Vec<(String, bool, u16)> {
    let mut told = Vec::new();
    for operation in operations() {
        let Access::Of(_, whose) = operation.access else { continue };
        let path = path_of(&operation, member);
        let method: Method = operation.method.name().parse().unwrap();
        let request = world.request(method, &path).bearer_auth(token).header("idempotency-key", "key");
        let theirs = matches!(whose, Whose::Path(_) | Whose::Entry(_));
        told.push((format!("{} {path}", operation.method.name()), theirs, answer(request).await.status));
    }
    told
}

#[tokio::test]
async fn every_route_is_open_to_its_roles_and_to_no_other() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    for (role, scopes) in MAY {
        let token = world.platform.token(role, "m-1");
        for (operation, (route, _, status)) in operations()
            .iter()
            .filter(|operation| operation.access != Access::Open)
            .zip(statuses(&world, &token, "m-1").await)
        {
            let scope = operation.access.scope().map(lambda::Scope::name).unwrap();
            // Of tags by hand the dictionary says which of those who have the scope give which.
            let by_dictionary = operation.path.ends_with("/tags/{tag}") && matches!(role, Role::Member | Role::Partner);
            let may = scopes.split(' ').any(|held| held == scope) && !by_dictionary;
            assert_eq!(status == 403, !may, "{} at {route}: {status}", role.name());
        }
    }
    unchanged.check("a role").await;
}

#[tokio::test]
async fn a_member_reaches_nothing_that_is_anothers() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let stranger = world.platform.token(Role::Member, "m-2");
    for (route, theirs, status) in statuses(&world, &stranger, "m-1").await {
        assert!(!theirs || status == 403, "{route} is answered {status}");
    }
    unchanged.check("a stranger").await;
}

#[tokio::test]
async fn a_token_without_the_scope_or_with_two_roles_opens_nothing() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let scopes = |role: Role, but: &str| {
        let scopes = role.scopes().into_iter().filter(|scope| *scope != but).collect::<Vec<_>>();
        scopes.join(" ")
    };
    for operation in operations() {
        let Some(scope) = operation.access.scope() else { continue };
        let method: Method = operation.method.name().parse().unwrap();
        let path = path_of(&operation, "m-1");
        let told = |token: String| {
            let request = world.request(method.clone(), &path).header("idempotency-key", "key").bearer_auth(token);
            async move { answer(request).await.status }
        };
        let without = world.platform.token_with("ada", &scopes(Role::Admin, scope.name()));
        assert_eq!(told(without).await, 403, "{path} without {}", scope.name());
        let both = world.platform.token_with("ada", &format!("{} {} member", scopes(Role::Admin, ""), scope.name()));
        assert_eq!(told(both).await, 401, "{path} with two roles");
        let none = world.platform.token_with("ada", scope.name());
        assert_eq!(told(none).await, 401, "{path} with no role");
        let request = world.request(method.clone(), &path).header("idempotency-key", "key");
        assert_eq!(answer(request).await.status, 401, "{path} without a token");
    }
    unchanged.check("a wrong token").await;
}

#[tokio::test]
async fn a_member_touches_no_account_but_its_own() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let stranger = world.member("m-2");
    for path in ["balance", "entries", "lots", "rewards"] {
        stranger.get(&format!("/v1/members/m-1/{path}")).await.refused(403, "forbidden");
    }
    stranger.get("/v1/entries/m-1.1").await.refused(403, "forbidden");
    stranger.get("/v1/entries/m-1.999").await.refused(403, "forbidden");
    let checkout = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    for (path, body) in [
        ("/v1/redemptions", json!({"member": "m-1", "reward": "drink"})),
        ("/v1/donations", json!({"member": "m-1", "reward": "farm-aid"})),
        ("/v1/holds", checkout.clone()),
        ("/v1/quotes", json!({"pay_with_points": checkout})),
        ("/v1/quotes", json!({"redemption": {"member": "m-1", "reward": "drink"}})),
        ("/v1/quotes", json!({"activity": order("1", "m-1", 100, world.now())})),
        ("/v1/quotes", json!({"refund": {"order_id": "1", "request": refund("r", "m-1", 100, world.now())}})),
    ] {
        stranger.keyed("key", path, &body).await.refused(403, "forbidden");
    }
    stranger.post_nothing("/v1/holds/m-1.7/release").await.refused(403, "forbidden");
    // Only somebody in charge says why a fact is late.
    let mut late = order("late", "m-1", 100, world.now() - SignedDuration::from_hours(24 * 40));
    late["backdatereason"] = json!("the till was offline");
    world.shop().post("/v1/activities", &late).await.refused(403, "forbidden");
    unchanged.check("a stranger").await;
    world.admin("ada").post("/v1/activities", &late).await.ok();
}

#[tokio::test]
async fn without_a_valid_token_there_is_no_way_in() {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    let world = lived_in().await;
    let other = World::new().await;
    let unchanged = Unchanged::of(&world).await;
    let path = "/v1/members/m-1/balance";
    let get = |header: Option<String>| {
        let request = world.request(Method::GET, path);
        let request = header.into_iter().fold(request, |request, header| request.header("authorization", header));
        async move { answer(request).await.status }
    };
    let admin = world.platform.token(Role::Admin, "ada");
    assert_eq!(get(Some(format!("Bearer {admin}"))).await, 200);
    let [head, claims, signature]: [&str; 3] = admin.split('.').collect::<Vec<_>>().try_into().unwrap();
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(head).unwrap();
    let unsigned = String::from_utf8(decoded).unwrap().replace("RS256", "none");
    let unsigned = BASE64_URL_SAFE_NO_PAD.encode(unsigned);
    let member = world.platform.token(Role::Member, "m-2");
    let [_, own, _]: [&str; 3] = member.split('.').collect::<Vec<_>>().try_into().unwrap();
    for header in [
        None,
        Some("Bearer".to_owned()),
        Some("Bearer x.y.z".to_owned()),
        Some(format!("Basic {admin}")),
        Some(format!("Bearer {unsigned}.{claims}.")),
        Some(format!("Bearer {unsigned}.{claims}.{signature}")),
        Some(format!("Bearer {head}.{own}.{signature}")),
        Some(format!("Bearer {head}.{claims}.{}", signature.chars().rev().collect::<String>())),
        Some(format!("Bearer {}", other.platform.token(Role::Admin, "ada"))),
    ] {
        assert_eq!(get(header.clone()).await, 401, "{header:?}");
    }
    let post = world.request(Method::POST, "/v1/activities").json(&order("1", "m-1", 100, world.now()));
    assert_eq!(answer(post).await.status, 401);
    assert_eq!(answer(world.request(Method::DELETE, path).bearer_auth(&admin)).await.status, 404);
    assert_eq!(answer(world.request(Method::GET, "/openapi.json")).await.status, 200, "the document is public");
    unchanged.check("somebody without a token").await;
    world.clock.advance(SignedDuration::from_hours(13));
    assert_eq!(get(Some(format!("Bearer {admin}"))).await, 401, "a token ends");
}
