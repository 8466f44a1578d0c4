//! Puts what was changed by hand away when the registry is left.

use super::RepositoryDocument;
use crate::wizard::Model;

/// Puts the documents that were changed by hand away, because their registry is left.
pub(in crate::wizard) fn put_away(model: &mut Model) {
    let edits_stored = model.policy.edits_stored();
    let mut take_edited = |edits_stored: bool, documents: &mut Vec<RepositoryDocument>| {
        let (edited, others) = std::mem::take(documents).into_iter().partition(RepositoryDocument::is_by_hand);
        *documents = others;
        model.kept_edits.keep(edits_stored, edited);
    };
    take_edited(edits_stored, &mut model.policy.documents);
    if let Some(aside) = &mut model.policy.set_aside {
        take_edited(false, &mut aside.policy.documents);
    }
}
