//! What an import had written of a member is taken back, by what the rows of the log keep of it (rules: import 27).

use std::collections::BTreeMap;
use std::convert::Infallible;

use domain::kernel::id::MemberId;
use domain::ledger::doer::Doer;
use domain::members::erasing::Because;
use domain::members::facts::MemberFact;
use domain::members::receipt::Receipt;
use domain::members::state::{Held, Member, State};
use domain::members::undo::{Image, TakenBack};
use domain::members::undoing::{Back, RowBack};
use jiff::Timestamp;
use serde_json::Value;

use crate::attribute::{Item, as_instant, as_text, text, to_json};
use crate::error::{Damage, damaged};
use crate::members::attempt::Attempt;
use crate::members::claims;
use crate::members::enrol::Doing;
use crate::members::erase::{AskErasure, Erasure};
use crate::members::member_item::{Stored, decode};
use crate::members::read::Opened;
use crate::members::write::{Asking, IMAGE, News, Writing};
use crate::race::Patience;
use crate::sealed::secret::MemberKey;
use crate::table::{CLAIMS, MEMBER_LOG};
use crate::{Store, StoreError};

/// What of the import is taken back from one member.
#[derive(Debug, Clone, Copy)]
pub struct TakeBack<'a> {
    /// The import.
    pub import: &'a str,
    /// Since when it ran.
    pub since: Timestamp,
    /// The source that had said so.
    pub source: &'a str,
    /// The rows that name the member.
    pub rows: &'a [u32],
    /// Who takes it back, if somebody who was enrolled is erased.
    pub by: &'a Doer,
}

/// What became of each row that had changed something.
pub type RowsBack = BTreeMap<u32, RowBack>;

/// The name under which a row of the log says what was taken back.
const UNDID: &str = "undid";

/// A row of the log.
struct Row {
    by: String,
    enrolled: bool,
    /// It says where the member stands since.
    stood: bool,
    /// What the write made of the member, sealed.
    image: Option<(Item, Item)>,
    /// What was taken back by it.
    undid: Vec<String>,
}

impl Row {
    /// The row of the file by which an import wrote it.
    fn of(&self, import: &str) -> Option<u32> {
        let (named, row) = self.by.rsplit_once(" import:")?.1.split_once('#')?;
        row.parse().ok().filter(|_| named == import)
    }

    /// Was it written by the import, or by its undoing?
    fn is_by(&self, import: &str) -> bool {
        let name = |place: &str| place.split(['#', '/']).next() == Some(import);
        [" import:", " undo:"].iter().any(|word| self.by.rsplit_once(word).is_some_and(|(_, place)| name(place)))
    }
}

/// What is to be done.
enum Decision {
    /// The import has changed nothing of the member, or that is taken back already.
    Said(RowsBack),
    /// The member is erased.
    Erase(Vec<u32>),
}

fn all(rows: impl IntoIterator<Item = u32>, back: &RowBack) -> RowsBack {
    rows.into_iter().map(|row| (row, back.clone())).collect()
}

impl Store {
    /// Takes back what an import had written of a member, as far as nothing else was said since; or says what would come of it.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn take_back(
        &self,
        member: &MemberId,
        wanted: TakeBack<'_>,
        asking: Asking<'_>,
        (patience, doing): (&mut Patience, Doing),
    ) -> Result<RowsBack, StoreError> {
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], asking.setting.now).await?;
            if opened.erased.contains_key(member) {
                let receipt = self.receipt(member).await?;
                let undone = |receipt: &Receipt| receipt.because == Because::Undone && receipt.by == asking.by;
                let rows = wanted.rows.iter().copied();
                // Whoever goes on after a crash sees to what was left of it.
                let said = if receipt.is_some_and(|(receipt, _)| undone(&receipt)) {
                    Decision::Erase(rows.collect())
                } else {
                    Decision::Said(all(rows, &RowBack::left("member_erased", "external_id")))
                };
                return Ok::<_, StoreError>(Attempt::<_, Infallible>::Same(said));
            }
            let Some(stored) = opened.members.get(member) else {
                return Ok(Attempt::Same(Decision::Said(RowsBack::new())));
            };
            let log = self.log_since(member, wanted.since).await?;
            if let Some(done) = log.iter().find(|row| row.by == asking.by) {
                let rows = done.undid.iter().filter_map(|said| RowBack::read(said)).collect();
                return Ok(Attempt::Same(Decision::Said(rows)));
            }
            let of = |row: &Row| row.of(wanted.import).filter(|number| wanted.rows.contains(number));
            let mine: Vec<(u32, &Row)> = log.iter().filter_map(|row| Some((of(row)?, row))).collect();
            if matches!(stored.member.state, State::Merged { .. }) {
                let merged = RowBack::left("merged", "external_id");
                return Ok(Attempt::Same(Decision::Said(all(mine.iter().map(|(number, _)| *number), &merged))));
            }
            if mine.iter().any(|(_, row)| row.enrolled) && self.has_done_nothing(stored, &log, wanted.import).await? {
                return Ok(Attempt::Same(Decision::Erase(mine.iter().map(|(number, _)| *number).collect())));
            }
            let key = opened.keys.get(member).ok_or_else(|| StoreError::bug("a member is read without its key"))?;
            let (after, rows, done) = reverted(stored, &mine, (key, wanted.source), asking)?;
            if doing == Doing::Look || done.iter().all(TakenBack::is_nothing) {
                return Ok(Attempt::Same(Decision::Said(rows)));
            }
            let writing = self.reverting((stored, &after), (&rows, &done), wanted.source, (&opened, asking)).await?;
            Ok(Attempt::Write(writing.all().await?, Decision::Said(rows)))
        };
        let Ok(decision) = self.until_written(patience, attempt).await?;
        match decision {
            Decision::Said(rows) => Ok(rows),
            Decision::Erase(rows) if doing == Doing::Look => Ok(all(rows, &RowBack::whole(Back::Erased))),
            Decision::Erase(rows) => {
                let erased = self.erase_undone(member, wanted.by, asking, patience).await?;
                let held = RowBack::left("erasure_held", "external_id");
                Ok(all(rows, &if erased { RowBack::whole(Back::Erased) } else { held }))
            }
        }
    }

    /// Has nobody but the import said anything of the member, and has nothing happened in its account?
    async fn has_done_nothing(&self, stored: &Stored, log: &[Row], import: &str) -> Result<bool, StoreError> {
        let member = &stored.member.id;
        let alone = log.iter().all(|row| row.is_by(import)) && u64::try_from(log.len()) == Ok(stored.version);
        Ok(alone && self.is_untouched(member).await? && self.signal_places(member).await?.is_empty())
    }

    /// Erases somebody who is here by mistake: what the member is known by is free at once, for the repaired file has it again. The rest goes
    /// with the next run of the schedule.
    async fn erase_undone(
        &self,
        member: &MemberId,
        by: &Doer,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let ask = AskErasure { because: Because::Undone, at_once: true, by: Some(by), reason: None };
        if !matches!(self.ask_erasure(member, ask, asking, patience).await?, Ok(Erasure::Done(_))) {
            return Ok(false);
        }
        let (request, _) = self.request(member).await?;
        let receipt = self.receipt(member).await?;
        if let (Some(work), Some((receipt, _))) = (request.and_then(|request| request.work), receipt) {
            self.free(&receipt, &work.claims, asking.rules, patience).await?;
        }
        Ok(true)
    }

    /// Everything that is written of a member of whom something is taken back.
    async fn reverting<'a>(
        &'a self,
        (before, after): (&Stored, &Member),
        (rows, done): (&RowsBack, &[TakenBack]),
        source: &str,
        (opened, asking): (&'a Opened, Asking<'a>),
    ) -> Result<Writing<'a>, StoreError> {
        let facts: Vec<MemberFact> = done.iter().flat_map(|done| done.facts(after, source)).collect();
        let records = done.iter().flat_map(|done| &done.records).collect();
        let notes = rows.iter().map(|(row, back)| (UNDID, back.said(*row).into())).collect();
        let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
        writing.member(after, before.version, News { facts: &facts, records, notes, ..News::default() })?;
        let unlinked = done.iter().flat_map(|done| &done.unlinked);
        let own = |held: &&Held| held.identifier.kind.is_unique() && !held.contact;
        let keys: Vec<String> =
            unlinked.filter(own).map(|held| claims::key(&held.identifier.kind, held.index)).collect();
        for (key, claim) in self.claimed(&keys).await? {
            if claim.member == before.member.id {
                writing.beside(claims::free(self.tables.of(&CLAIMS)?, &key, &claim.member)?);
            }
        }
        Ok(writing)
    }

    /// What was written of a member since an instant, the newest first.
    async fn log_since(&self, member: &MemberId, since: Timestamp) -> Result<Vec<Row>, StoreError> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&MEMBER_LOG)?).scan_index_forward(false);
            let query = query.key_condition_expression("#member = :member").consistent_read(true);
            let query = query.expression_attribute_names("#member", MEMBER_LOG.hash);
            let query = query.expression_attribute_values(":member", text(member.as_str()));
            let found = query.set_exclusive_start_key(start).send().await?;
            for item in found.items.unwrap_or_default() {
                let read = || -> Result<Option<Row>, Damage> {
                    if as_instant(item.get("at"), "at")? < since { Ok(None) } else { row(&item).map(Some) }
                };
                match read().map_err(|damage| damage.of(MEMBER_LOG.name))? {
                    Some(row) => rows.push(row),
                    None => return Ok(rows),
                }
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(rows);
            }
        }
    }
}

fn row(item: &Item) -> Result<Row, Damage> {
    let image = item.get(IMAGE).map(|image| {
        let image = image.as_m().map_err(|_no_map| damaged(IMAGE))?;
        let part = |name: &str| {
            let part = image.get(name).and_then(|part| part.as_m().ok()).ok_or_else(|| damaged(IMAGE))?;
            Ok::<_, Damage>(part.clone())
        };
        Ok::<_, Damage>((part("b")?, part("a")?))
    });
    let undid = item.get(UNDID).map(to_json).transpose()?.unwrap_or_default();
    let undid = undid.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    Ok(Row {
        by: as_text(item.get("by"), "by")?.to_owned(),
        enrolled: item.contains_key("enrolled"),
        stood: item.contains_key("states"),
        image: image.transpose()?,
        undid: undid.collect(),
    })
}

/// A member with what the rows wrote taken back, the newest first.
fn reverted(
    stored: &Stored,
    mine: &[(u32, &Row)],
    (key, source): (&MemberKey, &str),
    asking: Asking<'_>,
) -> Result<(Member, RowsBack, Vec<TakenBack>), StoreError> {
    let (mut after, mut rows, mut all) = (stored.member.clone(), RowsBack::new(), Vec::new());
    for (number, row) in mine {
        if row.enrolled {
            rows.insert(*number, RowBack::left("in_use", "external_id"));
            continue;
        }
        if row.stood {
            // A person says where the member stands from now on, or has said so.
            let stays = stored.member.state != State::Active;
            let back = if stays { RowBack::left("state_stays", "state") } else { RowBack::whole(Back::Restored) };
            rows.insert(*number, back);
            continue;
        }
        let Some((before, written)) = &row.image else { continue };
        let image = Image { before: decode(before, key)?.member, after: decode(written, key)?.member };
        let done = image.take_back(&mut after, source, asking.rules);
        let mut back = if done.left.is_empty() { RowBack::whole(Back::Restored) } else { RowBack::changed(&done.left) };
        if let Some(stays) = rows.remove(number).filter(|stays| !stays.left.is_empty()) {
            (back.back, back.left) = (Back::Left, [back.left, stays.left].concat());
        }
        rows.insert(*number, back);
        all.push(done);
    }
    Ok((after, rows, all))
}
