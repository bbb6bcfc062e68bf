//! A consent that waits for its confirmation is confirmed (rules: privacy 4).

use domain::kernel::id::MemberId;
use domain::members::consent::{Subject, confirm};
use domain::members::telling::{Heard, Telling};

use crate::members::attempt::{Attempt, NotWritten};
use crate::members::member_item::Stored;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::{Store, StoreError};

impl Store {
    /// Confirms what waits for it.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn confirm(
        &self,
        member: &MemberId,
        subject: &Subject,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<(), NotWritten<Telling>>, StoreError> {
        let now = asking.setting.now;
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], now).await?;
            let Some(Stored { member, version }) = opened.of(member) else {
                return Ok(Attempt::nobody(opened.finding(member)));
            };
            let record = match confirm(&member.consents, subject.clone(), now) {
                Ok(record) => record,
                Err(refused) => return Ok(Attempt::refused(refused)),
            };
            let mut after = member.clone();
            record.apply(&mut after.consents);
            let heard = Heard { records: vec![record], ..Heard::default() };
            let facts = heard.facts("page");
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let records = heard.records.iter().collect();
            writing.member(&after, *version, News { facts: &facts, records, ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, ()))
        };
        self.until_written(patience, attempt).await
    }
}
