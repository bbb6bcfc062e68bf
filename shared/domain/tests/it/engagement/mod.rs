//! Reasons to come back between purchases.

mod badges;
mod challenges;
mod polls;
mod programme;
mod stage;
mod tasks;
mod teams;
