//! What a decision on an account sees.

use crate::kernel::stamp::Stamp;
use crate::ledger::account::Account;
use crate::ledger::books::Books;
use crate::ledger::doer::Doer;
use crate::ledger::entry::Entry;
use crate::ledger::known::Known;
use crate::programme::compiled::Programme;
use crate::programme::setting::Setting;

/// What a decision on an account sees, beside what is asked.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The account, as it was written last.
    pub account: &'a Account,
    /// Its entries, oldest first, as far back as the reach of what is asked.
    pub history: &'a [Entry],
    /// What is known beside them.
    pub known: &'a Known,
    /// Who asks, if it is not the member.
    pub by: Option<&'a Doer>,
    /// What identifies it; what is no fact occurs at the setting's time.
    pub stamp: &'a Stamp,
    /// The programme that was in force when it occurred.
    pub then: &'a Programme,
    /// Where and when it is decided.
    pub setting: Setting<'a>,
}

impl<'a> Case<'a> {
    /// The account's books, open at the setting's time.
    pub(crate) fn books(self) -> Books<'a> {
        Books::open(self.account, self.then, self.setting).caused_by(self.by)
    }
}
