//! What a member was asked as an item of `surveys`.
//!
//! | attribute | |
//! |---|---|
//! | `pk` | `m#`, the member |
//! | `v` `w` | version, when it was written |
//! | `g` | `r#`, the ring |
//! | `a` | since when the member is known here |
//! | `iv` | by survey the newest invitations: `[date, id]` |
//! | `aq` `de` | by field of the profile when it was asked for, when it was declined |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::MemberId;
use domain::voice::sampling::ring;
use domain::voice::{Contacts, InvitationId};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{CONTACTS, GROUP};
use crate::attribute::{Item, as_bytes, as_instant, as_list, as_map, as_text, bytes, instant, put, text};
use crate::error::{Damage, damaged};
use crate::table::SURVEYS;

/// The key of a member's item.
pub(super) fn key(member: &MemberId) -> String {
    format!("{CONTACTS}{member}")
}

/// The group of a ring.
pub(super) fn group(ring: u16) -> String {
    format!("r#{ring:04}")
}

/// As an item, without version.
#[must_use]
pub fn encode(contacts: &Contacts, since: Timestamp) -> Item {
    let mut item = Item::from([
        (SURVEYS.hash.to_owned(), text(key(&contacts.member))),
        (GROUP.to_owned(), text(group(ring(&contacts.member)))),
        ("a".to_owned(), instant(since)),
    ]);
    let invited = |(date, id): &(Date, InvitationId)| AttributeValue::L(vec![text(date.to_string()), bytes(&id.0)]);
    let invited = contacts
        .invited
        .iter()
        .map(|(survey, newest)| (survey.clone(), AttributeValue::L(newest.iter().map(invited).collect())));
    put(&mut item, "iv", AttributeValue::M(invited.collect()));
    put(&mut item, "aq", dates(&contacts.asked));
    put(&mut item, "de", dates(&contacts.declined));
    item
}

fn dates(dates: &BTreeMap<String, Date>) -> AttributeValue {
    AttributeValue::M(dates.iter().map(|(field, date)| (field.clone(), text(date.to_string()))).collect())
}

/// The same back, and since when the member is known.
///
/// # Errors
/// The item is damaged.
pub fn decode(member: &MemberId, item: &Item) -> Result<(Contacts, Timestamp), Damage> {
    parts(member, item).map_err(|damage| damage.of(SURVEYS.name))
}

fn parts(member: &MemberId, item: &Item) -> Result<(Contacts, Timestamp), Damage> {
    let mut contacts = Contacts::new(member.clone());
    for (survey, newest) in as_map(item.get("iv"), "iv")? {
        let newest = as_list(Some(newest), "iv")?.iter().map(|one| {
            let [date, id] = as_list(Some(one), "iv")? else { return Err(damaged("iv")) };
            Ok((date_of(date, "iv")?, InvitationId(as_bytes(Some(id), "iv")?)))
        });
        contacts.invited.insert(survey.clone(), newest.collect::<Result<_, Damage>>()?);
    }
    contacts.asked = dates_of(item, "aq")?;
    contacts.declined = dates_of(item, "de")?;
    Ok((contacts, as_instant(item.get("a"), "a")?))
}

fn dates_of(item: &Item, name: &'static str) -> Result<BTreeMap<String, Date>, Damage> {
    as_map(item.get(name), name)?.into_iter().map(|(field, date)| Ok((field.clone(), date_of(date, name)?))).collect()
}

fn date_of(value: &AttributeValue, name: &'static str) -> Result<Date, Damage> {
    as_text(Some(value), name)?.parse().map_err(|_no_date| damaged(name))
}
