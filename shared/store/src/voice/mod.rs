//! Surveys: everything in the table `surveys`, by the beginning of its key.
//!
//! | key | |
//! |---|---|
//! | `i#INVITATION` | an invitation and its answer, see `invitation_item.rs` |
//! | `m#MEMBER` | what a member was asked, see `contacts_item.rs` |
//! | `n#SURVEY` | `d` the last date of which everybody was asked whose turn it was |
//! | `s#SUGGESTION` | a suggestion, see `suggestion_item.rs` |
//! | `s#SUGGESTION#MEMBER` | that a member wished it: `at` when that was noted, `co` what it belongs to, `tl` when the member was told |
//! | `w#THEME#MEMBER#INVITATION` | that an answer wishes something: `co` what it belongs to |
//!
//! `g` puts items of a kind together in the index `ring`: members of a ring `r#0401`, all suggestions `s`, those who wished one
//! `s#SUGGESTION`, answers that wish something `w#THEME`. `m` and `at` put invitations of a member in their order in the index `member`.

mod answers;
mod contacts_item;
mod forget;
mod invitation_item;
mod invitations;
mod inviting;
mod keeping;
mod link;
mod rings;
mod suggestion_item;
mod suggestions;
mod thanking;

pub use answers::{AnswersPage, AnswersPlace};
pub use contacts_item::{decode as decode_contacts, encode as encode_contacts};
pub use invitation_item::{Sealing, decode as decode_invitation, encode as encode_invitation};
pub use invitations::KeptInvitation;
pub use keeping::{Contacting, Keeping};

/// What keys of invitations begin with.
const INVITATION: &str = "i#";
/// What keys of what members were asked begin with.
const CONTACTS: &str = "m#";
/// What keys of suggestions begin with, and of those who wished them.
const SUGGESTION: &str = "s#";
/// What keys of answers that wish something begin with.
const WISH: &str = "w#";
/// The attribute that puts items of a kind together.
const GROUP: &str = "g";
/// Whose an invitation is.
const MEMBER: &str = "m";
/// When it was made, in seconds.
const AT: &str = "at";
/// What something belongs to.
const CORRELATION: &str = "co";
/// The index of items of a kind.
const RING_INDEX: &str = "ring";
/// The index of invitations of a member.
const MEMBER_INDEX: &str = "member";
