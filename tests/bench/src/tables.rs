//! DynamoDB on this machine, behind TLS or not: the embedded database, a fixed latency, and a count of what is asked of it. Queues
//! are asked at the same address: what is sent is kept, for whoever wants to hand it on. So is what stands for KMS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header::CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use dynoxide::Database;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use sam::template::Stack;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

use crate::units::{self, Schema, Schemas};

/// The certificates that a machine trusts: as many as there are where functions run.
const TRUSTED: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Those that functions trust first.
const AMAZON: &str = include_str!("../../../shared/lambda/src/roots.pem");

/// What was asked of tables and queues.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Calls of DynamoDB by operation.
    pub calls: BTreeMap<String, u64>,
    /// Calls of SQS.
    pub queues: u64,
    /// Read units, in thousandths.
    pub read: i64,
    /// Write units, in thousandths; refused writes are charged, too.
    pub written: i64,
    /// Of the write units, those of refused writes.
    pub refused: i64,
    /// Calls for which the size rules give other units than DynamoDB reports: what, by how many thousandths.
    pub differing: Vec<(String, i64)>,
}

impl Counts {
    /// All calls of DynamoDB.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.calls.values().sum()
    }

    /// Without those that there are anyway.
    pub(crate) fn without(mut self, idle: &Self) -> Self {
        for (operation, calls) in &idle.calls {
            let of = self.calls.entry(operation.clone()).or_default();
            *of = of.saturating_sub(*calls);
        }
        self.read -= idle.read;
        self.written -= idle.written;
        self
    }

    /// Together with others.
    pub fn add(&mut self, other: &Self) {
        for (operation, calls) in &other.calls {
            *self.calls.entry(operation.clone()).or_default() += calls;
        }
        self.queues += other.queues;
        self.read += other.read;
        self.written += other.written;
        self.refused += other.refused;
        self.differing.extend(other.differing.iter().cloned());
    }
}

/// The tables of the template and of the peers, and how they are reached.
pub struct Tables {
    pub(crate) database: Database,
    /// Where, without TLS.
    pub url: String,
    shared: Arc<Shared>,
}

/// Where tables are behind TLS.
pub(crate) struct BehindTls {
    pub(crate) url: String,
    /// The certificates of a system, with that of these tables.
    pub(crate) certificates: PathBuf,
    /// Those of Amazon alone, with that of these tables.
    pub(crate) roots: PathBuf,
}

struct Shared {
    database: Database,
    keys: emulator::MasterKey,
    buckets: emulator::Buckets,
    schemas: Schemas,
    latency: Duration,
    state: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    counts: Counts,
    /// When somebody connected first.
    connected: Option<Instant>,
    /// Records of the stream of accounts.
    changes: Vec<Value>,
    /// Records of the stream of care.
    news: Vec<Value>,
    /// How many there have been.
    changed: usize,
    /// Messages: to which queue, and the body.
    messages: Vec<(String, String)>,
}

/// What the peers need besides: rows, balances and requests.
fn peers() -> [Value; 3] {
    let table = |name: &str, keys: &[&str]| {
        let attributes: Vec<Value> =
            keys.iter().map(|key| json!({"AttributeName": key, "AttributeType": "S"})).collect();
        let schema = keys.iter().zip(["HASH", "RANGE"]);
        let schema: Vec<Value> = schema.map(|(key, kind)| json!({"AttributeName": key, "KeyType": kind})).collect();
        json!({
            "TableName": name, "AttributeDefinitions": attributes, "KeySchema": schema, "BillingMode": "PAY_PER_REQUEST",
        })
    };
    [
        table("peer-entries", &["member", "operation"]),
        table("peer-balances", &["member"]),
        table("peer-requests", &["id"]),
    ]
}

impl Tables {
    /// Serves empty tables; every answer takes at least `latency`.
    ///
    /// # Errors
    /// They cannot be made or served.
    pub async fn serve(stack: &Stack, latency: Duration) -> anyhow::Result<Self> {
        let database = Database::memory()?;
        let mut schemas = Schemas::new();
        let definitions = stack.tables.iter().map(|table| table.definition.clone()).chain(peers());
        for definition in definitions {
            let name = definition["TableName"].as_str().context("a table's name")?.to_owned();
            schemas.insert(name, Schema::of(&definition));
            database.create_table(serde_json::from_value(definition)?)?;
        }
        let keys = emulator::MasterKey::open(None)?;
        let buckets = emulator::Buckets::new(stack.buckets.clone(), None);
        let state = Mutex::default();
        let shared = Arc::new(Shared { database: database.clone(), keys, buckets, schemas, latency, state });
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", tcp.local_addr()?);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(tcp, router).await });
        Ok(Self { database, url, shared })
    }

    /// Serves them behind TLS as well; the certificates that clients must trust are written into a directory.
    pub(crate) async fn behind_tls(&self, directory: &Path) -> anyhow::Result<BehindTls> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()])?;
        let certificates = directory.join("certificates.pem");
        let trusted = std::fs::read_to_string(TRUSTED).with_context(|| format!("{TRUSTED} (ca-certificates)"))?;
        std::fs::write(&certificates, trusted + &cert.pem())?;
        let roots = directory.join("roots.pem");
        std::fs::write(&roots, AMAZON.to_owned() + &cert.pem())?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key)?;
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("https://localhost:{}", tcp.local_addr()?.port());
        let shared = Arc::clone(&self.shared);
        let listener = TlsListener { tcp, acceptor: TlsAcceptor::from(Arc::new(config)), shared };
        let router = Router::new().fallback(answer).with_state(Arc::clone(&self.shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(BehindTls { url, certificates, roots })
    }

    /// What was asked since this was asked last.
    pub fn counts(&self) -> Counts {
        std::mem::take(&mut self.shared.seen().counts)
    }

    /// When somebody connected first since this was asked last.
    pub(crate) fn connected(&self) -> Option<Instant> {
        self.shared.seen().connected.take()
    }

    /// The records of the stream since this was asked last.
    pub fn changes(&self) -> Vec<Value> {
        std::mem::take(&mut self.shared.seen().changes)
    }

    /// The records of the stream of care since this was asked last.
    pub fn news(&self) -> Vec<Value> {
        std::mem::take(&mut self.shared.seen().news)
    }

    /// The bodies of the messages to a queue since this was asked last of it.
    pub fn messages(&self, queue: &str) -> Vec<String> {
        let to = |(to, _): &mut (String, String)| to == queue;
        self.shared.seen().messages.extract_if(.., to).map(|(_, body)| body).collect()
    }
}

/// Accepts connections and shakes hands.
struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else { continue };
            self.shared.seen().connected.get_or_insert_with(now);
            if stream.set_nodelay(true).is_ok()
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// The time, for durations.
pub(crate) fn now() -> Instant {
    Instant::now()
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !headers.contains_key("x-amz-target") {
        let kept = shared.buckets.carry_out(method.as_str(), uri.path(), body);
        let (status, found) = kept.unwrap_or_else(|_never_on_disk| (500, Bytes::new()));
        return (StatusCode::from_u16(status).unwrap_or_default(), found).into_response();
    }
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (service, operation) = target.rsplit_once('.').unwrap_or_default();
    tokio::time::sleep(shared.latency).await;
    let (status, text) = match serde_json::from_slice::<Value>(&body) {
        Ok(_) if service == "TrentService" => {
            let (status, answer) = shared.keys.carry_out(target, &body);
            (status, answer.to_string())
        }
        Ok(request) if service == "AmazonSQS" => (200, shared.send(&request).to_string()),
        Ok(request) => shared.carry_out(operation, request),
        Err(error) => (400, json!({"__type": "SerializationException", "message": error.to_string()}).to_string()),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], text).into_response()
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in messages.
    fn send(&self, request: &Value) -> Value {
        let mut seen = self.seen();
        seen.counts.queues += 1;
        let queue = request["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let taken = |message: &Value, seen: &mut Seen| {
            seen.messages.extend(message["MessageBody"].as_str().map(|body| (queue.to_owned(), body.to_owned())));
            json!({"Id": message["Id"], "MessageId": format!("m-{}", seen.messages.len())})
        };
        match request["Entries"].as_array() {
            Some(entries) => {
                let taken: Vec<Value> = entries.iter().map(|entry| taken(entry, &mut seen)).collect();
                json!({"Successful": taken, "Failed": []})
            }
            None => taken(request, &mut seen),
        }
    }

    fn item(&self, touched: &units::Touched) -> Value {
        let get = json!({"TableName": touched.table, "Key": touched.key, "ConsistentRead": true});
        emulator::dynamodb::call(&self.database, "GetItem", get).map_or(Value::Null, |reply| reply["Item"].clone())
    }

    /// One call at a time, so that what is there before and after it is its own doing.
    fn carry_out(&self, operation: &str, mut request: Value) -> (u16, String) {
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        let mut seen = self.seen();
        let touched = units::touched(&self.schemas, operation, &request);
        let before: Vec<Value> = touched.iter().map(|item| self.item(item)).collect();
        let outcome = emulator::dynamodb::call(&self.database, operation, request.clone());
        let after: Vec<Value> = touched.iter().map(|item| self.item(item)).collect();
        *seen.counts.calls.entry(operation.to_owned()).or_default() += 1;
        let factor = if operation == "TransactWriteItems" { 2 } else { 1 };
        let mut own = 0;
        for ((item, before), after) in touched.iter().zip(&before).zip(&after) {
            let schema = self.schemas.get(&item.table);
            own += schema.and_then(|schema| units::written(schema, before, after, factor).ok()).unwrap_or_default();
            if item.table == "AccountsTable" && before != after {
                seen.record(before, after);
            }
            if item.table == "CareTable" && before != after {
                let mut record = emulator::payload::change("care", seen.news.len(), before, after);
                record["eventSourceARN"] = json!("arn:aws:dynamodb:us-east-1:000000000000:table/CareTable/stream/1");
                seen.news.push(record);
            }
        }
        match outcome {
            Ok(reply) => {
                let consumed = &reply["ConsumedCapacity"];
                let all: Vec<&Value> = consumed.as_array().map_or_else(|| vec![consumed], |all| all.iter().collect());
                let reported: i64 = all.iter().map(|one| thousandths(&one["CapacityUnits"])).sum();
                let writes = !touched.is_empty();
                if !writes {
                    own = units::read(operation, &request, &reply).unwrap_or_default();
                }
                if own != reported {
                    seen.counts.differing.push((operation.to_owned(), own - reported));
                }
                *(if writes { &mut seen.counts.written } else { &mut seen.counts.read }) += reported;
                (200, reply.to_string())
            }
            Err(error) => {
                seen.counts.written += own;
                seen.counts.refused += own;
                (error.status_code(), error.to_json())
            }
        }
    }
}

impl Seen {
    /// A record of the stream.
    fn record(&mut self, before: &Value, after: &Value) {
        self.changes.push(emulator::payload::change(&self.changed.to_string(), self.changed, before, after));
        self.changed += 1;
    }
}

/// A number of JSON in thousandths.
fn thousandths(number: &Value) -> i64 {
    let text = number.as_f64().map_or_else(String::new, |number| format!("{number:.3}"));
    text.replace('.', "").parse().unwrap_or_default()
}

/// The stack of the template, its functions' environment as on this machine.
///
/// # Errors
/// The template cannot be read.
pub fn stack(root: &Path) -> anyhow::Result<Stack> {
    Stack::read(&root.join("template.yaml"), "http://localhost").context("template.yaml")
}
