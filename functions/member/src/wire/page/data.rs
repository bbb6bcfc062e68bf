//! What the page says of a member's data as a whole: a copy of it, and that it can be deleted. Each is asked once more before it is done.

use domain::kernel::time::Zone;
use domain::members::access::AccessExport;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::wire::page::frame::{button, page};
use crate::wire::page::words::Words;

/// What can be asked for, and is asked once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A copy of everything.
    Copy,
    /// To be forgotten.
    Erasure,
}

impl Wish {
    /// By its name in an address.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "export" => Some(Self::Copy),
            "erasure" => Some(Self::Erasure),
            _ => None,
        }
    }
}

/// What there is of a member's data as a whole.
pub(crate) struct MyData<'a> {
    /// The copy that was asked for last.
    pub(crate) export: Option<&'a AccessExport>,
    /// When everything is deleted, if that was asked for.
    pub(crate) erased_at: Option<Timestamp>,
    /// Where the copy is, for who wants it now.
    pub(crate) url: Option<&'a str>,
    pub(crate) zone: &'a Zone,
    pub(crate) now: Timestamp,
}

impl MyData<'_> {
    /// What there is, and what can be asked for.
    pub(super) fn section(&self, words: &Words) -> Markup {
        let data = &words.data;
        html! {
            section {
                h2 { (data.title) }
                ul {
                    li { (self.copy(words)) }
                    li { (self.erasure(words)) }
                }
            }
        }
    }

    fn copy(&self, words: &Words) -> Markup {
        let data = &words.data;
        let state = self.export.map(|export| export.state(self.now));
        let until = self.export.and_then(AccessExport::kept_until).map(|until| self.zone.date(until));
        html! {
            @match (self.url, state, until) {
                (Some(url), _, _) => p { a href=(url) rel="noreferrer" { (data.copy_here) } },
                (None, Some("preparing"), _) => p { (data.copy_waits) },
                (None, Some("ready"), Some(until)) => {
                    p { (data.copy_ready) " " time datetime=(until) { (until) } }
                    (button(words, true, &[("said", "download")], (data.copy_get, data.copy_get)))
                },
                _ => p { a href={ "?ask=export&lang=" (words.locale) } { (data.copy) } },
            }
        }
    }

    fn erasure(&self, words: &Words) -> Markup {
        let data = &words.data;
        html! {
            @match self.erased_at {
                Some(at) => {
                    p { (data.erase_waits) " " time datetime=(at) { (self.local(at)) } }
                    (button(words, true, &[("said", "keep")], (data.keep, data.keep)))
                },
                None => p { a href={ "?ask=erasure&lang=" (words.locale) } { (data.erase) } },
            }
        }
    }

    /// A time of the programme's zone, for people.
    fn local(&self, at: Timestamp) -> String {
        self.zone.clock(at).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// A page that asks whether that is meant.
pub(crate) fn confirmation(words: &Words, wish: Wish, days: i32) -> String {
    let data = &words.data;
    let (title, means, label, said) = match wish {
        Wish::Copy => (data.copy, data.copy_means.to_owned(), data.copy_do, "export"),
        Wish::Erasure => (data.erase, data.erase_means.replace("{days}", &days.to_string()), data.erase_do, "erase"),
    };
    let said = html! {
        h2 { (title) }
        p { (means) }
        (button(words, false, &[("said", said)], (label, label)))
        p { a href={ "?lang=" (words.locale) } { (data.back) } }
    };
    page(words, &said)
}
