//! What `members` knows: profile, identifiers, consents, tags and scores with what they mean, and who has looked.

use domain::ledger::outlook::outlook;
use domain::members::looking::Retention;
use domain::members::tag::current;
use domain::programme::tag::Tag;
use jiff::SignedDuration;
use lambda::Failure;
use lambda::wire::{SegmentReply, TierReply};
use serde_json::{Value, json};

use super::gathering::Gathering;
use crate::wire::consent::ConsentsReply;
use crate::wire::part::{Part, role};
use crate::wire::profile::{MemberReply, Seeing};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Everything, as the member itself reads it.
fn known(from: &Gathering<'_>) -> Value {
    let retention = Retention::of(from.rules());
    json!(MemberReply::new(from.stored, &from.member().id, Seeing::All, retention))
}

pub(super) async fn profile(from: &Gathering<'_>) -> Result<Part, Failure> {
    let mut known = known(from);
    if let Some(known) = known.as_object_mut() {
        known.retain(|name, _| !["identifiers", "tags"].contains(&name.as_str()));
        known.insert("stands_for".to_owned(), json!(from.member().absorbed));
    }
    Ok(Part::whole(&known, from.member().profile.fields.len()))
}

/// Each with where it came from, and how old it is.
pub(super) async fn identifiers(from: &Gathering<'_>) -> Result<Part, Failure> {
    let mut all = known(from)["identifiers"].take();
    for (shown, held) in all.as_array_mut().into_iter().flatten().zip(&from.member().identifiers) {
        shown["age_days"] = (from.as_of.duration_since(held.at).as_secs() / DAY.as_secs()).into();
    }
    Ok(Part::whole(&all, from.member().identifiers.len()))
}

/// What holds, and every record of it.
pub(super) async fn consents(from: &Gathering<'_>) -> Result<Part, Failure> {
    let now = json!(ConsentsReply::new(from.member(), from.rules(), None))["consents"].take();
    let mut records = Vec::new();
    for member in from.everybody() {
        for row in from.app.store().logged(member, "consents").await?.iter().filter(|row| row.at <= from.as_of) {
            for record in row.says.as_array().into_iter().flatten() {
                let mut record = record.clone();
                (record["member"], record["recorded_at"]) = (json!(member), json!(row.at));
                record["by"] = role(&row.by).into();
                records.push(record);
            }
        }
    }
    let count = records.len();
    Ok(Part::whole(&json!({"now": now, "records": records}), count))
}

/// What the dictionary says of a tag.
fn explained(tag: &str, dictionary: &[Tag]) -> Value {
    let entry = dictionary.iter().find(|known| known.id == tag);
    json!({"tag": tag, "means": entry.map(|known| &known.definition), "given_when": entry.and_then(|known| known.when.as_ref())})
}

/// Tags, tier, segment and scores, what each is worked out from, and by which rules.
pub(super) async fn scores(from: &Gathering<'_>) -> Result<Part, Failure> {
    let (member, programme) = (from.member(), from.programmes.at(from.as_of));
    let document = programme.document();
    let mut tags = Vec::new();
    for (tag, until) in current(&member.tags, programme.zone().date(from.as_of)) {
        let mut shown = explained(tag, &document.tag);
        (shown["by_hand"], shown["until"]) = (true.into(), json!(until));
        tags.push(shown);
    }
    let (store, setting) = (from.app.store(), from.setting());
    let account = store.account_at(&member.id, from.as_of, setting).await?;
    let tier = account.as_ref().map(|account| TierReply::new(&member.id, outlook(account, setting)));
    let scored = store.scored(&member.id, setting).await?;
    let segment = scored
        .and_then(|(account, scored)| Some(SegmentReply::new(&member.id, scored?, account.score.as_ref(), programme)));
    tags.extend(segment.iter().flat_map(|segment| &segment.tags).map(|tag| explained(tag, &document.tag)));
    let count = tags.len();
    let all = json!({"tags": tags, "tier": tier, "segment": segment, "scored_by": document.rfmls});
    Ok(Part::whole(&all, count))
}

/// Who has looked at what is masked: as what, never whom.
pub(super) async fn looks(from: &Gathering<'_>) -> Result<Part, Failure> {
    let mut looks = Vec::new();
    for member in from.everybody() {
        for row in from.app.store().logged(member, "looked").await?.iter().filter(|row| row.at <= from.as_of) {
            looks.push(json!({"member": member, "at": row.at, "by": role(&row.by), "fields": row.says}));
        }
    }
    Ok(Part::whole(&json!(looks), looks.len()))
}
