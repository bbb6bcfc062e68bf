//! The rules, from outside.

mod peers;
mod properties;
mod rules;
mod vectors;
mod world;
