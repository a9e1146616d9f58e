//! TLS between the service and its database server.

use crate::CERTIFICATES;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use tests::{Certificates, MariaDb, Settings, TestApp, Validity};

crate::cases![
    a_trusted_server_is_accepted on MariaDb with crate::variables([("mysql_tls", "required"), ("mysql_user", "encrypted"), ("mysql_password", "e\n")]),
    untrusted_servers_are_refused on MariaDb with Settings { wired: true, ..crate::variables([("mysql_tls", "required")]) },
    a_server_that_requires_tls_refuses_plain_connections on MariaDb with Settings { wired: true, ..Settings::default() },
    a_server_without_tls_is_refused on MariaDb with Settings { wired: true, ..crate::variables([("mysql_tls", "required")]) },
];

async fn a_trusted_server_is_accepted(app: TestApp) {
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("CREATE USER encrypted@'%' IDENTIFIED BY 'e' REQUIRE SSL").await.unwrap();
    own.query_drop("GRANT ALL ON *.* TO encrypted@'%'").await.unwrap();
    let id = app.enrolled("a", 1).await;
    assert_eq!(app.pay(id).await.status, 200);

    let without = OptsBuilder::from_opts(own.opts().clone()).user(Some("encrypted")).pass(Some("e"));
    Conn::new(without).await.unwrap_err();
    let variables = app.database.variables();
    let options = migrate::options(|name| match name {
        "mysql_tls" => Some("required".to_owned()),
        "mysql_user" => Some("encrypted".to_owned()),
        "mysql_password" => Some("e\n".to_owned()),
        _ => variables.get(name).cloned(),
    });
    assert_eq!(migrate::run(options.unwrap(), false).await.unwrap().names.len(), 0);
}

/// The cause in the log after a request that fails.
async fn cause(app: &TestApp) -> String {
    let before = app.app.captured_output().len();
    let answer = app.get("/1").await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
    assert!(!answer.text.contains("certificate"), "{}", answer.text);
    app.app.captured_output()[before..].to_owned()
}

async fn lead(app: &mut TestApp, server: &MariaDb) {
    let wire = app.wire.as_mut().unwrap();
    wire.lead_to(server.address());
    wire.mend().await.unwrap();
}

async fn untrusted_servers_are_refused(mut app: TestApp) {
    let (stranger, known) = (Certificates::new().unwrap(), &*CERTIFICATES);
    let server = MariaDb::start_with(stranger.arguments()).await.unwrap();
    lead(&mut app, &server).await;
    assert!(cause(&app).await.contains("\"cause\":\"database: the server's certificate is not trusted\""));
    // The same server, with certificates of the authority that is trusted.
    let mut root = Conn::new(server.root()).await.unwrap();
    for (name, validity, expected) in [
        ("db.example.com", Validity::Now, "the server's certificate is for another name"),
        ("127.0.0.1", Validity::Past, "the server's certificate has expired"),
    ] {
        known.issue(&stranger, name, validity).unwrap();
        root.query_drop("FLUSH SSL").await.unwrap();
        let log = cause(&app).await;
        assert!(log.contains(expected), "{log}");
    }
}

async fn a_server_that_requires_tls_refuses_plain_connections(mut app: TestApp) {
    let server = MariaDb::start().await.unwrap();
    let mut root = Conn::new(server.root()).await.unwrap();
    root.query_drop("SET GLOBAL require_secure_transport = ON").await.unwrap();
    lead(&mut app, &server).await;
    let log = cause(&app).await;
    // MySQL names TLS in its error; MariaDB does not.
    assert!(log.contains("access denied (without TLS)"), "{log}");
}

async fn a_server_without_tls_is_refused(mut app: TestApp) {
    let server = MariaDb::start_with(vec!["--skip-ssl".to_owned()]).await.unwrap();
    lead(&mut app, &server).await;
    let log = cause(&app).await;
    assert!(log.contains("the server offers no TLS"), "{log}");
}
