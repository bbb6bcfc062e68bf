//! A stage for care: members, a programme in versions, a clock, and what came of it all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::care::{Back, Care, Decided, Enrolment, Group, Happening, Outcome, Person, Report, Scene, Standing, What};
use domain::kernel::canonical::Hash;
use domain::kernel::time::Zone;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::condition::Variables;
use domain::programme::document::Document;
use jiff::civil::{Date, time};
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

/// A stage.
pub(crate) struct Stage {
    document: Value,
    versions: Vec<(Timestamp, Arc<Programme>)>,
    pub(crate) programmes: Programmes,
    pub(crate) members: BTreeMap<String, (Person, Care)>,
    paused: BTreeSet<String>,
    pub(crate) now: Timestamp,
    next_calendar: Timestamp,
    first_calendar: bool,
    pub(crate) entered: Vec<Value>,
    pub(crate) steps: Vec<Value>,
    pub(crate) facts: Vec<domain::care::CareFact>,
    pub(crate) ignored: BTreeMap<String, u64>,
}

/// What a decision must know of what has ended.
#[derive(Clone, Copy)]
enum Needs<'a> {
    Nothing,
    Birthdays,
    Of(&'a Happening),
    All,
}

fn six(zone: &Zone, date: Date) -> Timestamp {
    zone.instant(date, time(6, 0, 0, 0))
}

impl Stage {
    /// With a programme of some journeys, the rest as by default.
    pub(crate) fn new(zone: &str, care: &Value, journeys: &[Value], now: Timestamp) -> Self {
        let text = include_str!("../../../../../programme.toml");
        let mut document: Value = serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
        document["programme"]["timezone"] = json!(zone);
        document["care"] = care.clone();
        document["journey"] = json!(journeys);
        let zone = Zone::named(zone).unwrap();
        let today = six(&zone, zone.date(now));
        let next_calendar = if today >= now { today } else { six(&zone, zone.date(now).tomorrow().unwrap()) };
        let mut stage = Self {
            document,
            versions: Vec::new(),
            programmes: Programmes::new(Vec::new()),
            members: BTreeMap::new(),
            paused: BTreeSet::new(),
            now,
            next_calendar,
            first_calendar: true,
            entered: Vec::new(),
            steps: Vec::new(),
            facts: Vec::new(),
            ignored: BTreeMap::new(),
        };
        stage.publish(&json!({}));
        stage
    }

    /// Puts another version in force.
    pub(crate) fn publish(&mut self, changes: &Value) {
        for (name, value) in changes["care"].as_object().into_iter().flatten() {
            self.document["care"][name] = value.clone();
        }
        let journeys = self.document["journey"].as_array_mut().unwrap();
        for journey in changes["journeys"].as_array().into_iter().flatten() {
            match journeys.iter_mut().find(|own| own["id"] == journey["id"]) {
                Some(own) => *own = journey.clone(),
                None => journeys.push(journey.clone()),
            }
        }
        let removed: Vec<Value> = match &changes["remove"] {
            Value::Array(ids) => ids.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        journeys.retain(|journey| !removed.contains(&journey["id"]));
        let document: Document = serde_json::from_value(self.document.clone()).unwrap();
        let number = u32::try_from(self.versions.len()).unwrap() + 1;
        let programme = Programme::published(number, Hash::GENESIS, document).expect("the programme compiles");
        self.versions.push((self.now, Arc::new(programme)));
        self.programmes = Programmes::new(self.versions.clone());
    }

    pub(crate) fn join(&mut self, id: &str, person: Person) {
        self.members.insert(id.to_owned(), (person, Care::new(id.parse().unwrap())));
    }

    /// Decides with no more of what has ended than a decision says it needs.
    fn on(&mut self, id: &str, needs: Needs<'_>, decide: impl FnOnce(&Care, Scene<'_>) -> Decided) {
        let (person, mut care) = self.members.get(id).unwrap().clone();
        let scene = Scene { programmes: &self.programmes, person: &person, paused: &self.paused, now: self.now };
        let whole = care.filed.clone();
        let keys = match needs {
            Needs::Nothing => BTreeSet::new(),
            Needs::Birthdays => scene.birthdays(),
            Needs::Of(happening) => scene.keys(happening),
            Needs::All => whole.keys().copied().collect(),
        };
        care.filed.retain(|key, _| keys.contains(key));
        let mut decided = decide(&care, scene);
        care.filed.clone_from(&whole);
        let written = std::mem::replace(&mut decided.change.state.filed, whole);
        decided.change.state.filed.extend(written);
        self.note(&care, &decided.change.state);
        self.facts.extend(decided.change.facts.clone());
        for ignored in decided.ignored {
            *self.ignored.entry(ignored.why.name().to_owned()).or_default() += 1;
        }
        self.members.insert(id.to_owned(), (person, decided.change.state));
    }

    /// Notes what is new.
    fn note(&mut self, before: &Care, after: &Care) {
        let all = |care: &Care| -> BTreeMap<String, Enrolment> {
            let filed = care.filed.values().filter_map(|filed| filed.enrolment.clone());
            let all = filed.chain(care.enrolments.iter().cloned());
            all.map(|own| (own.id(&care.member).to_string(), own)).collect()
        };
        let (before, member) = (all(before), after.member.as_str());
        for (id, enrolment) in all(after) {
            let known = before.get(&id);
            let of = json!({"member": member, "journey": enrolment.journey, "key": enrolment.key});
            if known.is_none() {
                let mut entered = of.clone();
                entered["at"] = json!(self.now.to_string());
                entered["group"] = json!(enrolment.group.name());
                self.entered.push(entered);
            }
            for state in &enrolment.steps {
                let same = |other: &&domain::care::StepState| other.name() == state.name();
                let earlier =
                    known.and_then(|known| known.steps.iter().find(same)).and_then(|own| own.outcome.as_ref());
                let Some(outcome) = state.outcome.as_ref().filter(|outcome| earlier != Some(outcome)) else { continue };
                let said = told(&of, &state.name(), outcome);
                let again = earlier.filter(|earlier| earlier.message.is_some() && earlier.message == outcome.message);
                match again.map(|earlier| told(&of, &state.name(), earlier)) {
                    Some(earlier) => {
                        let place = self.steps.iter().position(|own| *own == earlier).unwrap();
                        self.steps[place] = said;
                    }
                    None => self.steps.push(said),
                }
            }
        }
    }

    /// Lets time pass: every member is woken when something is due.
    pub(crate) fn until(&mut self, at: Timestamp) {
        loop {
            let due = |(id, (person, care)): (&String, &(Person, Care))| {
                let scene = Scene { programmes: &self.programmes, person, paused: &self.paused, now: self.now };
                care.due(&scene).map(|due| (due, id.clone()))
            };
            let next = self.members.iter().filter_map(due).min();
            let calendar = self.next_calendar;
            match next {
                Some((due, id)) if due <= at && due <= calendar => {
                    self.now = self.now.max(due);
                    self.on(&id, Needs::Nothing, Care::wake);
                }
                _ if calendar <= at => {
                    self.now = calendar;
                    self.calendar();
                }
                _ => break,
            }
        }
        self.now = at;
    }

    fn calendar(&mut self) {
        let ahead = if self.first_calendar { 0..=8 } else { 8..=8 };
        self.first_calendar = false;
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.on(&id, Needs::Birthdays, |care, scene| care.celebrate(ahead.clone(), scene));
        }
        let zone = self.programmes.at(self.now).zone();
        self.next_calendar = six(zone, zone.date(self.now) + 1.day());
    }

    /// A fact comes, which happened then.
    pub(crate) fn tell(&mut self, member: &str, name: &str, happened: Timestamp, data: Value) {
        let data = serde_json::from_value::<Variables>(data).unwrap();
        let happening = Happening { names: vec![name.to_owned()], at: happened, data };
        self.on(member, Needs::Of(&happening), |care, scene| care.happened(&happening, scene));
    }

    pub(crate) fn report(&mut self, member: &str, report: &Report) {
        self.on(member, Needs::All, |care, scene| care.reported(report, scene));
    }

    /// One thing of a story.
    pub(crate) fn play(&mut self, happens: &Map<String, Value>) {
        self.until(happens["at"].as_str().unwrap().parse().unwrap());
        if let Some(Value::Object(event)) = happens.get("event") {
            let mut event = event.clone();
            let kind = event.remove("type").unwrap().as_str().unwrap().to_owned();
            let member = event.remove("member").unwrap().as_str().unwrap().to_owned();
            let happened = event.remove("occurred_at").map(|at| at.as_str().unwrap().parse().unwrap());
            let segment = event.get("segment").and_then(Value::as_str).unwrap_or_default();
            let kind = if kind.starts_with("segment.") { format!("{kind}:{segment}") } else { kind };
            self.tell(&member, &kind, happened.unwrap_or(self.now), Value::Object(event));
        }
        if let Some(profile) = happens.get("profile") {
            self.profile(profile);
        }
        if let Some(changes) = happens.get("publish") {
            self.publish(changes);
        }
        if let Some(journey) = happens.get("pause") {
            self.paused.insert(journey.as_str().unwrap().to_owned());
        }
        if let Some(journey) = happens.get("resume") {
            self.paused.remove(journey.as_str().unwrap());
        }
        if let Some(back) = happens.get("give_back") {
            let member = back["member"].as_str().unwrap();
            let message = self.message(member, back["journey"].as_str().unwrap(), back["step"].as_str().unwrap());
            let reason = back["reason"].as_str().unwrap_or_default().to_owned();
            let back = match back["outcome"].as_str().unwrap() {
                "failed" => Back::Failed(reason),
                "skipped" => Back::Skipped(reason),
                "returned" => Back::Returned,
                other => panic!("{other}"),
            };
            self.report(member, &Report { message, back });
        }
    }

    /// The newest message of a step.
    pub(crate) fn message(&self, member: &str, journey: &str, step: &str) -> domain::care::MessageId {
        let care = &self.members[member].1;
        let filed = care.filed.values().filter_map(|filed| filed.enrolment.as_ref());
        let all = filed.chain(&care.enrolments).filter(|own| own.journey == journey);
        let steps = all.flat_map(|own| &own.steps).filter(|state| state.name() == step);
        let claimed = steps.filter_map(|state| state.outcome.as_ref()).filter(|outcome| outcome.message.is_some());
        claimed.max_by_key(|outcome| outcome.at).and_then(|outcome| outcome.message).expect("a claimed step")
    }

    fn profile(&mut self, profile: &Value) {
        let id = profile["member"].as_str().unwrap();
        let today = self.programmes.at(self.now).zone().date(self.now);
        let person = &mut self.members.get_mut(id).unwrap().0;
        change(person, profile);
        let edited = profile.get("birthday").is_some();
        if edited {
            person.birthday_edited_on = Some(today);
        }
        self.on(
            id,
            Needs::Birthdays,
            |care, scene| if edited { care.celebrate(0..=8, scene) } else { care.wake(scene) },
        );
    }
}

/// What became of a step, in words.
fn told(of: &Value, step: &str, outcome: &Outcome) -> Value {
    let mut said = of.clone();
    said["step"] = json!(step);
    said["at"] = json!(outcome.at.to_string());
    said["outcome"] = json!(outcome.what.name());
    if let Some(reason) = &outcome.reason {
        said["reason"] = json!(reason);
    }
    if outcome.what == What::Overtaken {
        said["outcome"] = json!("skipped");
        said["reason"] = json!("overtaken");
    }
    if !matches!(outcome.what, What::Exited | What::SentBefore) {
        said["planned"] = json!(outcome.planned.to_string());
    }
    if let Some(channel) = outcome.channel {
        said["channel"] = json!(channel.name());
    }
    said
}

/// Somebody with every address, who agreed to everything.
pub(crate) fn anybody() -> Person {
    let mut person = Person { zone: Some("Asia/Shanghai".into()), ..Person::default() };
    let all = json!({"addresses": {"email": true, "sms": true, "push": true, "wecom": true}, "consent": {
        "marketing/email": "given", "marketing/sms": "given", "marketing/push": "given", "marketing/wecom": "given",
        "marketing/phone": "given",
    }});
    change(&mut person, &all);
    person
}

/// Says something of a member.
pub(crate) fn change(person: &mut Person, said: &Value) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for (name, value) in said.as_object().unwrap() {
        match name.as_str() {
            "member" => {}
            "zone" => person.zone = text(value),
            "country" => person.country = text(value),
            "locale" => person.locale = text(value),
            "tier" => person.tier = text(value),
            "segment" => person.segment = text(value),
            "tags" => person.tags = serde_json::from_value(value.clone()).unwrap(),
            "birthday" => person.birthday = value.as_str().map(|date| date.parse().unwrap()),
            "birthday_set_on" => person.birthday_edited_on = value.as_str().map(|date| date.parse().unwrap()),
            "status" => {
                person.standing = match value.as_str().unwrap() {
                    "active" => Standing::Active,
                    "suspended" => Standing::Suspended,
                    "closed" => Standing::Closed,
                    "deceased" => Standing::Deceased,
                    "erased" => Standing::Erased,
                    other => panic!("{other}"),
                }
            }
            "addresses" => {
                for (channel, there) in value.as_object().unwrap() {
                    let channel = channel.parse().unwrap();
                    if *there == json!(true) || *there == json!("ok") {
                        person.addresses.insert(channel, false);
                    } else {
                        person.addresses.remove(&channel);
                    }
                }
            }
            "suppressed" => {
                for channel in value.as_array().unwrap() {
                    person.addresses.insert(channel.as_str().unwrap().parse().unwrap(), true);
                }
            }
            "consent" => {
                for (subject, said) in value.as_object().unwrap() {
                    let (purpose, channel) = subject.split_once('/').unwrap();
                    let channel = channel.parse().unwrap();
                    match (purpose, said.as_str().unwrap()) {
                        ("marketing", "given") => person.agreed.insert(channel),
                        ("marketing", _) => person.agreed.remove(&channel),
                        ("service", "withdrawn") => person.refused.insert(channel),
                        ("service", _) => person.refused.remove(&channel),
                        _ => continue,
                    };
                }
            }
            other => panic!("{other}"),
        }
    }
}

/// Is nothing done for this enrolment?
pub(crate) fn is_held_out(enrolment: &Enrolment) -> bool {
    enrolment.group == Group::Holdout
}
