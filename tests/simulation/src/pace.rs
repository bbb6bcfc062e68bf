//! How busy a world is.

/// How a world lives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How many invocations may be under way.
    pub(crate) at_once: usize,
    /// How many days pass at most when it is quiet.
    pub(crate) days: i64,
    /// How many members it has.
    pub(crate) members: usize,
}

/// From crowds in a hurry to one or two members and years.
pub(crate) const PACES: [Pace; 5] = [
    Pace { at_once: 6, days: 2, members: 4 },
    Pace { at_once: 6, days: 20, members: 2 },
    Pace { at_once: 3, days: 20, members: 2 },
    Pace { at_once: 2, days: 60, members: 1 },
    Pace { at_once: 2, days: 400, members: 2 },
];

impl Pace {
    /// Before life begins.
    pub(crate) const NONE: Self = Self { at_once: 0, days: 0, members: 1 };
}
