//! Personal data at rest. Each value is sealed under its member's key, each member's key under a branch key, each branch key under the
//! stack's master key, which never leaves KMS (on a laptop, what stands for it). Who destroys a member's key has destroyed everything
//! that was ever sealed with it, in every table and backup.
//!
//! | item of `member-keys` | |
//! |---|---|
//! | a member's id | `n` the branch, `w` the member's key, sealed under it |
//! | `branch#N` | `w` a branch key, wrapped by the master key |
//! | `branches` | `n` the newest branch, `a` since when it is |
//! | `index#N` | `w` the key under which identifiers are looked up, wrapped by the master key |
//! | `link#N` | `w` the key under which links are signed, wrapped by the master key |
//! | `survey#N` | `w` the key under which links to surveys are signed, wrapped by the master key |
//! | `code#N` | `w` the key under which codes are worked out, wrapped by the master key |

pub(crate) mod draw;
pub(crate) mod keys;
pub(crate) mod secret;
