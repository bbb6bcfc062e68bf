//! Since when a member is here, of who was brought over from another programme: what happened before is in what came over
//! (rules: import 27e).

use jiff::Timestamp;

use crate::kernel::refusal::refusals;
use crate::ledger::account::Account;
use crate::ledger::brought::Cutovers;
use crate::programme::setting::Setting;
use crate::programme::source::under;

refusals! {
    /// It happened where the member was before.
    MovingIn {
        /// It happened before the cutover, and is told by somebody else than who brought the member over.
        Invalid BeforeCutover ("before_cutover" at "time") {
            /// When the cutover was.
            as_of: Timestamp,
        } = "it happened before the member was brought over from another programme, and what it had earned there came along",
    }
}

impl Account {
    /// May something be told of an instant by who reports under this name? What happened before a cutover, only by the source that brought the
    /// member over.
    ///
    /// # Errors
    /// It happened before.
    pub(crate) fn was_here(&self, at: Timestamp, source: &str, setting: Setting<'_>) -> Result<(), MovingIn> {
        let mut before = self.cutovers.iter().filter(|(_, as_of)| at < **as_of).peekable();
        if before.peek().is_none() {
            return Ok(());
        }
        let told = under(&setting.programmes.at(setting.now).document().source, source).map(|source| &*source.id);
        let others = before.filter(|(brought, _)| told != Some(by(brought)));
        others.map(|(_, as_of)| *as_of).max().map_or(Ok(()), |as_of| Err(MovingIn::BeforeCutover { as_of }))
    }

    /// Takes those of another account over; of two of one part the later counts.
    pub(crate) fn joins_cutovers(&mut self, others: &Cutovers) {
        for (brought, as_of) in others {
            let known = self.cutovers.entry(brought.clone()).or_insert(*as_of);
            *known = (*known).max(*as_of);
        }
    }

    /// Gives those back that had come from another account: its own are as they were.
    pub(crate) fn parts_cutovers(&mut self, came: &Cutovers, own: &Cutovers) {
        for (brought, as_of) in came {
            let joined = own.get(brought).map_or(*as_of, |own| (*own).max(*as_of));
            if self.cutovers.get(brought) != Some(&joined) {
                continue; // said anew since, or taken back
            }
            match own.get(brought) {
                Some(own) => self.cutovers.insert(brought.clone(), *own),
                None => self.cutovers.remove(brought),
            };
        }
    }
}

/// The source of what is remembered as `SOURCE/PART`.
fn by(brought: &str) -> &str {
    brought.rsplit_once('/').map_or(brought, |(source, _)| source)
}
