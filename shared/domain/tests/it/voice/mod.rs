//! Surveys, their answers, and what follows.

mod answers;
mod invitations;
mod links;
mod numbers;
mod profile;
mod programme;
mod random;
mod responses;
mod sampling;
mod stage;
mod suggestions;
