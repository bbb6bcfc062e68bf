//! Something is said of a member: where the member is at home, fields, consents (rules: members 13-16, privacy 1-5).

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use crate::kernel::refusal::refusals;
use crate::members::consent::{Consenting, Record, Said, Statement, Terms, may_keep, state};
use crate::members::facts::MemberFact;
use crate::members::field::Provenance;
use crate::members::home::{Home, Homing};
use crate::members::profile::{BIRTHDAY, BY_MEMBER, Profiling, Schema, Writing, Written};
use crate::members::state::Member;
use crate::programme::compiled::Programme;
use crate::programme::members::Members;
use crate::programme::privacy::{Dormancy, Privacy};
use crate::programme::source::Source;

refusals! {
    /// What is said of a member cannot be written.
    Telling {
        | Homing,
        | Profiling,
        | Consenting,
    }
}

/// What is said of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where the member is at home.
    pub home: Home,
    /// Fields; `null` clears.
    pub fields: Vec<(String, Json)>,
    /// What the member agrees to.
    pub consents: Vec<Statement>,
    /// Who says so, and since when it is true.
    pub says: Provenance,
}

/// By which rules.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// By what members are found.
    pub members: &'a Members,
    /// What is known of members.
    pub schema: Schema<'a>,
    /// What members agree to.
    pub terms: Terms<'a>,
    /// How members are erased, and what they are shown when they enrol.
    pub privacy: &'a Privacy,
    /// After how long a member who does nothing is told, and erased.
    pub dormancy: Dormancy,
    /// The systems that speak of members.
    pub sources: &'a [Source],
    /// Now.
    pub now: Timestamp,
    /// The local date of now.
    pub today: Date,
}

impl<'a> Rules<'a> {
    /// Those of a programme.
    #[must_use]
    pub fn of(programme: &'a Programme, now: Timestamp) -> Self {
        let (document, zone) = (programme.document(), programme.zone());
        let (purposes, texts) = (document.purpose.as_slice(), document.consent_text.as_slice());
        Self {
            members: &document.members,
            schema: Schema { attributes: &document.attribute },
            privacy: &document.privacy,
            dormancy: document.dormancy,
            sources: &document.source,
            terms: Terms { purposes, texts, min_age: document.privacy.consent_min_age, zone },
            now,
            today: zone.date(now),
        }
    }

    /// Does the person speak, under this name: itself, or by a system that is the person's own?
    #[must_use]
    pub fn is_own(&self, source: &str) -> bool {
        source == BY_MEMBER || self.sources.iter().any(|known| known.id == source && known.is_self)
    }
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Fields that changed, and those that are kept.
    pub written: Written,
    /// What is recorded of consents.
    pub records: Vec<Record>,
}

impl Heard {
    /// What others are told of it.
    #[must_use]
    pub fn facts(&self, source: &str) -> Vec<MemberFact> {
        self.written.fact(source).into_iter().chain(self.records.iter().filter_map(agreed)).collect()
    }
}

/// What others are told of a record that holds.
pub(crate) fn agreed(record: &Record) -> Option<MemberFact> {
    let (purpose, channel) = record.subject.clone();
    let channel = channel.map(|channel| channel.name().to_owned());
    let version = record.consent.version;
    (!record.superseded).then_some(match record.consent.said {
        Said::Given => MemberFact::ConsentGiven { purpose, channel, version },
        Said::Pending => MemberFact::ConsentPending { purpose, channel },
        Said::Withdrawn => MemberFact::ConsentWithdrawn { purpose, channel },
    })
}

/// Takes to a member what is said: the birthday first, for it says who agrees alone; what is agreed to; then what needs that. All or nothing.
///
/// # Errors
/// Something that is said is not acceptable.
pub fn tell(member: &mut Member, told: &Told, rules: Rules<'_>) -> Result<Heard, Telling> {
    let mut after = member.clone();
    told.home.apply(&mut after, rules.members)?;
    let writing = Writing { says: &told.says, now: rules.now, today: rules.today, agrees: &|_| false };
    let fields = told.fields.iter().map(|(field, value)| (field.as_str(), value));
    let (birthday, others): (Vec<_>, Vec<_>) = fields.partition(|(field, _)| *field == BIRTHDAY);
    let mut heard = Heard { written: after.profile.write(rules.schema, writing, birthday)?, records: Vec::new() };
    for statement in &told.consents {
        let birthday = after.profile.birthday();
        for record in state(rules.terms, &after.consents, birthday, statement, rules.now)? {
            record.apply(&mut after.consents);
            heard.records.push(record);
        }
    }
    let consents = after.consents.clone();
    let agrees = |purpose: &str| may_keep(rules.terms, &consents, purpose, rules.today);
    let others = after.profile.write(rules.schema, Writing { agrees: &agrees, ..writing }, others)?;
    heard.written.changed.extend(others.changed);
    heard.written.kept.extend(others.kept);
    heard.written.changed.extend(after.profile.forget(rules.schema, &told.says, &agrees));
    *member = after;
    Ok(heard)
}
