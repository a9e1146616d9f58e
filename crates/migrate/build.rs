//! Compiles the crate again after a change of the migrations, which it embeds.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/mysql");
}
