//! The document: every figure with its target.

use std::path::Path;

use crate::figures::{billed, counted, decimal, mib, millions, millis, per, ratio, table};
use crate::growth::Growth;
use crate::hot::Hot;
use crate::members;
use crate::nights::Night;
use crate::operations::{Operation, Operations};
use crate::peers::Measured;
use crate::platform::Aged;
use crate::plots::draw;
use crate::prices::{Bill, dollars};
use crate::results::Results;
use crate::sweeps::Sweep;

/// How the notes begin with which the document ends.
pub(crate) const MISSED: &str = "## What is missed";

/// One row: the number of the target, what it is, the aim, the figure, and whether it is met.
struct Row(&'static str, &'static str, &'static str, String, bool);

/// Draws the figures into a directory.
pub(crate) fn figures(results: &Results, directory: &Path) -> anyhow::Result<()> {
    let number = |value: usize| u64::try_from(value).unwrap_or_default();
    let growth = |of: &dyn Fn(&Growth) -> u64| -> Vec<(u64, u64)> {
        results.growth.iter().map(|growth| (number(growth.entries), of(growth))).collect()
    };
    draw(
        &directory.join("growth-instructions.svg"),
        "One more earning of a member with so many entries",
        ("entries", "thousand instructions"),
        &[("instructions".to_owned(), growth(&|growth| growth.instructions / 1_000))],
    )?;
    draw(
        &directory.join("growth-item.svg"),
        "The item of a member with so many entries",
        ("entries", "bytes"),
        &[("bytes".to_owned(), growth(&|growth| number(growth.item_bytes)))],
    )?;
    let rules = results.rules.iter().map(|(rules, instructions)| (number(*rules), instructions / 1_000));
    draw(
        &directory.join("growth-rules.svg"),
        "One earning, by how many rules there are",
        ("rules on orders", "thousand instructions"),
        &[("instructions".to_owned(), rules.collect())],
    )?;
    let line = |function: &str| {
        let sweeps = results.sweeps.iter().filter(|sweep| sweep.function == function);
        (function.to_owned(), sweeps.map(|sweep| (number(sweep.accounts), sweep.calls)).collect())
    };
    draw(
        &directory.join("growth-sweeps.svg"),
        &format!("A sweep with {} members due", Sweep::DUE),
        ("members", "calls"),
        &["upkeep", "reconciliation"].map(line),
    )
}

/// Writes the document.
pub(crate) fn document(results: &Results) -> anyhow::Result<String> {
    let parts = [
        "# Performance\n\nWritten by `cargo run -p bench --release` from one run on one machine. Instructions, calls, units and bytes are what to go by:\n\
         they repeat themselves. Times are medians of 21, everybody taking turns, and say nothing about AWS.\n\n"
            .to_owned(),
        format!("{}; {}.\n\n", results.machine, results.at.strftime("%Y-%m-%d")),
        table(
            &["#", "measure", "target", "here", "met"],
            targets(results)?.into_iter().map(|Row(number, what, target, here, met)| {
                let met = if met { "yes" } else { "**no**" };
                [number, what, target, &here, met].map(str::to_owned).into()
            }),
        ),
        operations(results),
        money(results)?,
        side_by_side(results),
        growth(results),
        hot(results),
        platform(results),
        members::section(&results.members, &results.prices)?,
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/notes.md"))?,
    ];
    Ok(parts.concat())
}

fn platform(results: &Results) -> String {
    let rows = results.platform.iter().map(|Aged { writes, idle_millicores, resident, earning_micros }| {
        vec![writes.to_string(), decimal(idle_millicores * 10), mib(*resident), millis(*earning_micros)]
    });
    format!(
        "## On a laptop\n\nThe whole product as `cargo run` starts it, but as a release build, its data on this machine's disk. Idle is what ten\n\
         seconds take in which nobody asks anything of it.\n\n{}",
        table(&["writes so far", "idle, % of a core", "resident, MiB", "ms of an earning over HTTP"], rows)
    )
}

fn operations(results: &Results) -> String {
    let earned = &results.operations.earned;
    let parts = earned.parts.iter().map(|(part, counts)| {
        let [calls, read, written] = per(counts, earned.count).map(decimal);
        vec![(*part).to_owned(), calls, read, written]
    });
    let all = || results.operations.all().into_iter().map(|operation| &operation.cost);
    let calls: u64 = all().map(|cost| cost.counts.all()).sum();
    let differing: Vec<&(String, i64)> = all().flat_map(|cost| &cost.counts.differing).collect();
    let by: i64 = differing.iter().map(|(_, by)| by).sum();
    format!(
        "## Calls and units\n\nOf the release bootstraps, counted behind TLS where DynamoDB would be: 50 members shop every week for two years, 25 of them one\n\
         by one and 25 in a batch, then redeem; the second year is counted, so points expire as others are earned. What an operation sets\n\
         off is the chain of events behind it - routing, evaluation of tier and segment, reconciliation - and all that becomes due of it in\n\
         time: activation, notices, expiry, the nightly proof. What a day asks for on which nobody does anything is idle cost and left\n\
         out. Queues hand over ten at a time.\n\n{}Units are those that DynamoDB reports (`ReturnConsumedCapacity`), index included. Worked out a second time from the items on the wire by its\n\
         size rules, {} of {calls} calls differ, by {} units in all. A voucher is three items in one transaction - account, stock, voucher - at two\n\
         units each.\n\nWhat an earning sets off, by what does it:\n\n{}",
        counted(results.operations.all()),
        differing.len(),
        decimal(by.unsigned_abs() / 10),
        table(&["of an earning", "calls", "read units", "write units"], parts),
    )
}

/// What was measured of somebody.
fn peer<'a>(results: &'a Results, name: &str) -> Option<&'a Measured> {
    results.peers.iter().find(|measured| measured.peer.program.name == name)
}

/// How many instructions go with a call: of a warm earning.
fn each_call(results: &Results) -> u64 {
    let ours = peer(results, "earn");
    ours.map_or(0, |ours| ours.each * Measured::EARNINGS / ours.counts.all().max(1))
}

fn bill(results: &Results, operation: &Operation, provisioned: bool) -> anyhow::Result<Bill> {
    results.prices.million(&operation.cost, operation.count, each_call(results), provisioned)
}

fn money(results: &Results) -> anyhow::Result<String> {
    let bills = billed(&results.prices, results.operations.all(), each_call(results))?;
    let idle = results.prices.idle(&results.idle)?;
    let idle_rows = idle.0.iter().map(|(what, money)| vec![(*what).to_owned(), dollars(*money)]);
    let total = [vec!["**a month**".to_owned(), dollars(idle.total())]];
    let bytes = results.growth.last().map_or(0, |growth| growth.item_bytes);
    let stored = results.prices.stored(1_000_000 * i128::try_from(bytes)?)?;
    let assumed = &results.prices.assumed;
    Ok(format!(
        "## Money\n\nUS dollars, from the counts above and the prices in [infra/prices.toml](../infra/prices.toml), without free tiers.\n\n{}\
         *Predictions, because they rest on what cannot be measured here: a call of DynamoDB takes {} ms, 256 MB do {} thousand instructions\n\
         a millisecond, an access log line has {} bytes, provisioned capacity is used to {} %. Journeys and\n\
         surveys get their rows with their functions.\n\n\
         Nobody calls:\n\n{}A million members' accounts add {} dollars a month for storage and point-in-time recovery.\n\n",
        bills,
        assumed.call_ms,
        assumed.instructions_per_ms / 1_000,
        assumed.access_log_bytes,
        assumed.utilisation_percent,
        table(&["an idle month", "US dollars"], idle_rows.chain(total)),
        dollars(stored),
    ))
}

fn side_by_side(results: &Results) -> String {
    let cold = results.peers.iter().map(|measured| {
        let size =
            measured.size.map_or(["-".to_owned(), "-".to_owned()], |(bytes, deflated)| [mib(bytes), mib(deflated)]);
        let times = [measured.connects, measured.ready].map(millis);
        let head = [measured.peer.program.name.to_owned(), millions(measured.init), millions(measured.first)];
        head.into_iter()
            .chain(times)
            .chain([mib(measured.resident_kib << 10), mib(measured.own_kib << 10)])
            .chain(size)
            .collect()
    });
    let warm = results.peers.iter().filter(|measured| measured.peer.program.name != "hello").map(|measured| {
        let [calls, read, written] = per(&measured.counts, Measured::EARNINGS).map(decimal);
        let queues = decimal(ratio(measured.counts.queues, Measured::EARNINGS));
        vec![measured.peer.program.name.to_owned(), millions(measured.each), calls, read, written, queues]
    });
    let named =
        results.peers.iter().map(|measured| format!("- **{}**: {}\n", measured.peer.program.name, measured.peer.what));
    let of = |name: &str| peer(results, name);
    let entropy = of("earn").zip(of("earn, jitter entropy")).map_or(0, |(with, without)| without.first - with.first);
    format!(
        "## Side by side\n\n{}\nFrom exec, with TLS, the 140 root certificates of the machine, and calls that take 3 ms where times are taken:\n\n{}\
         Init is up to the first `/next`: ours has opened its connection and loaded the programme by then, the samples connect with the first\n\
         event. Jitter entropy alone, which aws-lc gathers once per process unless it is told not to at build time, is {} million instructions.\n\n\
         One more earning of a member that shops every week:\n\n{}",
        named.collect::<String>(),
        table(
            &[
                "from exec",
                "init, million instructions",
                "to the first answer",
                "ms to the first connection",
                "ms of init",
                "resident, MiB",
                "of it its own",
                "program, MiB",
                "deflated",
            ],
            cold,
        ),
        millions(entropy),
        table(&["warm", "million instructions", "calls", "read units", "write units", "queue calls"], warm),
    )
}

fn growth(results: &Results) -> String {
    let history = results.growth.iter().map(|growth| {
        let [calls, _, written] = per(&growth.counts, Growth::WINDOW).map(decimal);
        vec![growth.entries.to_string(), calls, written, growth.item_bytes.to_string(), millions(growth.instructions)]
    });
    let rules = results.rules.iter().map(|(rules, instructions)| vec![rules.to_string(), millions(*instructions)]);
    let sweeps = results.sweeps.iter().map(|sweep| {
        let units = |units: i64| decimal(units.unsigned_abs() / 10);
        let (read, written) = (units(sweep.units.0), units(sweep.units.1));
        vec![
            sweep.function.to_owned(),
            sweep.accounts.to_string(),
            sweep.calls.to_string(),
            sweep.scans.to_string(),
            read,
            written,
        ]
    });
    let nights = results.nights.iter().map(|night| {
        let read = night.usual.read.unsigned_abs();
        vec![
            night.entries.to_string(),
            night.usual.all().to_string(),
            decimal(read / 10),
            decimal(ratio(read, Night::WRITTEN * 1_000)),
            decimal(night.whole.read.unsigned_abs() / 10),
        ]
    });
    format!(
        "## Growth\n\nWhat one more earning costs a member that shops every day and has so many entries; the item is the largest of the next {}.\n\n{}\
         ![instructions](growth-instructions.svg) ![bytes](growth-item.svg)\n\n\
         One earning, by how many rules the programme has on orders:\n\n{}![rules](growth-rules.svg)\n\n\
         A run of a sweep, {} members being due (for reconciliation: written that day):\n\n{}![sweeps](growth-sweeps.svg)\n\n\
         The night after a day on which {} accounts were written that had so many entries, none of them among the one in 64 that is read whole; \
         and after a day of one that is:\n\n{}",
        Growth::WINDOW,
        table(&["entries", "calls", "write units", "item, bytes", "million instructions"], history),
        table(&["rules", "million instructions"], rules),
        Sweep::DUE,
        table(&["sweep", "members", "calls", "scans", "read units", "write units"], sweeps),
        Night::WRITTEN,
        table(&["entries", "calls", "read units", "read units an account", "read units, one read whole"], nights),
    )
}

fn hot(results: &Results) -> String {
    let rows = results.hot.iter().map(|hot| {
        let [calls, _, written] = per(&hot.counts, Hot::ENTRIES).map(decimal);
        let refused = decimal(ratio(hot.counts.refused.unsigned_abs(), Hot::ENTRIES * 1_000));
        let head = [hot.way.name().to_owned(), hot.writers.to_string(), hot.folded.to_string(), hot.again.to_string()];
        head.into_iter().chain([calls, written, refused]).collect()
    });
    format!(
        "## One member, many writers at once\n\n{} activities of one member. Every one has one entry afterwards, and there is no entry besides.\n\n{}",
        Hot::ENTRIES,
        table(
            &[
                "they come in",
                "functions",
                "at a time",
                "brought again",
                "calls per entry",
                "write units per entry",
                "of them refused"
            ],
            rows,
        ),
    )
}

fn targets(results: &Results) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![];
    let one = &results.operations.single;
    let [calls, _, written] = per(&one.cost.counts, one.count);
    rows.push(Row(
        "1",
        "DynamoDB calls and write units per earn, its fact's row for ever included",
        "<= 3.25, <= 2.25",
        format!("{}, {}", decimal(calls), decimal(written)),
        calls <= 325 && written <= 225,
    ));
    let grown = results.growth.first().zip(results.growth.last()).map(|(first, last)| {
        [
            ratio(last.counts.all(), first.counts.all()),
            ratio(last.counts.written.unsigned_abs(), first.counts.written.unsigned_abs()),
            ratio(last.instructions, first.instructions),
            ratio(
                u64::try_from(last.item_bytes).unwrap_or_default(),
                u64::try_from(first.item_bytes).unwrap_or_default(),
            ),
        ]
    });
    let grown = grown.unwrap_or([u64::MAX; 4]);
    rows.push(Row(
        "2",
        "growth from 10 entries to the most: calls, units, instructions, item",
        "<= 1.05",
        grown.map(decimal).join(", "),
        grown.iter().all(|ratio| *ratio <= 105),
    ));
    let of = |name: &str| peer(results, name);
    let (Some(ours), Some(hello), Some(stock)) = (of("earn"), of("hello"), of("stock")) else {
        anyhow::bail!("a peer is missing")
    };
    let fewer = stock.first * 100 / ours.first;
    rows.push(Row(
        "3",
        "instructions from exec to the first earn answered, TLS included: stock SDK against ours",
        ">= 10",
        decimal(fewer),
        fewer >= 1_000,
    ));
    let init = ratio(ours.connects, hello.connects);
    let what = "init up to the prewarming call, against a function that does nothing";
    rows.push(Row("4", what, "<= 2", decimal(init), init <= 200));
    let (bytes, deflated) = ours.size.unwrap_or((u64::MAX, u64::MAX));
    rows.push(Row(
        "5",
        "resident; stripped binary; deflated, MiB",
        "<= 9; <= 6.5; <= 2.8",
        format!("{}; {}; {}", mib(ours.resident_kib << 10), mib(bytes), mib(deflated)),
        ours.resident_kib <= 9 << 10 && ratio(bytes, 1 << 20) <= 650 && ratio(deflated, 1 << 20) <= 280,
    ));
    let rules = results.rules.first().zip(results.rules.last()).map_or(u64::MAX, |(one, many)| ratio(many.1, one.1));
    rows.push(Row("6", "instructions per earn, 100 rules against 1", "<= 2", decimal(rules), rules <= 200));
    rows.extend(targets_at_scale(results)?);
    Ok(rows)
}

/// Those about many members, many writers and a million operations.
fn targets_at_scale(results: &Results) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![];
    let equal = |sweep: &Sweep| {
        results.sweeps.iter().all(|other| other.function != sweep.function || other.calls == sweep.calls)
            && sweep.scans == 0
    };
    let calls = |function: &str| -> String {
        let sweeps = results.sweeps.iter().filter(|sweep| sweep.function == function);
        format!("{function} {}", sweeps.map(|sweep| sweep.calls.to_string()).collect::<Vec<_>>().join(", "))
    };
    rows.push(Row(
        "7",
        "calls of each sweep at 1 k, 10 k and 100 k members, as many due",
        "equal, no scan",
        ["upkeep", "reconciliation"].map(calls).join("; "),
        results.sweeps.iter().all(equal),
    ));
    // The row of each fact is one unit.
    let hot = results.hot.iter().map(|hot| per(&hot.counts, Hot::ENTRIES)[2].saturating_sub(100));
    let hot: Vec<u64> = hot.collect();
    rows.push(Row(
        "8",
        "many writers of one member, each event once: write units per entry beside its fact's row, one by one; ten at a time; from the queue by ten functions; by one",
        "<= 11; <= 0.3",
        hot.iter().map(|units| decimal(*units)).collect::<Vec<_>>().join("; "),
        matches!(hot.as_slice(), [direct, .., folded] if *direct <= 1_100 && *folded <= 30),
    ));
    let Operations { single, batched, earned, .. } = &results.operations;
    let earned = bill(results, earned, false)?.total();
    let all_in = |operation| anyhow::Ok(bill(results, operation, false)?.total() + earned);
    let money = [all_in(single)?, all_in(batched)?];
    rows.push(Row(
        "9",
        "a million earns all in, US dollars: one by one; in batches of 25",
        "<= 3.60; <= 2.30",
        money.map(dollars).join("; "),
        money[0] <= 3_600_000_000_000 && money[1] <= 2_300_000_000_000,
    ));
    Ok(rows)
}
