//! Somebody wants a member erased: when that happens, what keeps it waiting, and until when it can be taken back (rules: privacy 20).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::kernel::id::{EntryId, MemberId};
use crate::kernel::refusal::{WrongState, refusals};
use crate::kernel::time::{Zone, add_days};

refusals! {
    /// A member is not erased, or what was asked is not taken back.
    Erasing {
        /// Another member stands for this one: erased are both or none.
        Conflict Merged ("merged") {
            /// Who.
            survivor: MemberId,
        } = "another member stands for this one; erase that one, and this one goes with it",
        | WrongState,
    }
}

/// Why a member is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It was asked for.
    Asked,
    /// The account was closed, and not opened again in time.
    Closed,
    /// The member did nothing for so long.
    Dormant,
    /// The import that had enrolled the member is undone.
    Undone,
}

impl Because {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Closed, Self::Dormant, Self::Undone];

    /// As a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Closed => "closed",
            Self::Dormant => "dormant",
            Self::Undone => "undone",
        }
    }

    /// As the last entry of the account says it.
    #[must_use]
    pub const fn in_the_ledger(self) -> &'static str {
        match self {
            Self::Asked | Self::Closed | Self::Undone => "erased",
            Self::Dormant => "dormant",
        }
    }
}

/// It was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// By whom, as rows of the log name the caller.
    pub by: String,
    /// Why.
    pub because: Because,
    /// Until when it can be taken back, and since when it is carried out.
    pub due: Timestamp,
    /// The account was closed for it, and is opened again if it is taken back.
    pub closed: bool,
}

/// What has begun, until it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Claims that are to go, by their keys: none once they are gone.
    pub claims: Vec<String>,
    /// How many signals are to go, once they are counted.
    pub signals: Option<u64>,
}

/// An erasure before it has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Of whom.
    pub member: MemberId,
    /// Which one among those of the member, from 1.
    pub n: u64,
    /// That it was asked for; a hold can be there before.
    pub asked: Option<Asked>,
    /// The last local date of a hold.
    pub held_until: Option<Date>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// What has begun.
    pub work: Option<Work>,
}

impl Request {
    /// None yet.
    #[must_use]
    pub const fn new(member: MemberId) -> Self {
        Self { member, n: 1, asked: None, held_until: None, revoked_at: None, work: None }
    }

    /// What it is called.
    #[must_use]
    pub fn id(&self) -> String {
        EntryId { member: self.member.clone(), sequence: self.n }.to_string()
    }

    /// When it is carried out: after the days to think it over, and after a hold. None if nobody has asked.
    #[must_use]
    pub fn due(&self, zone: &Zone) -> Option<Timestamp> {
        let held = self.held_until.map(|last| zone.start_of(last.saturating_add(1.day())));
        self.asked.as_ref().map(|asked| held.map_or(asked.due, |held| held.max(asked.due)))
    }

    /// As a word: where it stands.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match (&self.asked, self.revoked_at) {
            (_, Some(_)) => "revoked",
            (Some(_), None) if self.work.is_some() => "erasing",
            (Some(_), None) => "waiting",
            (None, None) => "held",
        }
    }

    /// Somebody asks: at once, or after days in which it can be taken back. Whoever asks again hastens it at most.
    pub fn ask(&mut self, (by, because): (&str, Because), at_once: bool, now: Timestamp, cool_off_days: i32) {
        if self.revoked_at.take().is_some() {
            (self.n, self.asked) = (self.n.saturating_add(1), None);
        }
        let due = if at_once { now } else { add_days(now, cool_off_days) };
        match &mut self.asked {
            Some(asked) => asked.due = asked.due.min(due),
            none => *none = Some(Asked { at: now, by: by.to_owned(), because, due, closed: false }),
        }
    }

    /// It is taken back: whether the account is to be opened again. Once is once.
    ///
    /// # Errors
    /// Nobody has asked, or it is too late.
    pub fn revoke(&mut self, now: Timestamp, zone: &Zone) -> Result<bool, Erasing> {
        if self.revoked_at.is_some() {
            return Ok(false);
        }
        let in_time = self.work.is_none() && self.due(zone).is_some_and(|due| now < due);
        let Some(asked) = self.asked.as_ref().filter(|_| in_time) else {
            return Err(WrongState::WrongState { state: self.state(), allowed: &[] }.into());
        };
        let closed = asked.closed;
        self.revoked_at = Some(now);
        Ok(closed)
    }

    /// It waits until a local date is over, though it is due.
    ///
    /// # Errors
    /// It has begun.
    pub fn hold(&mut self, until: Date) -> Result<(), Erasing> {
        if self.work.is_some() {
            return Err(WrongState::WrongState { state: self.state(), allowed: &[] }.into());
        }
        self.held_until = Some(until);
        Ok(())
    }
}
