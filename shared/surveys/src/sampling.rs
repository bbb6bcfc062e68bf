//! Whose turn it is today, and whose it was on days that were missed, is asked (rules: voice 9).

use domain::kernel::id::{MemberId, OperationId};
use domain::programme::voice::survey::{Survey, Trigger};
use domain::voice::About;
use domain::voice::inviting::Invited;
use domain::voice::sampling::{Quarter, opens, rings, sample_key};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::ToSpan as _;
use jiff::civil::Date;
use store::{Patience, StoreError};
use tokio::time::Instant;

use crate::Surveys;
use crate::hearing::Wanted;

/// How many are asked at once.
const AT_ONCE: usize = 16;

impl Surveys<'_> {
    /// Invites whoever has a turn, survey by survey, until a deadline; how many were. What is left the next run finds.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn sample(&self, deadline: Instant, patience: impl Fn() -> Patience + Copy) -> Result<u64, StoreError> {
        let mut invited = 0;
        let quarterly = self.programme().document().survey.iter();
        for survey in quarterly.filter(|survey| survey.trigger == Trigger::Quarterly) {
            let zone = self.programme().zone();
            let today = zone.date(self.now);
            let last = if self.now < opens(today, zone) { today.saturating_sub(1.day()) } else { today };
            let sampled = self.store.sampled(&survey.id).await?;
            let first = sampled.map_or(last, |date| date.saturating_add(1.day())).max(Quarter::of(last).first());
            let mut date = first;
            while date <= last {
                let Some(some) = self.turns(survey, date, deadline, patience).await? else { return Ok(invited) };
                invited += some;
                self.store.keep_sampled(&survey.id, date).await?;
                date = date.saturating_add(1.day());
            }
        }
        Ok(invited)
    }

    /// Invites those whose turn it was on a date; none if there was no time for all of them.
    async fn turns(
        &self,
        survey: &Survey,
        date: Date,
        deadline: Instant,
        patience: impl Fn() -> Patience + Copy,
    ) -> Result<Option<u64>, StoreError> {
        let (quarter, known_at) = (Quarter::of(date), opens(date, self.programme().zone()));
        let mut invited = 0;
        for ring in rings(date) {
            let members = self.store.ring(ring, known_at).await?;
            let drawn = members.into_iter().filter(|member| sample_key(member, quarter) < survey.sample_bp);
            let asked = drawn.map(|member| async move {
                if Instant::now() >= deadline {
                    return Ok(None);
                }
                self.turn(survey, &member, quarter, &mut patience()).await.map(Some)
            });
            let asked: Vec<Option<bool>> =
                stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect().await?;
            if asked.contains(&None) {
                return Ok(None);
            }
            invited += u64::try_from(asked.iter().filter(|asked| **asked == Some(true)).count()).unwrap_or_default();
        }
        Ok(Some(invited))
    }

    async fn turn(
        &self,
        survey: &Survey,
        member: &MemberId,
        quarter: Quarter,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let cause = format!("quarter:{quarter}");
        let correlation = OperationId::of_fact(&survey.id, &cause, member.as_str()).to_string();
        let wanted = Wanted { survey, member, cause, correlation, about: About::default() };
        Ok(matches!(self.ask(wanted, patience).await?, Ok(Invited::New { .. })))
    }
}
