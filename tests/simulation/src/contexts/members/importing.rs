//! Files that flow in.

use serde_json::{Value, json};

use super::people::mei;
use super::wishes::{ADDRESS, PHONE};
use crate::contexts::handler::{Handler, Story};
use crate::contexts::known::Known;
use crate::contexts::wish::{Wish, http};
use crate::drawn;

pub(super) const HANDLER: Handler = Handler {
    function: "import",
    handle: |context, trigger| {
        Box::pin(async move {
            let asked = drawn::asked(&trigger);
            drawn::drawing(&asked, lambda::handle(&::import::FUNCTION, &context.importer, trigger)).await
        })
    },
    wishes: &[],
    stories: all,
};

/// What is said of an import, however often it was written.
pub(super) fn stored(job: &Value) -> String {
    let import = &job["j"]["M"];
    let said = ["state", "done", "counts", "faulty"].map(|name| import[name].to_string());
    if import["state"].is_null() { String::new() } else { said.join(" ") }
}

fn asked(method: &str, path: &str, what: &str, body: Value) -> Wish {
    let refusals = &["wrong_state", "no_file", "not_found", "dry_run_first"];
    Wish { repeatable: false, refusals, ..http(("import", method, path), ("", what), body, None) }
}

/// A file of two members, one who is there already, and one who is none.
fn file() -> Wish {
    let rows = format!(
        "external_id,phone,name\n{ADDRESS}-0,{PHONE}8000,Mei\n{ADDRESS}-7,{PHONE}8007,Li\n{ADDRESS}-7,{PHONE}8007,Li\n\
         {ADDRESS}-8,12,Wang\n"
    );
    asked("POST", "/v1/imports", "a file", json!({"kind": "members", "source": "crm", "content": rows}))
}

/// A file of a tag for Mei, and for somebody who is none.
fn tags() -> Wish {
    let rows = format!("external_id,tag,until\n{ADDRESS}-0,vip-care,2027-12-31\n{ADDRESS}-9,vip-care,\n");
    asked("POST", "/v1/imports", "a file of tags", json!({"kind": "tags", "source": "crm", "content": rows}))
}

/// A file of what Mei brings over from elsewhere, one of its rows of somebody who is no member.
fn opening(kind: &str, rows: &str) -> Wish {
    let rows = rows.replace("MEI", &format!("{ADDRESS}-0")).replace("NOBODY", &format!("{ADDRESS}-9"));
    asked("POST", "/v1/imports", "a file", json!({"kind": kind, "source": "crm", "content": rows}))
}

fn lots() -> Wish {
    let rows = "external_id,points,earned_on,expires_on\nMEI,120,2026-01-02,2026-12-31\nMEI,80,2025-12-01,2026-06-30\n\
                NOBODY,10,,2026-12-31\n";
    opening("lots", rows)
}

fn status() -> Wish {
    opening("status", "external_id,month,points\nMEI,2025-11,900\nMEI,2026-01,300\n")
}

fn tiers() -> Wish {
    opening("tiers", "external_id,tier,since,until\nMEI,gold,2025-05-01,2026-04-30\n")
}

fn first(known: &Known) -> &str {
    known.members_known.imports.first().map_or("i-nobody", String::as_str)
}

fn step(known: &Known, method: &str, step: &str) -> Wish {
    asked(method, &format!("/v1/imports/{}{step}", first(known)), "import", Value::Null)
}

/// Open conflicts as a file.
fn export() -> Wish {
    asked("POST", "/v1/exports", "an export", json!({"kind": "conflicts"}))
}

fn starts(known: &Known) -> Wish {
    step(known, "POST", "/start")
}

fn undo(known: &Known, dry_run: bool) -> Wish {
    asked("POST", &format!("/v1/imports/{}/undo", first(known)), "undo", json!({ "dry_run": dry_run }))
}

fn all() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    let after = |about, then, watched| Story { about, before: vec![mei(), file()], then, hours: 1, watched };
    let looks: fn(&Known) -> Wish = |known| undo(known, true);
    vec![
        story("POST /v1/imports", Vec::new(), |_| file()),
        story("POST /v1/imports/{import_id}/start", vec![file()], |known| step(known, "POST", "/start")),
        story("POST /v1/imports/{import_id}/cancel", vec![file()], |known| step(known, "POST", "/cancel")),
        story("GET /v1/imports/{import_id}", vec![file()], |known| step(known, "GET", "")),
        story("GET /v1/imports/{import_id}/errors", vec![file()], |known| step(known, "GET", "/errors")),
        // From the start to the end of the file: read, cut, written, told.
        story("ImportsQueue", vec![mei(), file()], |known| step(known, "POST", "/start")),
        story("ImportsQueue", vec![mei(), tags()], |known| step(known, "POST", "/start")),
        story("POST /v1/exports", Vec::new(), |_| export()),
        story("GET /v1/exports/{export_id}", vec![export()], |known| {
            let export = known.members_known.exports.first().map_or("e-nobody", String::as_str);
            asked("GET", &format!("/v1/exports/{export}"), "an export", Value::Null)
        }),
        story("POST /v1/quality/sweep", vec![mei()], |_| asked("POST", "/v1/quality/sweep", "sweep", json!({}))),
        story("ImportsQueue", vec![mei()], |_| export()),
        after("POST /v1/imports/{import_id}/undo", vec![starts], |known| undo(known, true)),
        // Found out, and taken back: somebody is erased, and somebody is as before.
        after("ImportsQueue", vec![starts], |known| undo(known, true)),
        after("ImportsQueue", vec![starts, looks], |known| undo(known, false)),
        story("ImportsQueue", vec![mei(), lots()], |known| step(known, "POST", "/start")),
        story("ImportsQueue", vec![mei(), status()], |known| step(known, "POST", "/start")),
        story("ImportsQueue", vec![mei(), tiers()], |known| step(known, "POST", "/start")),
    ]
}
