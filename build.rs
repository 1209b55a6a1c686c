//! Migrations and static files are embedded by macros, which cargo cannot see through:
//! without these lines a new file would be missing from the next build.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=static");
}
