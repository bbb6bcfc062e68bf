//! What a file of members may hold (rule: import 18).

use domain::programme::compiled::Programme;
use domain::programme::members::FIELDS;
use sheet::Column;

use crate::bringing::{JOINED_ON, STATE, TAGS};

/// By what the source calls the member.
pub const EXTERNAL_ID: &str = "external_id";

/// Identifiers, by their kinds.
pub(crate) const IDENTIFIERS: [&str; 4] = ["card", "wecom", "phone", "email"];

/// Where the phone number of the row belongs.
pub(crate) const COUNTRY: &str = "country";

/// Since when the row is true.
pub(crate) const AT: &str = "at";

/// Where a member is at home.
pub(crate) const ZONE: &str = "zone";
pub(crate) const LOCALE: &str = "locale";

/// The evidence of consents that are given.
pub(crate) const TEXT: &str = "consent_text";
pub(crate) const VERSION: &str = "consent_version";
pub(crate) const SAID_AT: &str = "consent_at";

/// What stands beside identifiers, fields and consents.
const BESIDE: [&str; 10] = [COUNTRY, AT, ZONE, LOCALE, JOINED_ON, STATE, TAGS, TEXT, VERSION, SAID_AT];

/// The columns that a file of members may have.
#[must_use]
pub fn columns(programme: &Programme) -> Vec<Column> {
    let document = programme.document();
    let optional = |field: String| Column { field, required: false };
    let mut columns = vec![Column { field: EXTERNAL_ID.to_owned(), required: true }];
    let usual = IDENTIFIERS.iter().chain(&BESIDE).chain(&FIELDS);
    columns.extend(usual.map(|field| optional((*field).to_owned())));
    // A name of ours is not an attribute's.
    let known: Vec<String> = columns.iter().map(|column| column.field.clone()).collect();
    let attributes = document.attribute.iter().map(|attribute| attribute.id.clone());
    columns.extend(attributes.filter(|id| !known.contains(id)).map(optional));
    for purpose in &document.purpose {
        let channels = purpose.channels.iter().map(|channel| format!("consent.{}.{}", purpose.id, channel.name()));
        columns.extend(channels.map(optional));
        if purpose.channels.is_empty() {
            columns.push(optional(format!("consent.{}", purpose.id)));
        }
    }
    columns
}
