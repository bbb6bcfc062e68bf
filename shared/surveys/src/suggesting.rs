//! Whoever wished something is found when it is accepted and when it is done, and then told, page by page (rules: voice 25).

use domain::kernel::change::Change;
use domain::kernel::id::{MemberId, OperationId};
use domain::voice::{Suggestion, SuggestionId, SuggestionRefusal, Upto};
use jiff::Timestamp;
use store::aggregate::Read;
use store::{Patience, Store, StoreError};
use tokio::time::Instant;

use crate::Surveys;

/// What a suggestion comes to, with members who wished it besides.
///
/// # Errors
/// As [`Suggestion::note`].
pub fn noting(
    moved: Change<Suggestion>,
    wished: &[(MemberId, String)],
    now: Timestamp,
) -> Result<Change<Suggestion>, SuggestionRefusal> {
    let noted = moved.state.note(wished, None, now)?;
    Ok(Change { facts: moved.facts, ..noted })
}

impl Surveys<'_> {
    /// Members who are chosen by hand and not noted yet, each with what that belongs to: nothing else; or the first who is not here.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn chosen(
        &self,
        id: SuggestionId,
        members: &[MemberId],
    ) -> Result<Result<Vec<(MemberId, String)>, usize>, StoreError> {
        let mut chosen = Vec::with_capacity(members.len());
        for (place, member) in members.iter().enumerate() {
            let Some(open) = self.open(member).await? else { return Ok(Err(place)) };
            let correlation = OperationId::of_fact("suggestion", &id.to_string(), member.as_str());
            chosen.push((open, correlation.to_string()));
        }
        self.store.not_noted(id, chosen).await.map(Ok)
    }

    /// Finds and tells, page by page, until it is done or there is no time left; was there anything?
    pub(crate) async fn go_on(
        &self,
        id: SuggestionId,
        deadline: Instant,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let key = Store::suggestion_key(id);
        let mut went = false;
        while Instant::now() < deadline {
            let Some(suggestion) = self.store.get::<Suggestion>(&key, Read::Strong).await? else { break };
            if suggestion.is_looking() {
                self.look(&suggestion, patience).await?;
            } else if suggestion.is_telling() {
                self.tell(&suggestion, patience).await?;
            } else {
                break;
            }
            went = true;
        }
        Ok(went)
    }

    async fn look(&self, suggestion: &Suggestion, patience: &mut Patience) -> Result<(), StoreError> {
        let after = place(suggestion.found.as_ref());
        let (wishing, next) = self.store.wishing(&suggestion.theme, after).await?;
        let mut living = Vec::with_capacity(wishing.len());
        for (member, correlation) in wishing {
            living.extend(self.open(&member).await?.map(|member| (member, correlation)));
        }
        let fresh = self.store.not_noted(suggestion.id, living).await?;
        let found = next.map_or(Upto::Everybody, Upto::This);
        let key = Store::suggestion_key(suggestion.id);
        let read = suggestion.found.clone();
        let noted = self.store.settle::<Suggestion>(&key, self.setting(), patience, |now, setting| {
            // Somebody else may have looked further meanwhile.
            if now.found == read {
                now.note(&fresh, Some(found.clone()), setting.now)
            } else {
                Ok(Change::to(now.clone()))
            }
        });
        noted.await?.map(drop).map_err(|_meanwhile| StoreError::Busy)
    }

    async fn tell(&self, suggestion: &Suggestion, patience: &mut Patience) -> Result<(), StoreError> {
        let (all, next) = self.store.contributors(suggestion.id, place(suggestion.told.as_ref())).await?;
        let mut page = Vec::with_capacity(all.len());
        for (member, correlation) in all {
            // Told is who was noted; who was absorbed since is told by who stands for them, if they are not noted themselves.
            page.extend(self.open(&member).await?.map(|_| (member, correlation)));
        }
        let told = next.map_or(Upto::Everybody, Upto::This);
        let Some(thanked) = suggestion.thank(&page, told.clone()) else { return Ok(()) };
        self.store.thank(&thanked, self.setting()).await?;
        let key = Store::suggestion_key(suggestion.id);
        let settled = self.store.settle::<Suggestion>(&key, self.setting(), patience, |now, _| {
            Ok(Change::to(now.thank(&[], told.clone()).map_or_else(|| now.clone(), |thanked| thanked.after)))
        });
        settled.await?.map(drop).map_err(|_meanwhile| StoreError::Busy)
    }

    /// Who stands for a member, if they have not left.
    async fn open(&self, member: &MemberId) -> Result<Option<MemberId>, StoreError> {
        Ok(self.store.invitee(member).await?.filter(|invitee| invitee.is_open).map(|invitee| invitee.member))
    }
}

fn place(upto: Option<&Upto>) -> Option<&str> {
    match upto? {
        Upto::This(place) => Some(place),
        Upto::Everybody => None,
    }
}
