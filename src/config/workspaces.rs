//! Who may make workspaces. Never who is a member of one: those are rows.

/// Who may make workspaces.
#[derive(Debug, Clone, clap::Args)]
pub struct Workspaces {
    /// Let everybody who is signed in make workspaces, not only the first workspace's admins
    #[arg(
        id = "workspaces_by_anybody",
        long = "workspaces-by-anybody",
        env = "RAPPORT_WORKSPACES_BY_ANYBODY",
        value_name = "BOOL",
        default_value_t = false,
        action = clap::ArgAction::Set,
        global = true
    )]
    by_anybody: bool,
}

impl Workspaces {
    /// Whether whoever is signed in may make one.
    pub fn by_anybody(&self) -> bool {
        self.by_anybody
    }
}
