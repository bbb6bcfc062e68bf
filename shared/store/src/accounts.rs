//! The one algorithm: read, look for a repeat, decide in pure code, write once under the version.

use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::kernel::change::Effect;
use domain::kernel::id::MemberId;
use domain::ledger::account::Account;
use domain::ledger::books::Change;
use domain::ledger::command::{Instruction, Repeat};
use domain::ledger::entry::Entry;
use domain::ledger::evaluation::{Evaluated, behaviour, evaluate, lookback};
use domain::ledger::pockets::Pockets;
use domain::ledger::reach::Reach;
use domain::ledger::refusal::Refusal;
use domain::planted;
use domain::programme::setting::Setting;
use domain::standing::scores::Scored;
use jiff::{Timestamp, Unit};
use tokio::time::Instant;

use crate::attribute::{Item, number, text};
use crate::commit::Commit;
use crate::item::{Page, Record, decode_page, decode_record, encode_page, encode_record};
use crate::patience::Patience;
use crate::{Store, StoreError, keys, size_of};

/// A command that is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What was recorded.
    pub entry: Entry,
    /// Where the points were right after it.
    pub pockets: Pockets,
    /// It had been recorded before.
    pub replayed: bool,
}

/// What became of each command, in order.
pub type Outcomes = Vec<Result<Done, Refusal>>;

/// When an account is looked at without a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Review {
    /// If time has done something to it.
    IfDue,
    /// In any case.
    Now,
}

/// How many pages are read at once to look back over a year: those of a member that shops every week fit.
const YEAR_OF_PAGES: i32 = 12;

/// What one pass over the commands decided.
struct Decided {
    outcomes: Outcomes,
    record: Record,
    effects: Vec<Effect>,
}

impl Decided {
    fn writes(&self, read: &Record) -> bool {
        self.record.account.sequence > read.account.sequence
    }

    fn refuses(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.as_ref().is_err_and(Instruction::depends_on_account))
    }
}

impl Store {
    /// The largest item that costs one write unit, in bytes.
    pub const BUDGET: usize = 1024;
    /// Room for the entry of an earning, in bytes: a review, for which nobody waits, seals so that the next earning need not.
    const ROOM: usize = 160;

    /// Carries out commands for one member, folded into one write. At most one of them may touch something shared.
    ///
    /// The time is fixed by the caller: a retry decides at the same time. Time never runs backwards in an account: if another
    /// clock was ahead, its newest entry's time counts.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB says.
    pub async fn execute(
        &self,
        member: &MemberId,
        instructions: &[Instruction],
        mut setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Outcomes, StoreError> {
        let mut record = self.read(member, false).await?;
        let mut fresh = false;
        let begun = planted!("bug-retry-decides-later").then(|| (setting.now, Instant::now()));
        loop {
            let decided = self.decide(&record, instructions, setting).await?;
            if decided.refuses() && !fresh && !planted!("bug-refusal-unconfirmed") {
                record = self.read(member, true).await?;
                fresh = true;
                continue;
            }
            if !decided.writes(&record) {
                return Ok(decided.outcomes);
            }
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let sealed = self.seal_if_full(&record, decided.record, Self::BUDGET).await?;
            match self.commit(&record, &sealed, &decided.effects, patience.is_first()).await? {
                Commit::Written => return Ok(decided.outcomes),
                Commit::Refused(refusal) => {
                    return Ok(decided
                        .outcomes
                        .into_iter()
                        .map(|outcome| outcome.and_then(|_undone| Err(refusal.clone())))
                        .collect());
                }
                Commit::Lost(_) if planted!("bug-lost-race-done") => return Ok(decided.outcomes),
                Commit::Lost(newer) => {
                    if !patience.again().await {
                        return Err(StoreError::Busy);
                    }
                    if let Some((at, begun)) = begun {
                        setting.now = (at + begun.elapsed()).round(Unit::Millisecond).unwrap_or(at);
                    }
                    (record, fresh) = match newer {
                        Some(item) => (decode_record(&item)?, true),
                        None => (self.read(member, true).await?, true),
                    };
                }
            }
        }
    }

    /// Decides commands without writing anything.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn try_out(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refusal>, StoreError> {
        let record = self.read(member, true).await?;
        let mut decided = self.decide(&record, std::slice::from_ref(instruction), setting).await?;
        decided.outcomes.pop().ok_or_else(|| StoreError::Broken("one command has one outcome".to_owned()))
    }

    /// Writes the books of an account for what time has done, and finds its place among those due again. Returns what was
    /// written, if anything was due.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn settle(
        &self,
        member: &MemberId,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Entry>, StoreError> {
        self.review(member, Review::IfDue, setting, patience).await
    }

    /// Works out a member's scores and tier anew from what is in the ledger. Returns what was written, if anything changed.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn evaluate(
        &self,
        member: &MemberId,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Entry>, StoreError> {
        self.review(member, Review::Now, setting, patience).await
    }

    async fn review(
        &self,
        member: &MemberId,
        review: Review,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Entry>, StoreError> {
        // The index lags as well: a sweep that sees an account as it was loses the race, or finds it again.
        let mut record = self.read(member, review == Review::Now).await?;
        loop {
            if record.version == 0 {
                return Ok(None);
            }
            let now = record.newest_at().map_or(setting.now, |newest| newest.max(setting.now));
            let setting = Setting { now, ..setting };
            // What has fired is moved; what is yet to come stays where it is, unless it comes sooner.
            let waiting = record.due.filter(|due| *due > now);
            let due = record.account.due(setting);
            let overdue = due.is_some_and(|due| due <= now);
            if review == Review::IfDue && !overdue && armed(waiting, due) == record.due {
                return Ok(None);
            }
            let history = if review == Review::Now || scores_are_next(&record.account, setting) {
                self.looked_back(&record, setting).await?
            } else {
                None
            };
            let Evaluated { account, entry } = evaluate(&record.account, history.as_deref(), setting);
            let due = armed(waiting, account.due(setting));
            if entry.is_none() && due == record.due {
                return Ok(None);
            }
            let mut next = Record { account, version: record.version + 1, due, ..record.clone() };
            next.recent.extend(entry.clone());
            let sealed = self.seal_if_full(&record, next, Self::BUDGET - Self::ROOM).await?;
            match self.commit(&record, &sealed, &[], true).await? {
                Commit::Written => return Ok(entry),
                Commit::Refused(refusal) => return Err(StoreError::Broken(refusal.code())),
                Commit::Lost(newer) => {
                    if !patience.again().await {
                        return Err(StoreError::Busy);
                    }
                    record = newer.map_or(Err(StoreError::Busy), |item| decode_record(&item))?;
                }
            }
        }
    }

    /// The account, and its scores as they are now; no scores if the programme scores nobody.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn scored(
        &self,
        member: &MemberId,
        setting: Setting<'_>,
    ) -> Result<Option<(Account, Option<Scored>)>, StoreError> {
        let record = self.read(member, true).await?;
        if record.version == 0 {
            return Ok(None);
        }
        let programme = setting.programmes.at(setting.now);
        let (rfmls, history) = (programme.document().rfmls.as_ref(), self.looked_back(&record, setting).await?);
        let behaviour = rfmls.zip(history).map(|(rfmls, history)| behaviour(&history, programme, rfmls));
        let scored = behaviour.and_then(|behaviour| behaviour.score(programme, programme.zone().date(setting.now)));
        Ok(Some((record.account, scored)))
    }

    /// The entries that scores are worked out from; `None` if the programme scores nobody.
    async fn looked_back(&self, record: &Record, setting: Setting<'_>) -> Result<Option<Vec<Entry>>, StoreError> {
        let Some(since) = lookback(setting.programmes.at(setting.now), setting.now) else { return Ok(None) };
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        while history.unread.is_some_and(|(_, recorded_at)| recorded_at >= since) {
            self.read_older(&record.account.member, &mut history, YEAR_OF_PAGES).await?;
        }
        Ok(Some(history.entries))
    }

    /// The account as stored; a new one if there is none.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn read(&self, member: &MemberId, consistent: bool) -> Result<Record, StoreError> {
        let call = self.dynamodb.get_item().table_name(&self.tables.accounts).key(keys::MEMBER, text(member.as_str()));
        let found = call.consistent_read(consistent).send().await?;
        found.item.map_or_else(|| Ok(Record::new(member.clone())), |item| decode_record(&item))
    }

    /// Decides the commands one after the other on the account as read.
    async fn decide(
        &self,
        read: &Record,
        instructions: &[Instruction],
        setting: Setting<'_>,
    ) -> Result<Decided, StoreError> {
        let newest_at = read.newest_at().filter(|_| !planted!("bug-time-runs-backwards"));
        let now = newest_at.map_or(setting.now, |newest| newest.max(setting.now));
        let settled = Setting { now, ..setting };
        let mut record = read.clone();
        let mut history = History { entries: read.recent.clone(), unread: read.sealed };
        let mut outcomes = Vec::with_capacity(instructions.len());
        let mut effects = Vec::new();
        for instruction in instructions {
            self.load(&record.account.member, &mut history, &instruction.reach(setting.programmes, now)).await?;
            let unknown = |entry: &&Entry| setting.programmes.numbered(entry.programme).is_none();
            if let Some(entry) = history.entries.iter().find(unknown) {
                return Err(StoreError::UnknownProgramme(entry.programme));
            }
            let outcome = match instruction.repeat_in(&history.entries) {
                Some(Repeat::Same(entry)) => {
                    let sequence = if planted!("bug-replay-answers-now") { u64::MAX } else { entry.sequence };
                    let pockets = history.pockets_after(sequence, &record.account.pockets);
                    Ok(Done { entry: entry.clone(), pockets, replayed: true })
                }
                Some(Repeat::Conflict(entry)) => Err(instruction.conflict(entry)),
                None => instruction.decide(&record.account, &history.entries, settled).map(|change| {
                    let Change { account, entry, effects: touched } = change;
                    record.account = account;
                    record.recent.push(entry.clone());
                    history.entries.push(entry.clone());
                    effects.extend(touched);
                    Done { pockets: record.account.pockets.clone(), entry, replayed: false }
                }),
            };
            outcomes.push(outcome);
        }
        record.version = read.version + 1;
        record.due = armed(record.due, record.account.due(settled));
        Ok(Decided { outcomes, record, effects })
    }

    /// Reads pages, newest first, until the entries reach back far enough.
    async fn load(&self, member: &MemberId, history: &mut History, reach: &Reach) -> Result<(), StoreError> {
        if planted!("bug-history-unsearched") && reach.order.is_none() && reach.sequence.is_none() {
            return Ok(());
        }
        while reach.needs_older(&history.entries, history.unread) {
            self.read_older(member, history, 4).await?;
        }
        Ok(())
    }

    /// Reads the next older pages, at most so many.
    pub(crate) async fn read_older(
        &self,
        member: &MemberId,
        history: &mut History,
        most: i32,
    ) -> Result<(), StoreError> {
        let Some((newest, _)) = history.unread else { return Ok(()) };
        let pages = self.pages_before(member, newest, most).await?;
        if pages.is_empty() {
            return Err(StoreError::Broken(format!("{member} has no page with entry {newest}")));
        }
        for page in pages {
            history.prepend(page);
        }
        Ok(())
    }

    /// Pages that hold entry `newest` and older ones, newest page first.
    ///
    /// A page never changes, and entries are numbered: if one is missing, that shows. So a read that may miss the newest is
    /// tried first, for half the units.
    pub(crate) async fn pages_before(
        &self,
        member: &MemberId,
        newest: u64,
        limit: i32,
    ) -> Result<Vec<Page>, StoreError> {
        let pages = self.query_pages(member, newest, limit, false).await?;
        if without_gaps(&pages, newest) || planted!("bug-page-missed") {
            return Ok(pages);
        }
        self.query_pages(member, newest, limit, true).await
    }

    async fn query_pages(
        &self,
        member: &MemberId,
        newest: u64,
        limit: i32,
        consistent: bool,
    ) -> Result<Vec<Page>, StoreError> {
        let query = self.dynamodb.query().table_name(&self.tables.pages);
        let query = query.key_condition_expression("#member = :member AND #first <= :newest");
        let query =
            query.expression_attribute_names("#member", keys::MEMBER).expression_attribute_names("#first", keys::FIRST);
        let query = query.expression_attribute_values(":member", text(member.as_str()));
        let query = query.expression_attribute_values(":newest", number(newest));
        let found = query.scan_index_forward(false).consistent_read(consistent).limit(limit).send().await?;
        found.items.unwrap_or_default().iter().map(decode_page).collect()
    }

    /// Seals the entries that had been recent into the next page if the item would be larger than the budget, in bytes.
    ///
    /// What the page holds follows from the account as read, so a page left behind by a crash equals the beginning of what
    /// is still recent, and is adopted.
    async fn seal_if_full(&self, read: &Record, mut next: Record, budget: usize) -> Result<Record, StoreError> {
        let Some(newest) = read.recent.last() else { return Ok(next) };
        if size_of(&encode_record(&next)) <= budget {
            return Ok(next);
        }
        let previous_at = read.sealed.map(|(_, at)| at).filter(|_| !planted!("bug-page-unlinked"));
        let head = if planted!("bug-page-wrong-head") { next.account.head } else { read.account.head };
        let page = Page { head, previous_at, entries: read.recent.clone() };
        let item = encode_page(&read.account.member, &page);
        let put = self.dynamodb.put_item().table_name(&self.tables.pages).set_item(Some(item));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = if planted!("bug-page-overwritten") {
            put
        } else {
            put.condition_expression("attribute_not_exists(#member)")
                .expression_attribute_names("#member", keys::MEMBER)
        };
        let sent = if planted!("bug-page-skipped") { Ok(PutItemOutput::builder().build()) } else { put.send().await };
        let (sequence, at) = match sent {
            Ok(_) => (newest.sequence, newest.recorded_at),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let left = failed.item.as_ref().map_or(Err(StoreError::Busy), decode_page)?;
                    if !read.recent.starts_with(&left.entries) {
                        // Another writer sealed more and went on: our write is about to lose its race.
                        return Ok(next);
                    }
                    let last = if planted!("bug-adoption-trims-all") { Some(newest) } else { left.entries.last() };
                    last.map(|entry| (entry.sequence, entry.recorded_at)).ok_or(StoreError::Busy)?
                }
                _ => return Err(error.into()),
            },
        };
        next.recent.retain(|entry| entry.sequence > sequence);
        next.sealed = Some((sequence, at));
        Ok(next)
    }

    /// The call that writes the account under the version that was read.
    pub(crate) fn put_account(&self, read: &Record, next: &Record) -> (Item, &'static str, Option<AttributeValue>) {
        let item = encode_record(next);
        if read.version == 0 {
            let condition = if planted!("bug-account-overwritten") {
                "attribute_not_exists(#member) OR attribute_not_exists(id)"
            } else {
                "attribute_not_exists(#member)"
            };
            (item, condition, None)
        } else {
            (item, "#version = :version", Some(number(read.version)))
        }
    }
}

/// Are the scores what becomes due next? Then they are worked out anew while the account is written anyway: what was bought since
/// mostly moves that instant, and a sweep for it alone would cost another move in the index.
fn scores_are_next(account: &Account, setting: Setting<'_>) -> bool {
    let (mut settled, _) = account.settled(setting);
    settled.written_at = Some(setting.now); // what was to be told has been told
    let next = settled.score.as_ref().and_then(|score| score.next);
    next.is_some() && settled.due(setting) == next
}

/// Where an account is found among those that are due. What only moves the instant later leaves it: the sweep that fires too
/// early finds the new one. So a normal earning writes no index.
fn armed(armed: Option<Timestamp>, due: Option<Timestamp>) -> Option<Timestamp> {
    match (armed, due) {
        (Some(armed), Some(_)) if planted!("bug-due-stays-late") => Some(armed),
        (Some(armed), Some(due)) => Some(armed.min(due)),
        (armed, due) => due.or(armed),
    }
}

/// Do pages, newest first, hold an entry and those right before it?
fn without_gaps(pages: &[Page], mut newest: u64) -> bool {
    for page in pages {
        let (Some(first), Some(last)) = (page.entries.first(), page.entries.last()) else { return false };
        if !(first.sequence..=last.sequence).contains(&newest) {
            return false;
        }
        newest = first.sequence.saturating_sub(1);
    }
    !pages.is_empty()
}

/// Entries that were loaded, oldest first, up to the newest.
pub(crate) struct History {
    pub(crate) entries: Vec<Entry>,
    pub(crate) unread: Option<(u64, Timestamp)>,
}

impl History {
    pub(crate) fn prepend(&mut self, page: Page) {
        let Some(first) = page.entries.first() else { return };
        self.unread = page.previous_at.map(|at| (first.sequence - 1, at));
        self.entries.splice(0..0, page.entries);
    }

    /// Where the points were right after an entry: the newest state with everything later taken back.
    pub(crate) fn pockets_after(&self, sequence: u64, newest: &Pockets) -> Pockets {
        let mut pockets = newest.clone();
        for entry in self.entries.iter().rev().take_while(|entry| entry.sequence > sequence) {
            entry.undo_from(&mut pockets);
        }
        pockets
    }
}
