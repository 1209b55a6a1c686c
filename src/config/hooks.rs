//! How programs outside are told what happened. Never which: those are rows.

/// How programs outside are told.
#[derive(Debug, Clone, clap::Args)]
pub struct Hooks {
    /// Allow outgoing webhooks to call internal addresses, also over plain http
    #[arg(
        id = "hooks_allow_private",
        long = "hooks-allow-private",
        env = "RAPPORT_HOOKS_ALLOW_PRIVATE",
        value_name = "BOOL",
        default_value_t = false,
        action = clap::ArgAction::Set,
        global = true
    )]
    allow_private: bool,
}

impl Hooks {
    /// Whether internal addresses may be called.
    pub fn allow_private(&self) -> bool {
        self.allow_private
    }
}
