//! The page as it looks: plain HTML, the same without scripts, in every size and by keyboard.

use domain::members::consent::{Said, Subject, is_allowed};
use domain::members::identifier::Kind;
use domain::members::link::Link;
use domain::members::mask;
use domain::members::state::Member;
use domain::members::telling::Rules;
use domain::programme::channel::Channel;
use domain::programme::privacy::{Basis, ConsentText, Purpose};
use maud::{Markup, html};

use crate::wire::page::data::MyData;
use crate::wire::page::frame::{button, page};
use crate::wire::page::words::Words;

/// What a member agrees to, with a switch for each.
pub(crate) struct Preferences<'a> {
    pub(crate) words: &'a Words,
    pub(crate) link: &'a Link,
    /// The link still does everything.
    pub(crate) fresh: bool,
    pub(crate) member: &'a Member,
    pub(crate) rules: Rules<'a>,
    /// What was said last came to this.
    pub(crate) status: Option<&'a str>,
    /// What there is of the member's data as a whole.
    pub(crate) data: MyData<'a>,
}

impl Preferences<'_> {
    pub(crate) fn page(&self) -> String {
        let words = self.words;
        let said = html! {
            @if let Some(status) = self.status { p role="status" { (status) } }
            @if !self.fresh { p role="status" { (words.old) } }
            p { (words.intro) }
            @for purpose in self.rules.terms.purposes { (self.purpose(purpose)) }
            h2 { (words.withdraw_all) }
            p { (words.withdraw_all_means) }
            (self.button(None, &[("said", "withdrawn"), ("purpose", "*")], words.withdraw_all, words.withdraw_all))
            @if self.fresh { (self.data.section(words)) } @else { p { (words.rights) } }
        };
        page(words, &said)
    }

    /// The text of a purpose that is in force, if it has any.
    fn text(&self, purpose: &Purpose) -> Option<&ConsentText> {
        let its = |text: &&ConsentText| text.id == purpose.id && text.from <= self.rules.today;
        self.rules.terms.texts.iter().filter(its).max_by_key(|text| text.from)
    }

    fn purpose(&self, purpose: &Purpose) -> Markup {
        let text = self.text(purpose);
        let written = text.and_then(|text| text.texts.get(self.words.locale).or_else(|| text.texts.values().next()));
        html! {
            section {
                h2 { (self.words.purpose(&purpose.id)) }
                @if let Some(written) = written { p { (written) } }
                ul {
                    @if purpose.channels.is_empty() { (self.line(purpose, None, text)) }
                    @for channel in &purpose.channels { (self.line(purpose, Some(*channel), text)) }
                }
            }
        }
    }

    /// What holds of a purpose and a channel, and the switch.
    fn line(&self, purpose: &Purpose, channel: Option<Channel>, text: Option<&ConsentText>) -> Markup {
        let (words, terms) = (self.words, self.rules.terms);
        let subject: Subject = (purpose.id.clone(), channel);
        let held = self.member.consents.get(&subject);
        let allowed = is_allowed(terms, &self.member.consents, &subject, self.rules.today);
        let stale = held.is_some_and(|held| {
            held.said == Said::Given && terms.is_stale(&purpose.id, held.version, self.rules.today)
        });
        let state = match held.map(|held| held.said) {
            _ if purpose.mandatory => words.always,
            _ if stale => words.stale,
            Some(Said::Given) => words.given,
            Some(Said::Withdrawn) => words.withdrawn,
            Some(Said::Pending) => words.pending,
            None if purpose.basis == Basis::Contract => words.by_default,
            None => words.none,
        };
        let name = channel.map_or_else(|| words.purpose(&purpose.id), |channel| words.channel(channel));
        let addresses = channel.map(|channel| self.addresses(channel)).unwrap_or_default();
        let since = held.filter(|_| !purpose.mandatory).map(|held| terms.zone.date(held.at));
        let version = held.and_then(|held| held.version).filter(|_| !purpose.mandatory);
        html! {
            li {
                p {
                    strong { (name) } ": " (state)
                    small {
                        @if let Some(since) = since { (words.since) " " time datetime=(since) { (since) } }
                        @if let Some(version) = version { " · " (words.version) " " (version) }
                        @if !addresses.is_empty() { " " (words.to) " " (addresses.join(", ")) }
                    }
                }
                (self.switch(purpose, channel, (held.map(|held| held.said), allowed), text))
            }
        }
    }

    /// What can be done: confirmed by the link that was sent there, withdrawn, or agreed to.
    fn switch(
        &self,
        purpose: &Purpose,
        channel: Option<Channel>,
        (said, allowed): (Option<Said>, bool),
        text: Option<&ConsentText>,
    ) -> Markup {
        let words = self.words;
        let version = text.map(|text| text.version.to_string()).unwrap_or_default();
        let of = format!("{}, {}", words.purpose(&purpose.id), channel.map_or("", |channel| words.channel(channel)));
        let of = of.trim_end_matches(", ");
        let button = |verb: &str, label: &str| {
            let mut fields = vec![("said", verb), ("purpose", purpose.id.as_str())];
            fields.extend(channel.map(|channel| ("channel", channel.name())));
            fields.extend((verb == "given").then_some(("version", version.as_str())));
            self.button(Some(verb), &fields, label, &format!("{label}: {of}"))
        };
        let waits = said == Some(Said::Pending);
        let confirms = waits && self.link.sent_by() == channel && self.fresh;
        let gives = !allowed && !waits && text.is_some() && self.fresh;
        html! {
            div {
                @if confirms { (button("confirmed", words.confirm)) " " }
                @if !purpose.mandatory && (allowed || waits) { (button("withdrawn", words.withdraw)) }
                @if gives { (button("given", words.give)) }
            }
        }
    }

    fn button(&self, verb: Option<&str>, fields: &[(&str, &str)], label: &str, says: &str) -> Markup {
        button(self.words, verb == Some("given") || verb == Some("confirmed"), fields, (label, says))
    }

    /// Hints of where messages of a channel go.
    fn addresses(&self, channel: Channel) -> Vec<String> {
        let kind = match channel {
            Channel::Email => Kind::Email,
            Channel::Sms | Channel::Phone => Kind::Phone,
            Channel::Wecom => Kind::Wecom,
            Channel::Push | Channel::Post => return Vec::new(),
        };
        let held = self.member.identifiers.iter().filter(|held| held.identifier.kind == kind);
        held.map(|held| mask::identifier(&held.identifier)).collect()
    }
}
