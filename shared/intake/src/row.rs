//! A row as an enrolment, or everything that is wrong with it (rules: import 18, 19, 21).

use domain::kernel::time::Zone;
use domain::members::field::Provenance;
use domain::members::home::Home;
use domain::members::identifier::{Identifier, Kind, Reading};
use domain::members::profile::BIRTHDAY;
use domain::members::speaking::Speaker;
use domain::members::telling::{Rules, Told};
use domain::programme::tag::Tag;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use sheet::{Cells, Epoch, Header, Mapping, OnError, Raw, Row, Stated};

use crate::bringing::{Bringing, By, JOINED_ON, STATE, TAGS};
use crate::columns::{AT, COUNTRY, EXTERNAL_ID, IDENTIFIERS, LOCALE, SAID_AT, TEXT, VERSION, ZONE};
use crate::consents::{Evidence, instant};
use crate::fault::{Fault, Severity};
use crate::fields::field;
use crate::naming::Naming;
use crate::said::MemberRow;
use crate::twice::{Seen, Twice};

/// How far the clock of who wrote the file may be ahead.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is to be done with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is applied, with what is worth to be told of it.
    Apply(Box<MemberRow>, Vec<Fault>),
    /// Nothing: a row before it said the same; if that is refused in the end, so is this.
    Same {
        /// Its number.
        first: u32,
    },
    /// Nothing: everything that is wrong with it.
    Refused(Vec<Fault>),
}

/// By what the rows of a file are read, whatever its header says.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How it is read, as somebody said.
    pub mapping: &'a Mapping,
    /// Identifiers, as the programme has them.
    pub identifiers: &'a Reading,
    /// The rules of the programme.
    pub rules: Rules<'a>,
    /// The tags that there are.
    pub dictionary: &'a [Tag],
    /// Who says so.
    pub speaker: Speaker<'a>,
    /// When the import began.
    pub started: Timestamp,
}

/// How the rows of a file are read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    header: &'a Header,
    cells: Cells<'a>,
    on_error: OnError,
    /// Where phone numbers without a country code belong, if not in the programme's region.
    region: Option<&'a str>,
    identifiers: &'a Reading,
    rules: Rules<'a>,
    dictionary: &'a [Tag],
    speaker: Speaker<'a>,
    started: Timestamp,
}

impl<'a> Reader<'a> {
    /// Of a header, in a file whose numbers count from a day.
    #[must_use]
    pub fn new(asked: Asked<'a>, header: &'a Header, epoch: Epoch) -> Self {
        let Asked { mapping, identifiers, rules, dictionary, speaker, started } = asked;
        let (cells, region) = (Cells::new(mapping, epoch), mapping.region.as_deref());
        Self { header, cells, on_error: mapping.on_error, region, identifiers, rules, dictionary, speaker, started }
    }
}

/// What has been read of a row.
#[derive(Default)]
struct Draft {
    named: Option<Identifier>,
    identifiers: Vec<(Identifier, bool)>,
    fields: Vec<(String, Json)>,
    home: Home,
    at: Option<Timestamp>,
    evidence: Evidence,
    bringing: Bringing,
    faults: Vec<(usize, Fault)>,
}

impl Reader<'_> {
    /// Reads a row: what it says, with warnings; or everything that is wrong with it.
    ///
    /// # Errors
    /// The row is refused.
    pub fn read(&self, row: &Row) -> Result<(MemberRow, Vec<Fault>), Vec<Fault>> {
        let mut draft = Draft::default();
        if let Err(fault) = row.fits(self.header) {
            draft.faults.push((usize::MAX, Fault::cell("", fault)));
        }
        let columns = self.header.fields.iter().enumerate();
        let columns = columns.filter_map(|(place, field)| Some((place, field.as_ref()?)));
        let columns: Vec<(usize, &str, Option<u8>)> =
            columns.map(|(place, (field, zero_pad))| (place, field.as_str(), *zero_pad)).collect();
        let mut country = self.region.map(str::to_owned);
        if let Some(place) = self.header.place(COUNTRY) {
            match self.cells.text(row.cell(place)) {
                Ok(Stated::Is(code)) => country = Some(code.to_uppercase()),
                Ok(_) => {}
                Err(fault) => draft.faults.push((place, Fault::cell(COUNTRY, fault))),
            }
        }
        for (place, name, zero_pad) in &columns {
            let raw = row.cell(*place);
            if let Err(fault) = self.cell(&mut draft, (name, *zero_pad), raw, country.as_deref()) {
                draft.faults.push((*place, fault));
            }
        }
        let birthday = draft.fields.iter().find(|(name, _)| name == BIRTHDAY);
        let birthday: Option<Date> = birthday.and_then(|(_, value)| value.as_str()?.parse().ok());
        let mut consents = Vec::new();
        for (place, name, _) in columns.iter().filter(|(_, name, _)| name.starts_with("consent.")) {
            let on = (self.rules, self.started);
            match draft.evidence.statement(self.cells, (name, row.cell(*place)), birthday, on) {
                Ok(statement) => consents.extend(statement),
                Err(fault) => draft.faults.push((*place, fault)),
            }
        }
        let stated_id = draft.faults.iter().any(|(_, fault)| fault.field == EXTERNAL_ID);
        if draft.named.is_none() && !stated_id {
            let place = self.header.place(EXTERNAL_ID).unwrap_or_default();
            let words = "a row says what the source calls the member";
            draft.faults.push((place, Fault::new(EXTERNAL_ID, "missing_value", words)));
        }
        draft.faults.sort_by_key(|(place, _)| *place);
        let mut faults: Vec<Fault> = draft.faults.into_iter().map(|(_, fault)| fault).collect();
        if self.on_error == OnError::Field {
            let needed = |fault: &Fault| fault.field == EXTERNAL_ID || fault.field.is_empty();
            let left_out = faults.into_iter().map(|fault| if needed(&fault) { fault } else { fault.warned() });
            faults = left_out.collect();
        }
        let Some(named) = draft.named.filter(|_| faults.iter().all(|fault| fault.severity == Severity::Warning)) else {
            return Err(faults);
        };
        let says = Provenance { at: draft.at.unwrap_or(self.started), ..self.speaker.says(self.started) };
        let told = Told { home: draft.home, fields: draft.fields, consents, says };
        let Bringing { brought, stands } = draft.bringing;
        Ok((MemberRow { named, identifiers: draft.identifiers, told, brought, stands }, faults))
    }

    /// Who a row is about.
    fn naming(&self) -> Naming<'_> {
        let source = match self.speaker {
            Speaker::Source(source) => source.id.as_str(),
            _ => "",
        };
        Naming { header: self.header, cells: self.cells, identifiers: self.identifiers, source }
    }

    /// What is to be done with a row, after those that were before it.
    #[must_use]
    pub fn judge(&self, row: &Row, seen: &mut Seen) -> Verdict {
        match self.read(row) {
            Ok((read, warnings)) => match seen.read(row.number, &read) {
                Twice::First => Verdict::Apply(Box::new(read), warnings),
                Twice::Same(first) => Verdict::Same { first },
                Twice::Other(fault) => Verdict::Refused(vec![fault]),
            },
            Err(faults) => {
                if let Ok(named) = self.naming().named(row) {
                    seen.refused(row.number, &named.value);
                }
                Verdict::Refused(faults)
            }
        }
    }

    fn zone(&self) -> &Zone {
        self.rules.terms.zone
    }

    /// Takes what a cell says.
    fn cell(
        &self,
        draft: &mut Draft,
        (name, zero_pad): (&str, Option<u8>),
        raw: &Raw,
        country: Option<&str>,
    ) -> Result<(), Fault> {
        let broken = |fault| Fault::cell(name, fault);
        match name {
            EXTERNAL_ID => {
                let kind = Kind::External(self.speaker.says(self.started).source);
                let stated = self.cells.external_id(raw, zero_pad).map_err(broken)?;
                draft.named = self.identifier(name, kind, stated, None)?;
            }
            _ if IDENTIFIERS.contains(&name) => {
                let kind: Kind = name.parse().map_err(|words: String| Fault::new(name, "invalid_value", words))?;
                let numbered = matches!(kind, Kind::Phone | Kind::Card);
                let stated = if numbered { self.cells.id(raw, zero_pad) } else { self.cells.text(raw) };
                let verified = self.speaker.verifies(&kind);
                let found = self.identifier(name, kind, stated.map_err(broken)?, country)?;
                draft.identifiers.extend(found.map(|identifier| (identifier, verified)));
            }
            AT => {
                let moment = self.cells.moment(raw).map_err(broken)?.value();
                draft.at = moment.map(|moment| instant(moment, self.zone()));
                let latest = self.rules.now.saturating_add(SKEW).unwrap_or(Timestamp::MAX);
                if draft.at.is_some_and(|at| at > latest) {
                    return Err(Fault::new(name, "in_future", "what is said is not true yet"));
                }
            }
            ZONE => {
                draft.home.zone = self.cells.text(raw).map_err(broken)?.value();
                if draft.home.zone.as_ref().is_some_and(|zone| TimeZone::get(zone).is_err()) {
                    return Err(Fault::new(name, "unknown_zone", "must be an IANA time zone, such as Asia/Shanghai"));
                }
            }
            LOCALE => {
                draft.home.locale = self.cells.text(raw).map_err(broken)?.value();
                if draft.home.locale.as_ref().is_some_and(|locale| !self.rules.members.locales.contains(locale)) {
                    return Err(Fault::new(name, "unknown_locale", "the programme does not speak this language"));
                }
            }
            TEXT | VERSION | SAID_AT => draft.evidence.take(self.cells, name, raw, self.zone())?,
            TAGS | STATE | JOINED_ON => {
                let by = By { rules: self.rules, dictionary: self.dictionary, speaker: self.speaker };
                draft.bringing.take(self.cells, (name, raw), by)?;
            }
            COUNTRY => {}
            _ if name.starts_with("consent.") => {}
            _ => {
                let (takes, _needs) = self
                    .rules
                    .schema
                    .takes(name)
                    .ok_or_else(|| Fault::new(name, "undeclared_field", "nobody has declared this field"))?;
                let value = field(self.cells, (name, &takes), raw, self.rules.today)?;
                draft.fields.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        Ok(())
    }

    fn identifier(
        &self,
        name: &str,
        kind: Kind,
        stated: Stated<String>,
        country: Option<&str>,
    ) -> Result<Option<Identifier>, Fault> {
        match stated {
            Stated::Nothing => Ok(None),
            Stated::Clear => Err(Fault::new(name, "not_clearable", "a file takes nobody's identifiers away")),
            Stated::Is(text) => {
                let read = self.identifiers.identifier(kind, &text, country);
                read.map(Some).map_err(|refusal| Fault::refused(name, &refusal))
            }
        }
    }
}
