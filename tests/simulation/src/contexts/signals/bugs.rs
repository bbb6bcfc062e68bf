//! Mistakes with signals.

use crate::bug::bugs;

bugs! {
    "store" "bug-signal-unguarded" Seed(2)
        "A signal that is reported again is written again, so it is recorded when it was not, and told of a second time.";
}
