//! Reasons to come back between purchases.

mod badges;
mod challenges;
mod checkins;
mod communities;
mod contents;
mod draws;
mod events;
mod giving;
mod polls;
mod programme;
mod referrals;
mod stage;
mod tasks;
mod teams;
