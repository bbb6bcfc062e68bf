//! Members of whom no more is known than that they are there.

use std::collections::BTreeMap;
use std::convert::Infallible;

use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::ledger::membership::Gone;
use domain::ledger::refusal::{Nobody, Refused};
use domain::members::facts::MemberFact;
use domain::members::finding::Finding;
use domain::members::state::Member;
use domain::programme::members::Enrol;
use domain::programme::setting::Setting;

use crate::attribute::text;
use crate::members::attempt::Attempt;
use crate::members::member_item::{is_erased, stands_for};
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::table::MEMBERS;
use crate::{Store, StoreError};

/// Who is there under an id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nobody,
    Member,
    Erased,
}

impl Store {
    /// Is somebody enrolled under this id, whatever has become of them?
    async fn is_member(&self, member: &MemberId) -> Result<bool, StoreError> {
        Ok(self.found_under(member).await? != Found::Nobody)
    }

    /// What has become of who was enrolled under this id, as far as others than its own function are told.
    async fn found_under(&self, member: &MemberId) -> Result<Found, StoreError> {
        let get =
            self.dynamodb.get_item().table_name(self.tables.of(&MEMBERS)?).key(MEMBERS.hash, text(member.as_str()));
        let found = get.projection_expression("st").consistent_read(true).send().await?;
        Ok(match found.item {
            None => Found::Nobody,
            Some(item) if is_erased(&item) => Found::Erased,
            Some(_) => Found::Member,
        })
    }

    /// Why nothing is noted of somebody: there is none, or none any more.
    pub(crate) async fn unnoted(&self, member: &MemberId, setting: Setting<'_>) -> Result<Option<Refused>, StoreError> {
        let open = setting.programmes.at(setting.now).document().members.enrol == Enrol::Open;
        Ok(match self.found_under(member).await? {
            Found::Erased => Some(Gone::MemberErased.into()),
            Found::Nobody if !open => Some(Nobody { field: "subject" }.into()),
            Found::Nobody | Found::Member => None,
        })
    }

    /// Who stands for a member, and then all for whom that one stands; or that there is nobody, or nobody any more. Nothing is opened.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is not what was written.
    pub async fn everybody(&self, member: &MemberId) -> Result<Result<Vec<MemberId>, Finding>, StoreError> {
        let mut live = member.clone();
        for _ in 0..HOPS {
            let get =
                self.dynamodb.get_item().table_name(self.tables.of(&MEMBERS)?).key(MEMBERS.hash, text(live.as_str()));
            let get = get.projection_expression("st, si, ab").consistent_read(true);
            let Some(item) = get.send().await?.item else { break };
            if is_erased(&item) {
                return Ok(Err(Finding::MemberErased));
            }
            let (into, absorbed) = stands_for(&item).map_err(|damage| damage.of(MEMBERS.name))?;
            match into {
                Some(into) => live = into,
                None => return Ok(Ok([vec![live], absorbed].concat())),
            }
        }
        Ok(Err(Finding::UnknownMember))
    }

    /// May the ledger open an account under this id? Where members are enrolled by being told to, it must be one's.
    pub(crate) async fn may_open(&self, member: &MemberId, setting: Setting<'_>) -> Result<bool, StoreError> {
        match setting.programmes.at(setting.now).document().members.enrol {
            Enrol::Open => Ok(true),
            Enrol::Explicit => self.is_member(member).await,
        }
    }

    /// Enrols somebody of whom no more is known, as a source says; who is a member already stays as it is. Was it news?
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn enrol_bare(
        &self,
        member: &MemberId,
        source: &str,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let now = asking.setting.now;
        let attempt = || async move {
            if self.is_member(member).await? {
                return Ok::<_, StoreError>(Attempt::<_, Infallible>::Same(false));
            }
            let (key, write) = self.new_member_key(asking.keys, member, now).await?;
            let keys = BTreeMap::from([(member.clone(), key)]);
            let mut writing = Writing::new(self, asking, &keys, vec![write]);
            let facts = [MemberFact::MemberEnrolled { source: source.to_owned() }];
            let bare = Member::enrolled(member.clone(), source.to_owned(), now);
            writing.member(&bare, 0, News { facts: &facts, ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, true))
        };
        let Ok(news) = self.until_written(patience, attempt).await?;
        Ok(news)
    }
}
