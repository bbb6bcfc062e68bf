//! A brand's members in memory, and files that are read into them.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::id::MemberId;
use domain::members::bringing::brings;
use domain::members::conflict::Conflict;
use domain::members::consent::Said;
use domain::members::enrolment::{Called, Enrolment, Known, enrol};
use domain::members::identifier::{Identifier, Index, Reading};
use domain::members::mask;
use domain::members::resolution::{Holder, Link, Presented};
use domain::members::speaking::Speaker;
use domain::members::state::Member;
use domain::members::telling::Rules;
use domain::programme::compiled::Programme;
use domain::programme::source::Sends;
use intake::{
    Asked, Counts, ErrorFile, Fault, MemberRow, Outcome, Reader, Seen, Severity, Verdict, applied, columns, refused,
    stood,
};
use jiff::Timestamp;
use sheet::{Mapping, Row, Table};

pub(crate) struct Book {
    programme: Programme,
    claims: BTreeMap<Identifier, (MemberId, Option<Timestamp>)>,
    members: BTreeMap<MemberId, Member>,
}

/// What a file came to: the code of the whole, or rows accepted, unchanged, and `row field code` of each fault.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) file: Option<&'static str>,
    pub(crate) accepted: Vec<u32>,
    pub(crate) unchanged: Vec<u32>,
    pub(crate) faults: Vec<String>,
    pub(crate) errors: String,
    pub(crate) counts: Counts,
}

/// A stand-in for the keyed hash: in a test nobody minds who reads it.
fn index(identifier: &Identifier) -> Index {
    let mut index = [0; 32];
    for (place, byte) in format!("{}|{}", identifier.kind, identifier.value).bytes().enumerate() {
        index[place % 32] ^= byte.rotate_left(u32::try_from(place / 32).unwrap() + 1);
    }
    Index(index)
}

const MORE: &str = r#"
[[source]]
id = "till"
match = ["till"]
sends = ["members"]

[[attribute]]
id = "skin"
type = "choice"
options = ["dry", "oily", "mixed"]
purpose = "profiling"
retain_days = 730

[[attribute]]
id = "visits"
type = "integer"
purpose = "profiling"
retain_days = 730

[[attribute]]
id = "likes"
type = "choices"
options = ["tea", "coffee", "cake"]
purpose = "profiling"
retain_days = 730

[[attribute]]
id = "wholesale"
type = "boolean"
purpose = "profiling"
retain_days = 730

[[consent_text]]
id = "marketing"
version = 2
from = "2026-06-01"
texts = { "zh-CN" = "同意", en = "I agree", ja = "同意します" }
"#;

impl Book {
    /// The default programme with two sources and four attributes more.
    pub(crate) fn new() -> Self {
        let text = include_str!("../../../../programme.toml").to_owned() + MORE;
        let document = toml::from_str(&text).unwrap();
        let programme = Programme::compile(1, document).map_err(|findings| format!("{findings:#?}")).unwrap();
        Self { programme, claims: BTreeMap::new(), members: BTreeMap::new() }
    }

    pub(crate) fn import(&mut self, at: &str, source: &str, file: &str) -> Came {
        self.import_with(at, source, file.as_bytes(), "")
    }

    pub(crate) fn import_with(&mut self, at: &str, source: &str, bytes: &[u8], mapping: &str) -> Came {
        let at: Timestamp = if at.len() == 10 { format!("{at}T02:00:00Z") } else { at.to_owned() }.parse().unwrap();
        let mapping = Mapping::from_toml(mapping).unwrap();
        let table = match Table::open(bytes, &columns(&self.programme), &mapping) {
            Ok(table) => table,
            Err(fault) => return Came { file: Some(fault.code()), ..Came::default() },
        };
        let mut rows = Vec::new();
        if let Err(fault) = table.each(|row| {
            rows.push(row);
            Ok(())
        }) {
            return Came { file: Some(fault.code()), ..Came::default() };
        }
        let mut came = Came::default();
        let mut errors = ErrorFile::default();
        let mut seen = Seen::default();
        for row in rows {
            let (outcome, faults) = self.row(at, (source, &mapping, &table), &row, &mut seen);
            match outcome {
                Outcome::Accepted => came.accepted.push(row.number),
                Outcome::Unchanged => came.unchanged.push(row.number),
                Outcome::Refused => {}
            }
            let codes = faults.iter().map(|fault| (&*fault.code, fault.severity == Severity::Warning));
            came.counts.count(outcome, codes);
            errors.add(table.header(), table.epoch(), &row, &faults);
            came.faults.extend(faults.iter().map(|fault| format!("{} {} {}", row.number, fault.field, fault.code)));
        }
        came.errors = ErrorFile::head(table.header()) + errors.lines();
        came
    }

    fn row(
        &mut self,
        at: Timestamp,
        (source, mapping, table): (&str, &Mapping, &Table<'_>),
        row: &Row,
        seen: &mut Seen,
    ) -> (Outcome, Vec<Fault>) {
        let rules = Rules::of(&self.programme, at);
        let identifiers = Reading::new("CN", &rules.members.card.pattern, false).unwrap();
        let speaker = Speaker::source(&self.programme.document().source, source, Sends::Members).unwrap();
        let dictionary = self.programme.document().tag.as_slice();
        let asked = Asked { mapping, identifiers: &identifiers, rules, dictionary, speaker, started: at };
        let reader = Reader::new(asked, table.header(), table.epoch());
        match reader.judge(row, seen) {
            Verdict::Same { .. } => (Outcome::Unchanged, Vec::new()),
            Verdict::Refused(faults) => (Outcome::Refused, faults),
            Verdict::Apply(read, mut warnings) => {
                let named = read.named.value.clone();
                match self.apply(at, *read) {
                    Ok((outcome, more)) => {
                        warnings.extend(more);
                        (outcome, warnings)
                    }
                    Err(fault) => {
                        seen.refused(row.number, &named);
                        (Outcome::Refused, vec![fault])
                    }
                }
            }
        }
    }

    fn apply(&mut self, at: Timestamp, row: MemberRow) -> Result<(Outcome, Vec<Fault>), Fault> {
        if row.is_bare() && !self.claims.contains_key(&row.named) {
            return Err(MemberRow::nobody());
        }
        let new: MemberId = format!("m{}", self.members.len() + 1).parse().unwrap();
        let named = (row.named.clone(), index(&row.named));
        let called = Called::Name(named.0.clone(), named.1);
        let mut enrolment = Enrolment { brought: row.brought, ..Enrolment::of(new, called, row.told) };
        for (identifier, verified) in row.identifiers {
            let (kind, hint) = (identifier.kind.clone(), mask::identifier(&identifier));
            let presented = Presented { kind, index: index(&identifier), hint, verified };
            enrolment.present(identifier, presented);
        }
        let holder = |identifier: &Identifier| {
            let (member, verified_at) = self.claims.get(identifier)?;
            Some(Holder { member: member.clone(), verified_at: *verified_at })
        };
        let known = Known {
            named: holder(&named.0).map(|holder| holder.member),
            holders: enrolment.identifiers.iter().map(|(identifier, _)| holder(identifier)).collect(),
            members: self.members.clone(),
            conflicts: BTreeMap::<_, Conflict>::new(),
            erased: BTreeSet::new(),
        };
        let rules = Rules::of(&self.programme, at);
        let mut decided = enrol(&enrolment, &known, rules).map_err(|no| refused(&no))?;
        let mut came = applied(&enrolment, &known, &decided);
        if let Some(stands) = row.stands {
            stood(&mut came, &brings(&mut decided.member, stands, rules));
        }
        let own = decided.member.id.clone();
        if known.named.is_none() {
            self.claims.insert(named.0.clone(), (own.clone(), None));
        }
        for ((identifier, presented), link) in enrolment.identifiers.iter().zip(&decided.links) {
            if !matches!(link, Link::Stayed { .. }) {
                self.claims.insert(identifier.clone(), (own.clone(), presented.verified.then_some(at)));
            }
        }
        self.members.extend(decided.others);
        self.members.insert(own, decided.member);
        Ok(came)
    }

    /// A member in words: identifiers, fields, consents.
    pub(crate) fn member(&self, id: &str) -> String {
        let Some(member) = self.members.get(&id.parse::<MemberId>().unwrap()) else { return String::new() };
        let held = member.identifiers.iter().map(|held| format!("{} {}", held.identifier.kind, held.identifier.value));
        let mut words: Vec<String> = held.collect();
        words.sort();
        let fields = member.profile.fields.iter();
        let fields =
            fields.filter_map(|(name, known)| Some((name, serde_json::to_value(known.value.as_ref()?).unwrap())));
        words.extend(fields.map(|(name, value)| format!("{name}={}", value.to_string().replace('"', ""))));
        for ((purpose, channel), consent) in &member.consents {
            let channel = channel.map_or("", domain::programme::channel::Channel::name);
            let said = match consent.said {
                Said::Given => "given",
                Said::Pending => "pending",
                Said::Withdrawn => "withdrawn",
            };
            words.push(format!("{purpose}.{channel} {said}"));
        }
        words.extend(member.tags.iter().map(|(tag, until)| format!("#{tag} {until}")));
        words.extend(member.joined_on.map(|on| format!("since {on}")));
        let state = if member.is_deceased() { "deceased" } else { member.state.name() };
        words.extend((state != "active").then(|| state.to_owned()));
        words.extend(member.locale.iter().map(|locale| format!("in {locale}")));
        words.join(", ")
    }
}

/// Rows accepted, unchanged, and faults.
#[track_caller]
pub(crate) fn check(came: &Came, accepted: &[u32], unchanged: &[u32], faults: &[&str]) {
    let faults: Vec<String> = faults.iter().map(|fault| (*fault).to_owned()).collect();
    assert_eq!(
        (came.file, &came.accepted[..], &came.unchanged[..], &came.faults),
        (None, accepted, unchanged, &faults)
    );
}
