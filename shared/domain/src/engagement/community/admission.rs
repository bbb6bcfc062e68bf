//! Who comes: by a token at the door, by digits on line.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::facts::CommunityFact;
use super::rsvp::{Guests, Rsvp, RsvpState, Seat};
use crate::engagement::activity::Activity;
use crate::engagement::mac::mac;
use crate::kernel::canonical::first;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::programme::engagement::community::Event;

/// How much later a door list may be handed in.
const OFFLINE: SignedDuration = SignedDuration::from_hours(48);
/// How long the digits stand, in minutes.
const MINUTES: i64 = 5;
/// The wrong digits after which nobody may try for a while.
const WRONG: u8 = 5;
/// How long that is.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);

refusals! {
    /// Why somebody is not let in.
    AttendanceRefusal {
        /// It is no token of a guest of this event, or not the time for it.
        Invalid InvalidToken ("invalid_token" at "token") = "this is no token of a guest of this event, at this time",
        /// The member does not come.
        Conflict RsvpCancelled ("rsvp_cancelled") = "the member has given the seat up",
        /// The member waits.
        Conflict RsvpWaiting ("rsvp_waiting") = "the member waits for a seat",
        /// The member has not asked.
        Conflict NoRsvp ("no_rsvp") = "the member has not asked for a seat",
        /// Wrong digits were entered too often.
        TooOften TooManyTries ("too_many_tries") {
            /// Until when none are taken.
            until: Timestamp,
        } = "wrong digits were entered too often",
    }
}

/// URL-safe base 64 without padding, as in RFC 4648.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bit = |at: usize| bytes.get(at.div_euclid(8)).map_or(0, |byte| byte >> (7_usize.saturating_sub(at % 8)) & 1);
    let letters = bytes.len().saturating_mul(8).div_ceil(6);
    let letter = |place: usize| {
        let from = place.saturating_mul(6);
        let value = (from..from.saturating_add(6)).fold(0_u8, |value, at| value << 1 | bit(at));
        char::from(ALPHABET[usize::from(value)])
    };
    (0..letters).map(letter).collect()
}

/// The token of a guest: `event.member.version.mark`.
#[must_use]
pub fn token(secret: &[u8], event: &str, rsvp: &Rsvp) -> String {
    let mark: [u8; 16] = first(mac(secret, &format!("{event}|{}|{}", rsvp.member, rsvp.version)));
    format!("{event}.{}.{}.{}", rsvp.member, rsvp.version, base64url(&mark))
}

/// The member whom a token names, if it is one of this event.
fn named(secret: &[u8], event: &str, token_text: &str) -> Option<(MemberId, u32)> {
    let mut parts = token_text.rsplitn(4, '.');
    let (_, version, member) = (parts.next()?, parts.next()?, parts.next()?);
    let (member, version) = (member.parse::<MemberId>().ok()?, version.parse::<u32>().ok()?);
    let guest = Rsvp { member, version, state: RsvpState::Confirmed };
    (token(secret, event, &guest) == token_text).then_some((guest.member, version))
}

/// Lets a guest in by a token, or somebody who comes without having asked where there is a seat. The first time, a fact is told.
///
/// # Errors
/// The token does not open; the member has no seat.
pub fn scan(
    (secret, text): (&[u8], &str),
    event: &Event,
    guests: &Guests,
    rsvp: Option<&Rsvp>,
    (seen_at, now): (Timestamp, Timestamp),
) -> Result<(Seat, bool), AttendanceRefusal> {
    let (member, version) = named(secret, &event.id, text).ok_or(AttendanceRefusal::InvalidToken)?;
    let open = (event.promote_until()..event.ends_at).contains(&seen_at);
    let told_in_time = seen_at <= now && now.duration_since(seen_at) <= OFFLINE;
    if !open || !told_in_time || rsvp.is_some_and(|rsvp| rsvp.member != member) {
        return Err(AttendanceRefusal::InvalidToken);
    }
    let attended = RsvpState::Attended { at: seen_at };
    let known = Rsvp { member, version, state: attended };
    let told = vec![CommunityFact::EventAttended { event: event.id.clone() }];
    let walks_in = event.walk_ins && guests.has_seat();
    match rsvp.map(|rsvp| (rsvp, rsvp.state)) {
        Some((rsvp, _)) if rsvp.version != version => Err(AttendanceRefusal::InvalidToken),
        Some((rsvp, RsvpState::Attended { .. })) => {
            Ok((Seat { guests: guests.clone(), rsvp: rsvp.clone(), facts: Vec::new() }, false))
        }
        Some((_, RsvpState::Confirmed | RsvpState::NoShow)) => {
            Ok((Seat { guests: guests.clone(), rsvp: known, facts: told }, true))
        }
        Some((_, RsvpState::Cancelled)) => Err(AttendanceRefusal::RsvpCancelled),
        Some((_, RsvpState::Waiting { .. })) if walks_in => {
            Ok((Seat { guests: guests.seated(true), rsvp: known, facts: told }, true))
        }
        Some((_, RsvpState::Waiting { .. })) => Err(AttendanceRefusal::RsvpWaiting),
        None if walks_in => Ok((Seat { guests: guests.seated(false), rsvp: known, facts: told }, true)),
        None => Err(AttendanceRefusal::NoRsvp),
    }
}

/// What the ledger is told of somebody who came.
#[must_use]
pub(super) fn activity(event: &str, member: &MemberId, at: Timestamp) -> Activity {
    Activity::new("event.attended", format!("event|{event}|{member}"), member, at).saying("event", event)
}

impl Seat {
    /// What the ledger is told of it: somebody came.
    #[must_use]
    pub fn activity(&self, event: &Event) -> Option<Activity> {
        let RsvpState::Attended { at } = self.rsvp.state else { return None };
        (!self.facts.is_empty()).then(|| activity(&event.id, &self.rsvp.member, at))
    }
}

/// The six digits of some five minutes.
#[must_use]
pub fn digits(secret: &[u8], event: &str, at: Timestamp) -> String {
    digits_of(secret, event, at.as_second().div_euclid(60).div_euclid(MINUTES))
}

fn digits_of(secret: &[u8], event: &str, window: i64) -> String {
    let number = u64::from_be_bytes(first(mac(secret, &format!("{event}|{window}"))));
    format!("{:06}", number.rem_euclid(1_000_000))
}

/// The wrong digits of a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How many in a row.
    pub wrong: u8,
    /// When the last of them were entered.
    pub last: Option<Timestamp>,
}

/// Lets a guest in on line by the digits of these five minutes or those before, while the event lasts.
///
/// # Errors
/// The digits are others, with the tries afterwards; or there were too many.
pub fn enter(
    (secret, entered): (&[u8], &str),
    event: &Event,
    rsvp: Option<&Rsvp>,
    tries: Tries,
    now: Timestamp,
) -> Result<(Rsvp, bool), (AttendanceRefusal, Tries)> {
    let paused = tries.last.and_then(|last| last.saturating_add(PAUSE).ok()).filter(|until| now < *until);
    if let Some(until) = paused.filter(|_| tries.wrong >= WRONG) {
        return Err((AttendanceRefusal::TooManyTries { until }, tries));
    }
    let rsvp = match rsvp.map(|rsvp| (rsvp, rsvp.state)) {
        Some((rsvp, RsvpState::Attended { .. })) => return Ok((rsvp.clone(), false)),
        Some((rsvp, RsvpState::Confirmed)) => rsvp,
        Some((_, RsvpState::Waiting { .. })) => return Err((AttendanceRefusal::RsvpWaiting, tries)),
        Some((_, RsvpState::Cancelled)) => return Err((AttendanceRefusal::RsvpCancelled, tries)),
        Some((_, RsvpState::NoShow)) | None => return Err((AttendanceRefusal::NoRsvp, tries)),
    };
    let window = now.as_second().div_euclid(60).div_euclid(MINUTES);
    let right = [window, window.saturating_sub(1)].map(|window| digits_of(secret, &event.id, window));
    if (event.starts_at..event.ends_at).contains(&now) && right.iter().any(|right| right == entered) {
        return Ok((Rsvp { state: RsvpState::Attended { at: now }, ..rsvp.clone() }, true));
    }
    let wrong = if tries.wrong >= WRONG { 1 } else { tries.wrong.saturating_add(1) };
    let tries = Tries { wrong, last: Some(now) };
    let until = now.saturating_add(PAUSE).expect("a duration suits a timestamp");
    let refusal =
        if wrong >= WRONG { AttendanceRefusal::TooManyTries { until } } else { AttendanceRefusal::InvalidToken };
    Err((refusal, tries))
}
