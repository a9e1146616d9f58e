//! The way from the service to its database server, which can be cut.

use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Passes connections on. Once cut, they are broken off and refused.
pub struct Wire {
    address: SocketAddr,
    target: String,
    accepting: Option<JoinHandle<()>>,
}

impl Wire {
    /// A wire to `target`, on a free port; it is cut until it is mended.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn cut_off_from(target: String) -> std::io::Result<Self> {
        // Free now, and nobody else's soon.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(Self { address, target, accepting: None })
    }

    /// Where the service connects: `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Lets connections through from now on.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn mend(&mut self) -> std::io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.accepting = Some(tokio::spawn(pass_on(listener, self.target.clone())));
        Ok(())
    }

    /// Breaks all connections off, and lets none through any more.
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

/// Passes on until it is aborted, which drops every connection.
async fn pass_on(listener: TcpListener, target: String) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((mut near, _)) = listener.accept().await else { continue };
        let target = target.clone();
        connections.spawn(async move {
            let _ = near.set_nodelay(true);
            if let Ok(mut far) = TcpStream::connect(target).await {
                let _ = far.set_nodelay(true);
                let _ = copy_bidirectional(&mut near, &mut far).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
