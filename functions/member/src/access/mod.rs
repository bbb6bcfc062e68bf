//! Everything that is known of a member, for the member: asked for, gathered file by file, put into one archive, and removed again.

mod archive;
mod asking;
mod desk;
mod files;
mod gathering;
mod known;
mod ledger;
mod signals;
mod surveys;
mod work;

pub(crate) use asking::{get, link, post};
pub(crate) use work::{forget, go_on, message, part};
