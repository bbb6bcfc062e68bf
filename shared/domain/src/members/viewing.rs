//! What a view of a member may be asked for.

use crate::kernel::refusal::refusals;

refusals! {
    /// There is no such view.
    Viewing {
        /// No context shows a part of this name.
        Invalid UnknownPart ("unknown_part" at "parts") {
            /// Those that there are.
            known: Vec<&'static str>,
        } = "the view has no part of this name",
    }
}
