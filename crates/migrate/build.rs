//! The migrations are read when this crate is compiled: a new file is a reason to.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/mysql");
}
