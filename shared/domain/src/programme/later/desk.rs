//! `[sla]`, and what takes its place: `[[calendar]]`, `[desk]`, `[[sla_policy]]`, `[[desk_queue]]`, `[[route]]`; and
//! `[emergency_pack]`, `[[emergency_item]]`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::moment::{Clock, Closing, DAYS, Span};
use super::place::Place;
use super::section::Section;
use crate::kernel::time::Zone;

/// `[sla]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sla {
    /// When somebody works.
    pub calendar: Hours,
    /// States in which clocks stand still.
    #[serde(default)]
    pub pause_on: Vec<String>,
    /// Service levels.
    pub policies: Vec<Policy>,
    /// To whom a topic goes; `default` for the others.
    #[serde(default)]
    pub route: BTreeMap<String, String>,
}

/// `calendar` of `[sla]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// IANA zone.
    pub tz: String,
    /// `Mon-Fri`, or days with commas.
    pub days: String,
    /// From.
    pub open: Clock,
    /// To.
    pub close: Closing,
    /// Whose public holidays.
    pub holidays: Option<String>,
}

/// A service level.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// A short name, unique.
    pub id: String,
    /// Until the first answer.
    pub first_response: Option<Span>,
    /// Until each further answer.
    pub next_response: Option<Span>,
    /// Until it is solved.
    pub resolution: Option<Span>,
    /// `24x7` or `business`.
    pub clock: Option<String>,
    /// By which calendar; always if absent.
    pub calendar: Option<String>,
}

impl Section for Policy {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(self.resolution.is_some(), "resolution", "a policy says until when it is solved");
        place.one_of("clock", self.clock.as_deref(), &["24x7", "business"]);
        if let Some(calendar) = self.calendar.as_ref().filter(|calendar| *calendar != "always") {
            place.named("calendar", [calendar], &["calendar"]);
        }
        for (name, span) in [
            ("first_response", self.first_response),
            ("next_response", self.next_response),
            ("resolution", self.resolution),
        ] {
            place.unless(span.is_none_or(|span| span.seconds > 0), name, "must be longer than nothing");
        }
        let sooner = self.first_response.zip(self.resolution).is_none_or(|(first, resolution)| first <= resolution);
        place.unless(sooner, "first_response", "must be at most the resolution");
    }
}

impl Section for Sla {
    fn check(&self, place: &mut Place<'_>) {
        let hours = &self.calendar;
        let mut calendar = place.within("calendar");
        calendar.unless(Zone::named(&hours.tz).is_some(), "tz", format!("`{}` is not an IANA time zone", hours.tz));
        let known = hours.days.split([',', '-']).all(|day| DAYS.contains(&day.trim()));
        calendar.unless(known, "days", "must be days such as Mon-Fri, or Mon,Wed,Fri");
        calendar.unless(hours.open.0 < hours.close.0, "close", "must be after `open`");
        place.unique("policies", self.policies.iter().map(|policy| &policy.id));
        for state in &self.pause_on {
            place.one_of("pause_on", Some(state), &["pending_customer", "pending_third_party"]);
        }
        for policy in &self.policies {
            policy.check(&mut place.within(&format!("policies.{}", policy.id)));
        }
        let rest = self.route.is_empty() || self.route.contains_key("default");
        place.unless(rest, "route", "must say where all else goes: default = \"...\"");
    }
}

/// `[[calendar]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// A short name, unique.
    pub id: String,
    /// IANA zone.
    pub tz: String,
    /// Windows by weekday, `09:00-18:00`.
    pub windows: BTreeMap<String, Vec<String>>,
    /// Dates on which nobody works.
    #[serde(default)]
    pub off: Vec<Date>,
    /// Dates on which somebody does.
    #[serde(default)]
    pub worked: Vec<Worked>,
    /// Until when it is known.
    pub covers_until: Option<Date>,
}

/// A date that is worked like a weekday.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worked {
    /// The date.
    pub date: Date,
    /// The weekday.
    pub like: String,
}

impl Section for Calendar {
    fn check(&self, place: &mut Place<'_>) {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        place.unless(Zone::named(&self.tz).is_some(), "tz", format!("`{}` is not an IANA time zone", self.tz));
        place.unless(self.windows.values().any(|windows| !windows.is_empty()), "windows", "there is no window");
        for (day, windows) in &self.windows {
            place.one_of("windows", Some(day), &days);
            let mut until = 0;
            for window in windows {
                let ends = window.split_once('-').and_then(|(open, close)| {
                    Some((Clock::try_from(open.to_owned()).ok()?.0, Closing::try_from(close.to_owned()).ok()?.0))
                });
                let fits = ends.is_some_and(|(open, close)| until <= open && open < close);
                place.unless(
                    fits,
                    &format!("windows.{day}"),
                    "must be windows such as 09:00-18:00, one after the other",
                );
                until = ends.map_or(until, |(_, close)| close);
            }
        }
        for worked in &self.worked {
            place.one_of("worked", Some(&worked.like), &days);
            let both = self.off.contains(&worked.date);
            place.unless(!both, "worked", format!("{} is off, too", worked.date));
        }
    }
}

/// `[desk]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// States in which clocks stand still.
    #[serde(default)]
    pub pause_on: Vec<String>,
    /// After how many days what is solved is closed.
    pub auto_close_days: Option<i64>,
    /// After how many days without an answer.
    pub pending_days: Option<i64>,
    /// For how many days a member stays with an agent.
    pub sticky_days: Option<i64>,
    /// What tickets are about.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Messages that need no answer.
    #[serde(default)]
    pub thanks: Vec<String>,
    /// How long texts are kept, in days.
    pub retain_text_days: Option<i64>,
}

impl Section for Desk {
    fn check(&self, place: &mut Place<'_>) {
        let days = [
            ("auto_close_days", self.auto_close_days),
            ("pending_days", self.pending_days),
            ("sticky_days", self.sticky_days),
        ];
        place.range(1..=366, days);
        place.range(1..=36_500, [("retain_text_days", self.retain_text_days)]);
        place.unique("topics", &self.topics);
    }
}

/// `[[desk_queue]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskQueue {
    /// A short name, unique.
    pub id: String,
    /// Who answers for it.
    pub lead: Option<String>,
}

impl Section for DeskQueue {
    fn check(&self, _place: &mut Place<'_>) {}
}

/// `[[route]]`: the first whose condition holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The condition; always if absent.
    pub when: Option<String>,
    /// To which queue.
    pub to: String,
    /// With which service level.
    pub policy: Option<String>,
}

impl Section for Route {
    fn check(&self, place: &mut Place<'_>) {
        place.named("to", [&self.to], &["desk_queue"]);
        place.named("policy", &self.policy, &["sla_policy"]);
    }
}

/// `[emergency_pack]`: what agents may give at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyPack {
    /// What there is.
    #[serde(default)]
    pub items: Vec<String>,
    /// The most for a case, in minor units.
    pub per_case_minor: i64,
    /// The most grants of an agent on a day.
    pub per_agent_day: i64,
    /// Grants for a member in 30 days; 0 = no limit.
    pub per_member_30d: i64,
    /// The most in a month, in minor units.
    pub monthly_budget_minor: i64,
    /// A second person approves more than this, in minor units.
    pub approval_above_minor: Option<i64>,
    /// For how long, in hours.
    pub approval_hours: Option<i64>,
}

impl Section for EmergencyPack {
    fn check(&self, place: &mut Place<'_>) {
        place.range(
            1..=1_000_000_000_000,
            [("per_case_minor", Some(self.per_case_minor)), ("monthly_budget_minor", Some(self.monthly_budget_minor))],
        );
        place.range(0..=1_000_000_000_000, [("approval_above_minor", self.approval_above_minor)]);
        place.range(1..=1_000, [("per_agent_day", Some(self.per_agent_day)), ("approval_hours", self.approval_hours)]);
        place.range(0..=30, [("per_member_30d", Some(self.per_member_30d))]);
        let fits = self.per_case_minor <= self.monthly_budget_minor;
        place.unless(fits, "per_case_minor", "must be at most the month's budget");
        place.unique("items", &self.items);
    }
}

/// `[[emergency_item]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyItem {
    /// A short name, unique.
    pub id: String,
    /// `gift`, `points`, `voucher` or `service`.
    pub kind: String,
    /// What one costs, in minor units.
    pub unit_cost_minor: i64,
    /// How many there are.
    pub stock: Option<i64>,
    /// How many points.
    pub points: Option<i64>,
    /// Which reward's voucher.
    pub reward: Option<String>,
}

impl Section for EmergencyItem {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=1_000_000_000_000, [("unit_cost_minor", Some(self.unit_cost_minor))]);
        place.range(0..=1_000_000_000, [("stock", self.stock)]);
        place.range(1..=1_000_000_000_000, [("points", self.points)]);
        place.named("reward", &self.reward, &["reward"]);
    }
}
