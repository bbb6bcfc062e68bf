//! What stands against a claim, and what makes somebody look at it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::advocate::{Advocate, Identity, IdentityHash};
use super::claim::{Claim, ClaimState, Flag};
use super::code::ReferralCode;
use super::facts::ReferralFact;
use super::touch::Touch;
use crate::engagement::scene::{Barred, Standing};
use crate::kernel::change::Change;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Reused, refusals};
use crate::kernel::time::add_days;
use crate::programme::engagement::referral::Referral;

/// Over how many days claims of one address are counted.
const IP_DAYS: i32 = 7;

/// What a friend claims, and what is known of the friend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claiming {
    /// Who.
    pub friend: MemberId,
    /// How the friend stands.
    pub standing: Standing,
    /// The code that was typed.
    pub code: Option<ReferralCode>,
    /// The touches that the app kept, as far as they are ours.
    pub touches: Vec<Touch>,
    /// When the friend enrolled.
    pub enrolled_at: Timestamp,
    /// Has the friend paid an order before?
    pub has_ordered: bool,
    /// What the friend has.
    pub identities: BTreeSet<Identity>,
    /// From where it is claimed: a keyed hash.
    pub ip: Option<IdentityHash>,
    /// The claims from there.
    pub window: IpWindow,
}

/// The newest claims from an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpWindow(pub Vec<Timestamp>);

impl IpWindow {
    /// With one more; no more are kept than are looked for.
    #[must_use]
    pub fn with(&self, at: Timestamp, most: usize) -> Self {
        let mut instants = self.0.clone();
        instants.push(at);
        let over = instants.len().saturating_sub(most.saturating_add(1));
        Self(instants.split_off(over))
    }

    fn within(&self, now: Timestamp) -> usize {
        let since = add_days(now, IP_DAYS.saturating_neg());
        self.0.iter().filter(|at| since < **at && **at <= now).count()
    }
}

refusals! {
    /// Why a claim does not stand. Nothing is kept of it but a count.
    ClaimRefusal {
        /// It costs too much at present.
        Conflict ReferralPaused ("referral_paused") = "no claims are taken at present",
        /// The friend has claimed before.
        Conflict AlreadyClaimed ("already_claimed") {
            /// By which code.
            advocate_code: String,
            /// When.
            at: Timestamp,
        } = "the friend has said who brought them",
        /// No touch counts, and there is no code.
        Invalid NoValidTouch ("no_valid_touch" at "touches") = "no touch counts, and there is no code",
        /// There is no such code.
        Invalid UnknownCode ("unknown_code" at "code") = "there is no such code",
        /// The code counts no more.
        Invalid CodeInactive ("code_inactive" at "code") = "the code does not count at present",
        /// They are one person.
        Forbidden SelfReferral ("self_referral") {
            /// By what they are one.
            by: &'static str,
        } = "nobody brings themselves",
        /// The friend brought the advocate.
        Forbidden Cycle ("cycle") = "the friend stands above the advocate",
        /// The friend was here before.
        Forbidden FriendNotNew ("friend_not_new") {
            /// Since when.
            enrolled_at: Timestamp,
        } = "the friend was here before",
        /// The friend has bought before.
        Forbidden NotFirstOrder ("not_first_order") = "the friend has bought before",
        | Barred,
        | Reused,
    }
}

impl ClaimRefusal {
    /// Does it tell of an attempt, which is counted with the advocate?
    #[must_use]
    pub fn blocks(&self) -> bool {
        matches!(self, Self::SelfReferral { .. } | Self::Cycle | Self::FriendNotNew { .. } | Self::NotFirstOrder)
    }
}

/// What is known beside the friend.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Are claims taken?
    pub open: bool,
    /// An earlier claim of the friend, whatever became of it.
    pub earlier: Option<&'a Claim>,
    /// Whose code the first touch has.
    pub advocate: Option<&'a Advocate>,
}

/// A claim that stands, now or already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Now.
    Stands {
        /// What is written.
        change: Change<Claim>,
        /// The claims from that address afterwards.
        window: IpWindow,
    },
    /// Already.
    Stood(Claim),
}

/// The touch that counts: the earliest that is not too old, whatever its code; without one a code is the touch.
#[must_use]
pub fn first_touch(claiming: &Claiming, referral: &Referral, now: Timestamp) -> Option<Touch> {
    let counts = |touch: &&Touch| touch.at <= now && now < add_days(touch.at, referral.window_days);
    let first = claiming.touches.iter().filter(counts).min_by_key(|touch| touch.at).cloned();
    first.or_else(|| claiming.code.clone().map(|code| Touch { code, at: now }))
}

impl Claiming {
    /// Decides a claim. The first thing that fails answers.
    ///
    /// # Errors
    /// What stands against it.
    pub fn decide(&self, ground: Ground<'_>, referral: &Referral, now: Timestamp) -> Result<Answer, ClaimRefusal> {
        self.standing.takes_part()?;
        if !ground.open {
            return Err(ClaimRefusal::ReferralPaused);
        }
        let touch = first_touch(self, referral, now);
        if let Some(claim) = ground.earlier {
            return match &touch {
                Some(touch) if touch.code == claim.code => Ok(Answer::Stood(claim.clone())),
                _ => Err(ClaimRefusal::AlreadyClaimed { advocate_code: claim.code.to_string(), at: claim.claimed_at }),
            };
        }
        let touch = touch.ok_or(ClaimRefusal::NoValidTouch)?;
        let advocate = ground.advocate.ok_or(ClaimRefusal::UnknownCode)?;
        self.blocked(&touch, advocate, referral)?;
        let flags = self.flags(advocate, referral, now);
        let review = !flags.is_empty();
        let claim = Claim {
            friend: self.friend.clone(),
            advocate: advocate.member.clone(),
            code: touch.code,
            touched_at: touch.at,
            claimed_at: now,
            expires_at: add_days(touch.at, referral.window_days),
            state: if review { ClaimState::Review } else { ClaimState::Claimed },
            flags,
            review_since: review.then_some(now),
            approved_at: None,
            order: None,
        };
        let told = if review {
            ReferralFact::ReferralFlagged { flags: claim.flags.iter().map(|flag| flag.name().to_owned()).collect() }
        } else {
            ReferralFact::ReferralClaimed { expires_at: claim.expires_at }
        };
        let window = self.window.with(now, referral.per_ip);
        Ok(Answer::Stands { change: Change::to(claim).telling(told), window })
    }

    fn blocked(&self, touch: &Touch, advocate: &Advocate, referral: &Referral) -> Result<(), ClaimRefusal> {
        if !advocate.active {
            return Err(ClaimRefusal::CodeInactive);
        }
        if advocate.member == self.friend {
            return Err(ClaimRefusal::SelfReferral { by: "member" });
        }
        if let Some(kind) = advocate.is_also(&self.identities) {
            return Err(ClaimRefusal::SelfReferral { by: kind.name() });
        }
        if advocate.above.contains(&self.friend) {
            return Err(ClaimRefusal::Cycle);
        }
        let before = SignedDuration::from_hours(referral.new_member_hours);
        if touch.at.duration_since(self.enrolled_at) > before {
            return Err(ClaimRefusal::FriendNotNew { enrolled_at: self.enrolled_at });
        }
        if self.has_ordered { Err(ClaimRefusal::NotFirstOrder) } else { Ok(()) }
    }

    fn flags(&self, advocate: &Advocate, referral: &Referral, now: Timestamp) -> BTreeSet<Flag> {
        let from_advocate = self.ip.is_some() && self.ip == advocate.last_ip;
        let many = self.ip.is_some() && self.window.within(now) >= referral.per_ip;
        let found = [
            (Flag::Household, advocate.lives_with(&self.identities)),
            (Flag::AdvocateIp, from_advocate),
            (Flag::IpVelocity, many),
        ];
        found.into_iter().filter(|(_, holds)| *holds).map(|(flag, _)| flag).collect()
    }
}
