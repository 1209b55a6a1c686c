//! What strangers may use up: tight for programs, generous for people; what models may; and how much of the
//! disk files must leave free.

/// Budgets of whoever is not signed in; 0 is no limit.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Limits for anonymous clients (0: no limit)")]
pub struct Limits {
    /// Failed sign-ins for one username from one address, in ten minutes
    #[arg(long, env = "RAPPORT_LIMIT_SIGN_INS", value_name = "COUNT", default_value_t = 10, global = true)]
    pub limit_sign_ins: u32,

    /// Failed sign-ins from one address, in ten minutes
    #[arg(
        long,
        env = "RAPPORT_LIMIT_SIGN_INS_ADDRESS",
        value_name = "COUNT",
        default_value_t = 100,
        global = true
    )]
    pub limit_sign_ins_address: u32,

    /// Failed sign-ins from all addresses, in one minute; devices that signed in before are still let in
    #[arg(
        long,
        env = "RAPPORT_LIMIT_SIGN_INS_TOTAL",
        value_name = "COUNT",
        default_value_t = 300,
        global = true
    )]
    pub limit_sign_ins_total: u32,

    /// A visitor's messages in a minute
    #[arg(long, env = "RAPPORT_LIMIT_MESSAGES", value_name = "COUNT", default_value_t = 30, global = true)]
    pub limit_messages: u64,

    /// Visitors' messages from one address in a minute
    #[arg(
        long,
        env = "RAPPORT_LIMIT_MESSAGES_ADDRESS",
        value_name = "COUNT",
        default_value_t = 200,
        global = true
    )]
    pub limit_messages_address: u64,

    /// New conversations from one address in an hour
    #[arg(
        long,
        env = "RAPPORT_LIMIT_CONVERSATIONS",
        value_name = "COUNT",
        default_value_t = 30,
        global = true
    )]
    pub limit_conversations: u64,

    /// Chats opened from one address in a minute
    #[arg(long, env = "RAPPORT_LIMIT_HELLOS", value_name = "COUNT", default_value_t = 60, global = true)]
    pub limit_hellos: u64,

    /// Visitors' sockets from one address at the same time
    #[arg(long, env = "RAPPORT_LIMIT_SOCKETS", value_name = "COUNT", default_value_t = 200, global = true)]
    pub limit_sockets: u64,

    /// What else a visitor asks for in a minute: older messages, read marks
    #[arg(long, env = "RAPPORT_LIMIT_FRAMES", value_name = "COUNT", default_value_t = 120, global = true)]
    pub limit_frames: u64,

    /// Wrong addresses of flows that one address may try in a minute
    #[arg(
        long,
        env = "RAPPORT_LIMIT_WRONG_ADDRESSES",
        value_name = "COUNT",
        default_value_t = 60,
        global = true
    )]
    pub limit_wrong_addresses: u64,

    /// Seconds between two signs that a visitor is typing
    #[arg(long, env = "RAPPORT_LIMIT_TYPING", value_name = "COUNT", default_value_t = 2, global = true)]
    pub limit_typing: u64,

    /// Megabytes of visitors' files from one address in an hour
    #[arg(long, env = "RAPPORT_LIMIT_UPLOADS", value_name = "COUNT", default_value_t = 50, global = true)]
    pub limit_uploads: u64,

    /// Megabytes of visitors' files from everywhere in an hour
    #[arg(
        long,
        env = "RAPPORT_LIMIT_UPLOADS_TOTAL",
        value_name = "COUNT",
        default_value_t = 1000,
        global = true
    )]
    pub limit_uploads_total: u64,

    /// How often models are asked in 24 hours, altogether
    #[arg(long, env = "RAPPORT_LIMIT_MODEL", value_name = "COUNT", default_value_t = 5000, global = true)]
    pub limit_model: u64,

    /// How often models are asked in 24 hours for one channel
    #[arg(
        long,
        env = "RAPPORT_LIMIT_MODEL_CHANNEL",
        value_name = "COUNT",
        default_value_t = 2000,
        global = true
    )]
    pub limit_model_channel: u64,

    /// How often models are asked in 24 hours for one conversation
    #[arg(
        long,
        env = "RAPPORT_LIMIT_MODEL_CONVERSATION",
        value_name = "COUNT",
        default_value_t = 100,
        global = true
    )]
    pub limit_model_conversation: u64,

    /// Megabytes of free space that the team's and the platforms' files leave, or 5 % of the disk if that is
    /// less
    #[arg(long, env = "RAPPORT_LIMIT_FREE", value_name = "COUNT", default_value_t = 1000, global = true)]
    pub limit_free: u64,

    /// Megabytes of free space that visitors' files leave, or 15 % of the disk if that is less
    #[arg(
        long,
        env = "RAPPORT_LIMIT_FREE_VISITORS",
        value_name = "COUNT",
        default_value_t = 2000,
        global = true
    )]
    pub limit_free_visitors: u64,

    /// Mebibytes that bodies take in memory whose sender has proved nothing yet (twice their length); more
    /// get 503
    #[arg(long, env = "RAPPORT_LIMIT_UNPROVEN", value_name = "COUNT", default_value_t = 64, global = true)]
    pub limit_unproven: u64,
}
