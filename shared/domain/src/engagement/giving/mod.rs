//! What the company gives for each order, and what members give of their points (rules: draws).

mod book;
mod choice;
mod disbursement;
mod facts;
mod gift;
mod report;

pub use self::book::{Closed, Line, Moved, Movement, close, proof, verify as verify_book};
pub use self::choice::{Choices, GivingRefusal};
pub use self::disbursement::{Disbursement, DisbursementRefusal, DisbursementState, Payment, Project, propose};
pub use self::facts::GivingFact;
pub use self::gift::{Donation, Gift, GiftState, Order, Source, is_whole};
pub use self::report::{Given, report};
