//! The voice of the customer: who is asked what, what is answered, and what follows (rules: voice).
//!
//! A form is data; [`answering`] says what is an answer. An [`Invitation`] is one piece of state, with every version of its answer;
//! what a member was asked ([`Contacts`]) says whether there may be another. Words are read elsewhere (`text`), and what they mean
//! comes with the answer.

mod aggregate;
mod answer;
pub mod answering;
mod contacts;
mod facts;
mod following;
mod ids;
mod invitation;
pub mod inviting;
pub mod page;
mod refusal;
pub mod responding;
pub mod sampling;
pub mod score;
mod suggestion;
mod telling;

pub use self::answer::{Answer, Answered, Answers};
pub use self::contacts::{Contacts, Refused};
pub use self::facts::{Following, Response, VoiceFact};
pub use self::ids::{InvitationId, LinkKey, SuggestionId, opened, token};
pub use self::invitation::{About, Analysis, Invitation, State, Themed, Version};
pub use self::refusal::{LinkRefusal, VoiceRefusal};
pub use self::suggestion::{Stage, Suggestion, SuggestionRefusal, Thanked, Upto};
pub use self::telling::{SUGGESTION_SHIPPED, SURVEY_COMPLETED};
