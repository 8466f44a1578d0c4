//! Finds which changes of the journal were taken back by later ones.

use std::collections::{BTreeSet, HashMap};

use super::history::{ChangeEntry, History};
use crate::ecr::RepositoryRef;

/// The part of a change that later changes took back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone<'h> {
    /// The changes that took it back, the newest first.
    pub by: Vec<&'h str>,
    /// The repositories that are taken back, by what reads showed then.
    pub repositories: BTreeSet<&'h RepositoryRef>,
}

impl ChangeEntry {
    /// Returns the repositories that it may have written: all but those that AWS refused.
    pub fn touched_repositories(&self) -> BTreeSet<&RepositoryRef> {
        let writes = self.writes.iter().filter(|write| write.outcome_name() != "refused");
        writes.map(|write| &write.repository).collect()
    }

    /// Returns the repositories whose new text a read showed.
    fn seen_repositories(&self) -> BTreeSet<&RepositoryRef> {
        let is_seen = |name: &str| matches!(name, "written" | "written-beside-others");
        self.writes.iter().filter(|write| is_seen(write.outcome_name())).map(|write| &write.repository).collect()
    }
}

impl Undone<'_> {
    /// Tells whether all that the change may have written is taken back.
    pub fn is_whole(&self, change: &ChangeEntry) -> bool {
        change.touched_repositories().is_subset(&self.repositories)
    }
}

impl History {
    /// Finds what was taken back, by the id of the change. An undo that was taken back itself does not count.
    pub fn find_undone(&self) -> HashMap<&str, Undone<'_>> {
        let mut found: HashMap<&str, Undone<'_>> = HashMap::new();
        // The newest come first, so that an undo's own end is known before it counts.
        for change in &self.changes {
            let Some(undoes) = change.undoes.as_deref() else { continue };
            let mut in_force = change.seen_repositories();
            if let Some(undone) = found.get(change.id.as_str()) {
                in_force.retain(|repository| !undone.repositories.contains(repository));
            }
            if in_force.is_empty() {
                continue;
            }
            // An undo of what the wizard wrote in several turns names each of them.
            for id in undoes.split_whitespace() {
                let taken_back = self.changes.iter().find(|taken_back| taken_back.id == id);
                let touched = taken_back.map(ChangeEntry::touched_repositories);
                let is_of = |name: &&&RepositoryRef| touched.as_ref().is_none_or(|touched| touched.contains(**name));
                let repositories: BTreeSet<&RepositoryRef> = in_force.iter().filter(is_of).copied().collect();
                if repositories.is_empty() {
                    continue;
                }
                let undone = found.entry(id).or_default();
                undone.by.push(&change.id);
                undone.repositories.extend(repositories);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::ImageUri;
    use crate::journal::{ChangeState, SettledOutcome, WriteEntry};

    fn write(name: &str, outcome: &str) -> WriteEntry {
        let uri = format!("222222222222.dkr.ecr.eu-west-2.amazonaws.com/{name}");
        WriteEntry {
            repository: ImageUri::parse(&uri).unwrap().repository_ref(),
            endpoint: None,
            when: 0,
            old: None,
            new: None,
            outcome: Some(SettledOutcome { name: outcome.to_owned(), request_id: None, words: None }),
        }
    }

    fn change(id: &str, undoes: Option<&str>, writes: &[(&str, &str)]) -> ChangeEntry {
        ChangeEntry {
            id: id.to_owned(),
            path: std::path::PathBuf::new(),
            size: 0,
            when: 0,
            made: 0,
            command: String::new(),
            program: String::new(),
            caller: None,
            planned: None,
            undoes: undoes.map(str::to_owned),
            state: ChangeState::Ended,
            writes: writes.iter().map(|(name, outcome)| write(name, outcome)).collect(),
            unsent: Vec::new(),
        }
    }

    /// Returns `id by repositories whole` of each change that is undone, in the order of ids.
    fn undone_lines(mut oldest_first: Vec<ChangeEntry>) -> Vec<String> {
        oldest_first.reverse();
        let history = History { changes: oldest_first, ..History::default() };
        let undone = history.find_undone();
        let mut lines: Vec<String> = history
            .changes
            .iter()
            .filter_map(|change| {
                let undone = undone.get(change.id.as_str())?;
                let names: Vec<&str> = undone.repositories.iter().map(|r| r.name.as_str()).collect();
                Some(format!("{} {} {} {}", change.id, undone.by.join(","), names.join(","), undone.is_whole(change)))
            })
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn what_counts_as_taken_back_is_what_reads_showed_and_nothing_took_back_again() {
        const W: &str = "written";
        let both = || change("a", None, &[("app", W), ("web", W)]);
        let nothing: [&str; 0] = [];
        assert_eq!(undone_lines(vec![both()]), nothing);
        assert_eq!(undone_lines(vec![both(), change("b", Some("a"), &[("app", W), ("web", W)])]), ["a b app,web true"]);
        assert_eq!(undone_lines(vec![both(), change("b", Some("a"), &[("app", W)])]), ["a b app false"]);
        let twice = vec![both(), change("b", Some("a"), &[("app", W)]), change("c", Some("a"), &[("web", W)])];
        assert_eq!(undone_lines(twice), ["a c,b app,web true"]);
        for outcome in ["refused", "unknown", "replaced", "changed"] {
            let lines = undone_lines(vec![both(), change("b", Some("a"), &[("app", outcome)])]);
            assert_eq!(lines, nothing, "{outcome}");
        }
        // An undo of an undo brings the change again, for as many repositories.
        let again =
            vec![both(), change("b", Some("a"), &[("app", W), ("web", W)]), change("c", Some("b"), &[("web", W)])];
        assert_eq!(undone_lines(again), ["a b app false", "b c web false"]);
        let back = vec![
            both(),
            change("b", Some("a"), &[("app", W), ("web", W)]),
            change("c", Some("b"), &[("app", W), ("web", W)]),
            change("d", Some("a"), &[("app", W), ("web", W)]),
        ];
        assert_eq!(undone_lines(back), ["a d app,web true", "b c app,web true"]);
        // What AWS refused needs no undo; what nobody knows does.
        let partly = change("a", None, &[("app", W), ("web", "refused")]);
        assert_eq!(undone_lines(vec![partly, change("b", Some("a"), &[("app", W)])]), ["a b app true"]);
        let unknown = change("a", None, &[("app", W), ("web", "unknown")]);
        assert_eq!(undone_lines(vec![unknown, change("b", Some("a"), &[("app", W)])]), ["a b app false"]);
        // Files by others may name each other.
        let circle = vec![change("a", Some("b"), &[("app", W)]), change("b", Some("a"), &[("app", W)])];
        assert_eq!(undone_lines(circle), ["a b app true"]);
    }

    #[test]
    fn an_undo_of_two_changes_takes_back_of_each_what_that_one_wrote() {
        let history = History {
            changes: vec![
                change("u", Some("b a"), &[("one", "written"), ("two", "written")]),
                change("b", None, &[("two", "written")]),
                change("a", None, &[("one", "written"), ("other", "written")]),
            ],
            ..History::default()
        };
        let undone = history.find_undone();
        let names = |id: &str| undone[id].repositories.iter().map(|r| r.name.to_string()).collect::<Vec<_>>();
        assert_eq!((names("b"), names("a")), (vec!["two".to_owned()], vec!["one".to_owned()]));
        assert!(undone["b"].is_whole(&history.changes[1]) && !undone["a"].is_whole(&history.changes[2]));
    }
}
