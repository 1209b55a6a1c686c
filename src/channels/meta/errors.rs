//! Graph's errors, judged.
