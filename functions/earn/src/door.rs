//! What is taken in, and as what: facts for the ledger and signals, of sources that are declared to send them.

use std::sync::Arc;

use domain::kernel::id::MemberId;
use domain::kernel::time::to_millisecond;
use domain::ledger::command::Instruction;
use domain::ledger::doer::Doer;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use domain::programme::source::{Sends, Source, reporting};
use domain::signals::signal::Signal;
use jiff::Timestamp;
use lambda::{App, Failure, Problem};

use crate::wire::ActivityEvent;

/// What an event turns out to be.
#[derive(Debug, Clone)]
pub(crate) enum Report {
    /// Something for the ledger.
    Fact(Box<Instruction>),
    /// Something that earns nothing.
    Signal(Box<Signal>),
}

impl Report {
    /// The fact that it is.
    pub(crate) fn fact(&self) -> Option<&Instruction> {
        match self {
            Self::Fact(instruction) => Some(instruction),
            Self::Signal(_) => None,
        }
    }

    /// The signal that it is.
    pub(crate) fn signal(&self) -> Option<&Signal> {
        match self {
            Self::Signal(signal) => Some(signal),
            Self::Fact(_) => None,
        }
    }
}

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

    /// What an event is, and of whom: a signal if the programme that was in force when it happened declares it so.
    ///
    /// # Errors
    /// What is wrong with it, or with its source.
    pub(crate) fn read(&self, event: &ActivityEvent, backdates: Option<Doer>) -> Result<(MemberId, Report), Failure> {
        let programmes = self.programmes()?;
        let declared = programmes.at(to_millisecond(event.time)).activity(&event.r#type);
        let Some(declared) = declared.filter(|declared| declared.is_signal()) else {
            let (member, instruction) = event.to_instruction(backdates)?;
            self.admits(&event.source, Sends::Activities)?;
            return Ok((member, Report::Fact(Box::new(instruction))));
        };
        let mut reported = event.to_reported()?;
        reported.source.clone_from(&self.admits(&event.source, Sends::Signals)?.id);
        let setting = Setting { programmes, now: self.now };
        let signal = Signal::of(reported, declared, setting).map_err(|refusal| Problem::refused(&refusal))?;
        Ok((signal.reported.member.clone(), Report::Signal(Box::new(signal))))
    }
}
