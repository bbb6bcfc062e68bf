//! What members cost: enrolment, look-up, consent, the view, erasure, and files of many of them. Of the release bootstraps of `member`
//! and `import`, counted as everything else is; rows a second are those of the local platform.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::figures::{billed, counted, mib, millis as millis_of};
use crate::harness::{Bench, DAY, Places, earn, queued};
use crate::operations::Operation;
use crate::platform::{Loaded, Running};
use crate::prices::{Prices, dollars};
use crate::runtime::Process;

/// The heading of what this writes.
pub(crate) const HEADING: &str = "## Members\n";

/// How many members are measured, and how many of them are erased.
const MEMBERS: usize = 40;
const ERASED: usize = 5;
/// How many things a member has done who is erased.
const SIGNALS: usize = 100;
/// How many rows are counted of a file, and how many are timed.
const ROWS: usize = 1_000;
/// How many rows the local platform is given.
const TIMED: usize = 100_000;

/// A row of a file that enrols somebody.
const NEW_ROW: &str = "a new row of a file";

/// How many views are timed.
const VIEWED: usize = 200;

/// What was measured.
pub(crate) struct Members {
    operations: Vec<Operation>,
    /// Instructions that go with a call of DynamoDB: of a look-up.
    each: u64,
    loaded: Loaded,
    /// A view on the local platform: the median and the 95th of a hundred, in microseconds.
    views: [u64; 2],
}

/// The functions, and what is asked of them.
struct Desk<'a> {
    bench: &'a Bench,
    member: Process,
    earn: Process,
    import: Process,
    asked: usize,
}

impl Desk<'_> {
    fn event(&mut self, route: &str, parameters: &[(&str, &str)], body: &Value) -> Value {
        self.asked += 1;
        let mut path = route.split(' ').next_back().unwrap_or_default().to_owned();
        for (name, value) in parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let parameters: BTreeMap<&str, &str> = parameters.iter().copied().collect();
        let key = format!("key-{}", self.asked);
        emulator::payload::request("bench", route, (&path, &parameters), body, Some(&key))
    }

    /// A request of the function `member`.
    async fn ask(
        &mut self,
        route: &str,
        parameters: &[(&str, &str)],
        body: &Value,
        operation: Option<&mut Operation>,
    ) -> anyhow::Result<Value> {
        let event = self.event(route, parameters, body);
        let answer = self.member.invoke(&event).await?;
        self.answered(&answer, operation)
    }

    fn answered(&self, answer: &Value, operation: Option<&mut Operation>) -> anyhow::Result<Value> {
        ensure!(answer["statusCode"].as_u64().is_some_and(|status| status < 300), "{answer}");
        let body = answer["body"].as_str().unwrap_or_default();
        let counts = self.bench.tables.counts();
        if let Some(operation) = operation {
            operation.count += 1;
            operation.cost.requests += 1;
            operation.cost.answered += u64::try_from(body.len())?;
            operation.invoked("", &counts);
        }
        Ok(serde_json::from_str(body).unwrap_or_default())
    }

    /// A file of as many rows, from its first message to its last.
    async fn load(&mut self, file: &Value, rows: usize, operation: &mut Operation) -> anyhow::Result<()> {
        let event = self.event("POST /v1/imports", &[], file);
        let created = self.import.invoke(&event).await?;
        let created = self.answered(&created, None)?;
        let id = created["import"].as_str().context("an import")?.to_owned();
        let event = self.event("POST /v1/imports/{import_id}/start", &[("import_id", &id)], &Value::Null);
        let started = self.import.invoke(&event).await?;
        self.answered(&started, Some(operation))?;
        loop {
            let messages = self.bench.tables.messages("ImportsQueue");
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let done = self.import.invoke(&queued(&[message])).await?;
                ensure!(done["batchItemFailures"].as_array().is_none_or(Vec::is_empty), "{done}");
                operation.invoked("", &self.bench.tables.counts());
                operation.cost.counts.queues += 2; // it is received and deleted
            }
        }
        operation.count = u64::try_from(rows)?;
        let event = self.event("GET /v1/imports/{import_id}", &[("import_id", &id)], &Value::Null);
        let seen = self.import.invoke(&event).await?;
        let seen = self.answered(&seen, None)?;
        ensure!(seen["state"] == "done" && seen["result"]["refused"] == 0, "{seen}");
        Ok(())
    }
}

fn somebody(number: usize) -> Value {
    json!({
        "source": "crm", "external_id": format!("C-{number:06}"),
        "identifiers": [
            {"kind": "phone", "value": format!("{}", 13_800_000_000_u64 + number as u64)},
            {"kind": "email", "value": format!("m{number}@example.com")},
        ],
        "fields": {"name": format!("王小{number}")}, "locale": "zh-CN",
    })
}

/// The rows of a file: four columns of everybody.
fn file(rows: usize) -> String {
    let mut text = "external_id,phone,email,name\n".to_owned();
    for n in 0..rows {
        writeln!(text, "F-{n:06},{},f{n}@example.com,李小{n}", 13_900_000_000_u64 + n as u64).unwrap_or_default();
    }
    text
}

async fn asked(desk: &mut Desk<'_>) -> anyhow::Result<Vec<Operation>> {
    let [mut enrol, mut again, mut lookup, mut consent, mut view, mut erase] = [
        "enrol with 2 identifiers",
        "enrol who is there already",
        "look up by phone",
        "record a consent",
        "the view of a member",
        "erase: 5 identifiers, 100 signals",
    ]
    .map(Operation::new);
    let mut members = Vec::new();
    for number in 0..MEMBERS {
        let enrolled = desk.ask("POST /v1/members", &[], &somebody(number), Some(&mut enrol)).await?;
        desk.ask("POST /v1/members", &[], &somebody(number), Some(&mut again)).await?;
        members.push(enrolled["member"].as_str().context("a member")?.to_owned());
    }
    for (number, member) in members.iter().enumerate() {
        for order in 0..3 {
            desk.earn.invoke(&earn(&desk.bench.order(member, order))).await?;
        }
        desk.bench.tables.counts();
        let phone = format!("{}", 13_800_000_000_u64 + number as u64);
        let phone = json!({"identifier": {"kind": "phone", "value": phone}});
        desk.ask("POST /v1/members/lookups", &[], &phone, Some(&mut lookup)).await?;
        let of = [("member_id", member.as_str())];
        let said = json!({"purpose": "marketing", "channel": "email", "said": "given", "version": 1});
        let said = json!({"source": "crm", "consents": [said]});
        desk.ask("POST /v1/members/{member_id}/consents", &of, &said, Some(&mut consent)).await?;
        desk.ask("GET /v1/members/{member_id}/view", &of, &Value::Null, Some(&mut view)).await?;
    }
    for number in 0..ERASED {
        let mut whom = somebody(MEMBERS + number);
        let more = [
            json!({"kind": "card", "value": format!("ZX7{number}")}),
            json!({"kind": "wecom", "value": format!("wm1234567{number}")}),
        ];
        whom["identifiers"].as_array_mut().context("identifiers")?.extend(more);
        let member = desk.ask("POST /v1/members", &[], &whom, None).await?["member"].clone();
        for login in 0..SIGNALS {
            let login = json!({
                "specversion": "1.0", "type": "login", "source": "app", "id": format!("login-{number}-{login}"), "subject": member,
                "time": desk.bench.clock.now(),
            });
            desk.earn.invoke(&earn(&login)).await?;
        }
        desk.bench.tables.counts();
        let whom = json!({"member": member, "reason": "asked for by letter", "now": true});
        desk.ask("POST /v1/privacy/erasures", &[], &whom, Some(&mut erase)).await?;
    }
    Ok(vec![enrol, again, lookup, consent, view, erase])
}

pub(crate) async fn all(places: &Places) -> anyhow::Result<Members> {
    let bench = Bench::new(places, &places.programme()?, Duration::ZERO, DAY).await?;
    let (member, earn, import) =
        (bench.start("member").await?, bench.start("earn").await?, bench.start("import").await?);
    let mut desk = Desk { bench: &bench, member, earn, import, asked: 0 };
    let mut operations = asked(&mut desk).await?;
    let rows = file(ROWS);
    let json = json!({"kind": "members", "source": "crm", "content": rows});
    let [mut new, mut known] = [NEW_ROW, "a row without news"].map(Operation::new);
    desk.load(&json, ROWS, &mut new).await?;
    // Another file that says the same of everybody.
    let json = json!({"kind": "members", "source": "crm", "content": format!("{rows}\n")});
    desk.load(&json, ROWS, &mut known).await?;
    operations.extend([new, known]);
    let lookup = json!({"identifier": {"kind": "phone", "value": "13800000001"}});
    let event = desk.event("POST /v1/members/lookups", &[], &lookup);
    for process in [desk.member, desk.earn, desk.import] {
        process.stop().await?;
    }
    let calls = operations.get(2).map_or(1, |lookup| lookup.cost.counts.all() / lookup.count.max(1));
    let each = bench.each("member", &mut || Ok(event.clone())).await? / calls.max(1);
    let directory = tempfile::tempdir()?;
    let mut platform = Running::start(places, directory.path()).await?;
    let loaded = platform.load(&file(TIMED)).await?;
    let viewed: Vec<Value> = (0..VIEWED).map(somebody).collect();
    let views = platform.views(&viewed).await?;
    platform.stop().await?;
    Ok(Members { operations, each, loaded, views })
}

/// What is written of it.
pub(crate) fn section(members: &Members, prices: &Prices) -> anyhow::Result<String> {
    let Members { operations, each, loaded, views } = members;
    let new = operations.iter().find(|operation| operation.name == NEW_ROW).context("rows of a file")?;
    let file = prices.million(&new.cost, new.count, *each, false)?.total() / 10;
    let Loaded { rows, millis, resident } = loaded;
    let (rows, resident) = (u64::try_from(*rows)?, mib(*resident));
    Ok(format!(
        "{HEADING}\nOf the release bootstraps of `member` and `import`, counted as above: {MEMBERS} members with 2 identifiers and 3 orders each,\n\
         {ERASED} more who are erased, and a file of {ROWS} rows, which is 2 parts. What they set off in other functions is not in here.\n\n{}\
         US dollars, from these counts and the same prices and predictions; a call of KMS (a branch key, once an hour in each process) is 0.000003.\n\n{}\
         A file of 100,000 new members costs {} dollars on demand. The local platform takes one of {rows} rows, each with phone and e-mail, in\n\
         {} s: **{} rows a second**, with {resident} MiB resident at the end. A deployed stack does one part at a time, 16 rows at once: with 4 ms\n\
         a call about 600 rows a second are predicted. There, and then, the view of a member takes {} ms, and 95 of 100 take at most {} ms.\n\n",
        counted(operations),
        billed(prices, operations, *each)?,
        dollars(file),
        millis / 1_000,
        rows * 1_000 / millis.max(&1),
        millis_of(views[0]),
        millis_of(views[1]),
    ))
}
