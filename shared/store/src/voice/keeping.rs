//! An invitation that has changed is written, under the version that was read; with what the member was asked, what the answer wishes, and
//! whatever else belongs to it, at once.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::kernel::change::Change;
use domain::kernel::event::Fact as _;
use domain::kernel::id::OperationId;
use domain::planted;
use domain::programme::setting::Setting;
use domain::voice::{Answer, Contacts, Invitation, SURVEY_COMPLETED, VoiceFact};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::contacts_item;
use super::invitation_item::encode;
use super::invitations::{KeptContacts, KeptInvitation};
use super::{CORRELATION, GROUP, WISH};
use crate::attribute::{Item, instant, number, size_of, text};
use crate::due::shard;
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, named, news, news_of, told_as};
use crate::sealed::keys::Keys;
use crate::table::{DUE_AT, DUE_SHARD, SURVEYS};
use crate::write::{Next, Writes, Written};
use crate::{Store, StoreError};

/// The largest an invitation may be, in bytes: 20,000 characters of three bytes, sealed, and all else.
const LARGEST: usize = 96 * 1_024;

/// What becomes of what the member was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contacting {
    /// Nothing.
    Same,
    /// The invitation counts no more.
    GivesBack,
    /// A field of the profile was asked for.
    Shown {
        /// Which.
        field: String,
        /// Was it answered?
        answered: bool,
        /// On which local date.
        today: Date,
    },
}

/// How an invitation is written.
#[derive(Debug)]
pub struct Keeping<'a> {
    /// The keys that words are sealed under.
    pub keys: &'a Keys,
    /// When, and by which programmes.
    pub setting: Setting<'a>,
    /// What becomes of what the member was asked.
    pub contacts: Contacting,
    /// What is written with it.
    pub beside: Writes,
}

impl Store {
    /// Writes an invitation as it is now; false if somebody has written it, or what is beside it, since it was read.
    ///
    /// # Errors
    /// What DynamoDB or the master key says.
    pub async fn keep_invitation(
        &self,
        kept: &KeptInvitation,
        change: &Change<Invitation>,
        keeping: Keeping<'_>,
    ) -> Result<bool, StoreError> {
        let Keeping { keys, setting, contacts, beside } = keeping;
        let (before, after, now) = (&kept.invitation, &change.state, setting.now);
        let words = after.versions.iter().flat_map(|version| version.answers.values());
        let key = if words.into_iter().any(|answer| matches!(answer, Answer::Text(_))) {
            self.key_of_voice(keys, &after.member, now).await?
        } else {
            None
        };
        let mut item = encode(after, &key)?;
        framed(&mut item, kept.version + 1, now);
        let programme = setting.programmes.at(now);
        let completes = before.completed_at.is_none() && after.completed_at.is_some();
        let again = planted!("bug-answer-counted-twice") && after.completed_at.is_some();
        let earns = (completes || again) && programme.activity(SURVEY_COMPLETED).is_some();
        let id = if completes { after.id.to_string() } else { format!("{}-{now}", after.id) };
        let mut facts: Vec<_> = change.facts.iter().map(|fact| told_as(fact.kind(), &fact.data())).collect();
        facts.extend(earns.then(|| named((SURVEY_COMPLETED, &json!({})), &id, now)));
        item.extend(news_of(&origin(after, setting), facts).map(|news| (NEWS.to_owned(), news)));
        due(&mut item, after);
        if size_of(&item) > LARGEST {
            return Err(StoreError::bug("an answer is larger than it may be"));
        }
        let mut writes = beside.0;
        writes.extend(self.wishes(before, after)?);
        writes.extend(self.contacted(after, contacts, now).await?);
        let next = Next { table: self.tables.of(&SURVEYS)?, key: SURVEYS.hash, item, read: kept.version };
        Ok(matches!(self.write(next, writes).await?, Written::Done))
    }

    /// The write of what the member was asked, if that is another.
    async fn contacted(
        &self,
        invitation: &Invitation,
        what: Contacting,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        if what == Contacting::Same {
            return Ok(None);
        }
        let mut kept = self.kept_contacts(&invitation.member, now).await?;
        match what {
            Contacting::Same => {}
            Contacting::GivesBack => kept.contacts.give_back(&invitation.survey, invitation.id),
            Contacting::Shown { field, answered, today } => kept.contacts.shown(&field, answered, today),
        }
        Ok(Some(self.contacts_write(&kept, now)?))
    }

    /// The write of what a member was asked.
    pub(super) fn contacts_write(&self, kept: &KeptContacts, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let KeptContacts { contacts, since, version } = kept;
        let mut item = contacts_item::encode(contacts, *since);
        framed(&mut item, version + 1, now);
        let next = Next { table: self.tables.of(&SURVEYS)?, key: SURVEYS.hash, item, read: *version };
        Ok(next.in_transaction()?)
    }

    /// Rows of what an answer wishes now, and did not before; and the other way round.
    fn wishes(&self, before: &Invitation, after: &Invitation) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (was, is) = (wished(before), wished(after));
        let table = self.tables.of(&SURVEYS)?;
        let mut writes = Vec::new();
        for theme in is.difference(&was) {
            let put = Put::builder().table_name(table).item(SURVEYS.hash, text(wish_key(theme, after)));
            let put = put.item(GROUP, text(format!("{WISH}{theme}"))).item(CORRELATION, text(&after.correlation));
            writes.push(TransactWriteItem::builder().put(put.build()?).build());
        }
        for theme in was.difference(&is) {
            let delete = Delete::builder().table_name(table).key(SURVEYS.hash, text(wish_key(theme, after)));
            writes.push(TransactWriteItem::builder().delete(delete.build()?).build());
        }
        Ok(writes)
    }
}

/// The themes that a complete answer wishes.
pub(super) fn wished(invitation: &Invitation) -> BTreeSet<String> {
    let themes = invitation.analysis.iter().flat_map(|analysis| &analysis.themes);
    let wishes = themes.filter(|theme| theme.kind == "wish" && invitation.completed_at.is_some());
    wishes.map(|theme| theme.theme.clone()).collect()
}

/// Where it stands that an answer wishes something.
pub(super) fn wish_key(theme: &str, invitation: &Invitation) -> String {
    format!("{WISH}{theme}#{}#{}", invitation.member, invitation.id)
}

/// Version and instant of an item.
pub(super) fn framed(item: &mut Item, version: u64, now: Timestamp) {
    item.insert(VERSION.to_owned(), number(version));
    item.insert(WRITTEN.to_owned(), instant(now));
}

/// Where an invitation is found among those that are due.
pub(super) fn due(item: &mut Item, invitation: &Invitation) {
    if let Some(due) = invitation.due() {
        item.insert(DUE_SHARD.to_owned(), number(shard(&format!("i#{}", invitation.id))));
        item.insert(DUE_AT.to_owned(), instant(due));
    }
}

/// Everything that is told of an invitation belongs to what caused it.
pub(super) fn origin<'a>(invitation: &'a Invitation, setting: Setting<'_>) -> Origin<'a> {
    let own = || OperationId::of_fact(SURVEYS.name, &invitation.id.to_string(), "invitation");
    Origin {
        operation: invitation.correlation.parse().unwrap_or_else(|_words: String| own()),
        occurred_at: setting.now,
        programme: setting.programmes.at(setting.now).number,
        member: Some(&invitation.member),
    }
}

/// What is told of an invitation, as news.
pub(super) fn told(invitation: &Invitation, facts: &[VoiceFact], setting: Setting<'_>) -> Item {
    let news = news(&origin(invitation, setting), facts);
    news.map(|news| (NEWS.to_owned(), news)).into_iter().collect()
}

/// What a member was asked, never written.
pub(super) fn fresh(contacts: Contacts, since: Timestamp) -> KeptContacts {
    KeptContacts { contacts, since, version: 0 }
}
