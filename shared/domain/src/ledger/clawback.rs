//! Taking back what an entry has earned: of which points, in which order, and what comes back to the member beside.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::kernel::refusal::refusals;
use crate::ledger::account::Account;
use crate::ledger::books::Books;
use crate::ledger::counter::Counter;
use crate::ledger::entry::{Detail, Entry, Inputs, Posted};
use crate::ledger::membership::Membership;
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;
use crate::planted;
use crate::programme::compiled::Programme;
use crate::programme::wallet::{Expiry, ReturnPolicy};

refusals! {
    /// Why points cannot be taken back.
    ClawingBack {
        /// It would leave a debt above the limit; a person decides.
        Conflict DebtLimitExceeded ("debt_limit_exceeded") {
            /// The debt it would leave.
            debt: Points,
            /// The most.
            limit: Points,
        } = "the refund would leave too large a debt; a person must decide",
    }
}

/// What an entry earned.
#[derive(Clone, Copy)]
pub(crate) struct Earned<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) inputs: &'a Inputs,
    /// Points by rule.
    pub(crate) trace: &'a BTreeMap<String, Points>,
    /// Where it was posted, if that was not at once.
    pub(crate) posted: Option<(&'a Entry, &'a Posted)>,
}

impl<'a> Earned<'a> {
    /// Of an entry, as far as the history goes.
    pub(crate) fn of(entry: &'a Entry, history: &'a [Entry]) -> Option<Self> {
        let Detail::Earn { inputs, trace, .. } = &entry.detail else { return None };
        let of_it = |other: &'a Entry| match &other.detail {
            Detail::Standing { posted, .. } => {
                posted.iter().find(|posted| posted.entry == entry.sequence).map(|posted| (other, posted))
            }
            _ => None,
        };
        let posted = if inputs.suspended { history.iter().find_map(of_it) } else { None };
        Some(Self { entry, inputs, trace, posted })
    }

    /// Does what it earned wait, so that there is nothing to take back but that?
    pub(crate) fn waits(self) -> bool {
        self.inputs.suspended && self.posted.is_none()
    }

    /// The entry that posted it.
    fn by(self) -> &'a Entry {
        self.posted.map_or(self.entry, |(entry, _)| entry)
    }

    /// The lot that its points went to, if there were any.
    fn lot(self) -> Option<(Option<Timestamp>, Timestamp)> {
        if let Some(past) = &self.inputs.past {
            return Some((None, past.expires_at?));
        }
        if let Some((_, posted)) = self.posted {
            return Some((posted.activates_at, posted.expires_at));
        }
        self.entry.movements.iter().find_map(|movement| match *movement {
            Movement::Pending { activates_at, expires_at, .. } => Some((Some(activates_at), expires_at)),
            Movement::Active { expires_at, points } if points.is_positive() => Some((None, expires_at)),
            _ => None,
        })
    }

    /// The lot whose points were its own and others', unless it was reported when its points had expired: those were never to
    /// be spent.
    fn shared_lot(self) -> Option<Timestamp> {
        self.lot().map(|(_, expires_at)| expires_at).filter(|expires_at| *expires_at > self.by().recorded_at)
    }
}

/// What became of points that were due, besides those that were taken.
#[derive(Default)]
pub(crate) struct Clawed {
    /// They had expired unspent: nothing is owed for them.
    pub(crate) expired: Points,
    /// The lot that those had been in.
    pub(crate) expired_lot: Option<Timestamp>,
    /// The return policy let them go.
    pub(crate) shortfall: Points,
    /// They were never posted, nor the status points with them.
    pub(crate) withheld: Option<Points>,
}

/// Takes points back that an entry earned: what expired unspent is free; then its pending points, its own lot, others in the order
/// of consumption; and the rest by the wallet's policy. `history` reaches back to the entry.
pub(crate) fn claw_back(
    books: &mut Books<'_>,
    earned: Earned<'_>,
    due: Points,
    history: &[Entry],
) -> Result<Clawed, ClawingBack> {
    // What expired unspent is not owed; points that expire together are one lot, so as much of the entry's as expired of it.
    if earned.waits() || books.account.membership == Membership::Erased {
        return Ok(Clawed { withheld: Some(due), ..Clawed::default() });
    }
    let (lot, shared_lot) = (earned.lot(), earned.shared_lot());
    let unspent = match shared_lot {
        Some(shared) => expired_of(history, books, earned.by(), shared).or_zero(),
        None if lot.is_some() => due,
        None => Points::ZERO,
    };
    let expired = due.min(unspent);
    let mut owed = due - expired;
    let policy = books.programme.points().return_policy;
    if let Some((Some(activates_at), expires_at)) = lot {
        let own = (activates_at, expires_at)..=(activates_at, Timestamp::MAX); // later if the wallet's expiry has moved
        let own: Vec<_> = books.account.pockets.pending.range(own).map(|(&key, &points)| (key, points)).collect();
        for ((activates_at, expires_at), pending) in own {
            let points = owed.min(pending);
            if points.is_positive() {
                books.post(Movement::Pending { activates_at, expires_at, points: -points });
                owed -= points;
            }
        }
    }
    if policy != ReturnPolicy::OnlyPending {
        if let Some((_, expires_at)) = lot {
            let own = books.account.pockets.active.get(&expires_at).copied().unwrap_or_default();
            let points = owed.min(own);
            if points.is_positive() {
                books.post(Movement::Active { expires_at, points: -points });
                owed -= points;
            }
        }
        owed -= books.draw(owed);
    }
    if policy == ReturnPolicy::Unlimited && owed.is_positive() {
        let debt = books.account.pockets.debt + owed;
        let limit = books.programme.points().debt_limit;
        if debt > limit {
            return Err(ClawingBack::DebtLimitExceeded { debt, limit });
        }
        books.post(Movement::Debt { points: -owed });
        owed = Points::ZERO;
    }
    let expired_lot = shared_lot.filter(|_| expired.is_positive());
    Ok(Clawed { expired, expired_lot, shortfall: owed, withheld: None })
}

/// What comes back beside points where all of an entry is taken back: the turns of limited rules, and the multipliers that it
/// used up.
pub(crate) fn undo(account: &mut Account, earned: Earned<'_>, frozen: &Programme) {
    let date = frozen.zone().date(earned.entry.occurred_at);
    for (name, points) in earned.trace {
        let Some(limit) = frozen.rule(name).and_then(|rule| rule.written.limit) else { continue };
        account.count(Counter::new(name, limit.period, date), limit.used_by(*points).saturating_neg());
    }
    for boost in earned.inputs.boosts.iter().filter(|_| !planted!("bug-boost-stays-used")) {
        account.wait(boost.clone());
    }
}

/// How many points of a lot expired unspent since an entry, those that are due now included, less what others were already freed
/// of for it. Under the inactivity model all points are one lot, whose expiry moves.
fn expired_of(history: &[Entry], books: &Books<'_>, since: &Entry, lot: Timestamp) -> Points {
    let one_lot = books.programme.points().expiry == Expiry::Activity;
    let meant = |expires_at: Timestamp| one_lot || expires_at == lot;
    // By its place, not its number: the entries may go on in the account of a member who stands for this one.
    let later = || history.iter().skip_while(|entry| *entry != since).skip(1);
    let settled = later().flat_map(|entry| &entry.settled).chain(books.settled());
    let expiries = settled.filter_map(|settled| match *settled {
        Settlement::Expired { expires_at, points } if meant(expires_at) => Some(points),
        _ => None,
    });
    let freed = later().filter_map(|entry| match entry.detail {
        Detail::Refund { expired, expired_lot: Some(lot), .. }
        | Detail::ActivityReversal { expired, expired_lot: Some(lot), .. }
            if meant(lot) =>
        {
            Some(expired)
        }
        _ => None,
    });
    let returned = later().filter(|entry| matches!(entry.detail, Detail::Reverse { .. } | Detail::Release { .. }));
    let too_late = returned.flat_map(|entry| {
        entry.movements.iter().filter_map(|movement| match *movement {
            Movement::Active { expires_at, points } if meant(expires_at) && expires_at <= entry.recorded_at => {
                Some(points.or_zero())
            }
            _ => None,
        })
    });
    expiries.sum::<Points>() + too_late.sum() - freed.sum()
}
