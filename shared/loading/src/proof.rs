//! What was written, read again and added up beside what the file says (rule: import 27f).

use std::sync::PoisonError;

use domain::kernel::id::MemberId;
use domain::ledger::opening::Opening;
use domain::ledger::proving::Months;
use domain::members::identifier::Identifier;
use domain::members::proving::{Proof, Side};
use store::StoreError;

use crate::work::Work;

impl Work<'_> {
    fn proof(&self, add: impl FnOnce(&mut Proof)) {
        add(&mut self.proof.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Of what a member brings over: what its rows say, and what the ledger has.
    pub(crate) async fn proves(&self, opening: &Opening, member: &MemberId) -> Result<(), StoreError> {
        if !self.writes {
            return Ok(());
        }
        let as_of = self.import.as_of();
        let programme = self.programmes.at(as_of);
        let months = Months { zone: programme.zone(), as_of };
        let found = self.store.opening_of(member, &self.import.source, opening.part()).await?;
        self.proof(|proof| {
            proof.put(Side::File, months.said(opening));
            let Some((account, entry)) = found else { return };
            let tier = programme.tier_or_base(account.tier_at(self.now));
            proof.put(Side::Ledger, months.there(&entry, tier));
        });
        Ok(())
    }

    /// Of where a row says that a member stands: what it says, and where the member does.
    pub(crate) async fn proves_state(&self, named: &Identifier, said: &str) -> Result<(), StoreError> {
        if !self.writes {
            return Ok(());
        }
        let found = self.store.holder(self.keys, named, self.now).await?;
        self.proof(|proof| {
            let of = |state: &str| [(format!("state {state}"), 0)];
            proof.put(Side::File, of(said));
            proof.put(Side::Ledger, found.iter().flat_map(|(stored, _)| of(stored.member.stands())));
        });
        Ok(())
    }
}
