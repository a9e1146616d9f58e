//! The arguments of `bench`.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.args(arguments).env("RUST_BACKTRACE", "1").output().unwrap()
}

#[test]
fn help_is_not_an_error() {
    let output = run(&["--help"]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("--scaling"));
}

#[test]
fn a_faulty_argument_is_one_line_and_code_2() {
    for arguments in [
        &["--bogus"][..],
        &["bogus"],
        &["--rows", "many"],
        &["--scaling", "--base", "http://a.example"],
        &["--costs", "--scaling"],
    ] {
        let output = run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1, "{arguments:?}");
    }
}
