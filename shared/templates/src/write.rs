//! A text is chosen, filled, and shaped as its channel wants it.

use domain::programme::journey::step::Does;
use domain::programme::template::Wording;

use crate::asking::{Asking, Body, Fault, Written};
use crate::fill::Filler;
use crate::mail::mail;

/// Says it, by a channel.
///
/// # Errors
/// Why nothing can be said.
pub fn write(asking: Asking<'_>, by: Does) -> Result<Written, Fault> {
    let (locale, wording) = asking.template.in_language(asking.locales).ok_or(Fault::NoWords)?;
    let filler = Filler::new(asking, locale)?;
    let filled = |text: &Option<String>| filler.fill(text.as_ref().ok_or(Fault::NoWords)?);
    let Wording { subject, mail: words, sms, push_title, push, inbox } = wording;
    let body = match by {
        Does::Email => mail(filled(subject)?, &filled(words)?, locale, asking.preferences),
        Does::Sms => Body::Sms(filled(sms)?),
        Does::Push => Body::Push { title: filled(push_title)?, text: filled(push)? },
        Does::InApp => Body::Inbox(filled(inbox)?),
        _ => return Err(Fault::NoWords),
    };
    Ok(Written { locale: locale.to_owned(), fallbacks: filler.fallbacks, body })
}
