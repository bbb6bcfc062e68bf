//! Signals: what members do that earns nothing, noted for those who reach out to them and listen (rules: import 3, 4).

pub mod signal;
