//! The certificate authorities that the native programs trust for MySQL: those that Spin
//! trusts.
//!
//! Spin connects with OpenSSL, and a component can only choose whether to use TLS. So the
//! authorities are those of the system, of the file `SSL_CERT_FILE` or of the folder
//! `SSL_CERT_DIR`, and the certificate must match the host name or address.

use mysql_async::SslOpts;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use std::sync::LazyLock;

/// The authorities that rustls can read. A single unreadable one would make every connection
/// fail.
static AUTHORITIES: LazyLock<Vec<CertificateDer<'static>>> = LazyLock::new(|| {
    let mut readable = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs().certs;
    found.into_iter().filter(|certificate| readable.add(certificate.clone()).is_ok()).collect()
});

/// TLS with a server whose certificate comes from a trusted authority. The process reads the
/// authorities once.
#[must_use]
pub fn verified() -> SslOpts {
    let authorities = AUTHORITIES.iter().map(|certificate| certificate.as_ref().into());
    SslOpts::default().with_root_certs(authorities.collect()).with_disable_built_in_roots(true)
}
