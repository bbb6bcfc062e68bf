//! A small linear model of how Chinese is meant: hashed n-grams of letters, whole weights, learnt by `examples/accuracy/main.rs`.
//!
//! On reviews of another trade than it learnt from it is alone no better than the lexicon; `analysis` says where it is asked.

use std::sync::OnceLock;

/// How many weights a model has, a byte each: 128 KiB.
pub const BUCKETS: usize = 1 << 17;
/// The most letters of an n-gram.
pub const LONGEST_GRAM: usize = 3;

pub(crate) const DATA: &[u8] = include_bytes!("../data/zh.model");

/// Weights by bucket, and one for every text.
#[derive(Debug, Clone)]
pub struct Model {
    bias: i32,
    weights: Vec<i8>,
}

impl Model {
    /// Of weights.
    #[must_use]
    pub fn new(bias: i32, weights: Vec<i8>) -> Self {
        Self { bias, weights }
    }

    /// Of bytes: the bias, four of them with the least first, and a weight each.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (bias, weights) = bytes.split_first_chunk::<4>()?;
        let fits = weights.len() == BUCKETS;
        fits.then(|| Self {
            bias: i32::from_le_bytes(*bias),
            weights: weights.iter().map(|weight| i8::from_le_bytes([*weight])).collect(),
        })
    }

    /// As bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let weights = self.weights.iter().flat_map(|weight| weight.to_le_bytes());
        self.bias.to_le_bytes().into_iter().chain(weights).collect()
    }

    /// What a plain text comes to: above nothing if it is meant well.
    #[must_use]
    pub fn score(&self, plain: &str) -> i32 {
        let weight = |bucket: usize| i32::from(self.weights.get(bucket).copied().unwrap_or_default());
        grams(plain).into_iter().map(weight).fold(self.bias, i32::saturating_add)
    }

    /// The one that is shipped.
    ///
    /// # Panics
    /// It is none: it is part of the program.
    #[must_use]
    pub(crate) fn shipped() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(DATA).expect("the model that is shipped is one"))
    }
}

/// The buckets of a plain text's n-grams, each once.
#[must_use]
pub fn grams(plain: &str) -> Vec<usize> {
    let letters: Vec<char> = plain.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut found = Vec::new();
    for length in 1..=LONGEST_GRAM {
        found.extend(letters.windows(length).map(bucket));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The bucket of an n-gram: FNV-1a over its letters.
#[must_use]
pub fn bucket(gram: &[char]) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for letter in gram {
        for byte in u32::from(*letter).to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let mixed = hash ^ (hash >> 32);
    usize::try_from(mixed & 0x1_ffff).unwrap_or_default()
}
