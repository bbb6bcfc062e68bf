//! An identifier is taken from a member (rules: members 12).

use domain::kernel::id::MemberId;
use domain::members::facts::MemberFact;
use domain::members::leaving::{Unlink, Unlinking, unlink};

use crate::members::attempt::{Attempt, NotWritten};
use crate::members::claims;
use crate::members::enrol::Kept;
use crate::members::member_item::Stored;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::table::CLAIMS;
use crate::{Store, StoreError};

impl Store {
    /// Takes an identifier from a member, and sets it free.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn unlink(
        &self,
        member: &MemberId,
        asked: &Unlink,
        (asking, source): (Asking<'_>, &str),
        patience: &mut Patience,
    ) -> Result<Result<Kept<bool>, NotWritten<Unlinking>>, StoreError> {
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], asking.setting.now).await?;
            let Some(Stored { member, version }) = opened.of(member) else {
                return Ok(Attempt::nobody(opened.finding(member)));
            };
            let mut after = member.clone();
            let held = match unlink(&mut after, asked, asking.rules.members) {
                Err(refused) => return Ok(Attempt::refused(refused)),
                Ok(None) => return Ok(Attempt::Same(Kept { decided: false, version: *version })),
                Ok(Some(held)) => held,
            };
            let kind = held.identifier.kind.to_string();
            let unlinked =
                [MemberFact::IdentifierUnlinked { kind, source: source.to_owned(), because: "unlinked".to_owned() }];
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            writing.member(&after, *version, News { facts: &unlinked, ..News::default() })?;
            let key = claims::key(&held.identifier.kind, held.index);
            let claim = self.claimed(std::slice::from_ref(&key)).await?.remove(&key);
            // A contact is another's; what somebody absorbed had is found under that id.
            let own = !held.contact && held.identifier.kind.is_unique();
            if let Some(claim) = claim.filter(|_| own)
                && self.stands_for(&member.id, &claim.member, asking).await?
            {
                writing.beside(claims::free(self.tables.of(&CLAIMS)?, &key, &claim.member)?);
            }
            Ok(Attempt::Write(writing.all().await?, Kept { decided: true, version: version + 1 }))
        };
        self.until_written(patience, attempt).await
    }

    /// Is one member the other, or stands for it?
    async fn stands_for(&self, member: &MemberId, other: &MemberId, asking: Asking<'_>) -> Result<bool, StoreError> {
        if member == other {
            return Ok(true);
        }
        let opened = self.open(asking.keys, vec![other.clone()], asking.setting.now).await?;
        Ok(opened.live(other) == Some(member))
    }
}
