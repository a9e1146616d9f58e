//! A cache of compiled components on disk.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// A folder with one compiled file for each component, metered or not.
pub(crate) struct Cache {
    folder: PathBuf,
    metered: bool,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, metered: bool) -> Self {
        Self { folder, metered }
    }

    /// The component in a file, from the cache or compiled now. If the folder cannot be
    /// written, the next start compiles it again.
    pub(crate) fn component(&self, engine: &Engine, source: &Path) -> Result<Component> {
        let bytes = std::fs::read(source)?;
        // The hash of the engine covers its version, its settings and the processor.
        let key = hash(&(engine.precompile_compatibility_hash(), &bytes));
        let of_source = format!("{:016x}-", hash(&(source, self.metered)));
        let file = self.folder.join(format!("{of_source}{key:016x}"));
        if file.is_file() {
            // SAFETY: a user who can write to this folder of build products can also change this
            // program. The engine checks that it made the file.
            if let Ok(component) = unsafe { Component::deserialize_file(engine, &file) } {
                return Ok(component);
            }
        }
        let component = Component::new(engine, &bytes)?;
        drop(self.keep(&component, &file, &of_source));
        Ok(component)
    }

    /// Puts the file in place as a whole and removes the one of an earlier build.
    fn keep(&self, component: &Component, file: &Path, of_source: &str) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let compiled = component.serialize().map_err(anyhow::Error::from)?;
        let mut own = OsString::from(file.file_name().context("a name")?);
        own.push(format!(".{}", std::process::id()));
        let new = self.folder.join(own);
        std::fs::write(&new, compiled)?;
        for entry in std::fs::read_dir(&self.folder)?.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(of_source) && entry.path() != new {
                drop(std::fs::remove_file(entry.path()));
            }
        }
        Ok(std::fs::rename(new, file)?)
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
