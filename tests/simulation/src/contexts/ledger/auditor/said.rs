//! Parts of an account as seals and entries say them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::attribute::{Flat, Read, lacking};
use super::standings::Standing;

/// An instant as text.
pub(super) fn at(millis: i64) -> Read<String> {
    Timestamp::from_millisecond(millis).map(|at| at.to_string()).map_err(|_out_of_range| lacking("a"))
}

/// What, over which period, from which date, and how often; in this order.
pub(super) fn counters(item: &Value) -> Read<Vec<Value>> {
    let mut counters = Vec::new();
    for (name, series) in item["c"]["M"].as_object().into_iter().flatten() {
        let (what, letter) = name.rsplit_once('@').ok_or_else(|| lacking("c"))?;
        let words = [("d", "calendar_day"), ("m", "calendar_month"), ("y", "calendar_year"), ("e", "ever")];
        let (_, period) = words.into_iter().find(|(short, _)| *short == letter).ok_or_else(|| lacking("c"))?;
        let pair = |flat: &mut Flat<'_>| Ok((flat.number::<i64>()?, flat.number::<i64>()?));
        for (date, count) in Flat::of(series, "c")?.all(pair)? {
            let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
            counters.push((what.to_owned(), period, format!("{year:04}-{month:02}-{day:02}"), count));
        }
    }
    counters.sort_unstable();
    Ok(counters.into_iter().map(|counter| json!(counter)).collect())
}

pub(super) fn standing(standing: &Standing) -> Read<Value> {
    let Standing { tier, reached, start, end, points: (points, in_grace), flags } = standing;
    let by = ["points", "segment", "kept"].get(usize::try_from(flags / 2).unwrap_or(usize::MAX));
    let by = by.ok_or_else(|| lacking("y"))?;
    let (reached, start, end) = (at(*reached)?, at(*start)?, at(*end)?);
    let mut said =
        json!({"tier": tier, "reached": reached, "reached_by": by, "start": start, "end": end, "points": points});
    if *in_grace != 0 {
        said["grace_points"] = json!(in_grace);
    }
    if flags % 2 == 1 {
        said["in_grace"] = json!(true);
    }
    Ok(said)
}
