//! How well sources keep to what is expected of them: aggregates in `member-jobs`, and what was refused, in `signals`.
//!
//! | item of `member-jobs` | |
//! |---|---|
//! | `traffic#SOURCE#DATE` | `f` facts, `i` in time, `l` how many took how long, `n` `d` fields filled of those expected, `lo` `lr` the newest |
//! | `quality#SOURCE` | `dr` what was told of, `si` it is silent, `h` heard at, `j` judged |
//!
//! A row of `signals` under `refused#SOURCE` and `DATE#CODE#SHARD` counts what was refused: `n`, and `s` if it is a sample.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::change::Key;
use domain::programme::setting::Setting;
use domain::quality::score::{Dimension, Share, Shares};
use domain::quality::traffic::{Reported, Traffic};
use domain::quality::watch::Watch;
use futures_util::future::try_join;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::aggregate::{Ring, Stored};
use crate::attribute::{Item, as_instant, as_list, as_number, as_text, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::table::{AT, MEMBER_JOBS, SIGNALS, TTL, Table};
use crate::{Store, StoreError};

/// For how many seconds it is kept what was refused.
const KEPT: i64 = 400 * 86_400;

/// Over how many rows a count is spread.
const SHARDS: u8 = 16;

/// What a source sent day by day, and what of it was refused.
#[derive(Debug, Clone, Default)]
pub struct SourceDays {
    /// What it sent.
    pub traffic: BTreeMap<Date, Traffic>,
    /// What was refused.
    pub refused: BTreeMap<Date, Refusals>,
}

impl SourceDays {
    /// How it kept on a day to what is expected of it.
    #[must_use]
    pub fn shares(&self, date: Date) -> Shares {
        let refused = self.refused.get(&date).map_or(0, |refusals| refusals.codes.values().sum());
        self.traffic.get(&date).cloned().unwrap_or_default().shares(refused)
    }
}

/// What a source has sent on a day.
#[must_use]
pub fn traffic(source: &str, date: Date) -> Key {
    Key::of(format!("traffic#{source}#{date}"))
}

/// What is known of a source from the nights before.
#[must_use]
pub fn watch(source: &str) -> Key {
    Key::of(format!("quality#{source}"))
}

impl Stored for Traffic {
    const TABLE: Table = MEMBER_JOBS;
    const BESIDE: &'static [Table] = &[];
    const LARGEST: usize = 4 * 1024;
    const KEEPS: Ring = Ring::USUAL;

    fn new(_: &Key) -> Self {
        Self::default()
    }

    fn encode(&self, item: &mut Item) {
        let Self { facts, in_time, lags, filled, last } = self;
        item.extend([("f".to_owned(), number(facts)), ("i".to_owned(), number(in_time))]);
        item.extend([("n".to_owned(), number(filled.numerator)), ("d".to_owned(), number(filled.denominator))]);
        let lags = lags.iter().map(|(step, count)| AttributeValue::L(vec![number(step), number(count)]));
        put(item, "l", AttributeValue::L(lags.collect()));
        if let Some(Reported { occurred_at, recorded_at }) = last {
            item.extend([("lo".to_owned(), instant(*occurred_at)), ("lr".to_owned(), instant(*recorded_at))]);
        }
    }

    fn decode(_: &Key, item: &Item) -> Result<Self, Damage> {
        let lag = |lag: &AttributeValue| {
            let [step, count] = as_list(Some(lag), "l")? else { return Err(damaged("l")) };
            Ok((as_number(Some(step), "l")?, as_number(Some(count), "l")?))
        };
        let last = item.get("lo").map(|occurred_at| {
            let occurred_at = as_instant(Some(occurred_at), "lo")?;
            Ok(Reported { occurred_at, recorded_at: as_instant(item.get("lr"), "lr")? })
        });
        Ok(Self {
            facts: as_number(item.get("f"), "f")?,
            in_time: as_number(item.get("i"), "i")?,
            lags: as_list(item.get("l"), "l")?.iter().map(lag).collect::<Result<_, Damage>>()?,
            filled: Share { numerator: as_number(item.get("n"), "n")?, denominator: as_number(item.get("d"), "d")? },
            last: last.transpose()?,
        })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        None
    }
}

impl Stored for Watch {
    const TABLE: Table = MEMBER_JOBS;
    const BESIDE: &'static [Table] = &[];
    const LARGEST: usize = 4 * 1024;
    const KEEPS: Ring = Ring::SHORT;

    fn new(_: &Key) -> Self {
        Self::default()
    }

    fn encode(&self, item: &mut Item) {
        put(item, "dr", AttributeValue::L(self.dropped.iter().map(|dimension| text(dimension.name())).collect()));
        item.extend(self.silent.then(|| ("si".to_owned(), AttributeValue::Bool(true))));
        item.extend(self.heard_at.map(|at| ("h".to_owned(), instant(at))));
        item.extend(self.judged.map(|date| ("j".to_owned(), text(date.to_string()))));
    }

    fn decode(_: &Key, item: &Item) -> Result<Self, Damage> {
        let dimension = |name: &AttributeValue| {
            let name = as_text(Some(name), "dr")?;
            Dimension::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| damaged("dr"))
        };
        let judged = item.get("j").map(|date| as_text(Some(date), "j")?.parse().map_err(|_no_date| damaged("j")));
        Ok(Self {
            dropped: as_list(item.get("dr"), "dr")?.iter().map(dimension).collect::<Result<_, Damage>>()?,
            silent: item.contains_key("si"),
            heard_at: item.get("h").map(|at| as_instant(Some(at), "h")).transpose()?,
            judged: judged.transpose()?,
        })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        None
    }
}

/// How much of a source was refused, by code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusals {
    /// How many, by code.
    pub codes: BTreeMap<String, u64>,
    /// There were so many that only some were counted, for all.
    pub sampled: bool,
}

impl Store {
    /// Counts something of a source that was refused; for how many it stands, and whether others are left out.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn count_refusal(
        &self,
        (source, code): (&str, &str),
        (date, now): (Date, Timestamp),
        (stands_for, sampled): (u32, bool),
    ) -> Result<(), StoreError> {
        let shard = now.as_millisecond().rem_euclid(SHARDS.into());
        let update = self.dynamodb.update_item().table_name(self.tables.of(&SIGNALS)?);
        let update = update.key(SIGNALS.hash, text(format!("refused#{source}")));
        let update = update.key(AT, text(format!("{date}#{code}#{shard:02}")));
        let says = if sampled { "SET #ttl = :ttl, s = :s ADD n :n" } else { "SET #ttl = :ttl ADD n :n" };
        let update = update.update_expression(says).expression_attribute_names("#ttl", TTL);
        let update = update.expression_attribute_values(":n", number(stands_for));
        let update = update.expression_attribute_values(":ttl", number(now.as_second().saturating_add(KEPT)));
        let update =
            if sampled { update.expression_attribute_values(":s", AttributeValue::Bool(true)) } else { update };
        update.send().await?;
        Ok(())
    }

    /// What a source sent on dates that follow each other, and what of it was refused.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn source_days(&self, source: &str, dates: &[Date]) -> Result<SourceDays, StoreError> {
        let (Some(from), Some(to)) = (dates.first(), dates.last()) else { return Ok(SourceDays::default()) };
        let read = try_join(self.traffic_of(source, dates), self.refusals(source, *from, *to)).await?;
        Ok(SourceDays { traffic: read.0, refused: read.1 })
    }

    /// What was refused of a source, by local day.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn refusals(&self, source: &str, from: Date, to: Date) -> Result<BTreeMap<Date, Refusals>, StoreError> {
        let mut found: BTreeMap<Date, Refusals> = BTreeMap::new();
        let mut start = None;
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&SIGNALS)?);
            let query = query.key_condition_expression("#member = :source AND #at > :from");
            let query = query.expression_attribute_names("#member", SIGNALS.hash).expression_attribute_names("#at", AT);
            let query = query.expression_attribute_values(":source", text(format!("refused#{source}")));
            let query = query.expression_attribute_values(":from", text(from.to_string()));
            let page = query.set_exclusive_start_key(start).send().await?;
            for item in page.items.unwrap_or_default() {
                let (date, code, counted, sampled) = refused(&item).map_err(|damage| damage.of(SIGNALS.name))?;
                if date > to {
                    return Ok(found);
                }
                let refusals = found.entry(date).or_default();
                let count = refusals.codes.entry(code).or_default();
                *count = count.saturating_add(counted);
                refusals.sampled |= sampled;
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// What a source has sent on days, by day; those on which it sent nothing are left out.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn traffic_of(&self, source: &str, days: &[Date]) -> Result<BTreeMap<Date, Traffic>, StoreError> {
        let keys: Vec<String> = days.iter().map(|date| traffic(source, *date).hash).collect();
        let found = self.items_of(self.tables.of(&MEMBER_JOBS)?, MEMBER_JOBS.hash, &keys, false).await?;
        let day = |(key, item): (String, Item)| {
            let date = days.iter().find(|date| traffic(source, **date).hash == key).ok_or_else(|| damaged("job"))?;
            Ok((*date, Traffic::decode(&Key::of(key), &item)?))
        };
        Ok(found.into_iter().map(day).collect::<Result<_, Damage>>().map_err(|damage| damage.of(MEMBER_JOBS.name))?)
    }
}

fn refused(item: &Item) -> Result<(Date, String, u64, bool), Damage> {
    let mut parts = as_text(item.get(AT), AT)?.split('#');
    let date = parts.next().and_then(|date| date.parse().ok()).ok_or_else(|| damaged(AT))?;
    let code = parts.next().ok_or_else(|| damaged(AT))?.to_owned();
    Ok((date, code, as_number(item.get("n"), "n")?, item.contains_key("s")))
}
