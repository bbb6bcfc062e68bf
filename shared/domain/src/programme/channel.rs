//! Ways to reach a member.

use serde::{Deserialize, Serialize};

/// A way to reach a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// Text messages.
    Sms,
    /// Notifications of the app.
    Push,
    /// WeCom.
    Wecom,
    /// Calls.
    Phone,
    /// Letters.
    Post,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Email, Self::Sms, Self::Push, Self::Wecom, Self::Phone, Self::Post];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Wecom => "wecom",
            Self::Phone => "phone",
            Self::Post => "post",
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|channel| channel.name() == text);
        found.ok_or_else(|| format!("`{text}` is no channel; they are {}", Self::ALL.map(Self::name).join(", ")))
    }
}
