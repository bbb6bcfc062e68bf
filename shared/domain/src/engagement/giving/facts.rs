//! What is told of giving.

use crate::kernel::event::facts;
use crate::kernel::quantity::Minor;

fn project() -> String {
    "rural-library".into()
}

facts! { GivingFact:
    /// A member chose a project.
    ProjectChosen = "perennial.giv.projectchosen.v1" {
        /// Which.
        project: String = project(),
    }
    /// A gift was booked.
    DonationAccrued = "perennial.giv.donationaccrued.v1" {
        /// Which.
        gift: String = "order|2026-1001".into(),
        /// For which project.
        project: String = project(),
        /// How much.
        minor: Minor = Minor(100),
    }
    /// The order of a gift came back.
    DonationReversed = "perennial.giv.donationreversed.v1" {
        /// Which.
        gift: String = "order|2026-1001".into(),
        /// Of which project.
        project: String = project(),
        /// How much.
        minor: Minor = Minor(100),
        /// Does the gift stay, because it was paid?
        kept: bool = false,
    }
    /// A project was paid.
    DonationDisbursed = "perennial.giv.donationdisbursed.v1" {
        /// Which.
        project: String = project(),
        /// Of which month's run.
        month: String = "2026-12".into(),
        /// How much.
        minor: Minor = Minor(123_400),
    }
    /// A member is told what was given in a year.
    ImpactReported = "perennial.giv.impactreported.v1" {
        /// Which year.
        year: i16 = 2026,
    }
}
