//! Who sees it: the actors between a commit and the sessions of everybody who looks. Holds nothing that
//! must survive: kill an actor, and the rows tell the rest.

pub mod broadcast;
pub mod frames;
pub mod gate;
pub mod handle;
pub mod hub;
pub mod list;
pub mod poll;
pub mod presence;
pub mod redis_hints;
pub mod registry;
pub mod room;
pub mod session_event;
pub mod signin_check;

pub use handle::Live;
pub use redis_hints::Hints;
