//! Processes that end with the test process, however that ends: no clean-up can be forgotten, no signal
//! handler is needed. A shell stands between us and the program; its standard input is a pipe whose other
//! end only we hold and never close. When we are gone it reads the end, and ends the program.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Debian's `nobody`: PostgreSQL refuses to run as root.
pub const NOBODY: u32 = 65534;

/// Whether this process is root.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A program with an empty environment and no input or output, as nobody if we are root and it must not be.
pub fn plain(program: impl AsRef<Path>, unprivileged: bool) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir("/").env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if unprivileged && is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Runs `program` until this process ends; then sends it `signal` and removes `folder`.
/// It gets a process group of its own, so that a Ctrl-C does not reach it before us.
pub fn until_we_end(program: &str, signal: &str, folder: &Path, unprivileged: bool) -> Child {
    let folder = folder.display();
    let script = format!(
        "{program} & read -r _; kill -{signal} $!; wait; rm -rf {folder}/* {folder}/.s.*; rmdir {folder}"
    );
    let mut shell = plain("/bin/sh", unprivileged);
    let mut child =
        shell.args(["-c", &script]).stdin(Stdio::piped()).process_group(0).spawn().expect("a shell starts");
    std::mem::forget(child.stdin.take());
    child
}

/// RAM where there is some, and short: a path below holds a unix socket (107 bytes at most).
pub fn scratch(name: &str) -> std::path::PathBuf {
    let base = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    let folder = Path::new(base).join(format!("rapport-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).expect("a fresh folder");
    folder
}
