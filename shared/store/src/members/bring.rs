//! Where a file says that a member stands: the member's item and the account say it at once (rules: import 27b).

use domain::kernel::id::MemberId;
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::stand::Stand;
use domain::members::bringing::{Stands, Stood, brings};

use crate::members::attempt::Attempt;
use crate::members::enrol::Kept;
use crate::members::stand::NotStood;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::{Store, StoreError};

/// Why the account says so: whose words it were is nobody's business there.
const REASON: &str = "brought over";

/// Where a file says that a member stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtState {
    /// There.
    pub stands: Stands,
    /// Who has asked for the file to be taken in.
    pub by: Doer,
    /// What identifies the row.
    pub stamp: Stamp,
}

impl Store {
    /// Takes a member to where a file says that it stands.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn bring_state(
        &self,
        member: &MemberId,
        brought: &BroughtState,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<Stood>, NotStood>, StoreError> {
        let BroughtState { stands, by, stamp } = brought;
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], asking.setting.now).await?;
            let Some(stored) = opened.of(member) else {
                return Ok(Attempt::Refused(NotStood::Finding(opened.finding(member))));
            };
            let (mut after, version) = (stored.member.clone(), stored.version);
            let decided = brings(&mut after, *stands, asking.rules);
            let Stood::There(account, fact) = decided.clone() else {
                return Ok(Attempt::Same(Kept { decided, version }));
            };
            let mut first = Vec::new();
            if let Some(state) = account {
                let stand = Stand { state, reason: Some(REASON.to_owned()) };
                let instruction = Instruction::keyed(*stamp, Command::Stand(stand)).by(Some(by.clone()));
                match self.prepare(&after.id, &instruction, asking.setting).await? {
                    // The row has said so before, and somebody has said otherwise since.
                    Ok(prepared) if prepared.done.replayed => {
                        return Ok(Attempt::Same(Kept { decided: Stood::Stays, version }));
                    }
                    Ok(prepared) => first.extend(prepared.write),
                    Err(refused) => return Ok(Attempt::Refused(NotStood::Account(refused))),
                }
            }
            let mut writing = Writing::new(self, asking, &opened.keys, first);
            writing.member(&after, version, News { facts: &[fact], ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, Kept { decided, version: version + 1 }))
        };
        self.until_written(patience, attempt).await
    }
}
