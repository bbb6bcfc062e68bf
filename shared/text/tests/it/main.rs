//! Texts, from outside.

mod analysing;
mod reading;
