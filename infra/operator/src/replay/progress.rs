//! How far a replay is: a bar at a terminal, a line a minute elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

/// How often a line is said.
const EVERY: Duration = Duration::from_mins(1);

/// Tells it on standard error.
pub(super) enum Progress {
    /// With an estimate.
    Bar(ProgressBar),
    /// With an estimate, too, and the date that the history has reached.
    Lines(Lines),
}

/// Lines, and when the last was said.
pub(super) struct Lines {
    total: usize,
    done: usize,
    begun: Instant,
    said: Duration,
}

impl Progress {
    /// Of so many events.
    pub(super) fn new(total: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines(Lines { total, done: 0, begun: Instant::now(), said: Duration::ZERO });
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left {msg}");
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        Self::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// One event more has been played.
    pub(super) fn step(&mut self, at: Timestamp) {
        match self {
            Self::Bar(bar) => {
                bar.set_message(format!("({})", day(at)));
                bar.inc(1);
            }
            Self::Lines(lines) => {
                if let Some(line) = lines.step(at, lines.begun.elapsed()) {
                    eprintln!("{line}");
                }
            }
        }
    }

    /// All have been played.
    pub(super) fn end(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Lines {
    fn step(&mut self, at: Timestamp, elapsed: Duration) -> Option<String> {
        self.done += 1;
        if elapsed.saturating_sub(self.said) < EVERY {
            return None;
        }
        self.said = elapsed;
        let (done, total) = (u64::try_from(self.done).ok()?, u64::try_from(self.total).ok()?);
        let left = elapsed.as_secs() * total.saturating_sub(done) / done;
        let (day, minutes) = (day(at), left.div_ceil(60));
        Some(format!("{done} of {total} events ({} %), {day}, about {minutes} min left", done * 100 / total))
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_said_once_a_minute() {
        let mut lines = Lines { total: 400, done: 99, begun: Instant::now(), said: Duration::ZERO };
        let at = "2011-03-01T10:00:00Z".parse().unwrap();
        let mut step = |seconds| lines.step(at, Duration::from_secs(seconds));
        assert_eq!(step(60).as_deref(), Some("100 of 400 events (25 %), 2011-03-01, about 3 min left"));
        assert_eq!(step(119), None);
        assert!(step(120).is_some_and(|line| line.starts_with("102 of 400")));
    }
}
