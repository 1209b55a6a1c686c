//! What strangers may use up: tight for programs, generous for people. Never a limit of those who are signed in.

/// Budgets of whoever is not signed in; 0 is no limit.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Limits of strangers (0: none)")]
pub struct Limits {
    /// Wrong passwords for one name from one address, in ten minutes
    #[arg(long, env = "RAPPORT_LIMIT_SIGN_INS", value_name = "COUNT", default_value_t = 10, global = true)]
    pub limit_sign_ins: u32,

    /// Wrong passwords from one address, in ten minutes
    #[arg(
        long,
        env = "RAPPORT_LIMIT_SIGN_INS_ADDRESS",
        value_name = "COUNT",
        default_value_t = 100,
        global = true
    )]
    pub limit_sign_ins_address: u32,

    /// Wrong passwords from everywhere, in a minute; devices of earlier sign-ins get in all the same
    #[arg(
        long,
        env = "RAPPORT_LIMIT_SIGN_INS_TOTAL",
        value_name = "COUNT",
        default_value_t = 300,
        global = true
    )]
    pub limit_sign_ins_total: u32,
}
