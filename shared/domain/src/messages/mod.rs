//! Messages on their way: checked again at the last moment, sent at most once where nothing protects from a second time, and with an
//! outcome that is known, or honestly unknown (rules: messages).

mod facts;
mod message;
mod of_step;
mod provider;
mod recheck;
mod record;
mod sending;
mod way;

pub use self::facts::MessageFact;
pub use self::message::{Effect, Message, Place, State};
pub use self::of_step::OfStep;
pub use self::provider::{Notice, is_suppressed_by};
pub use self::recheck::{Found, Verdict, check};
pub use self::record::{Intended, Record, reason};
pub use self::sending::{Answer, Receipt};
pub use self::way::{Guarantee, Way};
