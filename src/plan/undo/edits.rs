//! Edits of a policy's text: statements and principals that go, and statements that come back with their own bytes. All
//! other bytes stay.

use std::collections::BTreeMap;

use crate::policy::Span;
use crate::policy::syntax::{Node, Value, parse};
use crate::policy::text::TextEdit;
use crate::policy::text::edits::{apply_edits, cut_ranges};

/// The parts that go, by the index of the statement: all of it, or the principals of these indexes.
#[derive(Debug, Default)]
pub(super) struct Cuts(BTreeMap<usize, Option<Vec<usize>>>);

impl Cuts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add_whole(&mut self, statement: usize) {
        self.0.insert(statement, None);
    }

    pub(super) fn add_principals(&mut self, statement: usize, principals: Vec<usize>) {
        self.0.insert(statement, Some(principals));
    }

    pub(super) fn takes_whole(&self, statement: usize) -> bool {
        self.0.get(&statement).is_some_and(Option::is_none)
    }
}

/// A policy's text with the places of its statements.
pub(super) struct StatementTexts<'t> {
    text: &'t str,
    /// The value of `Statement`.
    list: Node,
}

impl<'t> StatementTexts<'t> {
    pub(super) fn read(text: &'t str) -> Result<Self, String> {
        let list = parse(text).valid_root().and_then(|root| root.get("Statement")).map(|member| member.value.clone());
        let list = list.ok_or_else(|| "a policy has no statements to compare".to_owned())?;
        Ok(Self { text, list })
    }

    fn spans(&self) -> Vec<Span> {
        self.list.one_or_many().iter().map(|node| node.span).collect()
    }

    /// Returns the bytes of a statement.
    pub(super) fn statement_text(&self, at: usize) -> Option<&'t str> {
        self.list.one_or_many().get(at).map(|node| node.span.text_in(self.text))
    }

    /// Returns the text with these statements alone; none: there are none.
    pub(super) fn with_only(&self, stay: &[usize]) -> Result<Option<String>, String> {
        let mut cuts = Cuts::default();
        (0..self.spans().len()).filter(|at| !stay.contains(at)).for_each(|at| cuts.add_whole(at));
        self.without(&cuts, &[])
    }

    /// Returns the text without what goes and with the statements that come back at its end; none: no statement is left.
    pub(super) fn without(&self, cuts: &Cuts, back: &[String]) -> Result<Option<String>, String> {
        if !back.is_empty() {
            let longer = self.with_statements(back);
            return StatementTexts::read(&longer)?.without(cuts, &[]);
        }
        let spans = self.spans();
        if (0..spans.len()).all(|at| cuts.takes_whole(at)) {
            return Ok(None);
        }
        let mut gone = cut_ranges(&spans, |at| cuts.takes_whole(at));
        for (at, principals) in &cuts.0 {
            if let (Some(principals), Some(statement)) = (principals, self.list.one_or_many().get(*at)) {
                gone.extend(principal_cuts(statement, principals));
            }
        }
        let gone: Vec<TextEdit> = gone.into_iter().map(|span| TextEdit { span, text: String::new() }).collect();
        Ok(Some(apply_edits(self.text, &gone)))
    }

    /// Returns the text with statements behind the last one, set apart as the last two are.
    fn with_statements(&self, back: &[String]) -> String {
        let spans = self.spans();
        let Some(last) = spans.last() else {
            let inside = Span::new(self.list.span.start + 1, self.list.span.end.saturating_sub(1));
            return apply_edits(self.text, &[TextEdit { span: inside, text: back.join(", ") }]);
        };
        let before = spans.len().checked_sub(2).and_then(|at| spans.get(at));
        let gap = if let Some(before) = before {
            Span::new(before.end, last.start).text_in(self.text).to_owned()
        } else {
            let begin = Span::new(self.list.span.start, last.start).text_in(self.text);
            format!(",{}", begin.trim_start_matches('['))
        };
        let added: String = back.iter().flat_map(|statement| [gap.as_str(), statement]).collect();
        let edit = if matches!(self.list.value, Value::Array(_)) {
            TextEdit { span: Span::new(last.end, last.end), text: added }
        } else {
            let text = format!("[{}{added}]", self.list.span.text_in(self.text));
            TextEdit { span: self.list.span, text }
        };
        apply_edits(self.text, &[edit])
    }
}

/// Returns the ranges to cut so that principals go of which others stay. A type of principals that is emptied goes whole.
fn principal_cuts(statement: &Node, principals: &[usize]) -> Vec<Span> {
    let types = statement.get("Principal").map(|member| member.value.members()).unwrap_or_default();
    let mut cuts = Vec::new();
    let (mut first, mut emptied) = (0, Vec::new());
    for member in types {
        let entries = member.value.one_or_many();
        let goes = |at: usize| principals.contains(&(first + at));
        let is_emptied = !entries.is_empty() && (0..entries.len()).all(goes);
        if !is_emptied {
            cuts.extend(cut_ranges(&entries.iter().map(|node| node.span).collect::<Vec<_>>(), goes));
        }
        emptied.push(is_emptied);
        first += entries.len();
    }
    let members: Vec<Span> =
        types.iter().map(|member| Span::new(member.key.span.start, member.value.span.end)).collect();
    cuts.extend(cut_ranges(&members, |at| emptied.get(at).copied().unwrap_or_default()));
    cuts
}
