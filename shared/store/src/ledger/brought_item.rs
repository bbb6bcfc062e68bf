//! What came from elsewhere, as attributes of an entry.
//!
//! | kind | attributes |
//! |---|---|
//! | `opening` | `so` source, `nm` its name, `pt` part, `n` rows, `fl` file, `tier`, `since`, `until`, `mo` status by month, `rp` the entry whose place it takes, and how many movements take that back, `ao` when the cutover was, `li` what was earned there in all, `jo` since when the member was one there |
//! | `opening_withdrawn` | `so` source, `pt` part, `op` the entry that had brought it |
//! | `transfer_out` | `to` the entry there, `mg` merge, `ca` what, `st` state |
//! | `transfer_in` | `from` the entry there, `mg` merge, `ca` what, `me` what met: lots, `ow` what the account had, `st` state |
//! | of what | `l` lots, `p` pending, `d` debt, `m` months: `[month, points, ...]`, `c` counters, `y` the tier reached, `z` a floor, `k` cutovers by source and part, `li` what was earned elsewhere |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use domain::kernel::id::EntryId;
use domain::kernel::membership::MemberState;
use domain::kernel::quantity::Points;
use domain::kernel::time::Month;
use domain::ledger::brought::{Carried, Cutovers, Elsewhere, OpenedTier, Own, Part, Replaced};
use domain::ledger::entry::Detail;
use jiff::civil::Date;

use crate::attribute::{as_bytes, as_instant, as_map, as_number, bytes, instant, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::counter_item::{decode_counters, encode_counters};
use crate::ledger::fields::{Fields, Read};
use crate::ledger::flat::Flat;
use crate::ledger::standing_item::{decode_floor, decode_standing, encode_floor, encode_standing};

/// Where a member may stand, as a word.
pub(super) const STATES: [(MemberState, &str); 3] =
    [(MemberState::Active, "active"), (MemberState::Suspended, "suspended"), (MemberState::Closed, "closed")];

const PARTS: [(Part, &str); 4] =
    [(Part::Lots, "lots"), (Part::Debt, "debt"), (Part::Tiers, "tiers"), (Part::Status, "status")];

pub(crate) fn encode_brought(detail: &Detail) -> (&'static str, Fields) {
    let fields = Fields::default();
    match detail {
        Detail::Opening { source, name, part, rows, file, tier, status, replaces, elsewhere } => {
            let fields = fields.text("so", source).text("nm", name).word("pt", &PARTS, *part).number("n", rows);
            let fields = fields.put("fl", bytes(&file.0)).list("mo", encode_months(status));
            let fields = match tier {
                Some(OpenedTier { tier, since, until }) => {
                    fields.text("tier", tier).text("since", &since.to_string()).text("until", &until.to_string())
                }
                None => fields,
            };
            let replaced = replaces.iter().flat_map(|replaced| [number(replaced.entry), number(replaced.movements)]);
            let fields = fields.list("rp", replaced.collect());
            let Elsewhere { as_of, lifetime, joined_on } = elsewhere;
            let fields = fields.maybe("ao", as_of.map(instant));
            let fields = fields.maybe("li", lifetime.map(number));
            ("opening", fields.maybe("jo", joined_on.map(|date| text(date.to_string()))))
        }
        Detail::OpeningWithdrawn { source, part, opening } => {
            ("opening_withdrawn", fields.text("so", source).word("pt", &PARTS, *part).number("op", opening))
        }
        Detail::TransferOut { to, merge, carried, state } => {
            let fields = fields.text("to", &to.to_string()).text("mg", merge).put("ca", encode_carried(carried));
            ("transfer_out", if let Some(state) = state { fields.word("st", &STATES, *state) } else { fields })
        }
        Detail::TransferIn { from, merge, carried, met, own, state } => {
            let fields = fields.text("from", &from.to_string()).text("mg", merge).put("ca", encode_carried(carried));
            let fields =
                fields.list("me", met.iter().flat_map(|(at, points)| [instant(*at), number(points)]).collect());
            let fields = fields.maybe("ow", own.as_ref().map(|own| encode_own(own)));
            ("transfer_in", fields.word("st", &STATES, *state))
        }
        _ => ("", fields),
    }
}

pub(crate) fn decode_brought(read: &Read<'_>, kind: &str) -> Result<Detail, Damage> {
    Ok(match kind {
        "opening" => Detail::Opening {
            source: read.text("so")?,
            name: read.text("nm")?,
            part: read.word("pt", &PARTS)?,
            rows: read.number("n")?,
            file: Hash(as_bytes(read.0.get("fl"), "fl")?),
            tier: decode_tier(read)?,
            status: decode_months(read, "mo")?,
            replaces: Flat::new(read.0.get("rp"), "rp")?.all(replaced)?.pop(),
            elsewhere: elsewhere(read)?,
        },
        "opening_withdrawn" => Detail::OpeningWithdrawn {
            source: read.text("so")?,
            part: read.word("pt", &PARTS)?,
            opening: read.number("op")?,
        },
        "transfer_out" => Detail::TransferOut {
            to: entry_id(read, "to")?,
            merge: read.text("mg")?,
            carried: Box::new(decode_carried(read)?),
            state: read.maybe("st", |_| read.word("st", &STATES))?,
        },
        _ => Detail::TransferIn {
            from: entry_id(read, "from")?,
            merge: read.text("mg")?,
            carried: Box::new(decode_carried(read)?),
            met: Flat::new(read.0.get("me"), "me")?.all(Flat::lot)?,
            own: read.maybe("ow", decode_own)?.map(Box::new),
            state: read.word("st", &STATES)?,
        },
    })
}

fn elsewhere(read: &Read<'_>) -> Result<Elsewhere, Damage> {
    Ok(Elsewhere {
        as_of: read.maybe("ao", |value| as_instant(Some(value), "ao"))?,
        lifetime: read.maybe("li", |value| as_number(Some(value), "li"))?.map(Points),
        joined_on: read.maybe_text("jo")?.map(|date| date.parse().map_err(|_no_date| damaged("jo"))).transpose()?,
    })
}

fn replaced(flat: &mut Flat<'_>) -> Result<Replaced, Damage> {
    Ok(Replaced { entry: flat.number()?, movements: flat.number()? })
}

fn entry_id(read: &Read<'_>, name: &'static str) -> Result<EntryId, Damage> {
    read.text(name)?.parse().map_err(|_no_entry| damaged(name))
}

fn decode_tier(read: &Read<'_>) -> Result<Option<OpenedTier>, Damage> {
    let Some(tier) = read.maybe_text("tier")? else { return Ok(None) };
    let date = |name: &'static str| read.text(name)?.parse::<Date>().map_err(|_no_date| damaged(name));
    Ok(Some(OpenedTier { tier, since: date("since")?, until: date("until")? }))
}

fn encode_months(months: &BTreeMap<Month, Points>) -> Vec<AttributeValue> {
    months.iter().flat_map(|(month, points)| [number(month.0), number(points)]).collect()
}

fn decode_months(read: &Read<'_>, name: &'static str) -> Result<BTreeMap<Month, Points>, Damage> {
    let month = |flat: &mut Flat<'_>| Ok((Month(flat.number()?), flat.points()?));
    Ok(Flat::new(read.0.get(name), name)?.all(month)?.into_iter().collect())
}

fn encode_carried(carried: &Carried) -> AttributeValue {
    let Carried { active, pending, debt, months, counters, standing, floor, cutovers, lifetime } = carried;
    let lots = active.iter().flat_map(|(at, points)| [instant(*at), number(points)]);
    let waiting = pending.iter();
    let waiting =
        waiting.flat_map(|((activates, expires), points)| [instant(*activates), instant(*expires), number(points)]);
    Fields::default()
        .list("l", lots.collect())
        .list("p", waiting.collect())
        .points_unless_zero("d", *debt)
        .list("m", encode_months(months))
        .maybe("c", (!counters.is_empty()).then(|| encode_counters(counters)))
        .maybe("y", standing.as_ref().map(encode_standing))
        .maybe("z", floor.as_ref().map(encode_floor))
        .maybe("k", encode_cutovers(cutovers))
        .points_unless_zero("li", *lifetime)
        .done()
}

fn decode_carried(read: &Read<'_>) -> Result<Carried, Damage> {
    let read = Read::of(read.0.get("ca").ok_or_else(|| damaged("ca"))?, "ca")?;
    let waiting = |flat: &mut Flat<'_>| Ok(((flat.instant()?, flat.instant()?), flat.points()?));
    Ok(Carried {
        active: Flat::new(read.0.get("l"), "l")?.all(Flat::lot)?.into_iter().collect(),
        pending: Flat::new(read.0.get("p"), "p")?.all(waiting)?.into_iter().collect(),
        debt: read.points_or_zero("d")?,
        months: decode_months(&read, "m")?,
        counters: decode_counters(read.0.get("c"))?,
        standing: read.maybe("y", |value| decode_standing(Some(value)))?,
        floor: read.maybe("z", decode_floor)?,
        cutovers: decode_cutovers(read.0.get("k"), "k")?,
        lifetime: read.points_or_zero("li")?,
    })
}

fn encode_own(own: &Own) -> AttributeValue {
    let Own { standing, floor, debt, cutovers } = own;
    Fields::default()
        .maybe("y", standing.as_ref().map(encode_standing))
        .maybe("z", floor.as_ref().map(encode_floor))
        .points_unless_zero("d", *debt)
        .maybe("k", encode_cutovers(cutovers))
        .done()
}

fn decode_own(value: &AttributeValue) -> Result<Own, Damage> {
    let read = Read::of(value, "ow")?;
    Ok(Own {
        standing: read.maybe("y", |value| decode_standing(Some(value)))?,
        floor: read.maybe("z", decode_floor)?,
        debt: read.points_or_zero("d")?,
        cutovers: decode_cutovers(read.0.get("k"), "k")?,
    })
}

/// When the cutover was, by source and part; nothing of who has none.
pub(super) fn encode_cutovers(cutovers: &Cutovers) -> Option<AttributeValue> {
    let all = cutovers.iter().map(|(brought, as_of)| (brought.clone(), instant(*as_of)));
    (!cutovers.is_empty()).then(|| AttributeValue::M(all.collect()))
}

pub(super) fn decode_cutovers(value: Option<&AttributeValue>, name: &'static str) -> Result<Cutovers, Damage> {
    let of = |(brought, as_of): (&String, &AttributeValue)| Ok((brought.clone(), as_instant(Some(as_of), name)?));
    as_map(value, name)?.into_iter().map(of).collect()
}
