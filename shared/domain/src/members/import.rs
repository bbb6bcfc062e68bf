//! An import: a file that flows in, part by part (rules: import 5-8).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::cutover::Cutover;
use crate::kernel::event::facts;
use crate::kernel::refusal::{WrongState, refusals};
pub use crate::members::counts::{Counts, Outcome};
use crate::members::undoing::Undo;
use crate::programme::source::Sends;

/// The most rows of a part, unless one member has more.
pub const PART: u32 = 500;

refusals! {
    /// An import is not at a point at which that can be done.
    Importing {
        /// Nothing has been uploaded.
        Conflict NoFile ("no_file") = "nothing has been uploaded to this import yet",
        /// Nobody has found out what would come of it.
        Conflict DryRunFirst ("dry_run_first") = "find out first what would come of it, with `dry_run`",
        /// It was too long ago.
        Invalid TooLate ("too_old") {
            /// When it could have been undone last.
            latest: Timestamp,
        } = "an import can be undone for 30 days",
        | WrongState,
    }
}

facts! { ImportFact:
    /// An import has ended: done, stopped, not taken in, or only looked at.
    ImportFinished = "perennial.gov.importfinished.v1" {
        /// Which.
        import: String = "i-4fQ7wZ2bK9xLrT0vHnE1cD".into(),
        /// What its rows were.
        kind: String = "members".into(),
        /// Who said so.
        source: String = "crm".into(),
        /// `done`, `cancelled`, `refused`, or `checked`: nothing was to be written.
        state: String = "done".into(),
        /// All rows that were not blank.
        rows: u32 = 10_000,
        /// Those that changed something, or would.
        accepted: u32 = 9_960,
        /// Those that said what was known.
        unchanged: u32 = 30,
        /// Those that were not done.
        refused: u32 = 10,
    }
    /// What an import had written is taken back.
    ImportUndone = "perennial.gov.importundone.v1" {
        /// Which.
        import: String = "i-4fQ7wZ2bK9xLrT0vHnE1cD".into(),
        /// What its rows were.
        kind: String = "members".into(),
        /// Who had said so.
        source: String = "crm".into(),
        /// Rows of which everything is as before.
        restored: u32 = 120,
        /// Rows whose members it had enrolled, and who are erased.
        erased: u32 = 9_800,
        /// Rows whose points, tiers or status are withdrawn.
        withdrawn: u32 = 0,
        /// Rows of which something stays.
        left: u32 = 40,
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Members: by what they are known, what is known of them, what they agree to.
    Members,
    /// Points that members bring over from another programme, by their dates; or that they owe.
    Lots,
    /// Tiers that they had there.
    Tiers,
    /// Status points by month.
    Status,
    /// Tags by hand.
    Tags,
    /// Orders that were paid in another programme.
    Orders,
    /// Other behaviours of there.
    Activities,
}

impl Kind {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Lots => "lots",
            Self::Tiers => "tiers",
            Self::Status => "status",
            Self::Tags => "tags",
            Self::Orders => "orders",
            Self::Activities => "activities",
        }
    }

    /// What a source must be declared to send for it.
    #[must_use]
    pub const fn sends(self) -> Sends {
        match self {
            Self::Members | Self::Lots | Self::Tiers | Self::Status => Sends::Members,
            Self::Tags => Sends::Tags,
            Self::Orders | Self::Activities => Sends::Activities,
        }
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its file, and for somebody to start it.
    Received,
    /// The file is read, and what would come of it is found out.
    Checking,
    /// That is found out, and no more was asked for.
    Checked,
    /// Its rows are written.
    Applying,
    /// They are.
    Done,
    /// Somebody stopped it; what was written stays.
    Cancelled,
    /// The file as a whole is not taken in.
    Refused,
}

impl State {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }

    /// Why nothing follows.
    const fn ended(self) -> Importing {
        let allowed = &["received", "checking", "applying"];
        Importing::WrongState(WrongState::WrongState { state: self.name(), allowed })
    }
}

/// Why the file as a whole is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// A stable code.
    pub code: String,
    /// In words for people.
    pub words: String,
    /// The columns that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What was expected, and what would come of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
}

/// A total that differs from what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Of points, and not of rows.
    pub of_points: bool,
    /// What was expected to be accepted.
    pub expected: i64,
    /// What would be.
    pub found: i64,
}

/// What is expected to be accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Expected {
    /// How many rows.
    pub rows: Option<u32>,
    /// How many points.
    pub points: Option<i64>,
}

impl Expected {
    /// The first total that differs.
    fn differs(self, counts: &Counts) -> Option<Total> {
        let total = |of_points, expected, found| Total { of_points, expected, found };
        let rows = self.rows.map(|rows| total(false, i64::from(rows), i64::from(counts.accepted)));
        let points = self.points.map(|points| total(true, points, counts.points));
        [rows, points].into_iter().flatten().find(|total| total.expected != total.found)
    }

    const fn is_nothing(self) -> bool {
        self.rows.is_none() && self.points.is_none()
    }
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The file is read and cut into parts.
    Cut,
    /// Of a part it is found out what would come of it.
    Look(u32),
    /// A part is written.
    Write(u32),
    /// Of a part it is found out what would come of taking it back.
    LookBack(u32),
    /// A part is taken back.
    TakeBack(u32),
    /// Nothing.
    Nothing,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The id of the import.
    pub id: String,
    /// What its rows are.
    pub kind: Kind,
    /// Who says so.
    pub source: String,
    /// Who asks.
    pub by: String,
    /// Nothing is to be written.
    pub dry_run: bool,
    /// What is expected to be accepted.
    pub expected: Expected,
    /// How it is brought over.
    pub cutover: Cutover,
    /// The hash of the file and of how it is read, if it is known.
    pub content: Option<String>,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its id.
    pub id: String,
    /// What its rows are.
    pub kind: Kind,
    /// Who says so.
    pub source: String,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
    /// Since when it runs; what its rows say is true since then.
    pub started_at: Option<Timestamp>,
    /// Nothing is written.
    pub dry_run: bool,
    /// What is expected to be accepted.
    pub expected: Expected,
    /// How it is brought over.
    #[serde(default)]
    pub cutover: Cutover,
    /// The SHA-256 of the file, once it is read.
    #[serde(default)]
    pub file: Option<String>,
    /// The hash of the file and of how it is read.
    pub content: Option<String>,
    /// How far it is.
    pub state: State,
    /// Somebody wants it to stop.
    #[serde(default)]
    pub stopping: bool,
    /// Into how many parts the file is cut.
    pub parts: Option<u32>,
    /// The rows of the file.
    pub rows: u32,
    /// How many parts of this state are done.
    pub done: u32,
    /// A part has been begun: if it is begun again, some of it may be done.
    pub begun: bool,
    /// What came of its rows.
    pub counts: Counts,
    /// The parts with faults.
    pub faulty: Vec<u32>,
    /// Why the file is not taken in.
    pub whole: Option<Whole>,
    /// Its undoing.
    #[serde(default)]
    pub undo: Option<Undo>,
}

impl Import {
    /// One that waits for its file.
    #[must_use]
    pub fn received(wanted: Wanted, now: Timestamp) -> Self {
        let Wanted { id, kind, source, by, dry_run, expected, cutover, content } = wanted;
        Self {
            id,
            kind,
            source,
            by,
            created_at: now,
            started_at: None,
            dry_run,
            expected,
            cutover,
            file: None,
            content,
            state: State::Received,
            stopping: false,
            parts: None,
            rows: 0,
            done: 0,
            begun: false,
            counts: Counts::default(),
            faulty: Vec::new(),
            whole: None,
            undo: None,
        }
    }

    /// As of when its rows are decided.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.started_at.unwrap_or(self.created_at)
    }

    /// Begins it; said again, it goes on.
    ///
    /// # Errors
    /// It has ended.
    pub fn start(&mut self, now: Timestamp) -> Result<(), Importing> {
        match self.state {
            State::Received => {
                self.state = State::Checking;
                self.started_at = Some(now);
                Ok(())
            }
            State::Checking | State::Applying => Ok(()),
            state => Err(state.ended()),
        }
    }

    /// Stops it between two parts.
    ///
    /// # Errors
    /// It has ended.
    pub fn cancel(&mut self) -> Result<(), Importing> {
        match self.state {
            State::Received => self.state = State::Cancelled,
            State::Checking | State::Applying => self.stopping = true,
            state => return Err(state.ended()),
        }
        Ok(())
    }

    /// Is something to be done?
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        matches!(self.state, State::Checking | State::Applying)
    }

    /// Where what its rows say is kept: the file, its parts, and what was wrong with them.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let parts = 0..self.parts.unwrap_or_default();
        let of_parts = parts.flat_map(|part| [format!("rows-{part:04}.jsonl"), format!("faults-{part:04}.csv")]);
        let all = ["file", "errors.csv"].map(str::to_owned).into_iter().chain(of_parts);
        all.map(|name| format!("imports/{}/{name}", self.id)).collect()
    }

    /// The same, or is something of it to be taken back?
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        self.goes_on() || self.undo.as_ref().is_some_and(Undo::goes_on)
    }

    /// What is told of it, once it has ended.
    #[must_use]
    pub fn facts(&self) -> Vec<ImportFact> {
        if self.state == State::Received || self.goes_on() {
            return Vec::new();
        }
        if self.undo.is_some() {
            return self.undone().into_iter().collect();
        }
        let Counts { rows, accepted, unchanged, refused, .. } = self.counts;
        vec![ImportFact::ImportFinished {
            import: self.id.clone(),
            kind: self.kind.name().to_owned(),
            source: self.source.clone(),
            state: self.state.name().to_owned(),
            rows,
            accepted,
            unchanged,
            refused,
        }]
    }

    /// What is to be done next. Who asks has seen to [`Import::settle`].
    #[must_use]
    pub fn next(&self) -> Step {
        match (self.state, self.parts) {
            (State::Checking, None) => Step::Cut,
            (State::Checking, Some(parts)) if self.done < parts => Step::Look(self.done),
            (State::Applying, Some(parts)) if self.done < parts => Step::Write(self.done),
            _ => self.next_undo(),
        }
    }

    /// The file is cut.
    pub fn cut(&mut self, rows: u32, parts: u32) {
        (self.rows, self.parts) = (rows, Some(parts));
        if !self.looks_first() {
            self.state = State::Applying;
        }
    }

    /// Is it found out first what would come of it?
    const fn looks_first(&self) -> bool {
        self.dry_run || !self.expected.is_nothing()
    }

    /// A part is done.
    pub fn took(&mut self, counts: &Counts, faulty: bool) {
        self.counts.add(counts);
        self.faulty.extend(faulty.then_some(self.done));
        self.done = self.done.saturating_add(1);
        self.begun = false;
    }

    /// The file as a whole is not taken in.
    pub fn refuse(&mut self, whole: Whole) {
        self.state = State::Refused;
        self.whole = Some(whole);
    }

    /// What follows when all parts of a state are done, or somebody wants it to stop.
    pub fn settle(&mut self) {
        if self.stopping && self.goes_on() {
            self.state = State::Cancelled;
            return;
        }
        if !self.goes_on() || self.parts.is_none_or(|parts| self.done < parts) {
            return;
        }
        match (self.state, self.expected.differs(&self.counts)) {
            (State::Applying, _) => self.state = State::Done,
            (_, Some(total)) => {
                let of = if total.of_points { "points" } else { "rows" };
                let words = format!("another number of {of} would be accepted than is expected; nothing is written");
                let total = Some(total);
                self.refuse(Whole { code: "total_differs".to_owned(), words, columns: Vec::new(), total });
            }
            (_, None) if self.dry_run => self.state = State::Checked,
            (_, None) => {
                self.state = State::Applying;
                (self.done, self.counts) = (0, Counts::default());
                self.faulty.clear();
            }
        }
    }
}
