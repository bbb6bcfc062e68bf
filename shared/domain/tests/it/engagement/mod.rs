//! Reasons to come back between purchases.

mod badges;
mod challenges;
mod draws;
mod giving;
mod polls;
mod programme;
mod referrals;
mod stage;
mod tasks;
mod teams;
