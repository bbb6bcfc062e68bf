//! What a row says that a member agrees to (rule: import 22).

use domain::kernel::time::Zone;
use domain::members::consent::{Consents, Said, Statement, state};
use domain::members::telling::Rules;
use jiff::Timestamp;
use jiff::civil::Date;
use sheet::{Cells, Moment, Raw, Stated};

use crate::columns::{SAID_AT, TEXT, VERSION};
use crate::fault::Fault;

/// The evidence of a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    text: Option<String>,
    version: Option<u32>,
    at: Option<Timestamp>,
    /// Something of it could not be read, and that is told.
    broken: bool,
}

/// An instant, or what a clock of the programme's zone showed then.
pub(crate) fn instant(moment: Moment, zone: &Zone) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Civil(shown) => {
            let day = zone.start_of(shown.date());
            let since = shown.time().duration_since(jiff::civil::Time::midnight());
            day.saturating_add(since).unwrap_or(day)
        }
    }
}

impl Evidence {
    /// Takes what a column of the evidence says.
    pub(crate) fn take(&mut self, cells: Cells<'_>, name: &str, raw: &Raw, zone: &Zone) -> Result<(), Fault> {
        let taken = self.taken(cells, name, raw, zone);
        self.broken |= taken.is_err();
        taken
    }

    fn taken(&mut self, cells: Cells<'_>, name: &str, raw: &Raw, zone: &Zone) -> Result<(), Fault> {
        let broken = |fault| Fault::cell(name, fault);
        match name {
            TEXT => self.text = cells.text(raw).map_err(broken)?.value(),
            VERSION => {
                let version = cells.integer(raw).map_err(broken)?.value();
                let small = |version: i64| u32::try_from(version);
                self.version = version
                    .map(small)
                    .transpose()
                    .map_err(|_too_large| Fault::new(VERSION, "not_an_integer", "a version is a small whole number"))?;
            }
            SAID_AT => {
                let moment = cells.moment(raw).map_err(broken)?.value();
                self.at = moment.map(|moment| instant(moment, zone));
            }
            _ => {}
        }
        Ok(())
    }

    /// What a cell of a purpose and a channel says.
    pub(crate) fn statement(
        &self,
        cells: Cells<'_>,
        (name, raw): (&str, &Raw),
        birthday: Option<Date>,
        (rules, started): (Rules<'_>, Timestamp),
    ) -> Result<Option<Statement>, Fault> {
        let said = match cells.text(raw).map_err(|fault| Fault::cell(name, fault))? {
            Stated::Nothing => return Ok(None),
            Stated::Is(word) if word.eq_ignore_ascii_case("given") => Said::Given,
            Stated::Is(word) if word.eq_ignore_ascii_case("withdrawn") => Said::Withdrawn,
            Stated::Is(_) | Stated::Clear => {
                return Err(Fault::new(name, "not_an_option", "must be given or withdrawn, or empty"));
            }
        };
        let (purpose, channel) = subject(name);
        let channel = channel.and_then(|channel| channel.parse().ok());
        let text = self.text.clone().zip(self.version);
        if said == Said::Given && self.broken {
            return Ok(None);
        }
        if said == Said::Given && (text.is_none() || self.at.is_none()) {
            let words = "what is given needs `consent_text`, `consent_version` and `consent_at`";
            return Err(Fault::new(name, "consent_evidence_missing", words));
        }
        let text = text.filter(|_| said == Said::Given);
        let at = self.at.unwrap_or(started);
        let statement = Statement { purpose: purpose.to_owned(), channel, said, text, at, guardian: false };
        // Whatever is held, this would be refused.
        let refused = state(rules.terms, &Consents::new(), birthday, &statement, rules.now).err();
        refused.map_or(Ok(Some(statement)), |refusal| Err(Fault::refused(name, &refusal)))
    }
}

/// `consent.marketing.sms`: of which purpose, and by which channel.
fn subject(name: &str) -> (&str, Option<&str>) {
    let name = name.strip_prefix("consent.").unwrap_or(name);
    name.rsplit_once('.').map_or((name, None), |(purpose, channel)| (purpose, Some(channel)))
}
