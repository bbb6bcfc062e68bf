//! What is deployed, as data: `template.yaml` read and checked, the API described and defined from the routes of the functions, and how
//! what the template names is reached on this machine. It runs nothing.

pub mod definition;
pub mod examples;
mod expression;
pub mod machine;
pub mod openapi;
pub mod operation;
pub mod template;

pub use expression::{Cron, Expression};
pub use lambda::{Problem, Role};
