//! The program: an allocator, and the command line. All else is in the library, so that nothing of it is
//! compiled twice.

use std::process::ExitCode;

/// A message is many small pieces of memory that live as long as its transaction: glibc's allocator takes a
/// fifth of what it costs, and holds on to more of what idle sessions gave back (benches/README.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    rapport::cli::run()
}
