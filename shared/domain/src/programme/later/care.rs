//! `[care]` and `[[journey]]`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::moment::{Clock, Offset, Span, Texts};
use super::place::Place;
use super::section::Section;

/// What a message goes by.
const CHANNELS: &[&str] = &["email", "sms", "push", "wecom", "in_app", "phone", "post"];
/// What a step does.
const DOES: &[&str] = &[
    "email",
    "sms",
    "push",
    "wecom",
    "wecom_group",
    "in_app",
    "task",
    "task_offer",
    "benefit",
    "ticket",
    "fulfil",
    "survey",
    "fact",
    "wait",
];

/// `[care]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Care {
    /// When nothing is sent.
    pub quiet_hours: Option<Quiet>,
    /// The same, by channel.
    pub quiet: Option<Quiet>,
    /// How much is sent at most.
    pub caps: Option<Caps>,
    /// When a message of a date is sent.
    pub default_send_time: Option<Clock>,
    /// Members who get nothing, to compare with, in basis points.
    pub holdout_bp: Option<i64>,
    /// Time zones by country.
    #[serde(default)]
    pub zones: BTreeMap<String, String>,
    /// Languages by country.
    #[serde(default)]
    pub locales: BTreeMap<String, String>,
    /// Events that need no journey.
    #[serde(default)]
    pub none: Vec<String>,
}

/// Quiet hours of a local day; they may go over midnight.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// From.
    pub from: Clock,
    /// To, exclusive.
    pub to: Clock,
    /// Of which channels; all if absent.
    #[serde(default)]
    pub channels: Vec<String>,
}

/// `caps`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Marketing messages on a local day.
    pub marketing_per_day: Option<i64>,
    /// Marketing messages on seven of them.
    pub marketing_per_7d: Option<i64>,
    /// The same.
    pub marketing: Option<Cap>,
}

/// `caps.marketing`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// On a local day.
    pub per_day: Option<i64>,
    /// On seven of them.
    pub per_7d: Option<i64>,
}

impl Section for Care {
    fn check(&self, place: &mut Place<'_>) {
        for (name, quiet) in [("quiet_hours", &self.quiet_hours), ("quiet", &self.quiet)] {
            let Some(quiet) = quiet else { continue };
            place.unless(quiet.from != quiet.to, name, "a window from a time to the same is the whole day, or nothing");
            for channel in &quiet.channels {
                place.within(name).one_of("channels", Some(channel), CHANNELS);
            }
        }
        place.range(0..=5_000, [("holdout_bp", self.holdout_bp)]);
        for (country, zone) in &self.zones {
            let known = crate::kernel::time::Zone::named(zone).is_some();
            place.unless(known, &format!("zones.{country}"), format!("`{zone}` is not an IANA time zone"));
        }
        let Some(caps) = &self.caps else { return };
        let mut place = place.within("caps");
        let (day, week) = (caps.marketing_per_day, caps.marketing_per_7d);
        cap(&mut place, [("marketing_per_day", day), ("marketing_per_7d", week)]);
        if let Some(Cap { per_day, per_7d }) = &caps.marketing {
            cap(&mut place.within("marketing"), [("per_day", *per_day), ("per_7d", *per_7d)]);
        }
    }
}

fn cap(place: &mut Place<'_>, caps: [(&str, Option<i64>); 2]) {
    place.range(0..=24, caps);
    let [(day, per_day), (_, per_week)] = caps;
    let fits = per_day.zip(per_week).is_none_or(|(per_day, per_week)| per_day <= per_week);
    place.unless(fits, day, "a day cannot have more than seven");
}

/// `[[journey]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// A short name, unique.
    pub id: String,
    /// What begins it: an event, `segment.entered:ID`, `schedule:birthday`.
    pub enter: String,
    /// Under which condition.
    pub r#if: Option<String>,
    /// Fields of the event that tell one enrolment from another.
    #[serde(default)]
    pub key: Vec<String>,
    /// The same in words.
    pub dedupe_by: Option<String>,
    /// The field of the event from which steps are counted; the event itself if absent.
    pub anchor: Option<String>,
    /// What a moved anchor does: `supersede`, `resume` or `ignore`.
    pub moved: Option<String>,
    /// What ends it.
    #[serde(default)]
    pub exit_on: Vec<String>,
    /// After how long it may begin again: a duration, or `field:NAME`.
    pub reentry: Option<String>,
    /// The same in days.
    pub reentry_after_days: Option<i64>,
    /// How often: `once_per_calendar_year`, `once_per_member_festival_year`, `once`.
    pub frequency: Option<String>,
    /// When a birthday on 29 February is kept: `feb28` or `mar1`.
    pub leap_day: Option<String>,
    /// Why it may be sent: `service` or `marketing`, or a purpose.
    pub purpose: Option<String>,
    /// Which goes first where there is room for one.
    pub priority: Option<i64>,
    /// Festivals.
    pub r#match: Option<Value>,
    /// How far ahead a festival is looked for, in days.
    pub lookahead_days: Option<i64>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// A step of a journey.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A short name, unique in the journey.
    pub id: Option<String>,
    /// When, from the anchor.
    pub at: Offset,
    /// The local time of that day.
    pub time: Option<Clock>,
    /// What is done; of several channels the first that can.
    pub r#do: Texts,
    /// With which text.
    pub template: Option<String>,
    /// Under which condition.
    pub r#if: Option<String>,
    /// What becomes of it when it is late: `skip`, `send_now` or `send_now_if_at_least:DURATION`.
    pub if_late: Option<String>,
    /// The last day on which it is of use.
    pub last_day: Option<Offset>,
    /// For how long it is of use.
    pub valid_for: Option<Span>,
    /// For how long an offer stands, in days.
    pub valid_days: Option<i64>,
    /// What can be done in the message.
    pub action: Option<String>,
    /// Where a ticket goes.
    pub queue: Option<String>,
    /// Its service level.
    pub sla: Option<String>,
    /// The same.
    pub policy: Option<String>,
    /// What is sent.
    pub item: Option<String>,
    /// Which benefit that uses up.
    pub benefit: Option<String>,
    /// What is given.
    pub reward: Option<String>,
    /// What is offered.
    pub task: Option<String>,
    /// Which survey is sent.
    pub survey: Option<String>,
    /// How the member is told.
    pub tell: Option<Tell>,
    /// Are quiet hours kept?
    pub quiet: Option<String>,
}

/// `tell`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tell {
    /// By which channels.
    pub r#do: Texts,
    /// With which text.
    pub template: String,
}

impl Section for Journey {
    fn check(&self, place: &mut Place<'_>) {
        if let Some(segment) = self.enter.strip_prefix("segment.entered:") {
            place.named("enter", [&segment.to_owned()], &["rfmls.segments"]);
        }
        place.tiers("if", self.r#if.as_ref());
        place.one_of("moved", self.moved.as_deref(), &["supersede", "resume", "ignore"]);
        place.one_of("leap_day", self.leap_day.as_deref(), &["feb28", "mar1"]);
        let often = ["once", "once_per_calendar_year", "once_per_member_festival_year"];
        place.one_of("frequency", self.frequency.as_deref(), &often);
        place.range(1..=3_650, [("reentry_after_days", self.reentry_after_days)]);
        place.range(1..=366, [("lookahead_days", self.lookahead_days)]);
        place.range(0..=1_000, [("priority", self.priority)]);
        if let Some(after) = self.reentry.as_ref().filter(|after| !after.starts_with("field:")) {
            let fits = Span::try_from(after.clone());
            place.unless(fits.is_ok(), "reentry", fits.err().unwrap_or_default());
        }
        let purposes = place.declared.names(&["purpose"]);
        if let Some(purpose) = self.purpose.as_ref().filter(|purpose| !purposes.contains(purpose.as_str())) {
            let known = ["service", "marketing", "research", "profiling", "security", "sensitive"];
            place.one_of("purpose", Some(purpose), &known);
        }
        place.unless((1..=8).contains(&self.steps.len()), "steps", "a journey has 1 to 8 steps");
        place.unique("steps", self.steps.iter().filter_map(|step| step.id.as_ref()));
        for (number, step) in (1_usize..).zip(&self.steps) {
            let name = step.id.clone().unwrap_or_else(|| number.to_string());
            step.check(&mut place.within(&format!("steps.{name}")));
        }
    }
}

impl Step {
    fn check(&self, place: &mut Place<'_>) {
        for does in self.r#do.all().iter().chain(self.tell.iter().flat_map(|tell| tell.r#do.all())) {
            place.one_of("do", Some(does), DOES);
        }
        place.unless(!self.r#do.all().is_empty(), "do", "must say what is done");
        place.unless(self.at.seconds.abs() <= 366 * 86_400, "at", "must be within a year of the anchor");
        if let Some(late) = &self.if_late {
            let least = late.strip_prefix("send_now_if_at_least:").map(|least| Span::try_from(least.to_owned()));
            let fits = matches!(least, Some(Ok(_))) || ["skip", "send_now"].contains(&late.as_str());
            place.unless(
                fits,
                "if_late",
                "must be skip, send_now, or send_now_if_at_least: and a duration such as P1D",
            );
        }
        place.tiers("if", self.r#if.as_ref());
        place.range(1..=366, [("valid_days", self.valid_days)]);
        let lasts = self.valid_for.is_none_or(|span| span.seconds >= 600);
        place.unless(lasts, "valid_for", "must be at least PT10M");
        place.one_of("quiet", self.quiet.as_deref(), &["keep", "ignore"]);
        place.named("benefit", &self.benefit, &["benefit"]);
        place.named("sla", &self.sla, &["sla.policies", "sla_policy"]);
        place.named("policy", &self.policy, &["sla.policies", "sla_policy"]);
        place.named("survey", &self.survey, &["survey"]);
        place.named_if_any("queue", &self.queue, &["desk_queue"]);
        place.named_if_any("task", &self.task, &["task"]);
    }
}
