//! What came before what it takes back, in the row of the order, or other fact, that it waits for: `r`, and while one waits, the row's
//! place in the index `parked`.
//!
//! | attribute | |
//! |---|---|
//! | `r` | a check of four bytes over what follows, then a map for each, the first first |
//! | `ps` `pa` | the place in the index, while one waits: always 0, and when the first of them lapses |
//! | `p` | of its own row: the key of what it waits for, or waited |
//!
//! Of each: `o` operation, `c` content, `t` when it happened, `w` when it was recorded, `m` member if that was said, `x` what has become of
//! it, absent while it waits. Of a refund: `i` its id, `s` source, `d` order, `a` amount, `l` lines (`l` place, `s` sku, `q` pieces, `a`
//! amount each). Of the reversal of a fact: `i` `s` the fact's id and source, `e` reason, `by` who asked for it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::{ContentHash, FactKey, OperationId};
use domain::kernel::quantity::Minor;
use domain::ledger::doer::Doer;
use domain::ledger::lines::{LineReturn, Refund};
use domain::ledger::parked::{Fate, Lapse, Parked, Takes};
use domain::ledger::reverse_activity::ReverseActivity;
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_list, bytes, number, text};
use crate::check::check_of;
use crate::error::{Damage, contradicts, damaged};
use crate::ledger::fields::{Fields, Read};
use crate::ledger::flat::list;

/// The attribute that holds them.
pub(crate) const PARKED: &str = "r";

const FATES: [(Fate, &str); 6] = [
    (Fate::Netted, "netted"),
    (Fate::Lapsed(Lapse::NoOrder), "no_order"),
    (Fate::Lapsed(Lapse::OtherMember), "other_member"),
    (Fate::Lapsed(Lapse::WindowClosed), "window_closed"),
    (Fate::Lapsed(Lapse::OtherLines), "other_lines"),
    (Fate::Lapsed(Lapse::DebtLimit), "debt_limit"),
];

/// As an attribute.
pub(crate) fn encode_parked(parked: &[Parked]) -> AttributeValue {
    let mut values: Vec<AttributeValue> = parked.iter().map(encode_one).collect();
    let check = check_of(&list(values.clone()));
    values.insert(0, bytes(&check));
    list(values)
}

/// What a row keeps; none if it keeps none.
///
/// # Errors
/// They are damaged.
pub(crate) fn decode_parked(item: &Item) -> Result<Vec<Parked>, Damage> {
    let [check, rest @ ..] = as_list(item.get(PARKED), PARKED)? else { return Ok(Vec::new()) };
    if check_of(&list(rest.to_vec())) != as_bytes::<4>(Some(check), PARKED)? {
        return Err(contradicts(PARKED));
    }
    rest.iter().map(decode_one).collect()
}

/// The key of what waits under the name of a row, if something does.
///
/// # Errors
/// It is damaged.
pub(crate) fn decode_awaited(item: &Item) -> Result<Option<FactKey>, Damage> {
    item.get("p").map(|key| as_bytes(Some(key), "p").map(FactKey)).transpose()
}

/// When the first of those that wait lapses, if one does.
pub(crate) fn lapses_at(parked: &[Parked], setting: Setting<'_>) -> Option<Timestamp> {
    parked.iter().filter(|parked| parked.waits()).map(|parked| parked.lapses_at(setting)).min()
}

fn encode_one(parked: &Parked) -> AttributeValue {
    let Parked { operation, content, occurred_at, recorded_at, member, takes, fate } = parked;
    let fields = Fields::default()
        .put("o", bytes(&operation.0))
        .put("c", bytes(&content.0))
        .instant("t", *occurred_at)
        .instant("w", *recorded_at)
        .maybe("m", member.as_ref().map(|member| text(member.as_str())));
    let fields = match takes {
        Takes::Order(Refund { id, source, order_id, amount, lines }) => fields
            .text("i", id)
            .text("s", source)
            .text("d", order_id)
            .minor_unless_zero("a", *amount)
            .list("l", lines.iter().map(encode_line).collect()),
        Takes::Fact { of: ReverseActivity { source, id, reason }, by } => {
            let by = by.as_ref().map(|doer| text(&doer.who));
            fields.text("i", id).text("s", source).maybe("e", reason.as_ref().map(text)).maybe("by", by)
        }
    };
    if parked.waits() { fields.done() } else { fields.word("x", &FATES, *fate).done() }
}

fn decode_one(value: &AttributeValue) -> Result<Parked, Damage> {
    let read = Read::of(value, PARKED)?;
    let member = read.maybe_text("m")?.map(|member| member.parse().map_err(|_not_an_id| damaged("m")));
    let fate = if read.0.contains_key("x") { read.word("x", &FATES)? } else { Fate::Waits };
    Ok(Parked {
        operation: OperationId(as_bytes(read.0.get("o"), "o")?),
        content: ContentHash(as_bytes(read.0.get("c"), "c")?),
        occurred_at: read.instant("t")?,
        recorded_at: read.instant("w")?,
        member: member.transpose()?,
        takes: decode_takes(&read)?,
        fate,
    })
}

fn decode_takes(read: &Read<'_>) -> Result<Takes, Damage> {
    let (id, source) = (read.text("i")?, read.text("s")?);
    if let Some(order_id) = read.maybe_text("d")? {
        let (amount, lines) = (read.minor_or_zero("a")?, read.list("l", decode_line)?);
        return Ok(Takes::Order(Refund { id, source, order_id: order_id.to_owned(), amount, lines }));
    }
    let of = ReverseActivity { source, id, reason: read.maybe_text("e")? };
    Ok(Takes::Fact { of, by: read.maybe_text("by")?.map(Doer::new) })
}

fn encode_line(line: &LineReturn) -> AttributeValue {
    let LineReturn { line, sku, quantity, amount } = line;
    Fields::default()
        .maybe("l", line.map(number))
        .maybe("s", sku.as_ref().map(text))
        .maybe("q", quantity.map(number))
        .maybe("a", amount.map(number))
        .done()
}

fn decode_line(value: &AttributeValue) -> Result<LineReturn, Damage> {
    let read = Read::of(value, PARKED)?;
    Ok(LineReturn {
        line: read.maybe_number("l")?,
        sku: read.maybe_text("s")?,
        quantity: read.maybe_number("q")?,
        amount: read.maybe_number("a")?.map(Minor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refunds_are_read_as_they_were_written_and_a_change_shows() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let line = LineReturn { line: Some(1), sku: Some("茶".to_owned()), quantity: Some(2), amount: Some(Minor(0)) };
        let refund = |id: &str, lines| {
            let (id, source, order_id) = (id.to_owned(), "门店".to_owned(), "1001".to_owned());
            Takes::Order(Refund { id, source, order_id, amount: Minor(3_000), lines })
        };
        let parked = |takes, member: Option<&str>, fate| Parked {
            operation: OperationId([1; 16]),
            content: ContentHash([2; 8]),
            occurred_at: at(1_000),
            recorded_at: at(2_000),
            member: member.map(|member| member.parse().unwrap()),
            takes,
            fate,
        };
        let of = |reason: Option<&str>| ReverseActivity {
            source: "app".into(),
            id: "u-1".into(),
            reason: reason.map(Into::into),
        };
        let fact = |reason, by: Option<&str>| Takes::Fact { of: of(reason), by: by.map(Doer::new) };
        let fates = FATES.iter().map(|(fate, word)| parked(refund(word, vec![]), None, *fate));
        let waiting = [
            parked(refund("r-1", vec![line, LineReturn::default()]), Some("m-1"), Fate::Waits),
            parked(fact(None, None), Some("m-1"), Fate::Waits),
            parked(fact(Some("撤回"), Some("partner:app")), Some("m-1"), Fate::Netted),
        ];
        let all: Vec<Parked> = waiting.into_iter().chain(fates).collect();
        let item = |value| Item::from([(PARKED.to_owned(), value)]);
        let stored = encode_parked(&all);
        assert_eq!(decode_parked(&item(stored.clone())).unwrap(), all);
        assert_eq!(decode_parked(&Item::new()).unwrap(), []);
        let values = stored.as_l().unwrap();
        for place in 1..values.len() {
            let mut less = values.clone();
            less.remove(place);
            assert!(decode_parked(&item(list(less))).is_err(), "{place}");
        }
    }
}
