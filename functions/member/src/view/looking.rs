//! Who looks at whom, and how a part is read.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::id::MemberId;
use domain::ledger::account::Account;
use domain::ledger::entry::Entry;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use lambda::{BoxFuture, Failure, Principal, Private, Problem, Request};
use serde_json::Value;
use store::{StoreError, StoredMember};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::wire::view::PartReply;

/// How long a part may take.
const PATIENCE: Duration = Duration::from_millis(800);

/// Among so many of the newest entries orders and vouchers are looked for.
const ENTRIES: usize = 100;

/// Of a list so many are shown.
pub(super) const NEWEST: usize = 10;

/// A part of the view.
pub(super) struct Part {
    pub(super) name: &'static str,
    /// The context that knows it.
    pub(super) source: &'static str,
    pub(super) read: for<'a> fn(&'a View<'a>) -> BoxFuture<'a, Result<Shown, Failure>>,
}

/// What a part shows, and the address of the rest of it.
pub(super) struct Shown {
    pub(super) data: Value,
    pub(super) next: Option<String>,
}

impl Shown {
    /// All of it.
    pub(super) fn whole(data: Value) -> Self {
        Self { data, next: None }
    }

    /// The first of a list, and the address of the rest if there is more.
    pub(super) fn list(mut all: Vec<Value>, rest: impl FnOnce() -> String) -> Self {
        let next = (all.len() > NEWEST).then(rest);
        all.truncate(NEWEST);
        Self { data: all.into(), next }
    }
}

/// Who looks at whom.
pub(super) struct View<'a> {
    pub(super) app: &'a Private,
    pub(super) principal: &'a Principal,
    /// Who was asked for.
    pub(super) asked: &'a MemberId,
    /// Who stands for that one now.
    pub(super) member: MemberId,
    /// What `members` knows, if it could be read.
    stored: Result<StoredMember, Failure>,
    pub(super) programmes: &'a Programmes,
    pub(super) now: Timestamp,
    /// What several parts are made of is read once.
    account: OnceCell<Account>,
    entries: OnceCell<Vec<Entry>>,
}

impl<'a> View<'a> {
    pub(super) fn setting(&self) -> Setting<'_> {
        Setting { programmes: self.programmes, now: self.now }
    }

    pub(super) fn stored(&self) -> Result<&StoredMember, Failure> {
        self.stored.as_ref().map_err(Clone::clone)
    }

    /// The account as it stands; an empty one if nothing has happened yet.
    pub(super) async fn account(&self) -> Result<&Account, Failure> {
        let read = || async {
            let account = self.app.store().account_at(&self.member, self.now, self.setting()).await?;
            Ok(account.unwrap_or_else(|| Account::new(self.member.clone())))
        };
        self.account.get_or_try_init(read).await
    }

    /// The newest entries, oldest first.
    pub(super) async fn entries(&self) -> Result<&[Entry], Failure> {
        let read = || async {
            let mut entries = self.app.store().entries(&self.member, None, ENTRIES).await?.entries;
            entries.reverse();
            Ok::<_, StoreError>(entries)
        };
        Ok(self.entries.get_or_try_init(read).await?)
    }

    /// The address of something of the member.
    pub(super) fn address(&self, of: &str) -> String {
        format!("/v1/members/{}/{of}", self.member)
    }

    pub(super) async fn of(
        app: &'a Private,
        request: &'a Request,
        programmes: &'a Programmes,
    ) -> Result<Self, Failure> {
        let (asked, now) = (request.member()?, app.now());
        let found = in_time(async { Ok(app.store().member(app.keys(), asked, now).await?) }).await;
        let stored = match found {
            Ok(Err(finding)) => return Err(Problem::refused(&finding).into()),
            Ok(Ok(stored)) => Ok(stored),
            Err(failure) => Err(failure),
        };
        let member = stored.as_ref().map_or_else(|_| asked.clone(), |stored| stored.member.id.clone());
        let principal = request.principal()?;
        let (account, entries) = (OnceCell::new(), OnceCell::new());
        Ok(Self { app, principal, asked, member, stored, programmes, now, account, entries })
    }

    pub(super) async fn part(&self, part: &Part) -> PartReply {
        let shown = in_time((part.read)(self)).await;
        match shown {
            Ok(Shown { data, next }) => PartReply::shown(part.source, (self.now, self.app.now()), data, next),
            Err(failure) => {
                drop(failure.answered()); // it is logged; who looks is told that it cannot be had
                PartReply::unavailable(part.source)
            }
        }
    }
}

/// What takes too long is not waited for.
async fn in_time<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(late) => Err(Failure::Unavailable(Arc::new(late))),
    }
}
