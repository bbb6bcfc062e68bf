//! Files of what members bring over from elsewhere: what their rows say, read by the auditor itself from what was asked, and what is in the
//! ledger for it. The auditor reads what simulated sources write: commas, no quotes, dates with their year first.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Auditor;
use super::books::Moved;
use super::brought::OpenedTier;
use super::calendar::{day_named, day_of, expiry, month_named, month_of, start_of};
use super::canonical::{canonical, hex, of_parts};
use super::entry::{Detail, Entry};
use super::said::at;
use super::tiers::rank;
use crate::contexts::wish::Heard;

/// A file that was sent.
#[derive(Debug, Clone)]
pub(super) struct File {
    kind: String,
    pub(super) source: String,
    text: String,
}

/// What one member brings over by a file.
#[derive(Debug, Clone, Default)]
struct Brought {
    part: &'static str,
    /// The numbers of its rows.
    rows: Vec<usize>,
    /// Points, since when they can be spent, if that is not yet, and until when.
    lots: BTreeMap<(Option<i64>, i64), i64>,
    owed: i64,
    tier: Option<OpenedTier>,
    /// Status points by month, `2026-01`.
    status: BTreeMap<String, i64>,
}

/// The rows of one member, and their numbers.
type Rows<'a> = Vec<(usize, BTreeMap<&'a str, &'a str>)>;

impl File {
    /// One that was sent as text with the request, of those that bring something over; and its SHA-256.
    pub(super) fn sent(body: &Value) -> Option<(String, Self)> {
        let text = body["content"].as_str()?.to_owned();
        let (kind, source) = (body["kind"].as_str()?.to_owned(), body["source"].as_str()?.to_owned());
        let brings = ["lots", "tiers", "status"].contains(&kind.as_str());
        brings.then(|| (hex(&Sha256::digest(&text)), Self { kind, source, text }))
    }

    /// By what the source calls a member: its rows.
    fn members(&self) -> BTreeMap<&str, Rows<'_>> {
        let mut lines = self.text.lines().zip(1..);
        let names: Vec<&str> = lines.next().map(|(header, _)| header.split(',').collect()).unwrap_or_default();
        let mut members: BTreeMap<&str, Rows<'_>> = BTreeMap::new();
        for (line, number) in lines.filter(|(line, _)| !line.is_empty()) {
            let row: BTreeMap<&str, &str> = names.iter().copied().zip(line.split(',')).collect();
            members.entry(row.get("external_id").copied().unwrap_or_default()).or_default().push((number, row));
        }
        members
    }

    /// What each member brings over on a day; nothing if one of its rows is bad.
    fn brings(&self, today: i64) -> BTreeMap<&str, (Option<Brought>, usize)> {
        let members = self.members().into_iter();
        members.map(|(name, rows)| (name, (self.brought(&rows, today), rows.len()))).collect()
    }

    fn brought(&self, rows: &Rows<'_>, today: i64) -> Option<Brought> {
        let numbers = rows.iter().map(|(number, _)| *number).collect();
        let mut brought = Brought { rows: numbers, ..Brought::default() };
        for (_, row) in rows {
            let said = |name: &str| row.get(name).copied().filter(|text| !text.is_empty());
            let points = said("points").and_then(|points| points.parse::<i64>().ok());
            match self.kind.as_str() {
                "lots" if rows.len() == 1 && points? < 0 => (brought.part, brought.owed) = ("debt", -points?),
                "lots" => {
                    let dates = ["earned_on", "expires_on", "activates_on"].map(|name| said(name).and_then(day_named));
                    let lot = lot(dates, today)?;
                    brought.part = "lots";
                    *brought.lots.entry(lot).or_default() += points.filter(|points| *points > 0)?;
                }
                "tiers" => {
                    let (since, until) = (said("since")?, said("until")?);
                    let fits = day_named(since)? <= today && today <= day_named(until)? && rows.len() == 1;
                    let tier = said("tier").filter(|tier| fits && (*tier == "member" || rank(tier) > 0))?.to_owned();
                    let (since, until) = (since.to_owned(), until.to_owned());
                    (brought.part, brought.tier) = ("tiers", Some(OpenedTier { tier, since, until }));
                }
                _ => {
                    let month = said("month")?;
                    let open = month_of(today) - 12..=month_of(today);
                    let points = points
                        .filter(|points| *points > 0 && month_named(month).is_some_and(|of| open.contains(&of)))?;
                    brought.part = "status";
                    *brought.status.entry(month.to_owned()).or_default() += points;
                }
            }
        }
        Some(brought)
    }
}

/// From when to when points can be spent: earned on, with a last day, from a day on.
fn lot([earned, last, from]: [Option<i64>; 3], today: i64) -> Option<(Option<i64>, i64)> {
    let expires = match (earned, last) {
        (_, Some(last)) => start_of(last + 1),
        (Some(earned), None) => expiry(start_of(earned)),
        (None, None) => return None,
    };
    let last = day_of(expires - 1);
    let ordered = earned.is_none_or(|earned| earned <= today && earned <= last) && from.is_none_or(|from| from < last);
    (ordered && last >= today).then_some((from.map(start_of).filter(|_| from > Some(today)), expires))
}

impl Brought {
    /// Is it what an entry says, and moves?
    fn is(&self, entry: &Entry) -> bool {
        let Detail::Opening { part, rows, tier, status, .. } = &entry.detail else { return false };
        let says = match self.part {
            "debt" => json!(self.owed),
            "lots" => {
                self.lots.iter().map(|((from, until), points)| json!([from.map(text), text(*until), points])).collect()
            }
            "tiers" => self.tier.iter().flat_map(|tier| [&tier.tier, &tier.since, &tier.until]).cloned().collect(),
            _ => self.status.iter().map(|(month, points)| json!([month, points])).collect(),
        };
        let content = of_parts(&[canonical(&json!({"part": self.part, "says": says})).as_bytes()], 8);
        let moved = Moved::brought(entry);
        let status: BTreeMap<String, i64> = status.iter().cloned().collect();
        let points: i64 = moved.iter().map(|moved| moved.points()).sum();
        let moves = if self.part == "debt" { points == -self.owed } else { moved == self.moves(&moved) };
        let same = (part.as_str(), usize::try_from(*rows).ok(), &entry.content, tier, status, moves);
        same == (self.part, Some(self.rows.len()), &content, &self.tier, self.status.clone(), true)
    }

    /// How its lots come in, where so much was owed as is said to have been repaid.
    fn moves(&self, told: &[Moved]) -> Vec<Moved> {
        let mut owed: i64 = told.iter().map(|moved| if let Moved::Debt(points) = moved { *points } else { 0 }).sum();
        let mut moves = Vec::new();
        for ((from, until), points) in &self.lots {
            if let Some(from) = from {
                moves.push(Moved::Pending(*from, *until, *points));
                continue;
            }
            let repaid = owed.min(*points);
            owed -= repaid;
            moves.extend((repaid > 0).then_some(Moved::Debt(repaid)));
            moves.extend((*points > repaid).then_some(Moved::Active(*until, points - repaid)));
        }
        moves
    }

    /// What its entry is known by, if it is of this import.
    fn operation(&self, import: &str) -> String {
        let first = self.rows.first().copied().unwrap_or_default().to_string();
        of_parts(&[b"fact", b"import", import.as_bytes(), first.as_bytes()], 16)
    }
}

fn text(millis: i64) -> String {
    at(millis).unwrap_or_default()
}

/// Was what an entry brings over said by a file that was sent, and an import of it started?
pub(super) fn asked<'a>(
    files: &BTreeMap<String, File>,
    mut started: impl Iterator<Item = &'a String>,
    entry: &Entry,
) -> Option<String> {
    let Detail::Opening { source, file, .. } = &entry.detail else { return None };
    let Some(sent) = files.get(file).filter(|sent| sent.source == *source) else {
        return Some(format!("entry {} is of a file {file} that nobody sent", entry.sequence));
    };
    let brings = sent.brings(day_of(entry.occurred_at.as_millisecond()));
    let said: Vec<&Brought> =
        brings.values().filter_map(|(brought, _)| brought.as_ref()).filter(|one| one.is(entry)).collect();
    let of_import = started.any(|import| said.iter().any(|one| one.operation(import) == entry.operation));
    (!of_import).then(|| {
        format!("entry {} brings over {:?}, which its file does not: {:?}", entry.sequence, entry.movements, sent.text)
    })
}

/// What is wrong with imports that were said to be done: everything good is in the ledger, and nothing else was accepted.
pub(crate) fn wrong(auditor: &Auditor, heard: &[Heard<'_>]) -> Vec<String> {
    let (mut people, mut files, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let told = |heard: &Heard<'_>, name: &str| heard.body[name].as_str().map(str::to_owned);
    for one in heard.iter().filter(|heard| heard.status < 300) {
        let (route, body) = (one.wish.payload["routeKey"].as_str().unwrap_or_default(), one.wish.body());
        match route {
            "POST /v1/members" => {
                let called = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                people.extend(told(one, "member").map(|member| ((called("source"), called("external_id")), member)));
            }
            "POST /v1/imports" => files.extend(told(one, "import").zip(File::sent(&body).map(|(_, file)| file))),
            "GET /v1/imports/{import_id}" if one.body["state"] == "done" => {
                let Some((import, file)) = told(one, "import").and_then(|import| files.get_key_value(&import)) else {
                    continue;
                };
                wrong.extend(file.came(auditor, &people, &one.body).map(|what| format!("{import}: {what}")));
            }
            _ => {}
        }
    }
    wrong
}

impl File {
    /// What does not fit of what is said to have come of its rows.
    fn came(&self, auditor: &Auditor, people: &BTreeMap<(String, String), String>, told: &Value) -> Option<String> {
        let started = told["started_at"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()).unwrap_or_default();
        let result = &told["result"];
        let count = |name: &str| result[name].as_u64().unwrap_or_default();
        let (mut rows, mut bad) = (0, 0);
        for (name, (brought, of)) in self.brings(day_of(started.as_millisecond())) {
            let of = u64::try_from(of).unwrap_or_default();
            let member = people.get(&(self.source.clone(), name.to_owned()));
            rows += of;
            let Some((member, brought)) = member.zip(brought) else {
                bad += of;
                continue;
            };
            let opens = |entry: &Entry| matches!(&entry.detail, Detail::Opening { source, part, .. } if *source == self.source && part == brought.part);
            // What is said of somebody who was merged is told of whoever stood for that one then.
            let merged = |member: &str| auditor.entries(member).iter().any(Entry::is_transfer);
            let mut others =
                auditor.members().keys().filter(|other| *other == member || merged(member) && merged(other));
            if !others.any(|other| auditor.entries(other).iter().any(opens)) {
                return Some(format!("{} of {member} were brought over, and are not in the ledger", brought.part));
            }
        }
        // What repaid a debt that came over beside it makes no room for another.
        let other =
            ["opening_exists", "opening_spent"].map(|code| result["by_code"][code].as_u64().unwrap_or_default());
        let other: u64 = other.iter().sum();
        let counted = (count("rows"), count("refused"), count("accepted") + count("unchanged"));
        let expected = (rows, bad + other, rows.saturating_sub(bad + other));
        (counted != expected)
            .then(|| format!("{counted:?} rows came in, were refused, and were not; expected {expected:?}: {result}"))
    }
}
