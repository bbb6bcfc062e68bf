//! What is sent.

/// A message, and the place of the record that it comes from.
pub(crate) struct Message {
    pub(crate) record: usize,
    pub(crate) body: String,
}
