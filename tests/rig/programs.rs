//! The arguments of the test programs.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The last build of a program, in the folder of this one.
fn program(name: &str) -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let prefix = format!("{name}-");
    let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let builds = files
        .filter(|file| file.file_name().to_string_lossy().starts_with(&prefix) && file.path().extension().is_none());
    builds.max_by_key(|file| file.metadata().unwrap().modified().unwrap()).unwrap().path()
}

fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(program(name)).args(arguments).env("RUST_BACKTRACE", "1").output().unwrap()
}

const OPTIONS: [(&str, &str); 3] = [("browser", "--screenshots"), ("guard", "--update"), ("stress", "--examples")];

#[test]
fn help_is_not_an_error() {
    for (name, option) in OPTIONS {
        let output = run(name, &["--help"]);
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{name}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(option), "{name}");
    }
}

#[test]
fn a_faulty_argument_is_one_line_and_code_2() {
    let wrong = OPTIONS.map(|(name, _)| (name, vec!["--bogus"]));
    for (name, arguments) in wrong.into_iter().chain([
        ("stress", vec!["chaos", "--seconds", "long"]),
        ("stress", vec!["order", "--database", "oracle"]),
        ("stress", vec!["serve"]),
        ("stress", vec!["fuzz", "--seed", "x"]),
        ("guard", vec!["update"]),
    ]) {
        let output = run(name, &arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{name} {arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1, "{name} {arguments:?}");
    }
}
