//! What every function needs: context, triggers, routes, authorisation, problems, batches; and the shapes of requests and replies that
//! more than one function uses.

mod app;
mod auth;
mod batch;
mod boot;
#[cfg(feature = "bucket")]
pub mod bucket;
mod clock;
mod failure;
mod fields;
mod http;
mod json;
#[cfg(feature = "private")]
mod private;
mod problem;
mod queue;
mod refused;
mod route;
mod schedule;
mod serve;
mod settings;
mod shape;
mod stream;
mod tally;
mod trigger;
mod trust;
pub mod wire;
mod words;

pub use app::{App, aws_config};
pub use auth::{Principal, Role, SCOPES, Scope};
pub use batch::by_member;
pub use boot::BootError;
pub use clock::Clock;
pub use domain::kernel::refusal::{Code, Codes};
pub use failure::{Broken, Failure};
pub use fields::Fault;
pub use http::{Asked, Keyed, NamesMember, Reply, Request, shaped};
#[cfg(feature = "private")]
pub use private::{Private, keys_of, keys_under};
pub use problem::{Problem, status_of};
pub use queue::{consume, consume_of_sources, of_member};
pub use route::{Access, BoxFuture, Call, Consumer, Function, Key, Method, Reader, Route, Run, Whose, handle};
pub use schedule::{each_due, sweep};
pub use serve::serve;
pub use settings::Settings;
#[cfg(feature = "described")]
pub use shape::Describe;
pub use shape::{Answer, Shape, anything, reply};
pub use stream::{Batch, stream_answer};
pub use trigger::Trigger;

/// The codes of what may come of every request with a key: another request had it.
pub const OTHER_REQUEST: Codes = <domain::ledger::refusal::OtherRequest as domain::kernel::refusal::Refusal>::CODES;
