//! Documents changed by hand whose repositories are not at the step any more: they are there again when it is.

use super::RepositoryDocument;
use crate::ecr::RepositoryRef;

/// Documents changed by hand that the step does not show.
#[derive(Debug, Default)]
pub struct KeptEdits(Vec<KeptEdit>);

#[derive(Debug)]
struct KeptEdit {
    /// Tells whether the stored policy was edited with nothing added.
    edits_stored: bool,
    document: RepositoryDocument,
}

impl KeptEdits {
    /// Keeps the documents that were changed by hand. What they wait for is to be cancelled.
    pub(super) fn keep(&mut self, edits_stored: bool, documents: Vec<RepositoryDocument>) {
        for mut document in documents.into_iter().filter(RepositoryDocument::is_by_hand) {
            self.take(edits_stored, document.whose_repository());
            document.stop_waiting();
            self.0.push(KeptEdit { edits_stored, document });
        }
    }

    /// Takes the document of a repository.
    pub(super) fn take(&mut self, edits_stored: bool, repository: &RepositoryRef) -> Option<RepositoryDocument> {
        let is_it =
            |kept: &KeptEdit| kept.edits_stored == edits_stored && kept.document.whose_repository() == repository;
        let at = self.0.iter().position(is_it)?;
        Some(self.0.swap_remove(at).document)
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
