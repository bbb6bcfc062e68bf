//! Rows that give tags by hand.

use std::collections::BTreeMap;

use domain::kernel::refusal::Refusal as _;
use domain::members::import::Outcome;
use domain::members::tag::{Giving, Tagging, give};
use domain::programme::tag::Tagger;
use intake::{Came, EXTERNAL_ID, Fault, TagRow};
use sheet::Row;
use store::{Asking, Kept, NotWritten, StoreError, TagsByHand};

use crate::work::{Work, nobody};

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
    came.extend(work.by_member(members, |work, number, row| Box::pin(one(work, number, row))).await?);
    Ok(came)
}

/// One tag: what its source declares to send, an administrator has declared.
async fn one(work: &Work<'_>, number: u32, row: &TagRow) -> Result<Result<Outcome, Fault>, StoreError> {
    let rules = work.rules;
    let Some((stored, _)) = work.store.holder(work.keys, &row.named, work.now).await? else {
        return Ok(Err(nobody()));
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
