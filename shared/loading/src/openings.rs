//! What members bring over from another programme.

use domain::kernel::canonical::Hash;
use domain::ledger::brought::Elsewhere;
use domain::ledger::doer::Doer;
use domain::ledger::opening::{Open, Opening};
use domain::ledger::opening_rows::Read;
use domain::members::import::Outcome;
use futures_util::future::join_all;
use intake::{EXTERNAL_ID, Fault, OfMember, OpeningReader, Parted};
use sheet::Row;
use store::{Brought, Done, StoreError};

use crate::work::{AT_ONCE, Loaded, Work, nobody};

/// The rows of a part, member by member.
pub(crate) async fn rows(work: &Work<'_>, parted: Parted, rows: &[Row]) -> Result<Loaded, StoreError> {
    let identifiers = work.identifiers()?;
    let reader = OpeningReader { parted, naming: work.naming(&identifiers) };
    let (came, members) = reader.members(rows);
    let mut loaded = Loaded::of(came);
    for some in members.chunks(AT_ONCE) {
        for done in join_all(some.iter().map(|member| one(work, member))).await {
            let Loaded { came, points, lengthened } = done?;
            loaded.came.extend(came);
            loaded.points += points;
            loaded.lengthened += lengthened;
        }
    }
    Ok(loaded)
}

/// What one member brings over.
async fn one(work: &Work<'_>, of: &OfMember) -> Result<Loaded, StoreError> {
    let import = work.import;
    let programme = work.programmes.at(import.as_of());
    let found = work.store.holder(work.keys, &of.named, work.now).await?;
    let Some((stored, _)) = found else {
        let fault = nobody();
        return Ok(Loaded::of(of.all(Outcome::Refused, Some(&fault))));
    };
    let Read { opening, lengthened, holds, lifetime } = match of.opening(&import.cutover, programme, import.as_of()) {
        Ok(read) => read,
        Err(came) => return Ok(Loaded::of(came)),
    };
    let file = import.file.as_deref().unwrap_or_default().parse::<Hash>();
    let file = file.map_err(|_no_hash| StoreError::bug("a file is written before its hash is known"))?;
    let (operation, points) = (work.operation(of.first()), points_of(&opening));
    let open = Open {
        source: import.source.clone(),
        name: work.source.name.clone().unwrap_or_else(|| work.source.id.clone()),
        file,
        rows: of.count(),
        opening,
        holds,
        elsewhere: Elsewhere { as_of: import.cutover.as_of, lifetime, joined_on: stored.member.joined_on },
    };
    let (brought, by) = (Brought { operation, open }, Doer::new(import.by.clone()));
    let (member, setting) = (&stored.member.id, work.setting());
    let done = if work.writes {
        let mut patience = (work.patience)();
        let brought = std::slice::from_ref(&brought);
        work.store.bring(member, (brought, Some(&by)), setting, &mut patience).await?.pop()
    } else {
        Some(work.store.try_to_bring(member, (&brought, Some(&by)), setting).await?)
    };
    let (outcome, fault) = match done {
        // What this import has brought is accepted, however often it is written; what was there before is unchanged.
        Some(Ok(Done { entry, replayed, .. })) if !replayed || entry.operation == operation => {
            (Outcome::Accepted, None)
        }
        Some(Err(refused)) => (Outcome::Refused, Some(Fault::refused(EXTERNAL_ID, &refused))),
        Some(Ok(_)) | None => (Outcome::Unchanged, None),
    };
    if outcome != Outcome::Refused {
        work.proves(&brought.open.opening, member).await?;
    }
    let (points, lengthened) = if outcome == Outcome::Accepted { (points, lengthened) } else { (0, 0) };
    Ok(Loaded { came: of.all(outcome, fault.as_ref()), points, lengthened })
}

/// How many points are brought over, less what is owed.
fn points_of(opening: &Opening) -> i64 {
    match opening {
        Opening::Lots(lots) => lots.values().map(|points| points.0).sum(),
        Opening::Debt(points) => -points.0,
        Opening::Status(months) => months.values().map(|points| points.0).sum(),
        Opening::Tier { .. } => 0,
    }
}
