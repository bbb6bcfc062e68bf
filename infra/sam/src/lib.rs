//! What is deployed, as data: `template.yaml` read and checked, the API described and defined from the routes of the functions, and how
//! what the template names is reached on this machine. It runs nothing.

pub mod definition;
mod expression;
pub mod machine;
pub mod openapi;
pub mod template;

pub use expression::{Cron, Expression};
pub use lambda::Role;
