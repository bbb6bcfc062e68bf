//! The rules, from outside.

mod vectors;
mod world;
