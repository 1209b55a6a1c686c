//! Who sees it: the actors between a commit and the sessions of everybody who looks. Holds nothing that
//! must survive: kill an actor, and the rows tell the rest.

pub(crate) mod broadcast;
pub(crate) mod event_frame;
pub mod frames;
pub(crate) mod gate;
pub(crate) mod handle;
pub mod hub;
pub(crate) mod hub_watchers;
pub(crate) mod list;
pub(crate) mod list_frame;
pub(crate) mod list_read;
pub(crate) mod list_tick;
pub mod messages;
pub(crate) mod metrics;
pub(crate) mod poll;
pub(crate) mod presence;
pub(crate) mod presence_tick;
pub(crate) mod redis_hints;
pub(crate) mod registry;
pub(crate) mod room;
pub mod session_event;
pub(crate) mod shared;
pub(crate) mod signin_check;
pub(crate) mod tick;
pub(crate) mod view_fit;
pub(crate) mod viewers;
pub(crate) mod watchers;

pub use handle::Live;
pub use redis_hints::Hints;
