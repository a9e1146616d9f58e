//! The components of the release before, to run beside those of today.

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use host::Runtime;
use std::fs::File;
use std::path::Path;

const COMPONENTS: [&str; 3] = ["enrolments", "payments", "deliveries"];

/// Unpacks and compiles them.
///
/// # Errors
///
/// When one of them cannot be read.
pub fn release_before() -> Result<Runtime> {
    let kept = crate::root().join("tests/release-before");
    // What is compiled is kept from one run to the next.
    let place = crate::root().join("target/release-before");
    std::fs::create_dir_all(&place)?;
    for component in COMPONENTS {
        let packed = File::open(kept.join(format!("{component}.wasm.gz"))).context(component)?;
        put(&place.join(format!("{component}.wasm")), &mut GzDecoder::new(packed))?;
    }
    put(&place.join("spin.toml"), &mut File::open(kept.join("spin.toml"))?)?;
    Runtime::load(place.join("spin.toml"))
}

/// Writes a file whole: another test may read it at this moment.
fn put(file: &Path, content: &mut impl std::io::Read) -> Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(file.parent().context("a folder")?)?;
    std::io::copy(content, &mut new)?;
    new.persist(file)?;
    Ok(())
}
