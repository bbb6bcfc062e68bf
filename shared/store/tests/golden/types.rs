//! Where the types stand: all paths into `domain`, in one place.

pub(crate) use domain::care::{
    Anchor, Care, Contact, Enrolment, Filed, Group, KeyId, MessageId, Outcome, StepState, Ticket, What,
};
pub(crate) use domain::kernel::canonical::{Hash, canonical_json};
pub(crate) use domain::kernel::event::Fact;
pub(crate) use domain::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
pub(crate) use domain::kernel::membership::MemberState;
pub(crate) use domain::kernel::quantity::{Minor, Points};
pub(crate) use domain::kernel::time::{Month, Period};
pub(crate) use domain::ledger::account::Account;
pub(crate) use domain::ledger::boost::Boost;
pub(crate) use domain::ledger::brought::{Carried, Elsewhere, OpenedTier, Own, Part as OpenedPart, Past, Replaced};
pub(crate) use domain::ledger::counter::{Counter, Run};
pub(crate) use domain::ledger::doer::Doer;
pub(crate) use domain::ledger::entry::{Detail, Entry, Initiator, Inputs, Part, Posted, StreakStep};
pub(crate) use domain::ledger::facts::LedgerFact;
pub(crate) use domain::ledger::granted::{GrantRefusal, Granted};
pub(crate) use domain::ledger::lines::{Returned, ReturnedLine};
pub(crate) use domain::ledger::membership::Membership;
pub(crate) use domain::ledger::order_row::{MovedOrder, PointsPaid};
pub(crate) use domain::ledger::pockets::{Hold, Movement};
pub(crate) use domain::ledger::proof::{Checkpoint, Leaf};
pub(crate) use domain::ledger::reach::Recorded;
pub(crate) use domain::ledger::settlement::Settlement;
pub(crate) use domain::ledger::telling::events;
pub(crate) use domain::programme::activity::ORDER_PAID;
pub(crate) use domain::programme::condition::Scalar;
pub(crate) use domain::programme::journey::step::Does;
pub(crate) use domain::programme::reward::RewardKind;
pub(crate) use domain::programme::segment::{Measures, Scores};
pub(crate) use domain::standing::facts::StandingFact;
pub(crate) use domain::standing::qualification::{Floor, Lost, Reached, Standing};
pub(crate) use domain::standing::record::{ScoreChange, TierChange, Transition};
pub(crate) use domain::standing::room::Room;
pub(crate) use domain::standing::scores::{Score, Turns};
pub(crate) use domain::standing::tiers::{TierSpan, Tiers};
