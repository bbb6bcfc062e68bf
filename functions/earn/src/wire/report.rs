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

    /// Who has left earns nothing by what a context tells; it is dropped, for nobody can mend that.
    pub(crate) fn settled(&self, outcome: Result<(), Failure>) -> Result<(), Failure> {
        match outcome {
            Err(failure) if matches!(self, Self::Ours(_)) && failure.problem().code == "member_closed" => {
                drop(failure.answered()); // it is logged
                Ok(())
            }
            other => other,
        }
    }
}

/// Facts, and signals.
pub(crate) fn apart(reports: &[Report]) -> (Vec<Instruction>, Vec<&Signal>) {
    let facts = reports.iter().filter_map(Report::fact).cloned();
    (facts.collect(), reports.iter().filter_map(Report::signal).collect())
}

/// What became of facts and signals, in the order in which they were reported.
pub(crate) fn in_order<T>(reports: &[Report], facts: Vec<T>, signals: Vec<T>) -> Vec<T> {
    let (mut facts, mut signals) = (facts.into_iter(), signals.into_iter());
    let next = |report: &Report| match report {
        Report::Fact(_) | Report::Ours(_) => facts.next(),
        Report::Signal(_) => signals.next(),
    };
    reports.iter().filter_map(next).collect()
}

impl ActivityEvent {
    /// Does a context of the platform say so? What comes over HTTP is of a declared source, and none is called so.
    pub(crate) fn is_ours(&self) -> bool {
        self.source.starts_with("/perennial/")
    }

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
