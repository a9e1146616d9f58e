//! MySQL for guests. It uses Spin's driver in the same way: a new connection for every
//! `open`, no pool, prepared statements only, and the driver's error texts.

mod refused;
mod values;

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, Params, Row};
use url::Url;
use wasmtime::component::Resource;

use crate::bindings::spin::mysql::{Host, HostConnection};
use crate::bindings::spin::rdbms_types::{self, Error, ParameterValue, RowSet};
use crate::guest::State;

/// The time limit for a regular end of a connection, which reads pending rows first. After
/// it, the socket is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// A connection of a guest.
#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Connection(Option<Conn>);

impl Connection {
    async fn open(address: &str) -> Result<Self> {
        Ok(Self(Some(Conn::new(options(address)?).await?)))
    }

    fn conn(&mut self) -> Result<&mut Conn, Error> {
        self.0.as_mut().ok_or_else(|| Error::ConnectionFailed("no connection found".to_owned()))
    }

    async fn execute(&mut self, statement: String, params: Vec<ParameterValue>) -> Result<(), Error> {
        refused::check(&statement).map_err(query_failed)?;
        self.conn()?.exec_drop(statement, bind(params)).await.map_err(query_failed)
    }

    async fn query(&mut self, statement: String, params: Vec<ParameterValue>) -> Result<RowSet, Error> {
        refused::check(&statement).map_err(query_failed)?;
        let mut result = self.conn()?.exec_iter(statement, bind(params)).await.map_err(query_failed)?;
        let columns = values::columns(result.columns_ref());
        let rows: Vec<Row> = result.collect().await.map_err(|error| Error::Other(error.to_string()))?;
        let rows = values::rows(rows, &columns)?;
        Ok(RowSet { columns, rows })
    }

    /// Ends the session and closes the socket. The server rolls back an open transaction.
    pub(crate) async fn close(&mut self) {
        if let Some(conn) = self.0.take() {
            // An error means that the connection is closed already.
            let _ = tokio::time::timeout(CLOSE_WITHIN, conn.disconnect()).await;
        }
    }
}

impl Drop for Connection {
    // For an aborted run. All other runs call `close`.
    fn drop(&mut self) {
        if let (Some(conn), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(CLOSE_WITHIN, conn.disconnect()));
        }
    }
}

fn bind(params: Vec<ParameterValue>) -> Params {
    Params::Positional(params.into_iter().map(values::parameter).collect())
}

fn query_failed(error: mysql_async::Error) -> Error {
    Error::QueryFailed(format!("{error:?}"))
}

/// Parses an address. Spin removes `ssl-mode` from the URL, because the driver does not know
/// it: `disabled` means no TLS, any other value means TLS with a verified certificate.
fn options(address: &str) -> Result<Opts> {
    let is_ssl_mode = |key: &str| key.eq_ignore_ascii_case("ssl-mode") || key.eq_ignore_ascii_case("sslmode");
    let mut url = Url::parse(address).map_err(mysql_async::Error::from)?;
    let tls = url.query_pairs().any(|(key, value)| is_ssl_mode(&key) && !value.eq_ignore_ascii_case("disabled"));
    let rest: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !is_ssl_mode(key))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !rest.is_empty() {
        url.query_pairs_mut().extend_pairs(rest);
    }
    let options = Opts::from_url(url.as_str()).map_err(mysql_async::Error::from)?;
    Ok(OptsBuilder::from_opts(options).ssl_opts(tls.then(mysql_tls::verified)).into())
}

impl rdbms_types::Host for State {}

impl Host for State {}

impl HostConnection for State {
    async fn open(&mut self, address: String) -> Result<Resource<Connection>, Error> {
        if !self.component.allowed_hosts.allow(&address, "mysql") {
            // As in Spin, the error contains the whole address, with the password.
            return Err(Error::ConnectionFailed(format!("address {address} is not permitted")));
        }
        let connection =
            Connection::open(&address).await.map_err(|error| Error::ConnectionFailed(format!("{error:?}")))?;
        self.trace.connections += 1;
        self.table.push(connection).map_err(|error| Error::ConnectionFailed(error.to_string()))
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> Result<RowSet, Error> {
        self.trace_statement(&statement);
        self.connection(&connection)?.query(statement, params).await
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> Result<(), Error> {
        self.trace_statement(&statement);
        self.connection(&connection)?.execute(statement, params).await
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?.close().await;
        Ok(())
    }
}

impl State {
    fn connection(&mut self, connection: &Resource<Connection>) -> Result<&mut Connection, Error> {
        self.table.get_mut(connection).map_err(|error| Error::ConnectionFailed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssl_mode_selects_tls() {
        let tls = |address: &str| options(address).unwrap().ssl_opts().is_some();
        assert!(!tls("mysql://u:p@127.0.0.1/d"));
        assert!(!tls("mysql://u:p@127.0.0.1/d?ssl-mode=DISABLED"));
        assert!(tls("mysql://u:p@127.0.0.1/d?ssl-mode=REQUIRED"));
        assert!(tls("mysql://u:p@127.0.0.1/d?SslMode=VERIFY_CA&prefer_socket=false"));
    }

    #[test]
    fn other_keys_are_passed_to_the_driver() {
        let options =
            options("mysql://u:p%40ss@db:3307/d?ssl-mode=disabled&prefer_socket=false&wait_timeout=9").unwrap();
        assert!(!options.prefer_socket());
        assert_eq!((options.pass(), options.tcp_port(), options.db_name()), (Some("p@ss"), 3307, Some("d")));
        let error = super::options("mysql://u:p@db/d?nonsense=1").unwrap_err();
        assert!(format!("{error:?}").contains("nonsense"));
        super::options("no url").unwrap_err();
    }
}
