//! Care journeys: when, whether, and never twice.

mod deliveries;
mod entries;
mod festivals;
mod journeys;
mod properties;
mod stage;
mod stories;
mod times;
