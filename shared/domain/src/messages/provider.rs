//! What providers tell afterwards, and what it does to address and consent (rules: messages 6, 7).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::message::{Effect, Message, State};

/// What a provider tells of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// It has it.
    Send,
    /// The receiver has it.
    Delivery,
    /// There is no such address.
    BouncePermanent,
    /// The address takes nothing for now.
    BounceTransient,
    /// The receiver complained.
    Complaint,
    /// The receiver wants no more.
    OptOut,
}

impl Notice {
    /// How far it takes a message.
    const fn state(self) -> Option<State> {
        match self {
            Self::Send => Some(State::Sent),
            Self::Delivery => Some(State::Delivered),
            Self::BouncePermanent | Self::BounceTransient => Some(State::Bounced),
            Self::Complaint => Some(State::Complained),
            Self::OptOut => None,
        }
    }

    const fn effects(self) -> &'static [Effect] {
        match self {
            Self::Send | Self::Delivery => &[],
            Self::BouncePermanent => &[Effect::Suppressed],
            Self::BounceTransient => &[Effect::TransientBounce],
            Self::Complaint => &[Effect::Suppressed, Effect::Withdrawn],
            Self::OptOut => &[Effect::Withdrawn],
        }
    }
}

impl Message {
    /// The provider tells something: the message only moves forward, and each effect happens once. What comes of it now.
    #[must_use]
    pub fn noticed(&self, notice: Notice) -> (Self, Vec<Effect>) {
        let mut moved = self.clone();
        let stays = self.state.is_final() || self.state == State::Returned;
        if let Some(state) = notice.state().filter(|state| !stays && *state > self.state) {
            (moved.state, moved.taken_at) = (state, None);
        }
        let new: Vec<Effect> =
            notice.effects().iter().copied().filter(|effect| !self.effects.contains(effect)).collect();
        moved.effects.extend(&new);
        (moved, new)
    }
}

/// Is an address suppressed by the dates on which messages to it came back for a while: three within thirty days?
#[must_use]
pub fn is_suppressed_by(dates: &[Date], today: Date) -> bool {
    let since = crate::kernel::time::day_number(today).saturating_sub(29);
    let lately =
        dates.iter().filter(|date| (since..).contains(&crate::kernel::time::day_number(**date)) && **date <= today);
    lately.collect::<std::collections::BTreeSet<_>>().len() >= 3
}
