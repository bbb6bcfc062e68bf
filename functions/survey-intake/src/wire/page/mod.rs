//! The page of a form: in three languages, without a script.

pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod words;
