//! Care of members: one item a member under `head`, what is under way and what has been sent of late; keys that have ended are put away under
//! `k#` and their hash. What is put away is written with the head, under its version, and read after it: so nobody decides by a key as it was.
//!
//! | attribute of `head` | |
//! |---|---|
//! | `member` `sk` | whose; `head` |
//! | `v` `w` `ds` `da` `news` | as of every aggregate |
//! | `op` | the newest events that were taken in |
//! | `en` | what is under way, see `enrolment_item.rs` |
//! | `ct` | the newest messages that count: `[at, channel, message]` |
//! | `tk` | tickets: `t` which, `o` the order, `c` it is closed, `a` since when |
//!
//! | attribute of `k#HASH` | |
//! |---|---|
//! | `e` | the enrolment that ended |
//! | `x` | when the newest of what ends it happened |
//! | `ttl` | when it goes: 800 days after an enrolment, 60 after what came before one |
//!
//! Beside members the table holds `#journeys`, `paused`: the journeys that stand still.

mod enrolment_item;
mod forget;
mod head_item;
mod pauses;
mod run;

pub use head_item::{
    decode as decode_care, decode_key as decode_care_key, encode as encode_care, encode_key as encode_care_key,
};
pub use run::{CareAsked, CareDone, Sight};

/// What is under way, and the newest of everything.
const HEAD: &str = "head";

/// What a key's name begins with.
const KEY: &str = "k#";
