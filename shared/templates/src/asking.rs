//! What is asked to be said, and what is said.

use std::collections::BTreeMap;

use domain::kernel::time::Zone;
use domain::programme::condition::Scalar;
use domain::programme::template::Template;

/// What is to be said, to whom.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The text.
    pub template: &'a Template,
    /// Languages, the one that is wanted most first.
    pub locales: &'a [&'a str],
    /// What is known to say.
    pub values: &'a BTreeMap<String, Scalar>,
    /// In whose days.
    pub zone: &'a Zone,
    /// The page on which something can be done: texts call it `action_link`.
    pub action: Option<&'a str>,
    /// The page on which one agrees and takes back; a mail names it at its end.
    pub preferences: Option<&'a str>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// In this language.
    pub locale: String,
    /// Values for which something else was said.
    pub fallbacks: Vec<String>,
    /// The words.
    pub body: Body,
}

/// The words, as their channel wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A mail.
    Mail {
        /// What it is about.
        subject: String,
        /// As plain text.
        text: String,
        /// The same as a page.
        html: String,
    },
    /// A text message.
    Sms(String),
    /// A notification.
    Push {
        /// Its first line.
        title: String,
        /// Its text.
        text: String,
    },
    /// A text in the app.
    Inbox(String),
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is said by this channel in any of the languages.
    NoWords,
    /// A value is missing that nothing stands in for.
    Missing(String),
    /// A text is not one.
    Text(String),
}

impl Body {
    /// All of it in one text: the same text, the same message.
    #[must_use]
    pub fn whole(&self) -> String {
        match self {
            Self::Mail { subject, text, html } => format!("{subject}\n{text}\n{html}"),
            Self::Push { title, text } => format!("{title}\n{text}"),
            Self::Sms(text) | Self::Inbox(text) => text.clone(),
        }
    }
}
