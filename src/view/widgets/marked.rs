//! Text whose characters match a filter, cut to a width without losing the marks.

use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use crate::ecr::text::{fit_end, fit_width, make_visible};
use crate::view::theme::{Role, Theme};

/// A text in a role, padded or cut to exactly `width` cells, with the characters of these numbers marked.
/// `keep_end`: a text that is too long loses its beginning.
pub fn marked_spans(
    theme: Theme,
    role: Role,
    text: &str,
    marks: &[usize],
    width: usize,
    keep_end: bool,
) -> Vec<Span<'static>> {
    let whole = make_visible(text);
    let cut = if keep_end { fit_end(&whole, width, theme.ascii) } else { fit_width(&whole, width, theme.ascii) };
    let pad = width.saturating_sub(cut.width());
    // Numbers of characters hold only where the text is shown as it is.
    let marks = if whole == text { marks } else { &[] };
    let sign = if theme.ascii { 3 } else { 1 };
    let (shown, dropped) = (cut.chars().count(), whole.chars().count());
    let is_cut = cut != whole;
    let lost = (dropped + sign).saturating_sub(shown);
    let is_marked = |at: usize| match (is_cut, keep_end) {
        (false, _) => marks.contains(&at),
        (true, false) => at + sign < shown && marks.contains(&at),
        (true, true) => at >= sign && marks.contains(&(at - sign + lost)),
    };
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut run = String::new();
    let mut run_is_marked = false;
    let style = |on: bool| {
        if on { theme.role_style(role).patch(theme.role_style(Role::Match)) } else { theme.role_style(role) }
    };
    for (at, c) in cut.chars().enumerate() {
        let on = is_marked(at);
        if on != run_is_marked && !run.is_empty() {
            spans.push(Span::styled(std::mem::take(&mut run), style(run_is_marked)));
        }
        run_is_marked = on;
        run.push(c);
    }
    if !run.is_empty() {
        spans.push(Span::styled(run, style(run_is_marked)));
    }
    if pad > 0 {
        spans.push(Span::styled(" ".repeat(pad), theme.role_style(role)));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::WizardSettings;
    use ratatui::style::Modifier;

    fn drawn(text: &str, marks: &[usize], width: usize, keep_end: bool) -> (String, String) {
        let spans = marked_spans(Theme::new(&WizardSettings::default()), Role::Plain, text, marks, width, keep_end);
        let mark = |s: &Span<'_>| if s.style.add_modifier.contains(Modifier::UNDERLINED) { "^" } else { "." };
        (
            spans.iter().map(|s| s.content.as_ref()).collect(),
            spans.iter().map(|s| mark(s).repeat(s.content.chars().count())).collect(),
        )
    }

    #[test]
    fn marks_stay_on_their_characters_when_the_text_is_cut() {
        assert_eq!(drawn("vendorapp", &[0, 6, 7], 11, false), ("vendorapp  ".into(), "^.....^^...".into()));
        assert_eq!(drawn("vendorapp", &[0, 6, 7], 6, false), ("vendo…".into(), "^.....".into()));
        assert_eq!(drawn("vendorapp", &[0, 6, 8], 6, true), ("…orapp".into(), "...^.^".into()));
        assert_eq!(drawn("vendorapp", &[0], 0, true), (String::new(), String::new()));
    }

    #[test]
    fn a_text_with_hidden_characters_is_shown_by_its_signs_and_without_marks() {
        let (text, marks) = drawn("a\u{1b}b", &[2], 4, false);
        assert_eq!((text.as_str(), marks.as_str()), ("a␛b ", "...."));
    }
}
