//! `[[survey]]`, `[[form]]`, `[[theme]]`, `[voice]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::moment::Span;
use super::place::Place;
use super::section::Section;

/// `[[survey]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// A short name, unique.
    pub id: String,
    /// What is asked: `nps`, `csat5` or `ces7`.
    pub kind: Option<String>,
    /// The form that is asked.
    pub form: Option<String>,
    /// Why it may be sent.
    pub purpose: Option<String>,
    /// What sends it.
    pub trigger: String,
    /// How long after that.
    pub delay: Option<Span>,
    /// What takes it back.
    pub cancel_on: Option<String>,
    /// After how long no answer is taken any more, in days.
    pub close_after_days: Option<i64>,
    /// After how long the same may be sent again, in days.
    pub recontact_days: Option<i64>,
    /// How long after any survey, in days.
    pub cooldown_days: Option<i64>,
    /// `exempt`: that does not hold for it.
    pub cooldown: Option<String>,
    /// Who is asked; `hash_bucket_of_member`.
    pub sample: Option<String>,
    /// How many are, in basis points.
    pub sample_bp: Option<i64>,
    /// What a low score sets off.
    pub on_low: Option<FollowUp>,
    /// What a detractor sets off.
    pub on_detractor: Option<FollowUp>,
    /// What a promoter sets off.
    pub on_promoter: Option<FollowUp>,
}

/// What a score sets off.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// Scores up to this.
    pub at_most: Option<i64>,
    /// Scores from this on.
    pub at_least: Option<i64>,
    /// What is done: `ticket`, `invite` or `reopen_and_escalate`.
    pub r#do: String,
    /// Where a ticket goes.
    pub queue: Option<String>,
    /// Its service level.
    pub sla: Option<String>,
    /// The same.
    pub policy: Option<String>,
    /// To what the member is invited.
    pub to: Option<String>,
}

/// The lowest and the highest score of a kind.
fn scale(kind: &str) -> Option<(i64, i64)> {
    match kind {
        "nps" => Some((0, 10)),
        "csat5" => Some((1, 5)),
        "ces7" => Some((1, 7)),
        _ => None,
    }
}

impl Section for Survey {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(self.kind.is_some() || self.form.is_some(), "kind", "a survey has a kind or a form");
        place.one_of("kind", self.kind.as_deref(), &["nps", "csat5", "ces7"]);
        place.named("form", &self.form, &["form"]);
        place.range(1..=366, [("close_after_days", self.close_after_days), ("recontact_days", self.recontact_days)]);
        place.range(0..=366, [("cooldown_days", self.cooldown_days)]);
        place.range(1..=10_000, [("sample_bp", self.sample_bp)]);
        place.one_of("sample", self.sample.as_deref(), &["hash_bucket_of_member"]);
        place.one_of("cooldown", self.cooldown.as_deref(), &["exempt"]);
        let again = self.trigger != "schedule:quarterly" || self.recontact_days.is_none_or(|days| days >= 90);
        place.unless(again, "recontact_days", "a quarterly survey asks nobody again within 90 days");
        let scale = self.kind.as_deref().and_then(scale);
        let follows =
            [("on_low", &self.on_low), ("on_detractor", &self.on_detractor), ("on_promoter", &self.on_promoter)];
        for (name, follow) in follows {
            if let Some(follow) = follow {
                follow.check(scale, &mut place.within(name));
            }
        }
    }
}

impl FollowUp {
    fn check(&self, scale: Option<(i64, i64)>, place: &mut Place<'_>) {
        let one = self.at_most.is_some() != self.at_least.is_some();
        place.unless(one, "at_most", "exactly one of at_most and at_least says which scores");
        if let Some((least, most)) = scale {
            place.range(least..=most, [("at_most", self.at_most), ("at_least", self.at_least)]);
        }
        place.one_of("do", Some(&self.r#do), &["ticket", "invite", "reopen_and_escalate"]);
        place.named("sla", &self.sla, &["sla.policies", "sla_policy"]);
        place.named("policy", &self.policy, &["sla.policies", "sla_policy"]);
        place.named_if_any("queue", &self.queue, &["desk_queue"]);
    }
}

/// `[[form]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// A short name, unique.
    pub id: String,
    /// What is asked, in this order.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// A short name, unique in the form.
    pub id: String,
    /// What kind of answer.
    pub kind: String,
    /// Must it be answered?
    #[serde(default)]
    pub required: bool,
    /// Under which condition it is asked.
    pub r#if: Option<String>,
    /// The question, by language.
    pub ask: BTreeMap<String, String>,
    /// The lowest of a scale.
    pub min: Option<i64>,
    /// The highest of a scale.
    pub max: Option<i64>,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<String>,
    /// The fewest that must be.
    pub min_selected: Option<i64>,
    /// The most that may be.
    pub max_selected: Option<i64>,
    /// The longest text, in characters.
    pub max_length: Option<i64>,
    /// Which field of the member's profile it fills.
    pub profile: Option<String>,
}

impl Section for Form {
    fn check(&self, place: &mut Place<'_>) {
        let kinds = ["nps", "csat5", "ces7", "scale", "choice", "choices", "text", "date", "yes_no"];
        place.unless(!self.questions.is_empty(), "questions", "a form has a question");
        place.unique("questions", self.questions.iter().map(|question| &question.id));
        for question in &self.questions {
            let mut place = place.within(&format!("questions.{}", question.id));
            place.one_of("kind", Some(&question.kind), &kinds);
            place.unless(!question.ask.is_empty(), "ask", "there is no text");
            place.range(1..=10_000, [("max_length", question.max_length)]);
            let rising = question.min.zip(question.max).is_none_or(|(min, max)| min < max);
            place.unless(rising, "max", "must be above min");
            let chosen = question.min_selected.zip(question.max_selected).is_none_or(|(min, max)| min <= max);
            place.unless(chosen, "max_selected", "must be at least min_selected");
            let chooses = question.kind.starts_with("choice");
            place.unless(!chooses || question.options.len() >= 2, "options", "there are at least two");
        }
    }
}

/// `[[theme]]`: words that tell what somebody writes about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// A short name, unique.
    pub id: String,
    /// `cause`, `praise` or `wish`.
    pub kind: Option<String>,
    /// Words in Chinese.
    #[serde(default)]
    pub zh: Vec<String>,
    /// Words in English.
    #[serde(default)]
    pub en: Vec<String>,
}

impl Section for Theme {
    fn check(&self, place: &mut Place<'_>) {
        let words = !self.zh.is_empty() || !self.en.is_empty();
        place.unless(words, "zh", "there are no words");
    }
}

/// `[voice]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// Words of wishes, by language.
    #[serde(default)]
    pub wish: BTreeMap<String, Vec<String>>,
    /// Below this share of finished forms somebody is told, in basis points.
    pub abandonment_min_bp: Option<i64>,
}

impl Section for Voice {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=10_000, [("abandonment_min_bp", self.abandonment_min_bp)]);
    }
}
