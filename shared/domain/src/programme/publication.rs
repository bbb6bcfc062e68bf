//! Publishing: what a document becomes.

use jiff::Timestamp;

use crate::kernel::canonical::Hash;

/// A version in the list of those that were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Counts versions from 1.
    pub number: u32,
    /// From when on it is in force.
    pub from: Timestamp,
    /// The hash of its document.
    pub hash: Hash,
}

/// What a publication does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// The version is new.
    New {
        /// Its number.
        number: u32,
    },
    /// This very document was published last.
    Unchanged {
        /// Its number.
        number: u32,
    },
}

/// What publishing a document of a hash does after the versions so far, oldest first: to publish the newest again changes nothing.
#[must_use]
pub fn publish(versions: &[Version], hash: Hash) -> Published {
    match versions.last() {
        Some(newest) if newest.hash == hash => Published::Unchanged { number: newest.number },
        newest => Published::New { number: newest.map_or(0, |newest| newest.number).saturating_add(1) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_document_is_not_published_again() {
        let version = |number, text| Version { number, from: Timestamp::UNIX_EPOCH, hash: Hash::of(text) };
        let list = [version(1, "a"), version(2, "b")];
        assert_eq!(publish(&[], Hash::of("a")), Published::New { number: 1 });
        assert_eq!(publish(&list, Hash::of("b")), Published::Unchanged { number: 2 });
        assert_eq!(publish(&list, Hash::of("a")), Published::New { number: 3 }, "going back is a new version");
    }
}
