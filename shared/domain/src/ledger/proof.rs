//! Proof: every account follows from its entries, and what all of them were on a day from one hash.
//!
//! The accounts that were written on a day are the leaves of a Merkle tree (RFC 6962, section 2.1); the checkpoint of the day
//! links its root to the checkpoint of the day before. Whoever has kept one checkpoint can tell, from an export of the tables,
//! that nothing before it was changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde_json::json;

use crate::kernel::canonical::{Hash, canonical_json};
use crate::kernel::id::MemberId;
use crate::kernel::quantity::Points;
use crate::ledger::account::Account;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::pockets::Pockets;
use crate::ledger::seal::Seal;
use crate::ledger::settlement::Settlement;
use crate::planted;

/// What a checkpoint says of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Whose account.
    pub member: MemberId,
    /// The first entry that was written since it was noted before.
    pub first: u64,
    /// Its newest entry's sequence.
    pub sequence: u64,
    /// The hash of that entry, and so of all before it.
    pub head: Hash,
    /// The balance after it.
    pub balance: Points,
    /// The seal of the account after it; absent where only the entry is known.
    pub seal: Option<Seal>,
}

impl Leaf {
    /// An account as it is, since some entry.
    #[must_use]
    pub fn of(account: &Account, first: u64) -> Self {
        let Account { member, sequence, head, pockets, seal, .. } = account;
        let (member, balance) = (member.clone(), pockets.total());
        Self { member, first, sequence: *sequence, head: *head, balance, seal: Some(*seal) }
    }

    /// The one leaf that comes of two of an account: from the earlier first entry to the later newest.
    fn joined(self, other: Self) -> Self {
        let first = self.first.min(other.first);
        let newer = if self.sequence < other.sequence || planted!("bug-any-note-counts") { other } else { self };
        Self { first, ..newer }
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let Self { member, first, sequence, head, balance, seal } = self;
        let mut json =
            json!({"member": member, "first": first, "sequence": sequence, "head": head, "balance": balance});
        if let Some(seal) = seal {
            json["seal"] = json!(seal);
        }
        Hash::leaf(&canonical_json(&json))
    }
}

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

/// The Merkle tree hash of leaves (RFC 6962, section 2.1).
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(""),
        [leaf] => *leaf,
        _ => {
            // The left part is the largest full tree that is not everything.
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Hash::node(root(left), root(right))
        }
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
    /// The hashes of the entries do not lead to the account's.
    Chain,
    /// The account is not as it was sealed.
    Seal,
    /// The points are in other lots than the entries put them.
    Pockets,
    /// The tier is not the one that the entries led to.
    Tier,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence(entry) => write!(f, "entry {entry} is missing"),
            Self::Balance(entry) => write!(f, "the balance after entry {entry} does not add up"),
            Self::Overdrawn(entry) => write!(f, "entry {entry} takes points that are not there"),
            Self::Checkpoint(entry) => write!(f, "entry {entry} is not the one that a checkpoint was made of"),
            Self::Chain => f.write_str("the hash chain does not lead to the account"),
            Self::Seal => f.write_str("the account is not as it was sealed"),
            Self::Pockets => f.write_str("the entries do not give the points"),
            Self::Tier => f.write_str("the entries do not lead to the tier"),
        }
    }
}

/// Works an account out anew from all of its entries, and holds it against leaves of earlier checkpoints; returns the first
/// difference.
#[must_use]
pub fn difference(account: &Account, entries: &[Entry], leaves: &[&Leaf]) -> Option<Difference> {
    let (mut pockets, mut head, mut tier) = (Pockets::default(), Hash::GENESIS, None);
    for (entry, expected) in entries.iter().zip(1..) {
        if entry.sequence != expected {
            return Some(Difference::Sequence(expected));
        }
        if !entry.all_movements().iter().all(|movement| pockets.try_apply(movement)) {
            return Some(Difference::Overdrawn(expected));
        }
        if pockets.total() != entry.balance {
            return Some(Difference::Balance(expected));
        }
        head = entry.hash(head);
        let mut known = leaves.iter().filter(|leaf| leaf.sequence == expected);
        if known.any(|leaf| (leaf.head, leaf.balance) != (head, entry.balance)) {
            return Some(Difference::Checkpoint(expected));
        }
        tier = moved_to(entry).or(tier);
    }
    let count = u64::try_from(entries.len()).expect("a length fits 64 bits");
    let newest = leaves.iter().map(|leaf| leaf.sequence).max().unwrap_or_default().max(account.sequence);
    if newest > count {
        return Some(Difference::Sequence(count.saturating_add(1)));
    }
    if (account.sequence, account.head) != (count, head) {
        return Some(Difference::Chain);
    }
    let other = |leaf: &&&Leaf| leaf.sequence == account.sequence && leaf.seal.is_some_and(|seal| seal != account.seal);
    if !account.is_whole() || leaves.iter().any(|leaf| other(&leaf)) {
        return Some(Difference::Seal);
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
            _ => {}
        }
        tier = moved_to(entry).or(tier);
    }
    let sealed = entries.is_empty().then_some(before.seal);
    let parts = [
        ("the points", pockets == after.pockets),
        ("the holds", holds.iter().eq(after.holds.keys())),
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
            sequence,
            head: Hash::of(member),
            balance: Points(balance),
            seal: None,
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
