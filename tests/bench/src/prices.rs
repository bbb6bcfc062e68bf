//! Counts, times `infra/prices.toml`. Money in millionths of a millionth of a dollar.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use crate::operations::Cost;

/// One dollar.
const DOLLAR: i128 = 1_000_000_000_000;
/// Bytes of a gigabyte, as transfer and logs are billed.
const GB: i128 = 1 << 30;
/// Hours of a month.
const HOURS: i128 = 730;
/// How much memory a function has, in MB; a GB has 1,024.
const MEMORY_MB: i128 = 256;

/// A price with its source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    usd: String,
    per: i64,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    as_of: toml::Value,
}

/// What cannot be measured here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumed {
    pub(crate) call_ms: i64,
    pub(crate) instructions_per_ms: i64,
    pub(crate) access_log_bytes: i64,
    pub(crate) utilisation_percent: i64,
    pub(crate) pollers: i64,
}

#[derive(Deserialize)]
struct Document {
    assumed: Assumed,
    #[serde(flatten)]
    prices: BTreeMap<String, Price>,
}

/// The price list.
pub(crate) struct Prices {
    pub(crate) assumed: Assumed,
    each: BTreeMap<String, i128>,
}

/// What something costs, by what is billed.
pub(crate) struct Bill(pub(crate) Vec<(&'static str, i128)>);

impl Bill {
    /// All of it.
    pub(crate) fn total(&self) -> i128 {
        self.0.iter().map(|(_, money)| money).sum()
    }
}

/// Money as dollars and cents.
pub(crate) fn dollars(money: i128) -> String {
    let cents = (money + DOLLAR / 200).div_euclid(DOLLAR / 100);
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A decimal number, in millionths of a millionth.
fn parse(text: &str) -> Option<i128> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<12}").parse().ok().filter(|_| part.len() <= 12)
}

impl Prices {
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(root.join("infra/prices.toml"))?;
        let Document { assumed, prices } = toml::from_str(&text).context("infra/prices.toml")?;
        let each = prices.into_iter().map(|(name, price)| {
            let money = parse(&price.usd).with_context(|| format!("{name}: {} is no amount", price.usd))?;
            Ok((name, money / i128::from(price.per)))
        });
        Ok(Self { assumed, each: each.collect::<anyhow::Result<_>>()? })
    }

    fn of(&self, name: &str) -> anyhow::Result<i128> {
        self.each.get(name).copied().with_context(|| format!("infra/prices.toml has no {name}"))
    }

    /// A function's time in milliseconds.
    fn duration(&self, millis: i128) -> anyhow::Result<i128> {
        Ok(millis * self.of("lambda_gb_second")? * MEMORY_MB / 1_024 / 1_000)
    }

    /// A million of an operation, on demand or provisioned; `each` is how many instructions go with a call.
    pub(crate) fn million(&self, cost: &Cost, operations: u64, each: u64, provisioned: bool) -> anyhow::Result<Bill> {
        let assumed = &self.assumed;
        let invocations = i128::from(cost.invocations);
        let calls = i128::from(cost.counts.all() + cost.counts.queues);
        // Billed by the millisecond, of which an invocation begins one that it does not use up.
        let busy = calls * i128::from(assumed.call_ms)
            + calls * i128::from(each) / i128::from(assumed.instructions_per_ms)
            + invocations / 2;
        let requests = i128::from(cost.requests);
        let (read, written) = (i128::from(cost.counts.read), i128::from(cost.counts.written));
        let (reads, writes) = if provisioned {
            let hour = |name| anyhow::Ok(self.of(name)? * 100 / i128::from(assumed.utilisation_percent) / 3_600);
            (hour("read_capacity_unit_hour")?, hour("write_capacity_unit_hour")?)
        } else {
            (self.of("read_request_unit")?, self.of("write_request_unit")?)
        };
        let logs = requests * i128::from(assumed.access_log_bytes) * self.of("log_gb")? / GB;
        let transfer = i128::from(cost.answered) * self.of("transfer_gb")? / GB;
        let lines = [
            ("API", requests * self.of("http_api_request")?),
            ("invocations", invocations * self.of("lambda_request")?),
            ("duration*", self.duration(busy)?),
            ("writes", written * writes / 1_000),
            ("reads", read * reads / 1_000),
            ("queues", i128::from(cost.counts.queues) * self.of("queue_request")?),
            ("log, transfer*", logs + transfer),
        ];
        let operations = i128::from(operations.max(1));
        Ok(Bill(lines.map(|(what, money)| (what, money * 1_000_000 / operations)).into()))
    }

    /// A month in which nobody calls.
    pub(crate) fn idle(&self, idle: &Idle) -> anyhow::Result<Bill> {
        let runs = i128::from(idle.runs);
        let polls = i128::from(idle.queues) * i128::from(self.assumed.pollers) * HOURS * 3_600 / 20;
        let lines = [
            ("alarms", i128::from(idle.alarms) * self.of("alarm_month")?),
            ("metrics of logs", i128::from(idle.metrics) * self.of("metric_month")?),
            ("polls of queues*", polls * self.of("queue_request")?),
            ("schedules", runs * (self.of("schedule_invocation")? + self.of("lambda_request")?)),
            ("duration of runs*", self.duration(i128::from(idle.run_calls) * i128::from(self.assumed.call_ms))?),
            ("reads of runs", i128::from(idle.run_reads) * self.of("read_request_unit")? / 1_000),
            ("writes of runs", i128::from(idle.run_writes) * self.of("write_request_unit")? / 1_000),
        ];
        Ok(Bill(lines.into()))
    }

    /// A month's storage of so many bytes, with point-in-time recovery.
    pub(crate) fn stored(&self, bytes: i128) -> anyhow::Result<i128> {
        Ok(bytes * (self.of("table_gb_month")? + self.of("recovery_gb_month")?) / GB)
    }
}

/// What is there and runs though nobody calls.
pub(crate) struct Idle {
    pub(crate) alarms: u64,
    pub(crate) metrics: u64,
    /// Queues that a function waits on.
    pub(crate) queues: u64,
    /// Runs of schedules in a month.
    pub(crate) runs: u64,
    /// Calls of all these runs.
    pub(crate) run_calls: u64,
    /// Read and write units of all these runs, in thousandths.
    pub(crate) run_reads: u64,
    pub(crate) run_writes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(parse("1.00"), Some(DOLLAR));
        assert_eq!(parse("0.0000133334"), Some(13_333_400));
        assert_eq!(parse("12"), Some(12 * DOLLAR));
        assert_eq!(parse("0.0000000000001"), None, "finer than what is kept");
        assert_eq!(parse("free"), None);
        assert_eq!(dollars(2_204_999_999_999), "2.20");
        assert_eq!(dollars(2_205_000_000_000), "2.21");
    }
}
