//! Surveys, from whom they are asked to who is thanked: decisions of `domain::voice` on what is stored, with what words mean.
//!
//! | file | what |
//! |---|---|
//! | `analysing` | what words mean, by the dictionaries of a programme |
//! | `answering` | an answer is given or changed |
//! | `asking` | what an invitation asks now |
//! | `hearing` | what others tell: who is invited, and whose invitation is taken back |
//! | `sending` | what the page of a form sends |
//! | `ticking` | what time does |
//! | `sampling` | whose turn it is |
//! | `suggesting` | who wished something is found, and told |

mod analysing;
mod answering;
mod asking;
mod hearing;
mod sampling;
mod sending;
mod suggesting;
mod ticking;

use std::sync::Arc;

use domain::programme::compiled::{Programme, Programmes};
use domain::programme::setting::Setting;
use jiff::Timestamp;
use store::{Keys, Store};

pub use analysing::Dictionaries;
pub use answering::{Done, NotAnswered, Said, said_by};
pub use asking::Sheet;
pub use hearing::{Heard, WANTS, Wanted};
pub use sending::{Sent, Step};
pub use suggesting::noting;

/// Everything that decisions rest on.
#[derive(Debug, Clone)]
pub struct Surveys<'a> {
    /// The tables.
    pub store: &'a Store,
    /// The keys of members.
    pub keys: &'a Keys,
    /// The programmes.
    pub programmes: Arc<Programmes>,
    /// What words mean.
    pub dictionaries: &'a Dictionaries,
    /// Now.
    pub now: Timestamp,
}

impl Surveys<'_> {
    /// The programmes and now.
    #[must_use]
    pub fn setting(&self) -> Setting<'_> {
        Setting { programmes: &self.programmes, now: self.now }
    }

    /// The programme in force.
    #[must_use]
    pub fn programme(&self) -> &Programme {
        self.programmes.at(self.now)
    }
}
