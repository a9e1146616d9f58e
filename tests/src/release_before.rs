//! The components of the release before, to run beside this release.

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use host::Runtime;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use toml::{Table, Value};

const COMPONENTS: [&str; 3] = ["enrolments", "payments", "deliveries"];

/// Unpacks and compiles them.
///
/// # Errors
///
/// When one of them cannot be read.
pub fn release_before() -> Result<Runtime> {
    let kept = crate::root().join("tests/release-before");
    // The compiled components are cached.
    let place = crate::root().join("target/release-before");
    std::fs::create_dir_all(&place)?;
    for component in COMPONENTS {
        let packed = File::open(kept.join(format!("{component}.wasm.gz"))).context(component)?;
        put(&place.join(format!("{component}.wasm")), &mut GzDecoder::new(packed))?;
    }
    let manifest = std::fs::read_to_string(kept.join("spin.toml"))?;
    put(&place.join("spin.toml"), &mut manifest_of_kept(&manifest)?.as_bytes())?;
    Runtime::load(place.join("spin.toml"))
}

/// The `spin.toml` of the release without the components that are not stored, and without
/// their triggers.
fn manifest_of_kept(manifest: &str) -> Result<String> {
    let mut manifest: Table = manifest.parse()?;
    let is_kept = |name: &str| COMPONENTS.contains(&name);
    let components = manifest.get_mut("component").and_then(Value::as_table_mut).context("component")?;
    components.retain(|name, _| is_kept(name));
    for (name, component) in components {
        component.as_table_mut().context("a component")?.insert("source".to_owned(), format!("{name}.wasm").into());
    }
    let triggers = manifest.get_mut("trigger").and_then(Value::as_table_mut).context("trigger")?;
    triggers.remove("cron");
    let routes = triggers.get_mut("http").and_then(Value::as_array_mut).context("trigger.http")?;
    routes.retain(|route| route.get("component").and_then(Value::as_str).is_some_and(is_kept));
    Ok(toml::to_string(&manifest)?)
}

/// Writes a file at once: another test may read it at the same time.
fn put(file: &Path, content: &mut impl Read) -> Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(file.parent().context("a folder")?)?;
    std::io::copy(content, &mut new)?;
    new.persist(file)?;
    Ok(())
}
