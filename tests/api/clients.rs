//! Clients in Python and TypeScript that are generated from `openapi.json`: without a warning, with
//! names that read well, and with types that fit the programs in `tests/clients`, which go through
//! the whole life.

use std::path::PathBuf;
use std::sync::LazyLock;
use tests::{TestApp, root, run_tool};

crate::cases![
    python with crate::variables([("service_token", TOKEN)]),
    typescript with crate::variables([("service_token", TOKEN)]),
];

const TOKEN: &str = "clients";

/// A new folder in that of the generator, with the program.
fn folder(tools: &str, program: &str) -> PathBuf {
    let folder = root().join("target").join(tools).join("life");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(root().join("tests/clients").join(program), folder.join(program)).unwrap();
    folder
}

/// The folder of the client in Python.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = folder("python-clients", "life.py");
    let description = root().join("openapi.json");
    let path = description.to_str().unwrap();
    let generate =
        ["openapi-python-client", "generate", "--path", path, "--meta", "none", "--output-path", "enrolments_client"];
    run_tool(&folder, &[&generate[..], &["--fail-on-warning"]].concat());
    for model in std::fs::read_dir(folder.join("enrolments_client/models")).unwrap() {
        let name = model.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".py");
        // Such as `get_health_response_200`, `payment_buyer_type_0`, `list_documents_documents_item`.
        let made_up = name.ends_with(|last: char| last.is_ascii_digit()) || name.ends_with("_item");
        assert!(!made_up, "{name} wants a name in openapi.json");
    }
    // The generator's template of `client.py` is not strict.
    let strict = ["mypy", "--strict", "--follow-imports", "silent", "--exclude", r"/client\.py$"];
    run_tool(&folder, &[&strict[..], &["life.py", "enrolments_client"]].concat());
    folder
});

/// The folder of the client in TypeScript.
static TYPESCRIPT: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = folder("typescript-clients", "life.ts");
    let description = root().join("openapi.json");
    run_tool(&folder, &["openapi-typescript", description.to_str().unwrap(), "-o", "enrolments.ts"]);
    // The declarations of Node.js are not checked.
    let strict = ["tsc", "--strict", "--skipLibCheck", "--noEmit", "--allowImportingTsExtensions"];
    let form = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2024", "life.ts"];
    run_tool(&folder, &[&strict[..], &form[..]].concat());
    folder
});

async fn python(app: TestApp) {
    run_tool(&PYTHON, &["python", "life.py", &origin(&app), TOKEN]);
}

async fn typescript(app: TestApp) {
    run_tool(&TYPESCRIPT, &["node", "life.ts", &origin(&app), TOKEN]);
}

fn origin(app: &TestApp) -> String {
    format!("http://{}", app.app.address())
}
