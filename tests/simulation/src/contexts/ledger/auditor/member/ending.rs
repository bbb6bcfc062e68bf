//! How an account ends.

use super::super::books::Moved;
use super::Member;

impl Member {
    /// An account is emptied for ever: everything goes, and nothing is remembered for later decisions.
    pub(super) fn closed(&mut self, said: [i64; 3]) -> Result<Vec<Moved>, String> {
        let books = &self.books;
        let held: i64 = books.held.values().sum();
        let expected = [held, books.total() + books.debt, books.debt];
        let debt = Some(Moved::Debt(books.debt)).filter(|_| books.debt > 0);
        let held = books.held.iter().map(|((hold, at), points)| Moved::Held(*hold, *at, -points));
        let active = books.active.iter().map(|(at, points)| Moved::Active(*at, -points));
        let pending = books.pending.iter().map(|((from, at), points)| Moved::Pending(*from, *at, -points));
        let moved = held.chain(active).chain(pending).chain(debt).collect();
        self.books.holds.clear();
        self.books.grace.clear();
        self.paid.clear();
        self.rewarded.clear();
        self.used.clear();
        self.checkins.clear();
        self.openings.clear();
        self.cutovers.clear();
        (self.boost, self.score) = (None, None);
        if said == expected { Ok(moved) } else { Err(format!("says that {said:?} went, not {expected:?}")) }
    }
}
