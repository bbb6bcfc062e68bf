//! Room: how much more a member may do before scores, segment or tags can change. So most facts need no evaluation.
//!
//! A score turns where a measure meets one of its bounds, a condition where a measure passes a number in it: conditions on scores and
//! measures compare and do not calculate. So it is enough to know how far each measure is from the next such number. What time does is
//! not in it: that is [`Turns`](crate::standing::scores::Turns).

use crate::kernel::quantity::Minor;
use crate::planted;
use crate::programme::compiled::Programme;
use crate::programme::segment::{Labelled, Measures, Rfmls, Scores};

/// How much more may happen with the same scores, segment and tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// With so many more orders something may turn; never, if absent.
    pub orders: Option<i64>,
    /// With so much more spent, in minor units.
    pub spent_minor: Option<i64>,
    /// With so many more influence points.
    pub influence: Option<i64>,
    /// With the next order, whatever it comes to: it is the first for a while, or the first of its quarter.
    pub order_turns: bool,
    /// With the next thing that the member does: it is the first for a while.
    pub activity_turns: bool,
}

impl Room {
    /// An order was paid; may anything turn?
    #[must_use]
    pub fn order(&mut self, paid: Minor) -> bool {
        let spent = uses(&mut self.spent_minor, paid.0);
        uses(&mut self.orders, 1) | spent | self.order_turns
    }

    /// The member did something that has influence; may anything turn?
    #[must_use]
    pub fn act(&mut self, influence: i64) -> bool {
        uses(&mut self.influence, influence) | self.activity_turns
    }
}

/// Takes from what is left; is it used up?
fn uses(left: &mut Option<i64>, used: i64) -> bool {
    let Some(before) = *left else { return false };
    *left = Some(before.saturating_sub(used)).filter(|rest| *rest > 0);
    left.is_none()
}

/// The room that measures leave.
pub(crate) fn room(programme: &Programme, rfmls: &Rfmls, scores: Scores, measures: &Measures) -> Room {
    let labels = || programme.segments().iter().chain(programme.tags());
    let up_to = |measure: &str, value: i64, bounds: &[i64]| {
        let bounds = bounds.iter().copied().chain(labels().flat_map(|label| numbers(label, measure)));
        bounds.filter(|bound| *bound > value).min().map(|bound| bound.saturating_sub(value))
    };
    let turns_again = |measure: &str, days: i32| {
        let passed = labels().flat_map(|label| numbers(label, measure));
        passed.into_iter().any(|bound| bound <= i64::from(days))
    };
    let monetary = rfmls.monetary_minor.map(|bound| bound.0);
    let spent = measures.spent_minor.0;
    // Another quarter with an order raises the lifetime value by itself; where all have one, it rises with what is spent.
    let quarters = scores.l < 5 && measures.active_quarters < 4;
    let worth = (scores.l < 5 && !quarters).then(|| lifetime_bound(rfmls, measures)).flatten();
    let spent_minor = monetary.into_iter().chain(worth).filter(|bound| *bound > spent).min();
    let spent_minor = spent_minor.map(|bound| bound.saturating_sub(spent));
    Room {
        orders: up_to("orders", measures.orders, &rfmls.frequency),
        spent_minor,
        influence: up_to("influence", measures.influence, &rfmls.social),
        order_turns: (scores.r < 5 || quarters || turns_again("days_since_order", measures.days_since_order))
            && !planted!("bug-room-forgets-quarters"),
        activity_turns: turns_again("days_since_activity", measures.days_since_activity),
    }
}

/// What must be spent in a year, in minor units, for the next bound of the lifetime value, with an order in every quarter.
fn lifetime_bound(rfmls: &Rfmls, measures: &Measures) -> Option<i64> {
    let next = rfmls.lifecycle_minor.into_iter().find(|bound| *bound > measures.lifetime_value_minor)?;
    // lifetime value = spent x margin x 5 / 10,000, rounded down
    let up = i128::from(next.0).checked_mul(10_000)?;
    let down = i128::from(rfmls.margin_bp).checked_mul(5).filter(|down| *down > 0)?;
    i64::try_from(up.checked_add(down.checked_sub(1)?)?.checked_div(down)?).ok()
}

/// The numbers at which a condition that reads a measure may turn: each that is written in it, and the next.
pub(super) fn numbers(label: &Labelled, measure: &str) -> Vec<i64> {
    if !label.when.reads().iter().any(|name| name == measure) {
        return Vec::new();
    }
    label.when.integers().flat_map(|number| [number, number.saturating_add(1)]).collect()
}
