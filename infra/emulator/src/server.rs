//! A listener on the loopback interface that is stopped by hand, or by being dropped.

use std::{future::Future, io::ErrorKind, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// No request takes longer: API Gateway gives up after 29 seconds.
const GRACE: Duration = Duration::from_secs(30);

/// A running server. Dropping it closes the port at once, as the end of the process would.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// A listener on 127.0.0.1, and nowhere else; port 0 is any free one.
pub(crate) async fn listen(port: u16) -> anyhow::Result<(TcpListener, u16)> {
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken: stop what uses it, or choose another with --port")
        }
        other => other.with_context(|| format!("port {port} cannot be listened on"))?,
    };
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

impl Server {
    /// Runs what `serve` makes of the signal to stop.
    pub(crate) fn start<F>(serve: impl FnOnce(oneshot::Receiver<()>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop: Some(stop), task: tokio::spawn(serve(stopped)) }
    }

    /// Serves `router` on `listener`.
    pub(crate) fn serve(listener: TcpListener, router: axum::Router) -> Self {
        use axum::serve::ListenerExt as _;
        // Without it the kernel may hold back the end of an answer for 40 ms.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY is not set");
            }
        });
        Self::start(async move |stopped| {
            let serve = axum::serve(listener, router).with_graceful_shutdown(async {
                // An error is the sender's end: the signal too.
                stopped.await.ok();
            });
            if let Err(error) = serve.await {
                tracing::error!(%error, "a server failed");
            }
        })
    }

    /// Stops accepting, lets the requests in hand finish, and returns.
    pub(crate) async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself.
            stop.send(()).ok();
        }
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            tracing::warn!("a connection outlived the grace period and was cut");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
