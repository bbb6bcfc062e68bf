//! `[[challenge]]`: a goal within a window.

use jiff::civil::Date;

use super::eligible::Eligible;
use crate::kernel::time::Zone;
use crate::programme::later::engagement as written;

/// `[[challenge]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// A short name, unique.
    pub id: String,
    /// Which facts bring it on.
    pub activity: String,
    /// What is to be reached.
    pub goal: Goal,
    /// When.
    pub window: Window,
    /// Does the first fact join?
    pub auto: bool,
    /// May it be done again?
    pub repeat: bool,
    /// Who may join.
    pub eligible: Eligible,
    /// What is given for it.
    pub reward: Option<String>,
    /// How many there are; no end of them, if nothing is said.
    pub stock: Option<u32>,
    /// Points for those who come too late; their rule pays them.
    pub fallback_points: Option<i64>,
    /// The badge of those who reach it.
    pub badge: Option<String>,
    /// How many make a team, at least and at most; each alone, if nothing is said.
    pub team: Option<(usize, usize)>,
}

/// What is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// So many local dates with a fact.
    Days(u32),
    /// So many facts.
    Count(u32),
    /// A sum of an attribute.
    Sum {
        /// Which.
        attribute: String,
        /// Up to which sum.
        total: i64,
    },
}

impl Goal {
    /// How much is to be reached.
    #[must_use]
    pub fn target(&self) -> i64 {
        match self {
            Self::Days(n) | Self::Count(n) => i64::from(*n),
            Self::Sum { total, .. } => *total,
        }
    }
}

/// When it counts, in local dates of the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So many dates, that of joining first.
    Rolling(i32),
    /// The same for everybody.
    Fixed {
        /// The first date.
        first: Date,
        /// The first date after it.
        end: Date,
    },
}

impl Challenge {
    /// The longest window, in days.
    pub const LONGEST: i32 = 366;

    pub(super) fn compile(challenge: &written::Challenge, zone: &Zone) -> Option<Self> {
        let goal = &challenge.goal;
        let count = |number: Option<i64>| u32::try_from(number?).ok();
        let size = |number: i64| usize::try_from(number).ok();
        let reached = match goal.kind.as_str() {
            "distinct_days" => Goal::Days(count(goal.days)?),
            "count" => Goal::Count(count(goal.n)?),
            "sum" => Goal::Sum { attribute: goal.attribute.clone()?, total: goal.total? },
            _ => return None,
        };
        let dates = challenge.from.as_ref().zip(challenge.until.as_ref());
        let window = match dates {
            Some((from, until)) => Window::Fixed { first: from.date(zone)?, end: until.date(zone)? },
            None => Window::Rolling(goal.within_days.and_then(|n| i32::try_from(n).ok()).unwrap_or(Self::LONGEST)),
        };
        Some(Self {
            id: challenge.id.clone(),
            activity: goal.activity.clone()?,
            goal: reached,
            window,
            auto: challenge.join.as_deref() == Some("auto"),
            repeat: challenge.repeat,
            eligible: Eligible::tier(challenge.min_tier.as_ref()),
            reward: challenge.reward.clone(),
            stock: count(challenge.stock),
            fallback_points: challenge.fallback_points,
            badge: challenge.badge.clone(),
            team: challenge.team.as_ref().and_then(|team| Some((size(team.min)?, size(team.max)?))),
        })
    }
}
