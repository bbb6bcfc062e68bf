//! Replays an order history through the HTTP API, of a platform whose clock follows the file or of one that runs elsewhere.

mod arguments;
mod columns;
pub mod event;
pub mod history;
pub mod kept;
pub mod left_out;
mod player;
mod progress;
mod remote;
mod returns;
pub mod row;
mod script;
mod stage;
mod summary;
pub mod table;

pub use arguments::{Arguments, Until};
pub use remote::Remote;
pub use script::Script;
pub use stage::Stage;
pub use summary::{Member, Played, Summary};
