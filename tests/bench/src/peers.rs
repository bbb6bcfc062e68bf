//! Ours beside others: the same event, from exec to the answer and once more.

use std::time::Duration;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::SignedDuration;

use crate::harness::{Bench, LATENCY, Places, Program, WEEK, succeeded};
use crate::tables::Counts;

/// How often what is timed is repeated; the median counts.
const TURNS: usize = 21;
/// How many earnings are counted of each.
const EARNINGS: u64 = 50;

/// Somebody who is measured.
pub(crate) struct Peer {
    /// What is started; its name is the one in tables.
    pub(crate) program: Program,
    /// What it is.
    pub(crate) what: &'static str,
}

/// What was measured of one.
pub(crate) struct Measured {
    pub(crate) peer: Peer,
    /// Instructions from exec to the first answer.
    pub(crate) first: u64,
    /// Instructions from exec to the first `/next`.
    pub(crate) init: u64,
    /// Instructions of one more earning.
    pub(crate) each: u64,
    /// Median from exec to the first connection, in microseconds; to the first `/next` for one that connects later.
    pub(crate) connects: u64,
    /// Median from exec to the first `/next`.
    pub(crate) ready: u64,
    /// The most memory resident, in KiB, after so many earnings; and what of it is the process's own.
    pub(crate) resident_kib: u64,
    pub(crate) own_kib: u64,
    /// The program, in bytes, stripped and deflated; none for an interpreter.
    pub(crate) size: Option<(u64, u64)>,
    /// What so many earnings asked for.
    pub(crate) counts: Counts,
}

impl Measured {
    pub(crate) const EARNINGS: u64 = EARNINGS;
}

/// Everybody, ours first after the one that does nothing.
fn peers(places: &Places) -> Vec<Peer> {
    let peer = |name, what, command| Peer { program: Program { name, command, untold: &[] }, what };
    let (ours, theirs) = (|name: &str| vec![places.bootstraps.join(name)], |name: &str| vec![places.peers.join(name)]);
    vec![
        peer("hello", "a function that does nothing", ours("hello")),
        peer("earn", "ours", ours("earn")),
        Peer {
            program: Program { name: "earn, system's roots", command: ours("earn"), untold: &["TRUSTED_ROOTS"] },
            what: "ours, where Amazon's roots are not the endpoint's",
        },
        peer("earn, jitter entropy", "ours, aws-lc built as it comes", theirs("earn")),
        peer("stock", "ours on the SDK's default features and `load_defaults`", theirs("stock")),
        peer("transactional", "our rules; entry row and account in one transaction", ours("transactional")),
        peer("sample", "idempotency record, row, balance, message; no rules; stock SDK", theirs("sample")),
        peer(
            "sample in Python",
            "the same on boto3",
            vec![places.python.clone(), places.root.join("tests/bench/peers/sample.py")],
        ),
    ]
}

/// Measures everybody.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for peer in peers(places) {
        let name = peer.program.name;
        eprintln!("  {name}");
        all.push(one(places, peer).await.context(name)?);
    }
    let times = times(places, &all).await?;
    for (measured, (connects, ready)) in all.iter_mut().zip(times) {
        (measured.connects, measured.ready) = (connects, ready);
    }
    Ok(all)
}

async fn one(places: &Places, peer: Peer) -> anyhow::Result<Measured> {
    let bench = Bench::new(places, &places.programme()?, Duration::ZERO, WEEK * 400).await?;
    let (mut number, member) = (0, "m-1");
    let mut next = || bench.next_order(member, &mut number, WEEK);
    let mut process = bench.exec(&[], &peer.program).await?;
    process.ready().await?;
    for _ in 0..10 {
        succeeded(&process.invoke(&next()?).await?)?;
    }
    bench.tables.counts();
    for _ in 0..EARNINGS {
        succeeded(&process.invoke(&next()?).await?)?;
    }
    let counts = bench.tables.counts();
    let (resident_kib, own_kib) = process.resident()?;
    process.stop().await?;
    let init = bench.instructions(&peer.program, 0, &mut next).await?;
    let first = bench.instructions(&peer.program, 1, &mut next).await?;
    let many = bench.instructions(&peer.program, 41, &mut next).await?;
    let size = match peer.program.command.as_slice() {
        [program] => {
            let code = std::fs::read(program)?;
            let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
            std::io::Write::write_all(&mut deflated, &code)?;
            Some((u64::try_from(code.len())?, u64::try_from(deflated.finish()?.len())?))
        }
        _ => None,
    };
    let each = many.saturating_sub(first) / 40;
    Ok(Measured { peer, first, init, each, connects: 0, ready: 0, resident_kib, own_kib, size, counts })
}

/// From exec to the first connection and to the first `/next`, everybody taking turns.
async fn times(places: &Places, all: &[Measured]) -> anyhow::Result<Vec<(u64, u64)>> {
    let bench = Bench::new(places, &places.programme()?, LATENCY, SignedDuration::ZERO).await?;
    let mut times: Vec<(Vec<Duration>, Vec<Duration>)> = all.iter().map(|_| Default::default()).collect();
    for _ in 0..TURNS {
        for (measured, (connects, ready)) in all.iter().zip(&mut times) {
            bench.tables.connected();
            let mut process = bench.exec(&[], &measured.peer.program).await?;
            let time = process.ready().await?;
            let connected = bench.tables.connected().map(|connected| connected.duration_since(process.began()));
            connects.push(connected.unwrap_or(time).min(time));
            ready.push(time);
            process.stop().await?;
        }
    }
    Ok(times.into_iter().map(|(connects, ready)| (median(connects), median(ready))).collect())
}

fn median(mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 2).and_then(|time| u64::try_from(time.as_micros()).ok()).unwrap_or_default()
}
