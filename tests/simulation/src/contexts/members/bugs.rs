//! Mistakes with members.

use crate::bug::bugs;

bugs! {
    "domain" "bug-identifier-left" Seed(2)
        "An identifier that moves to another member stays with the old one too, so two are written to at one number.";
    "store" "bug-erased-claim-left" Story("POST /v1/privacy/erasures")
        "A member is erased, and what it was known by still leads there, so its number is nobody's and cannot be anybody's.";
    "store" "bug-erased-key-kept" Story("POST /v1/privacy/erasures")
        "A member is erased, and its key is kept, so whatever lies in a copy opens again.";
    "store" "bug-claim-unguarded" Seed(25)
        "An identifier is claimed whatever has become of it since it was read, so two who race for it both have it.";
    "store" "bug-merge-twice" Story("/merge")
        "A merge that is asked for again after it was undone is done again, though nobody has decided that.";
    "domain" "bug-unmerge-keeps-lot" Story("/unmerge")
        "What goes back to its owner stays with the survivor, too, so points are made of nothing.";
    "domain" "bug-export-of-one" Life(3)
        "Who absorbed somebody is given what is known of itself alone, so half of a person stays with the brand.";
    "domain" "bug-suspended-redeems" Story("/suspension")
        "Who is suspended spends points as before, so a suspension stops nothing.";
}
