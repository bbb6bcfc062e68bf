//! DynamoDB behind TLS on this machine: the embedded database, a fixed latency, and a count of what is asked of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use dynoxide::Database;
use local::template::Stack;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

/// What was asked of the tables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// Calls by operation.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Read units, in thousandths.
    pub(crate) read: i64,
    /// Write units, in thousandths.
    pub(crate) written: i64,
}

impl Counts {
    /// All calls.
    pub(crate) fn all(&self) -> u64 {
        self.calls.values().sum()
    }
}

/// The tables of the template, and how they are reached.
pub(crate) struct Tables {
    pub(crate) database: Database,
    pub(crate) url: String,
    /// The certificate that clients must trust.
    pub(crate) certificate: PathBuf,
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    latency: Duration,
    counts: Mutex<Counts>,
    /// When somebody connected first.
    connected: Mutex<Option<Instant>>,
}

impl Tables {
    /// Serves empty tables; every answer takes at least `latency`.
    pub(crate) async fn serve(stack: &Stack, directory: &Path, latency: Duration) -> anyhow::Result<Self> {
        let database = Database::memory()?;
        for table in &stack.tables {
            database.create_table(serde_json::from_value(table.definition.clone())?)?;
        }
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()])?;
        let certificate = directory.join("certificate.pem");
        std::fs::write(&certificate, cert.pem())?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key)?;
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("https://localhost:{}", tcp.local_addr()?.port());
        let shared = Arc::new(Shared {
            database: database.clone(),
            latency,
            counts: Mutex::default(),
            connected: Mutex::default(),
        });
        let listener = TlsListener { tcp, acceptor: TlsAcceptor::from(Arc::new(config)), shared: Arc::clone(&shared) };
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { database, url, certificate, shared })
    }

    /// What was asked since this was asked last.
    pub(crate) fn counts(&self) -> Counts {
        std::mem::take(&mut *self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When somebody connected first since this was asked last.
    pub(crate) fn connected(&self) -> Option<Instant> {
        self.shared.connected.lock().unwrap_or_else(PoisonError::into_inner).take()
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
            self.shared.connected.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(now);
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

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    tokio::time::sleep(shared.latency).await;
    let (status, text) = match serde_json::from_slice(&body) {
        Ok(request) => carry_out(&shared, &operation, request),
        Err(error) => (400, json!({"__type": "SerializationException", "message": error.to_string()}).to_string()),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], text).into_response()
}

fn carry_out(shared: &Shared, operation: &str, mut request: Value) -> (u16, String) {
    request["ReturnConsumedCapacity"] = json!("TOTAL");
    let outcome = local::dynamodb::call(&shared.database, operation, request);
    let mut counts = shared.counts.lock().unwrap_or_else(PoisonError::into_inner);
    *counts.calls.entry(operation.to_owned()).or_default() += 1;
    match outcome {
        Ok(reply) => {
            let consumed = &reply["ConsumedCapacity"];
            let consumed: Vec<&Value> = consumed.as_array().map_or_else(|| vec![consumed], |all| all.iter().collect());
            let units: i64 = consumed.iter().map(|one| thousandths(&one["CapacityUnits"])).sum();
            let writes = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems");
            *(if writes { &mut counts.written } else { &mut counts.read }) += units;
            (200, reply.to_string())
        }
        Err(error) => (error.status_code(), error.to_json()),
    }
}

/// A number of JSON in thousandths.
fn thousandths(number: &Value) -> i64 {
    let text = number.as_f64().map_or_else(String::new, |number| format!("{number:.3}"));
    text.replace('.', "").parse().unwrap_or_default()
}

/// The stack of the template, its functions' environment as on this machine.
pub(crate) fn stack(root: &Path) -> anyhow::Result<Stack> {
    Stack::read(&root.join("template.yaml"), "http://localhost").context("template.yaml")
}
