//! Members: one item each, in `members`; whose an identifier is, in `claims`; what was agreed to, in `member-log`; what a person decides,
//! in `member-jobs`.

pub(crate) mod access;
pub(crate) mod attempt;
mod bare;
pub(crate) mod bring;
mod claims;
mod confirm;
mod conflict_item;
pub(crate) mod enrol;
pub(crate) mod erase;
mod erasure_item;
mod exports;
mod forget;
mod imports;
pub(crate) mod invitee;
pub(crate) mod known;
mod links;
pub(crate) mod log;
pub(crate) mod look;
mod mark;
pub(crate) mod member_item;
pub(crate) mod merge;
mod merge_item;
mod outline;
mod quiet;
mod read;
pub(crate) mod records;
pub(crate) mod replay;
pub(crate) mod resolve;
mod scrub;
pub(crate) mod stand;
pub(crate) mod sweep;
pub(crate) mod tag;
pub(crate) mod undo;
mod unlink;
mod verification_item;
pub(crate) mod verify;
pub(crate) mod write;

use domain::kernel::id::MemberId;

use crate::StoreError;
use crate::sealed::keys::Keys;

/// The letters of an id.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Keys {
    /// The id of a member who is new: `m-` and 22 letters and digits, drawn.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn new_member_id(&self) -> Result<MemberId, StoreError> {
        let mut id = "m-".to_owned();
        while id.len() < 24 {
            // Six bits each; the two numbers that no letter has are drawn again, so that all are as likely.
            let bytes: [u8; 32] = self.draw().bytes()?;
            let drawn = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 63)).copied().map(char::from));
            let lacking = 24_usize.saturating_sub(id.len());
            id.extend(drawn.take(lacking));
        }
        id.parse().map_err(|_never| StoreError::bug("an id of ours is none"))
    }
}
