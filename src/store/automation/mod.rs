//! What writes by itself: flows with their runs, and the turns of models.

pub mod ai_turns;
pub mod flow_runs;
pub mod flows;
