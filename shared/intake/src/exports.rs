//! What is known of members as rows that come back equal when they are imported (rule: import 17).

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::kernel::time::Zone;
use domain::ledger::account::Account;
use domain::ledger::entry::Entry;
use domain::ledger::opening_rows::NEVER;
use domain::members::conflict::Conflict;
use domain::members::exporting::Content;
use domain::members::field::Value;
use domain::members::identifier::Kind;
use domain::members::looking::Retention;
use domain::members::profile::Schema;
use domain::members::state::Member;
use domain::programme::channel::Channel;
use domain::programme::members::FIELDS;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use sheet::{BOM, as_text, write_record};

use crate::bringing::{JOINED_ON, STATE};
use crate::columns::{AT, EXTERNAL_ID, LOCALE, ZONE};

/// Identifiers that a row has one of each.
const KNOWN_BY: [Kind; 4] = [Kind::Phone, Kind::Email, Kind::Card, Kind::Wecom];

/// A row, and by what rows are sorted: whatever members are called inside, a file is the same.
pub type Sorted = (String, String);

/// The fields that a file of members has: those that are kept whatever the member agrees to.
fn fields<'a>(schema: Schema<'a>) -> impl Iterator<Item = &'a str> {
    let attributes = schema.attributes.iter().filter(|attribute| attribute.needs.is_none());
    FIELDS.into_iter().chain(attributes.map(|attribute| attribute.id.as_str()))
}

/// How a file begins.
#[must_use]
pub fn export_head(kind: Content, schema: Schema<'_>) -> String {
    let own: Vec<&str> = match kind {
        Content::Members => {
            let known_by = ["phone", "email", "card", "wecom"];
            [EXTERNAL_ID]
                .into_iter()
                .chain(known_by)
                .chain([ZONE, LOCALE, JOINED_ON, STATE, AT])
                .chain(fields(schema))
                .collect()
        }
        Content::Lots => vec![EXTERNAL_ID, "points", "expires_on", "activates_on"],
        Content::Entries => vec!["member", "entry", "kind", "occurred_at", "recorded_at", "points", "balance"],
        Content::Consents => vec![EXTERNAL_ID, "member", "purpose", "channel", "said", "at", "version"],
        Content::Conflicts => {
            vec!["conflict", "one", "other", "kind", "hint", "source", "presented_at", "done"]
        }
    };
    let mut text = BOM.to_owned();
    write_record(&mut text, own.into_iter().map(Cow::Borrowed));
    text
}

fn record(cells: impl IntoIterator<Item = String>) -> String {
    let mut text = String::new();
    write_record(&mut text, cells.into_iter().map(Cow::Owned));
    text
}

fn cell(text: &str) -> String {
    as_text(text).into_owned()
}

/// What a source calls a member; what it was called first if no source is named; else its own id.
#[must_use]
pub fn called(member: &Member, source: Option<&str>) -> String {
    let name = member.identifiers.iter().find(|held| match (&held.identifier.kind, source) {
        (Kind::External(of), Some(source)) => of == source,
        (Kind::External(_), None) => true,
        _ => false,
    });
    name.map_or_else(|| member.id.to_string(), |held| held.identifier.value.clone())
}

/// A member, as a file of members has it.
#[must_use]
pub fn member_row(member: &Member, called: &str, retention: Retention<'_>, zone: &Zone) -> Sorted {
    let known_by = KNOWN_BY.iter().map(|kind| {
        let mut all = member.identifiers.iter().filter(|held| !held.contact);
        all.find(|held| held.identifier.kind == *kind).map(|held| cell(&held.identifier.value)).unwrap_or_default()
    });
    let (mut said, mut newest) = (Vec::new(), None::<Timestamp>);
    for field in fields(retention.schema) {
        let known = member.profile.fields.get(field);
        let known = known.filter(|known| retention.keeps(field, known.provenance.at));
        let value = known.and_then(|known| known.value.as_ref().map(|value| (value, known.provenance.at)));
        newest = newest.max(value.map(|(_, at)| at));
        said.push(match value {
            Some((Value::Text(text), _)) => cell(text),
            Some((Value::Choices(choices), _)) => cell(&choices.join(";")),
            Some((Value::Integer(number), _)) => number.to_string(),
            Some((Value::Boolean(yes), _)) => yes.to_string(),
            Some((Value::Date(date), _)) => date.to_string(),
            None => String::new(),
        });
    }
    let home = [&member.zone, &member.locale].map(|home| home.clone().unwrap_or_default());
    let at = newest.map(|at| at.to_string()).unwrap_or_default();
    let stands = [
        member.joined_on(zone).to_string(),
        Some(member.stands()).filter(|name| *name != "active").unwrap_or_default().to_owned(),
    ];
    let cells = std::iter::once(cell(called)).chain(known_by).chain(home).chain(stands).chain([at]).chain(said);
    (called.to_owned(), record(cells))
}

/// The points of a member by their last days, and what is owed. What is held is the member's.
#[must_use]
pub fn lot_rows(account: &Account, called: &str, zone: &Zone) -> Vec<Sorted> {
    let pockets = &account.pockets;
    let mut lots = BTreeMap::<(Timestamp, Option<Timestamp>), Points>::new();
    let held = pockets.held.iter().map(|((_, expires_at), points)| (expires_at, points));
    for (expires_at, points) in pockets.active.iter().chain(held) {
        *lots.entry((*expires_at, None)).or_default() += *points;
    }
    for ((activates_at, expires_at), points) in &pockets.pending {
        *lots.entry((*expires_at, Some(*activates_at))).or_default() += *points;
    }
    let last = |expires_at: Timestamp| {
        let last = zone.date(expires_at.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(expires_at));
        if last >= NEVER { "never".to_owned() } else { last.to_string() }
    };
    let rows = lots.into_iter().map(|((expires_at, activates_at), points)| {
        let activates = activates_at.map(|at| zone.date(at).to_string()).unwrap_or_default();
        let key = format!("{called}\u{1f}{:015}\u{1f}{activates}", expires_at.as_second());
        (key, record([cell(called), points.to_string(), last(expires_at), activates]))
    });
    let owed = pockets.debt.is_positive().then(|| {
        (called.to_owned(), record([cell(called), (-pockets.debt).to_string(), String::new(), String::new()]))
    });
    rows.chain(owed).collect()
}

/// An entry of the ledger: of whom it is says the member's id alone.
#[must_use]
pub fn entry_row(member: &MemberId, entry: &Entry) -> Sorted {
    let said: Json = serde_json::from_str(&entry.canonical()).unwrap_or_default();
    let cells = [
        member.to_string(),
        entry.sequence.to_string(),
        said["kind"].as_str().unwrap_or_default().to_owned(),
        entry.occurred_at.to_string(),
        entry.recorded_at.to_string(),
        entry.points().to_string(),
        entry.balance.to_string(),
    ];
    (format!("{member}\u{1f}{:012}", entry.sequence), record(cells))
}

/// What a member agrees to, or agrees to no more.
#[must_use]
pub fn consent_rows(member: &Member, called: &str) -> Vec<Sorted> {
    let rows = member.consents.iter().map(|((purpose, channel), consent)| {
        let channel = channel.map_or("", Channel::name);
        let version = consent.version.map(|version| version.to_string()).unwrap_or_default();
        let id = member.id.to_string();
        let own = [purpose, channel, consent.said.name()].map(str::to_owned);
        let cells = [cell(called), id].into_iter().chain(own).chain([consent.at.to_string(), version]);
        (format!("{called}\u{1f}{purpose}\u{1f}{channel}"), record(cells))
    });
    rows.collect()
}

/// What is to be decided between two members.
#[must_use]
pub fn conflict_rows(conflict: &Conflict) -> Vec<Sorted> {
    let [one, other] = conflict.pair.members().map(ToString::to_string);
    let rows = conflict.open.iter().enumerate().map(|(place, claimed)| {
        let (kind, hint) = (claimed.kind.to_string(), cell(&claimed.hint));
        let at = claimed.presented_at.to_string();
        let (id, source) = (conflict.pair.id(), claimed.source.clone());
        let key = format!("{id}\u{1f}{place:03}");
        (key, record([id, one.clone(), other.clone(), kind, hint, source, at, claimed.outcome.name().to_owned()]))
    });
    rows.collect()
}
