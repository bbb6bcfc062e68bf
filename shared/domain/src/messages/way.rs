//! By what a message goes, and what protects from its going twice (rules: messages 4).

use serde::{Deserialize, Serialize};

/// By what a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Mail.
    Email,
    /// A text message.
    Sms,
    /// A notification of the app.
    Push,
    /// A message in WeCom to somebody of the company's directory.
    Wecom,
    /// A task for an employee, who sends it to a customer in WeCom.
    WecomCustomer,
    /// A message to a group in WeCom.
    WecomGroup,
    /// A text in the app.
    InApp,
    /// A webhook.
    Webhook,
}

/// What protects from a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarantee {
    /// Nothing: it is tried once.
    AtMostOnce,
    /// The receiver knows it again, for so many seconds and if it is the same body, or for ever.
    AtLeastOnce(Option<i64>),
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Email,
        Self::Sms,
        Self::Push,
        Self::Wecom,
        Self::WecomCustomer,
        Self::WecomGroup,
        Self::InApp,
        Self::Webhook,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Wecom => "wecom",
            Self::WecomCustomer => "wecom_customer",
            Self::WecomGroup => "wecom_group",
            Self::InApp => "in_app",
            Self::Webhook => "webhook",
        }
    }

    /// One by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// What protects from a second time.
    #[must_use]
    pub const fn guarantee(self) -> Guarantee {
        match self {
            Self::Email | Self::Sms | Self::WecomGroup => Guarantee::AtMostOnce,
            // Its own check lasts four hours.
            Self::Wecom => Guarantee::AtLeastOnce(Some(3 * 3_600)),
            Self::Push | Self::WecomCustomer | Self::InApp | Self::Webhook => Guarantee::AtLeastOnce(None),
        }
    }
}
