//! How far a trail was read, as `next` says it and `after` takes it.

use std::fmt;
use std::str::FromStr;

/// How far the trail was read: `ENTRY.SIGNAL`, each `-` at the beginning and `0` at the end; of more than one account, their entries with
/// commas in between, first that of who stands for the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrailPlace {
    /// The newest entry of each account that was not read: 0 if none is left; none if none was read.
    pub(crate) newest: Vec<Option<u64>>,
    /// The place of the last signal that was read.
    pub(crate) before: Option<String>,
    /// No signal is left.
    pub(crate) signals_end: bool,
}

/// The beginning of a part, and its end.
const BOUNDS: [&str; 2] = ["-", "0"];

impl fmt::Display for TrailPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [begin, end] = BOUNDS;
        let entry = |newest: &Option<u64>| newest.map_or_else(|| begin.to_owned(), |newest| newest.to_string());
        let entries: Vec<String> = self.newest.iter().map(entry).collect();
        let signal = match &self.before {
            _ if self.signals_end => end.to_owned(),
            Some(before) => before.replace('#', "_"),
            None => begin.to_owned(),
        };
        write!(f, "{}.{signal}", entries.join(","))
    }
}

impl FromStr for TrailPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [begin, end] = BOUNDS;
        let (entries, signal) = text.split_once('.').ok_or(())?;
        let newest = |entry: &str| match entry {
            _ if entry == begin => Ok(None),
            _ => entry.parse().map(Some).map_err(|_no_number| ()),
        };
        let before = if BOUNDS.contains(&signal) {
            None
        } else {
            let (at, known_by) = signal.split_once('_').ok_or(())?;
            let all = |text: &str, length: usize, digits: fn(&u8) -> bool| {
                text.len() == length && text.as_bytes().iter().all(digits)
            };
            let fits = all(at, 13, u8::is_ascii_digit) && all(known_by, 16, u8::is_ascii_hexdigit);
            Some(if fits { format!("{at}#{known_by}") } else { return Err(()) })
        };
        let newest = entries.split(',').map(newest).collect::<Result<_, ()>>()?;
        Ok(Self { newest, before, signals_end: signal == end })
    }
}
