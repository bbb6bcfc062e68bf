//! The rules, from outside.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod care;
mod desk;
mod engagement;
mod members;
mod peers;
mod planted;
mod properties;
mod quality;
mod rules;
mod signals;
mod vectors;
mod voice;
mod world;
