//! `[[sla_policy]]`: until when somebody is answered and helped (rules: desk 8, 9).

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use crate::programme::finding::Findings;
use crate::programme::later::moment::Span;

/// `[[sla_policy]]`: a service level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPolicy {
    /// A short name, unique.
    pub id: String,
    /// Until the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Target>,
    /// Until each further answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_response: Option<Target>,
    /// Until it is solved.
    pub resolution: Target,
    /// By which calendar time counts; `always`: all of it.
    #[serde(default = "SlaPolicy::always", skip_serializing_if = "SlaPolicy::is_always")]
    pub calendar: String,
}

impl SlaPolicy {
    fn always() -> String {
        "always".to_owned()
    }

    fn is_always(calendar: &String) -> bool {
        calendar == "always"
    }
}

/// How much time somebody has: `PT4H`, `PT15M`. No days: nobody knows how long one is at a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Target {
    /// In milliseconds.
    pub milliseconds: i64,
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time in hours and minutes such as \"PT4H\" or \"PT15M\", up to PT8784H");
        let timed = text.starts_with("PT");
        let span = Span::try_from(text.clone()).ok().filter(|span| timed && (1..=31_622_400).contains(&span.seconds));
        let milliseconds = span.ok_or_else(wrong)?.seconds.saturating_mul(1_000);
        Ok(Self { milliseconds })
    }
}

impl From<Target> for String {
    fn from(Target { milliseconds }: Target) -> Self {
        let seconds = milliseconds.div_euclid(1_000);
        let units = [(3_600, "H"), (60, "M")];
        let whole = units.into_iter().find(|(unit, _)| seconds.checked_rem(*unit) == Some(0));
        let (unit, name) = whole.unwrap_or((1, "S"));
        format!("PT{}{name}", seconds.div_euclid(unit))
    }
}

/// Checks the section.
pub(super) fn check(policies: &[SlaPolicy], calendars: &[Calendar], findings: &mut Findings) {
    findings.unique("sla_policy", policies.iter().map(|policy| policy.id.as_str()));
    for policy in policies {
        let at = |field: &str| format!("sla_policy.{}.{field}", policy.id);
        let known = policy.calendar == "always" || calendars.iter().any(|calendar| calendar.id == policy.calendar);
        findings.unless(known, at("calendar"), format!("there is no calendar `{}`", policy.calendar));
        let sooner = policy.first_response.is_none_or(|first| first <= policy.resolution);
        findings.unless(sooner, at("first_response"), "must be at most the resolution");
    }
}
