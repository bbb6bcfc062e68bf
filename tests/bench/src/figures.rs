//! Figures as they are written.

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
