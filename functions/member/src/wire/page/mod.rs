//! The page of preferences: its words and its looks.

pub(crate) mod data;
pub(crate) mod frame;
pub(crate) mod view;
pub(crate) mod words;

/// What a page can be asked.
pub(crate) const ASKED: &[(&str, &str)] = &[LANG, ("ask", "export or erasure: the page asks whether that is meant")];

/// What a form of it can be asked.
pub(crate) const FORM: &[(&str, &str)] = &[LANG];

const LANG: (&str, &str) = ("lang", "the language of the page: zh-CN, en or ja");
