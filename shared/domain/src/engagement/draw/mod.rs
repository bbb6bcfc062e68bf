//! Draws whose result anybody can work out again (rules: draws).

mod entry;
mod facts;
mod instance;
mod result;
mod ticket;
mod verify;

pub use self::entry::{Entrant, Entry, EntryRefusal, Left};
pub use self::facts::DrawFact;
pub use self::instance::{DrawRefusal, DrawState, Instance, Terms};
pub use self::result::{Awarded, DrawResult, list, result};
pub use self::ticket::{DrawEntryId, Seed, nominal, ticket_of};
pub use self::verify::{Fault, What, verify};
