//! What the template names, on this machine: the account that owns it, where it listens, its clock, and who signs tokens for it.

mod aws;
mod clock;
mod data;
mod issuer;

pub use aws::{ACCOUNT, REGION, arn, config};
pub use clock::{Clock, VirtualClock};
pub use data::{DATABASE, DataDir, FORMAT, KEYS, Ports, format, url};
pub use issuer::{AUDIENCE, Invalid, Issuer, LIFETIME_SECONDS, knows};
