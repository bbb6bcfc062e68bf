//! What goes after a member is gone: claims, the points of the account, signals; and that it is done (rules: privacy 21).

use domain::kernel::id::MemberId;
use domain::kernel::time::add_days;
use domain::members::erasing::{Because, Request, Work};
use domain::members::receipt::{Receipt, Step};
use domain::members::telling::Rules;
use domain::planted;
use jiff::Timestamp;

use crate::attribute::Item;
use crate::members::claims;
use crate::members::erasure_item::{encode_receipt, encode_request};
use crate::members::write::Asking;
use crate::race::Patience;
use crate::table::{CLAIMS, ERASURES, MEMBER_JOBS, SIGNALS, Table};
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// The most claims of a transaction.
const AT_ONCE: usize = 50;

impl Store {
    /// Does what is left of an erasure that has begun. Everything in it can be done again.
    pub(crate) async fn finish(
        &self,
        (mut request, mut version): (Request, u64),
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        let member = &request.member.clone();
        let (setting, now) = (asking.setting, asking.setting.now);
        let Some((mut receipt, mut read)) = self.receipt(member).await? else {
            return Err(StoreError::bug("an erasure that has begun has its row"));
        };
        let Some(Work { claims, signals }) = request.work.clone() else { return Ok(()) };
        let before = receipt.clone();
        self.free(&receipt, &claims, asking.rules, patience).await?;
        self.mark(receipt.erased_at).await?;
        self.close_account(member, receipt.because.in_the_ledger(), setting, patience).await?;
        let mut places = Vec::new();
        for whose in receipt.everybody() {
            places.extend(self.signal_places(whose).await?);
            if signals.is_none() {
                self.scrub(whose, now).await?;
            }
        }
        let signals = match signals {
            Some(counted) => counted,
            // How many there are is known before the first goes, so that whoever goes on after a crash says the same.
            None => {
                let counted = u64::try_from(places.len()).unwrap_or(u64::MAX);
                self.remember_records(&receipt, asking).await?;
                receipt.did(Step::Claims, u64::try_from(claims.len()).unwrap_or(u64::MAX), now);
                receipt.did(Step::Account, 1, now);
                read = self.keep_receipt(&receipt, read, asking).await?;
                request.work = Some(Work { claims: Vec::new(), signals: Some(counted) });
                version = self.keep_request((&request, version), Some(now), asking).await?;
                counted
            }
        };
        self.delete_all(self.tables.of(&SIGNALS)?, places).await?;
        receipt.did(Step::Signals, signals, now);
        if receipt.settle(now) {
            let missing: Vec<&String> =
                receipt.answers.iter().filter(|(_, said)| said.is_none()).map(|(name, _)| name).collect();
            tracing::error!(
                code = "erasure_unanswered",
                erasure = receipt.id(),
                ?missing,
                "an erasure is not answered"
            );
        }
        if receipt != before {
            self.keep_receipt(&receipt, read, asking).await?;
        }
        // What was on its way when the member went may have come since: somebody looks once more.
        let again = Some(receipt.again()).filter(|again| now < *again);
        let open = receipt.looked_at(now).into_iter().chain(again).min();
        self.keep_request((&request, version), open, asking).await?;
        Ok(())
    }

    /// What the member was known by: set free, or kept from coming back.
    pub(crate) async fn free(
        &self,
        receipt: &Receipt,
        keys: &[String],
        rules: Rules<'_>,
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        let table = self.tables.of(&CLAIMS)?;
        let until = add_days(receipt.erased_at, rules.privacy.suppress_days);
        for some in keys.chunks(AT_ONCE) {
            loop {
                let mut writes = Vec::new();
                for (key, claim) in self.claimed(some).await? {
                    let ours = receipt.everybody().any(|member: &MemberId| *member == claim.member);
                    if !ours || planted!("bug-erased-claim-left") {
                        continue;
                    }
                    // Who was here by mistake may come again.
                    let comes = receipt.because == Because::Undone;
                    let away = !comes && rules.privacy.suppress_days > 0 && claims::stays_away(&key);
                    writes.push(if away {
                        claims::suppress(table, &key, &claim.member, (receipt.erased_at, until))?
                    } else {
                        claims::free(table, &key, &claim.member)?
                    });
                }
                if writes.is_empty() {
                    break;
                }
                if !patience.in_time() {
                    return Err(StoreError::Busy);
                }
                if self.transact_all(writes).await? {
                    break;
                }
                if !patience.again().await {
                    return Err(StoreError::Busy);
                }
            }
        }
        Ok(())
    }

    async fn keep_request(
        &self,
        (request, read): (&Request, u64),
        open: Option<Timestamp>,
        asking: Asking<'_>,
    ) -> Result<u64, StoreError> {
        self.keep_version(&MEMBER_JOBS, encode_request(request, read + 1, open, asking.setting), read).await
    }

    async fn keep_receipt(&self, receipt: &Receipt, read: u64, asking: Asking<'_>) -> Result<u64, StoreError> {
        self.keep_version(&ERASURES, encode_receipt(receipt, read + 1, asking.setting.now), read).await
    }

    pub(super) async fn keep_version(&self, table: &Table, item: Item, read: u64) -> Result<u64, StoreError> {
        let next = Next { table: self.tables.of(table)?, key: table.hash, item, read };
        match self.write(next, Vec::new()).await? {
            Written::Done => Ok(read + 1),
            // Somebody else goes on with it; the next run finds what is left.
            Written::Lost(_) | Written::Beside(..) => Err(StoreError::Busy),
        }
    }
}
