//! Whose an identifier is: linked, unlinked, verified; and what a person decides.

use serde_json::{Value, json};

use super::super::people::{first, li, mei, of};
use super::super::secrets;
use super::super::wishes::{PHONE, asked, presented};
use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::wish::Wish;

const CODES: &str = "POST /v1/members/{member_id}/identifiers/{n}/verifications";
const SAID: &str = "POST /v1/members/{member_id}/identifiers/{n}/confirmations";

/// The number of Mei's address among what she is known by.
const ADDRESS: &str = "identifiers/3";

fn links(known: &Known, number: u8, verified: bool) -> Wish {
    let phone = json!({"kind": "phone", "value": format!("{PHONE}800{number}"), "verified": verified});
    asked("POST", &of(first(known), "identifiers"), "link", json!({"source": "crm", "identifier": phone}))
}

fn sends(known: &Known) -> Wish {
    asked("POST", &of(first(known), &format!("{ADDRESS}/verifications")), "send a code", Value::Null)
}

fn says(known: &Known, code: &str) -> Wish {
    let wish =
        asked("POST", &of(first(known), &format!("{ADDRESS}/confirmations")), "say a code", json!({"code": code}));
    Wish { refusals: &["wrong_code"], ..wish }
}

fn decides(known: &Known, decision: &str) -> Wish {
    let conflict = known.members_known.conflicts.first().map_or("none", String::as_str);
    let path = format!("/v1/conflicts/{conflict}/resolution");
    let wish = asked("POST", &path, "decide", json!({"do": decision, "reason": "they told us"}));
    Wish { refusals: &["already_resolved"], ..wish }
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, before, then, watched| Story { about, before, then, hours: 0, watched };
    let link = "POST /v1/members/{member_id}/identifiers";
    let unlink = "DELETE /v1/members/{member_id}/identifiers/{n}";
    let resolve = "POST /v1/conflicts/{conflict_id}/resolution";
    // Both say that a phone is theirs.
    let disputed = || vec![mei(), presented("shop", 3, Some((0, false)), Some(2), "Li")];
    vec![
        story(link, vec![mei()], Vec::new(), |known| links(known, 2, false)),
        story(link, vec![mei(), li()], Vec::new(), |known| links(known, 1, true)),
        story(unlink, vec![mei()], Vec::new(), |known| {
            asked("DELETE", &of(first(known), ADDRESS), "unlink", Value::Null)
        }),
        story(CODES, vec![mei()], Vec::new(), sends),
        story(SAID, vec![mei()], vec![sends], |known| says(known, &secrets::code(CODES))),
        story(SAID, vec![mei()], vec![sends], |known| says(known, "no code")),
        story("GET /v1/conflicts", disputed(), Vec::new(), |_| asked("GET", "/v1/conflicts", "conflicts", Value::Null)),
        story(resolve, disputed(), Vec::new(), |known| decides(known, "move")),
        story(resolve, disputed(), Vec::new(), |known| decides(known, "share")),
        story(resolve, disputed(), Vec::new(), |known| decides(known, "keep")),
    ]
}
