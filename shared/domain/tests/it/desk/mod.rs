//! The service desk: tickets and their clocks, who they go to, what is given on the spot.

mod agents;
mod calendars;
mod grants;
mod programme;
mod random;
mod routing;
mod stage;
mod states;
mod stories;
