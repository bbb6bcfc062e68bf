//! What messages say: the texts of a programme, filled with values, in a language. Pure: who asks brings the values, and drops them.

mod asking;
mod check;
mod fill;
mod mail;
mod member;
mod segments;
mod write;

pub use asking::{Asking, Body, Fault, Written};
pub use check::check;
pub use member::{Pages, address, written};
pub use segments::segments;
pub use write::write;
