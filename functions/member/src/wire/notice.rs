//! Texts that members are shown, and the form of the page.

use domain::programme::privacy::ConsentText;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A version of a text, in a language.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct NoticeReply {
    /// The text: the notice, or that of a purpose.
    id: String,
    /// Its version.
    version: u32,
    /// From which local date on it is in force.
    from: Date,
    /// Are members who agreed to an earlier version asked again?
    ask_again: bool,
    /// The language.
    locale: String,
    /// What it says.
    text: String,
}

impl NoticeReply {
    /// In a language, or else the first of those given; none if it is written in none of them.
    pub(crate) fn new(text: &ConsentText, locales: &[&str]) -> Option<Self> {
        let (locale, words) = locales.iter().find_map(|locale| text.texts.get_key_value(*locale))?;
        Some(Self {
            id: text.id.clone(),
            version: text.version,
            from: text.from,
            ask_again: text.ask_again,
            locale: locale.clone(),
            text: words.clone(),
        })
    }
}

/// What the page's forms send.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "it describes what a browser sends, and is read field by field")]
pub(crate) struct PageForm {
    /// `given`, `withdrawn` or `confirmed`; `export`, `download`, `erase` or `keep`.
    said: Option<String>,
    /// `One-Click`, as mailboxes send it: marketing by the channel of the link is withdrawn, and nothing else is said.
    #[serde(rename = "List-Unsubscribe")]
    one_click: Option<String>,
    /// For what; `*` withdraws everything that can be. Of the second four nothing more is said.
    purpose: Option<String>,
    /// By which channel, if the purpose has any.
    channel: Option<String>,
    /// The version of the text that was shown.
    version: Option<u32>,
}
