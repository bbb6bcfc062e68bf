//! The mistakes that can be planted (`domain::planted`): what the simulator must find, each of them, to be believed when it finds
//! nothing. Each is a feature of the crate in which the mistake is made, and of this crate, which makes those that show at the seam of
//! the SDK (`contexts/ledger/mistakes.rs`).

/// A mistake that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bug {
    /// Its name: the feature that compiles it in.
    pub name: &'static str,
    /// The crate in which it is made.
    pub krate: &'static str,
    /// What is wrong, and what it would cost.
    pub what: &'static str,
    /// It is compiled in.
    pub compiled: bool,
}

macro_rules! bugs {
    ($($krate:literal $name:literal $what:literal;)*) => {
        /// All of them, by crate and name.
        pub const BUGS: &[Bug] = &[$(Bug { name: $name, krate: $krate, what: $what, compiled: cfg!(feature = $name) }),*];
    };
}

bugs! {
    "account" "bug-statement-overlaps"
        "The next page of a statement begins with the entry that ended the one before, so whoever adds the pages up counts it twice.";
    "domain" "bug-any-note-counts"
        "Of an account that was noted twice on a day any note counts, so the checkpoint leaves out its newest entries.";
    "domain" "bug-body-ignored"
        "A repeat is told by its operation alone, so another request under the same key is answered as done and never carried out.";
    "domain" "bug-canonical-leaves-out-balance"
        "The text that is hashed leaves the balance out, so it can be written over and no hash tells.";
    "domain" "bug-captured-hold-open"
        "A captured hold stays open until its time is over, so a checkout is told that its points were spent and then that they were given back.";
    "domain" "bug-debt-not-repaid"
        "Points that activate leave the debt as it is, so a member owes and has points at the same time.";
    "domain" "bug-entry-unchained"
        "The hash of an entry does not depend on the one before, so entries can be exchanged and the newest hash stays right.";
    "domain" "bug-expiry-from-recorded"
        "Expiry is counted from the day on which a fact was recorded, so a late report makes points live longer.";
    "domain" "bug-expiry-waits"
        "Time does not expire points by itself, so they are shown and can be spent until the next entry takes them away.";
    "domain" "bug-falls-to-the-bottom"
        "A tier that was not kept falls to the base tier instead of one step.";
    "domain" "bug-hold-never-ends"
        "Time does not end holds, so a member whose checkout was given up never sees the held points again.";
    "domain" "bug-key-unscoped"
        "An Idempotency-Key is not scoped to its principal, so one caller is handed the answer of another and its own request is not done.";
    "domain" "bug-late-earn-too-late"
        "A late fact that would have kept a tier does not give it back.";
    "domain" "bug-limit-by-recording"
        "What a limit leaves is looked up for the day of recording, so facts reported after the period ended are not limited.";
    "domain" "bug-newest-lot-first"
        "Spending takes the points that expire last first, so members lose points that they could have spent.";
    "domain" "bug-no-grace"
        "A tier falls at the end of its period at once, without the days in which it could have been made up for.";
    "domain" "bug-parked-refund-forgotten"
        "A refund that came before its order is forgotten when the order comes, so the order earns points for money that went back.";
    "domain" "bug-period-by-recording"
        "Late facts count for the period in which they were recorded, so a purchase of the last days of a period does not keep the tier.";
    "domain" "bug-refund-floored"
        "Each partial refund takes the rounded points of its own amount, so an order that is returned in parts keeps some of its points.";
    "domain" "bug-restored-as-new"
        "A reversal gives points back as if they were earned now, so redeeming and reversing makes points live longer.";
    "domain" "bug-reversed-twice"
        "Earlier reversals of a redemption are not counted, so its points come back as often as somebody asks under a new key.";
    "domain" "bug-score-ignores-refunds"
        "Returned orders count as bought, so who buys and returns is a high-value member.";
    "domain" "bug-score-never-decays"
        "Nobody notes when a score will change by time alone, so a member who stays away keeps the segment of the last order.";
    "domain" "bug-second-event-accepted"
        "An order reported under a second event id is a new order, so it earns twice.";
    "domain" "bug-skew-ignored"
        "A repeat is not looked for before the fact's own time, so one whose sender's clock was ahead is counted twice.";
    "domain" "bug-status-kept"
        "A refund leaves the status points of its order, so a returned order still counts for the tier.";
    "domain" "bug-streak-day-counted-twice"
        "A date that a streak has counted is counted again, so a second check-in on one day earns.";
    "domain" "bug-tier-never-revoked"
        "A refund leaves the tier that its order bought, so Black is had for the price of a return.";
    "earn" "bug-refused-acknowledged"
        "A refused message is acknowledged, so the fact vanishes instead of waiting in the dead-letter queue.";
    "event-router" "bug-unsent-event-skipped"
        "A record whose event could not be sent is reported as handled, so nobody is ever told of it.";
    "lambda" "bug-busy-acknowledged"
        "A message that could not be done now is acknowledged, so its fact is lost whenever the store is busy or unavailable.";
    "lambda" "bug-panic-ends-batch"
        "A message that is no JSON makes the code panic outside the guard, so the whole batch ends with it.";
    "reconciliation" "bug-note-lost"
        "Accounts that could not be noted are reported as handled, so no checkpoint covers what was written to them.";
    "simulation" "bug-account-overwritten"
        "The first write of an account does not ask whether there is one, so of two first facts at once the later erases the earlier.";
    "simulation" "bug-batch-fails-whole"
        "One bad message sends its whole batch back, so good ones end in the dead-letter queue with it.";
    "simulation" "bug-item-identifier-empty"
        "A failed message is reported with an empty identifier, which the queue takes as the failure of the whole batch.";
    "simulation" "bug-lost-race-done"
        "A lost race is answered as done, so the caller goes away with something that is not in the ledger.";
    "simulation" "bug-page-drops-movement"
        "What is read from a page lacks the last movement of each entry, so refunds and proofs go by less than was written.";
    "simulation" "bug-page-overwritten"
        "A page is put without its condition, so a slow writer overwrites a longer page with a shorter one and entries are lost.";
    "simulation" "bug-page-skipped"
        "The item is trimmed although the page is not written, so the entries are in neither.";
    "simulation" "bug-page-unlinked"
        "A page does not say that older ones exist, so a statement and the search for a repeat end after one page.";
    "simulation" "bug-page-wrong-head"
        "A page keeps the hash of the entry after its last, so the proof of the ledger breaks there.";
    "simulation" "bug-put-unversioned"
        "The put of an account does not check that the version is the one that was read, so of two writers at once one erases the other.";
    "simulation" "bug-refusal-unconfirmed"
        "A refusal decided on a stale read is not confirmed with a strong one, so who has enough points is told otherwise.";
    "simulation" "bug-transaction-unversioned"
        "Within a transaction the account's version is not checked, so a redemption erases what another writer did meanwhile.";
    "store" "bug-adoption-trims-all"
        "A page left by a crash is adopted, but the item is trimmed to its own newest entry, so entries that are not in the page are lost.";
    "store" "bug-due-stays-late"
        "The index keeps its instant when something is due earlier, so the sweep comes too late.";
    "store" "bug-history-unsearched"
        "A repeat is looked for among the recent entries only, so a fact that is in a sealed page is counted again.";
    "store" "bug-notes-of-one-page"
        "Only the first page of a day's notes is read, so its checkpoint leaves out the other accounts.";
    "store" "bug-page-missed"
        "A weak read of pages is believed though the newest is missing, so a statement has a gap and a repeat is not found.";
    "store" "bug-race-out-of-stock"
        "Any failed condition of a transaction is taken as an empty stock, so a lost race is refused though there are pieces left.";
    "store" "bug-reasons-shifted"
        "The reasons of a cancelled transaction are counted from the account's, so one write's failure is blamed on the next.";
    "store" "bug-replay-answers-now"
        "A repeated request is answered with the balance of now, so the same request has two answers.";
    "store" "bug-retry-decides-later"
        "After a lost race the command is decided at a later time, so an order in time is late and an answer depends on who raced.";
    "store" "bug-sealed-day-noted"
        "A slow writer notes an account for a day that is sealed, so no checkpoint covers what it wrote.";
    "store" "bug-stock-taken-apart"
        "Stock is taken by a write of its own before the account's, so a lost race or a crash between them loses pieces.";
    "store" "bug-sweep-reads-one-page"
        "The sweep reads only the first page of what is due in a shard, so the others are left as they are.";
    "store" "bug-time-runs-backwards"
        "The decision time is not raised to that of the newest entry, so a slow clock records an entry before its predecessor.";
    "store" "bug-unprocessed-keys-ignored"
        "Keys that a batch read left unprocessed are not asked for again, so a reward is refused, or shown with too few left.";
    "store" "bug-voucher-used-twice"
        "A used voucher passes the condition of its use, so it buys a second drink.";
    "store" "bug-voucher-voided-though-used"
        "A voucher is voided whether or not it was used, so its points come back after it was spent.";
    "tier-evaluation" "bug-evaluated-once-for-all"
        "Of a batch of events only the first member is evaluated, so the others wait for their next purchase.";
}

/// The bug of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Bug> {
    BUGS.iter().find(|bug| bug.name == name)
}

/// The one that is compiled in, if it is the only one: it is planted without being asked for.
#[must_use]
pub fn only() -> Option<&'static Bug> {
    let mut compiled = BUGS.iter().filter(|bug| bug.compiled);
    compiled.next().filter(|_| compiled.next().is_none())
}
