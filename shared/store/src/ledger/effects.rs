//! What a change of an account touches beside it: stock, vouchers.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::kernel::id::MemberId;
use domain::ledger::availability::{Reason, Unavailable};
use domain::ledger::effect::Effect;
use domain::ledger::refusal::Refused;
use domain::ledger::voucher::{UsingVoucher, VoucherCode};
use domain::planted;
use jiff::SignedDuration;

use crate::attribute::{Item, instant, number, text};
use crate::ledger::account_item::{Record, encode_record};
use crate::write::{Next, Written};
use crate::{Store, StoreError, table};

/// How long a voucher is kept after its last day.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

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
    /// The voucher was used.
    VoucherUsed,
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
            Written::Beside(_) if planted!("bug-race-out-of-stock") => Commit::Refused(out_of_stock()),
            Written::Beside(place) => match means[place] {
                Means::OutOfStock => Commit::Lost(None), // this shard is empty; the next plan looks at all of them
                Means::VoucherUsed => Commit::Refused(UsingVoucher::VoucherUsed.into()),
            },
        })
    }

    /// The writes of one effect; none if there is no stock left to take.
    async fn beside_account(&self, member: &MemberId, effect: &Effect, first: bool) -> Result<Vec<Beside>, StoreError> {
        let vouchers = &self.tables.vouchers;
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
            Effect::IssueVoucher { operation, reward, expires_at } => {
                let code = VoucherCode::derive(&self.voucher_secret().await?, member, *operation);
                let put = Put::builder().table_name(vouchers).item(table::ID, text(table::voucher(code.hash())));
                let put = put.item("member", text(member.as_str())).item("reward", text(reward));
                let put = put.item("state", text("issued")).item("expires_at", instant(*expires_at));
                let ends = expires_at.saturating_add(KEPT).expect("a duration suits a timestamp");
                let put = put.item(table::TTL, number(ends.as_second()));
                let put = put.condition_expression("attribute_not_exists(id)").build()?;
                // A code of 80 bits that exists already is this very voucher, written by a try whose answer was lost.
                Ok(vec![Beside { write: TransactWriteItem::builder().put(put).build(), means: Means::VoucherUsed }])
            }
            Effect::VoidVoucher { operation } => {
                let code = VoucherCode::derive(&self.voucher_secret().await?, member, *operation);
                let update = Update::builder().table_name(vouchers).key(table::ID, text(table::voucher(code.hash())));
                let update = update.update_expression("SET #state = :void");
                let update = update.expression_attribute_names("#state", "state");
                let update = update.expression_attribute_values(":void", text("void"));
                let update = if planted!("bug-voucher-voided-though-used") {
                    update
                } else {
                    update
                        .condition_expression("#state = :issued")
                        .expression_attribute_values(":issued", text("issued"))
                };
                let write = TransactWriteItem::builder().update(update.build()?).build();
                Ok(vec![Beside { write, means: Means::VoucherUsed }])
            }
        }
    }
}

fn out_of_stock() -> Refused {
    Unavailable::because(Reason::OutOfStock).into()
}
