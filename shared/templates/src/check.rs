//! Everything that a programme may say is said once before it is published: with samples, and with what stands in for what is missing.

use std::collections::BTreeMap;

use domain::programme::document::Document;
use domain::programme::journey::step::Does;
use domain::programme::template::Template;

use crate::asking::{Asking, Body, Fault};
use crate::mail;
use crate::segments::segments;
use crate::write::write;

/// The channels that carry texts.
const CARRIERS: [Does; 4] = [Does::Email, Does::Sms, Does::Push, Does::InApp];

/// What is wrong with what a programme says, each with its place.
#[must_use]
pub fn check(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for template in &document.template {
        for locale in template.text.keys() {
            for by in CARRIERS {
                for samples in [true, false] {
                    let at = format!("template.{}.text.{locale} ({})", template.id, by.name());
                    found.extend(
                        said(document, template, (locale, by, samples)).err().map(|what| format!("{at}: {what}")),
                    );
                }
            }
        }
    }
    found.extend(unsaid(document));
    found.sort();
    found.dedup();
    found
}

/// Says one text, and looks at it.
fn said(document: &Document, template: &Template, (locale, by, samples): (&str, Does, bool)) -> Result<(), String> {
    let Some(zone) = domain::kernel::time::Zone::named(&document.programme.timezone) else { return Ok(()) };
    let values: BTreeMap<_, _> = template
        .value
        .iter()
        .filter(|(_, said)| samples || said.fallback.is_empty())
        .map(|(name, said)| (name.clone(), said.sample.clone()))
        .collect();
    let page = document.links.base.as_ref().map(|base| format!("{base}/p/{}", "x".repeat(120)));
    let action = document.links.base.as_ref().map(|base| format!("{base}/a/{}", "x".repeat(84)));
    let (preferences, action) = (page.as_deref(), action.as_deref());
    let asking = Asking { template, locales: &[locale], values: &values, zone: &zone, action, preferences };
    let within = |fits: bool, what: &str| if fits { Ok(()) } else { Err(what.to_owned()) };
    match write(asking, by) {
        Err(Fault::NoWords) => Ok(()), // it is not said by this channel
        Err(Fault::Missing(name)) => Err(format!("nothing stands in for `{name}` in this language")),
        Err(Fault::Text(error)) => Err(error),
        Ok(written) => match &written.body {
            Body::Mail { subject, html, .. } => {
                within(subject.chars().count() <= 150, "a subject has at most 150 characters")?;
                within(html.len() <= 100 * 1_024, "a mail has at most 100 KB")?;
                let words = template.text.get(locale).and_then(|wording| wording.mail.as_deref()).unwrap_or_default();
                mail::links(words).into_iter().try_for_each(|url| link(document, url))
            }
            Body::Sms(text) => within(segments(text) <= 3, "a text message has at most three parts"),
            Body::Push { title, text } => {
                within(title.chars().count() <= 50, "the title of a notification has at most 50 characters")?;
                within(text.chars().count() <= 150, "a notification has at most 150 characters")
            }
            Body::Inbox(text) => {
                within(text.chars().count() <= 1_000, "a text in the app has at most 1,000 characters")
            }
        },
    }
}

/// May it be linked to?
fn link(document: &Document, url: &str) -> Result<(), String> {
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let base = document.links.base.as_deref().and_then(|base| base.strip_prefix("https://"));
    let known = host.is_some_and(|host| document.links.hosts.iter().any(|own| own == host) || base == Some(host));
    if known { Ok(()) } else { Err(format!("`{url}` is no https:// link to a host of [links]")) }
}

/// Messages of journeys that nothing is written for.
fn unsaid(document: &Document) -> Vec<String> {
    if document.template.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for journey in &document.journey {
        let own = journey.steps.iter().map(|step| (step, step.does(), step.template.as_ref()));
        let told = journey.steps.iter().filter_map(|step| Some((step, step.tell.as_ref()?)));
        let told = told.map(|(step, tell)| (step, tell.does(), Some(&tell.template)));
        for (step, does, named) in own.chain(told) {
            if !does.iter().any(|does| does.is_message()) {
                continue;
            }
            let at = format!("journey.{}.steps.{}", journey.id, step.id);
            let template = named.and_then(|named| document.template.iter().find(|template| template.id == *named));
            let Some(template) = template else {
                found.push(format!("{at}.template: there is no text of this name"));
                continue;
            };
            let wording = document.members.locales.first().and_then(|first| template.text.get(first));
            let carries = |does: &Does| match (does, wording) {
                (Does::Email, Some(wording)) => wording.mail.is_some(),
                (Does::Sms, Some(wording)) => wording.sms.is_some(),
                (Does::Push, Some(wording)) => wording.push.is_some(),
                (Does::InApp, Some(wording)) => wording.inbox.is_some(),
                _ => true,
            };
            let silent = does.iter().find(|does| !carries(does));
            found.extend(silent.map(|does| format!("{at}: `{}` says nothing by {}", template.id, does.name())));
        }
    }
    found
}
