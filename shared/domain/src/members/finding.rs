//! Nothing is found, or something else than was seen.

use crate::kernel::refusal::refusals;

refusals! {
    /// There is nobody of whom it could be said, or it was said of another version.
    Finding {
        /// Nobody is known so.
        NotFound UnknownMember ("unknown_member") = "there is no such member",
        /// There was.
        Gone MemberErased ("member_erased") = "the member was erased",
        /// Somebody has changed the member since it was read.
        Conflict ChangedMeanwhile ("changed_meanwhile" at "version") {
            /// The version that the member has now.
            version: u64,
        } = "somebody has changed the member since; read it again",
    }
}
