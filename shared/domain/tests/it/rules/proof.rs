//! What is noticed when a day is closed, and what is taken for right until the whole account is read.

use domain::kernel::canonical::Hash;
use domain::kernel::time::Period;
use domain::ledger::account::Account;
use domain::ledger::counter::Counter;
use domain::ledger::entry::Entry;
use domain::ledger::proof::{Difference, Heads, Leaf, Leaves, difference, difference_from, join};
use jiff::SignedDuration;
use jiff::civil::date;

use crate::world::World;

/// An account of five entries, of which the last two are of the day of its leaf.
struct Noted {
    world: World,
    leaf: Leaf,
}

fn noted() -> Noted {
    let mut world = World::new(&[]);
    for points in [100, 50, 30] {
        world.give(points);
    }
    let before = world.account.clone();
    for points in [20, 10] {
        world.give(points);
    }
    let leaf = Leaf::of(&before, &world.account);
    Noted { world, leaf }
}

impl Noted {
    /// What is found by the entries from one on.
    fn found(&self, from: u64, account: &Account, entries: &[Entry]) -> Option<Difference> {
        let read: Vec<Entry> = entries.iter().filter(|entry| entry.sequence >= from).cloned().collect();
        difference_from(from, account, &read, &self.leaf)
    }

    /// The entries, one of them written over.
    fn edited(&self, sequence: u64) -> Vec<Entry> {
        let mut entries = self.world.history.clone();
        let entry = entries.iter_mut().find(|entry| entry.sequence == sequence).expect("an entry");
        entry.occurred_at += SignedDuration::from_secs(1);
        entries
    }
}

// rule: ledger 7.6
#[test]
pub(crate) fn a_day_goes_on_from_the_hash_that_was_noted_before() {
    let noted = noted();
    let (account, entries, first) = (&noted.world.account, &noted.world.history, noted.leaf.first);
    assert_eq!((first, noted.leaf.sequence), (4, 5));
    assert_eq!(noted.found(first, account, entries), None);
    for sequence in [4, 5] {
        let found = noted.found(first, account, &noted.edited(sequence));
        assert_eq!(found, Some(Difference::Checkpoint(5)), "entry {sequence} is another");
    }
    assert_eq!(noted.found(first, account, &entries[..4]), Some(Difference::Sequence(5)), "one is missing");
    let without = [&entries[..3], &entries[4..]].concat();
    assert_eq!(noted.found(first, account, &without), Some(Difference::Sequence(4)), "the first is missing");

    let mut other = account.clone();
    other.count(Counter { what: "review".to_owned(), period: Period::Ever, start: date(1970, 1, 1) }, 3);
    assert_eq!(noted.found(first, &other, entries), Some(Difference::Seal), "a limit counts otherwise");
    other.seal = other.seal_of_state();
    assert_eq!(noted.found(first, &other, entries), Some(Difference::Seal), "and is sealed so");

    let leaf = Leaf { before: Hash::of("another"), ..noted.leaf };
    let found = difference_from(first, account, &entries[3..], &leaf);
    assert_eq!(found, Some(Difference::Checkpoint(5)), "it was noted to go on elsewhere");
}

// rule: ledger 7.6
#[test]
fn an_account_that_was_written_since_is_followed_to_what_it_is() {
    let mut noted = noted();
    let then = noted.world.account.clone();
    noted.world.give(40);
    let (account, entries, first) = (&noted.world.account, &noted.world.history, noted.leaf.first);
    assert_eq!(noted.found(first, account, entries), None);
    assert_eq!(noted.found(first, account, &noted.edited(5)), Some(Difference::Checkpoint(5)));
    assert_eq!(noted.found(first, account, &noted.edited(6)), Some(Difference::Chain), "of the next day");
    // A stale read.
    assert_eq!(noted.found(first, &then, &entries[..4]), Some(Difference::Sequence(5)));
    assert_eq!(noted.found(first, &Account::new(then.member.clone()), &[]), Some(Difference::Sequence(4)));
}

// rule: ledger 7.6
#[test]
fn what_was_before_the_day_is_noticed_where_all_of_it_is_read() {
    let noted = noted();
    let (account, entries, first) = (&noted.world.account, &noted.world.history, noted.leaf.first);
    for sequence in 1..=3 {
        let edited = noted.edited(sequence);
        assert_eq!(noted.found(first, account, &edited), None, "entry {sequence} is not read");
        assert_eq!(noted.found(1, account, &edited), Some(Difference::Checkpoint(3)), "entry {sequence} is");
        let whole = difference(account, &edited, &[], &Heads::new());
        assert_eq!(whole, Some(Difference::Chain), "entry {sequence}, and no leaf is known");
        let heads = Heads::from([(3, noted.leaf.before)]);
        assert_eq!(difference(account, &edited, &[], &heads), Some(Difference::Page(3)), "a page ends with 3");
    }
    assert_eq!(noted.found(1, account, entries), None);
    assert_eq!(difference(account, entries, &[&noted.leaf], &Heads::from([(3, noted.leaf.before)])), None);
}

// rule: ledger 7.6
#[test]
fn one_account_in_64_is_read_whole_and_whichever_differed() {
    let leaf = noted().leaf;
    let of = |number: u32| Leaf { member: format!("m-{number}").parse().unwrap(), ..leaf.clone() };
    let day = date(2026, 3, 1);
    let drawn = (0..6_400).filter(|number| of(*number).read_from(day) == 1).count();
    assert!((70..=130).contains(&drawn), "{drawn} of 6,400");
    let days = (0..6_400).filter(|days| leaf.read_from(day + SignedDuration::from_hours(24 * days)) == 1).count();
    assert!((70..=130).contains(&days), "another day draws others: {days} of 6,400");
    assert!((0..6_400).all(|number| [1, leaf.first].contains(&of(number).read_from(day))));
    assert!((0..100).all(|number| of(number).since_the_first().read_from(day) == 1), "noted since the first entry");
    let noted = noted();
    let whole = noted.leaf.clone().since_the_first();
    assert_eq!(difference_from(1, &noted.world.account, &noted.world.history, &whole), None);
}

#[test]
fn two_notes_of_a_day_are_one_from_the_earlier_hash_to_the_later() {
    let Noted { mut world, leaf } = noted();
    let between = world.account.clone();
    world.give(40);
    let later = Leaf::of(&between, &world.account);
    for notes in [[leaf.clone(), later.clone()], [later.clone(), leaf.clone()]] {
        let mut leaves = Leaves::new();
        notes.into_iter().for_each(|leaf| join(&mut leaves, leaf));
        let joined = Leaf { first: leaf.first, before: leaf.before, ..later.clone() };
        assert_eq!((leaves.len(), leaves.get(&joined.member)), (1, Some(&joined)));
        assert_eq!(difference_from(4, &world.account, &world.history[3..], &joined), None);
    }
}
