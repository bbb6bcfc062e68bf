//! What a run has measured.

use jiff::Timestamp;

use crate::growth::Growth;
use crate::hot::Hot;
use crate::members::Members;
use crate::nights::Night;
use crate::operations::Operations;
use crate::peers::Measured;
use crate::platform::Aged;
use crate::prices::{Idle, Prices};
use crate::sweeps::Sweep;

/// Everything that was measured.
pub(crate) struct Results {
    pub(crate) machine: String,
    pub(crate) at: Timestamp,
    pub(crate) operations: Operations,
    pub(crate) peers: Vec<Measured>,
    pub(crate) growth: Vec<Growth>,
    pub(crate) rules: Vec<(usize, u64)>,
    pub(crate) sweeps: Vec<Sweep>,
    pub(crate) nights: Vec<Night>,
    pub(crate) hot: Vec<Hot>,
    pub(crate) idle: Idle,
    pub(crate) platform: Vec<Aged>,
    pub(crate) members: Members,
    pub(crate) prices: Prices,
}
