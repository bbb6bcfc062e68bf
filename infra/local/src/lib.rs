//! The local platform: everything that `template.yaml` deploys, on this machine and in one process. It is a development and test tool:
//! the functions are the ones that are deployed, the AWS around them is the emulator.

pub mod codes;
pub mod events;
pub mod functions;
pub mod generated;
pub mod replay;
mod settings;

pub use settings::Settings;
