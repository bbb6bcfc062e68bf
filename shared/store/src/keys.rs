//! Every key of every table, in one place.

use domain::id::{Hash, MemberId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Hash key of `accounts` and `pages`.
pub const MEMBER: &str = "member";
/// Range key of `pages`: the sequence of the page's first entry.
pub const FIRST: &str = "first";
/// Hash key of `catalogue`.
pub const ID: &str = "id";
/// Hash key of the index `due` on `accounts`.
pub const DUE: &str = "due";
/// The name of that index.
pub const DUE_INDEX: &str = "due";
/// Over how many shards the accounts that are due on a day are spread.
pub const DUE_SHARDS: u32 = 64;

/// The list of programme versions.
pub const PROGRAMME: &str = "programme";
/// The secret under which voucher codes are derived.
pub const VOUCHER_SECRET: &str = "secret#voucher";
/// How far the sweep of due accounts has come.
pub const SWEEP: &str = "sweep#due";

/// A programme version's document.
#[must_use]
pub fn programme(number: u32) -> String {
    format!("programme#{number}")
}

/// A shard of a reward's stock.
#[must_use]
pub fn stock(reward: &str, shard: u32) -> String {
    format!("stock#{reward}#{shard}")
}

/// A voucher, by the hash of its code.
#[must_use]
pub fn voucher(code: Hash) -> String {
    format!("voucher#{code}")
}

/// The UTC day of an instant: due accounts are kept by it.
#[must_use]
pub fn due_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The day after.
#[must_use]
pub fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

/// The day before.
#[must_use]
pub fn previous_day(day: Date) -> Date {
    day.saturating_sub(1.day())
}

/// Where an account that is due on a day is found.
#[must_use]
pub fn due(day: Date, shard: u32) -> String {
    format!("{day}#{shard}")
}

/// A member's shard among those due on one day.
#[must_use]
pub fn due_shard(member: &MemberId) -> u32 {
    let Hash(bytes) = Hash::of(member.as_str());
    u32::from(bytes[0]) % DUE_SHARDS
}

/// The day in a key of the index `due`.
#[must_use]
pub fn day_of(due: &str) -> Option<Date> {
    due.split_once('#')?.0.parse().ok()
}
