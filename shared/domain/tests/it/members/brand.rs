//! What a brand knows of its members, kept as a store would keep it.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::id::MemberId;
use domain::kernel::refusal::Refusal as _;
use domain::kernel::time::Zone;
use domain::members::bringing::Brought;
use domain::members::conflict::{Conflict, Decision, Pair};
use domain::members::consent::{Said, Statement, Terms};
use domain::members::enrolment::{Called, Enrolled, Enrolling, Enrolment, Known, enrol};
use domain::members::field::Provenance;
use domain::members::home::Home;
use domain::members::identifier::{Identifier, Index, Kind, Reading};
use domain::members::mask;
use domain::members::profile::Schema;
use domain::members::resolution::{Holder, Link, Presented};
use domain::members::state::{Held, Member, State};
use domain::members::telling::{Rules, Told};
use domain::programme::members::{Card, MemberAttribute, Members};
use domain::programme::privacy::{ConsentText, Dormancy, Privacy, Purpose};
use domain::programme::source::{Source, Verified};
use jiff::Timestamp;
use serde_json::json;

pub(super) struct Brand {
    pub(super) rules: Members,
    sources: Vec<Source>,
    purposes: Vec<Purpose>,
    texts: Vec<ConsentText>,
    attributes: Vec<MemberAttribute>,
    zone: Zone,
    /// By kind and value: who, and when it was verified.
    pub(super) claims: BTreeMap<(String, String), (MemberId, Option<Timestamp>)>,
    pub(super) members: BTreeMap<MemberId, Member>,
    pub(super) conflicts: BTreeMap<Pair, Conflict>,
    /// What belonged to people who were erased.
    pub(super) erased: BTreeSet<Index>,
    privacy: Privacy,
}

pub(super) fn at(text: &str) -> Timestamp {
    if text.len() == 10 { format!("{text}T02:00:00Z").parse().unwrap() } else { text.parse().unwrap() }
}

pub(super) fn id(text: &str) -> MemberId {
    text.parse().unwrap()
}

/// Somebody agrees on a day.
pub(super) fn given(purpose: &str, channel: Option<&str>, on: &str) -> Statement {
    let channel = channel.map(|channel| channel.parse().unwrap());
    let text = Some((purpose.to_owned(), 1));
    Statement { purpose: purpose.to_owned(), channel, said: Said::Given, text, at: at(on), guardian: false }
}

/// A stand-in for the keyed hash: in a test nobody minds who reads it.
pub(super) fn index(identifier: &Identifier) -> Index {
    let text = format!("{}\u{1f}{}", identifier.kind, identifier.value);
    let mut index = [0; 32];
    for (place, byte) in text.bytes().enumerate() {
        index[place % 32] ^= byte.rotate_left(u32::try_from(place / 32).unwrap() + 1);
    }
    Index(index)
}

impl Brand {
    pub(super) fn new() -> Self {
        let sources = json!([
            { "id": "app", "match": ["app"], "sends": ["members"], "verifies": ["phone", "email"], "self": true },
            { "id": "crm", "match": ["crm"], "sends": ["members"], "verifies": ["phone"], "rank": 20 },
            { "id": "till", "match": ["till"], "sends": ["members"] },
            { "id": "chat", "match": ["chat"], "sends": ["members"], "verifies": ["wecom", "phone"] },
        ]);
        let purposes = json!([
            { "id": "marketing", "basis": "opt_in", "channels": ["email", "sms", "phone"] },
            { "id": "sensitive", "basis": "opt_in" },
        ]);
        let text = |id: &str| json!({ "id": id, "version": 1, "from": "2020-01-01", "texts": {} });
        let attributes = json!([
            { "id": "allergy", "type": "text", "purpose": "sensitive", "needs": "sensitive", "retain_days": 730 },
        ]);
        Self {
            rules: Members::default(),
            sources: serde_json::from_value(sources).unwrap(),
            purposes: serde_json::from_value(purposes).unwrap(),
            texts: serde_json::from_value(json!([text("marketing"), text("sensitive")])).unwrap(),
            attributes: serde_json::from_value(attributes).unwrap(),
            zone: Zone::named("Asia/Shanghai").unwrap(),
            claims: BTreeMap::new(),
            members: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            erased: BTreeSet::new(),
            privacy: Privacy::default(),
        }
    }

    fn live(&self, member: &MemberId) -> MemberId {
        match &self.members[member].state {
            State::Merged { into } => self.live(into),
            _ => member.clone(),
        }
    }

    fn holder(&self, identifier: &Identifier) -> Option<Holder> {
        let (member, verified_at) = self.claims.get(&(identifier.kind.to_string(), identifier.value.clone()))?;
        Some(Holder { member: self.live(member), verified_at: *verified_at })
    }

    pub(super) fn finds(&self, kind: &str, value: &str) -> Option<String> {
        let identifier = Identifier { kind: kind.parse().unwrap(), value: value.to_owned() };
        Some(self.holder(&identifier)?.member.to_string())
    }

    fn presented(source: &Source, kind: &str, text: &str) -> (Identifier, Presented) {
        let reading = Reading::new("CN", Card::PATTERN, false).unwrap();
        let identifier = reading.identifier(kind.parse().unwrap(), text.trim_end_matches('!'), None).unwrap();
        let verifies = match identifier.kind {
            Kind::Phone => source.verifies.contains(&Verified::Phone),
            Kind::Email => source.verifies.contains(&Verified::Email),
            Kind::Wecom => source.verifies.contains(&Verified::Wecom),
            Kind::Card | Kind::Device | Kind::External(_) => false,
        };
        let verified = identifier.kind == Kind::Card || (text.ends_with('!') && verifies);
        let (kind, index, hint) = (identifier.kind.clone(), index(&identifier), mask::identifier(&identifier));
        (identifier, Presented { kind, index, hint, verified })
    }

    /// What `source called: kind text, ...` asks for, `!` behind what the request says is verified.
    pub(super) fn asked(&self, on: &str, words: &str) -> Enrolment {
        let (who, what) = words.split_once(": ").unwrap();
        let (source, called) = who.split_once(' ').unwrap();
        let source = self.sources.iter().find(|known| known.id == source).unwrap();
        let (named, of_name) = Self::presented(source, &format!("external:{}", source.id), called);
        let identifiers = what.split(", ").filter(|one| !one.is_empty()).map(|one| {
            let (kind, text) = one.split_once(' ').unwrap();
            Self::presented(source, kind, text)
        });
        let mut asked = Enrolment {
            new: id(&format!("m{}", self.members.len() + 1)),
            called: Called::Name(named, of_name.index),
            identifiers: Vec::new(),
            told: Told {
                home: Home::default(),
                fields: Vec::new(),
                consents: Vec::new(),
                says: Provenance { source: source.id.clone(), rank: source.rank, at: at(on) },
            },
            brought: Brought::default(),
            notice: None,
        };
        identifiers.for_each(|(identifier, presented)| asked.present(identifier, presented));
        asked
    }

    fn name(asked: &Enrolment) -> Option<&Identifier> {
        match &asked.called {
            Called::Name(name, _) => Some(name),
            Called::Id(_) => None,
        }
    }

    /// What is known of all whom it may be about.
    pub(super) fn known(&self, asked: &Enrolment) -> Known {
        Known {
            named: Self::name(asked).and_then(|name| self.holder(name)).map(|holder| holder.member),
            holders: asked.identifiers.iter().map(|(identifier, _)| self.holder(identifier)).collect(),
            members: self.members.clone(),
            conflicts: self.conflicts.clone(),
            erased: self.erased.clone(),
        }
    }

    /// By which rules it decides.
    pub(super) fn rules_at(&self, now: Timestamp) -> Rules<'_> {
        let schema = Schema { attributes: &self.attributes };
        let terms = Terms { purposes: &self.purposes, texts: &self.texts, min_age: 14, zone: &self.zone };
        let (privacy, sources, today) = (&self.privacy, &self.sources, self.zone.date(now));
        let dormancy = Dormancy::default();
        Rules { members: &self.rules, schema, terms, privacy, dormancy, sources, now, today }
    }

    /// Decides, and writes nothing.
    pub(super) fn tries(&self, asked: &Enrolment, now: Timestamp) -> Result<Enrolled, Enrolling> {
        enrol(asked, &self.known(asked), self.rules_at(now))
    }

    /// Enrols, and writes what comes of it.
    pub(super) fn enrols(&mut self, asked: &Enrolment, now: Timestamp) -> Result<Enrolled, Enrolling> {
        let enrolled = self.tries(asked, now)?;
        let own = enrolled.member.id.clone();
        let key = |identifier: &Identifier| (identifier.kind.to_string(), identifier.value.clone());
        if enrolled.named {
            let name = Self::name(asked).expect("a source calls members by a name");
            self.claims.entry(key(name)).or_insert((own.clone(), None));
        }
        for ((identifier, presented), link) in asked.identifiers.iter().zip(&enrolled.links) {
            let verified = presented.verified.then_some(now);
            match link {
                Link::Linked | Link::Moved { .. } => {
                    self.claims.insert(key(identifier), (own.clone(), verified));
                }
                Link::Own => {
                    let claim = self.claims.get_mut(&key(identifier)).unwrap();
                    claim.1 = claim.1.max(verified);
                }
                Link::Stayed { .. } => {}
            }
        }
        self.members.insert(own, enrolled.member.clone());
        self.members.extend(enrolled.others.clone());
        self.conflicts.extend(enrolled.conflicts.clone());
        let again = self.tries(asked, now).unwrap();
        assert!(
            !again.new && again.records.is_empty() && again.written.changed.is_empty(),
            "the same again has no news"
        );
        Ok(enrolled)
    }

    /// Tells and answers `new m1 linked phone`, or `m1 by phone`, with `conflict m2 phone stayed` for each.
    pub(super) fn told(&mut self, on: &str, words: &str) -> String {
        let asked = self.asked(on, words);
        let enrolled = self.enrols(&asked, at(on)).unwrap();
        let mut said =
            if enrolled.new { format!("new {}", enrolled.member.id) } else { enrolled.member.id.to_string() };
        if let Some(by) = enrolled.matched_by {
            said += &format!(" by {}", serde_json::to_value(by).unwrap().as_str().unwrap());
        }
        for (place, ((identifier, _), link)) in asked.identifiers.iter().zip(&enrolled.links).enumerate() {
            let opened = enrolled.opened.iter().any(|(_, opened)| *opened == place);
            match link {
                Link::Linked => said += &format!(" linked {}", identifier.kind),
                Link::Moved { from } if opened => said += &format!(" conflict {from} {} moved", identifier.kind),
                Link::Stayed { with } if opened => said += &format!(" conflict {with} {} stayed", identifier.kind),
                _ => {}
            }
        }
        said
    }

    /// A person decides.
    pub(super) fn resolve(
        &mut self,
        (one, other): (&str, &str),
        decision: Decision,
        survivor: Option<&str>,
    ) -> Result<(), &'static str> {
        let pair = Pair::of(&id(one), &id(other)).unwrap();
        let survivor = survivor.map(id);
        let conflict = self.conflicts.get_mut(&pair).ok_or("not_found")?;
        let open = conflict.resolve(decision, survivor.as_ref()).map_err(|refusal| refusal.code())?;
        match (decision, survivor) {
            (Decision::Merge, Some(survivor)) => {
                let absorbed = pair.other(&survivor).unwrap();
                self.members.get_mut(absorbed).unwrap().state = State::Merged { into: survivor };
            }
            (Decision::Share, _) => {
                for claimed in open {
                    let of = self.members[pair.other(&claimed.without).unwrap()].has(claimed.index).unwrap().clone();
                    let contact = Held { contact: true, ..of };
                    self.members.get_mut(&claimed.without).unwrap().link(contact).unwrap();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `m1 m2: phone, email` for each open conflict.
    pub(super) fn open(&self) -> Vec<String> {
        let open = self.conflicts.values().filter(|conflict| !conflict.open.is_empty());
        let words = open.map(|conflict| {
            let [one, other] = conflict.pair.members();
            let kinds: Vec<String> = conflict.open.iter().map(|claimed| claimed.kind.to_string()).collect();
            format!("{one} {other}: {}", kinds.join(", "))
        });
        words.collect()
    }
}
