//! What many answers come to: NPS, CSAT, CES, with two decimals, halves away from zero (rules: voice 20).

use serde::Serialize;

/// How likely members are to recommend: 100 (promoters - detractors) / answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nps {
    /// How many answered.
    pub n: u64,
    /// 9 or 10.
    pub promoters: u64,
    /// 7 or 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
    /// The number; nothing where nobody answered.
    pub nps: Option<String>,
}

/// How satisfied members are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Csat {
    /// How many answered.
    pub n: u64,
    /// 4 or 5.
    pub satisfied: u64,
    /// Their share, times 100.
    pub csat: Option<String>,
    /// The mean of 1 to 5.
    pub mean: Option<String>,
}

/// How easy it was for members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ces {
    /// How many answered.
    pub n: u64,
    /// 5 to 7.
    pub easy: u64,
    /// The mean of 1 to 7.
    pub ces: Option<String>,
    /// The share of those for whom it was easy, times 100.
    pub easy_share: Option<String>,
}

impl Nps {
    /// Of scores from 0 to 10.
    #[must_use]
    pub fn of(scores: &[u8]) -> Self {
        let promoters = count(scores, |score| score >= 9);
        let detractors = count(scores, |score| score <= 6);
        let n = count(scores, |_| true);
        let balance = i128::from(promoters).saturating_sub(i128::from(detractors));
        let passives = n.saturating_sub(promoters).saturating_sub(detractors);
        Self { n, promoters, passives, detractors, nps: ratio(balance.saturating_mul(100), n) }
    }
}

impl Csat {
    /// Of scores from 1 to 5.
    #[must_use]
    pub fn of(scores: &[u8]) -> Self {
        let (n, satisfied) = (count(scores, |_| true), count(scores, |score| score >= 4));
        let csat = ratio(i128::from(satisfied).saturating_mul(100), n);
        Self { n, satisfied, csat, mean: ratio(sum(scores), n) }
    }
}

impl Ces {
    /// Of scores from 1 to 7.
    #[must_use]
    pub fn of(scores: &[u8]) -> Self {
        let (n, easy) = (count(scores, |_| true), count(scores, |score| score >= 5));
        let easy_share = ratio(i128::from(easy).saturating_mul(100), n);
        Self { n, easy, ces: ratio(sum(scores), n), easy_share }
    }
}

fn count(scores: &[u8], so: impl Fn(u8) -> bool) -> u64 {
    u64::try_from(scores.iter().filter(|score| so(**score)).count()).unwrap_or(u64::MAX)
}

fn sum(scores: &[u8]) -> i128 {
    scores.iter().map(|score| i128::from(*score)).sum()
}

/// A ratio with two decimals, halves away from zero; nothing of nothing.
#[must_use]
pub fn ratio(part: i128, whole: u64) -> Option<String> {
    let whole = i128::from(whole);
    let doubled = part.checked_mul(200)?.unsigned_abs();
    let hundredths = doubled.checked_add(whole.unsigned_abs())?.checked_div(whole.checked_mul(2)?.unsigned_abs())?;
    let sign = if part < 0 && hundredths > 0 { "-" } else { "" };
    Some(format!("{sign}{}.{:02}", hundredths.div_euclid(100), hundredths.rem_euclid(100)))
}
