//! What writes by itself: flows with their runs, and the turns of models.

pub(crate) mod ai_turns;
pub(crate) mod flow_runs;
pub(crate) mod flows;
