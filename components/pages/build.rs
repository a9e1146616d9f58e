//! Extracts the two files of Swagger UI that the page needs.

use std::error::Error;
use std::io::{Cursor, copy};
use std::path::Path;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    let mut archive = zip::ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for file in ["swagger-ui.css", "swagger-ui-bundle.js"] {
        let suffix = format!("/dist/{file}");
        let names = archive.file_names().flatten().map(|name| name.into_owned());
        let name = names.into_iter().find(|name| name.ends_with(&suffix));
        let name = name.ok_or_else(|| format!("Swagger UI has no {file}"))?;
        copy(&mut archive.by_name(&name)?, &mut std::fs::File::create(Path::new(&out).join(file))?)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
