//! A cluster of three MariaDB servers that replicate with Galera.

use crate::mariadb::{MariaDb, free_port};
use anyhow::{Context, Result, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where the library is, by distribution: Debian and Ubuntu, Fedora.
const LIBRARIES: [&str; 3] =
    ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so", "/usr/lib64/galera/libgalera_smm.so"];

/// How many nodes there are: with one down, two of three continue.
pub const NODES: usize = 3;

/// How long the others wait for a silent node. The default of 5 s makes tests longer.
const SUSPECT: &str =
    "evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S";

/// The state of a node that is in sync.
const SYNCED: &str = "4";

/// A running cluster. Its servers are killed when it is dropped.
pub struct Galera {
    nodes: Vec<MariaDb>,
    ports: Vec<Ports>,
}

/// Where a node listens for the others.
struct Ports {
    group: u16,
    /// The port for missed write sets.
    missed: u16,
    /// The port for a full copy.
    copy: u16,
}

impl Galera {
    /// Makes a cluster. All begin with the same data, so that none has to be copied
    /// through the network.
    ///
    /// # Errors
    ///
    /// When Galera is not installed or a node does not start.
    pub async fn start() -> Result<Self> {
        let ports = (0..NODES)
            .map(|_| Ok(Ports { group: free_port()?, missed: free_port()?, copy: free_port()? }))
            .collect::<Result<Vec<_>>>()?;
        let begins = [arguments(&ports, 0), vec!["--wsrep-new-cluster".to_owned()]].concat();
        let mut first = MariaDb::start_with(begins).await?;
        first.shut_down().await?;
        let others = (1..NODES).map(|index| first.copy(arguments(&ports, index))).collect::<Result<Vec<_>>>()?;
        let mut cluster = Self { nodes: [first].into_iter().chain(others).collect(), ports };
        for node in &cluster.nodes {
            // A node gets its missed write sets by rsync, whose server does not run as root.
            let data = node.data();
            std::fs::set_permissions(&data, Permissions::from_mode(0o777))?;
            std::fs::set_permissions(data.parent().context("a folder")?, Permissions::from_mode(0o755))?;
        }
        for node in &mut cluster.nodes {
            node.run().await?;
        }
        for index in 0..NODES {
            cluster.until_ready(index, NODES).await?;
        }
        Ok(cluster)
    }

    /// A node.
    ///
    /// # Errors
    ///
    /// When there is no such node.
    pub fn node(&self, index: usize) -> Result<&MariaDb> {
        self.nodes.get(index).context("no such node")
    }

    /// Kills a node with -9.
    ///
    /// # Errors
    ///
    /// When there is no such node.
    pub fn kill(&mut self, index: usize) -> Result<()> {
        self.node_mut(index)?.kill();
        Ok(())
    }

    /// Starts a node that was killed, and waits until it has what it missed.
    ///
    /// # Errors
    ///
    /// When it does not come back.
    pub async fn bring_back(&mut self, index: usize) -> Result<()> {
        let mut arguments = arguments(&self.ports, index);
        let node = self.node_mut(index)?;
        arguments.push(format!("--wsrep-start-position={}", node.recovered().await?));
        node.set_arguments(arguments);
        node.run().await
    }

    /// Waits until a node serves and sees this many nodes, itself included.
    ///
    /// # Errors
    ///
    /// When it does not within a minute.
    pub async fn until_ready(&self, index: usize, nodes: usize) -> Result<()> {
        let node = self.node(index)?;
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let status = status(node).await;
            let is = |name: &str, value: &str| status.iter().any(|(own, has)| own == name && has == value);
            if is("wsrep_ready", "ON")
                && is("wsrep_local_state", SYNCED)
                && is("wsrep_cluster_size", &nodes.to_string())
            {
                return Ok(());
            }
            ensure!(Instant::now() < end, "node {index} of {nodes} is not ready: {status:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn node_mut(&mut self, index: usize) -> Result<&mut MariaDb> {
        self.nodes.get_mut(index).context("no such node")
    }
}

/// The status of a node; none if it does not answer.
async fn status(node: &MariaDb) -> Vec<(String, String)> {
    let status = async {
        let mut root = Conn::new(node.root()).await?;
        let status = root.query("SHOW GLOBAL STATUS LIKE 'wsrep_%'").await?;
        root.disconnect().await?;
        Ok::<_, mysql_async::Error>(status)
    };
    status.await.unwrap_or_default()
}

/// The arguments of a node that joins the others.
fn arguments(ports: &[Ports], index: usize) -> Vec<String> {
    let Some(Ports { group, missed, copy }) = ports.get(index) else { return Vec::new() };
    let library = LIBRARIES.into_iter().find(|file| Path::new(file).is_file()).unwrap_or_default();
    let nodes: Vec<_> = ports.iter().map(|ports| format!("127.0.0.1:{}", ports.group)).collect();
    let own = format!("gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{missed}");
    vec![
        "--binlog-format=ROW".to_owned(),
        "--innodb-autoinc-lock-mode=2".to_owned(),
        "--innodb-log-file-size=16M".to_owned(),
        "--wsrep-on=ON".to_owned(),
        format!("--wsrep-provider={library}"),
        "--wsrep-cluster-name=tests".to_owned(),
        format!("--wsrep-cluster-address=gcomm://{}", nodes.join(",")),
        format!("--wsrep-node-address=127.0.0.1:{group}"),
        "--wsrep-sst-method=rsync".to_owned(),
        format!("--wsrep-sst-receive-address=127.0.0.1:{copy}"),
        format!("--wsrep-provider-options={own};gcache.size=64M;{SUSPECT}"),
    ]
}
