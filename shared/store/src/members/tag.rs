//! Tags by hand: given, taken, and ended by time (rules: members 27).

use domain::kernel::id::MemberId;
use domain::members::facts::MemberFact;
use domain::members::tag::{Giving, Tagging, give, given, take};
use domain::programme::tag::{Tag, Tagger};
use jiff::Timestamp;

use crate::attribute::as_text;
use crate::error::damaged;
use crate::members::attempt::{Attempt, NotWritten};
use crate::members::enrol::Kept;
use crate::members::member_item::Stored;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::table::MEMBERS;
use crate::{Store, StoreError};

/// A tag is given or taken.
#[derive(Debug, Clone, Copy)]
pub enum Tags<'a> {
    /// Given.
    Give(Giving<'a>),
    /// Given by an import, that can be undone.
    Bring(Giving<'a>),
    /// Taken.
    Take(&'a str, Tagger),
}

/// What time had done to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Nothing.
    Nothing,
    /// It is written.
    Written,
    /// The account was closed for so long that the member is erased.
    Gone,
    /// Nothing was done for so long, as far as is known, that somebody has to look.
    Quiet,
}

impl Store {
    /// Gives a member a tag by hand, or takes it: the member afterwards.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn tag(
        &self,
        member: &MemberId,
        (tags, dictionary, reason): (Tags<'_>, &[Tag], Option<&str>),
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<Stored>, NotWritten<Tagging>>, StoreError> {
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], asking.setting.now).await?;
            let Some(Stored { member, version }) = opened.of(member) else {
                return Ok(Attempt::nobody(opened.finding(member)));
            };
            let mut after = member.clone();
            let mut facts = after.settle(asking.rules.today);
            let done = match tags {
                Tags::Give(giving) | Tags::Bring(giving) => give(dictionary, &after.tags, giving, asking.rules.today)
                    .map(|until| {
                        if after.tags.insert(giving.tag.to_owned(), until) != Some(until) {
                            facts.push(given(giving.tag, until));
                        }
                    }),
                Tags::Take(tag, by) => take(dictionary, &after.tags, tag, by).map(|()| {
                    if after.tags.remove(tag).is_some() {
                        facts.push(MemberFact::TagRemoved { tag: tag.to_owned(), kind: "manual".to_owned() });
                    }
                }),
            };
            if let Err(refused) = done {
                return Ok(Attempt::refused(refused));
            }
            let stored = |version| Stored { member: after.clone(), version };
            if after == *member {
                return Ok(Attempt::Same(Kept { decided: stored(*version), version: *version }));
            }
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let before = matches!(tags, Tags::Bring(_)).then_some(member);
            writing.member(&after, *version, News { facts: &facts, reason, before, ..News::default() })?;
            let version = version + 1;
            Ok(Attempt::Write(writing.all().await?, Kept { decided: stored(version), version }))
        };
        self.until_written(patience, attempt).await
    }

    /// Writes what time has done to a member: true if it had done anything.
    pub(crate) async fn end_tags(
        &self,
        member: &MemberId,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Settled, StoreError> {
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], asking.setting.now).await?;
            let Some(Stored { member, version }) = opened.members.get(member) else {
                return Ok::<_, StoreError>(Attempt::Same(Settled::Nothing));
            };
            if member.is_gone(asking.rules) {
                return Ok(Attempt::Same(Settled::Gone));
            }
            let mut after = member.clone();
            let facts = after.settle(asking.rules.today);
            if after == *member {
                let settled = if member.is_quiet(asking.rules) { Settled::Quiet } else { Settled::Nothing };
                return Ok(Attempt::<_, std::convert::Infallible>::Same(settled));
            }
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            writing.member(&after, *version, News { facts: &facts, ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, Settled::Written))
        };
        let Ok(settled) = self.until_written(patience, attempt).await?;
        Ok(settled)
    }

    /// Members of one shard to which time has done something by an instant.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_members(&self, shard: u32, until: Timestamp) -> Result<Vec<MemberId>, StoreError> {
        let found = self.due_items(self.tables.of(&MEMBERS)?, shard, until).await?;
        let member = |item| as_text(Some(item), MEMBERS.hash)?.parse().map_err(|_not_an_id| damaged(MEMBERS.hash));
        let members = found.iter().filter_map(|item| item.get(MEMBERS.hash)).map(member);
        Ok(members.collect::<Result<_, crate::Damage>>().map_err(|damage| damage.of(MEMBERS.name))?)
    }
}
