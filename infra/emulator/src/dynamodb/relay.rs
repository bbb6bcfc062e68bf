//! Stands in front of the embedded database's server and notices its answers: the server takes a listener and tells
//! nobody of what it writes. Bytes go through as they are.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

use super::streams::Streams;

/// How long to wait when no connection can be accepted, as without file handles.
const NAP: Duration = Duration::from_millis(100);

/// Serves the database on `front` until `stopped`; requests in hand are answered.
pub(super) async fn serve(
    front: TcpListener,
    streams: Arc<Streams>,
    mut stopped: oneshot::Receiver<()>,
) -> anyhow::Result<()> {
    let back = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = back.local_addr()?;
    let (close, closed) = oneshot::channel::<()>();
    let server = dynoxide::server::serve_with_shutdown(back, streams.database.clone(), async {
        // An error is the sender's end: the signal too.
        closed.await.ok();
    });
    let relay = async {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                // An error is the sender's end, here as well.
                _ = &mut stopped => break,
                Some(_) = connections.join_next() => {}
                accepted = front.accept() => match accepted {
                    Ok((client, _)) => { connections.spawn(pass(client, address, Arc::clone(&streams))); }
                    Err(error) => {
                        tracing::warn!(%error, "the database accepts no connection");
                        tokio::time::sleep(NAP).await;
                    }
                },
            }
        }
        drop(front);
        drop(close);
        while connections.join_next().await.is_some() {}
    };
    let (served, ()) = tokio::join!(server, relay);
    served.map_err(anyhow::Error::msg).context("the database's server failed")
}

async fn pass(client: TcpStream, address: SocketAddr, streams: Arc<Streams>) {
    if let Err(error) = exchange(client, address, &streams).await {
        tracing::debug!(%error, "a connection to the database was cut");
    }
}

/// Until either side has nothing more to say.
async fn exchange(mut client: TcpStream, address: SocketAddr, streams: &Streams) -> io::Result<()> {
    let mut server = TcpStream::connect(address).await?;
    // Without it the kernel may hold back the end of an answer for 40 ms.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let asks = async {
        tokio::io::copy(&mut from_client, &mut to_server).await?;
        to_server.shutdown().await
    };
    let answers = async {
        let mut chunk = vec![0; 1 << 16];
        loop {
            let length = from_server.read(&mut chunk).await?;
            if length == 0 {
                return Ok(());
            }
            // What is answered is committed.
            streams.answered();
            to_client.write_all(&chunk[..length]).await?;
        }
    };
    tokio::pin!(answers);
    tokio::select! {
        ended = &mut answers => ended,
        asked = asks => {
            asked?;
            answers.await
        }
    }
}
