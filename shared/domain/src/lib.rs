//! The rules of the loyalty programme. Pure: no input or output, no clock, no randomness, no AWS, no async.
//!
//! State in, command in, programme in, time in; a change or a refusal out.
//!
//! | module | what | knows |
//! |---|---|---|
//! | [`kernel`] | names, time, quantities, hashes, what every context is made of | nothing |
//! | [`festivals`] | on which dates festivals fall | `kernel` |
//! | [`programme`] | the programme as data, checked and compiled | `kernel`, `festivals` |
//! | [`standing`] | tiers and scores: state over months and measures | `kernel`, `programme` |
//! | [`ledger`] | points: accounts, entries, and every decision about them | all above |
//! | [`care`] | journeys: when members are written to, and whether | `kernel`, `festivals`, `programme` |
//! | [`desk`] | the service desk: tickets, their clocks, who they go to, what is given on the spot | `kernel`, `programme` |
//! | [`engagement`] | reasons to come back: challenges, polls, referrals, draws, giving, communities | `kernel`, `programme` |
//! | [`members`] | who members are, what is known of them, what they agreed to | `kernel`, `programme` |
//! | [`messages`] | messages on their way, and what providers tell | `kernel`, `programme` |
//! | [`quality`] | how well sources keep to what is expected of them | `kernel`, `programme` |
//! | [`voice`] | surveys: who is asked, what is answered, what follows | `kernel`, `programme` |
//! | [`signals`] | what members do that earns nothing | `kernel`, `programme` |
#![warn(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub mod care;
pub mod desk;
pub mod engagement;
pub mod festivals;
pub mod kernel;
pub mod ledger;
pub mod members;
pub mod messages;
pub mod programme;
pub mod quality;
pub mod signals;
pub mod standing;
pub mod voice;
