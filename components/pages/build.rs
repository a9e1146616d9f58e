//! Extracts the two files of Swagger UI that the page needs.

use flate2::bufread::DeflateDecoder;
use rawzip::ZipArchive;
use std::error::Error;
use std::path::Path;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED)?;
    for file in ["swagger-ui.css", "swagger-ui-bundle.js"] {
        let suffix = format!("/dist/{file}");
        let mut entries = archive.entries();
        let entry = loop {
            let entry = entries.next_entry()?.ok_or_else(|| format!("Swagger UI has no {file}"))?;
            if entry.file_path().as_bytes().ends_with(suffix.as_bytes()) {
                break archive.get_entry(entry.wayfinder())?;
            }
        };
        let mut content = entry.verifying_reader(DeflateDecoder::new(entry.data()));
        std::io::copy(&mut content, &mut std::fs::File::create(Path::new(&out).join(file))?)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
