//! Detects a cluster in which several nodes accept writes. The service needs a single writing
//! node: if another node aborts a transaction, MariaDB may roll it back between two prepared
//! statements without an error (`deploy/scaling.md`).

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

/// A warning about such a cluster. Reads only.
pub(crate) async fn warning(connection: &mut Conn) -> mysql_async::Result<Option<&'static str>> {
    let galera = shown(connection, "SHOW GLOBAL VARIABLES LIKE 'wsrep_on'").await?;
    let size = shown(connection, "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'").await?;
    let group = shown(connection, "SHOW GLOBAL VARIABLES LIKE 'group_replication_single_primary_mode'").await?;
    Ok(judge(galera.as_deref(), size.as_deref(), group.as_deref()))
}

async fn shown(connection: &mut Conn, statement: &str) -> mysql_async::Result<Option<String>> {
    let row = connection.query_first::<(String, String), _>(statement).await?;
    Ok(row.map(|(_, value)| value))
}

fn judge(wsrep_on: Option<&str>, size: Option<&str>, single_primary: Option<&str>) -> Option<&'static str> {
    let nodes = size.and_then(|size| size.parse().ok()).unwrap_or(0);
    if wsrep_on == Some("ON") && nodes > 1 {
        return Some("Galera with several nodes: send all writes to one of them");
    }
    (single_primary == Some("OFF")).then_some("group replication with several primaries: use one (single-primary mode)")
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn several_writing_nodes_get_a_warning() {
        assert!(judge(Some("ON"), Some("3"), None).is_some_and(|text| text.starts_with("Galera")));
        assert!(judge(None, None, Some("OFF")).is_some_and(|text| text.starts_with("group replication")));
        for (wsrep_on, size, single_primary) in [
            (None, None, None),
            (Some("ON"), Some("1"), None),
            (Some("OFF"), Some("0"), None),
            (None, None, Some("ON")),
        ] {
            assert_eq!(judge(wsrep_on, size, single_primary), None);
        }
    }
}
