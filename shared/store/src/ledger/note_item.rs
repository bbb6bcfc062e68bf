//! Notes as items: accounts one after the other in one binary, so that a note of many of them has few units.
//!
//! | of an account, in this order | bytes |
//! |---|---|
//! | member | its length, then it |
//! | first, sequence, balance | one for every seven bits, the lowest first (LEB128); the balance zigzag |
//! | before, head, seal | 32, 32, 16 |
//!
//! That is 85 and the member's id, up to entry 127 and a balance of 8,191.

use domain::kernel::canonical::Hash;
use domain::kernel::quantity::Points;
use domain::ledger::proof::Leaf;
use domain::ledger::seal::Seal;
use jiff::civil::Date;

use crate::attribute::{Item, bytes, text};
use crate::check::{checked, put_check};
use crate::error::{Damage, damaged};
use crate::table;

/// The attribute.
const LEAVES: &str = "leaves";

/// A note of accounts that were written, under a name, for a day.
#[must_use]
pub fn encode_note<'a>(day: Date, name: &str, leaves: impl Iterator<Item = &'a Leaf>) -> Item {
    let mut all = Vec::new();
    leaves.for_each(|leaf| encode_leaf(leaf, &mut all));
    let mut item: Item = [
        (table::OF.to_owned(), text(table::NOTES)),
        (table::AT.to_owned(), text(table::note(day, name))),
        (LEAVES.to_owned(), bytes(&all)),
    ]
    .into();
    put_check(&mut item, &[]);
    item
}

fn encode_leaf(leaf: &Leaf, to: &mut Vec<u8>) {
    let Leaf { member, first, before, sequence, head, balance, seal } = leaf;
    let member = member.as_str().as_bytes();
    to.push(u8::try_from(member.len()).expect("an id has 64 characters at most"));
    to.extend_from_slice(member);
    for number in [*first, *sequence, zigzag(balance.0)] {
        encode_number(number, to);
    }
    to.extend_from_slice(&before.0);
    to.extend_from_slice(&head.0);
    to.extend_from_slice(&seal.0);
}

fn encode_number(mut number: u64, to: &mut Vec<u8>) {
    while number > 0x7f {
        let [lowest, ..] = number.to_le_bytes();
        to.push(lowest | 0x80);
        number >>= 7;
    }
    let [last, ..] = number.to_le_bytes();
    to.push(last);
}

/// Small numbers of either sign as small numbers: 0, -1, 1, -2 are 0, 1, 2, 3.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ (number & 1).cast_signed().wrapping_neg()
}

/// What a note says of each account.
///
/// # Errors
/// The item is damaged.
pub fn decode_note(note: &Item) -> Result<Vec<Leaf>, Damage> {
    decode(note).map_err(|damage| damage.of(table::CHECKPOINTS))
}

fn decode(note: &Item) -> Result<Vec<Leaf>, Damage> {
    let [] = checked(note)?;
    let stored = note.get(LEAVES).and_then(|value| value.as_b().ok()).ok_or_else(|| damaged(LEAVES))?;
    let (mut left, mut leaves) = (Left(stored.as_ref()), Vec::new());
    while !left.0.is_empty() {
        leaves.push(left.leaf()?);
    }
    Ok(leaves)
}

/// What is left to be read of a note.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (taken, left) = self.0.split_at_checked(count).ok_or_else(|| damaged(LEAVES))?;
        self.0 = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        self.take(N)?.try_into().map_err(|_other_length| damaged(LEAVES))
    }

    fn number(&mut self) -> Result<u64, Damage> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            let part = bits << shift;
            if part >> shift != bits {
                break;
            }
            number |= part;
            if byte <= 0x7f {
                return Ok(number);
            }
        }
        Err(damaged(LEAVES)) // more than 64 bits
    }

    fn leaf(&mut self) -> Result<Leaf, Damage> {
        let [length] = self.array()?;
        let member = std::str::from_utf8(self.take(length.into())?).map_err(|_no_text| damaged(table::MEMBER))?;
        Ok(Leaf {
            member: member.parse().map_err(|_not_an_id| damaged(table::MEMBER))?,
            first: self.number()?,
            sequence: self.number()?,
            balance: Points(unzigzag(self.number()?)),
            before: Hash(self.array()?),
            head: Hash(self.array()?),
            seal: Seal(self.array()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(member: &str, first: u64, sequence: u64, balance: i64) -> Leaf {
        Leaf {
            member: member.parse().expect("an id"),
            first,
            before: Hash::of("before"),
            sequence,
            head: Hash::of("head"),
            balance: Points(balance),
            seal: Seal([7; 16]),
        }
    }

    fn noted(leaves: &[Leaf]) -> Item {
        encode_note(jiff::civil::date(2026, 3, 1), "name", leaves.iter())
    }

    #[test]
    fn every_number_comes_back() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::MAX >> 1, u64::MAX];
        let balances = [0, -1, 1, 8_191, -8_192, 8_192, i64::MAX, i64::MIN];
        for (number, balance) in numbers.into_iter().zip(balances) {
            let leaves = [leaf("m-1", number, number, balance), leaf(&"x".repeat(64), 1, number, balance)];
            assert_eq!(decode_note(&noted(&leaves)).expect("a note"), leaves);
        }
        assert_eq!(decode_note(&noted(&[])).expect("a note"), []);
    }

    #[test]
    fn a_usual_account_has_the_bytes_that_it_is_said_to_have() {
        let one = [leaf("01J9ZC4W7T5Q3N8X2V6B0KDEFG", 120, 127, 8_191)];
        let bytes = |item: &Item| item[LEAVES].as_b().expect("bytes").as_ref().len();
        assert_eq!(bytes(&noted(&one)), 85 + 26);
    }

    #[test]
    fn what_is_no_list_of_accounts_is_damage() {
        let whole = noted(&[leaf("m-1", 1, 2, 3)]);
        let stored = whole[LEAVES].as_b().expect("bytes").as_ref().to_vec();
        let with = |stored: &[u8]| {
            let mut item = whole.clone();
            item.insert(LEAVES.to_owned(), bytes(stored));
            put_check(&mut item, &[]);
            decode_note(&item)
        };
        assert!(with(&stored).is_ok());
        for end in 1..stored.len() {
            assert!(with(&stored[..end]).is_err(), "{end} bytes of {}", stored.len());
        }
        let mut long = stored.clone();
        long.splice(4..5, [0xff; 10]);
        assert!(with(&long).is_err(), "a number of 70 bits");
        let mut other = stored;
        other[1] = b' ';
        assert!(with(&other).is_err(), "no id");
    }
}
