//! What a change of an account touches beside it: stock, vouchers.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::ledger::availability::{Reason, Unavailable};
use domain::ledger::effect::Effect;
use domain::ledger::hold::{EndingHold, HoldState};
use domain::ledger::refusal::Refused;
use domain::ledger::voucher::VoucherState;
use domain::planted;

use crate::attribute::Item;
use crate::ledger::account_item::{Record, encode_record};
use crate::write::{Next, Written};
use crate::{Store, StoreError, table};

/// What became of a write of an account.
pub(crate) enum Commit {
    /// It is in the ledger.
    Done,
    /// Something shared says no; nothing was written.
    Refused(Refused),
    /// Somebody else wrote first, or the table pushed back; nothing was written. The newer item, if it came back.
    Lost(Option<Item>),
}

/// A write beside the account's, and what its failed condition means.
struct Beside {
    write: TransactWriteItem,
    means: Means,
}

/// What a failed condition beside the account means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    /// A shard of stock is empty.
    OutOfStock,
    /// Somebody else changed the order's row, or the tally.
    RowChanged,
    /// The hold has ended, and made room for another.
    HoldEnded,
    /// The voucher of this code is not, or no longer, what was issued.
    NotIssued(Hash),
}

impl Store {
    /// Writes the account, and in the same transaction what the effects touch.
    pub(crate) async fn commit(
        &self,
        read: &Record,
        next: &Record,
        effects: &[Effect],
        first: bool,
    ) -> Result<Commit, StoreError> {
        let mut beside = Vec::new();
        for effect in effects {
            beside.extend(self.beside_account(&next.account.member, effect, first).await?);
        }
        let takes = effects.iter().any(|effect| matches!(effect, Effect::TakeStock { .. }));
        if takes && !beside.iter().any(|write| write.means == Means::OutOfStock) {
            return Ok(Commit::Refused(out_of_stock()));
        }
        if planted!("bug-stock-taken-apart") {
            for stock in beside.extract_if(.., |write| write.means == Means::OutOfStock) {
                if self.dynamodb.transact_write_items().transact_items(stock.write).send().await.is_err() {
                    return Ok(Commit::Lost(None));
                }
            }
        }
        let item = encode_record(next);
        let next = Next { table: &self.tables.accounts, key: table::MEMBER, item, read: read.version };
        let (writes, means): (Vec<_>, Vec<_>) = beside.into_iter().map(|beside| (beside.write, beside.means)).unzip();
        Ok(match self.write(next, writes).await? {
            Written::Done => Commit::Done,
            Written::Lost(newer) => Commit::Lost(newer),
            Written::Beside(..) if planted!("bug-race-out-of-stock") => Commit::Refused(out_of_stock()),
            Written::Beside(place, item) => match means[place] {
                Means::OutOfStock => Commit::Lost(None), // this shard is empty; the next plan looks at all of them
                Means::RowChanged => Commit::Lost(None), // it is read anew
                Means::HoldEnded => Commit::Refused(EndingHold::HoldNotOpen { state: HoldState::Expired }.into()),
                Means::NotIssued(code) => Commit::Refused(Self::why_not_issued(code, item.as_ref())?),
            },
        })
    }

    /// The writes of one effect; none if there is no stock left to take.
    async fn beside_account(&self, member: &MemberId, effect: &Effect, first: bool) -> Result<Vec<Beside>, StoreError> {
        match effect {
            Effect::TakeStock { reward, quantity, shards } => {
                let stock = self.stock(reward, *shards);
                let taken = self.take(&stock, member.as_str(), *quantity, first).await?;
                Ok(taken.into_iter().map(|write| Beside { write, means: Means::OutOfStock }).collect())
            }
            Effect::ReturnStock { reward, quantity, shards } => {
                let stock = self.stock(reward, *shards);
                let write = stock.give_back(stock.own_shard(member.as_str()), *quantity)?;
                Ok(vec![Beside { write, means: Means::OutOfStock }])
            }
            Effect::IssueVoucher(issued) => {
                let (code, voucher) = self.issued(member, issued).await?;
                Ok(vec![Beside { write: self.issue(code, &voucher)?, means: Means::NotIssued(code) }])
            }
            Effect::HoldOrder { order, hold, seen } => {
                Ok(vec![Beside { write: self.hold_order(order, hold, seen)?, means: Means::RowChanged }])
            }
            Effect::SettleParked { fact, parked, seen, at, programme } => {
                let write = self.settle_parked(*fact, seen, parked, (*at, *programme))?;
                Ok(vec![Beside { write, means: Means::RowChanged }])
            }
            Effect::Tally { of, seen, moved } => {
                let now = moved.last().map(|moved| moved.at).unwrap_or_default();
                Ok(vec![Beside { write: self.tallied(of, seen, moved, now)?, means: Means::RowChanged }])
            }
            Effect::EndHold { order, hold, paid } => {
                Ok(vec![Beside { write: self.end_hold(order, hold, *paid)?, means: Means::HoldEnded }])
            }
            Effect::VoidVoucher(issued) => {
                let (code, voucher) = self.issued(member, issued).await?;
                let write = self.turn(code, &voucher, VoucherState::Void)?;
                Ok(vec![Beside { write, means: Means::NotIssued(code) }])
            }
            Effect::UseVoucher { code, voucher } => {
                let write = self.turn(*code, voucher, VoucherState::Used)?;
                Ok(vec![Beside { write, means: Means::NotIssued(*code) }])
            }
        }
    }
}

fn out_of_stock() -> Refused {
    Unavailable::because(Reason::OutOfStock).into()
}
