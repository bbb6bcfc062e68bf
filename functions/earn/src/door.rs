//! Who may report what: facts for the ledger and signals come from sources that are declared to send them.

use std::sync::Arc;

use domain::kernel::id::MemberId;
use domain::ledger::doer::Doer;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use domain::programme::source::{Sends, Source, reporting};
use jiff::Timestamp;
use lambda::{App, Failure, Problem};

use crate::wire::{ActivityEvent, Report};

/// What the programme in force says of sources, and of what they send.
pub(crate) struct Door {
    programmes: Result<Arc<Programmes>, Failure>,
    now: Timestamp,
}

impl Door {
    /// As of now.
    pub(crate) async fn of(app: &App) -> Self {
        Self { programmes: app.programmes().await.map_err(Failure::from), now: app.now() }
    }

    fn programmes(&self) -> Result<&Programmes, Failure> {
        self.programmes.as_deref().map_err(Clone::clone)
    }

    /// Whose it is that is reported under that name, if it may report it.
    ///
    /// # Errors
    /// 422 `undeclared_source` or `not_sent_by_source`; or the programme cannot be had.
    pub(crate) fn admits(&self, source: &str, sends: Sends) -> Result<&Source, Failure> {
        let sources = &self.programmes()?.at(self.now).document().source;
        reporting(sources, source, sends).map_err(|refusal| Problem::refused(&refusal).into())
    }

    /// The same of what a context of the platform tells: nobody declares those.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn hear(&self, event: &ActivityEvent) -> Result<(MemberId, Report), Failure> {
        let setting = Setting { programmes: self.programmes()?, now: self.now };
        let (member, report) = event.to_report(None, setting, |_| Ok(event.source.clone()))?;
        Ok(match report {
            Report::Fact(instruction) => (member, Report::Ours(instruction)),
            other => (member, other),
        })
    }

    /// What an event is, and of whom.
    ///
    /// # Errors
    /// What is wrong with it, or with its source.
    pub(crate) fn read(&self, event: &ActivityEvent, backdates: Option<Doer>) -> Result<(MemberId, Report), Failure> {
        let setting = Setting { programmes: self.programmes()?, now: self.now };
        event.to_report(backdates, setting, |sends| Ok(self.admits(&event.source, sends)?.id.clone()))
    }
}
