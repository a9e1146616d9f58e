//! Programs that make and check clients.

use crate::root;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a program that `scripts/need-clients` installed, with its arguments, in `folder`.
///
/// # Panics
///
/// When it is missing, and with what it printed, when it fails.
pub fn run_tool(folder: &Path, command: &[&str]) {
    let target = root().join("target");
    let places = ["python-clients/bin", "node/bin", "typescript-clients/node_modules/.bin"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = places.map(|place| target.join(place)).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(places).expect("no colon in a path");
    let (program, arguments) = command.split_first().expect("a program");
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path)
        // Redocly looks for no newer version.
        .envs([("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")])
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}, which `make test` installs: {error}"));
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}\n{}", command.join(" "), String::from_utf8_lossy(&printed));
}
