//! The command line.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
    command.env("SPIN_VARIABLE_MYSQL_ADDRESS", "127.0.0.1:1").env("RUST_BACKTRACE", "1");
    command.args(arguments).output().unwrap()
}

#[test]
fn help_is_not_an_error() {
    let output = run(&["--help"]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let text = String::from_utf8(output.stdout).unwrap();
    for name in ["--no-way-back", "--check", "_ADDRESS", "_DATABASE", "_USER", "_PASSWORD", "_TLS"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn a_usage_error_is_one_line_and_code_2() {
    for arguments in [&["--bogus"][..], &["bogus"], &["--check", "--no-way-back"]] {
        let output = run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1, "{arguments:?}");
    }
}

#[test]
fn a_failure_is_one_line_and_code_1() {
    for arguments in [&[][..], &["--check"]] {
        let output = run(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(1), 1), "{text}");
        assert!(text.contains("the database cannot be reached"), "{text}");
    }
}
