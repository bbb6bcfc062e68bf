//! What files say of members: rows of spreadsheets (`sheet`) into what the domain decides on, or everything that is wrong with them
//! (rules: import 7, 18-22). Pure: whoever applies it has the store.
//!
//! | module | |
//! |---|---|
//! | `columns` | what a file may hold, by the programme |
//! | `row` `said` | a row as an enrolment: identifiers, fields, consents |
//! | `fields` `consents` | parts of it |
//! | `applied` | what became of a row that was decided |
//! | `twice` | the same member twice in a file |
//! | `fault` | what is wrong with a row |
//! | `counts` `report` | how many rows came to what, and the error file |

mod applied;
mod columns;
mod consents;
mod counts;
mod fault;
mod fields;
mod report;
mod row;
mod said;
mod twice;

pub use applied::{applied, refused};
pub use columns::columns;
pub use counts::{Counts, Outcome};
pub use fault::{Fault, Severity};
pub use report::ErrorFile;
pub use row::{Reader, Verdict};
pub use said::MemberRow;
pub use twice::{Seen, repeated};
