//! What rows of files come to: looked at or written, several at once, so that a part of a file that is begun again comes to the same
//! (rules: import 5 to 8, 17, 19 to 27). `intake` says what they say, the store keeps it; `files` is what lies in the bucket.

mod exports;
mod files;
mod kinds;
mod members;
mod openings;
mod orders;
mod proof;
mod sweep;
mod tags;
mod undo;
mod work;

pub use files::{LIST, Part, content, cut, faults_told, file, gather, sha256, take_in, undo, whole};
pub use sweep::{Swept, sweep};
