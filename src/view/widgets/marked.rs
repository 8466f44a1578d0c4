//! Text whose characters match a filter, cut to a width without losing the marks.

use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use crate::ecr::text::{fit_end, fit_width, make_visible, split_ends};
use crate::view::theme::{Role, Sign, Theme};

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
    let shown = cut.chars().count().saturating_sub(theme.sign_text(Sign::More).chars().count());
    let ends = if keep_end { (0, shown) } else { (shown, 0) };
    // Numbers of characters hold only where the text is shown as it is.
    let marks = if whole == text { marks } else { &[] };
    spans_of_cut((theme, role), &whole, &cut, ends, marks, width)
}

/// A name in a role, padded to exactly `width` cells, or with its middle cut out: names of one family differ at either end.
pub fn name_spans(theme: Theme, role: Role, name: &str, marks: &[usize], width: usize) -> Vec<Span<'static>> {
    let whole = make_visible(name);
    let sign = theme.sign_text(Sign::More);
    let Some((start, end)) = split_ends(&whole, width, sign.width()) else {
        return marked_spans(theme, role, name, marks, width, false);
    };
    let marks = if whole == name { marks } else { &[] };
    let cut = format!("{start}{sign}{end}");
    spans_of_cut((theme, role), &whole, &cut, (start.chars().count(), end.chars().count()), marks, width)
}

/// Returns the spans of a text of which `cut` is shown; where that is not the whole, so many characters of its beginning and
/// of its end are the text's own.
fn spans_of_cut(
    (theme, role): (Theme, Role),
    whole: &str,
    cut: &str,
    (start, end): (usize, usize),
    marks: &[usize],
    width: usize,
) -> Vec<Span<'static>> {
    let pad = width.saturating_sub(cut.width());
    let (shown, all) = (cut.chars().count(), whole.chars().count());
    let is_marked = |at: usize| match at {
        _ if cut == whole => marks.contains(&at),
        _ if at < start => marks.contains(&at),
        _ if at + end >= shown => marks.contains(&(all - (shown - at))),
        _ => false,
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
    fn a_name_that_is_too_long_keeps_both_ends_with_their_marks() {
        let theme = Theme::new(&WizardSettings::default());
        let drawn = |width: usize, marks: &[usize]| {
            let spans = name_spans(theme, Role::Plain, "platform-eu-admin", marks, width);
            let mark = |s: &Span<'_>| if s.style.add_modifier.contains(Modifier::UNDERLINED) { "^" } else { "." };
            let text: String = spans.iter().map(|s| s.content.as_ref()).collect();
            (text, spans.iter().map(|s| mark(s).repeat(s.content.chars().count())).collect::<String>())
        };
        assert_eq!(drawn(18, &[0, 16]), ("platform-eu-admin ".into(), "^...............^.".into()));
        assert_eq!(drawn(10, &[0, 4, 12, 16]), ("plat…admin".into(), "^....^...^".into()));
        assert_eq!(drawn(1, &[0]).0, "…");
    }

    #[test]
    fn a_text_with_hidden_characters_is_shown_by_its_signs_and_without_marks() {
        let (text, marks) = drawn("a\u{1b}b", &[2], 4, false);
        assert_eq!((text.as_str(), marks.as_str()), ("a␛b ", "...."));
    }
}
