//! What rows had written, found again and taken back (rule: import 27).

use std::collections::BTreeMap;

use domain::kernel::id::{MemberId, OperationId};
use domain::kernel::refusal::Refusal as _;
use domain::ledger::brought::Part;
use domain::ledger::doer::Doer;
use domain::members::import::Kind;
use domain::members::undoing::{Back, BackCounts, RowBack};
use futures_util::future::join_all;
use intake::{EXTERNAL_ID, OpeningReader, left_line};
use serde::{Deserialize, Serialize};
use sheet::Row;
use store::{Asking, Doing, RowsBack, StoreError, TakeBack, Withdrawn};

use crate::kinds::parted;
use crate::orders;
use crate::work::{AT_ONCE, Work};

/// What is to be taken back from one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    /// From whom.
    member: MemberId,
    /// The rows of the file, the first first.
    rows: Vec<u32>,
    /// The part that they had brought over, if they had.
    part: Option<String>,
    /// What they call what happened in the past, if it is that.
    #[serde(default)]
    past: Option<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Undone {
    /// What is to be taken back, member by member.
    plans: Vec<Plan>,
    /// What became, or would, of each row that had changed something: whose it is, and what.
    rows: BTreeMap<u32, (MemberId, RowBack)>,
}

impl Undone {
    /// What is to be taken back, a line for each member: whoever does it asks for no names any more.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn plan(&self) -> Result<String, StoreError> {
        let lines = self.plans.iter().map(|plan| serde_json::to_string(plan).map(|line| format!("{line}\n")));
        lines.collect::<Result<_, _>>().map_err(|_never| StoreError::bug("a plan is not JSON"))
    }

    /// The rows by what became of them, and a line for each that stays, whole or in part.
    #[must_use]
    pub(crate) fn told(&self) -> (BackCounts, String) {
        let (mut counts, mut lines) = (BackCounts::default(), String::new());
        for (row, (member, back)) in &self.rows {
            counts.count(back);
            for (code, field) in &back.left {
                left_line(&mut lines, (*row, member.as_str()), (field, code));
            }
        }
        (counts, lines)
    }
}

/// Finds out what rows had changed, and what would come of taking it back.
///
/// # Errors
/// What the store says.
pub(crate) async fn look_back(work: &Work<'_>, rows: &[Row]) -> Result<Undone, StoreError> {
    let (plans, doer) = (plans(work, rows).await?, doer(work));
    let mut undone = Undone::default();
    for some in plans.chunks(AT_ONCE) {
        let looked = join_all(some.iter().map(|(plan, live)| one(work, plan, (&doer, ""), Look(*live)))).await;
        for ((plan, _), back) in some.iter().zip(looked) {
            let back = back?;
            if back.is_empty() {
                continue;
            }
            undone.plans.push(Plan { rows: back.keys().copied().collect(), ..plan.clone() });
            undone.rows.extend(back.into_iter().map(|(row, back)| (row, (plan.member.clone(), back))));
        }
    }
    Ok(undone)
}

/// Takes back what was planned. `mark` is by what the log knows it, for each part of the file another.
///
/// # Errors
/// What the store says; what is done by then is found when it is done again.
pub(crate) async fn take_back(work: &Work<'_>, planned: &[u8], mark: &str) -> Result<Undone, StoreError> {
    let lines = planned.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let plans: Result<Vec<Plan>, _> = lines.map(serde_json::from_slice).collect();
    let plans = plans.map_err(|_no_plan| StoreError::bug("what is to be taken back of a part cannot be read"))?;
    let (mut undone, doer) = (Undone::default(), doer(work));
    for some in plans.chunks(AT_ONCE) {
        let done = join_all(some.iter().map(|plan| one(work, plan, (&doer, mark), Write))).await;
        for (plan, back) in some.iter().zip(done) {
            undone.rows.extend(back?.into_iter().map(|(row, back)| (row, (plan.member.clone(), back))));
        }
    }
    Ok(undone)
}

/// Is it done, or what would come of it found out? Somebody else may stand for the member by now.
#[derive(Clone, Copy)]
enum Try {
    Look(bool),
    Write,
}
use Try::{Look, Write};

fn doer(work: &Work<'_>) -> Doer {
    Doer::new(work.import.undo.as_ref().map_or_else(|| work.import.by.clone(), |undo| undo.by.clone()))
}

/// Which rows name whom, and whether the member still stands for itself. Rows that name nobody had written nothing.
async fn plans(work: &Work<'_>, rows: &[Row]) -> Result<Vec<(Plan, bool)>, StoreError> {
    let identifiers = work.identifiers()?;
    let naming = work.naming(&identifiers);
    let mut named: Vec<(_, Vec<u32>, Option<String>)> = Vec::new();
    if let Some(parted) = parted(work.import.kind) {
        let (_, members) = OpeningReader { parted, naming }.members(rows);
        named.extend(members.into_iter().map(|of| (of.named.clone(), of.numbers(), None)));
    } else if matches!(work.import.kind, Kind::Orders | Kind::Activities) {
        let read = orders::named(work, &naming, rows).into_iter();
        named.extend(read.map(|(named, row, called)| (named, vec![row], Some(called))));
    } else {
        named.extend(rows.iter().filter_map(|row| Some((naming.named(row).ok()?, vec![row.number], None))));
    }
    let mut plans: BTreeMap<MemberId, (Plan, bool)> = BTreeMap::new();
    let (mut apart, mut past) = (Vec::new(), Vec::new());
    for some in named.chunks(AT_ONCE) {
        let holders = join_all(some.iter().map(|(named, ..)| work.store.holder(work.keys, named, work.now))).await;
        for ((_, rows, called), holder) in some.iter().zip(holders) {
            let Some((stored, member)) = holder? else { continue };
            let live = stored.member.id == member;
            let plan = Plan { member: member.clone(), rows: rows.clone(), part: None, past: called.clone() };
            if called.is_some() {
                past.push((plan, live));
                continue;
            }
            if parted(work.import.kind).is_some() {
                apart.push((plan, live)); // of each its own operation
                continue;
            }
            let known = plans.entry(member).or_insert((Plan { rows: Vec::new(), ..plan }, live));
            known.0.rows.extend(rows);
        }
    }
    for (plan, _) in &mut apart {
        let brought = work.operation(plan.rows.first().copied().unwrap_or_default());
        plan.part = work.store.opening_by(&plan.member, brought).await?.map(|part| part.name().to_owned());
    }
    apart.retain(|(plan, _)| plan.part.is_some());
    Ok(plans.into_values().chain(apart).chain(past).collect())
}

async fn one(work: &Work<'_>, plan: &Plan, (doer, mark): (&Doer, &str), how: Try) -> Result<RowsBack, StoreError> {
    let doing = if matches!(how, Look(_)) { Doing::Look } else { Doing::Write };
    let first = plan.rows.first().copied().unwrap_or_default();
    let operation = OperationId::of_fact("import", &work.import.id, &format!("undo {first}"));
    let mut patience = (work.patience)();
    if let Some(called) = &plan.past {
        let field = if work.import.kind == Kind::Orders { "order_id" } else { "id" };
        let back = orders::back(work, called, (operation, doer));
        let done = match how {
            Look(false) => return Ok([(first, RowBack::left("merged", field))].into()),
            Look(true) => Some(work.store.try_out(&plan.member, &back, work.setting()).await?),
            Write => {
                let one = std::slice::from_ref(&back);
                work.store.execute(&plan.member, one, work.setting(), &mut patience).await?.pop()
            }
        };
        return Ok(match done {
            Some(Ok(_)) => [(first, RowBack::whole(Back::Withdrawn))].into(),
            // Another import had recorded it, or somebody has taken it back already.
            Some(Err(refused)) if refused.code() == "not_found" => RowsBack::new(),
            Some(Err(refused)) => [(first, RowBack::left(refused.code(), field))].into(),
            None => RowsBack::new(),
        });
    }
    let part = plan.part.as_deref().and_then(|part| Part::ALL.into_iter().find(|known| known.name() == part));
    if let Some(part) = part {
        let all = |back: &RowBack| plan.rows.iter().map(|row| (*row, back.clone())).collect();
        if matches!(how, Look(false)) {
            return Ok(all(&RowBack::left("merged", EXTERNAL_ID)));
        }
        let (member, source, brought) = (&plan.member, work.import.source.as_str(), work.operation(first));
        let withdrawn = Withdrawn { member, source, part, brought, operation, by: doer };
        let done = match how {
            Look(_) => work.store.try_to_withdraw(&withdrawn, work.setting()).await?,
            Write => work.store.withdraw_opening(&withdrawn, work.setting(), &mut patience).await?,
        };
        return Ok(match done {
            Ok(_) => all(&RowBack::whole(Back::Withdrawn)),
            // Somebody has withdrawn it already.
            Err(refused) if refused.code() == "not_found" => RowsBack::new(),
            Err(refused) => all(&RowBack::left(refused.code(), EXTERNAL_ID)),
        });
    }
    let asking = Asking { keys: work.keys, by: mark, operation, rules: work.rules, setting: work.setting() };
    let (import, source) = (work.import.id.as_str(), work.import.source.as_str());
    let wanted = TakeBack { import, since: work.import.as_of(), source, rows: &plan.rows, by: doer };
    work.store.take_back(&plan.member, wanted, asking, (&mut patience, doing)).await
}
