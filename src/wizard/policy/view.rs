//! The view of a document: who gains and who loses first, then what changes in the text.

use super::{DocumentView, RepositoryDocument};
use crate::ecr::AccountNames;
use crate::plan::Verdict;
use crate::wizard::page::{Ink, Mark, TextPage, changed_lines};
use crate::wizard::save::add_changes;

/// Returns the view of a document in a window so wide, its difference with so many lines around it; none while its stored
/// policy is not read.
pub fn make_view(
    document: &RepositoryDocument,
    width: usize,
    context: usize,
    names: &AccountNames,
) -> Option<DocumentView> {
    let draft = document.current_draft()?;
    let mut page = TextPage::new(width.saturating_sub(2)).with_names(names).with_context(context);
    let planned = &draft.planned;
    if !document.is_examined() {
        page.text_row(Ink::Dim, 0, "who gains and who loses by this text is being worked out");
    } else if draft.class.is_none() {
        page.text_row(Ink::Dim, 0, "who gains and who loses is not known: this text cannot be read");
    } else {
        if planned.verdict != Verdict::Blocked
            && let Some(doubt) = planned.denied_words().into_iter().chain(planned.unknown_words()).next()
        {
            page.add_marked(Mark::Warn, Ink::Bad, 0, &doubt);
        }
        add_changes(&mut page, planned, 0);
    }
    page.add_blank();
    let stored = document.stored_text().known_value().cloned().flatten();
    let text = draft.editor.text();
    if stored.as_deref() == Some(text) {
        page.text_row(Ink::Dim, 0, "nothing changes; the stored text:");
        page.add_code(Ink::Plain, 0, text);
    } else {
        page.add_difference(0, stored.as_deref(), Some(text));
    }
    let (added, removed) = changed_lines(stored.as_deref(), text);
    Some(DocumentView { page, added, removed })
}
