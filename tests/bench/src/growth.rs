//! What one more earning costs, by how long the history is and how many rules there are.

use std::fmt::Write as _;
use std::time::Duration;

use crate::harness::{Bench, DAY, Places, WEEK, succeeded};
use crate::tables::Counts;

/// How many earnings are looked at, at each length of history.
const WINDOW: usize = 100;

/// What one more earning costs after so many entries.
pub(crate) struct Growth {
    /// How many.
    pub(crate) entries: usize,
    /// What the next earnings asked for, [`Growth::WINDOW`] of them.
    pub(crate) counts: Counts,
    /// The largest item among them, in bytes.
    pub(crate) item_bytes: usize,
    /// Instructions of one.
    pub(crate) instructions: u64,
}

impl Growth {
    pub(crate) const WINDOW: u64 = WINDOW as u64;
}

/// A member that shops every day, for as long as it takes.
pub(crate) async fn by_history(places: &Places, most: usize) -> anyhow::Result<Vec<Growth>> {
    let past = DAY * i32::try_from(most + 1_000)?;
    let bench = Bench::new(places, &places.programme()?, Duration::ZERO, past).await?;
    let mut growth = Vec::new();
    let mut number = 0;
    for entries in [10, 100, 1_000, 10_000].into_iter().filter(|entries| *entries <= most) {
        let mut process = bench.start("earn").await?;
        while number < entries {
            succeeded(&process.invoke(&bench.next_order("m-1", &mut number, DAY)?).await?)?;
        }
        bench.tables.counts();
        let mut item_bytes = 0;
        for _ in 0..WINDOW {
            succeeded(&process.invoke(&bench.next_order("m-1", &mut number, DAY)?).await?)?;
            item_bytes = item_bytes.max(bench.item_bytes("m-1")?);
        }
        let counts = bench.tables.counts();
        process.stop().await?;
        let instructions = bench.each("earn", &mut || bench.next_order("m-1", &mut number, DAY)).await?;
        growth.push(Growth { entries, counts, item_bytes, instructions });
    }
    Ok(growth)
}

/// Instructions of one earning, by how many rules the programme has on orders.
pub(crate) async fn by_rules(places: &Places) -> anyhow::Result<Vec<(usize, u64)>> {
    let mut rules = Vec::new();
    for count in [1, 10, 100] {
        let bench = Bench::new(places, &with_rules(&places.programme()?, count), Duration::ZERO, WEEK * 100).await?;
        let mut number = 0;
        rules.push((count, bench.each("earn", &mut || bench.next_order("m-1", &mut number, WEEK)).await?));
    }
    Ok(rules)
}

/// The programme with so many more rules on orders, none of which applies.
fn with_rules(programme: &str, count: usize) -> String {
    let mut rules = String::new();
    for number in 1..count {
        let rule = format!(
            "[[earning_rule]]\nid = \"more-{number}\"\non = \"order.paid\"\npoints = 1\nwhen = \"net_minor>={}\"\n\n",
            1_000_000 + number
        );
        // Writing to a string does not fail.
        rules.write_str(&rule).unwrap_or_default();
    }
    let before = "[[earning_rule]]\nid = \"checkin\"";
    programme.replacen(before, &format!("{rules}{before}"), 1)
}
