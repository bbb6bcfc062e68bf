//! A member has done nothing for long, as far as is known: somebody looks, and the member is told, erased, or looked at later (rules:
//! privacy 28, 29).

use std::convert::Infallible;

use domain::kernel::id::MemberId;
use domain::ledger::evaluation::is_act;
use domain::members::dormancy::{Does, Quiet, does};
use domain::members::erasing::Because;
use domain::members::facts::MemberFact;
use jiff::Timestamp;

use crate::members::attempt::Attempt;
use crate::members::member_item::Stored;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::{Store, StoreError};

/// How many entries are read at once.
const ENTRIES: usize = 100;

/// What came of a look.
#[derive(Clone, Copy)]
enum Looked {
    Nothing,
    Written,
    Erase,
}

impl Store {
    /// Reads what the member did last, and does what follows: true if anything.
    pub(crate) async fn look_at_quiet(
        &self,
        member: &MemberId,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let (rules, setting, zone) = (asking.rules, asking.setting, asking.rules.terms.zone);
        let held_until = self.request(member).await?.0.and_then(|request| request.held_until);
        let acted = [self.last_act(member).await?, self.last_signal(member, setting).await?];
        let found = acted.into_iter().flatten().max().map(|at| zone.date(at));
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], setting.now).await?;
            let quiet = opened.members.get(member).filter(|stored| stored.member.is_quiet(rules));
            let Some(Stored { member: before, version }) = quiet else {
                return Ok::<_, StoreError>(Attempt::<_, Infallible>::Same(Looked::Nothing));
            };
            let (noticed_on, mut facts) = (before.quiet.noticed_on, Vec::new());
            let active_on = before.active_on(zone).max(found.unwrap_or(jiff::civil::Date::MIN));
            let noticed_on = match does(rules.dormancy, active_on, noticed_on, held_until, rules.today) {
                Does::Waits => return Ok(Attempt::Same(Looked::Nothing)),
                Does::Erase => return Ok(Attempt::Same(Looked::Erase)),
                Does::Notice { purge_on } => {
                    let (purge_on, reachable) = (purge_on.to_string(), before.is_reachable(rules));
                    facts.push(MemberFact::DormantPurgeNotified { purge_on, reachable });
                    Some(rules.today)
                }
                Does::Nothing | Does::Dormant => noticed_on.filter(|noticed_on| active_on < *noticed_on),
            };
            let mut after = before.clone();
            after.quiet = Quiet { since: Some(active_on), noticed_on };
            if after == *before {
                return Ok(Attempt::Same(Looked::Nothing));
            }
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            writing.member(&after, *version, News { facts: &facts, ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, Looked::Written))
        };
        let Ok(looked) = self.until_written(patience, attempt).await?;
        match looked {
            Looked::Nothing => Ok(false),
            Looked::Written => Ok(true),
            Looked::Erase => self.purge(member, Because::Dormant, asking, patience).await,
        }
    }

    /// When the member last did something that is in the ledger.
    async fn last_act(&self, member: &MemberId) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = None;
        loop {
            let page = self.entries(member, newest, ENTRIES).await?;
            if let Some(act) = page.entries.iter().filter(|entry| is_act(entry)).map(|entry| entry.occurred_at).max() {
                return Ok(Some(act));
            }
            newest = page.next;
            if newest.is_none() {
                return Ok(None);
            }
        }
    }
}
