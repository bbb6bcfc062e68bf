//! Whoever answers for a source is told once of what it keeps to less, and again only after it has been good for a day.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::Reused;
use crate::programme::source::{Quality, Source};
use crate::quality::facts::QualityFact;
use crate::quality::score::{Dimension, Share, Shares};

/// What is known of a source from the nights before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch {
    /// What was told of, and has not been good since.
    pub dropped: BTreeSet<Dimension>,
    /// It was told that it is silent.
    pub silent: bool,
    /// When its last fact was recorded.
    pub heard_at: Option<Timestamp>,
    /// The last day that was judged.
    pub judged: Option<Date>,
}

impl Aggregate for Watch {
    type Fact = QualityFact;
    type Refusal = Reused;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> Reused {
        Reused::KeyReused // it has no effects that could be denied
    }
}

/// A day of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// How it kept to what is expected.
    pub shares: Shares,
    /// When its last fact of the day was recorded.
    pub heard_at: Option<Timestamp>,
}

/// Judges a day at an instant after it.
pub fn judge(before: &Watch, source: &Source, quality: &Quality, day: &Day, now: Timestamp) -> Change<Watch> {
    let mut watch = before.clone();
    let mut told = Vec::new();
    for dimension in Dimension::ALL {
        let Some(threshold_bp) = dimension.threshold(quality) else { continue };
        let Share { numerator, denominator } = day.shares.of(dimension);
        let Some(score_bp) = day.shares.of(dimension).score_bp(quality.min_volume) else { continue };
        if score_bp >= threshold_bp {
            watch.dropped.remove(&dimension);
        } else if watch.dropped.insert(dimension) {
            let source = source.id.clone();
            let dropped =
                QualityFact::QualityScoreDropped { source, dimension, score_bp, threshold_bp, numerator, denominator };
            told.push(dropped);
        }
    }
    watch.heard_at = watch.heard_at.max(day.heard_at);
    watch.judged = watch.judged.max(Some(day.date));
    let silent_since = watch
        .heard_at
        .zip(quality.silent_after)
        .filter(|(heard_at, after)| now.duration_since(*heard_at) > SignedDuration::from_secs(after.seconds));
    match silent_since {
        Some((since, _)) if !watch.silent => {
            watch.silent = true;
            told.push(QualityFact::SourceSilent { source: source.id.clone(), since });
        }
        Some(_) => {}
        None => watch.silent = false,
    }
    told.into_iter().fold(Change::to(watch), Change::telling)
}
