//! The version gate: the one rule by which rooms and sessions let a change through exactly once,
//! in order, whatever was lost, doubled or reordered on the way. Pure; never I/O.

use std::collections::HashSet;

/// What to do with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next: let it through.
    Pass,
    /// It was let through before.
    Drop,
    /// Something before it is missing: read the rows in between.
    Fill,
}

/// The version of a conversation that somebody has, and whether rows are being read for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    last: i64,
    /// The newest version heard of while rows are being read.
    filling: Option<i64>,
}

impl Gate {
    /// Somebody who has everything up to `version`.
    pub fn at(version: i64) -> Self {
        Self { last: version, filling: None }
    }

    /// What they have.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// A change that leads from `follows` to `version`. `Fill` is said once; until
    /// [`Gate::filled`] says that nothing is missing, changes are dropped: they will be read.
    pub fn offer(&mut self, follows: i64, version: i64) -> Verdict {
        if let Some(heard) = &mut self.filling {
            *heard = version.max(*heard);
            return Verdict::Drop;
        }
        if version <= self.last {
            return Verdict::Drop;
        }
        if follows > self.last {
            self.filling = Some(version);
            return Verdict::Fill;
        }
        self.last = version;
        Verdict::Pass
    }

    /// Word that the conversation is at `version`, without the change itself: true if rows are
    /// to be read.
    pub fn hear(&mut self, version: i64) -> bool {
        self.offer(version, version) == Verdict::Fill
    }

    /// Starts reading rows whatever was heard.
    pub fn fill(&mut self) {
        self.filling.get_or_insert(self.last);
    }

    /// One page of rows was read, up to `version`; `is_whole`: no more rows were there.
    /// True: everything heard of is through, changes pass again.
    pub fn filled(&mut self, version: i64, is_whole: bool) -> bool {
        self.last = self.last.max(version);
        let done = is_whole && self.filling.is_none_or(|heard| heard <= self.last);
        if done {
            self.filling = None;
        }
        done
    }

    /// A row read while filling: whether it is news.
    pub fn is_news(&self, version: i64) -> bool {
        version > self.last
    }
}

/// Tells new messages from changed ones while rows are read page by page: one that changed meanwhile stands
/// on a later page than its place, or on two.
#[derive(Debug)]
pub struct Reading {
    /// The newest place that was there before the first page.
    from: i64,
    /// Places that were shown since.
    shown: HashSet<i64>,
}

impl Reading {
    /// Places up to `seq` are known.
    pub fn after(seq: i64) -> Self {
        Self { from: seq, shown: HashSet::new() }
    }

    /// Whether the message at this place is shown for the first time.
    pub fn is_first(&mut self, seq: i64) -> bool {
        seq > self.from && self.shown.insert(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_is_new_on_whichever_page_it_comes_and_only_once() {
        let mut reading = Reading::after(2);
        assert!(!reading.is_first(1), "it was there and changed");
        assert!(reading.is_first(4));
        assert!(reading.is_first(3), "its change put it behind the fourth");
        assert!(!reading.is_first(4), "it changed between two pages");
    }

    #[test]
    fn the_next_passes_an_older_one_is_dropped_a_gap_is_filled() {
        let mut gate = Gate::at(3);
        assert_eq!(gate.offer(3, 4), Verdict::Pass);
        assert_eq!(gate.offer(3, 4), Verdict::Drop);
        assert_eq!(gate.offer(6, 7), Verdict::Fill);
        assert_eq!(gate.offer(7, 8), Verdict::Drop, "while rows are read");
        assert!(!gate.filled(7, true), "8 was heard of meanwhile");
        assert!(gate.filled(8, true));
        assert_eq!(gate.offer(8, 9), Verdict::Pass);
    }

    #[test]
    fn a_change_that_stands_for_several_passes() {
        let mut gate = Gate::at(4);
        assert_eq!(gate.offer(4, 9), Verdict::Pass);
        assert_eq!(gate.offer(7, 9), Verdict::Drop);
    }

    #[test]
    fn word_of_a_version_that_is_there_reads_nothing() {
        let mut gate = Gate::at(5);
        assert!(!gate.hear(5));
        assert!(gate.hear(6));
        assert!(!gate.hear(7), "being read already");
        assert!(gate.filled(7, true));
    }

    /// Plays a delivery plan against rows `1..=newest` and gives what was let through.
    fn play(after: i64, newest: i64, plan: &[(i64, i64)]) -> Vec<i64> {
        let mut gate = Gate::at(after);
        let mut shown = Vec::new();
        let fill = |gate: &mut Gate, shown: &mut Vec<i64>, upto: i64| loop {
            let page: Vec<i64> = (gate.last() + 1..=upto).take(3).collect();
            shown.extend(&page);
            let whole = page.len() < 3;
            if gate.filled(page.last().copied().unwrap_or(gate.last()), whole) {
                break;
            }
        };
        for &(version, committed) in plan {
            match gate.offer(version - 1, version) {
                Verdict::Pass => shown.push(version),
                Verdict::Drop => {}
                Verdict::Fill => fill(&mut gate, &mut shown, committed.max(version).min(newest)),
            }
        }
        if gate.hear(newest) {
            fill(&mut gate, &mut shown, newest);
        }
        shown
    }

    proptest! {
        /// Lost, doubled, reordered: everything after the start is shown once, in order.
        #[test]
        fn whatever_the_network_does_each_version_is_shown_once(
            after in 0_i64..5,
            hints in proptest::collection::vec((1_i64..40, 1_i64..40), 0..120),
        ) {
            let newest = 40;
            let shown = play(after, newest, &hints);
            prop_assert_eq!(shown, (after + 1..=newest).collect::<Vec<_>>());
        }
    }
}
