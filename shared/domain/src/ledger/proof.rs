//! Proof: every account follows from its entries, and what all of them were on a day from one hash.
//!
//! The accounts that were written on a day are the leaves of a Merkle tree (RFC 6962, section 2.1); the checkpoint of the day
//! links its root to the checkpoint of the day before. Whoever has kept one checkpoint can tell, from an export of the tables,
//! that nothing before it was changed since.
//!
//! Every write is held against the one before when it is told of, so an account that was what it should be is so until the next leaf of
//! it: when a day is closed its entries are followed from there on, and worked out anew from the first one only now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde_json::json;

use crate::kernel::canonical::{Hash, canonical_json, digest};
use crate::kernel::id::MemberId;
use crate::kernel::merkle::root;
use crate::kernel::quantity::Points;
use crate::ledger::account::Account;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::membership::Membership;
use crate::ledger::pockets::Pockets;
use crate::ledger::seal::Seal;
use crate::ledger::settlement::Settlement;
use crate::planted;

/// What a checkpoint says of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Whose account.
    pub member: MemberId,
    /// The first entry that was written since it was noted before; 1 if the write was found to differ, so that all of it is looked at.
    pub first: u64,
    /// The hash of the entry before that one, [`Hash::GENESIS`] before the first: where its chain goes on. Not in the hash of the
    /// leaf: an earlier one has it.
    pub before: Hash,
    /// Its newest entry's sequence.
    pub sequence: u64,
    /// The hash of that entry, and so of all before it.
    pub head: Hash,
    /// The balance after it.
    pub balance: Points,
    /// The seal of the account after it.
    pub seal: Seal,
}

impl Leaf {
    /// How many leaves there are to one whose account is read whole when the day is closed.
    const READ_WHOLE: u8 = 64;

    /// An account before and after a write.
    #[must_use]
    pub fn of(before: &Account, after: &Account) -> Self {
        let Account { member, sequence, head, pockets, seal, .. } = after;
        let first = before.sequence.saturating_add(1);
        let (member, balance) = (member.clone(), pockets.total());
        Self { member, first, before: before.head, sequence: *sequence, head: *head, balance, seal: *seal }
    }

    /// The same since its first entry.
    #[must_use]
    pub fn since_the_first(self) -> Self {
        Self { first: 1, before: Hash::GENESIS, ..self }
    }

    /// The one leaf that comes of two of an account: from the earlier first entry to the later newest.
    fn joined(self, other: Self) -> Self {
        let earlier = if other.first < self.first { &other } else { &self };
        let (first, before) = (earlier.first, earlier.before);
        let newer = if self.sequence < other.sequence || planted!("bug-any-note-counts") { other } else { self };
        let before = if planted!("bug-chain-from-newest-note") { newer.before } else { before };
        Self { first, before, ..newer }
    }

    /// From which entry on its account is read when a day is closed: from its own first; from 1, which is the whole account, for one in
    /// 64, drawn by the SHA-256 of member and day, each preceded by its length as eight bytes.
    #[must_use]
    pub fn read_from(&self, day: Date) -> u64 {
        let [drawn, ..] = digest(&[self.member.as_str().as_bytes(), day.to_string().as_bytes()]);
        if drawn % Self::READ_WHOLE == 0 { 1 } else { self.first }
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let Self { member, first, before: _, sequence, head, balance, seal } = self;
        Hash::leaf(&canonical_json(&json!({
            "member": member, "first": first, "sequence": sequence, "head": head, "balance": balance, "seal": seal,
        })))
    }
}

/// Hashes of entries as pages of history keep them, by sequence.
pub type Heads = BTreeMap<u64, Hash>;

/// Accounts, each with one leaf, in the order of their members.
pub type Leaves = BTreeMap<MemberId, Leaf>;

/// Adds a leaf to others: of an account that has one already, both are joined.
pub fn join(leaves: &mut Leaves, leaf: Leaf) {
    let leaf = match leaves.remove(&leaf.member) {
        Some(known) => known.joined(leaf),
        None => leaf,
    };
    leaves.insert(leaf.member.clone(), leaf);
}

/// The ledger at the end of a day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The day.
    pub day: Date,
    /// The hash of the checkpoint of the day before; [`Hash::GENESIS`] for the first.
    pub previous: Hash,
    /// The root of the tree of the accounts that were written on the day, in the order of their members.
    pub tree: Hash,
    /// How many accounts that were.
    pub accounts: u64,
    /// The sum of their balances.
    pub points: Points,
}

impl Checkpoint {
    /// Of the accounts that were written on a day, each named once, in the order of their members.
    #[must_use]
    pub fn of<'a>(day: Date, previous: Hash, leaves: impl Iterator<Item = &'a Leaf>) -> Self {
        let (mut hashes, mut points) = (Vec::new(), Points::ZERO);
        for leaf in leaves {
            hashes.push(leaf.hash());
            points += leaf.balance;
        }
        let accounts = u64::try_from(hashes.len()).expect("a length fits 64 bits");
        Self { day, previous, tree: root(&hashes), accounts, points }
    }

    /// Its hash: what may be printed, published, or kept by an auditor.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let Self { day, previous, tree, accounts, points } = self;
        let json = json!({"day": day, "tree": tree, "accounts": accounts, "points": points});
        Hash::link(*previous, &canonical_json(&json))
    }
}

/// What of an account does not follow from its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// An entry is missing, or out of its order; this sequence was expected.
    Sequence(u64),
    /// The balance after this entry is not what its movements give.
    Balance(u64),
    /// This entry takes points that are not there.
    Overdrawn(u64),
    /// A checkpoint knows another hash of this entry, or another balance after it.
    Checkpoint(u64),
    /// The page that ends with this entry has another hash of it.
    Page(u64),
    /// The hashes of the entries do not lead to the account's.
    Chain,
    /// The account is not as it was sealed.
    Seal,
    /// The points are in other lots than the entries put them.
    Pockets,
    /// The tier is not the one that the entries led to.
    Tier,
    /// Whether the member may earn and spend is not what the entries say.
    Membership,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence(entry) => write!(f, "entry {entry} is missing"),
            Self::Balance(entry) => write!(f, "the balance after entry {entry} does not add up"),
            Self::Overdrawn(entry) => write!(f, "entry {entry} takes points that are not there"),
            Self::Checkpoint(entry) => write!(f, "entry {entry} is not the one that a checkpoint was made of"),
            Self::Page(entry) => write!(f, "entry {entry} is not the one that its page was sealed with"),
            Self::Chain => f.write_str("the hash chain does not lead to the account"),
            Self::Seal => f.write_str("the account is not as it was sealed"),
            Self::Pockets => f.write_str("the entries do not give the points"),
            Self::Tier => f.write_str("the entries do not lead to the tier"),
            Self::Membership => f.write_str("the entries do not say whether the member is active"),
        }
    }
}

/// Works an account out anew from all of its entries, and holds it against leaves of it and the hashes that its pages keep; returns the
/// first difference.
#[must_use]
pub fn difference(account: &Account, entries: &[Entry], leaves: &[&Leaf], heads: &Heads) -> Option<Difference> {
    let since = Since { first: 1, before: Hash::GENESIS };
    chain_difference(account, entries, since, leaves, heads).or_else(|| sum_difference(account, entries))
}

/// Holds an account against a leaf of it and its entries, those from [`Leaf::read_from`] on; returns the first difference.
///
/// From the first entry on the account is worked out anew. From a later one, the leaf's, the chain goes on from the hash that was noted
/// before, and the account is the one that was sealed: what it was before the leaf is taken for right.
#[must_use]
pub fn difference_from(from: u64, account: &Account, entries: &[Entry], leaf: &Leaf) -> Option<Difference> {
    match from {
        1 => difference(account, entries, &[leaf], &Heads::new()),
        _ if planted!("bug-chain-unfollowed") => {
            (account.sequence == leaf.sequence && account.seal != leaf.seal).then_some(Difference::Seal)
        }
        first => chain_difference(account, entries, Since { first, before: leaf.before }, &[leaf], &Heads::new()),
    }
}

/// Where a chain goes on.
struct Since {
    /// The next entry.
    first: u64,
    /// The hash of the one before.
    before: Hash,
}

/// Follows the hash chain to the account, past all that is known of its entries.
fn chain_difference(
    account: &Account,
    entries: &[Entry],
    since: Since,
    leaves: &[&Leaf],
    heads: &Heads,
) -> Option<Difference> {
    let Since { first, before: mut head } = since;
    let mut next = first;
    for entry in entries {
        if entry.sequence != next {
            return Some(Difference::Sequence(next));
        }
        if leaves.iter().any(|leaf| leaf.first == next && leaf.before != head) {
            return Some(Difference::Checkpoint(next.saturating_sub(1).max(1)));
        }
        head = entry.hash(head);
        let mut known = leaves.iter().filter(|leaf| leaf.sequence == next);
        if known.any(|leaf| (leaf.head, leaf.balance) != (head, entry.balance)) {
            return Some(Difference::Checkpoint(next));
        }
        if heads.get(&next).is_some_and(|known| *known != head) {
            return Some(Difference::Page(next));
        }
        next = next.saturating_add(1);
    }
    let newest = leaves.iter().map(|leaf| leaf.sequence).max().unwrap_or_default().max(account.sequence);
    if newest >= next {
        return Some(Difference::Sequence(next));
    }
    if (account.sequence.saturating_add(1), account.head) != (next, head) {
        return Some(Difference::Chain);
    }
    let other = |leaf: &&Leaf| leaf.sequence == account.sequence && leaf.seal != account.seal;
    (!account.is_whole() || leaves.iter().any(other)).then_some(Difference::Seal)
}

/// What of an account its entries do not add up to.
fn sum_difference(account: &Account, entries: &[Entry]) -> Option<Difference> {
    let (mut pockets, mut tier, mut membership) = (Pockets::default(), None, Membership::default());
    for entry in entries {
        if !entry.all_movements().iter().all(|movement| pockets.try_apply(movement)) {
            return Some(Difference::Overdrawn(entry.sequence));
        }
        if pockets.total() != entry.balance {
            return Some(Difference::Balance(entry.sequence));
        }
        tier = moved_to(entry).or(tier);
        membership = entry.membership(&membership);
    }
    if account.membership != membership {
        return Some(Difference::Membership);
    }
    if account.pockets != pockets {
        return Some(Difference::Pockets);
    }
    // A member that never left the base tier has none on record.
    let recorded = account.tiers.spans.last().map(|span| span.tier.as_str());
    (recorded != tier).then_some(Difference::Tier)
}

/// The tier that an entry led to, if it changed it.
fn moved_to(entry: &Entry) -> Option<&str> {
    entry.tier_changes().filter(|change| change.from != change.tier).last().map(|change| change.tier.as_str())
}

/// What an account after some entries says that they, and the account before them, do not; if it does.
#[must_use]
pub fn step_difference(before: &Account, entries: &[Entry], after: &Account) -> Option<&'static str> {
    let mut pockets = before.pockets.clone();
    let mut holds: BTreeSet<u64> = before.holds.keys().copied().collect();
    let mut tier = before.tiers.spans.last().map(|span| span.tier.as_str());
    let mut membership = before.membership.clone();
    if entries.iter().fold(before.head, |head, entry| entry.hash(head)) != after.head {
        return Some("the hash chain");
    }
    for entry in entries {
        let moved = entry.all_movements().iter().all(|movement| pockets.try_apply(movement));
        if !moved || pockets.total() != entry.balance {
            return Some("the balance");
        }
        for settlement in &entry.settled {
            if let Settlement::Released { hold, .. } = settlement {
                holds.remove(hold);
            }
        }
        match entry.detail {
            Detail::Hold { .. } => _ = holds.insert(entry.sequence),
            Detail::Capture { hold, .. } | Detail::Release { hold } => _ = holds.remove(&hold),
            Detail::Closed { .. } => holds.clear(),
            _ => {}
        }
        tier = moved_to(entry).or(tier);
        membership = entry.membership(&membership);
    }
    let sealed = entries.is_empty().then_some(before.seal);
    let parts = [
        ("the points", pockets == after.pockets),
        ("the holds", holds.iter().eq(after.holds.keys())),
        ("whether the member is active", membership == after.membership),
        ("the tier", tier == after.tiers.spans.last().map(|span| span.tier.as_str())),
        ("the seal", sealed.is_none_or(|seal| seal == after.seal)),
    ];
    parts.into_iter().find(|(_, same)| !same).map(|(what, _)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|number| Hash::leaf(&number.to_string())).collect()
    }

    #[test]
    fn the_tree_is_that_of_the_standard() {
        let l = leaves(7);
        assert_eq!(root(&[]).to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        // The hash of an empty leaf: Certificate Transparency's own test vector.
        let empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(root(&[Hash::leaf("")]).to_string(), empty);
        let left = Hash::node(Hash::node(l[0], l[1]), Hash::node(l[2], l[3]));
        let right = Hash::node(Hash::node(l[4], l[5]), l[6]);
        assert_eq!(root(&l), Hash::node(left, right), "the example of section 2.1.3");
        assert_eq!(root(&l[..5]), Hash::node(left, l[4]));
    }

    #[test]
    fn a_checkpoint_depends_on_everything_in_it() {
        let leaf = |member: &str, sequence, balance| Leaf {
            member: member.parse().unwrap(),
            first: 1,
            before: Hash::GENESIS,
            sequence,
            head: Hash::of(member),
            balance: Points(balance),
            seal: Seal::NONE,
        };
        let day = "2026-03-01".parse().unwrap();
        let of = |leaves: &[Leaf]| Checkpoint::of(day, Hash::GENESIS, leaves.iter());
        let one = of(&[leaf("m-1", 3, 100), leaf("m-2", 1, -20)]);
        assert_eq!((one.accounts, one.points), (2, Points(80)));
        let others = [
            of(&[leaf("m-1", 4, 100), leaf("m-2", 1, -20)]),
            of(&[leaf("m-1", 3, 101), leaf("m-2", 1, -21)]),
            of(&[leaf("m-1", 3, 100), leaf("m-3", 1, -20)]),
            of(&[leaf("m-2", 1, -20), leaf("m-1", 3, 100)]),
            of(&[leaf("m-1", 3, 80)]),
            Checkpoint { previous: one.hash(), ..one },
            Checkpoint { day: "2026-03-02".parse().unwrap(), ..one },
        ];
        for other in others {
            assert_ne!(other.hash(), one.hash(), "{other:?}");
        }
    }
}
