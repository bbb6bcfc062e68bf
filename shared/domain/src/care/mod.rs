//! Care journeys: the right word at the right moment, never twice (rules: care).
//!
//! A fact enters a member into a journey, whose steps are planned from an anchor in the member's own zone; when one is due, it is
//! decided by how things are then. What is claimed, others send and do. One piece of state a member, [`Care`], is changed as a whole.

mod aggregate;
mod blessing;
mod cap;
mod carried;
mod chance;
mod deciding;
mod due;
mod entry;
mod exit;
mod facts;
mod happening;
mod hearing;
mod ids;
mod outcome;
mod pausing;
mod person;
mod reach;
mod report;
mod scene;
mod shown;
mod standing;
mod state;
mod when;

pub use self::aggregate::CareRefusal;
pub use self::deciding::{Decided, Ignored, Why};
pub use self::due::Claim;
pub use self::facts::CareFact;
pub use self::happening::Happening;
pub use self::ids::{EnrolmentId, KeyId, MessageId};
pub use self::outcome::{Outcome, What};
pub use self::pausing::{Pause, Pauses, Pausing, PausingFact};
pub use self::person::{Person, Standing};
pub use self::report::{Back, Report};
pub use self::scene::Scene;
pub use self::shown::{Ahead, Shown};
pub use self::state::{Anchor, Care, Contact, Enrolment, Filed, Group, StepState, Ticket};
pub use self::when::{Clocks, Held, Plan, held, planned};
