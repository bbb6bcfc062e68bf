//! Communities, content, cohorts, events (rules: community).

mod admission;
mod cohort;
mod content;
mod contest;
mod digest;
mod facts;
mod hash;
mod membership;
mod rsvp;
mod submission;
mod work;

pub use self::admission::{AttendanceRefusal, Tries, digits, enter, scan, token};
pub use self::cohort::{Appointment, AppointmentState, CohortRefusal, Duty, DutyState, Head, Seated, appoint};
pub use self::content::{Content, ContentRefusal, ContentState, Moderator, Removed};
pub use self::contest::{Placing, enters, may_choose, ranks};
pub use self::digest::{DigestRefusal, Enrolment, Run, Week, run, send};
pub use self::facts::CommunityFact;
pub use self::hash::Fingerprint;
pub use self::membership::{By, MOST, Membership, MembershipRefusal, state_of};
pub use self::rsvp::{Cancelled, Guests, Promoted, Rsvp, RsvpRefusal, RsvpState, Seat, widened};
pub use self::submission::{Submission, check};
pub use self::work::{Work, WorkRefusal, WorkState};
