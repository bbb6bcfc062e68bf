//! Mistakes with tickets.

use crate::bug::bugs;

bugs! {
    "domain" "bug-breach-told-again" Story("DeskTick")
        "A clock that is breached breaches again whenever somebody looks: leads are told of one delay over and over.";
    "store" "bug-grant-unmoved" Story("/grants")
        "What is given is in no budget: the month is spent without end.";
    "store" "bug-place-not-freed" Story("/resolution")
        "Whoever resolves a ticket has no place again, and soon gets none any more.";
    "store" "bug-ticket-unlisted" Story("POST /v1/tickets")
        "A ticket stands in no list: nobody sees it.";
}
