//! What operators do at a terminal, on the local platform and on deployed tables: programmes published, the ledger read, exported and
//! proved, queues looked after, histories replayed. The program `perennial` is all of it, without the platform.

pub mod export;
pub mod learning;
mod program;
pub mod programme;
pub mod replay;
pub mod terminal;
mod verbs;

pub use program::perform;
pub use verbs::{Verb, tables};
