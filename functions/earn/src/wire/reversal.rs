//! Reversals of facts that are no orders.

use domain::kernel::id::{ContentHash, FactName, MemberId, OperationId};
use domain::kernel::quantity::Points;
use domain::kernel::stamp::Stamp;
use domain::kernel::time::to_millisecond;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::entry::Detail;
use domain::ledger::reverse_activity::ReverseActivity;
use domain::programme::activity::ACTIVITY_REVERSED;
use jiff::Timestamp;
use lambda::wire::{Balance, FactEvent, id, member, short};
use lambda::{Failure, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Done, Reversed, StoreError};

/// A fact turned out not to be so, or to be worth nothing: what it earned is taken back, once. The reversal is a fact itself:
/// `(source, id)` is its business key, for ever.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityReversalRequest {
    /// The reversal's id, unique within its source.
    id: String,
    /// Where it comes from.
    pub(crate) source: String,
    /// The member's id.
    member: String,
    /// Which fact: no order, which is refunded.
    of: ReversedFact,
    /// When it was taken back. At most 30 days ago and 5 minutes ahead, in the default programme.
    time: Timestamp,
    /// Why, in 1 to 128 characters; not about the person.
    #[serde(default)]
    reason: Option<String>,
}

/// The fact that is taken back, by the names of its event.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReversedFact {
    /// Where it came from.
    source: String,
    /// Its id there.
    id: String,
}

/// The data of `activity.reversed`, the same as an event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActivityReversed {
    source: String,
    id: String,
    #[serde(default)]
    reason: Option<String>,
}

impl ReversedFact {
    fn check(&self, place: &str) -> [Result<(), Problem>; 2] {
        [short(&format!("{place}/source"), &self.source), short(&format!("{place}/id"), &self.id)]
    }
}

/// A reason is a short text.
fn check_reason(place: &str, reason: Option<&str>) -> Result<(), Problem> {
    reason.map_or(Ok(()), |reason| short(place, reason))
}

/// A message of type `activity.reversed` as an instruction.
///
/// # Errors
/// 422 with a pointer to the field.
pub(crate) fn to_reversal(event: &FactEvent) -> Result<(MemberId, Instruction), Problem> {
    let command = event.data().and_then(|ActivityReversed { source, id, reason }| {
        let of = ReversedFact { source, id };
        Problem::unless(of.check("/data").into_iter().chain([check_reason("/data/reason", reason.as_deref())]))?;
        Ok(Command::ReverseActivity(ReverseActivity { source: of.source, id: of.id, reason }))
    });
    event.to_instruction(command)
}

impl ActivityReversalRequest {
    /// As a command for a member. It says what an event of type `activity.reversed` says, so that it is the same fact by either way.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_instruction(&self) -> Result<(MemberId, Instruction), Problem> {
        let Self { id, source, of, reason, .. } = self;
        let member = member("/member", &self.member);
        let own = [
            short("/id", id),
            short("/source", source),
            member.as_ref().map(drop).map_err(Clone::clone),
            check_reason("/reason", reason.as_deref()),
        ];
        Problem::unless(own.into_iter().chain(of.check("/of")))?;
        let occurred_at = to_millisecond(self.time);
        let mut data = json!({"source": of.source, "id": of.id});
        if let Some(reason) = reason {
            data["reason"] = reason.as_str().into();
        }
        let said = json!({
            "type": ACTIVITY_REVERSED, "subject": self.member, "time": occurred_at.to_string(), "data": data,
        });
        let stamp =
            Stamp { operation: OperationId::of_event(source, id), content: ContentHash::of(&said), occurred_at };
        let reverse = ReverseActivity { source: of.source.clone(), id: of.id.clone(), reason: reason.clone() };
        let (fact, command) = (Some(FactName::event(source, id)), Command::ReverseActivity(reverse));
        Ok((member?, Instruction { stamp, fact, by: None, command, legs: Vec::new() }))
    }
}

/// What the reversal of a fact took back.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ActivityReversalReply {
    /// Its entry; absent while it waits for the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    reversal_id: Option<String>,
    /// The type of the fact that was taken back; absent while it waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    activity: Option<String>,
    /// The fact has not arrived yet; it is taken back when it comes.
    parked: bool,
    /// Points that were due: all that the fact earned.
    due: Points,
    /// Points taken from the account, as a positive number, the debt included.
    taken: Points,
    /// Of those, what became a debt.
    debt_incurred: Points,
    /// Points due that had expired unspent: nothing is owed for them.
    expired: Points,
    /// Points due that the return policy let go.
    shortfall: Points,
    /// Status points taken back.
    status_points: Points,
    /// The balance right after; absent while it waits for the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<Balance>,
}

impl ActivityReversalReply {
    /// From what became of it.
    ///
    /// # Errors
    /// 500: the entry is no such reversal.
    pub(crate) fn new(member: &MemberId, reversed: &Reversed) -> Result<Self, Failure> {
        match reversed {
            Reversed::Recorded(done) => Self::recorded(member, done),
            Reversed::Parked { .. } => Ok(Self::waiting()),
        }
    }

    /// Nothing is taken back before the fact comes.
    const fn waiting() -> Self {
        let none = Points::ZERO;
        Self {
            reversal_id: None,
            activity: None,
            parked: true,
            due: none,
            taken: none,
            debt_incurred: none,
            expired: none,
            shortfall: none,
            status_points: none,
            balance: None,
        }
    }

    fn recorded(member: &MemberId, done: &Done) -> Result<Self, Failure> {
        let entry = &done.entry;
        let Detail::ActivityReversal { activity, expired, shortfall, status, .. } = &entry.detail else {
            return Err(StoreError::bug("a reversal made another entry").into());
        };
        Ok(Self {
            reversal_id: Some(id(member, entry)),
            activity: Some(activity.clone()),
            parked: false,
            due: entry.clawed_back(),
            taken: -entry.points(),
            debt_incurred: entry.debt_incurred(),
            expired: *expired,
            shortfall: *shortfall,
            status_points: *status,
            balance: Some(Balance::of(&done.pockets)),
        })
    }
}
