//! What is known of members, gathered for a file (rule: import 17).

use domain::kernel::id::MemberId;
use domain::members::exporting::Content;
use domain::members::looking::Retention;
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use futures_util::future::join_all;
use intake::{Sorted, called, conflict_rows, consent_rows, entry_row, lot_rows, member_row};
use store::{Keys, Store, StoreError};

use crate::work::AT_ONCE;

/// The most entries of a page.
const ENTRIES: usize = 100;

/// With what rows are gathered.
#[derive(Debug)]
pub(crate) struct Gathering<'a> {
    /// From where.
    pub(crate) store: &'a Store,
    /// Under which keys.
    pub(crate) keys: &'a Keys,
    /// What is written.
    pub(crate) kind: Content,
    /// By which source's names members are called.
    pub(crate) source: Option<String>,
    /// When, and by which programmes.
    pub(crate) setting: Setting<'a>,
}

impl Gathering<'_> {
    /// What a file has of members.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn rows(&self, members: &[MemberId]) -> Result<Vec<Sorted>, StoreError> {
        let mut rows = Vec::new();
        for some in members.chunks(AT_ONCE) {
            for of in join_all(some.iter().map(|member| self.of(member))).await {
                rows.extend(of?);
            }
        }
        Ok(rows)
    }

    /// What it has of one; nothing of who is gone by now.
    async fn of(&self, member: &MemberId) -> Result<Vec<Sorted>, StoreError> {
        let Self { store, keys, setting, .. } = self;
        if self.kind == Content::Entries {
            return self.entries(member).await;
        }
        let Ok(stored) = store.member(keys, member, setting.now).await? else { return Ok(Vec::new()) };
        let Some(known) = Some(stored.member).filter(|known| known.id == *member) else { return Ok(Vec::new()) };
        let programme = setting.programmes.at(setting.now);
        let name = called(&known, self.source.as_deref());
        Ok(match self.kind {
            Content::Members => {
                let retention = Retention::of(Rules::of(programme, setting.now));
                vec![member_row(&known, &name, retention, programme.zone())]
            }
            Content::Consents => consent_rows(&known, &name),
            Content::Lots => {
                let account = store.account_at(member, setting.now, *setting).await?;
                account.map(|account| lot_rows(&account, &name, programme.zone())).unwrap_or_default()
            }
            Content::Entries | Content::Conflicts => Vec::new(),
        })
    }

    async fn entries(&self, member: &MemberId) -> Result<Vec<Sorted>, StoreError> {
        let (mut rows, mut newest) = (Vec::new(), None);
        loop {
            let page = self.store.entries(member, newest, ENTRIES).await?;
            rows.extend(page.entries.iter().map(|entry| entry_row(member, entry)));
            newest = page.next;
            if newest.is_none() {
                return Ok(rows);
            }
        }
    }
}

/// Everything that is to be decided between two members.
///
/// # Errors
/// What the store says.
pub(crate) async fn conflicts(store: &Store) -> Result<Vec<Sorted>, StoreError> {
    let (mut rows, mut place) = (Vec::new(), None);
    loop {
        let (conflicts, next) = store.open_conflicts(place.as_ref()).await?;
        rows.extend(conflicts.iter().flat_map(conflict_rows));
        place = next;
        if place.is_none() {
            return Ok(rows);
        }
    }
}
