//! How a decision is put together: open the books at `now`, move points, close them with an entry.

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::kernel::stamp::Stamp;
use crate::ledger::account::Account;
use crate::ledger::doer::Doer;
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::lines::PaidLines;
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::setting::Setting;
use crate::programme::wallet::Expiry;
use crate::standing::qualification::{Evidence, Floor, Standing};
use crate::standing::record::TierChange;

/// What is written when a command is accepted. It leaves nothing to decide.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The account afterwards.
    pub account: Account,
    /// The entry that says what happened.
    pub entry: Entry,
    /// What must be true, and change, outside the account in the same write.
    pub effects: Vec<Effect>,
    /// The order's lines as they were paid, to be kept beside the order; of an order alone.
    pub lines: Option<PaidLines>,
}

/// An account being changed.
pub(crate) struct Books<'a> {
    pub(crate) account: Account,
    pub(crate) programme: &'a Programme,
    pub(crate) now: Timestamp,
    settled: Vec<Settlement>,
    movements: Vec<Movement>,
    then: Vec<TierChange>,
    by: Option<Doer>,
}

impl<'a> Books<'a> {
    /// Settles the account at the setting's time, to decide by a programme version.
    pub(crate) fn open(account: &Account, programme: &'a Programme, setting: Setting<'_>) -> Self {
        let (account, settled) = account.settled(setting);
        Self { account, programme, now: setting.now, settled, movements: Vec::new(), then: Vec::new(), by: None }
    }

    /// Says who causes the entry, if it is not the member.
    pub(crate) fn caused_by(mut self, by: Option<&Doer>) -> Self {
        self.by = by.cloned();
        self
    }

    /// The sequence of the entry that `close` will write.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.account.sequence.checked_add(1).expect("an account has fewer than 2^64 entries")
    }

    /// What time has done since the account was written.
    pub(crate) fn settled(&self) -> &[Settlement] {
        &self.settled
    }

    /// How many movements the entry has so far.
    pub(crate) fn moved(&self) -> u32 {
        u32::try_from(self.movements.len()).expect("an entry has few movements")
    }

    /// Moves points.
    pub(crate) fn post(&mut self, movement: Movement) {
        self.account.pockets.apply(&movement);
        self.movements.push(movement);
    }

    /// Works out what the facts so far make of the tier: it rises at once, and a refund takes it at once.
    pub(crate) fn lift(&mut self, programmes: &Programmes) {
        let Account { tiers, qualifying, score, .. } = &mut self.account;
        let evidence = Evidence { months: qualifying, segment: score.as_ref().map(|score| &*score.segment) };
        let changes = tiers.lift(programmes, evidence, self.now);
        self.turned(changes);
    }

    /// Says what else became of the tier.
    pub(crate) fn turned(&mut self, changes: impl IntoIterator<Item = TierChange>) {
        self.then.extend(changes);
    }

    /// Puts the member where it stood elsewhere: no rise and no fall.
    pub(crate) fn carry(&mut self, standing: Option<Standing>, floor: Option<Floor>) {
        let change = self.account.tiers.carry(standing, floor, self.programme, self.now);
        self.turned(change);
    }

    /// Adds points to a lot, after repaying debt.
    pub(crate) fn credit(&mut self, expires_at: Timestamp, points: Points) {
        for movement in self.account.pockets.credit(expires_at, points) {
            self.post(movement);
        }
    }

    /// Points that were earned come in: pending until an instant, or at once, where they repay debt unless they have expired.
    pub(crate) fn earned(&mut self, activates_at: Option<Timestamp>, expires_at: Timestamp, points: Points) {
        match activates_at {
            Some(activates_at) => self.post(Movement::Pending { activates_at, expires_at, points }),
            None if expires_at <= self.now => self.post(Movement::Active { expires_at, points }),
            None => self.credit(expires_at, points),
        }
    }

    /// Takes up to `points` from the active lots in consumption order; returns how many.
    pub(crate) fn draw(&mut self, points: Points) -> Points {
        let movements = self.account.pockets.draw(points);
        let taken = -movements.iter().map(Movement::points).sum::<Points>();
        for movement in movements {
            self.post(movement);
        }
        taken
    }

    /// When points of an activity at an instant expire: under the inactivity model with the rest of the wallet, if that
    /// is later.
    pub(crate) fn expires_at(&self, occurred_at: Timestamp) -> Timestamp {
        let own = self.programme.expires_at(occurred_at);
        match self.programme.points().expiry {
            Expiry::Lots => own,
            Expiry::Activity => self.account.pockets.last_expiry().map_or(own, |last| last.max(own)),
        }
    }

    /// Under the inactivity model, moves the expiry of the whole wallet forward to that of an activity at an instant.
    pub(crate) fn slide_expiry(&mut self, occurred_at: Timestamp) {
        if self.programme.points().expiry == Expiry::Activity {
            for movement in self.account.pockets.slide(self.expires_at(occurred_at)) {
                self.post(movement);
            }
        }
    }

    /// Writes the entry, and seals the account. What came into a lot that has expired is gone with it.
    pub(crate) fn close(mut self, stamp: &Stamp, detail: Detail) -> Change {
        let expired: Vec<_> =
            self.account.pockets.active.range(..=self.now).map(|(&at, &points)| (at, points)).collect();
        for (expires_at, points) in expired {
            self.post(Movement::Active { expires_at, points: -points });
        }
        let sequence = self.next_sequence();
        let mut account = self.account;
        let entry = Entry {
            sequence,
            operation: stamp.operation,
            content: stamp.content,
            occurred_at: stamp.occurred_at,
            recorded_at: self.now,
            programme: self.programme.number,
            settled: self.settled,
            movements: self.movements,
            balance: account.pockets.total(),
            then: self.then,
            by: self.by,
            detail,
        };
        account.forget(self.programme, self.now);
        account.use_room(&entry, self.programme);
        account.written_at = Some(self.now);
        account.membership = entry.membership(&account.membership);
        account.sequence = sequence;
        account.head = entry.hash(account.head);
        account.seal = account.seal_of_state();
        Change { account, entry, effects: Vec::new(), lines: None }
    }
}
