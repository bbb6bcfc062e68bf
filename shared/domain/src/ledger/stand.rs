//! A member is suspended, active again, or closed; and on the reactivation what was earned meanwhile is posted (rules: members 25).

use std::collections::BTreeMap;

use crate::kernel::membership::MemberState;
use crate::kernel::quantity::Points;
use crate::kernel::refusal::{WrongState, refusals};
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::entry::{Detail, Entry, Posted};
use crate::programme::compiled::Programmes;
use crate::programme::wallet::Expiry;

/// The most facts that one reactivation posts, the earliest first: an entry has to fit into an item.
const MOST_POSTED: usize = 2_000;

/// Says where a member stands from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// There.
    pub state: MemberState,
    /// Why, in words; a member need not say.
    pub reason: Option<String>,
}

refusals! {
    /// A member cannot come to stand there.
    Standing {
        | WrongState,
    }
}

/// Decides where a member stands. `history` reaches back to the entry since which earnings wait.
///
/// # Errors
/// It does not follow where the member stands now.
pub fn stand(stand: &Stand, case: Case<'_>) -> Result<Change, Standing> {
    let Stand { state, reason } = stand.clone();
    let now = &case.account.membership;
    let known = now.state();
    if !known.is_some_and(|known| known.leads_to(state)) {
        let allowed = known.map_or(&[][..], MemberState::next);
        return Err(WrongState::WrongState { state: now.name(), allowed }.into());
    }
    let mut books = case.books();
    let rules = &case.setting.programmes.at(case.setting.now).document().members;
    let posts = state == MemberState::Active && rules.post_on_reactivation;
    let waiting = now.since().filter(|_| posts).map(|since| waiting(since, case.history)).unwrap_or_default();
    let posted = waiting.into_iter().map(|earned| earned.post(&mut books, case.setting.programmes)).collect();
    if posts {
        books.lift(case.setting.programmes);
    }
    Ok(books.close(case.stamp, Detail::Standing { state, reason, posted }))
}

/// What a fact earned while the member was suspended, less what was taken back of it since.
struct Waiting<'a> {
    entry: &'a Entry,
    is_order: bool,
    trace: BTreeMap<String, Points>,
    status: Points,
}

/// What waits since an entry, the earliest first.
fn waiting(since: u64, history: &[Entry]) -> Vec<Waiting<'_>> {
    let mut all: BTreeMap<u64, Waiting<'_>> = BTreeMap::new();
    let mut orders: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in history.iter().filter(|entry| entry.sequence >= since) {
        match &entry.detail {
            Detail::Earn { order, inputs, trace, status, .. } => {
                if let Some(order) = order {
                    orders.insert(order, entry.sequence);
                }
                if inputs.suspended {
                    let (is_order, trace, status) = (order.is_some(), trace.clone(), *status);
                    all.insert(entry.sequence, Waiting { entry, is_order, trace, status });
                }
            }
            Detail::Refund { order, withheld: Some(withheld), status, .. } => {
                if let Some(waits) = orders.get(order.as_str()).and_then(|earned| all.get_mut(earned)) {
                    waits.less(*withheld, *status);
                }
            }
            Detail::ActivityReversal { earning, withheld: Some(withheld), status, .. } => {
                if let Some(waits) = all.get_mut(earning) {
                    waits.less(*withheld, *status);
                }
            }
            _ => {}
        }
    }
    all.into_values().filter(|waits| !waits.trace.is_empty() || waits.status.is_positive()).take(MOST_POSTED).collect()
}

impl Waiting<'_> {
    /// Takes points and status points from it: of the last rule first, as a limit that is reached does.
    fn less(&mut self, points: Points, status: Points) {
        self.status = (self.status - status).or_zero();
        let mut left = points;
        for earned in self.trace.values_mut().rev() {
            let taken = left.min(*earned);
            *earned -= taken;
            left -= taken;
        }
        self.trace.retain(|_, points| points.is_positive());
    }

    /// Posts it as if it came now: with its own dates.
    fn post(self, books: &mut Books<'_>, programmes: &Programmes) -> Posted {
        let (at, now) = (self.entry.occurred_at, books.now);
        let frozen = programmes.numbered(self.entry.programme).expect("the store loads the versions of all entries");
        let points: Points = self.trace.values().copied().sum();
        let expires_at = match books.programme.points().expiry {
            Expiry::Lots => frozen.expires_at(at),
            Expiry::Activity => books.expires_at(at),
        };
        let pending_days = if self.is_order { frozen.points().pending_days } else { 0 };
        let activates_at = Some(frozen.zone().start_of_day_after(at, pending_days));
        let activates_at = activates_at.filter(|activates_at| pending_days > 0 && *activates_at > now);
        if points.is_positive() {
            books.earned(activates_at, expires_at, points);
        }
        books.account.credit_status(frozen.zone(), at, now, self.status);
        let (entry, trace, status) = (self.entry.sequence, self.trace, self.status);
        Posted { entry, trace, status, activates_at, expires_at }
    }
}
