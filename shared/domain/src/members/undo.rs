//! What a write of an import made of a member, and that it is taken back (rules: import 27).

use std::collections::BTreeMap;

use crate::members::consent::{Consent, Record, Said, may_keep};
use crate::members::facts::MemberFact;
use crate::members::field::Provenance;
use crate::members::profile::Known;
use crate::members::state::{Held, Member};
use crate::members::tag::Tags;
use crate::members::telling::{Rules, agreed};

/// A member before a write and after it: of both only what differs and can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Before it.
    pub before: Member,
    /// After it.
    pub after: Member,
}

/// What became of a member when a write was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Fields that say again what they said before.
    pub fields: Vec<String>,
    /// Identifiers that are the member's no more.
    pub unlinked: Vec<Held>,
    /// Tags that end when they ended before, or are gone.
    pub tags: Vec<String>,
    /// Consents that end with it.
    pub records: Vec<Record>,
    /// What stays, for somebody has said something else since: names of fields, kinds of identifiers, tags, purposes.
    pub left: Vec<String>,
}

/// Of two maps what differs.
fn differing<K: Ord + Clone, V: Clone>(
    (before, after): (&BTreeMap<K, V>, &BTreeMap<K, V>),
    differs: impl Fn(Option<&V>, Option<&V>) -> bool,
) -> (BTreeMap<K, V>, BTreeMap<K, V>) {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    for key in before.keys().chain(after.keys()) {
        let (was, is) = (before.get(key), after.get(key));
        if differs(was, is) {
            old.extend(was.map(|was| (key.clone(), was.clone())));
            new.extend(is.map(|is| (key.clone(), is.clone())));
        }
    }
    (old, new)
}

impl Image {
    /// Of a write; `moved` are identifiers that were another member's, and stay: a person decides whose they are.
    #[must_use]
    pub fn of(before: &Member, after: &Member) -> Self {
        let bare = || Member::enrolled(after.id.clone(), after.source.clone(), after.enrolled_at);
        let (mut old, mut new) = (bare(), bare());
        if (&before.zone, &before.locale, &before.countries) != (&after.zone, &after.locale, &after.countries) {
            (old.zone, new.zone) = (before.zone.clone(), after.zone.clone());
            (old.locale, new.locale) = (before.locale.clone(), after.locale.clone());
            (old.countries, new.countries) = (before.countries.clone(), after.countries.clone());
        }
        if before.joined_on != after.joined_on {
            (old.joined_on, new.joined_on) = (before.joined_on, after.joined_on);
        }
        let given = after.identifiers.iter().filter(|held| before.has(held.index).is_none());
        new.identifiers = given.cloned().collect();
        let fields = (&before.profile.fields, &after.profile.fields);
        let value = |known: &Known| known.value.clone();
        (old.profile.fields, new.profile.fields) =
            differing(fields, |was, is| was.and_then(value) != is.and_then(value));
        (old.tags, new.tags) = differing((&before.tags, &after.tags), |was, is| was != is);
        // Who was found to have withdrawn stays so.
        let gave = |is: Option<&Consent>| is.is_some_and(|is| is.said != Said::Withdrawn);
        (old.consents, new.consents) = differing((&before.consents, &after.consents), |was, is| was != is && gave(is));
        Self { before: old, after: new }
    }

    /// Takes the write back, as far as nothing else was said since. `source` is who had said it.
    #[must_use]
    pub fn take_back(&self, member: &mut Member, source: &str, rules: Rules<'_>) -> TakenBack {
        let mut done = TakenBack::default();
        self.home(member, &mut done);
        for held in &self.after.identifiers {
            match member.has(held.index) {
                Some(known) if known == held => done.unlinked.extend(member.unlink(held.index)),
                Some(_) => done.left.push(held.identifier.kind.to_string()),
                None => {}
            }
        }
        for (name, written) in &self.after.profile.fields {
            let known = member.profile.fields.get(name);
            if known != Some(written) {
                done.left.extend(known.is_some().then(|| name.clone()));
                continue;
            }
            match self.before.profile.fields.get(name) {
                Some(before) => drop(member.profile.fields.insert(name.clone(), before.clone())),
                None => drop(member.profile.fields.remove(name)),
            }
            done.fields.push(name.clone());
        }
        self.tags(&mut member.tags, &mut done);
        self.consents(member, rules, &mut done);
        // What comes back is kept only if the member still agrees to it.
        let says = Provenance { source: source.to_owned(), rank: 0, at: rules.now };
        let consents = member.consents.clone();
        let agrees = |purpose: &str| may_keep(rules.terms, &consents, purpose, rules.today);
        let cleared = member.profile.forget(rules.schema, &says, &agrees);
        done.fields.extend(cleared.into_iter().filter(|name| !self.after.profile.fields.contains_key(name)));
        done
    }

    fn home(&self, member: &mut Member, done: &mut TakenBack) {
        let (before, after) = (&self.before, &self.after);
        back("zone", (&before.zone, &after.zone), &mut member.zone, done);
        back("locale", (&before.locale, &after.locale), &mut member.locale, done);
        back("joined_on", (&before.joined_on, &after.joined_on), &mut member.joined_on, done);
        back("countries", (&before.countries, &after.countries), &mut member.countries, done);
    }

    fn tags(&self, tags: &mut Tags, done: &mut TakenBack) {
        for (tag, until) in &self.after.tags {
            match tags.get(tag) {
                Some(known) if known == until => {
                    tags.remove(tag);
                    tags.extend(self.before.tags.get(tag).map(|until| (tag.clone(), *until)));
                    done.tags.push(tag.clone());
                }
                Some(_) => done.left.push(tag.clone()),
                None => {}
            }
        }
    }

    fn consents(&self, member: &mut Member, rules: Rules<'_>, done: &mut TakenBack) {
        for (subject, given) in &self.after.consents {
            if member.consents.get(subject) != Some(given) {
                done.left.push(subject.0.clone());
                continue;
            }
            // What was agreed to before holds again; else nobody is written to on the strength of a file that was wrong.
            let before = self.before.consents.get(subject).filter(|before| before.said != Said::Withdrawn);
            let withdrawn = Consent { said: Said::Withdrawn, at: given.at.max(rules.now), version: None };
            let consent = before.cloned().unwrap_or(withdrawn);
            let record = Record { subject: subject.clone(), consent, superseded: false };
            record.apply(&mut member.consents);
            done.records.push(record);
        }
    }
}

/// What was written goes back to what it was, if it is still that.
fn back<T: PartialEq + Clone>(name: &str, (was, wrote): (&T, &T), is: &mut T, done: &mut TakenBack) {
    if was == wrote {
        return;
    }
    let same = is == wrote;
    if same {
        is.clone_from(was);
    }
    (if same { &mut done.fields } else { &mut done.left }).push(name.to_owned());
}

impl TakenBack {
    /// Is nothing another now?
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let Self { fields, unlinked, tags, records, left: _ } = self;
        fields.is_empty() && unlinked.is_empty() && tags.is_empty() && records.is_empty()
    }

    /// What others are told of it.
    #[must_use]
    pub fn facts(&self, after: &Member, source: &str) -> Vec<MemberFact> {
        let (fields, source) = (self.fields.clone(), source.to_owned());
        let updated = (!fields.is_empty()).then(|| MemberFact::ProfileUpdated { fields, source: source.clone() });
        let unlinked = self.unlinked.iter().map(|held| MemberFact::IdentifierUnlinked {
            kind: held.identifier.kind.to_string(),
            source: source.clone(),
            because: "unlinked".to_owned(),
        });
        let tags = self.tags.iter().map(|tag| {
            let (tag, kind) = (tag.clone(), "manual".to_owned());
            match after.tags.get(&tag) {
                Some(until) => MemberFact::TagAdded { tag, kind, until: until.to_string() },
                None => MemberFact::TagRemoved { tag, kind },
            }
        });
        updated.into_iter().chain(unlinked).chain(tags).chain(self.records.iter().filter_map(agreed)).collect()
    }
}
