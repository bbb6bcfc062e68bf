//! Does what happened call for new scores?

use crate::kernel::quantity::Minor;
use crate::ledger::account::Account;
use crate::ledger::entry::{Detail, Entry};
use crate::programme::activity::ORDER_PAID;
use crate::programme::compiled::Programme;
use crate::standing::scores::Happened;

impl Account {
    /// Notes what an entry takes of the room that the scores leave, and whether that is used up.
    pub(crate) fn use_room(&mut self, entry: &Entry, programme: &Programme) {
        let Some(rfmls) = programme.document().rfmls.as_ref() else { return };
        let acts = |influence: i64| (None::<Minor>, influence);
        let (paid, influence) = match &entry.detail {
            Detail::Earn { activity, order, inputs, .. } => {
                let ordered = order.is_some() && activity == ORDER_PAID;
                let paid = ordered.then(|| inputs.net.unwrap_or_default() - inputs.netted);
                (paid, rfmls.influence.get(activity).copied().unwrap_or_default())
            }
            Detail::Redeem { cause: None, .. } | Detail::Hold { .. } | Detail::Capture { .. } => acts(0),
            Detail::Refund { .. } | Detail::ActivityReversal { .. } => {
                self.rescore = true;
                return;
            }
            _ => return,
        };
        let Some(score) = &mut self.score else {
            self.rescore = true;
            return;
        };
        let date = programme.zone().date(entry.occurred_at);
        let paid = paid.filter(|paid| paid.is_positive());
        let turns = Happened::Activity { turns: score.room.activity_turns };
        score.turns.happened(programme, rfmls, turns, date);
        if paid.is_some() {
            let turns = Happened::Order { turns: score.room.order_turns };
            score.turns.happened(programme, rfmls, turns, date);
        }
        let ordered = paid.is_some_and(|paid| score.room.order(paid));
        self.rescore |= score.room.act(influence) | ordered;
    }
}
