//! What is told of a source.

use jiff::Timestamp;

use crate::kernel::event::facts;
use crate::quality::score::Dimension;

facts! { QualityFact:
    /// A source keeps to something less than is expected of it. It is told once, until it has been good for a day.
    QualityScoreDropped = "perennial.gov.qualityscoredropped.v1" {
        /// Which, as the programme calls it.
        source: String = "crm".into(),
        /// What it keeps to less.
        dimension: Dimension = Dimension::Completeness,
        /// How much of what was expected, in basis points.
        score_bp: i64 = 8_990,
        /// What is expected.
        threshold_bp: i64 = 9_000,
        /// What was so.
        numerator: u64 = 899,
        /// Of how many.
        denominator: u64 = 1_000,
    }
    /// A source has not reported anything for longer than is expected of it. It is told once, until it reports again.
    SourceSilent = "perennial.gov.sourcesilent.v1" {
        /// Which, as the programme calls it.
        source: String = "crm".into(),
        /// When its last fact was recorded.
        since: Timestamp = Timestamp::constant(1_796_572_800, 0),
    }
}
