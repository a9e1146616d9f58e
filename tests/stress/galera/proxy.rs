//! HAProxy in front of the cluster, with the file of `deploy/`.

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tests::{Galera, NODES, free_port, program, root};

/// How long HAProxy may take to turn to another node.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running HAProxy.
pub(crate) struct HaProxy {
    program: Child,
    port: u16,
    _folder: TempDir,
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl HaProxy {
    /// Starts it, and waits until it reaches a node.
    pub(crate) async fn before(cluster: &Galera) -> Result<Self> {
        let file = std::fs::read_to_string(root().join("deploy/haproxy.cfg"))?;
        let user =
            file.lines().find_map(|line| line.strip_prefix("#   ")).context("the statement that adds the user")?;
        let mut root = Conn::new(cluster.node(0)?.root()).await?;
        root.query_drop(user.replace("10.0.0.9", "127.0.0.1")).await?;
        root.disconnect().await?;

        let port = free_port()?;
        let mut file = file.replace("bind 127.0.0.1:3306", &format!("bind 127.0.0.1:{port}"));
        for index in 0..NODES {
            let written = format!("10.0.0.{}:3306", index + 1);
            ensure!(file.contains(&written), "no {written} in {file}");
            file = file.replace(&written, &cluster.node(index)?.address());
        }
        let folder = tempfile::Builder::new().prefix("enrolments-haproxy-").tempdir()?;
        let path = folder.path().join("haproxy.cfg");
        std::fs::write(&path, file)?;
        let mut command = Command::new(program("haproxy")?);
        // It reports each change of a node to its standard error.
        let program = command.arg("-f").arg(&path).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let proxy = Self { program, port, _folder: folder };
        proxy.until(cluster, |_| true).await?;
        Ok(proxy)
    }

    /// Where services connect.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The node that new connections reach.
    pub(crate) async fn writing(&self, cluster: &Galera) -> Result<usize> {
        let options = OptsBuilder::from_opts(cluster.node(0)?.service("mysql")).tcp_port(self.port);
        let mut connection = Conn::new(options).await?;
        let port: u16 = connection.query_first("SELECT @@port").await?.context("a port")?;
        connection.disconnect().await?;
        let is = |index: &usize| cluster.node(*index).is_ok_and(|node| node.address().ends_with(&format!(":{port}")));
        (0..NODES).find(is).context("a node of the cluster")
    }

    /// Waits until new connections reach another node than this one. Returns it.
    pub(crate) async fn until_not(&self, node: usize, cluster: &Galera) -> Result<usize> {
        self.until(cluster, |writing| writing != node).await
    }

    async fn until(&self, cluster: &Galera, is: impl Fn(usize) -> bool) -> Result<usize> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.writing(cluster).await {
                Ok(writing) if is(writing) => return Ok(writing),
                reached => ensure!(Instant::now() < end, "HAProxy does not reach another node: {reached:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
