//! The lines of an order as they were paid, in the order's row of `facts`: one flat list, `l`.
//!
//! `[content, shipping, sku, quantity, kind, gross, discount, net, tax, attributes, sku, ...]`: the hash of the report that they are of
//! with a check of four bytes over all that follows, what was paid for shipping contained in the lines, then eight values a line.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::ContentHash;
use domain::kernel::quantity::Minor;
use domain::ledger::lines::{LineKind, PaidLine, PaidLines};

use crate::attribute::{as_bytes, as_list, as_map, bytes, number, text};
use crate::check::check_of;
use crate::error::{Damage, contradicts, damaged};
use crate::ledger::detail_item::{decode_scalar, encode_scalar};
use crate::ledger::flat::{Flat, list};

/// The report that lines are of, and the lines as they were paid.
pub(crate) type KeptLines = (ContentHash, PaidLines);

/// As an attribute, with the hash of the report that they are of.
pub(crate) fn encode_lines(content: ContentHash, paid: &PaidLines) -> AttributeValue {
    let mut values = vec![number(paid.shipping)];
    for line in &paid.lines {
        let PaidLine { sku, quantity, kind, gross, discount, net, tax, attributes } = line;
        let kind = match kind {
            LineKind::Goods => 0,
            LineKind::Shipping => 1,
        };
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), encode_scalar(value))).collect();
        values.extend([text(sku), number(quantity), number(kind)]);
        values.extend([gross, discount, net, tax].map(number));
        values.push(AttributeValue::M(attributes));
    }
    let head = bytes(&[&content.0[..], &check_of(&list(values.clone()))].concat());
    values.insert(0, head);
    list(values)
}

/// From an attribute.
///
/// # Errors
/// It is damaged.
pub(crate) fn decode_lines(value: &AttributeValue) -> Result<KeptLines, Damage> {
    let mut flat = Flat::new(Some(value), "l")?;
    let [content @ .., a, b, c, d] = as_bytes::<12>(Some(flat.any()?), "l")?;
    let rest = as_list(Some(value), "l")?.get(1..).unwrap_or_default();
    if check_of(&list(rest.to_vec())) != [a, b, c, d] {
        return Err(contradicts("l"));
    }
    let content = ContentHash(content);
    let shipping = Minor(flat.number()?);
    let lines = flat.all(|flat| {
        Ok(PaidLine {
            sku: flat.text()?,
            quantity: flat.number()?,
            kind: match flat.number::<u8>()? {
                0 => LineKind::Goods,
                1 => LineKind::Shipping,
                _ => return Err(damaged("l")),
            },
            gross: Minor(flat.number()?),
            discount: Minor(flat.number()?),
            net: Minor(flat.number()?),
            tax: Minor(flat.number()?),
            attributes: {
                let fields = as_map(Some(flat.any()?), "l")?.into_iter();
                let fields = fields.map(|(name, value)| Ok((name.clone(), decode_scalar(value)?)));
                fields.collect::<Result<_, Damage>>()?
            },
        })
    })?;
    Ok((content, PaidLines { lines, shipping }))
}

#[cfg(test)]
mod tests {
    use domain::programme::condition::Scalar;

    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let attributes = [
            ("brand".to_owned(), Scalar::Text("龙井".to_owned())),
            ("gift".to_owned(), Scalar::Boolean(true)),
            ("grams".to_owned(), Scalar::Integer(250)),
        ];
        let line = |sku: &str, kind, net, attributes| PaidLine {
            sku: sku.to_owned(),
            quantity: 3,
            kind,
            gross: Minor(20_000),
            discount: Minor(500),
            net: Minor(net),
            tax: Minor(9),
            attributes,
        };
        let goods = line("tea-250", LineKind::Goods, 19_500, attributes.into());
        let delivery = line("", LineKind::Shipping, 0, [].into());
        for lines in [vec![], vec![goods, delivery]] {
            let (content, paid) = (ContentHash([7; 8]), PaidLines { lines, shipping: Minor(12) });
            let stored = encode_lines(content, &paid);
            assert_eq!(decode_lines(&stored).unwrap(), (content, paid));
            let values = stored.as_l().unwrap();
            for place in 1..values.len() {
                let (mut other, mut less) = (values.clone(), values.clone());
                other[place] = number(7_777);
                less.remove(place);
                assert!([other, less].into_iter().all(|values| decode_lines(&list(values)).is_err()), "{place}");
            }
        }
    }
}
