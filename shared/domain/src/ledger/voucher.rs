//! Voucher codes: 80 bits that nobody can guess, the same whenever the redemption is answered, kept only as a hash.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::kernel::canonical::Hash;
use crate::kernel::id::{MemberId, OperationId};
use crate::kernel::refusal::refusals;
use crate::kernel::time::add_days;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::granted::MAX_VALID_DAYS;
use crate::programme::compiled::Programmes;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

refusals! {
    /// Why a voucher cannot be used, or not be taken back.
    UsingVoucher {
        /// The voucher was used: its points do not come back.
        Conflict VoucherUsed ("voucher_used") = "the voucher was used; its points do not come back",
        /// The voucher does not exist, or is void or expired.
        Conflict VoucherNotValid ("voucher_not_valid") {
            /// `void` or `expired`.
            state: &'static str,
        } = "the voucher is not valid",
    }
}

/// The voucher of a redemption, as its entry says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The redemption's entry.
    pub redemption: u64,
    /// Its operation: the code follows from it.
    pub operation: OperationId,
    /// Of which reward.
    pub reward: String,
    /// Until when it is valid, exclusive.
    pub expires_at: Timestamp,
}

impl Issued {
    /// Of an entry, if it is a redemption with a voucher.
    #[must_use]
    pub fn by(entry: &Entry) -> Option<Self> {
        let Detail::Redeem { reward, voucher_expires_at: Some(expires_at), .. } = &entry.detail else { return None };
        let (redemption, operation) = (entry.sequence, entry.operation);
        Some(Self { redemption, operation, reward: reward.clone(), expires_at: *expires_at })
    }
}

/// A voucher as it is kept: without its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Whose.
    pub member: MemberId,
    /// The entry of its redemption.
    pub redemption: u64,
    /// Of which reward.
    pub reward: String,
    /// Until when it is valid, exclusive.
    pub expires_at: Timestamp,
    /// What became of it.
    pub state: VoucherState,
}

/// Which vouchers of a member are shown: whichever can still be used, and what became of the others of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Those redeemed since then are shown, whatever became of them.
    recent: Timestamp,
    /// No voucher that can still be used is older.
    oldest: Timestamp,
    now: Timestamp,
}

impl Shown {
    /// At an instant.
    #[must_use]
    pub fn at(programmes: &Programmes, now: Timestamp) -> Self {
        let usual = programmes.longest_voucher();
        let longest = if usual > 0 { usual.max(MAX_VALID_DAYS) } else { 0 };
        let since = |days: i32| add_days(now, days.saturating_add(1).saturating_neg());
        Self { recent: since(usual), oldest: since(longest), now }
    }

    /// Since when they were redeemed.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.oldest
    }

    /// When this is asked.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The voucher of an entry, if it is shown.
    #[must_use]
    pub fn voucher_of(&self, entry: &Entry) -> Option<Issued> {
        Issued::by(entry).filter(|issued| entry.recorded_at >= self.recent || issued.expires_at > self.now)
    }
}

/// What became of a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherState {
    /// It waits for its use.
    Issued,
    /// It was used.
    Used,
    /// Its redemption was taken back.
    Void,
}

/// A voucher code: 16 characters of Crockford's base 32, shown in groups of four.
#[derive(Clone, PartialEq, Eq)]
pub struct VoucherCode(String);

impl VoucherCode {
    /// The code of a redemption: the first 80 bits of HMAC-SHA256 under the platform's secret. Derived, not drawn, so that a
    /// repeated request is answered with the same code although only its hash is stored.
    #[must_use]
    pub fn derive(secret: &[u8; 32], member: &MemberId, issued: &Issued) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(&issued.operation.0);
        mac.update(&issued.redemption.to_be_bytes()); // a key may be used again when it is forgotten
        mac.update(member.as_str().as_bytes());
        let bits =
            mac.finalize().into_bytes().iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let digit = |place: u32| {
            let index =
                usize::try_from((bits >> (75_u32.saturating_sub(place.saturating_mul(5)))) & 31).expect("five bits");
            char::from(ALPHABET[index])
        };
        Self((0..16).map(digit).collect())
    }

    /// The hash under which the voucher is stored.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

impl FromStr for VoucherCode {
    type Err = String;

    /// Reads what people type: any case, with or without dashes, O for 0, I and L for 1.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a voucher code has 16 letters and digits".to_owned();
        let mut code = String::new();
        for letter in text.chars().filter(|letter| *letter != '-') {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
            code.push(Some(letter).filter(|_| known).ok_or_else(wrong)?);
        }
        if code.len() == 16 { Ok(Self(code)) } else { Err(wrong()) }
    }
}

impl fmt::Display for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.0.split_at(8);
        write!(f, "{}-{}-{}-{}", &first[..4], &first[4..], &rest[..4], &rest[4..])
    }
}

impl fmt::Debug for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VoucherCode(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_for_a_redemption_and_another_for_any_other() {
        let member: MemberId = "m-1".parse().unwrap();
        let issued = |operation: u8, redemption| Issued {
            redemption,
            operation: OperationId([operation; 16]),
            reward: "drink".to_owned(),
            expires_at: Timestamp::MAX,
        };
        let code = |secret: u8, operation| VoucherCode::derive(&[secret; 32], &member, &issued(operation, 7));
        assert_eq!(code(1, 1), code(1, 1));
        assert_ne!(code(1, 1), code(1, 2));
        assert_ne!(code(1, 1), VoucherCode::derive(&[1; 32], &member, &issued(1, 8)), "the same key, later");
        assert_ne!(code(1, 1), code(2, 1));
        let shown = code(1, 1).to_string();
        assert_eq!(shown.len(), 19);
        assert_eq!(shown.to_lowercase().replace('0', "o").parse::<VoucherCode>().unwrap(), code(1, 1));
        assert!("AAAA-BBBB".parse::<VoucherCode>().is_err());
        assert!("AAAA-BBBB-CCCC-DDD王".parse::<VoucherCode>().is_err());
    }
}
