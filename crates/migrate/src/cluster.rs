//! Whether the database is a cluster of which several nodes may take writes. The service
//! needs one that writes: where another node aborts a transaction, MariaDB may roll it back
//! between two prepared statements without an error (`deploy/scaling.md`).

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

/// What is to be seen to, if it is one. Only reads.
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
        return Some("Galera with several nodes: let one of them take all writes");
    }
    (single_primary == Some("OFF")).then_some("group replication with several primaries: use one (single-primary mode)")
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn several_nodes_that_may_write_are_warned_of() {
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
