//! What the queues owe: every message that was acknowledged and not yet consumed, in a file that survives a kill.
//!
//! The embedded SQS lives in memory. The journal is a list of facts, one JSON line each: a message was sent, was
//! received, was consumed. Their order does not matter, because a consumer may be faster than the line that says
//! the message was sent; what is owed is what was sent and not consumed. When most of it is about messages that are
//! consumed it is written anew.

use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::mpsc,
};

use anyhow::Context as _;
use jiff::Timestamp;
use rustack_sqs_model::types::MessageAttributeValue;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// What a journal may grow to, in bytes, before it is written anew.
const LIMIT: u64 = 1 << 20;
/// How many times what is owed it may be: writing it anew costs as much as what is owed.
const EXCESS: u64 = 4;

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
    Ok(contents(path)?.owed)
}

/// What a journal says.
#[derive(Default)]
struct Contents {
    owed: Vec<Owed>,
    /// About messages of which it does not say yet that they were sent.
    early: Vec<Fact>,
}

fn contents(path: &Path) -> anyhow::Result<Contents> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
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
    let mut owed = Vec::new();
    for message in sent {
        let receives = receives.remove(&message.id).unwrap_or_default();
        if !consumed.remove(&message.id) {
            owed.push(Owed { message, receives });
        }
    }
    let early = receives.into_iter().flat_map(|(id, times)| (0..times).map(move |_| Fact::Received(id.clone())));
    let early = early.chain(consumed.into_iter().map(Fact::Consumed)).collect();
    Ok(Contents { owed, early })
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
        let facts: Vec<Fact> = messages.into_iter().map(Fact::Sent).collect();
        let create = || {
            let (file, length) = renew(path, &facts)?;
            settle(path)?;
            anyhow::Ok(Disk { path: path.to_owned(), file, length, limit: limit(length), torn: false })
        };
        Self::on(create().with_context(|| format!("{} cannot be written", path.display()))?)
    }

    fn on(disk: Disk) -> anyhow::Result<Self> {
        let (writer, writes) = mpsc::channel();
        std::thread::Builder::new().name("queues.journal".to_owned()).spawn(move || write(disk, &writes))?;
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

/// Puts a journal of `facts` in the place of the one at `path`; returns it with its length.
fn renew(path: &Path, facts: &[Fact]) -> anyhow::Result<(File, u64)> {
    let next = path.with_extension("next");
    let lines = facts.iter().map(line).collect::<anyhow::Result<Vec<_>>>()?.concat();
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&next)?;
    file.write_all(&lines)?;
    file.sync_all()?;
    std::fs::rename(&next, path)?;
    Ok((file, u64::try_from(lines.len())?))
}

/// A new name is on the disk when its directory is.
fn settle(path: &Path) -> anyhow::Result<()> {
    Ok(File::open(path.parent().context("the journal has no directory")?)?.sync_all()?)
}

/// How long a journal may grow that is `length` long when it says only what is owed.
fn limit(length: u64) -> u64 {
    LIMIT.max(length.saturating_mul(EXCESS))
}

/// The journal as the writer has it.
struct Disk {
    path: PathBuf,
    file: File,
    /// Of what was written whole.
    length: u64,
    limit: u64,
    /// A write has failed: behind `length` there may be part of what it was to write.
    torn: bool,
}

impl Disk {
    fn write(&mut self, lines: &[u8], durable: bool) -> anyhow::Result<()> {
        if self.torn {
            let mut file = OpenOptions::new().write(true).open(&self.path)?;
            file.set_len(self.length)?;
            file.seek(SeekFrom::End(0))?;
            self.file = file;
        }
        self.torn = true;
        self.file.write_all(lines)?;
        if durable {
            self.file.sync_data()?;
        }
        self.length = self.length.saturating_add(u64::try_from(lines.len())?);
        self.torn = false;
        if self.length > self.limit {
            return self.compact();
        }
        Ok(())
    }

    /// Writes the journal anew, with what it owes: at no time is there none, and what waits to be acknowledged is in both.
    fn compact(&mut self) -> anyhow::Result<()> {
        let renewed = contents(&self.path).and_then(|contents| {
            let owed = contents.owed.into_iter().flat_map(|Owed { message, receives }| {
                let received: Vec<_> = (0..receives).map(|_| Fact::Received(message.id.clone())).collect();
                std::iter::once(Fact::Sent(message)).chain(received)
            });
            let facts: Vec<Fact> = owed.chain(contents.early).collect();
            renew(&self.path, &facts)
        });
        match renewed {
            Ok((file, length)) => {
                (self.file, self.length, self.limit) = (file, length, limit(length));
                settle(&self.path)
            }
            // There may be room later; until then the old one is as good.
            Err(error) => {
                tracing::warn!("the queues' journal stays long: {error:#}");
                self.limit = limit(self.length);
                Ok(())
            }
        }
    }
}

/// Writes what has gathered while the disk was busy, then makes it durable once for all of it. What could not be written - there
/// was no room - is tried again: by whoever waits and is told, and what nobody waits for is kept for the next time.
fn write(mut disk: Disk, writes: &mpsc::Receiver<Write>) {
    let mut kept: Vec<u8> = Vec::new();
    let mut failing = false;
    while let Ok(first) = writes.recv() {
        let batch: Vec<Write> = std::iter::once(first).chain(writes.try_iter()).collect();
        let lines: Vec<u8> = kept.iter().chain(batch.iter().flat_map(|write| &write.lines)).copied().collect();
        let written = disk.write(&lines, batch.iter().any(|write| write.done.is_some()));
        match &written {
            Ok(()) => {
                kept.clear();
                if failing {
                    tracing::warn!("the queues' journal is written again");
                }
            }
            Err(error) => {
                if !failing {
                    tracing::error!("the queues' journal cannot be written, and is tried again: {error:#}");
                }
                let unheard = batch.iter().filter(|write| write.done.is_none()).flat_map(|write| &write.lines).copied();
                kept.extend(unheard);
                // To forget it only means to deliver messages once more.
                if u64::try_from(kept.len()).is_ok_and(|length| length > LIMIT) {
                    kept.clear();
                }
            }
        }
        failing = written.is_err();
        let told = written.map_err(|error| format!("the queues' journal cannot be written: {error:#}"));
        for done in batch.into_iter().filter_map(|write| write.done) {
            // Whoever waited may be gone.
            done.send(told.clone()).ok();
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

    #[tokio::test]
    async fn a_journal_of_what_is_consumed_stays_short() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("queues.journal");
        let journal = Journal::replace(&path, vec![sent("first")]).unwrap();
        journal.note(&Fact::Received("first".to_owned()));
        journal.note(&Fact::Consumed("last".to_owned()));
        let mut written = 0;
        for number in 0..3_000 {
            let message = Sent { body: "x".repeat(1_000), ..sent(&number.to_string()) };
            written += message.body.len();
            journal.append(&[Fact::Sent(message), Fact::Consumed(number.to_string())]).await.unwrap();
            assert!(std::fs::metadata(&path).unwrap().len() <= LIMIT);
        }
        assert!(u64::try_from(written).unwrap() > 2 * LIMIT, "it was written anew twice");
        // What is known of those that are owed, or not yet sent, is kept.
        journal.append(&[Fact::Sent(sent("last")), Fact::Sent(sent("late"))]).await.unwrap();
        check(&path, &[("first", 1), ("late", 0)]);
    }

    #[tokio::test]
    async fn a_journal_that_owes_much_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("queues.journal");
        let large = |id: u32| Sent { body: "x".repeat(100_000), ..sent(&id.to_string()) };
        let journal = Journal::replace(&path, (0..20).map(large).collect()).unwrap();
        let ids: Vec<String> = (0..20).map(|id| id.to_string()).collect();
        for id in 20..35 {
            journal.append(&[Fact::Sent(large(id)), Fact::Consumed(id.to_string())]).await.unwrap();
        }
        assert!(std::fs::metadata(&path).unwrap().len() > 3 * LIMIT, "to write it anew would cost more than it saves");
        let owed: Vec<_> = ids.iter().map(|id| (id.as_str(), 0)).collect();
        check(&path, &owed);
    }

    #[tokio::test]
    async fn a_kill_while_the_journal_is_written_anew_loses_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("queues.journal");
        let before = [Fact::Sent(sent("a")), Fact::Sent(sent("b")), Fact::Consumed("a".to_owned())];
        let before: Vec<u8> = before.iter().flat_map(|fact| line(fact).unwrap()).collect();
        let anew = line(&Fact::Sent(sent("b"))).unwrap();
        // However much of the new one is there, until it has the name the old one counts.
        for written in [0, 1, anew.len() / 2, anew.len() - 1, anew.len()] {
            std::fs::write(&path, &before).unwrap();
            std::fs::write(path.with_extension("next"), &anew[..written]).unwrap();
            check(&path, &[("b", 0)]);
            let journal = Journal::replace(&path, vec![sent("b")]).unwrap();
            journal.append(&[Fact::Sent(sent("c"))]).await.unwrap();
            check(&path, &[("b", 0), ("c", 0)]);
            assert!(!path.with_extension("next").exists(), "what was left takes no room");
        }
    }

    #[tokio::test]
    async fn a_disk_that_was_full_is_written_again_when_there_is_room() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("queues.journal");
        drop(Journal::replace(&path, vec![sent("a"), sent("b")]).unwrap());
        let length = std::fs::metadata(&path).unwrap().len();
        let full = || {
            let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
            Journal::on(Disk { path: path.clone(), file, length, limit: limit(length), torn: false }).unwrap()
        };
        let cut = line(&Fact::Sent(sent("c"))).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&cut[..20]).unwrap(); // what there was room for
        let journal = full();
        let error = format!("{:#}", journal.append(&[Fact::Sent(sent("c"))]).await.unwrap_err());
        assert!(error.contains("No space left on device"), "{error}");
        journal.append(&[Fact::Sent(sent("d"))]).await.unwrap();
        check(&path, &[("a", 0), ("b", 0), ("d", 0)]);

        // What nobody waits for is not forgotten.
        std::fs::write(&path, &std::fs::read(&path).unwrap()[..usize::try_from(length).unwrap()]).unwrap();
        let journal = full();
        journal.note(&Fact::Consumed("a".to_owned()));
        journal.append(&[Fact::Received("b".to_owned())]).await.ok();
        journal.append(&[]).await.unwrap();
        let owed = read(&path).unwrap();
        assert!(owed.iter().all(|owed| owed.message.id != "a"), "{owed:?}");
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
