//! An invitation and every version of its answer as an item of `surveys`. What was written in words is sealed under the member's key.
//!
//! | attribute | |
//! |---|---|
//! | `pk` | `i#`, its id |
//! | `v` `w` `ds` `da` `news` | as of every aggregate |
//! | `su` `p` | survey, number of the programme version |
//! | `m` `at` | whose, and when it was made: absent once the member was erased |
//! | `is` `se` `cl` | when it was made, is sent, closes |
//! | `ca` `co` `ab` | cause, what it belongs to, what it is about |
//! | `st` | where it stands |
//! | `vs` | versions of the answer: `a` at, `h` hash of what was said, `r` answers but words, `y` words by question, sealed |
//! | `an` | what its words mean |
//! | `cp` `do` | when it was complete, what its scores have set off |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::voice::{Answer, Answers, Invitation, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{AT, CORRELATION, INVITATION, MEMBER};
use crate::StoreError;
use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, bytes, from_json, instant, number, put, text,
    to_json,
};
use crate::error::{Damage, contradicts, damaged};
use crate::sealed::secret::MemberKey;
use crate::table::SURVEYS;

/// Whose an answer is whose member was erased: nobody's.
const NOBODY: &str = "erased";

/// Seals words, or opens what is sealed; by a place within the item.
pub trait Sealing {
    /// What is sealed.
    ///
    /// # Errors
    /// The system gives no randomness.
    fn seal(&self, place: &str, words: &[u8]) -> Result<Vec<u8>, StoreError>;

    /// The same opened; none if the key is gone, and with it the words.
    ///
    /// # Errors
    /// It was not sealed there.
    fn open(&self, place: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Damage>;
}

impl Sealing for Option<MemberKey> {
    fn seal(&self, place: &str, words: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self.as_ref().ok_or_else(|| StoreError::bug("words are kept of nobody"))?;
        key.seal(SURVEYS.name, place, words)
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Damage> {
        self.as_ref().map(|key| key.open(SURVEYS.name, place, sealed)).transpose()
    }
}

/// Where the words of a version stand.
fn place(invitation: &Invitation, number: usize) -> String {
    format!("{INVITATION}{} {number}", invitation.id)
}

/// As an item, without version, news and place among what is due.
///
/// # Errors
/// Its words cannot be sealed.
pub fn encode(invitation: &Invitation, key: &impl Sealing) -> Result<Item, StoreError> {
    let mut item = Item::from([
        (SURVEYS.hash.to_owned(), text(format!("{INVITATION}{}", invitation.id))),
        ("su".to_owned(), text(&invitation.survey)),
        ("p".to_owned(), number(invitation.version)),
        ("is".to_owned(), instant(invitation.issued_at)),
        ("se".to_owned(), instant(invitation.send_at)),
        ("cl".to_owned(), instant(invitation.closes_at)),
        ("ca".to_owned(), text(&invitation.cause)),
        (CORRELATION.to_owned(), text(&invitation.correlation)),
        ("st".to_owned(), plain(&invitation.state)),
    ]);
    if invitation.member.as_str() != NOBODY {
        item.insert(MEMBER.to_owned(), text(invitation.member.as_str()));
        item.insert(AT.to_owned(), instant(invitation.issued_at));
    }
    put(&mut item, "ab", plain(&invitation.about));
    let mut versions = Vec::new();
    for (number, version) in invitation.versions.iter().enumerate() {
        versions.push(AttributeValue::M(encode_version(version, &place(invitation, number), key)?));
    }
    put(&mut item, "vs", AttributeValue::L(versions));
    item.extend(invitation.analysis.as_ref().map(|analysis| ("an".to_owned(), plain(analysis))));
    item.extend(invitation.completed_at.map(|at| ("cp".to_owned(), instant(at))));
    put(&mut item, "do", plain(&invitation.done));
    Ok(item)
}

fn encode_version(version: &Version, place: &str, key: &impl Sealing) -> Result<Item, StoreError> {
    let mut item = Item::from([("a".to_owned(), instant(version.at)), ("h".to_owned(), bytes(&version.content.0))]);
    let (words, others): (Answers, Answers) =
        version.answers.clone().into_iter().partition(|(_, answer)| matches!(answer, Answer::Text(_)));
    put(&mut item, "r", plain(&others));
    if !words.is_empty() {
        let said: BTreeMap<&String, _> = words.iter().map(|(question, answer)| (question, answer.value())).collect();
        let said = serde_json::to_vec(&said).map_err(|_no_json| StoreError::bug("words are plain data"))?;
        item.insert("y".to_owned(), bytes(&key.seal(place, &said)?));
    }
    Ok(item)
}

/// The same back. Without a key there are no words.
///
/// # Errors
/// The item is damaged, or its words do not open.
pub fn decode(item: &Item, key: &impl Sealing) -> Result<Invitation, Damage> {
    parts(item, key).map_err(|damage| damage.of(SURVEYS.name))
}

/// Are there words in it?
pub(super) fn has_words(item: &Item) -> bool {
    let versions = as_list(item.get("vs"), "vs").unwrap_or_default();
    versions.iter().any(|version| version.as_m().is_ok_and(|version| version.contains_key("y")))
}

fn parts(item: &Item, key: &impl Sealing) -> Result<Invitation, Damage> {
    let words = |name: &'static str| as_text(item.get(name), name).map(str::to_owned);
    let at = |name: &'static str| as_instant(item.get(name), name);
    let id = words(SURVEYS.hash)?.strip_prefix(INVITATION).and_then(|id| id.parse().ok());
    let member: Result<MemberId, _> =
        item.get(MEMBER).map_or(Ok(NOBODY), |value| as_text(Some(value), MEMBER))?.parse();
    let mut invitation = Invitation {
        id: id.ok_or_else(|| damaged(SURVEYS.hash))?,
        survey: words("su")?,
        version: as_number(item.get("p"), "p")?,
        member: member.map_err(|_not_an_id| damaged(MEMBER))?,
        cause: words("ca")?,
        correlation: words(CORRELATION)?,
        about: item.get("ab").map(|about| read(about, "ab")).transpose()?.unwrap_or_default(),
        state: item.get("st").ok_or_else(|| damaged("st")).and_then(|state| read(state, "st"))?,
        issued_at: at("is")?,
        send_at: at("se")?,
        closes_at: at("cl")?,
        versions: Vec::new(),
        analysis: item.get("an").map(|analysis| read(analysis, "an")).transpose()?,
        completed_at: item.get("cp").map(|_| at("cp")).transpose()?,
        done: item.get("do").map(|done| read(done, "do")).transpose()?.unwrap_or_default(),
    };
    for (number, version) in as_list(item.get("vs"), "vs")?.iter().enumerate() {
        let version = decode_version(version, &place(&invitation, number), key)?;
        invitation.versions.push(version);
    }
    Ok(invitation)
}

fn decode_version(value: &AttributeValue, place: &str, key: &impl Sealing) -> Result<Version, Damage> {
    let fields: Item =
        as_map(Some(value), "vs")?.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut answers: Answers = fields.get("r").map(|answers| read(answers, "vs")).transpose()?.unwrap_or_default();
    if let Some(sealed) = fields.get("y") {
        let sealed = sealed.as_b().map_err(|_other_type| damaged("y"))?;
        let opened = key.open(place, sealed.as_ref())?.unwrap_or_else(|| b"{}".to_vec());
        let said: BTreeMap<String, String> =
            serde_json::from_slice(&opened).map_err(|_no_words| contradicts("sealed"))?;
        answers.extend(said.into_iter().map(|(question, words)| (question, Answer::Text(words))));
    }
    let content = Hash(as_bytes(fields.get("h"), "vs")?);
    Ok(Version { answers, content, at: as_instant(fields.get("a"), "vs")? })
}

/// Plain data as an attribute.
fn plain(value: &impl Serialize) -> AttributeValue {
    from_json(&serde_json::to_value(value).unwrap_or_default())
}

/// The same back.
fn read<T: DeserializeOwned>(value: &AttributeValue, what: &'static str) -> Result<T, Damage> {
    serde_json::from_value(to_json(value)?).map_err(|_other_shape| damaged(what))
}
