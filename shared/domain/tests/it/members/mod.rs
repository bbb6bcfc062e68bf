//! Members and privacy: statement by statement, with their numbers.

mod access;
mod brand;
mod bringing;
mod consents;
mod dormancy;
mod erasures;
mod identifiers;
mod identity;
mod leaving;
mod links;
mod profile;
mod programme;
mod tags;
mod undo;
mod verification;
