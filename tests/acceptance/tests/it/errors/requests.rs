//! Requests that are none, and things that are not there.

use reqwest::Method;
use sam::template::Stack;
use serde_json::json;

use super::{Unchanged, lived_in};
use crate::world::{order, refund, repository};

#[tokio::test]
async fn what_is_no_json_or_too_large_is_refused() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let admin = world.admin("ada");
    let large = |length: usize| {
        let mut event = order("2000", "m-1", 100, world.now());
        event["colour"] = json!("");
        event["colour"] = json!("x".repeat(length - event.to_string().len()));
        event.to_string().into_bytes()
    };
    let stack = Stack::read(&repository("template.yaml"), "").unwrap();
    let bodiless =
        ["capture", "release", "approvals", "verifications", "revocation", "start", "cancel", "read", "{token}"];
    // What agents give on the spot is theirs alone: nobody else comes as far as the body.
    let posts = stack.routes.iter().filter(|route| route.method == "POST" && !route.path.ends_with("/grants"));
    for route in posts.filter(|route| !bodiless.iter().any(|last| route.path.ends_with(last))) {
        let path = route.path.replace("{order_id}", "1001").replace("{redemption_id}", "m-1.6");
        let path = path
            .replace("{code}", "AAAA-AAAA-AAAA-AAAA")
            .replace("{member_id}", "m-1")
            .replace("{benefit}", "birthday-gift")
            .replace("{use_id}", "m-1.6")
            .replace("{ticket_id}", "5d41402abc4b2a76b9719d911017c592")
            .replace("{grant_id}", "7d793037a0760186574b0282f2f435e7")
            .replace("{n}", "1");
        for (body, status, code) in [
            (b"".to_vec(), 400, "invalid_json"),
            (b"{".to_vec(), 400, "invalid_json"),
            (b"{} {}".to_vec(), 400, "invalid_json"),
            (b"points=100".to_vec(), 400, "invalid_json"),
            (b"{\"points\": 1e999}".to_vec(), 400, "invalid_json"),
            (b"{\"points\": NaN}".to_vec(), 400, "invalid_json"),
            (vec![0xff, 0xfe, 0x00], 400, "invalid_json"),
            (b"\"\\ud800\"".to_vec(), 400, "invalid_json"),
            ("[".repeat(60_000).into_bytes(), 400, "invalid_json"),
            (format!("{}1{}", "[".repeat(100), "]".repeat(100)).into_bytes(), 422, "invalid_field"),
            (large(64 * 1024), 422, "invalid_field"),
            (large(64 * 1024 + 1), 413, "too_large"),
            (vec![b' '; 65 * 1024], 413, "too_large"),
            (vec![b'x'; 1024 * 1024], 413, "too_large"),
        ] {
            let length = body.len();
            let request = admin.prepared(Method::POST, &path).header("idempotency-key", "key").body(body);
            let refused = admin.send(&path, request).await;
            assert_eq!((refused.status, &refused.body["code"]), (status, &json!(code)), "{length} bytes to {path}");
            assert_eq!(refused.content_type, "application/problem+json");
        }
    }
    unchanged.check("what is no JSON").await;
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let admin = world.admin("ada");
    let long = "x".repeat(65);
    for member in
        ["%E7%8E%8B%E8%8A%B3", "a%20b", "a.b", "m-1%00", "m-1%2F..%2Fm-2", "%FF", "..%2f", long.as_str(), "{}"]
    {
        for what in ["balance", "entries", "lots", "rewards"] {
            admin.get(&format!("/v1/members/{member}/{what}")).await.refused(404, "not_found");
        }
    }
    for what in ["balance", "lots"] {
        admin.get(&format!("/v1/members/nobody/{what}")).await.refused(404, "not_found");
    }
    let huge = format!("m-1.{}", u64::MAX);
    let overflow = format!("m-1.{}0", u64::MAX);
    for entry in ["m-1", "m-1.0", "m-1.-1", "m-1.x", "m-1.999", "nobody.1", ".1", "m-1.1.1", "1", &huge, &overflow] {
        admin.get(&format!("/v1/entries/{entry}")).await.refused(404, "not_found");
        let back = json!({"initiated_by": "member"});
        admin.keyed("key", &format!("/v1/redemptions/{entry}/reversals"), &back).await.refused(404, "not_found");
        admin.post_nothing(&format!("/v1/holds/{entry}/capture")).await.refused(404, "not_found");
        admin.post_nothing(&format!("/v1/holds/{entry}/release")).await.refused(404, "not_found");
        admin.post_nothing(&format!("/v1/adjustments/{entry}/approvals")).await.refused(404, "not_found");
    }
    // What exists, but is something else.
    admin.post_nothing("/v1/holds/m-1.1/capture").await.refused(404, "not_found");
    admin.post_nothing("/v1/adjustments/m-1.1/approvals").await.refused(404, "not_found");
    let back = json!({"initiated_by": "member"});
    admin.keyed("key", "/v1/redemptions/m-1.1/reversals", &back).await.refused(404, "not_found");
    for code in ["AAAA-AAAA-AAAA-AAAA", "short", "%E5%88%B8", "AAAAAAAAAAAAAAAAA", "----"] {
        admin.keyed("key", &format!("/v1/vouchers/{code}/uses"), &json!({})).await.refused(404, "not_found");
    }
    let order_id = "x".repeat(129);
    let path = format!("/v1/orders/{order_id}/refunds");
    admin.post(&path, &refund("r-1", "m-1", 100, world.now())).await.refused(404, "not_found");
    unchanged.check("what does not exist").await;
}

#[tokio::test]
async fn a_wrong_parameter_is_refused() {
    let world = lived_in().await;
    let admin = world.admin("ada");
    for query in [
        "balance?as_of=yesterday",
        "balance?as_of=",
        "balance?as_of=2026-13-01T00:00:00Z",
        "balance?as_of=2026-03-01",
        "balance?as_of=99999-01-01T00:00:00Z",
        "entries?limit=0",
        "entries?limit=101",
        "entries?limit=-1",
        "entries?limit=ten",
        "entries?limit=18446744073709551616",
        "entries?after=",
        "entries?after=7",
        "entries?after=m-2.3",
        "entries?after=m-1.0",
    ] {
        admin.get(&format!("/v1/members/m-1/{query}")).await.refused(400, "invalid_parameter");
    }
    for query in ["balance?as_of=0001-01-01T00:00:00Z", "balance?as_of=9999-12-30T22:00:00Z", "entries?after=m-1.999"] {
        admin.get(&format!("/v1/members/m-1/{query}")).await.ok();
    }
}
