//! Care of a member as items of `care`.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::care::{Care, Contact, Filed, KeyId, MessageId, Ticket};
use domain::kernel::id::MemberId;
use jiff::{SignedDuration, Timestamp};

use super::enrolment_item;
use super::{HEAD, KEY};
use crate::attribute::{Item, as_bytes, as_instant, as_list, as_map, as_text, bytes, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::table::{CARE, SORT, TTL};

/// For how long a key that has ended is known.
const KNOWN: SignedDuration = SignedDuration::from_hours(800 * 24);
/// For how long what ends a key holds against what begins it.
const HOLDS: SignedDuration = SignedDuration::from_hours(60 * 24);

/// What is under way, as the state's part of the item `head`.
#[must_use]
pub fn encode(care: &Care) -> Item {
    let mut item = Item::from([(CARE.hash.to_owned(), text(care.member.as_str())), (SORT.to_owned(), text(HEAD))]);
    put(&mut item, "en", AttributeValue::L(care.enrolments.iter().map(enrolment_item::encode).collect()));
    let contact = |Contact { at, channel, message }: &Contact| {
        AttributeValue::L(vec![instant(*at), text(channel.name()), bytes(&message.0)])
    };
    put(&mut item, "ct", AttributeValue::L(care.contacts.iter().map(contact).collect()));
    put(&mut item, "tk", AttributeValue::L(care.tickets.iter().map(encode_ticket).collect()));
    item
}

/// The same back; of what has ended nothing.
///
/// # Errors
/// The item is damaged.
pub fn decode(member: &MemberId, item: &Item) -> Result<Care, Damage> {
    let contact = |value: &AttributeValue| {
        let [at, channel, message] = as_list(Some(value), "ct")? else { return Err(damaged("ct")) };
        let message = MessageId(as_bytes(Some(message), "ct")?);
        Ok(Contact { at: as_instant(Some(at), "ct")?, channel: enrolment_item::channel(channel)?, message })
    };
    let parts = || {
        Ok(Care {
            enrolments: as_list(item.get("en"), "en")?.iter().map(enrolment_item::decode).collect::<Result<_, _>>()?,
            contacts: as_list(item.get("ct"), "ct")?.iter().map(contact).collect::<Result<_, Damage>>()?,
            tickets: as_list(item.get("tk"), "tk")?.iter().map(decode_ticket).collect::<Result<_, _>>()?,
            ..Care::new(member.clone())
        })
    };
    parts().map_err(|damage: Damage| damage.of(CARE.name))
}

fn encode_ticket(ticket: &Ticket) -> AttributeValue {
    let mut fields = Item::from([("t".to_owned(), text(&ticket.ticket)), ("a".to_owned(), instant(ticket.at))]);
    fields.extend(ticket.order.as_ref().map(|order| ("o".to_owned(), text(order))));
    fields.extend((!ticket.open).then(|| ("c".to_owned(), AttributeValue::Bool(true))));
    AttributeValue::M(fields)
}

fn decode_ticket(value: &AttributeValue) -> Result<Ticket, Damage> {
    let fields: Item =
        as_map(Some(value), "tk")?.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let order = fields.get("o").map(|order| as_text(Some(order), "tk").map(str::to_owned)).transpose()?;
    Ok(Ticket {
        ticket: as_text(fields.get("t"), "tk")?.to_owned(),
        order,
        open: !fields.contains_key("c"),
        at: as_instant(fields.get("a"), "tk")?,
    })
}

/// The name of a key among the items of its member.
pub(super) fn place(key: KeyId) -> String {
    format!("{KEY}{key}")
}

/// A key that has ended, as an item.
#[must_use]
pub fn encode_key(member: &MemberId, key: KeyId, filed: &Filed, now: Timestamp) -> Item {
    let kept = if filed.is_known() { KNOWN } else { HOLDS };
    let goes = now.saturating_add(kept).map_or(now.as_second(), Timestamp::as_second);
    let mut item = Item::from([
        (CARE.hash.to_owned(), text(member.as_str())),
        (SORT.to_owned(), text(place(key))),
        (TTL.to_owned(), number(goes)),
    ]);
    item.extend(filed.enrolment.as_ref().map(|enrolment| ("e".to_owned(), enrolment_item::encode(enrolment))));
    item.extend(filed.exited.map(|at| ("x".to_owned(), instant(at))));
    item
}

/// The same back, with its key; none: it is not of a key, or it is as good as gone.
///
/// # Errors
/// The item is damaged.
pub fn decode_key(item: &Item, now: Timestamp) -> Result<Option<(KeyId, Filed)>, Damage> {
    let parts = || {
        let Some(key) = as_text(item.get(SORT), SORT)?.strip_prefix(KEY) else { return Ok(None) };
        if as_instant(item.get(TTL), TTL)? <= now {
            return Ok(None); // the table takes its time
        }
        let key = key.parse().map_err(|_no_key: String| damaged(SORT))?;
        let enrolment = item.get("e").map(enrolment_item::decode).transpose()?;
        let exited = item.get("x").map(|at| as_instant(Some(at), "x")).transpose()?;
        Ok(Some((key, Filed { enrolment, exited })))
    };
    parts().map_err(|damage: Damage| damage.of(CARE.name))
}
