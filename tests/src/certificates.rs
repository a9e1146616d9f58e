//! Certificates for database servers, signed by an authority of the tests.

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use std::path::PathBuf;
use tempfile::TempDir;

/// An authority and the certificate that it gave a server, in a folder of files.
pub struct Certificates {
    folder: TempDir,
    authority: Issuer<'static, KeyPair>,
}

/// Whether a certificate can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Valid.
    Now,
    /// Expired.
    Past,
}

impl Certificates {
    /// A new authority, and a certificate of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let folder = tempfile::Builder::new().prefix("enrolments-certificates-").tempdir()?;
        std::fs::write(folder.path().join("authority.pem"), params.self_signed(&key)?.pem())?;
        let certificates = Self { folder, authority: Issuer::new(params, key) };
        certificates.issue(&certificates, "127.0.0.1", Validity::Now)?;
        Ok(certificates)
    }

    /// Issues another certificate to the server of `holder`, for `name`.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn issue(&self, holder: &Self, name: &str, validity: Validity) -> Result<()> {
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        if validity == Validity::Past {
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate()?;
        std::fs::write(holder.file("server.pem"), params.signed_by(&key, &self.authority)?.pem())?;
        std::fs::write(holder.file("server-key.pem"), key.serialize_pem()).context("server-key.pem")
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.file("authority.pem")
    }

    /// A server's arguments.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let argument = |option, name| format!("--ssl-{option}={}", self.file(name).display());
        vec![argument("cert", "server.pem"), argument("key", "server-key.pem")]
    }

    /// Deletes the files. A static is never dropped.
    pub fn remove(&self) {
        let _ = std::fs::remove_dir_all(self.folder.path());
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
