//! What the queues owe: every message that was acknowledged and not yet consumed, in a file that survives a kill.
//!
//! The embedded SQS lives in memory. The journal is a list of facts, one JSON line each: a message was sent, was
//! received, was consumed. Their order does not matter, because a consumer may be faster than the line that says
//! the message was sent; what is owed is what was sent and not consumed.

use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    sync::mpsc,
};

use anyhow::Context as _;
use jiff::Timestamp;
use rustack_sqs_model::types::MessageAttributeValue;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// A fact about a message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fact {
    Sent(Sent),
    /// By its id. Receives decide whether a message belongs to the dead-letter queue.
    Received(String),
    /// By its id.
    Consumed(String),
}

/// A message as it was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) queue: String,
    pub(super) body: String,
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub(super) attributes: HashMap<String, MessageAttributeValue>,
    pub(super) sent_at: Timestamp,
    pub(super) visible_at: Timestamp,
}

/// A message that is owed, and how often it was received.
#[derive(Debug)]
pub(super) struct Owed {
    pub(super) message: Sent,
    pub(super) receives: u32,
}

/// What the journal at `path` owes, in the order it was sent; nothing if there is no journal.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Owed>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    let mut sent = Vec::new();
    let mut receives: HashMap<String, u32> = HashMap::new();
    let mut consumed = HashSet::new();
    let mut lines = BufReader::new(file).split(b'\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        match serde_json::from_slice(&line?) {
            Ok(Fact::Sent(message)) => sent.push(message),
            Ok(Fact::Received(id)) => *receives.entry(id).or_default() += 1,
            Ok(Fact::Consumed(id)) => {
                consumed.insert(id);
            }
            // The kill came in the middle of the last line, before its message was acknowledged.
            Err(_) if lines.peek().is_none() => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{}, line {}", path.display(), index + 1));
            }
        }
    }
    sent.retain(|message| !consumed.contains(&message.id));
    let owed = sent.into_iter();
    Ok(owed.map(|message| Owed { receives: receives.get(&message.id).copied().unwrap_or_default(), message }).collect())
}

/// Lines for the writer, and whom to tell when they are on the disk.
struct Write {
    lines: Vec<u8>,
    done: Option<oneshot::Sender<Result<(), String>>>,
}

/// The journal, open for writing.
#[derive(Debug)]
pub(super) struct Journal {
    writer: mpsc::Sender<Write>,
}

impl Journal {
    /// Replaces the journal at `path` by one that owes `messages`: at no time is there none.
    pub(super) fn replace(path: &Path, messages: Vec<Sent>) -> anyhow::Result<Self> {
        let next = path.with_extension("next");
        let create = || -> anyhow::Result<File> {
            let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&next)?;
            for message in messages {
                file.write_all(&line(&Fact::Sent(message))?)?;
            }
            file.sync_all()?;
            std::fs::rename(&next, path)?;
            // The new name is on the disk when its directory is.
            File::open(path.parent().context("the journal has no directory")?)?.sync_all()?;
            Ok(file)
        };
        let file = create().with_context(|| format!("{} cannot be written", path.display()))?;
        let (writer, writes) = mpsc::channel();
        std::thread::Builder::new().name("queues.journal".to_owned()).spawn(move || write(file, &writes))?;
        Ok(Self { writer })
    }

    /// Adds facts, and returns when they are on the disk.
    pub(super) async fn append(&self, facts: &[Fact]) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        for fact in facts {
            lines.extend(line(fact)?);
        }
        let (done, written) = oneshot::channel();
        self.writer.send(Write { lines, done: Some(done) }).context("the journal is closed")?;
        written.await.context("the journal is closed")?.map_err(anyhow::Error::msg)
    }

    /// Adds a fact without waiting: to forget it only means to deliver a message once more.
    pub(super) fn note(&self, fact: &Fact) {
        let written = line(fact).map(|lines| self.writer.send(Write { lines, done: None }).is_ok());
        if !matches!(written, Ok(true)) {
            tracing::warn!(?fact, "not in the journal");
        }
    }
}

fn line(fact: &Fact) -> anyhow::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(fact)?;
    line.push(b'\n');
    Ok(line)
}

/// Writes what has gathered while the disk was busy, then makes it durable once for all of it. After a failure the
/// end of the file is unknown, and nothing is written any more.
fn write(mut file: File, writes: &mpsc::Receiver<Write>) {
    let mut failed: Option<String> = None;
    while let Ok(first) = writes.recv() {
        let batch: Vec<Write> = std::iter::once(first).chain(writes.try_iter()).collect();
        if failed.is_none() {
            let lines: Vec<u8> = batch.iter().flat_map(|write| &write.lines).copied().collect();
            let durable = batch.iter().any(|write| write.done.is_some());
            let written = file.write_all(&lines).and_then(|()| if durable { file.sync_data() } else { Ok(()) });
            failed = written.err().map(|error| format!("the queues' journal cannot be written: {error}"));
        }
        for done in batch.into_iter().filter_map(|write| write.done) {
            // Whoever waited may be gone.
            done.send(failed.clone().map_or(Ok(()), Err)).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(id: &str) -> Sent {
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        Sent {
            id: id.to_owned(),
            queue: "ingest".to_owned(),
            body: "{\"line\":\n1}".to_owned(),
            attributes: HashMap::new(),
            sent_at: now,
            visible_at: now,
        }
    }

    /// Who is owed, and how often each was received.
    #[track_caller]
    fn check(path: &Path, expected: &[(&str, u32)]) {
        let owed = read(path).unwrap();
        let owed: Vec<_> = owed.iter().map(|owed| (owed.message.id.as_str(), owed.receives)).collect();
        assert_eq!(owed, expected);
    }

    #[tokio::test]
    async fn what_was_sent_and_not_consumed_is_owed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("queues.journal");
        check(&path, &[]);
        let journal = Journal::replace(&path, vec![sent("a"), sent("b")]).unwrap();
        // A consumer may be faster than the line that says what it consumed was sent.
        journal.note(&Fact::Consumed("c".to_owned()));
        journal.note(&Fact::Received("b".to_owned()));
        journal.note(&Fact::Received("b".to_owned()));
        journal.note(&Fact::Consumed("a".to_owned()));
        journal.append(&[Fact::Sent(sent("c")), Fact::Sent(sent("d"))]).await.unwrap();
        check(&path, &[("b", 2), ("d", 0)]);

        let compact = Journal::replace(&path, vec![sent("b"), sent("d")]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        compact.append(&[Fact::Consumed("b".to_owned())]).await.unwrap();
        check(&path, &[("d", 0)]);
    }

    #[test]
    fn a_line_cut_short_by_a_kill_was_never_acknowledged() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("queues.journal");
        let whole = line(&Fact::Sent(sent("a"))).unwrap();
        let cut = line(&Fact::Sent(sent("b"))).unwrap();
        std::fs::write(&path, [whole.as_slice(), &cut[..20]].concat()).unwrap();
        check(&path, &[("a", 0)]);

        std::fs::write(&path, [&cut[..20], b"\n", whole.as_slice()].concat()).unwrap();
        let error = format!("{:#}", read(&path).unwrap_err());
        assert!(error.contains("queues.journal, line 1"), "{error}");
    }
}
