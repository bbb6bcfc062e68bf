//! What is told of draws.

use crate::kernel::canonical::Hash;
use crate::kernel::event::facts;

fn draw() -> String {
    "weekly-draw.2026-w48".into()
}

fn entry() -> String {
    "7ade083ed762c45b7c929e7b293b4018".into()
}

facts! { DrawFact:
    /// A draw was published: its commitment is known.
    DrawOpened = "perennial.red.drawopened.v1" {
        /// Which.
        draw: String = draw(),
        /// The SHA-256 of its seed.
        commitment: Hash = Hash::GENESIS,
    }
    /// A member entered a draw.
    DrawEntryAccepted = "perennial.red.drawentryaccepted.v1" {
        /// Which draw.
        draw: String = draw(),
        /// Which entry.
        entry: String = entry(),
        /// What it won.
        #[serde(skip_serializing_if = "Option::is_none")]
        prize: Option<String> = None,
    }
    /// A member won a prize.
    DrawPrizeWon = "perennial.red.drawprizewon.v1" {
        /// In which draw.
        draw: String = draw(),
        /// By which entry.
        entry: String = entry(),
        /// Which prize.
        prize: String = "doll".into(),
    }
    /// Of a prize none is left.
    DrawPrizeExhausted = "perennial.red.drawprizeexhausted.v1" {
        /// In which draw.
        draw: String = draw(),
        /// Which prize.
        prize: String = "doll".into(),
    }
    /// The seed of a draw is known, and its result.
    DrawRevealed = "perennial.red.drawrevealed.v1" {
        /// Which.
        draw: String = draw(),
    }
    /// A draw was cancelled.
    DrawCancelled = "perennial.red.drawcancelled.v1" {
        /// Which.
        draw: String = draw(),
    }
}
