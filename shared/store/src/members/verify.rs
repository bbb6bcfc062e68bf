//! A code is sent to an identifier, and said (rules: members 12).

use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::members::facts::MemberFact;
use domain::members::identifier::Index;
use domain::members::verification::{Heard, VALID, Verification, Verifying, code, confirm, not_that, send, verifiable};
use jiff::Timestamp;

use crate::members::attempt::{Attempt, NotWritten};
use crate::members::claims::{self, Claimed, Seen};
use crate::members::enrol::Kept;
use crate::members::member_item::Stored;
use crate::members::verification_item::{decode, encode, key};
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::sealed::keys::{CODES, Keys};
use crate::table::{CLAIMS, MEMBER_JOBS};
use crate::{Store, StoreError};

/// Which identifier of whom, and what of it the caller sees.
#[derive(Debug, Clone, Copy)]
pub struct OfMember<'a> {
    /// Whose.
    pub member: &'a MemberId,
    /// Its number.
    pub n: u32,
    /// The sources whose identifiers the caller sees; none if it sees all.
    pub of: Option<&'a [String]>,
}

impl Store {
    /// Has a code sent to an identifier: until when it is good.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races; what DynamoDB or the master key says; or an item is not what was written.
    pub async fn send_code(
        &self,
        OfMember { member, n, of }: OfMember<'_>,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Timestamp, NotWritten<Verifying>>, StoreError> {
        let (keys, now) = (asking.keys, asking.setting.now);
        let attempt = || async move {
            let opened = self.open(keys, vec![member.clone()], now).await?;
            let Some(Stored { member, version }) = opened.of(member) else {
                return Ok(Attempt::nobody(opened.finding(member)));
            };
            let index = match verifiable(member, n, of) {
                Ok(held) => held.index,
                Err(refused) => return Ok(Attempt::refused(refused)),
            };
            let (known, read) = self.verification(index).await?;
            let id = Hash(keys.draw().bytes()?).to_string().chars().take(32).collect();
            let sent = match send(known.as_ref(), &member.id, id, now) {
                Ok(sent) => sent,
                Err(refused) => return Ok(Attempt::refused(refused)),
            };
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let facts = [MemberFact::VerificationWanted { verification: sent.id.clone(), identifier: n }];
            writing.member(member, *version, News { facts: &facts, ..News::default() })?;
            writing.put(&MEMBER_JOBS, encode(index, &sent, read + 1, now), read)?;
            Ok(Attempt::Write(writing.all().await?, now.saturating_add(VALID).unwrap_or(now)))
        };
        self.until_written(patience, attempt).await
    }

    /// Somebody says the code: the identifier is verified by it.
    ///
    /// # Errors
    /// As [`Store::send_code`].
    pub async fn say_code(
        &self,
        OfMember { member, n, of }: OfMember<'_>,
        said: &str,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<Timestamp>, NotWritten<Verifying>>, StoreError> {
        let (keys, now) = (asking.keys, asking.setting.now);
        let attempt = || async move {
            let opened = self.open(keys, vec![member.clone()], now).await?;
            let Some(Stored { member, version }) = opened.of(member) else {
                return Ok(Attempt::nobody(opened.finding(member)));
            };
            let held = match verifiable(member, n, of) {
                Ok(held) => held.clone(),
                Err(refused) => return Ok(Attempt::refused(refused)),
            };
            let (known, read) = self.verification(held.index).await?;
            let code = match &known {
                Some(known) => self.code(keys, known).await?,
                None => String::new(),
            };
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let verification = match confirm(known.as_ref(), &member.id, (said, &code), now) {
                Err(refused) => return Ok(Attempt::refused(refused)),
                Ok(Heard::Again) => {
                    let at = held.verified_at.unwrap_or(now);
                    return Ok(Attempt::Same(Ok(Kept { decided: at, version: *version })));
                }
                Ok(Heard::Wrong(counted)) => {
                    writing.put(&MEMBER_JOBS, encode(held.index, &counted, read + 1, now), read)?;
                    return Ok(Attempt::Write(writing.all().await?, Err(not_that(&counted))));
                }
                Ok(Heard::Right(done)) => done,
            };
            writing.put(&MEMBER_JOBS, encode(held.index, &verification, read + 1, now), read)?;
            let mut after = member.clone();
            after.verified(held.index, now);
            let notes = vec![("verified", held.identifier.kind.to_string().into())];
            writing.member(&after, *version, News { notes, ..News::default() })?;
            // Whom it was claimed by, even if another stands for that member now.
            let key = claims::key(&held.identifier.kind, held.index);
            let claim = self.claimed(std::slice::from_ref(&key)).await?.remove(&key);
            let claimed = claim.as_ref().map_or(&member.id, |claim| &claim.member);
            let verified = Claimed { member: claimed.clone(), verified_at: Some(now) };
            let seen = Seen::of(claim.as_ref());
            writing.beside(claims::put(self.tables.of(&CLAIMS)?, &key, &verified, seen, now)?);
            Ok(Attempt::Write(writing.all().await?, Ok(Kept { decided: now, version: version + 1 })))
        };
        // A wrong code is counted, which is written; then it is refused.
        let written = self.until_written(patience, attempt).await?;
        Ok(written.and_then(|said| said.map_err(NotWritten::Refused)))
    }

    /// The code that was sent to an identifier last, for whoever sends it. None if none was.
    ///
    /// # Errors
    /// As [`Store::send_code`].
    pub async fn sent_code(
        &self,
        keys: &Keys,
        member: &MemberId,
        n: u32,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let stored = self.member(keys, member, now).await?;
        let held = stored.ok().and_then(|stored| stored.member.identifiers.into_iter().find(|held| held.n == n));
        let Some(held) = held else { return Ok(None) };
        match self.verification(held.index).await?.0 {
            Some(known) if known.member == *member => self.code(keys, &known).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn code(&self, keys: &Keys, verification: &Verification) -> Result<String, StoreError> {
        Ok(code(self.mac(keys, CODES, &verification.id).await?))
    }

    async fn verification(&self, index: Index) -> Result<(Option<Verification>, u64), StoreError> {
        let found = self.job(key(index)).await?.as_ref().map(decode).transpose()?;
        Ok(found.map_or((None, 0), |(known, version)| (Some(known), version)))
    }
}
