//! Care journeys: when, whether, and never twice.

mod festivals;
