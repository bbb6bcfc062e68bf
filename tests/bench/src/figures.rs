//! Figures as they are written.

use crate::operations::Operation;
use crate::prices::{Prices, dollars};
use crate::tables::Counts;

/// A ratio in hundredths, rounded up.
pub(crate) fn ratio(part: u64, whole: u64) -> u64 {
    (part * 100).checked_add(whole.saturating_sub(1)).and_then(|sum| sum.checked_div(whole)).unwrap_or_default()
}

/// Hundredths as a decimal.
pub(crate) fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Millions with two decimals.
pub(crate) fn millions(number: u64) -> String {
    decimal(number / 10_000)
}

/// Bytes in MiB.
pub(crate) fn mib(bytes: u64) -> String {
    decimal(ratio(bytes, 1 << 20))
}

/// Milliseconds from microseconds.
pub(crate) fn millis(micros: u64) -> String {
    decimal(micros / 10)
}

/// Of so many operations: calls, read and written units of each, in hundredths.
pub(crate) fn per(counts: &Counts, operations: u64) -> [u64; 3] {
    let thousandths = |units: i64| ratio(units.unsigned_abs(), operations * 1_000);
    [ratio(counts.all(), operations), thousandths(counts.read), thousandths(counts.written)]
}

/// A table in Markdown.
pub(crate) fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    let rows: String = rows.map(|cells| line(&cells)).collect();
    format!("{}{rule}{rows}\n", line(&head))
}

/// What operations ask for, a row each.
pub(crate) fn counted<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> String {
    let rows = operations.into_iter().map(|Operation { name, count, cost, .. }| {
        let [calls, read, written] = per(&cost.counts, *count).map(decimal);
        let [invocations, queues] = [cost.invocations, cost.counts.queues].map(|of| decimal(ratio(of, *count)));
        vec![(*name).to_owned(), invocations, calls, read, written, queues]
    });
    table(&["per operation", "invocations", "calls", "read units", "write units", "queue calls"], rows)
}

/// What a million of each costs; `each` is how many instructions go with a call.
pub(crate) fn billed<'a>(
    prices: &Prices,
    operations: impl IntoIterator<Item = &'a Operation>,
    each: u64,
) -> anyhow::Result<String> {
    let (mut head, mut rows) = (vec!["a million of"], Vec::new());
    for Operation { name, count, cost, .. } in operations {
        let bill = |provisioned| prices.million(cost, *count, each, provisioned);
        let (on_demand, provisioned) = (bill(false)?, bill(true)?);
        if head.len() == 1 {
            head.extend(on_demand.0.iter().map(|(what, _)| *what));
            head.extend(["**on demand**", "**provisioned***"]);
        }
        let cells = on_demand.0.iter().map(|(_, money)| dollars(*money));
        let totals = [on_demand.total(), provisioned.total()].map(dollars);
        rows.push([(*name).to_owned()].into_iter().chain(cells).chain(totals).collect());
    }
    Ok(table(&head, rows.into_iter()))
}
