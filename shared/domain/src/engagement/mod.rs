//! Reasons to come back between purchases (rules: engagement, community, referral, draws).
//!
//! A file per noun: its state, what is decided about it, why it is refused. What members do earns points by rules of the ledger alone;
//! [`activity`] says what it is told.

mod achievements;
pub mod activity;
mod ballot;
pub mod community;
pub mod draw;
mod facts;
pub mod giving;
mod mac;
mod offer;
mod poll;
mod progress;
pub mod referral;
mod run;
mod scene;
mod tally;
mod task;
mod team;

pub use self::achievements::{AchievementRefusal, Achievements, Award, Stage};
pub use self::ballot::{Ballot, Cast, Gate, Receipt, Tally};
pub use self::facts::EngagementFact;
pub use self::offer::{Offer, TaskState, Tasks};
pub use self::poll::{GATES, PollRefusal, PollState, Polling, gate_of, secret_of, shard};
pub use self::progress::{Deed, Mark, Outcome, Progress};
pub use self::run::{ChallengeRefusal, Counted, LATE, Leader, Piece, Run, RunState, View, next_of, rank};
pub use self::scene::{Barred, Scene, Standing};
pub use self::tally::{PollResult, csv};
pub use self::task::Offering;
pub use self::team::{Team, TeamCounted, TeamRefusal, code as team_code};
