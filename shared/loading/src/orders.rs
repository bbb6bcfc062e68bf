//! What happened in another programme: recorded, and nothing is earned by it.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::past::WithdrawPast;
use domain::members::identifier::Identifier;
use domain::members::import::{Import, Kind, Outcome};
use intake::{Came, Fault, Naming, PastRow};
use sheet::Row;
use store::{Done, StoreError};

use crate::work::{Work, nobody};

/// The rows of a part, those of a member one after the other.
pub(crate) async fn rows(work: &Work<'_>, rows: &[Row]) -> Result<Came, StoreError> {
    let (mut came, mut members) = (Came::new(), BTreeMap::<String, Vec<(u32, PastRow)>>::new());
    let identifiers = work.identifiers()?;
    let (naming, import) = (work.naming(&identifiers), work.import);
    let (programme, cutover) = (work.programmes.at(import.as_of()), import.cutover.as_of.unwrap_or(import.as_of()));
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        match PastRow::read(import.kind == Kind::Orders, &naming, row, (programme, cutover)) {
            Ok(read) => match seen.get(read.called().1) {
                Some(first) => {
                    let words = format!("row {first} is of the same; the first counts");
                    let fault = Fault::new(read.called().0, "duplicate_in_file", words);
                    came.insert(row.number, (Outcome::Refused, vec![fault]));
                }
                None => {
                    seen.insert(read.called().1.to_owned(), row.number);
                    members.entry(read.named().value.clone()).or_default().push((row.number, read));
                }
            },
            Err(faults) => drop(came.insert(row.number, (Outcome::Refused, faults))),
        }
    }
    came.extend(work.by_member(members, |work, _, row| Box::pin(one(work, row))).await?);
    Ok(came)
}

/// By which operation something of the past is recorded, whichever import of its source says it.
pub(crate) fn operation(import: &Import, called: &str) -> OperationId {
    let kind = if import.kind == Kind::Orders { "past order" } else { "past activity" };
    OperationId::of_fact(kind, &import.source, called)
}

/// Who each row is about, and what it calls what happened; the first of those that call it the same.
pub(crate) fn named(work: &Work<'_>, naming: &Naming<'_>, rows: &[Row]) -> Vec<(Identifier, u32, String)> {
    let import = work.import;
    let (programme, cutover) = (work.programmes.at(import.as_of()), import.cutover.as_of.unwrap_or(import.as_of()));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let read = rows.iter().filter_map(|row| {
        let read = PastRow::read(import.kind == Kind::Orders, naming, row, (programme, cutover)).ok()?;
        let called = read.called().1.to_owned();
        seen.insert(called.clone()).then(|| (read.named().clone(), row.number, called))
    });
    read.collect()
}

/// Takes one back, as far as this import had recorded it.
pub(crate) fn back(work: &Work<'_>, called: &str, (operation, by): (OperationId, &Doer)) -> Instruction {
    let import = work.import;
    let order = (import.kind == Kind::Orders).then(|| called.to_owned());
    let withdraw = WithdrawPast { recorded: self::operation(import, called), since: import.as_of(), order };
    let stamp = Stamp { operation, content: ContentHash::of(&called.into()), occurred_at: work.now };
    Instruction::keyed(stamp, Command::WithdrawPast(withdraw)).by(Some(by.clone()))
}

/// One of them. It has the same name whichever import says it.
async fn one(work: &Work<'_>, row: &PastRow) -> Result<Result<Outcome, Fault>, StoreError> {
    let import = work.import;
    let Some((stored, _)) = work.store.holder(work.keys, row.named(), work.now).await? else {
        return Ok(Err(nobody()));
    };
    let programme = work.programmes.at(import.as_of());
    let (worth, currency) = (|points| import.cutover.worth(points), &programme.document().programme.currency);
    let activity = row.activity(&import.source, currency, (worth, programme.zone()));
    let (field, called) = row.called();
    let operation = operation(import, called);
    let stamp = Stamp { operation, content: ContentHash::of(&row.said(worth)), occurred_at: row.at() };
    let (fact, by) = (Some(row.fact(&import.source)), Some(Doer::new(import.by.clone())));
    let instruction = Instruction { stamp, fact, by, command: Command::Earn(activity), legs: Vec::new() };
    let (member, setting) = (&stored.member.id, work.setting());
    let done = if work.writes {
        let mut patience = (work.patience)();
        let one = std::slice::from_ref(&instruction);
        work.store.execute(member, one, setting, &mut patience).await?.pop()
    } else {
        Some(work.store.try_out(member, &instruction, setting).await?)
    };
    Ok(match done {
        Some(Ok(Done { replayed: false, .. })) => Ok(Outcome::Accepted),
        // What this import has recorded is accepted, however often it is written; what was there before is unchanged.
        Some(Ok(Done { entry, .. })) if work.again && entry.recorded_at >= import.as_of() => Ok(Outcome::Accepted),
        Some(Ok(_)) | None => Ok(Outcome::Unchanged),
        Some(Err(refused)) => Err(Fault::refused(field, &refused)),
    })
}
