//! Steps of journeys.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::programme::channel::Channel;
use crate::programme::later::moment::{Clock, Closing, Span, Texts};

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A short name, unique in its journey.
    pub id: String,
    /// When, counted from the anchor.
    pub at: At,
    /// At what time of the day, if `at` counts days: `10:00`, or `anchor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeOfDay>,
    /// What is done: an action, or the channels of a message, of which the first that can takes it.
    pub r#do: Texts,
    /// With which text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Under which condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#if: Option<String>,
    /// The last local date on which it is of use, counted from that of the anchor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<At>,
    /// For how long it is of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Span>,
    /// When it may be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// `ignore`: quiet hours do not hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quietness>,
    /// `wait`: what is too much today is tried on the next date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_cap: Option<OnCap>,
    /// What can be done in the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The queue of a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Its service level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Which benefit that uses up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<String>,
    /// What is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<String>,
    /// What is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// For how many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_days: Option<i32>,
    /// Which survey is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<String>,
    /// How the member is told once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tell: Option<Tell>,
}

/// `tell`: the message that follows an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tell {
    /// By which channels.
    pub r#do: Texts,
    /// With which text.
    pub template: String,
}

/// What a step does: a message by a channel, or an action of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// A mail.
    Email,
    /// A text message.
    Sms,
    /// A notification of the app.
    Push,
    /// A message in WeCom.
    Wecom,
    /// A text in the app.
    InApp,
    /// A ticket for somebody to call.
    Ticket,
    /// A task is offered.
    TaskOffer,
    /// A reward is given.
    Benefit,
    /// Something is sent.
    Fulfil,
    /// A survey is sent.
    Survey,
}

impl Does {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Email,
        Self::Sms,
        Self::Push,
        Self::Wecom,
        Self::InApp,
        Self::Ticket,
        Self::TaskOffer,
        Self::Benefit,
        Self::Fulfil,
        Self::Survey,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Wecom => "wecom",
            Self::InApp => "in_app",
            Self::Ticket => "ticket",
            Self::TaskOffer => "task_offer",
            Self::Benefit => "benefit",
            Self::Fulfil => "fulfil",
            Self::Survey => "survey",
        }
    }

    /// One by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|does| does.name() == name)
    }

    /// Is it a message?
    #[must_use]
    pub const fn is_message(self) -> bool {
        matches!(self, Self::Email | Self::Sms | Self::Push | Self::Wecom | Self::InApp)
    }

    /// The channel that it takes, if it reaches somebody who does not look.
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        match self {
            Self::Email => Some(Channel::Email),
            Self::Sms => Some(Channel::Sms),
            Self::Push => Some(Channel::Push),
            Self::Wecom => Some(Channel::Wecom),
            _ => None,
        }
    }
}

impl Step {
    /// What it does, in the order in which that is tried. Of what is not known nothing.
    #[must_use]
    pub fn does(&self) -> Vec<Does> {
        ways(&self.r#do)
    }

    /// Is it a message?
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.does().iter().any(|does| does.is_message())
    }
}

impl Tell {
    /// By which channels, in order.
    #[must_use]
    pub fn does(&self) -> Vec<Does> {
        ways(&self.r#do)
    }
}

fn ways(texts: &Texts) -> Vec<Does> {
    texts.all().iter().filter_map(|name| Does::named(name)).collect()
}

/// When, counted from the anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum At {
    /// Local dates after that of the anchor, `P7D`, or before it, `-P3D`.
    Days(i32),
    /// Elapsed time, in seconds, `PT1H`.
    Elapsed(i64),
}

impl At {
    /// How long it takes, a day as 24 hours.
    #[must_use]
    pub fn about(self) -> SignedDuration {
        match self {
            Self::Days(days) => SignedDuration::from_hours(i64::from(days).saturating_mul(24)),
            Self::Elapsed(seconds) => SignedDuration::from_secs(seconds),
        }
    }
}

impl TryFrom<String> for At {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (sign, rest) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
        let wrong =
            || format!("`{text}` is no duration; one is \"P7D\" (days), \"PT1H\" (hours), \"-P3D\" (days before)");
        if rest.strip_prefix('P').and_then(|rest| rest.split_once('T')).is_some_and(|(days, _)| !days.is_empty()) {
            return Err(format!("`{text}` mixes days, which are dates, with hours, which elapse"));
        }
        let Span { seconds } = Span::try_from(rest.to_owned()).map_err(|_other_words| wrong())?;
        let seconds = seconds.saturating_mul(sign);
        if rest.starts_with("PT") {
            return Ok(Self::Elapsed(seconds));
        }
        i32::try_from(seconds.div_euclid(86_400)).map(Self::Days).map_err(|_too_many| wrong())
    }
}

impl From<At> for String {
    fn from(at: At) -> Self {
        let (sign, text) = match at {
            At::Days(days) => (days < 0, format!("P{}D", days.unsigned_abs())),
            At::Elapsed(seconds) if seconds.rem_euclid(3_600) == 0 => {
                (seconds < 0, format!("PT{}H", seconds.unsigned_abs().div_euclid(3_600)))
            }
            At::Elapsed(seconds) if seconds.rem_euclid(60) == 0 => {
                (seconds < 0, format!("PT{}M", seconds.unsigned_abs().div_euclid(60)))
            }
            At::Elapsed(seconds) => (seconds < 0, format!("PT{}S", seconds.unsigned_abs())),
        };
        if sign { format!("-{text}") } else { text }
    }
}

/// At what time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TimeOfDay {
    /// At this one.
    At(Clock),
    /// At that of the anchor.
    Anchor,
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "anchor" { Ok(Self::Anchor) } else { Clock::try_from(text).map(Self::At) }
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        match time {
            TimeOfDay::At(clock) => clock.into(),
            TimeOfDay::Anchor => "anchor".to_owned(),
        }
    }
}

/// When a step may be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// On which days of the week; on all if none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// From.
    pub from: Clock,
    /// To, exclusive; before `from`, on the next date.
    pub to: Closing,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    /// Of a date.
    #[must_use]
    pub fn of(date: jiff::civil::Date) -> Self {
        use jiff::civil::Weekday;
        match date.weekday() {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// Do quiet hours hold it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quietness {
    /// They do.
    Keep,
    /// They do not.
    Ignore,
}

/// What becomes of a message that would be one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCap {
    /// It is skipped.
    Skip,
    /// It is tried on the next date.
    Wait,
}
