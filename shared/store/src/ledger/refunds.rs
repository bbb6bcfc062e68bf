//! Refunds: whose an order is, its row says; before it comes, the row keeps them.

use domain::kernel::id::{FactName, MemberId};
use domain::kernel::membership::HOPS;
use domain::kernel::refusal::{InvalidField, Missing};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::entry::Entry;
use domain::ledger::lines::Refund;
use domain::ledger::membership::Membership;
use domain::ledger::order_row::OrderRow;
use domain::ledger::parked::Parked;
use domain::ledger::reach::Reach;
use domain::ledger::refund::{Refunding, park};
use domain::ledger::refusal::Refused;
use domain::planted;
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::attribute::Item;
use crate::error::Damage;
use crate::ledger::commands::{Commands, Done, Outcomes, numbered, survivor};
use crate::ledger::facts::{Claim, Claims, Row};
use crate::ledger::owned_order::OwnedOrder;
use crate::ledger::waiting::{kept_in, kept_of};
use crate::race::Patience;
use crate::{Store, StoreError, table};

/// What became of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    /// It is in the ledger of the member whose order it is.
    Recorded {
        /// Whose.
        member: MemberId,
        /// What was recorded.
        done: Box<Done>,
    },
    /// It waits for its order, or has waited for it.
    Parked {
        /// What is kept.
        parked: Box<Parked>,
        /// It had been before.
        replayed: bool,
    },
}

/// What the row of an order says of a refund.
enum Found {
    /// The order is this member's.
    Of(Box<OwnedOrder>),
    /// It is nobody's yet, as far as the row shows.
    Nobody,
    /// Another member's claim of it has no entry.
    Left(Box<Row>),
    /// The answer is known.
    Answer(Result<Refunded, Refused>),
}

impl Store {
    /// Carries out a refund: on the account whose the order is, or it waits for the order. `member` is for whom it was reported, if that was
    /// said.
    ///
    /// # Errors
    /// As [`Store::execute`]; [`StoreError::Busy`] while the order is being recorded.
    pub async fn refund(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Refunded, Refused>, StoreError> {
        let instruction = &numbered(std::slice::from_ref(instruction), setting)[0];
        let refund = refund_of(instruction)?;
        loop {
            let item = self.fact(FactName::order(&refund.order_id).key).await?.unwrap_or_default();
            let claimed = match self.found(member, instruction, &item, setting).await? {
                Found::Answer(answer) => return Ok(answer),
                Found::Nobody => None,
                Found::Left(row) => Some(*row),
                Found::Of(order) => {
                    let instructions = std::slice::from_ref(instruction);
                    let commands = Commands::of(instructions, std::slice::from_ref(&*order));
                    let outcomes = self.execute_on(&order.row.member, commands, setting, patience);
                    let one = |mut outcomes: Outcomes| {
                        outcomes.pop().ok_or_else(|| StoreError::bug("one command has one outcome"))
                    };
                    let mut outcome = one(outcomes.await?)?;
                    let mut borrowed = Vec::new();
                    let mut owner = order.row.member.clone();
                    for _ in 0..HOPS {
                        let Some(survivor) = survivor(&outcome) else { break };
                        borrowed.extend(self.entries_since(&owner, order.row.claimed_at, setting).await?);
                        let commands = Commands { borrowed: &borrowed, ..commands };
                        outcome = one(self.execute_on(&survivor, commands, setting, patience).await?)?;
                        owner = survivor;
                    }
                    match outcome {
                        Err(refused) if is_missing(&refused) => Some(order.row),
                        outcome => return Ok(outcome.map(recorded)),
                    }
                }
            };
            if let Some(row) = &claimed {
                self.left_behind(&refund.order_id, row, setting).await?;
            }
            let waiting = kept_in(&item)?;
            if let Some(refused) = points_of_no_order(instruction) {
                return Ok(Err(refused));
            }
            let parked = match park(refund, member, &instruction.stamp, &waiting, setting) {
                Ok(parked) => parked,
                Err(refused) => return Ok(Err(refused.into())),
            };
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let all: Vec<Parked> = waiting.iter().cloned().chain([parked.clone()]).collect();
            let own = FactName::refund(&refund.id).key;
            if self.park(own, claimed.as_ref(), &all, setting).await? {
                return Ok(Ok(Refunded::Parked { parked: Box::new(parked), replayed: false }));
            }
            if let Some(refused) = self.elsewhere(own, instruction, &parked, setting).await? {
                return Ok(Err(refused));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Decides a refund without writing anything.
    ///
    /// # Errors
    /// As [`Store::refund`].
    pub async fn try_out_refund(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Result<Refunded, Refused>, StoreError> {
        let instruction = &numbered(std::slice::from_ref(instruction), setting)[0];
        let refund = refund_of(instruction)?;
        let item = self.fact(FactName::order(&refund.order_id).key).await?.unwrap_or_default();
        match self.found(member, instruction, &item, setting).await? {
            Found::Answer(answer) => return Ok(answer),
            Found::Nobody => {}
            Found::Left(row) => row.may_be_under_way(setting.now)?,
            Found::Of(order) => {
                match self.try_out_on(&order.row.member, instruction, std::slice::from_ref(&*order), setting).await? {
                    Err(refused) if is_missing(&refused) => order.row.may_be_under_way(setting.now)?,
                    outcome => return Ok(outcome.map(recorded)),
                }
            }
        }
        let waiting = kept_in(&item)?;
        if let Some(refused) = points_of_no_order(instruction) {
            return Ok(Err(refused));
        }
        let parked = park(refund, member, &instruction.stamp, &waiting, setting);
        Ok(parked.map(|parked| Refunded::Parked { parked: Box::new(parked), replayed: false }).map_err(Refused::from))
    }

    /// A crash has left the claim of an order without its entry: whatever is still on its way to it loses its race from here on.
    async fn left_behind(&self, order_id: &str, row: &Row, setting: Setting<'_>) -> Result<(), StoreError> {
        row.may_be_under_way(setting.now)?;
        let record = self.read(&row.member, true).await?;
        if self.recorded(order_id, row, setting).await?.is_some() {
            return Err(StoreError::Busy);
        }
        self.fence(&record).await
    }

    /// Those for whom a member stands, of those whom something that waits for an order or another fact names.
    pub(crate) async fn stood_for(&self, member: &MemberId, order: &OrderRow) -> Result<Vec<MemberId>, StoreError> {
        let mut stood_for = Vec::new();
        for other in order.parked.iter().filter(|parked| parked.waits()).filter_map(|parked| parked.member.as_ref()) {
            if other != member && self.merged_into(other).await?.as_ref() == Some(member) {
                stood_for.push(other.clone());
            }
        }
        Ok(stood_for)
    }

    /// Who stands for a member in the end, if somebody does.
    pub(crate) async fn merged_into(&self, member: &MemberId) -> Result<Option<MemberId>, StoreError> {
        let mut survivor = None;
        for _ in 0..HOPS {
            let record = self.read(survivor.as_ref().unwrap_or(member), false).await?;
            let Membership::Merged { into } = record.account.membership else { break };
            survivor = Some(into);
        }
        Ok(survivor)
    }

    /// The entries of an account since its order was claimed.
    async fn entries_since(
        &self,
        member: &MemberId,
        claimed_at: Timestamp,
        setting: Setting<'_>,
    ) -> Result<Vec<Entry>, StoreError> {
        let since = setting.programmes.at(setting.now).less_skew(claimed_at);
        let reach = Reach { since, order: None, fact: None, sequence: None };
        Ok(self.read_back(member, &reach).await?.1)
    }

    /// What is known of a refund before anything is decided.
    async fn found(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        item: &Item,
        setting: Setting<'_>,
    ) -> Result<Found, StoreError> {
        let of_facts = |damage: Damage| damage.of(table::FACTS);
        if let Some(known) = kept_of(instruction, &kept_in(item)?) {
            let parked = known.map(|parked| Refunded::Parked { parked: Box::new(parked), replayed: true });
            return Ok(Found::Answer(parked));
        }
        if !item.contains_key("m") {
            return Ok(Found::Nobody);
        }
        let row = Row::decode(item).map_err(of_facts)?;
        let refund = refund_of(instruction)?;
        if let Some(before) = self.refunded_before_its_move(&row, instruction, setting).await? {
            return Ok(Found::Of(Box::new(OwnedOrder::of(&refund.order_id, before, item).map_err(of_facts)?)));
        }
        let named = match member {
            // Who reports a return need not know that the order was moved.
            Some(member) if *member != row.member && row.was_of(member).is_none() => {
                let stands = async |member: &MemberId| {
                    Ok::<_, StoreError>(self.merged_into(member).await?.unwrap_or_else(|| member.clone()))
                };
                Some((member, stands(member).await? == stands(&row.member).await?))
            }
            _ => None,
        };
        let foreign = named.filter(|(_, is_same)| !is_same).map(|(member, _)| member);
        let Some(other) = foreign.filter(|_| !planted!("bug-refund-of-any-member")) else {
            return Ok(Found::Of(Box::new(OwnedOrder::of(&refund.order_id, row, item).map_err(of_facts)?)));
        };
        if self.recorded(&refund.order_id, &row, setting).await?.is_none() {
            return Ok(Found::Left(Box::new(row)));
        }
        let mut claims = Claims::new();
        self.known(other, &[instruction], &mut claims, setting).await?;
        let refused = claims.into_values().find_map(Claim::refused);
        let refused = refused.unwrap_or_else(|| Refunding::from(Missing::NotFound { what: "order" }).into());
        Ok(Found::Answer(Err(refused)))
    }
}

impl Store {
    /// The order as it was when this very refund of it was recorded, if that was before it was moved: the refund is answered from there.
    async fn refunded_before_its_move(
        &self,
        row: &Row,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Option<Row>, StoreError> {
        if row.moves.is_empty() {
            return Ok(None);
        }
        let Some(fact) = instruction.claims(setting.programmes) else { return Ok(None) };
        let Some(item) = self.fact(fact.key).await?.filter(|item| item.contains_key("m")) else { return Ok(None) };
        let own = Row::decode(&item).map_err(|damage: Damage| damage.of(table::FACTS))?;
        let Some(since) = row.was_of(&own.member) else { return Ok(None) };
        let (_, entries) = self.claimed_in(instruction, &own, setting).await?;
        let recorded = instruction.recorded_in(&entries).is_some();
        Ok(recorded.then(|| row.when_it_was(own.member, since)))
    }
}

fn refund_of(instruction: &Instruction) -> Result<&Refund, StoreError> {
    match &instruction.command {
        Command::Refund(refund) => Ok(refund),
        _ => Err(StoreError::bug("a refund is another command")),
    }
}

fn recorded(done: Done) -> Refunded {
    Refunded::Recorded { member: done.member.clone(), done: Box::new(done) }
}

fn is_missing(refused: &Refused) -> bool {
    matches!(refused, Refused::Refunding(Refunding::Missing(_)))
}

/// A refund gives points back, and it is not known yet whether any paid for its order.
fn points_of_no_order(instruction: &Instruction) -> Option<Refused> {
    let words = "the order is not known yet; give its points back when it is";
    (!instruction.legs.is_empty()).then(|| Refunding::from(InvalidField::new("points_minor", words)).into())
}
