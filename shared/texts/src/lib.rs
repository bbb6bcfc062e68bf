//! What messages say: the texts of a programme, filled with values, in a language. Pure: who asks brings the values, and drops them.

mod check;
mod fill;
mod mail;
mod member;
mod segments;

use std::collections::BTreeMap;

use domain::kernel::time::Zone;
use domain::programme::condition::Scalar;
use domain::programme::journey::step::Does;
use domain::programme::template::{Template, Wording};

pub use check::check;
pub use member::{Pages, address, written};
pub use segments::segments;

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

/// Says it, by a channel.
///
/// # Errors
/// Why nothing can be said.
pub fn write(asking: Asking<'_>, by: Does) -> Result<Written, Fault> {
    let (locale, wording) = asking.template.in_language(asking.locales).ok_or(Fault::NoWords)?;
    let filler = fill::Filler::new(asking, locale)?;
    let filled = |text: &Option<String>| filler.fill(text.as_ref().ok_or(Fault::NoWords)?);
    let Wording { subject, mail, sms, push_title, push, inbox } = wording;
    let body = match by {
        Does::Email => mail::mail(filled(subject)?, &filled(mail)?, locale, asking.preferences),
        Does::Sms => Body::Sms(filled(sms)?),
        Does::Push => Body::Push { title: filled(push_title)?, text: filled(push)? },
        Does::InApp => Body::Inbox(filled(inbox)?),
        _ => return Err(Fault::NoWords),
    };
    Ok(Written { locale: locale.to_owned(), fallbacks: filler.fallbacks, body })
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
