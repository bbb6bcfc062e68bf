//! What is written to a member of an enrolment, and where it goes.

use std::collections::BTreeMap;

use domain::care::Enrolment;
use domain::kernel::time::Zone;
use domain::members::field::Value;
use domain::members::identifier::Kind;
use domain::members::state::Member;
use domain::programme::channel::Channel;
use domain::programme::compiled::Programme;
use domain::programme::condition::Scalar;
use domain::programme::journey::step::Does;

use crate::asking::{Asking, Fault, Written};
use crate::write::write;

/// The pages that a message can lead to.
#[derive(Debug, Default)]
pub struct Pages {
    /// Where the member agrees and takes back.
    pub preferences: Option<String>,
    /// Where something can be done.
    pub action: Option<String>,
}

/// Writes a message in the member's language, or why it cannot be written.
///
/// # Errors
/// Why nothing can be said.
pub fn written(
    (programme, member, enrolment): (&Programme, &Member, &Enrolment),
    (template, by): (&str, Does),
    (zone, Pages { preferences, action }): (&Zone, &Pages),
) -> Result<Written, Fault> {
    let document = programme.document();
    let template = document.template.iter().find(|known| known.id == template).ok_or(Fault::NoWords)?;
    let by_country = member.countries.first().and_then(|country| document.care.locales.get(country));
    let first = document.members.locales.first();
    let locales: Vec<&str> = member.locale.iter().chain(by_country).chain(first).map(String::as_str).collect();
    let mut values: BTreeMap<String, Scalar> = enrolment.data.clone();
    let name =
        ["given_name", "name"].iter().find_map(|field| match member.profile.fields.get(*field)?.value.as_ref()? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        });
    values.extend(name.map(|name| ("name".to_owned(), Scalar::Text(name))));
    let (preferences, action) = (preferences.as_deref(), action.as_deref());
    write(Asking { template, locales: &locales, values: &values, zone, action, preferences }, by)
}

/// Where a member is reached by a channel: what is verified before what is not, the newest first.
#[must_use]
pub fn address(member: &Member, channel: Option<Channel>) -> Option<&str> {
    let kind = match channel? {
        Channel::Email => Kind::Email,
        Channel::Sms => Kind::Phone,
        Channel::Push => Kind::Device,
        Channel::Wecom => Kind::Wecom,
        Channel::Phone | Channel::Post => return None,
    };
    let own = member.identifiers.iter().filter(|held| held.identifier.kind == kind);
    let best = own.max_by_key(|held| (held.verified_at.is_some(), held.at, held.n))?;
    Some(&best.identifier.value)
}
