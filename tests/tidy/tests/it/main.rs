//! Reads the sources and says where they leave the rules of the house.
//!
//! Each check is a function from files to debts. What is already wrong stands in `debts.txt`, and only shrinks.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod arrows;
mod crates;
mod debts;
mod rules;
mod sources;
mod words;
