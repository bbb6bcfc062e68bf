//! The page of preferences: its words and its looks.

pub(crate) mod view;
pub(crate) mod words;
