//! A forwarder between the service and its database server. It can be cut, and it counts
//! round trips.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Forwards connections. A cut breaks them and refuses new ones.
pub struct Wire {
    address: SocketAddr,
    target: String,
    accepting: Option<JoinHandle<()>>,
    round_trips: Arc<AtomicUsize>,
}

impl Wire {
    /// A wire to `target`, on a free port; it is cut until it is mended.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn cut_off_from(target: String) -> std::io::Result<Self> {
        // A port that is free now.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(Self { address, target, accepting: None, round_trips: Arc::default() })
    }

    /// Where the service connects: `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Leads to another target after the next `mend`.
    pub fn lead_to(&mut self, target: String) {
        self.target = target;
    }

    /// Forwards connections from now on.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn mend(&mut self) -> std::io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.accepting = Some(tokio::spawn(pass_on(listener, self.target.clone(), Arc::clone(&self.round_trips))));
        Ok(())
    }

    /// The round trips since the last call: one for the greeting of the server, one for each
    /// answer.
    pub fn take_round_trips(&self) -> usize {
        self.round_trips.swap(0, Ordering::Relaxed)
    }

    /// Breaks all connections and accepts no more.
    pub async fn cut(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            let _ = accepting.await;
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

/// Forwards until it is aborted, which drops every connection.
async fn pass_on(listener: TcpListener, target: String, round_trips: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((near, _)) = listener.accept().await else { continue };
        let (target, round_trips) = (target.clone(), Arc::clone(&round_trips));
        connections.spawn(async move {
            if let Ok(far) = TcpStream::connect(target).await {
                // One end has closed.
                let _ = carry(near, far, &round_trips).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Forwards both ways until one end closes.
async fn carry(mut near: TcpStream, mut far: TcpStream, round_trips: &AtomicUsize) -> std::io::Result<()> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut question, mut answer) = ([0; 16 * 1024], [0; 16 * 1024]);
    // A client waits for the greeting.
    let mut waits = true;
    loop {
        tokio::select! {
            read = near.read(&mut question) => {
                let bytes = question.get(..read?).unwrap_or_default();
                if bytes.is_empty() {
                    return Ok(());
                }
                waits = true;
                far.write_all(bytes).await?;
            }
            read = far.read(&mut answer) => {
                let bytes = answer.get(..read?).unwrap_or_default();
                if bytes.is_empty() {
                    return Ok(());
                }
                round_trips.fetch_add(usize::from(std::mem::take(&mut waits)), Ordering::Relaxed);
                near.write_all(bytes).await?;
            }
        }
    }
}
