//! How a small model is learnt: logistic regression over the n-grams that a text has, by stochastic steps in an order of the texts' hashes.
//! The same texts give the same model on the same machine; what comes out of it is whole.
#![expect(clippy::float_arithmetic, reason = "what is learnt is made whole at the end")]

use crate::model::{BUCKETS, Model, grams};
use crate::plain::plain;
use crate::theme::fingerprint;

/// The weight that becomes 127 is the so manieth of the largest, from 0.
const LARGEST: usize = BUCKETS / 5_000 - 1;

/// A text, and whether it is meant well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The text.
    pub text: String,
    /// Is it meant well?
    pub good: bool,
}

impl Sample {
    /// Is it never learnt from, so that it can be asked afterwards how well that went? One of five is.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        (fingerprint(self.text.as_bytes()) >> 16).is_multiple_of(5)
    }
}

/// Learns from all of these.
#[must_use]
pub fn learn(samples: &[Sample]) -> Model {
    let mut samples: Vec<&Sample> = samples.iter().collect();
    samples.sort_by_key(|sample| fingerprint(sample.text.as_bytes()));
    let texts: Vec<(Vec<usize>, f32)> =
        samples.iter().map(|sample| (grams(&plain(&sample.text)), if sample.good { 1.0 } else { 0.0 })).collect();
    let (mut weights, mut bias) = (vec![0_f32; BUCKETS], 0_f32);
    for round in 0_u8..6 {
        let rate = 0.5 / (1.0 + f32::from(round));
        for (grams, good) in &texts {
            let norm = 1.0 / (u16::try_from(grams.len()).map_or(65_535.0, f32::from)).sqrt().max(1.0);
            let sum: f32 = grams.iter().filter_map(|gram| weights.get(*gram)).sum::<f32>() * norm + bias;
            let error = good - 1.0 / (1.0 + (-sum).exp());
            for gram in grams {
                if let Some(weight) = weights.get_mut(*gram) {
                    *weight += rate * (error * norm - 0.000_002 * *weight);
                }
            }
            bias += rate * error * 0.01;
        }
    }
    whole(bias, &weights)
}

/// Whole weights: the largest that matter become 127.
fn whole(bias: f32, weights: &[f32]) -> Model {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let matters = sizes.iter().rev().nth(LARGEST).copied().unwrap_or_default().max(f32::MIN_POSITIVE);
    let scale = 127.0 / matters;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a byte")]
    let bytes = weights.iter().map(|weight| (weight * scale).round().clamp(-127.0, 127.0) as i8);
    #[expect(clippy::cast_possible_truncation, reason = "small")]
    Model::new((bias * scale) as i32, bytes.collect())
}
