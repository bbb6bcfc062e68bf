//! What files say of members: rows of spreadsheets (`sheet`) into what the domain decides on, or everything that is wrong with them
//! (rules: import 7, 18-26). Pure: whoever applies it has the store.
//!
//! | module | |
//! |---|---|
//! | `columns` | what a file may hold, by the programme |
//! | `row` `said` | a row as an enrolment: identifiers, fields, consents |
//! | `fields` `consents` `bringing` | parts of it |
//! | `applied` | what became of a row that was decided |
//! | `twice` | the same member twice in a file |
//! | `fault` | what is wrong with a row |
//! | `naming` | who a row is about |
//! | `openings` `orders` `past` `tags` | what members bring over from elsewhere; tags by hand |
//! | `parts` `plan` | a file in parts, and in which order the rows of one are done |
//! | `report` | how many rows came to what, and the error file |

mod applied;
mod bringing;
mod columns;
mod consents;
mod exports;
mod fault;
mod fields;
mod naming;
mod openings;
mod orders;
mod parts;
mod past;
mod plan;
mod report;
mod row;
mod said;
mod tags;
mod twice;

pub use applied::{applied, refused, stood};
pub use columns::{EXTERNAL_ID, columns};
pub use domain::members::import::{Counts, Outcome};
pub use exports::{Sorted, called, conflict_rows, consent_rows, entry_row, export_head, lot_rows, member_row};
pub use fault::{Fault, Severity};
pub use naming::Naming;
pub use openings::{OfMember, OpeningReader, Parted};
pub use orders::OrderRow;
pub use parts::{Head, cut, part};
pub use past::{ActivityRow, PastRow};
pub use plan::{Applied, Came, Plan};
pub use report::{ErrorFile, left_head, left_line, tell, whole};
pub use row::{Asked, Reader, Verdict};
pub use said::MemberRow;
pub use tags::TagRow;
pub use twice::{Seen, repeated};
