//! Commands, and what each needs to see of the ledger to be decided.

use jiff::Timestamp;

use crate::kernel::id::{ContentHash, EntryId, FactName, MemberId, OperationId};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::add_days;
use crate::ledger::account::Account;
use crate::ledger::activity_reversal::reverse_activity;
use crate::ledger::adjustment::{Adjust, Adjusting, Approve, adjust, approve};
use crate::ledger::availability::{Reason, Unavailable};
use crate::ledger::benefit::{UseBenefit, use_benefit};
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::closing::{Close, close};
use crate::ledger::doer::Doer;
use crate::ledger::earning::earn::{Earning, earn};
use crate::ledger::earning::order::Activity;
use crate::ledger::entry::Entry;
use crate::ledger::floor::{SetFloor, SettingFloor, set_floor};
use crate::ledger::grant::{Grant, grant, refuse};
use crate::ledger::granted::GrantRefusal;
use crate::ledger::hold::{HoldPoints, Holding, capture, hold, release};
use crate::ledger::known::Known;
use crate::ledger::lines::Refund;
use crate::ledger::membership::{Gone, Membership};
use crate::ledger::opening::{Bringing, Open, Withdraw, open, opened, withdraw};
use crate::ledger::past::{WithdrawPast, is_withdrawn, withdraw_past};
use crate::ledger::reach::{KEYED_DAYS, Reach};
use crate::ledger::redemption::{Redeem, Redeeming, redeem};
use crate::ledger::refund::{cancelled_by, refund};
use crate::ledger::refusal::{Nobody, OtherFact, OtherRequest, Refused};
use crate::ledger::reversal::{Reverse, ReverseBenefit, ReversePayment, reverse, reverse_benefit, reverse_payment};
use crate::ledger::reverse_activity::ReverseActivity;
use crate::ledger::stand::{Stand, stand};
use crate::ledger::voucher_use::{UseVoucher, use_voucher};
use crate::planted;
use crate::programme::activity::Once;
use crate::programme::compiled::Programmes;
use crate::programme::setting::Setting;

/// Something to be done to one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// What identifies it.
    pub stamp: Stamp,
    /// What it is called, if it is a fact.
    pub fact: Option<FactName>,
    /// Who asks, if it is not the member.
    pub by: Option<Doer>,
    /// What it is.
    pub command: Command,
    /// What is done before it in the same write: all of it or nothing.
    pub legs: Vec<Leg>,
}

/// A command that another one brings with it: done before it, on the same account, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Where it stands in the command, as a JSON pointer without the leading slash; what refuses it is said to stand there.
    pub at: String,
    /// What it is. It has a name of its own, so a repeat is found as that of any fact, and no legs.
    pub instruction: Instruction,
}

/// What can be done to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An activity was reported.
    Earn(Activity),
    /// An order was returned.
    Refund(Refund),
    /// Spend points on a reward.
    Redeem(Redeem),
    /// Take a redemption back.
    Reverse(Reverse),
    /// Give points back that paid for an order.
    ReversePayment(ReversePayment),
    /// Hold points for an order.
    Hold(HoldPoints),
    /// Spend held points.
    Capture {
        /// The hold's entry.
        hold: u64,
    },
    /// Give held points back.
    Release {
        /// The hold's entry.
        hold: u64,
    },
    /// Correct by hand.
    Adjust(Adjust),
    /// Approve a correction.
    Approve(Approve),
    /// Use a benefit of the tier.
    UseBenefit(UseBenefit),
    /// Use a voucher.
    UseVoucher(UseVoucher),
    /// Take the use of a benefit back.
    ReverseBenefit(ReverseBenefit),
    /// Another context gives something.
    Grant(Grant),
    /// What another context gives cannot be had, as was found where it is kept.
    RefuseGrant(Grant, GrantRefusal),
    /// A fact that is no order is taken back.
    ReverseActivity(ReverseActivity),
    /// Set the lowest tier by hand.
    SetFloor(SetFloor),
    /// Suspend the member, or lift that, or close.
    Stand(Stand),
    /// Empty the account for ever.
    Close(Close),
    /// Bring something over from another programme.
    Open(Open),
    /// Take back what was brought over.
    Withdraw(Withdraw),
    /// Take back what is recorded of the past.
    WithdrawPast(WithdrawPast),
}

/// Whose account an entry was found in.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// Of the member that the command is about.
    Same(&'a MemberId),
    /// Of another.
    Other(&'a MemberId),
}

/// What was found for an operation that is already in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat<'a> {
    /// The same again: its entry is the answer.
    Same(&'a Entry),
    /// Something else under the same name.
    Conflict(&'a Entry),
}

impl Instruction {
    /// One that is no fact: it is known by its key, for three days.
    #[must_use]
    pub fn keyed(stamp: Stamp, command: Command) -> Self {
        Self { stamp, fact: None, by: None, command, legs: Vec::new() }
    }

    /// One that empties an account for ever: it happens once, whoever asks and however often.
    #[must_use]
    pub fn closing(member: &MemberId, close: Close, now: Timestamp) -> Self {
        let operation = OperationId::of_fact("/perennial/members", member.as_str(), "closed");
        Self::keyed(Stamp { operation, content: ContentHash([0; 8]), occurred_at: now }, Command::Close(close))
    }

    /// The same, asked by somebody.
    #[must_use]
    pub fn by(self, by: Option<Doer>) -> Self {
        Self { by, ..self }
    }

    /// The same where each source numbers its own orders and refunds: they are called `SOURCE/ID`.
    #[must_use]
    pub fn numbered_by_source(mut self) -> Self {
        let within = |source: &str, id: &mut String| *id = format!("{source}/{id}");
        let renamed = match &mut self.command {
            Command::Earn(Activity { order: Some(order), .. }) => {
                within(&order.source, &mut order.order_id);
                Some(FactName::order(&order.order_id))
            }
            Command::Refund(Refund { id, source, order_id, .. }) => {
                [&mut *id, order_id].into_iter().for_each(|id| within(source, id));
                Some(FactName::refund(id))
            }
            Command::ReversePayment(ReversePayment { refund_id, source, order_id, .. }) => {
                [&mut *refund_id, order_id].into_iter().for_each(|id| within(source, id));
                Some(FactName::refunded_points(refund_id))
            }
            _ => None,
        };
        if let Some(name) = renamed {
            if !matches!(self.command, Command::Earn(_)) {
                self.stamp.operation = OperationId::of_name(&name);
            }
            self.fact = Some(name);
        }
        let leg = |leg: Leg| Leg { instruction: leg.instruction.numbered_by_source(), ..leg };
        self.legs = self.legs.into_iter().map(leg).collect();
        self
    }

    /// Can it be carried out for whoever stands for the member? Not if it names an entry of the account.
    #[must_use]
    pub fn follows(&self) -> bool {
        !matches!(
            self.command,
            Command::Reverse(_)
                | Command::ReverseBenefit(_)
                | Command::Capture { .. }
                | Command::Release { .. }
                | Command::Approve(_)
                | Command::ReverseActivity(_)
                | Command::Refund(_)
                | Command::ReversePayment(_)
                | Command::Withdraw(_)
                | Command::WithdrawPast(_)
        )
    }

    /// The fact that it claims for its member: none if it is no fact, or one that its activity declares to be known within the member
    /// and for three days alone.
    #[must_use]
    pub fn claims(&self, programmes: &Programmes) -> Option<&FactName> {
        let within_member = match &self.command {
            Command::Earn(activity) => {
                let declared = programmes.at(self.stamp.occurred_at).activity(&activity.activity);
                declared.is_some_and(|declared| declared.once == Once::Member)
            }
            _ => false,
        };
        self.fact.as_ref().filter(|_| !within_member)
    }

    /// How far back this must see at `now`.
    ///
    /// What is claimed is recorded after its claim, at `claimed`, if it is there at all; and what is not claimed is recognised for
    /// three days; so nothing older needs to be read.
    #[must_use]
    pub fn reach(&self, programmes: &Programmes, now: Timestamp, claimed: Option<Timestamp>) -> Reach {
        let current = programmes.at(now);
        let general = &current.document().programme;
        let repeat = match self.claims(programmes) {
            Some(_) => claimed,
            None => Some(add_days(now, KEYED_DAYS.saturating_neg())),
        };
        // A limit of the day counts what other facts of its date have earned.
        let of_date = matches!(self.command, Command::Earn(_)).then(|| {
            let occurred_at = self.stamp.occurred_at;
            programmes.at(occurred_at).zone().start_of_day_after(occurred_at, 0)
        });
        let since = repeat.into_iter().chain(of_date).map(|at| current.less_skew(at)).min().unwrap_or(Timestamp::MAX);
        let window = general.refund_window_days.saturating_add(general.backdate_window_days);
        let reversible_since = add_days(now, window.saturating_neg());
        let order = match &self.command {
            Command::ReversePayment(ReversePayment { order_id, .. }) | Command::Refund(Refund { order_id, .. }) => {
                Some((order_id.clone(), reversible_since))
            }
            _ => None,
        };
        let fact = match &self.command {
            Command::ReverseActivity(reverse) => Some((reverse.operation(), reversible_since)),
            Command::WithdrawPast(withdraw) => Some((withdraw.recorded, withdraw.since)),
            _ => None,
        };
        let sequence = match &self.command {
            Command::Reverse(reverse) => Some(reverse.redemption),
            Command::ReverseBenefit(reverse) => Some(reverse.used),
            Command::Capture { hold } | Command::Release { hold } => Some(*hold),
            Command::Approve(approve) => Some(approve.request),
            _ => None,
        };
        Reach { since, order, fact, sequence }
    }

    /// What is recorded instead where something shared refuses it: whoever asked in another context is told by an event. `None` if
    /// the refusal is the answer.
    #[must_use]
    pub fn denied(&self, refused: &Refused) -> Option<Self> {
        let Command::Grant(grant) = &self.command else { return None };
        let Refused::Unavailable(unavailable) = refused else { return None };
        let gone = unavailable.reasons() == [Reason::OutOfStock] && !planted!("bug-grant-refusal-untold");
        let command = Command::RefuseGrant(grant.clone(), GrantRefusal::OutOfStock);
        gone.then(|| Self { command, ..self.clone() })
    }

    /// Looks for this operation among the entries that its reach covers.
    #[must_use]
    pub fn repeat_in<'a>(&self, history: &'a [Entry]) -> Option<Repeat<'a>> {
        if let Command::Open(open) = &self.command {
            let known = opened(history, &open.source, open.opening.part());
            return known.filter(|entry| entry.content == self.stamp.content).map(Repeat::Same);
        }
        let stands = |entry: &&Entry| !is_withdrawn(entry, history);
        if let Some(entry) = history.iter().filter(stands).find(|entry| entry.operation == self.stamp.operation) {
            let same = entry.content == self.stamp.content || planted!("bug-body-ignored");
            return Some(if same { Repeat::Same(entry) } else { Repeat::Conflict(entry) });
        }
        let Command::Earn(Activity { order: Some(order), .. }) = &self.command else { return None };
        let earning = history.iter().filter(stands).rfind(|entry| entry.earns(&order.order_id));
        let earning = earning.filter(|entry| !(order.reopens && self.is_after_cancellation(entry, history)));
        earning.filter(|_| !planted!("bug-second-event-accepted")).map(Repeat::Conflict)
    }

    /// Under which name it was reported, if it is a fact from outside. What happened in another programme says nothing of how a source
    /// reports.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        let fact = self.fact.as_ref()?;
        match &self.command {
            Command::Earn(Activity { past: Some(_), .. }) => None,
            Command::Earn(Activity { order: Some(order), .. }) => Some(&order.source),
            Command::Refund(refund) => Some(&refund.source),
            _ => fact.source.as_deref(),
        }
    }

    /// What it is answered where nobody is enrolled whose account it could be.
    #[must_use]
    pub fn of_nobody(&self) -> Refused {
        let field = if self.fact.is_some() { "subject" } else { "member" };
        Nobody { field }.into()
    }

    /// The entry that recorded the same fact, whatever has become of it since: of another member's it is for ever.
    #[must_use]
    pub fn recorded_in<'a>(&self, history: &'a [Entry]) -> Option<&'a Entry> {
        let order = match &self.command {
            Command::Earn(Activity { order: Some(order), .. }) => Some(&order.order_id),
            _ => None,
        };
        let same = |entry: &&Entry| entry.operation == self.stamp.operation;
        let earned = || history.iter().rfind(|entry| order.is_some_and(|order| entry.earns(order)));
        history.iter().find(same).or_else(earned)
    }

    /// Was all of an order taken back before this happened?
    fn is_after_cancellation(&self, paid: &Entry, history: &[Entry]) -> bool {
        let cancelled = cancelled_by(paid, history);
        let refund = history.iter().find(|entry| Some(entry.sequence) == cancelled);
        refund.is_some_and(|refund| refund.occurred_at < self.stamp.occurred_at)
    }

    /// What a conflict is called: a fact with other content, or a key used for something else. `history` is that of the entry's
    /// account, which is `owner`'s.
    #[must_use]
    pub fn conflict(&self, entry: &Entry, history: &[Entry], owner: Owner<'_>) -> Refused {
        let Some(fact) = &self.fact else {
            return OtherRequest::IdempotencyKeyReused { entry: entry.sequence }.into();
        };
        let Entry { sequence, occurred_at, .. } = *entry;
        let (member, refund) = match owner {
            Owner::Same(member) => {
                let refund = cancelled_by(entry, history);
                (None, refund.map(|sequence| EntryId { member: member.clone(), sequence }))
            }
            Owner::Other(member) => (Some(member.clone()), None),
        };
        OtherFact::ConflictingDuplicate { name: fact.text.clone(), entry: Some(sequence), occurred_at, member, refund }
            .into()
    }

    /// Decides, on an account, the entries within reach (oldest first), and what is known beside them.
    ///
    /// # Errors
    /// Why not; nothing changes then.
    pub fn decide(
        &self,
        account: &Account,
        history: &[Entry],
        known: &Known,
        setting: Setting<'_>,
    ) -> Result<Change, Refused> {
        let Setting { programmes, now } = setting;
        // What is no fact happens when it is decided, and so does what is given.
        let fact = matches!(self.command, Command::Earn(_) | Command::Refund(_) | Command::ReverseActivity(_));
        let stamp = &Stamp { occurred_at: if fact { self.stamp.occurred_at } else { now }, ..self.stamp };
        let (then, by) = (programmes.at(stamp.occurred_at), self.by.as_ref());
        let case = Case { account, history, known, by, stamp, then, setting };
        admits(&self.command, account)?;
        Ok(match &self.command {
            Command::Earn(activity) => {
                if let Some(source) = self.source() {
                    account.was_here(stamp.occurred_at, source, setting).map_err(Earning::from)?;
                }
                earn(activity, case)?
            }
            Command::Refund(command) => refund(command, case)?,
            Command::Redeem(command) => redeem(command, case)?,
            Command::Reverse(command) => reverse(command, case)?,
            Command::ReversePayment(command) => reverse_payment(command, case)?,
            Command::Hold(command) => hold(command, case)?,
            Command::Capture { hold } => capture(*hold, case)?,
            Command::Release { hold } => release(*hold, case)?,
            Command::Adjust(command) => adjust(command, case)?,
            Command::Approve(command) => approve(command, case)?,
            Command::UseBenefit(command) => use_benefit(command, case)?,
            Command::UseVoucher(command) => use_voucher(command, case)?,
            Command::ReverseBenefit(command) => reverse_benefit(command, case)?,
            Command::Grant(command) if account.membership != Membership::Active => {
                refuse(command, GrantRefusal::MemberNotActive, case)
            }
            Command::Grant(command) => grant(command, case),
            Command::RefuseGrant(command, code) => refuse(command, *code, case),
            Command::ReverseActivity(command) => reverse_activity(command, case)?,
            Command::SetFloor(command) => set_floor(command, case)?,
            Command::Stand(command) => stand(command, case)?,
            Command::Close(command) => close(command, case),
            Command::Open(command) => open(command, case)?,
            Command::Withdraw(command) => withdraw(command, case)?,
            Command::WithdrawPast(command) => withdraw_past(command, case)?,
        })
    }

    /// Does a refusal decided on a stale read need to be confirmed? Refusals that come from the command and the programme
    /// alone do not; one that the time makes does, for the command may have been accepted while there was time.
    #[must_use]
    pub fn depends_on_account(refusal: &Refused) -> bool {
        !matches!(
            refusal,
            Refused::Earning(Earning::InvalidField(_) | Earning::UnknownActivity { .. })
                | Refused::Adjusting(Adjusting::InvalidField(_))
                | Refused::SettingFloor(SettingFloor::InvalidField(_))
                | Refused::Bringing(Bringing::UnknownTier { .. })
                | Refused::Redeeming(Redeeming::UnknownReward { .. })
                | Refused::Holding(Holding::BelowMinimum { .. })
        )
    }
}

/// May a command be carried out where the member stands? Refunds, captures, releases and what time does go on; a grant is refused in its
/// own way, for whoever asked waits for an event.
///
/// # Errors
/// The member is suspended, has left, or was erased.
fn admits(command: &Command, account: &Account) -> Result<(), Refused> {
    let takes_back = matches!(command, Command::Refund(_) | Command::ReversePayment(_) | Command::ReverseActivity(_));
    match &account.membership {
        Membership::Active => return Ok(()),
        // What was had before is used where it was had; it moves no points.
        Membership::Merged { .. } if matches!(command, Command::UseVoucher(_)) => return Ok(()),
        Membership::Merged { into } => return Err(Gone::Merged { survivor: into.clone() }.into()),
        Membership::Erased if takes_back => return Ok(()),
        Membership::Erased => return Err(Gone::MemberErased.into()),
        Membership::Suspended { .. } | Membership::Closed { .. } => {}
    }
    let closed = matches!(account.membership, Membership::Closed { .. });
    match command {
        Command::Earn(_) if closed => Err(Earning::from(Gone::MemberClosed).into()),
        Command::Redeem(_) | Command::Hold(_) | Command::UseBenefit(_) if !account.membership.spends() => {
            Err(Unavailable::because(Reason::MemberNotActive { state: account.membership.name() }).into())
        }
        _ => Ok(()),
    }
}
