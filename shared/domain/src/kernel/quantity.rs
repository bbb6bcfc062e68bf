//! Whole numbers: points, money in minor units, exact ratios. There is no float in this crate.
//!
//! Inputs are bounded where they enter ([`Points::LIMIT`], [`Minor::LIMIT`]), so an overflow in the operators below is a
//! programmer's mistake and panics instead of wrapping.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

macro_rules! whole_number {
    ($name:ident, $unit:literal) => {
        #[doc = concat!("A whole number of ", $unit, "; negative means taken away.")]
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            Default,
            Serialize,
            Deserialize,
            schemars::JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest amount that one fact, rule or command may name: 10^12.
            pub const LIMIT: i64 = 1_000_000_000_000;

            /// Is it nothing?
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// Is it more than nothing?
            #[must_use]
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// What is above zero, else zero.
            #[must_use]
            pub fn or_zero(self) -> Self {
                self.max(Self::ZERO)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.checked_add(other.0).expect(concat!($unit, " are bounded")))
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.checked_sub(other.0).expect(concat!($unit, " are bounded")))
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(self.0.checked_neg().expect(concat!($unit, " are bounded")))
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(Self::ZERO, Add::add)
            }
        }
    };
}

whole_number!(Points, "points");

whole_number!(Minor, "minor units of the programme's currency");

/// An exact ratio, not negative, such as a tier multiplier: `"3/2"`, `"2"`, `"0"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

impl Ratio {
    /// One: nothing changes.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };
    /// The largest numerator and denominator.
    pub const LIMIT: u32 = 10_000;

    /// `numerator / denominator`; `None` unless both are in `1..=10_000`, or the numerator is 0.
    #[must_use]
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        let range = 1..=Self::LIMIT;
        ((numerator == 0 || range.contains(&numerator)) && range.contains(&denominator))
            .then_some(Self { numerator, denominator })
    }

    /// The upper number.
    #[must_use]
    pub fn numerator(self) -> i128 {
        i128::from(self.numerator)
    }

    /// The lower number.
    #[must_use]
    pub fn denominator(self) -> i128 {
        i128::from(self.denominator)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            _ => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}

impl TryFrom<String> for Ratio {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (upper, lower) = text.split_once('/').unwrap_or((&text, "1"));
        let parse = |part: &str| part.trim().parse::<u32>().ok();
        parse(upper)
            .zip(parse(lower))
            .and_then(|(numerator, denominator)| Self::new(numerator, denominator))
            .ok_or_else(|| format!("`{text}` is not a ratio such as \"3/2\" with both parts in 1..=10000, or 0"))
    }
}

/// How a fraction of a point becomes a whole one (programme: `rounding`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Down, once per order and rule (the default).
    #[default]
    FloorOncePerOrder,
    /// To the nearest, a half up, once per order and rule.
    HalfUpOncePerOrder,
    /// Up, once per order and rule.
    CeilOncePerOrder,
}

impl Rounding {
    /// `numerator / denominator` as whole points. Both are non-negative and within `i64 * Ratio` of each other, so `i128`
    /// arithmetic cannot overflow.
    #[must_use]
    pub fn points(self, numerator: i128, denominator: i128) -> Points {
        assert!(numerator >= 0 && denominator > 0, "a share of points is not negative");
        let whole = match self {
            Self::FloorOncePerOrder => numerator.checked_div(denominator),
            Self::HalfUpOncePerOrder => numerator
                .checked_mul(2)
                .and_then(|twice| twice.checked_add(denominator))
                .and_then(|sum| sum.checked_div(denominator.checked_mul(2)?)),
            Self::CeilOncePerOrder => {
                numerator.checked_add(denominator).and_then(|sum| sum.checked_sub(1)?.checked_div(denominator))
            }
        };
        let bounded = whole.map(|points| points.min(Points::LIMIT.into()));
        Points(bounded.and_then(|points| i64::try_from(points).ok()).expect("points are bounded"))
    }
}

/// Splits `total` over `weights` in proportion, exactly: every part is rounded down and what is left goes, one each, to
/// the largest remainders; a tie goes to the lower line (requirements: "line split by largest remainder").
///
/// With all weights zero the whole goes to the first line. The parts always sum to `total`.
#[must_use]
pub fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    let Some(last) = weights.len().checked_sub(1) else { return Vec::new() };
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = total;
        return parts;
    }
    let product = |weight: i64| i128::from(total).checked_mul(i128::from(weight)).expect("two i64 fit an i128");
    let mut parts: Vec<i64> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    for (line, &weight) in weights.iter().enumerate() {
        assert!(weight >= 0 && total >= 0, "amounts to split are not negative");
        parts.push(i64::try_from(product(weight).div_euclid(sum)).expect("a part is at most the total"));
        remainders.push((product(weight).rem_euclid(sum), line));
    }
    remainders.sort_by(|(left, left_line), (right, right_line)| right.cmp(left).then(left_line.cmp(right_line)));
    let left = total.saturating_sub(parts.iter().sum());
    for (_, line) in remainders.into_iter().take(usize::try_from(left).unwrap_or(last)) {
        parts[line] = parts[line].saturating_add(1);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_sums_to_the_whole_and_a_tie_goes_to_the_lower_line() {
        assert_eq!(allocate(100, &[3333, 3333, 3334]), [33, 33, 34]);
        assert_eq!(allocate(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(allocate(7, &[0, 0]), [7, 0]);
        assert_eq!(allocate(7, &[]), Vec::<i64>::new());
    }

    #[test]
    fn ratios_read_and_print_alike() {
        for text in ["3/2", "2", "6/5", "0"] {
            assert_eq!(Ratio::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        for wrong in ["1/0", "-1", "1.5", "", "1/2/3", "99999"] {
            assert!(Ratio::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounding_is_a_switch() {
        for (rounding, points) in [
            (Rounding::FloorOncePerOrder, [49, 50, 50]),
            (Rounding::HalfUpOncePerOrder, [49, 51, 50]),
            (Rounding::CeilOncePerOrder, [50, 51, 50]),
        ] {
            let exact = [(4949, 100), (5050, 100), (5000, 100)];
            assert_eq!(exact.map(|(upper, lower)| rounding.points(upper, lower).0), points, "{rounding:?}");
        }
    }
}
