//! What is counted over which period.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::time::Period;
use domain::ledger::counter::Counter;

use crate::attribute::{as_map, number};
use crate::error::{Damage, damaged};
use crate::ledger::flat::{Flat, list};

fn period_letter(period: Period) -> char {
    match period {
        Period::CalendarDay => 'd',
        Period::CalendarMonth => 'm',
        Period::CalendarYear => 'y',
        Period::Ever => 'e',
    }
}

/// What is counted over which period, e.g. `review-approved@m`.
pub(crate) fn encode_counters(counters: &BTreeMap<Counter, i64>) -> AttributeValue {
    let mut series: BTreeMap<String, Vec<AttributeValue>> = BTreeMap::new();
    for (counter, count) in counters {
        let values = series.entry(format!("{}@{}", counter.what, period_letter(counter.period))).or_default();
        values.extend([number(counter.start.strftime("%Y%m%d")), number(count)]);
    }
    AttributeValue::M(series.into_iter().map(|(name, values)| (name, list(values))).collect())
}

pub(crate) fn decode_counters(value: Option<&AttributeValue>) -> Result<BTreeMap<Counter, i64>, Damage> {
    let mut counters = BTreeMap::new();
    for (name, value) in as_map(value, "c")? {
        let (what, letter) = name.rsplit_once('@').ok_or_else(|| damaged("c"))?;
        let periods = [Period::CalendarDay, Period::CalendarMonth, Period::CalendarYear, Period::Ever];
        let period = periods.into_iter().find(|period| letter == period_letter(*period).to_string());
        let period = period.ok_or_else(|| damaged("c"))?;
        for (start, count) in Flat::new(Some(value), "c")?.all(|flat| Ok((flat.number::<u32>()?, flat.number()?)))? {
            let start = jiff::civil::Date::strptime("%Y%m%d", start.to_string()).map_err(|_not_a_date| damaged("c"))?;
            counters.insert(Counter { what: what.to_owned(), period, start }, count);
        }
    }
    Ok(counters)
}
