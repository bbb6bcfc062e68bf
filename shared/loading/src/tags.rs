//! Rows that give tags by hand.

use std::collections::BTreeMap;

use domain::kernel::refusal::Refusal as _;
use domain::members::import::Outcome;
use domain::members::tag::{Giving, Tagging, give};
use domain::programme::tag::Tagger;
use futures_util::future::join_all;
use intake::{Came, EXTERNAL_ID, Fault, TagRow};
use sheet::Row;
use store::{Asking, Kept, NotWritten, StoreError, TagsByHand};

use crate::work::{AT_ONCE, Work};

/// The rows of a part, those of a member one after the other.
pub(crate) async fn rows(work: &Work<'_>, rows: &[Row]) -> Result<Came, StoreError> {
    let (mut came, mut members) = (Came::new(), BTreeMap::<String, Vec<(u32, TagRow)>>::new());
    let identifiers = work.identifiers()?;
    let naming = work.naming(&identifiers);
    for row in rows {
        match TagRow::read(&naming, row) {
            Ok(read) => members.entry(read.named.value.clone()).or_default().push((row.number, read)),
            Err(faults) => drop(came.insert(row.number, (Outcome::Refused, faults))),
        }
    }
    let members: Vec<Vec<(u32, TagRow)>> = members.into_values().collect();
    for some in members.chunks(AT_ONCE) {
        for done in join_all(some.iter().map(|rows| member(work, rows))).await {
            came.extend(done?);
        }
    }
    Ok(came)
}

async fn member(work: &Work<'_>, rows: &[(u32, TagRow)]) -> Result<Came, StoreError> {
    let mut came = Came::new();
    for (number, row) in rows {
        let (outcome, fault) = match one(work, *number, row).await? {
            Ok(outcome) => (outcome, None),
            Err(fault) => (Outcome::Refused, Some(fault)),
        };
        came.insert(*number, (outcome, fault.into_iter().collect()));
    }
    Ok(came)
}

/// One tag: what its source declares to send, an administrator has declared.
async fn one(work: &Work<'_>, number: u32, row: &TagRow) -> Result<Result<Outcome, Fault>, StoreError> {
    let rules = work.rules;
    let Some((stored, _)) = work.store.holder(work.keys, &row.named, work.now).await? else {
        return Ok(Err(Fault::new(EXTERNAL_ID, "unknown_member", "nobody is called so: import members first")));
    };
    let (member, dictionary) = (stored.member, work.programmes.at(work.import.as_of()).document().tag.as_slice());
    let giving = Giving { tag: &row.tag, by: Tagger::Admin, until: row.until };
    let outcome = |news: bool| if news { Outcome::Accepted } else { Outcome::Unchanged };
    if !work.writes {
        let until = give(dictionary, &member.tags, giving, rules.today);
        let news = until.map(|until| outcome(member.tags.get(&row.tag) != Some(&until)));
        return Ok(news.map_err(|refusal| of_field(&refusal)));
    }
    let (all, mark) = (work.file(), work.mark(number));
    let operation = work.operation(number);
    let asking = Asking { keys: work.keys, by: &mark, operation, rules, setting: work.setting() };
    let told = (TagsByHand::Bring(giving), dictionary, None);
    let kept = match work.store.tag(&member.id, told, asking, &mut (work.patience)()).await? {
        Ok(Kept { version, .. }) => version,
        Err(NotWritten::Refused(refusal)) => return Ok(Err(of_field(&refusal))),
        Err(NotWritten::Finding(finding)) => return Ok(Err(Fault::refused(EXTERNAL_ID, &finding))),
    };
    let before = work.again && work.store.wrote(&member.id, kept, (&all, &mark)).await?;
    Ok(Ok(outcome(kept > stored.version || before)))
}

fn of_field(refusal: &Tagging) -> Fault {
    Fault::refused(refusal.field().unwrap_or("tag"), refusal)
}
