//! Mistakes of the ledger: its rules in `domain`, its tables in `store`, its functions, and what shows at the seam of the SDK
//! (`mistakes.rs`).

use crate::bug::bugs;

bugs! {
    "account" "bug-statement-overlaps" Seed(7)
        "The next page of a statement begins with the entry that ended the one before, so whoever adds the pages up counts it twice.";
    "domain" "bug-activity-reversed-twice" Seed(3)
        "Earlier reversals of a fact are not looked for, so its points are taken back as often as somebody asks under a new id.";
    "domain" "bug-any-note-counts" Seed(1)
        "Of an account that was noted twice on a day any note counts, so the checkpoint leaves out its newest entries.";
    "domain" "bug-body-ignored" Seed(3)
        "A repeat is told by its operation alone, so another request under the same key is answered as done and never carried out.";
    "domain" "bug-canonical-leaves-out-balance" Seed(1)
        "The text that is hashed leaves the balance out, so it can be written over and no hash tells.";
    "domain" "bug-chain-from-newest-note" Seed(1)
        "Of an account that was noted twice on a day the chain goes on from the hash before the later note, so an account that is whole is reported.";
    "domain" "bug-counters-unsealed" Seed(1)
        "The seal leaves out what limits have counted, so whoever can write the table takes a limited reward again.";
    "domain" "bug-debt-not-repaid" Seed(4)
        "Points that activate leave the debt as it is, so a member owes and has points at the same time.";
    "domain" "bug-opening-expiry-lost" Life(1)
        "A lot that is brought over has the wallet's expiry instead of its own, so points live longer, or shorter, than was promised.";
    "domain" "bug-opening-twice" Life(1)
        "What was brought over comes again with another file that says the same, so members have it twice.";
    "domain" "bug-sibling-brought" Life(3)
        "A bad row does not refuse the others of its member, so the repaired file meets half an opening.";
    "domain" "bug-entry-unchained" Seed(1)
        "The hash of an entry does not depend on the one before, so entries can be exchanged and the newest hash stays right.";
    "domain" "bug-expiry-from-recorded" Seed(1)
        "Expiry is counted from the day on which a fact was recorded, so a late report makes points live longer.";
    "domain" "bug-expiry-waits" Seed(4)
        "Time does not expire points by itself, so they are shown and can be spent until the next entry takes them away.";
    "domain" "bug-falls-to-the-bottom" Years(1)
        "A tier that was not kept falls to the base tier instead of one step.";
    "domain" "bug-grant-refusal-untold" Seed(38)
        "A grant for which there is no stock left is no entry, so its message ends among the dead letters and who asked is never told.";
    "domain" "bug-grant-uncounted" Seed(12)
        "What is granted does not count towards a limit that is marked, so a member has it once more.";
    "domain" "bug-hold-never-ends" Seed(1)
        "Time does not end holds, so a member whose checkout was given up never sees the held points again.";
    "domain" "bug-late-earn-too-late" Years(1)
        "A late fact that would have kept a tier does not give it back.";
    "domain" "bug-limit-by-recording" Years(1)
        "What a limit leaves is looked up for the day of recording, so facts reported after the period ended are not limited.";
    "domain" "bug-moved-as-sold" Story("POST /v1/orders/{order_id}/moves")
        "An order that goes to another member is earned there as it was sold, though a part of it had come back.";
    "domain" "bug-newest-lot-first" Seed(1)
        "Spending takes the points that expire last first, so members lose points that they could have spent.";
    "domain" "bug-no-grace" Years(1)
        "A tier falls at the end of its period at once, without the days in which it could have been made up for.";
    "domain" "bug-parked-reversal-forgotten" Seed(1)
        "What takes a fact back is kept until the fact comes, and then forgotten.";
    "domain" "bug-parked-refund-forgotten" Seed(2)
        "A refund that came before its order is forgotten when the order comes, so the order earns points for money that went back.";
    "domain" "bug-period-by-recording" Years(1)
        "Late facts count for the period in which they were recorded, so a purchase of the last days of a period does not keep the tier.";
    "store" "bug-refund-of-any-member" Seed(8)
        "A refund is taken from whoever has the order, whomever it names, so a mistyped member is not noticed.";
    "domain" "bug-refund-floored" Seed(1)
        "Each partial refund takes the rounded points of its own amount, so an order that is returned in parts keeps some of its points.";
    "domain" "bug-restored-as-new" Seed(3)
        "A reversal gives points back as if they were earned now, so redeeming and reversing makes points live longer.";
    "domain" "bug-room-forgets-quarters" Seed(3)
        "The first order of a quarter is thought to change no score, so a member who comes back is taken for one who stays away.";
    "domain" "bug-reversal-keeps-turn" Seed(1)
        "A fact that is taken back leaves the turn of its limit used, so the member's next review earns nothing.";
    "domain" "bug-reversed-twice" Seed(1)
        "Earlier reversals of a redemption are not counted, so its points come back as often as somebody asks under a new key.";
    "domain" "bug-score-ignores-refunds" Seed(1)
        "Returned orders count as bought, so who buys and returns is a high-value member.";
    "domain" "bug-score-never-decays" Years(1)
        "Nobody notes when a score will change by time alone, so a member who stays away keeps the segment of the last order.";
    "domain" "bug-second-event-accepted" Seed(8)
        "An order reported under a second event id is a new order, so it earns twice.";
    "domain" "bug-source-ignored" Seed(1)
        "The key of a fact leaves its source out, so what a shop and an app call by one id is taken for one fact.";
    "domain" "bug-status-kept" Seed(1)
        "A refund leaves the status points of its order, so a returned order still counts for the tier.";
    "domain" "bug-second-hold" Seed(123)
        "A second hold for an order is accepted, so points pay for more of it than the programme lets them.";
    "domain" "bug-streak-day-counted-twice" Seed(7)
        "A date that a streak has counted is counted again, so a second check-in on one day earns.";
    "domain" "bug-tier-never-revoked" Years(1)
        "A refund leaves the tier that its order bought, so Black is had for the price of a return.";
    "earn" "bug-refused-acknowledged" Seed(3)
        "A refused message is acknowledged, so the fact vanishes instead of waiting in the dead-letter queue.";
    "earn" "bug-time-unsaid" Seed(1)
        "The hash of an event's content leaves the time out, so an event that comes again with another time is answered as done.";
    "event-router" "bug-unsent-event-skipped" Seed(10)
        "A record whose event could not be sent is reported as handled, so nobody is ever told of it.";
    "reconciliation" "bug-note-lost" Seed(3)
        "Accounts that could not be noted are reported as handled, so no checkpoint covers what was written to them.";
    "reconciliation" "bug-stale-account-differs" Seed(37)
        "What a weak read shows at night is believed, so an account that is whole is reported for what it was before.";
    "simulation" "bug-account-overwritten" Seed(8)
        "The first write of an account does not ask whether there is one, so of two first facts at once the later erases the earlier.";
    "simulation" "bug-boost-ends-late" Seed(1)
        "A boost waits longer than it was granted for, so an order long after it is multiplied.";
    "simulation" "bug-lost-race-done" Seed(1)
        "A lost race is answered as done, so the caller goes away with something that is not in the ledger.";
    "simulation" "bug-lost-tier-stays" Seed(86)
        "A tier is noted as lost a day later than it was, so a fact that is too late gives it back.";
    "simulation" "bug-page-drops-movement" Seed(1)
        "What is read from a page lacks the last movement of each entry, so refunds and proofs go by less than was written.";
    "simulation" "bug-page-overwritten" Seed(3)
        "A page is put without its condition, so a slow writer overwrites a longer page with a shorter one and entries are lost.";
    "simulation" "bug-page-skipped" Seed(1)
        "The item is trimmed although the page is not written, so the entries are in neither.";
    "simulation" "bug-page-unlinked" Seed(1)
        "A page does not say that older ones exist, so a statement and the search for a repeat end after one page.";
    "simulation" "bug-page-wrong-head" Seed(1)
        "A page keeps the hash of the entry after its last, so the proof of the ledger breaks there.";
    "simulation" "bug-period-counts-more" Seed(1)
        "A point more than was earned counts for keeping a tier, with every write, so a tier is kept that was not.";
    "simulation" "bug-put-unversioned" Seed(1)
        "The put of an account does not check that the version is the one that was read, so of two writers at once one erases the other.";
    "simulation" "bug-refusal-unconfirmed" Seed(5)
        "A refusal decided on a stale read is not confirmed with a strong one, so who has enough points is told otherwise.";
    "simulation" "bug-revoked-tier-stays" Seed(12)
        "A revoked tier is remembered a day longer than it would have been held, so reaching it anew is no news.";
    "simulation" "bug-reward-counted-twice" Seed(1)
        "A redemption counts twice against the limit of its reward, so after it was taken back its member is refused another.";
    "simulation" "bug-streak-begins-early" Seed(1)
        "A streak begins a day before its first date, so its bonus comes after six days.";
    "simulation" "bug-tag-dropped" Seed(1)
        "The last tag of a member is not kept, so who looks the member up finds one too few.";
    "simulation" "bug-transaction-unversioned" Seed(1)
        "Within a transaction the account's version is not checked, so a redemption erases what another writer did meanwhile.";
    "store" "bug-adoption-trims-all" Seed(9)
        "A page left by a crash is adopted, but the item is trimmed to its own newest entry, so entries that are not in the page are lost.";
    "store" "bug-fact-unclaimed" Seed(1)
        "A fact is not claimed in the brand, so it earns again for another member, or when it comes late.";
    "store" "bug-history-unsearched" Seed(1)
        "A repeat is looked for among the recent entries only, so a fact that is in a sealed page is counted again.";
    "store" "bug-notes-of-one-page" Seed(1)
        "Only the first page of a day's notes is read, so its checkpoint leaves out the other accounts.";
    "store" "bug-page-missed" Seed(7)
        "A weak read of pages is believed though the newest is missing, so a statement has a gap and a repeat is not found.";
    "store" "bug-replay-answers-now" Seed(1)
        "A repeated request is answered with the balance of now, so the same request has two answers.";
    "store" "bug-retry-decides-later" Seed(1)
        "After a lost race the command is decided at a later time, so an order in time is late and an answer depends on who raced.";
    "store" "bug-sealed-day-noted" Seed(5)
        "A slow writer notes an account for a day that is sealed, so no checkpoint covers what it wrote.";
    "store" "bug-stock-taken-apart" Seed(1)
        "Stock is taken by a write of its own before the account's, so a lost race or a crash between them loses pieces.";
    "store" "bug-time-runs-backwards" Seed(1)
        "The decision time is not raised to that of the newest entry, so a slow clock records an entry before its predecessor.";
    "domain" "bug-voucher-used-twice" Seed(121)
        "The use of a used voucher is not refused, so it buys a second drink.";
    "store" "bug-voucher-voided-though-used" Seed(9)
        "A voucher is voided whether or not it was used, so its points come back after it was spent.";
    "tier-evaluation" "bug-evaluated-once-for-all" Seed(9)
        "Of a batch of events only the first member is evaluated, so the others wait for their next purchase.";
}
