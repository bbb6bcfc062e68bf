//! An import is undone part by part, the last one first: what would come of it is found out before (rules: import 27).

use jiff::Timestamp;

use crate::kernel::refusal::WrongState;
use crate::kernel::time::add_days;
use crate::members::import::{Import, ImportFact, Importing, State, Step};
use crate::members::undoing::{BackCounts, Undo, UndoState};

/// For so many days after its start an import can be undone.
pub const DAYS: i32 = 30;

impl Import {
    /// Somebody asks that it be undone, or what would come of that. Said again, it goes on.
    ///
    /// # Errors
    /// It has written nothing, or too long ago; or nobody has found out what would come of it.
    pub fn ask_undo(&mut self, by: &str, dry_run: bool, now: Timestamp) -> Result<(), Importing> {
        if self.dry_run || !matches!(self.state, State::Done | State::Cancelled) {
            let allowed = &["done", "cancelled"];
            return Err(WrongState::WrongState { state: self.state.name(), allowed }.into());
        }
        let latest = add_days(self.as_of(), DAYS);
        if now > latest {
            return Err(Importing::TooLate { latest });
        }
        let state = match (self.undo.as_ref().map(|undo| undo.state), dry_run) {
            (Some(UndoState::Undoing | UndoState::Undone), _) | (Some(UndoState::Looking), true) => return Ok(()),
            (None | Some(UndoState::Looked), true) => UndoState::Looking,
            (Some(UndoState::Looked), false) => UndoState::Undoing,
            (None | Some(UndoState::Looking), false) => return Err(Importing::DryRunFirst),
        };
        self.undo = Some(Undo::asked(by, state, now));
        self.settle_undo();
        Ok(())
    }

    /// Is it undone, or about to be?
    #[must_use]
    pub fn is_taken_back(&self) -> bool {
        self.undo.as_ref().is_some_and(|undo| matches!(undo.state, UndoState::Undoing | UndoState::Undone))
    }

    /// How many parts there are of which something may be written.
    fn written(&self) -> u32 {
        self.parts.unwrap_or_default().min(self.done.saturating_add(u32::from(self.begun)))
    }

    /// What is to be done next of its undoing: the part that was written last comes first, for it may have gone over what others had written.
    pub(super) fn next_undo(&self) -> Step {
        let Some(undo) = &self.undo else { return Step::Nothing };
        let Some(part) = self.written().checked_sub(undo.done.saturating_add(1)) else { return Step::Nothing };
        match undo.state {
            UndoState::Looking => Step::LookBack(part),
            UndoState::Undoing => Step::TakeBack(part),
            UndoState::Looked | UndoState::Undone => Step::Nothing,
        }
    }

    /// A part of it is done; of a part that says so something stays.
    pub fn took_back(&mut self, part: u32, counts: &BackCounts) {
        if let Some(undo) = &mut self.undo {
            undo.counts.add(counts);
            undo.listed.extend((counts.left > 0).then_some(part));
            undo.done = undo.done.saturating_add(1);
        }
        self.settle_undo();
    }

    fn settle_undo(&mut self) {
        let written = self.written();
        if let Some(undo) = self.undo.as_mut().filter(|undo| undo.done >= written) {
            undo.state = match undo.state {
                UndoState::Looking | UndoState::Looked => UndoState::Looked,
                UndoState::Undoing | UndoState::Undone => UndoState::Undone,
            };
        }
    }

    /// What is told of it, once it is undone.
    pub(super) fn undone(&self) -> Option<ImportFact> {
        let undo = self.undo.as_ref().filter(|undo| undo.state == UndoState::Undone)?;
        let BackCounts { restored, erased, withdrawn, left, .. } = undo.counts;
        let (import, kind, source) = (self.id.clone(), self.kind.name().to_owned(), self.source.clone());
        Some(ImportFact::ImportUndone { import, kind, source, restored, erased, withdrawn, left })
    }
}
