//! From what an archive is gathered.

use domain::kernel::id::MemberId;
use domain::members::state::Member;
use domain::members::telling::Rules;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use lambda::Private;
use store::StoredMember;

/// How many lines a part has at most.
pub(super) const MOST: usize = 500;

/// Who is told what, as of when.
pub(super) struct Gathering<'a> {
    pub(super) app: &'a Private,
    pub(super) programmes: &'a Programmes,
    /// What `members` knows.
    pub(super) stored: &'a StoredMember,
    /// Of whom a file is read now: the member, or one whom it stands for.
    pub(super) whose: &'a MemberId,
    /// What is recorded later is left out.
    pub(super) as_of: Timestamp,
}

impl Gathering<'_> {
    pub(super) const fn member(&self) -> &Member {
        &self.stored.member
    }

    pub(super) fn setting(&self) -> Setting<'_> {
        Setting { programmes: self.programmes, now: self.as_of }
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules::of(self.programmes.at(self.as_of), self.as_of)
    }

    /// The member, and those whom it stands for.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &MemberId> {
        self.member().everybody()
    }
}
