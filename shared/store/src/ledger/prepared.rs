//! A command that is written together with something else: decided as any, and handed over as a part of a transaction.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::kernel::id::MemberId;
use domain::ledger::command::Instruction;
use domain::ledger::refusal::Refused;
use domain::programme::setting::Setting;

use crate::attribute::number;
use crate::ledger::account_item::encode_record;
use crate::ledger::accounts::{Beside, Done};
use crate::ledger::facts::Claims;
use crate::outbox::VERSION;
use crate::{Store, StoreError, table};

/// A command that was decided, and is not written yet.
pub(crate) struct Prepared {
    /// What comes of it.
    pub(crate) done: Done,
    /// The account in its next version; none if the command is in the ledger already.
    pub(crate) write: Option<TransactWriteItem>,
}

impl Store {
    /// Decides a command that is no fact, on the account as it is now. It is written by whoever asked, if at all, and not if the account
    /// is another by then; what it touches beside the account is refused.
    pub(crate) async fn prepare(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Result<Prepared, Refused>, StoreError> {
        let read = self.read(member, true).await?;
        let beside = Beside { claims: &Claims::new(), orders: &[] };
        let mut decided = self.decide(&read, std::slice::from_ref(instruction), beside, setting).await?;
        let outcome = decided.outcomes.pop().ok_or_else(|| StoreError::bug("one command has one outcome"))?;
        let done = match outcome {
            Ok(done) => done,
            Err(refused) => return Ok(Err(refused)),
        };
        if !decided.effects.is_empty() {
            return Err(StoreError::bug("what is written with something else touches nothing beside the account"));
        }
        if done.replayed {
            return Ok(Ok(Prepared { done, write: None }));
        }
        let sealed = self.seal_if_full(&read, decided.record, Self::BUDGET).await?;
        let put = Put::builder().table_name(&self.tables.accounts).set_item(Some(encode_record(&sealed)));
        let put = if read.version == 0 {
            put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", table::MEMBER)
        } else {
            put.condition_expression("#version = :version")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":version", number(read.version))
        };
        let write = TransactWriteItem::builder().put(put.build()?).build();
        Ok(Ok(Prepared { done, write: Some(write) }))
    }
}
