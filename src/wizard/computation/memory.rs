//! The analyses that whoever carries out computations remembers: most repositories have one of a few policies.

use std::sync::Arc;

use crate::review::{Analyst, KeptParts, KnownParties};

/// The analyses that are remembered at least.
const REMEMBERED: usize = 4_096;

/// Remembers analyses for as long as the moment and the known parties are the same.
#[derive(Debug, Default)]
pub struct AnalysisMemory {
    analyst: Option<(Analyst, Option<Arc<KnownParties>>, i64)>,
}

impl AnalysisMemory {
    /// Returns the analyst for a moment, in seconds since 1970, and these known parties; none: nobody said who is.
    pub(super) fn analyst_at(&mut self, known: Option<&Arc<KnownParties>>, now: i64) -> &mut Analyst {
        let is_same = |of: &Option<Arc<KnownParties>>| match (of, known) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let kept = self.analyst.take().filter(|(_, of, at)| *at == now && is_same(of));
        let fresh = || {
            let parts = KeptParts { remembered: Some(REMEMBERED), ..KeptParts::default() };
            (Analyst::with_known(known.cloned()).keeping(parts).at_moment(now), known.cloned(), now)
        };
        &mut self.analyst.insert(kept.unwrap_or_else(fresh)).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::RegistryPolicy;
    use crate::wizard::testing::{VENDOR_POLICY, test_reference};

    #[test]
    fn one_policy_of_many_repositories_is_analysed_once_until_the_moment_or_the_known_parties_change() {
        let mut memory = AnalysisMemory::default();
        let known = Arc::new(KnownParties::default());
        let mut count = |known: Option<&Arc<KnownParties>>, now| {
            let analyst = memory.analyst_at(known, now);
            for name in ["one", "two", "three"] {
                analyst.analyse(&test_reference(name), Some(VENDOR_POLICY), &RegistryPolicy::Absent);
            }
            analyst.analysis_count()
        };
        assert_eq!(count(None, 1), 1);
        assert_eq!(count(None, 1), 1, "remembered");
        assert_eq!(count(Some(&known), 1), 1, "made anew");
        assert_eq!(count(Some(&known), 2), 1, "made anew");
    }
}
