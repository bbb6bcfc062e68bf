//! Eight kinds of principal at every route, about the own member, another, and one who was erased: nobody reads what only others may.

use lambda::{Access, Method, Whose};
use local::functions::operations;
use sam::Role;
use sam::operation::Operation;
use serde_json::json;

use crate::members::{crm, known_as};
use crate::world::World;

/// What is known of the member, each as somebody would look for it.
const MARKS: [&str; 5] = ["13800138123", "kanarienvogel@example.com", "小丝雀", "金丝雀路十七号", "1987-06-05"];

/// Who asks.
struct Principal {
    name: &'static str,
    token: Option<String>,
    role: Option<Role>,
    /// The member that the token is of.
    own: Option<String>,
}

async fn somebody(world: &World, external_id: &str, marked: bool) -> String {
    let mut body = known_as("crm", external_id, &[&format!("card AB-{external_id}")]);
    if marked {
        body = known_as("crm", external_id, &["phone 13800138123!", "email kanarienvogel@example.com"]);
        body["fields"] = json!({"given_name": "小丝雀", "birthday": "1987-06-05", "address.lines": "金丝雀路十七号"});
    }
    let member = crm(world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    world.pays(&member, &format!("o-{external_id}"), 10_000).await.ok();
    member
}

/// A route with things of a member in its path.
fn path_of(operation: &Operation, member: &str) -> String {
    let entry = format!("{member}.1");
    let path = ["redemption_id", "hold_id", "adjustment_id", "entry_id", "erasure_id", "export_id"]
        .iter()
        .fold(operation.path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), &entry));
    path.replace("{member_id}", member).replace("{n}", "1").replace(['{', '}'], "")
}

// rule: privacy 17, 23
#[tokio::test]
async fn whoever_asks_reads_what_they_may_and_of_who_was_erased_nothing() {
    let world = World::new().await;
    let (mei, li) = (somebody(&world, "c-1", true).await, somebody(&world, "c-2", false).await);
    let gone = somebody(&world, "c-3", false).await;
    let ask = json!({"member": gone, "reason": "asked for by letter"});
    assert_eq!(world.admin("ada").post("/v1/privacy/erasures", &ask).await.body["state"], "complete");
    let role = |name, role: Role, subject: &str| Principal {
        name,
        token: Some(world.platform.token(role, subject)),
        role: Some(role),
        own: (role == Role::Member).then(|| subject.to_owned()),
    };
    let principals = [
        Principal { name: "nobody", token: None, role: None, own: None },
        Principal {
            name: "no role",
            token: Some(world.platform.token_with("x", "members:read")),
            role: None,
            own: None,
        },
        role("the member", Role::Member, &mei),
        role("another member", Role::Member, &li),
        role("a system", Role::Partner, "shop"),
        role("an agent", Role::Agent, "agent-7"),
        role("an administrator", Role::Admin, "ada"),
        role("an auditor", Role::Auditor, "auditor"),
    ];
    let mut wrong = Vec::new();
    for Principal { name, token, role, own } in &principals {
        let scopes = role.map(Role::scopes).unwrap_or_default();
        for operation in operations() {
            let Access::Of(scope, whose) = operation.access else { continue };
            for whom in [&mei, &li, &gone] {
                let theirs = matches!(whose, Whose::Path(_) | Whose::Entry(_));
                let foreign = theirs && own.as_ref().is_some_and(|own| own != whom);
                let may = role.is_some() && scopes.contains(&scope.name()) && !foreign;
                let reads = operation.method == Method::Get;
                // What takes something away without being told more is for other tests.
                if may && !reads && operation.method != Method::Post {
                    continue;
                }
                let path = path_of(&operation, whom);
                let mut request = world.request(operation.method.name().parse().unwrap(), &path);
                request = token.iter().fold(request, |request, token| request.bearer_auth(token));
                let response = request.header("idempotency-key", "k-1").send().await.unwrap();
                let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
                let expected = match role {
                    None => status == 401 || token.is_some() && status == 403,
                    Some(_) if !may => status == 403,
                    // Whoever was erased is gone for all but those who audit the ledger and read receipts.
                    Some(role) if theirs && *whom == gone && reads => {
                        status == 410 || status == 404 || *role == Role::Auditor || scope.name() == "privacy:read"
                    }
                    Some(_) => status < 500,
                };
                if !expected {
                    wrong.push(format!("{name} at {} {path}: {status}", operation.method.name()));
                }
                let reads_all = *own == Some(mei.clone());
                let seen = MARKS.iter().find(|mark| text.contains(**mark) && !reads_all);
                wrong.extend(seen.map(|mark| format!("{name} reads {mark} at {path}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
