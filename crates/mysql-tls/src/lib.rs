//! Which certificates of MySQL servers the native programs trust: those that Spin
//! trusts.
//!
//! Spin connects through OpenSSL, and a component can tell it nothing but whether
//! to use TLS. So the authorities are the system's, or those of the file
//! `SSL_CERT_FILE` or the folder `SSL_CERT_DIR`, and the certificate has to be for
//! the name or address that is connected to.

use mysql_async::SslOpts;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use std::sync::LazyLock;

/// The system's have some that rustls cannot read, which would keep every
/// connection from being made.
static AUTHORITIES: LazyLock<Vec<CertificateDer<'static>>> = LazyLock::new(|| {
    let mut readable = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs().certs;
    found.into_iter().filter(|certificate| readable.add(certificate.clone()).is_ok()).collect()
});

/// TLS with a server that one of the trusted authorities vouches for. They are
/// read once for the whole process.
#[must_use]
pub fn verified() -> SslOpts {
    let authorities = AUTHORITIES.iter().map(|certificate| certificate.as_ref().into());
    SslOpts::default().with_root_certs(authorities.collect()).with_disable_built_in_roots(true)
}
