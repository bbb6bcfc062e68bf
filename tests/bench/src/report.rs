//! The document: every figure with its target.

use std::fmt::Write as _;

use crate::measure::{Calls, Results};

/// One row: the number of the target, what it is, the aim, the figure, and whether it is met.
struct Row(&'static str, &'static str, &'static str, String, bool);

/// A ratio in hundredths.
fn ratio(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or_default()
}

/// Hundredths as a decimal.
fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl Calls {
    /// Calls per operation, in hundredths.
    fn calls(&self) -> u64 {
        ratio(self.counts.all(), self.operations)
    }

    /// Write units per operation, in hundredths.
    fn written(&self) -> u64 {
        ratio(u64::try_from(self.counts.written).unwrap_or_default(), self.operations * 1_000)
    }

    /// Read units per operation, in hundredths.
    fn read(&self) -> u64 {
        ratio(u64::try_from(self.counts.read).unwrap_or_default(), self.operations * 1_000)
    }
}

/// Writes it.
pub(crate) fn document(results: &Results) -> String {
    let mut text = String::from(
        "# Performance\n\nWritten by `cargo run -p bench --release`; every figure comes from one run on one machine. Instructions, calls, units and bytes are\n\
         what to go by: they repeat themselves. Times are medians of 21, taken in turns with the peer they are compared to, and say\n\
         nothing about AWS.\n\n",
    );
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    line(format!("{}; {}.\n", results.machine, results.at.strftime("%Y-%m-%d")));
    line("| # | measure | target | here | met |\n|---|---|---|---|---|".to_owned());
    for Row(number, what, target, here, met) in rows(results) {
        line(format!("| {number} | {what} | {target} | {here} | {} |", if met { "yes" } else { "**no**" }));
    }
    line("\n## Calls and units\n\nOf the release bootstraps, counted behind TLS at the database; units are DynamoDB's own (`ReturnConsumedCapacity`).\n".to_owned());
    line("| operation | calls | read units | write units |\n|---|---|---|---|".to_owned());
    let operations = [
        ("earn, one by one", &results.steady),
        ("earn, 25 in a batch, per activity (25 members)", &results.batch),
        ("redeem a voucher", &results.redeem),
    ];
    for (what, calls) in operations {
        line(format!(
            "| {what} | {} | {} | {} |",
            decimal(calls.calls()),
            decimal(calls.read()),
            decimal(calls.written())
        ));
    }
    line("\n## Growth\n\nWhat one more earning costs a member with so many entries.\n".to_owned());
    line("| entries | calls | write units | item, bytes | instructions |\n|---|---|---|---|---|".to_owned());
    for growth in &results.growth {
        let (calls, written) = (decimal(growth.calls.calls()), decimal(growth.calls.written()));
        line(format!("| {} | {calls} | {written} | {} | {} |", growth.entries, growth.item_bytes, growth.instructions));
    }
    line("\n## Rules\n\nInstructions of one earning, by how many rules the programme has on orders.\n".to_owned());
    line("| rules | instructions |\n|---|---|".to_owned());
    for (rules, instructions) in &results.rules {
        line(format!("| {rules} | {instructions} |"));
    }
    let mut cold = String::new();
    // Writing to a string does not fail.
    write!(
        cold,
        "\n## Cold start\n\nFrom exec to the first answer an earning takes {} million instructions, TLS and the programme's load included; a function\n\
         that does nothing takes {} million.\n\nFrom exec to the first `/next`: {} ms for that function, {} ms for `earn` until it opens its connection, {} ms until the programme\n\
         is loaded over it (a call takes 3 ms here, a handshake two).",
        decimal(results.first_earn / 10_000),
        decimal(results.hello_first / 10_000),
        decimal(results.init.hello / 10),
        decimal(results.init.connects / 10),
        decimal(results.init.ready / 10),
    )
    .unwrap_or_default();
    line(cold);
    text
}

fn rows(results: &Results) -> Vec<Row> {
    let (calls, written) = (results.steady.calls(), results.steady.written());
    let first = results.growth.iter().find(|growth| growth.entries >= 100);
    let grown = first.zip(results.growth.last()).map(|(first, last)| {
        [
            ratio(last.calls.counts.all(), first.calls.counts.all()),
            ratio(last.calls.counts.written.unsigned_abs(), first.calls.counts.written.unsigned_abs()),
            ratio(last.instructions, first.instructions),
        ]
    });
    let [of_calls, of_units, of_instructions] = grown.unwrap_or_default();
    let init = ratio(results.init.connects, results.init.hello);
    let mib = |bytes: u64| ratio(bytes, 1 << 20);
    let (resident, binary, deflated) = (mib(results.resident_kib << 10), mib(results.binary), mib(results.deflated));
    let rules = results.rules.first().zip(results.rules.last()).map_or(0, |(one, many)| ratio(many.1, one.1));
    vec![
        Row(
            "1",
            "DynamoDB calls and write units per earn",
            "<= 2.2, <= 1.25",
            format!("{}, {}", decimal(calls), decimal(written)),
            calls <= 220 && written <= 125,
        ),
        Row(
            "2",
            "growth from 100 to the most entries: calls, units, instructions",
            "<= 1.05",
            format!("{}, {}, {}", decimal(of_calls), decimal(of_units), decimal(of_instructions)),
            of_calls <= 105 && of_units <= 105 && of_instructions <= 105,
        ),
        Row(
            "4",
            "init until the first connection, against a function that does nothing",
            "<= 2",
            decimal(init),
            init <= 200,
        ),
        Row(
            "5",
            "resident; stripped binary; deflated, MiB",
            "<= 9; <= 6.5; <= 2.8",
            format!("{}; {}; {}", decimal(resident), decimal(binary), decimal(deflated)),
            resident <= 900 && binary <= 650 && deflated <= 280,
        ),
        Row("6", "instructions per earn, 100 rules against 1", "<= 2", decimal(rules), rules <= 200),
    ]
}
