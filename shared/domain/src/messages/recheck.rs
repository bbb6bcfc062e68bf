//! Whether a message is still to be sent, right before it is (rules: messages 1).

use jiff::Timestamp;

use super::message::Message;
use crate::programme::journey::Purpose;

/// What is found of the member, the enrolment and the address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is looked at by itself, in one order")]
pub struct Found {
    /// Nobody is known by this id any more.
    pub erased: bool,
    /// The member left.
    pub closed: bool,
    /// The journey has ended.
    pub exited: bool,
    /// Quiet hours have begun, or the window has closed.
    pub held: bool,
    /// Marketing waits for this member.
    pub suspended: bool,
    /// It was not agreed to, or refused.
    pub no_consent: bool,
    /// There is no address.
    pub no_address: bool,
    /// Letters come back from there.
    pub suppressed: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent.
    Send,
    /// It is not, for a reason.
    Skip(&'static str),
    /// It is not yet: its step is decided anew.
    Return,
}

/// Is it still to be sent? The first that stands against it is named.
#[must_use]
pub fn check(message: &Message, found: Found, now: Timestamp) -> Verdict {
    let marketing = message.purpose == Purpose::Marketing;
    let before = [
        (found.erased || (found.closed && marketing), "erased"),
        (found.exited, "exited"),
        (now >= message.latest_at, "late"),
    ];
    let after = [
        (found.suspended && marketing, "suspended"),
        (found.no_consent, "no_consent"),
        (found.no_address, "no_address"),
        (found.suppressed, "suppressed"),
    ];
    let first =
        |reasons: &[(bool, &'static str)]| reasons.iter().find(|(stands, _)| *stands).map(|(_, reason)| *reason);
    match (first(&before), found.held, first(&after)) {
        (Some(reason), ..) | (None, false, Some(reason)) => Verdict::Skip(reason),
        (None, true, _) => Verdict::Return,
        (None, false, None) => Verdict::Send,
    }
}
