//! A code is sent to an identifier, and who knows it has it (rules: members 12).
//!
//! The code follows from the name of the verification under a key that nobody is shown: it stands nowhere, so nothing that is read
//! or told gives it away.

use jiff::{SignedDuration, Timestamp};

use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::members::identifier::Kind;
use crate::members::state::{Held, Member};

/// How long a code is good for.
pub const VALID: SignedDuration = SignedDuration::from_mins(10);

/// Over which time codes are counted.
const WHILE: SignedDuration = SignedDuration::from_hours(1);

/// The most codes of an identifier in that time.
const SENDS: usize = 3;

/// How often a code may be said wrongly.
pub const TRIES: u8 = 5;

refusals! {
    /// An identifier cannot be verified.
    Verifying {
        /// The member has none of this number, or the caller does not see it.
        NotFound NothingToVerify ("not_found") = "there is no such identifier",
        /// Nothing can be sent there, or it is another's.
        Invalid NotVerifiable ("not_verifiable") = "a code is sent to a phone, an address or a user of WeCom that is the member's own",
        /// Codes were sent there already.
        TooOften TooManyCodes ("too_many_codes") {
            /// After how many seconds another may be.
            retry_after_s: i64,
        } = "as many codes were sent there as may be in an hour",
        /// None was sent, or the member has said it.
        NotFound NoCode ("no_code") = "no code waits for an answer; have one sent",
        /// It was sent too long ago.
        Gone CodeExpired ("code_expired") = "the code has expired; have another sent",
        /// It is another code.
        Invalid WrongCode ("wrong_code" at "code") {
            /// How often it may still be said.
            left: u8,
        } = "that is not the code",
        /// It was said wrongly too often.
        TooOften TooManyTries ("too_many_tries") = "the code was said wrongly too often; have another sent",
    }
}

/// What is known of the codes that were sent to an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The newest one's name, from which the code follows.
    pub id: String,
    /// Who wanted it.
    pub member: MemberId,
    /// When the newest were sent, the oldest first; never none.
    pub sent: Vec<Timestamp>,
    /// How often the newest was said wrongly.
    pub wrong: u8,
    /// The newest was said.
    pub done: bool,
}

/// What somebody says is the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is.
    Right(Verification),
    /// It is, and was said before.
    Again,
    /// It is not, which is counted.
    Wrong(Verification),
}

/// The identifier of a member that a code can be sent to; `of` are the sources whose identifiers the caller sees, none if it sees all.
///
/// # Errors
/// There is none of this number, or nothing can be sent there.
pub fn verifiable<'a>(member: &'a Member, n: u32, of: Option<&[String]>) -> Result<&'a Held, Verifying> {
    let held = member.identifiers.iter().find(|held| held.n == n);
    let held = held.filter(|held| of.is_none_or(|sources| sources.contains(&held.source)));
    let held = held.ok_or(Verifying::NothingToVerify)?;
    let reached = matches!(held.identifier.kind, Kind::Phone | Kind::Email | Kind::Wecom);
    if reached && !held.contact && !member.is_deceased() { Ok(held) } else { Err(Verifying::NotVerifiable) }
}

/// Has a code sent, under a new name.
///
/// # Errors
/// As many were sent in the last hour as may be, whoever wanted them.
pub fn send(
    known: Option<&Verification>,
    member: &MemberId,
    id: String,
    now: Timestamp,
) -> Result<Verification, Verifying> {
    let lately = |at: &&Timestamp| now.duration_since(**at) < WHILE;
    let mut sent: Vec<Timestamp> = known.iter().flat_map(|known| &known.sent).filter(lately).copied().collect();
    if let Some(first) = sent.first().filter(|_| sent.len() >= SENDS) {
        let left = WHILE.saturating_sub(now.duration_since(*first)).as_secs().max(1);
        return Err(Verifying::TooManyCodes { retry_after_s: left });
    }
    sent.push(now);
    Ok(Verification { id, member: member.clone(), sent, wrong: 0, done: false })
}

/// Somebody says what the code is. `code` is what it is.
///
/// # Errors
/// None waits for this member, it has expired, or it was said wrongly too often.
pub fn confirm(
    known: Option<&Verification>,
    member: &MemberId,
    (said, code): (&str, &str),
    now: Timestamp,
) -> Result<Heard, Verifying> {
    let known = known.filter(|known| known.member == *member).ok_or(Verifying::NoCode)?;
    let right = said == code;
    if known.done {
        return if right { Ok(Heard::Again) } else { Err(Verifying::NoCode) };
    }
    let sent = known.sent.last().copied().unwrap_or(Timestamp::MIN);
    if now.duration_since(sent) > VALID {
        return Err(Verifying::CodeExpired);
    }
    if known.wrong >= TRIES {
        return Err(Verifying::TooManyTries);
    }
    Ok(if right {
        Heard::Right(Verification { done: true, ..known.clone() })
    } else {
        Heard::Wrong(Verification { wrong: known.wrong.saturating_add(1), ..known.clone() })
    })
}

/// What a code that was said wrongly is answered.
#[must_use]
pub fn not_that(counted: &Verification) -> Verifying {
    Verifying::WrongCode { left: TRIES.saturating_sub(counted.wrong) }
}

/// The code that a keyed hash of a verification's name stands for: the hash as a number, its last six digits.
#[must_use]
pub fn code(hash: [u8; 32]) -> String {
    let next = |rest: u32, byte: &u8| rest.saturating_mul(256).saturating_add(u32::from(*byte)) % 1_000_000;
    let digits = hash.iter().fold(0, next);
    format!("{digits:06}")
}
