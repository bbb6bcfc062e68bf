//! Why a command on a ticket is refused (desk).

use jiff::Timestamp;

use crate::kernel::refusal::{Reused, WrongState, refusals};

refusals! {
    /// Why a command on a ticket is refused.
    DeskRefusal {
        /// Nobody has answered the member yet.
        Conflict NoReplyYet ("no_reply_yet") = "nobody has answered the member yet: a pause must not hide that somebody waits",
        /// A message of the member waits for an answer.
        Conflict UnansweredMessage ("unanswered_message") = "a message of the member waits for an answer",
        /// It was changed too often.
        Conflict TooManyChanges ("too_many_changes") {
            /// The most states, links or grants.
            most: usize,
        } = "the ticket was changed too often",
        /// The member was never answered.
        Invalid ReplyNeeded ("reply_needed" at "silent") = "the member was never answered: answer, or resolve with `silent` and a reason",
        /// The programme has no such policy.
        Invalid UnknownPolicy ("unknown_policy" at "policy") = "the programme has no such service level",
        /// The programme has no such queue.
        Invalid UnknownQueue ("unknown_queue" at "queue") = "the programme has no such desk queue",
        /// There is no such agent.
        Invalid UnknownAgent ("unknown_agent" at "agent") = "nobody of this name works at the desk",
        /// There is no such item.
        Invalid UnknownItem ("unknown_item" at "item") = "the programme has no such item",
        /// There is no such member.
        Invalid UnknownMember ("unknown_member" at "member") = "nobody is known by this id",
        /// There is no such ticket.
        Invalid UnknownTicket ("unknown_ticket" at "into") = "there is no such ticket",
        /// There is no such ticket.
        NotFound NotFound ("not_found") = "there is no such ticket",
        /// It is somebody else's.
        Forbidden NotYours ("forbidden") = "it is for the ticket's owner and the lead of its queue",
        /// The version sent is not the latest.
        Conflict ChangedMeanwhile ("changed_meanwhile") {
            /// The latest.
            version: u64,
        } = "the ticket was changed meanwhile; `ticket` is as it is now",
        /// The agent has as many tickets as may be.
        Conflict NoRoom ("no_room") = "the agent has as many open tickets as may be",
        /// The tickets are of two members.
        Conflict DifferentMember ("different_member") = "the tickets are of two members",
        /// The other one is newer.
        Conflict MergeIntoOlder ("merge_into_older") = "a ticket becomes part of one that was opened before",
        /// The agent's record does not say which members the agent is.
        Forbidden UndeclaredMembers ("undeclared_members") = "the agent's record must list the agent's own member ids, or none",
        /// The agent would give to themselves.
        Forbidden SelfBenefit ("self_benefit") = "nobody gives to themselves",
        /// The member is not active.
        Forbidden MemberNotActive ("member_not_active") = "the member is not active",
        /// There is no order to be sent before others.
        Invalid NoOrder ("no_order" at "item") = "the ticket names no order",
        /// The case would be too dear.
        Conflict CaseBudget ("case_budget") {
            /// The budget.
            limit: i64,
            /// What is used.
            used: i64,
            /// What is asked for.
            asked: i64,
        } = "the case would cost more than a case may",
        /// The agent has given enough today.
        Conflict AgentBudget ("agent_budget") {
            /// The budget.
            limit: i64,
            /// What is used.
            used: i64,
            /// What is asked for.
            asked: i64,
            /// When it begins anew.
            resets_at: Timestamp,
        } = "the agent has given as often as an agent may in a day",
        /// The member has got something lately.
        Conflict MemberBudget ("member_budget") {
            /// The budget.
            limit: i64,
            /// What is used.
            used: i64,
            /// What is asked for.
            asked: i64,
            /// When it begins anew.
            resets_at: Timestamp,
        } = "the member has got something in the last 30 days",
        /// The month is used up.
        Conflict MonthBudget ("month_budget") {
            /// The budget.
            limit: i64,
            /// What is used.
            used: i64,
            /// What is asked for.
            asked: i64,
            /// When it begins anew.
            resets_at: Timestamp,
        } = "the month's budget does not suffice",
        /// There is none left.
        Conflict OutOfStock ("out_of_stock") = "there is none left",
        /// The proposal is too old.
        Conflict Lapsed ("lapsed") = "the proposal was not approved in time",
        /// Who proposes does not approve.
        Forbidden SameApprover ("same_approver") = "who proposes does not approve",
        /// There is no such grant.
        NotFound UnknownGrant ("unknown_grant") = "the ticket has no such grant",
        /// Others change the same.
        Conflict Busy ("busy") = "others change the same at this moment; try again",
        | WrongState,
        | Reused,
    }
}
