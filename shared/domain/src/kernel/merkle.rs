//! Merkle trees: one hash for many, and a short path from each to it (RFC 6962, section 2.1).

use crate::kernel::canonical::Hash;

/// The hash of a tree of leaves.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = halves(leaves);
            Hash::node(root(left), root(right))
        }
    }
}

/// The left part is the largest full tree that is not everything.
fn halves(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

/// A step of a path: what stands beside, and on which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// On the left.
    Left(Hash),
    /// On the right.
    Right(Hash),
}

/// The path of a leaf to the root, from below; nothing, if there is no such leaf.
#[must_use]
pub fn path(leaves: &[Hash], place: usize) -> Option<Vec<Beside>> {
    if leaves.len() <= 1 {
        return (place < leaves.len()).then(Vec::new);
    }
    let (left, right) = halves(leaves);
    let (mut steps, beside) = match place.checked_sub(left.len()) {
        None => (path(left, place)?, Beside::Right(root(right))),
        Some(place) => (path(right, place)?, Beside::Left(root(left))),
    };
    steps.push(beside);
    Some(steps)
}

/// The root that a leaf leads to by a path.
#[must_use]
pub fn climb(leaf: Hash, path: &[Beside]) -> Hash {
    path.iter().fold(leaf, |below, beside| match beside {
        Beside::Left(left) => Hash::node(*left, below),
        Beside::Right(right) => Hash::node(below, *right),
    })
}

#[cfg(test)]
mod tests {
    use super::{climb, path, root};
    use crate::kernel::canonical::Hash;

    #[test]
    fn every_leaf_leads_to_the_root_and_no_other_does() {
        for count in 1..20_usize {
            let leaves: Vec<Hash> = (0..count).map(|n| Hash::leaf(&n.to_string())).collect();
            for (place, leaf) in leaves.iter().enumerate() {
                let path = path(&leaves, place).unwrap();
                assert_eq!(climb(*leaf, &path), root(&leaves), "{place} of {count}");
                assert_ne!(climb(Hash::leaf("other"), &path), root(&leaves), "{place} of {count}");
            }
            assert_eq!(path(&leaves, count), None);
        }
    }
}
