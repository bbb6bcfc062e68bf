//! `GET /v1/members/{member_id}/view?parts=`: one view of a member, from whatever context knows something. Parts are read side by side;
//! one that fails, or takes too long, says so, and the rest is answered.

mod answers;
mod desk;
mod ledger;
mod looking;
mod parts;
mod person;

pub(crate) use parts::get;
