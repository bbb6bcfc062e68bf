//! How many refusals of a source are counted: each, up to so many a second, and of more a sample.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// So many a second and source are counted each.
const EACH: u32 = 10;

/// Of the others one of so many, for all of them.
const SAMPLE: u32 = 10;

/// What a process has counted in the running second.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<HashMap<String, (i64, u32)>>);

impl Tally {
    /// For how many a refusal of a source stands, and whether it is a sample; none if it is left out.
    pub(crate) fn count(&self, source: &str, now: Timestamp) -> Option<(u32, bool)> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (second, count) = counted.entry(source.to_owned()).or_default();
        if *second != now.as_second() {
            (*second, *count) = (now.as_second(), 0);
        }
        *count = count.saturating_add(1);
        match count.checked_sub(EACH) {
            None | Some(0) => Some((1, false)),
            Some(more) => (more % SAMPLE == 0).then_some((SAMPLE, true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: import 30
    #[test]
    fn ten_a_second_are_counted_each_and_of_the_others_a_sample() {
        let (tally, now) = (Tally::default(), "2026-05-01T10:00:00Z".parse::<Timestamp>().unwrap());
        let all: Vec<_> = (0..40).map(|_| tally.count("shop", now)).collect();
        assert!(all[..10].iter().all(|one| *one == Some((1, false))));
        let sampled: Vec<_> = all[10..].iter().flatten().collect();
        assert_eq!(sampled, [&(10, true); 3], "they stand for all thirty");
        assert_eq!(tally.count("app", now), Some((1, false)), "each source by itself");
        let next = "2026-05-01T10:00:01Z".parse().unwrap();
        assert_eq!(tally.count("shop", next), Some((1, false)));
    }
}
