//! A gift: the company's for an order, or a member's of points.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::choice::Choices;
use super::facts::GivingFact;
use crate::engagement::scene::Scene;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::quantity::Minor;
use crate::kernel::refusal::{Reused, refusals};
use crate::kernel::time::Zone;
use crate::programme::engagement::giving::Giving;

/// How long after a donation it may be reversed, in dates.
const DONATION_DAYS: i32 = 14;

/// A gift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    /// Whose order, or whose points.
    pub member: MemberId,
    /// Where it comes from.
    pub source: Source,
    /// For which project.
    pub project: String,
    /// How much.
    pub amount: Minor,
    /// The local date on which it was booked.
    pub booked_on: Date,
    /// When it can be paid.
    pub due_at: Timestamp,
    /// How it stands.
    pub state: GiftState,
}

/// Where a gift comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "from", content = "id", rename_all = "snake_case")]
pub enum Source {
    /// An order.
    Order(String),
    /// A redemption of points.
    Redemption(String),
}

/// How a gift stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiftState {
    /// It counts.
    Booked,
    /// Its order came back before it was paid.
    Reversed,
    /// Its order came back after that: it stays, at the company's cost.
    Kept,
}

impl GiftState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Reversed => "reversed",
            Self::Kept => "kept",
        }
    }
}

/// A paid order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Which.
    pub id: String,
    /// When it was paid.
    pub occurred_at: Timestamp,
    /// What it comes to, after what came back before it was told.
    pub net: Minor,
}

/// Points that a member gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donation {
    /// The redemption.
    pub id: String,
    /// When.
    pub occurred_at: Timestamp,
    /// For which project.
    pub project: String,
    /// What they are worth.
    pub value: Minor,
}

refusals! {
    /// Why a gift is not booked: never.
    GiftRefusal {
        | Reused,
    }
}

impl Aggregate for Gift {
    type Fact = GivingFact;
    type Refusal = GiftRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> GiftRefusal {
        unreachable!("a gift changes nothing beside itself")
    }
}

/// The start of the later of two dates: so many after it happened, and the one after it was booked.
fn due_at(happened: Timestamp, days: i32, now: Timestamp, zone: &Zone) -> Timestamp {
    let later = zone.date(happened).saturating_add(i64::from(days).days());
    zone.start_of(later.max(zone.date(now).saturating_add(1.day())))
}

impl Gift {
    /// Books the gift of an order; one of net 0 brings none.
    #[must_use]
    pub fn of_order(order: &Order, choices: &Choices, giving: &Giving, scene: Scene<'_>) -> Option<Change<Self>> {
        if !order.net.is_positive() {
            return None;
        }
        let (zone, today) = (scene.programme.zone(), scene.programme.zone().date(scene.now));
        let chosen = choices.at(order.occurred_at).filter(|project| giving.takes(project, today));
        let gift = Self {
            member: choices.member.clone(),
            source: Source::Order(order.id.clone()),
            project: chosen.unwrap_or(&giving.default_project).to_owned(),
            amount: giving.per_order,
            booked_on: today,
            due_at: due_at(order.occurred_at, giving.disburse_after_days, scene.now, zone),
            state: GiftState::Booked,
        };
        Some(gift.booked())
    }

    /// Books the gift of points.
    pub fn of_points(donation: &Donation, member: &MemberId, scene: Scene<'_>) -> Change<Self> {
        let zone = scene.programme.zone();
        let gift = Self {
            member: member.clone(),
            source: Source::Redemption(donation.id.clone()),
            project: donation.project.clone(),
            amount: donation.value,
            booked_on: zone.date(scene.now),
            due_at: due_at(donation.occurred_at, DONATION_DAYS, scene.now, zone),
            state: GiftState::Booked,
        };
        gift.booked()
    }

    /// From when on points that were given do not come back (`donation_disbursed`).
    #[must_use]
    pub fn final_at(donated_at: Timestamp, zone: &Zone) -> Timestamp {
        zone.start_of_day_after(donated_at, DONATION_DAYS)
    }

    fn booked(self) -> Change<Self> {
        let told = GivingFact::DonationAccrued { gift: self.name(), project: self.project.clone(), minor: self.amount };
        Change::to(self).telling(told)
    }

    /// What it is known by among the gifts of its member.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.source {
            Source::Order(id) => format!("order|{id}"),
            Source::Redemption(id) => format!("redemption|{id}"),
        }
    }

    /// Takes it back, as all of its order came back: before a payment held it; after that it is kept. Once.
    pub fn returned(&self, cutoff: Option<Timestamp>) -> Change<Self> {
        if self.state != GiftState::Booked {
            return Change::to(self.clone());
        }
        let paid = cutoff.is_some_and(|cutoff| cutoff >= self.due_at);
        let state = if paid { GiftState::Kept } else { GiftState::Reversed };
        let told = GivingFact::DonationReversed {
            gift: self.name(),
            project: self.project.clone(),
            minor: self.amount,
            kept: paid,
        };
        Change::to(Self { state, ..self.clone() }).telling(told)
    }
}

/// Has all of an order come back?
#[must_use]
pub fn is_whole(net: Minor, refunded: Minor) -> bool {
    refunded >= net
}
