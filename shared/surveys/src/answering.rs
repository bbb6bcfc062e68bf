//! An answer is given or changed; what fills the profile is written to the member in the same transaction (rules: voice 4, 5, 15-18).

use std::sync::atomic::{AtomicBool, Ordering};

use domain::kernel::id::OperationId;
use domain::members::field::Provenance;
use domain::members::home::Home;
use domain::members::telling::{Rules, Telling, Told};
use domain::voice::answering::Wrong;
use domain::voice::responding::{Reply, Responded, reanalyse, redact, respond, words};
use domain::voice::{Answered, Invitation, InvitationId, VoiceRefusal};
use serde_json::Value;
use store::{Asking, Contacting, Keeping, NotWritten, Patience, StoreError, Writes};

use crate::Surveys;
use crate::asking::Sheet;

/// The rank of what a member says.
const OF_MEMBERS: u8 = 40;

/// What is said to an invitation.
#[derive(Debug, Clone)]
pub struct Said {
    /// What the form makes of it.
    pub answered: Result<Answered, Vec<Wrong>>,
    /// Which version it changes; none: it is the first.
    pub base: Option<u8>,
    /// Is it all that will be said?
    pub complete: bool,
    /// The field of the profile that was asked for at the end, and what was said.
    pub about_member: Option<(String, Option<Value>)>,
}

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The invitation afterwards.
    pub invitation: Invitation,
    /// The number of the newest version.
    pub version: u8,
    /// It was said before.
    pub replayed: bool,
}

/// Why it is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAnswered {
    /// There is no such invitation.
    Unknown,
    /// It is refused.
    Refused(VoiceRefusal),
    /// What fills the profile is no value of it.
    Profile(NotWritten<Telling>),
}

impl Surveys<'_> {
    /// Takes an answer; `say` may be called several times.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB or the master key says.
    pub async fn answer(
        &self,
        id: InvitationId,
        patience: &mut Patience,
        say: impl Fn(&Sheet) -> Said,
    ) -> Result<Result<Done, NotAnswered>, StoreError> {
        loop {
            let Some(sheet) = self.sheet(id).await? else { return Ok(Err(NotAnswered::Unknown)) };
            let said = say(&sheet);
            let words = said.answered.as_ref().map(Answered::text).unwrap_or_default();
            let reply = Reply {
                analysis: self.dictionaries.analysed(&words, self.programme()),
                answered: said.answered.clone(),
                base: said.base,
                complete: said.complete,
            };
            let by = (sheet.survey(), sheet.programme.as_ref());
            let (change, profile, version) = match respond(sheet.invitation(), &reply, by, self.now) {
                Err(refusal) => return Ok(Err(NotAnswered::Refused(refusal))),
                Ok(Responded::Replayed { version }) => {
                    return Ok(Ok(Done { invitation: sheet.kept.invitation, version, replayed: true }));
                }
                Ok(Responded::New { change, profile, version }) => (change, profile, version),
            };
            let own = profile.into_iter().map(|(field, answer)| (field, answer.value()));
            let last = said.about_member.iter().filter_map(|(field, said)| Some((field.clone(), said.clone()?)));
            let beside = match self.fills(&sheet, own.collect(), last.collect()).await? {
                Ok(beside) => beside,
                Err(refused) => return Ok(Err(NotAnswered::Profile(refused))),
            };
            let contacts = said.about_member.map_or(Contacting::Same, |(field, said)| Contacting::Shown {
                field,
                answered: said.is_some(),
                today: self.programme().zone().date(self.now),
            });
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let keeping = Keeping { keys: self.keys, setting: self.setting(), contacts, beside };
            if self.store.keep_invitation(&sheet.kept, &change, keeping).await? {
                return Ok(Ok(Done { invitation: change.state, version, replayed: false }));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Reads the words of an answer anew, and tells what they say now; false if that is the same.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB or the master key says.
    pub async fn reanalyse(&self, id: InvitationId, patience: &mut Patience) -> Result<bool, StoreError> {
        let changed = AtomicBool::new(false);
        self.alter(id, patience, |invitation| {
            let analysis = self.dictionaries.analysed(&words(invitation), self.programme())?;
            let change = reanalyse(invitation, analysis)?;
            changed.store(true, Ordering::Relaxed);
            Some((change, Contacting::Same))
        })
        .await?;
        Ok(changed.into_inner())
    }

    /// Takes the words out of all versions of an answer.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB or the master key says.
    pub async fn redact(&self, id: InvitationId, patience: &mut Patience) -> Result<(), StoreError> {
        self.alter(id, patience, |invitation| Some((redact(invitation)?, Contacting::Same))).await.map(drop)
    }

    /// What is written to the profile: what the form fills, and the question at the end.
    async fn fills(
        &self,
        sheet: &Sheet,
        own: Vec<(String, Value)>,
        last: Vec<(String, Value)>,
    ) -> Result<Result<Writes, NotWritten<Telling>>, StoreError> {
        let form = sheet.survey().map_or("", |survey| survey.form.as_str());
        let (form, fields) = match (own.is_empty(), last.is_empty()) {
            (true, true) => return Ok(Ok(Writes::default())),
            (true, false) => (sheet.profile_form.as_deref().unwrap_or(form), last),
            (false, _) => (form, own.into_iter().chain(last).collect()),
        };
        let says = said_by(form, sheet.programme.number, (OF_MEMBERS, self.now));
        let told = Told { home: Home::default(), fields, consents: Vec::new(), says };
        let operation = sheet.invitation().correlation.parse();
        let own = || OperationId::of_fact("surveys", &sheet.invitation().id.to_string(), "profile");
        let asking = Asking {
            keys: self.keys,
            by: "page:survey",
            operation: operation.unwrap_or_else(|_words: String| own()),
            rules: Rules::of(self.programme(), self.now),
            setting: self.setting(),
        };
        self.store.telling(&sheet.invitation().member, &told, asking).await
    }
}

/// What a form says, as it is kept: which, and by which version of the programme.
#[must_use]
pub fn said_by(form: &str, version: u32, (rank, at): (u8, jiff::Timestamp)) -> Provenance {
    Provenance { source: format!("form:{form}@{version}"), rank, at }
}
