//! The files of imports and exports in the bucket: cut into parts, taken in or taken back part by part, and put together.

mod cut;
mod gather;
mod named;
mod part;
mod undone;

pub use cut::cut;
pub use gather::{gather, whole};
pub use named::{LIST, content, file, sha256};
pub use part::{Part, faults_told, take_in};
pub use undone::undo;
