//! Mistakes with members.

use crate::bug::bugs;

bugs! {
    "domain" "bug-identifier-left" Seed(17)
        "An identifier that moves to another member stays with the old one too, so two are written to at one number.";
    "store" "bug-claim-unguarded" Seed(85)
        "An identifier is claimed whatever has become of it since it was read, so two who race for it both have it.";
}
