//! Aggregates: what a context keeps under one key, changed by one conditional write.
//!
//! | attribute | of an item |
//! |---|---|
//! | `v` `w` | version (counts writes), when it was written |
//! | `op` | the newest operations, the oldest first: `[operation, content, at, said]` |
//! | `news` | what this version has to tell, see `outbox.rs` |
//! | `ds` `da` | shard and instant in the index `due` |
//! | all others | the state, as its context writes it |
//!
//! Read, look for a repeat, decide, write under the version that was read: as the ledger does it, for everything that is small
//! enough to be read and written whole. What grows goes into rows, in the same transaction.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::change::{Aggregate, Change, Key, Said};
use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::refusal::Reused;
use domain::kernel::stamp::Stamp;
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, instant, number, size_of, text,
};
use crate::due::{armed, shard};
use crate::error::{Damage, damaged};
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, news};
use crate::race::Patience;
use crate::table::Table;
use crate::write::{Next, Written};
use crate::{Store, StoreError, table};

/// The attribute that holds the newest operations.
const OPERATIONS: &str = "op";

/// The most items of a transaction, the aggregate's own among them.
const MOST_WRITES: usize = 25;

/// An aggregate that is kept in a table.
pub trait Stored: Aggregate {
    /// Where.
    const TABLE: Table;
    /// Tables that its effects are in.
    const BESIDE: &'static [Table];
    /// The largest its item may be, in bytes. A larger one is a mistake of ours: what grows belongs into rows.
    const LARGEST: usize;
    /// The operations that are recognised when they come again.
    const KEEPS: Ring;

    /// Before the first write.
    fn new(key: &Key) -> Self;

    /// Writes the state into an item, under names of its own.
    fn encode(&self, item: &mut Item);

    /// Reads it back.
    ///
    /// # Errors
    /// The item is damaged.
    fn decode(key: &Key, item: &Item) -> Result<Self, Damage>;

    /// When time will do something to it next.
    fn due(&self, setting: Setting<'_>) -> Option<Timestamp>;
}

/// How many operations an aggregate recognises, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// The most; when there are more, the oldest makes room.
    pub most: usize,
    /// For so many hours.
    pub hours: i64,
}

impl Ring {
    /// As most aggregates have it: 32 of the last 72 hours.
    pub const USUAL: Self = Self { most: 32, hours: 72 };
    /// Of those that are changed rarely, or whose commands have a business key.
    pub const SHORT: Self = Self { most: 8, hours: 72 };
}

/// How to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Perhaps not the newest; half the price.
    Weak,
    /// The newest.
    Strong,
}

/// Which aggregate a command is for, and what identifies it.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// Where the aggregate is kept.
    pub key: &'a Key,
    /// What identifies the command.
    pub stamp: Stamp,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<A> {
    /// The state: after the command, or as it is now when the command is repeated.
    pub state: A,
    /// Its version.
    pub version: u64,
    /// What was said at first.
    pub said: Option<Said>,
    /// It had been done before.
    pub replayed: bool,
}

/// An operation that is recognised.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    operation: OperationId,
    content: ContentHash,
    at: Timestamp,
    said: Option<Said>,
}

/// An aggregate as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Kept<A> {
    /// 0: never written.
    pub(crate) version: u64,
    pub(crate) written_at: Option<Timestamp>,
    asked: Vec<Asked>,
    due: Option<Timestamp>,
    pub(crate) state: A,
}

/// One passage through the loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) key: &'a Key,
    /// None: nobody asks, time passes.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) setting: Setting<'a>,
}

/// What became of a try to write.
enum Tried<R> {
    Done,
    /// An effect cannot be had; nothing was written.
    Denied(R),
    /// Somebody else wrote first, or the table pushed back; nothing was written. The newer item, if it came back.
    Lost(Option<Item>),
}

impl Store {
    /// Carries out a command on an aggregate. `decide` may be called several times, always at the same time; a repeated
    /// operation is answered from what it said and the state as it is.
    ///
    /// Time never runs backwards in an aggregate: if another clock was ahead when it was written, that time counts.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races; [`StoreError::Bug`] if the item would be too large; or what DynamoDB says.
    pub async fn run<A: Stored>(
        &self,
        Operation { key, stamp }: Operation<'_>,
        setting: Setting<'_>,
        patience: &mut Patience,
        decide: impl Fn(&A, Setting<'_>) -> Result<Change<A>, A::Refusal>,
    ) -> Result<Result<Done<A>, A::Refusal>, StoreError> {
        let done = self.pass(Pass { key, stamp: Some(stamp), setting }, patience, decide).await?;
        done.transpose().ok_or_else(|| StoreError::bug("a command on an aggregate always comes to something"))
    }

    /// Writes what time has done to an aggregate, and moves its place among those due that has fired. Nothing is written, and
    /// nothing returned, if that is nothing; it counts as no operation, so it is not looked for and takes no room.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn settle<A: Stored>(
        &self,
        key: &Key,
        setting: Setting<'_>,
        patience: &mut Patience,
        decide: impl Fn(&A, Setting<'_>) -> Result<Change<A>, A::Refusal>,
    ) -> Result<Result<Option<Done<A>>, A::Refusal>, StoreError> {
        self.pass(Pass { key, stamp: None, setting }, patience, decide).await
    }

    /// An aggregate; none if it was never written.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn get<A: Stored>(&self, key: &Key, read: Read) -> Result<Option<A>, StoreError> {
        let kept = self.kept::<A>(key, read).await?;
        Ok((kept.version > 0).then_some(kept.state))
    }

    /// Aggregates of one shard of the index to which time has done something by an instant.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due<A: Stored>(&self, shard: u32, until: Timestamp) -> Result<Vec<Key>, StoreError> {
        let items = self.due_items(self.tables.of(&A::TABLE)?, shard, until).await?;
        Ok(items.iter().map(|item| A::TABLE.key_of(item)).collect::<Result<_, Damage>>()?)
    }

    async fn pass<A: Stored>(
        &self,
        mut pass: Pass<'_>,
        patience: &mut Patience,
        decide: impl Fn(&A, Setting<'_>) -> Result<Change<A>, A::Refusal>,
    ) -> Result<Result<Option<Done<A>>, A::Refusal>, StoreError> {
        let mut kept = self.kept::<A>(pass.key, Read::Weak).await?;
        let mut fresh = false;
        let asked_at = pass.setting.now;
        loop {
            match pass.stamp.map(|stamp| kept.repeat_of(stamp)) {
                Some(Some(Ok(said))) => return Ok(Ok(Some(kept.done(said, true)))),
                Some(Some(Err(reused))) => return Ok(Err(reused.into())),
                None if kept.version == 0 => return Ok(Ok(None)),
                _ => {}
            }
            pass.setting.now = kept.written_at.map_or(asked_at, |at| at.max(asked_at));
            let tried = match decide(&kept.state, pass.setting) {
                Err(refusal) => Tried::Denied(refusal),
                Ok(change) => {
                    let Some(next) = kept.next(pass, &change) else { return Ok(Ok(None)) };
                    match self.try_to_write(pass, &next, &change, patience).await? {
                        Tried::Done => return Ok(Ok(Some(next.done(change.said, false)))),
                        other => other,
                    }
                }
            };
            kept = match tried {
                Tried::Denied(refusal) if fresh => return Ok(Err(refusal)),
                Tried::Lost(_) if !patience.again().await => return Err(StoreError::Busy),
                Tried::Lost(Some(newer)) => Kept::decode(pass.key, &newer)?,
                _ => self.kept(pass.key, Read::Strong).await?,
            };
            fresh = true;
        }
    }

    /// An aggregate as it is stored, or as it is before the first write.
    pub(crate) async fn kept<A: Stored>(&self, key: &Key, read: Read) -> Result<Kept<A>, StoreError> {
        let call = self.dynamodb.get_item().table_name(self.tables.of(&A::TABLE)?).set_key(Some(A::TABLE.key(key)));
        let found = call.consistent_read(read == Read::Strong).send().await?;
        found.item.map_or_else(|| Ok(Kept::new(key)), |item| Ok(Kept::decode(key, &item)?))
    }

    async fn try_to_write<A: Stored>(
        &self,
        pass: Pass<'_>,
        next: &Kept<A>,
        change: &Change<A>,
        patience: &Patience,
    ) -> Result<Tried<A::Refusal>, StoreError> {
        let mut beside = Vec::new();
        for (place, effect) in change.effects.iter().enumerate() {
            let writes = self.beside(A::BESIDE, effect, pass.key, patience.is_first()).await?;
            if writes.is_empty() {
                return Ok(Tried::Denied(A::denied(effect)));
            }
            beside.extend(writes.into_iter().map(|beside| (place, beside)));
        }
        let item = next.encode(pass, change);
        if beside.len() >= MOST_WRITES || size_of(&item) > A::LARGEST {
            return Err(StoreError::bug("an aggregate, or what it changes at once, is larger than it may be"));
        }
        if !patience.in_time() {
            return Err(StoreError::Busy);
        }
        let next = Next { table: self.tables.of(&A::TABLE)?, key: A::TABLE.hash, item, read: next.version - 1 };
        let places: Vec<_> = beside.iter().map(|(place, beside)| (*place, beside.one_shard)).collect();
        let writes = beside.into_iter().map(|(_, beside)| beside.write).collect();
        Ok(match self.write(next, writes).await? {
            Written::Done => Tried::Done,
            Written::Lost(newer) => Tried::Lost(newer),
            Written::Beside(place, _) => match places[place] {
                (_, true) => Tried::Lost(None), // this shard holds too little; the next plan looks at all of them
                (effect, false) => Tried::Denied(A::denied(&change.effects[effect])),
            },
        })
    }
}

impl<A: Stored> Kept<A> {
    fn new(key: &Key) -> Self {
        Self { version: 0, written_at: None, asked: Vec::new(), due: None, state: A::new(key) }
    }

    /// Is it done already? What it said then; or it was something else.
    pub(crate) fn repeat_of(&self, stamp: Stamp) -> Option<Result<Option<Said>, Reused>> {
        let asked = self.asked.iter().find(|asked| asked.operation == stamp.operation)?;
        Some(if asked.content == stamp.content { Ok(asked.said.clone()) } else { Err(Reused::KeyReused) })
    }

    fn done(self, said: Option<Said>, replayed: bool) -> Done<A> {
        Done { state: self.state, version: self.version, said, replayed }
    }

    /// After a change; none if time has done nothing, and its place is right.
    pub(crate) fn next(&self, Pass { stamp, setting, .. }: Pass<'_>, change: &Change<A>) -> Option<Self> {
        let now = setting.now;
        // Time moves a place that has fired. A command leaves one that only comes too early.
        let waiting = self.due.filter(|due| stamp.is_some() || *due > now);
        let due = armed(waiting, change.state.due(setting));
        let same = change.state == self.state && change.facts.is_empty() && change.effects.is_empty();
        if stamp.is_none() && same && due == self.due {
            return None;
        }
        let mut asked = self.asked.clone();
        if let Some(Stamp { operation, content, .. }) = stamp {
            let kept_for = SignedDuration::from_hours(A::KEEPS.hours);
            asked.retain(|asked| now.duration_since(asked.at) < kept_for);
            asked.push(Asked { operation, content, at: now, said: change.said.clone() });
            asked.drain(..asked.len().saturating_sub(A::KEEPS.most));
        }
        Some(Self { version: self.version + 1, written_at: Some(now), asked, due, state: change.state.clone() })
    }

    /// After a change of its state beside that of another aggregate: it is written in any case.
    pub(crate) fn written_again(&self, pass: Pass<'_>, change: &Change<A>) -> Self {
        let due = armed(self.due.filter(|due| *due > pass.setting.now), change.state.due(pass.setting));
        let (version, asked) = (self.version + 1, self.asked.clone());
        Self { version, written_at: Some(pass.setting.now), asked, due, state: change.state.clone() }
    }

    /// As an item: the state, and around it what every aggregate has.
    pub(crate) fn encode(&self, Pass { key, stamp, setting }: Pass<'_>, change: &Change<A>) -> Item {
        let mut item = Item::new();
        self.state.encode(&mut item);
        let mut around = A::TABLE.key(key);
        around.insert(VERSION.to_owned(), number(self.version));
        around.insert(WRITTEN.to_owned(), instant(setting.now));
        if !self.asked.is_empty() {
            around.insert(OPERATIONS.to_owned(), AttributeValue::L(self.asked.iter().map(encode_asked).collect()));
        }
        let origin = Origin {
            operation: stamp.map_or_else(|| unasked(&A::TABLE, key, self.version), |stamp| stamp.operation),
            occurred_at: stamp.map_or(setting.now, |stamp| stamp.occurred_at),
            programme: setting.programmes.at(setting.now).number,
            member: self.state.member(),
        };
        around.extend(news(&origin, &change.facts).map(|news| (NEWS.to_owned(), news)));
        if let Some(due) = self.due {
            around.insert(table::DUE_SHARD.to_owned(), number(shard(&key.to_string())));
            around.insert(table::DUE_AT.to_owned(), instant(due));
        }
        for (name, value) in around {
            let taken = item.insert(name, value);
            assert!(taken.is_none(), "a state has no attribute of a name that every aggregate has");
        }
        item
    }

    fn decode(key: &Key, item: &Item) -> Result<Self, Damage> {
        let kept = || {
            Ok(Self {
                version: as_number(item.get(VERSION), VERSION)?,
                written_at: Some(as_instant(item.get(WRITTEN), WRITTEN)?),
                asked: as_list(item.get(OPERATIONS), OPERATIONS)?.iter().map(decode_asked).collect::<Result<_, _>>()?,
                due: item.get(table::DUE_AT).map(|value| as_instant(Some(value), table::DUE_AT)).transpose()?,
                state: A::decode(key, item)?,
            })
        };
        kept().map_err(|damage: Damage| damage.of(A::TABLE.name))
    }
}

/// What stands for the operation where nobody asked.
fn unasked(table: &Table, key: &Key, version: u64) -> OperationId {
    OperationId::of_fact(table.name, &key.to_string(), &format!("settle {version}"))
}

fn encode_asked(asked: &Asked) -> AttributeValue {
    let mut parts = vec![bytes(&asked.operation.0), bytes(&asked.content.0), instant(asked.at)];
    parts.extend(asked.said.iter().map(|said| text(said.as_str())));
    AttributeValue::L(parts)
}

fn decode_asked(value: &AttributeValue) -> Result<Asked, Damage> {
    let parts = as_list(Some(value), OPERATIONS)?;
    let said = parts.get(3).map(|said| as_text(Some(said), OPERATIONS)).transpose()?;
    if said.is_some_and(|said| said.len() > Said::MOST) {
        return Err(damaged(OPERATIONS));
    }
    Ok(Asked {
        operation: OperationId(as_bytes(parts.first(), OPERATIONS)?),
        content: ContentHash(as_bytes(parts.get(1), OPERATIONS)?),
        at: as_instant(parts.get(2), OPERATIONS)?,
        said: said.map(Said::new),
    })
}
