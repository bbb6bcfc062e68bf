//! What every function needs: context, triggers, problem responses, batch failures, authorisation, telemetry; and the
//! shapes of requests and replies, which are also what the OpenAPI document is made from.

mod app;
mod auth;
mod batch;
mod clock;
mod http;
pub mod openapi;
mod problem;
mod queue;
mod runtime;
mod settings;
mod stream;
mod sweep;
mod trust;
pub mod wire;

pub use app::{App, BootError, aws_config};
pub use auth::{Principal, Role, SCOPES, Scope};
pub use batch::by_member;
pub use clock::Clock;
pub use http::{Keyed, Reply, Request, shaped};
pub use problem::Problem;
pub use queue::consume;
pub use runtime::{Trigger, answer, serve};
pub use settings::Settings;
pub use stream::{read_stream, stream_answer};
pub use sweep::sweep;
