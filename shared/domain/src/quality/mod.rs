//! What is expected of the systems that report, and how well they keep to it (rules: import 2, 28-30).

pub mod facts;
pub mod score;
pub mod traffic;
pub mod watch;
