//! What an event turns out to be: a fact for the ledger, or a signal.

use domain::kernel::id::MemberId;
use domain::kernel::time::to_millisecond;
use domain::ledger::command::Instruction;
use domain::ledger::doer::Doer;
use domain::programme::setting::Setting;
use domain::programme::source::Sends;
use domain::signals::signal::Signal;
use lambda::{Failure, Problem};

use crate::wire::ActivityEvent;

/// What an event turns out to be.
#[derive(Debug, Clone)]
pub(crate) enum Report {
    /// Something for the ledger.
    Fact(Box<Instruction>),
    /// The same, told by a context of the platform: who cannot take it in is past mending.
    Ours(Box<Instruction>),
    /// Something that earns nothing.
    Signal(Box<Signal>),
}

impl Report {
    /// The fact that it is.
    pub(crate) fn fact(&self) -> Option<&Instruction> {
        match self {
            Self::Fact(instruction) | Self::Ours(instruction) => Some(instruction),
            Self::Signal(_) => None,
        }
    }

    /// The signal that it is.
    pub(crate) fn signal(&self) -> Option<&Signal> {
        match self {
            Self::Signal(signal) => Some(signal),
            Self::Fact(_) | Self::Ours(_) => None,
        }
    }
}

impl ActivityEvent {
    /// What it is, and of whom: a signal if the programme that was in force when it happened declares it so. `admits` says which source it is
    /// of, if that may send such a thing.
    ///
    /// # Errors
    /// What is wrong with it, or with its source.
    pub(crate) fn to_report(
        &self,
        backdates: Option<Doer>,
        setting: Setting<'_>,
        admits: impl Fn(Sends) -> Result<String, Failure>,
    ) -> Result<(MemberId, Report), Failure> {
        let declared = setting.programmes.at(to_millisecond(self.time)).activity(&self.r#type);
        let Some(declared) = declared.filter(|declared| declared.is_signal()) else {
            let (member, instruction) = self.to_instruction(backdates)?;
            admits(Sends::Activities)?;
            return Ok((member, Report::Fact(Box::new(instruction))));
        };
        let mut reported = self.to_reported()?;
        reported.source = admits(Sends::Signals)?;
        let signal = Signal::of(reported, declared, setting).map_err(|refusal| Problem::refused(&refusal))?;
        Ok((signal.reported.member.clone(), Report::Signal(Box::new(signal))))
    }
}
