//! Messages: one item each in `messages`, what became of it, under its version; texts in the app in `inbox`, sealed under their member's key.

pub(crate) mod inbox;
pub(crate) mod record_item;
mod records;
