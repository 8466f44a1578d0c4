//! Small parts that several screens draw.

mod listed;
mod marked;

pub use listed::{divide_area, draw_bar, draw_divider, inner_area};
pub use marked::{marked_spans, name_spans};

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use crate::ecr::Failure;
pub use crate::ecr::text::wrap_lines;
use crate::ecr::text::{fit_end, fit_width, make_visible};
use crate::wizard::field::Field;

/// Names as far as there is room, and how many more there are. A single one is cut at its beginning.
pub fn names_words(names: &[&str], width: usize, ascii: bool) -> String {
    let [first, rest @ ..] = names else { return String::new() };
    let more = |count: usize| if count == 0 { String::new() } else { format!(" and {count} more") };
    let first = fit_end(&make_visible(first), width.saturating_sub(more(rest.len()).len()), ascii);
    let mut words = first;
    for (at, name) in rest.iter().enumerate() {
        let left = rest.len() - at - 1;
        let longer = format!("{words}, {}", make_visible(name));
        if longer.width() + more(left).len() > width {
            return words + &more(left + 1);
        }
        words = longer;
    }
    words
}

/// A piece of text in a role, control characters made visible.
pub fn role_span(theme: Theme, role: Role, text: impl AsRef<str>) -> Span<'static> {
    Span::styled(make_visible(text.as_ref()), theme.role_style(role))
}

/// A line in one role.
pub fn role_line(theme: Theme, role: Role, text: impl AsRef<str>) -> Line<'static> {
    Line::from(role_span(theme, role, text))
}

/// A row as the chosen one: reversed as a whole. Its colours go, or each would become a patch of background, and what
/// was dim is so no longer: grey on a light bar cannot be read.
pub fn chosen_row(row: Line<'static>, theme: Theme) -> Line<'static> {
    let mut row = row.patch_style(theme.role_style(Role::Selected));
    for part in &mut row.spans {
        part.style.fg = None;
        part.style = part.style.remove_modifier(Modifier::DIM);
    }
    row
}

/// A row as wide as its list, so that the chosen one is marked to the end of it. The last cell is the bar's: reversed,
/// the bar would have a hole there.
pub fn full_width(mut row: Line<'static>, list: Rect) -> Line<'static> {
    let pad = usize::from(list.width).saturating_sub(row.width() + 1);
    row.spans.push(Span::raw(" ".repeat(pad)));
    row
}

/// Pads or cuts a text to exactly `width` cells.
pub fn fixed_width(text: &str, width: usize, ascii: bool) -> String {
    let text = fit_width(&make_visible(text), width, ascii);
    let pad = width.saturating_sub(text.width());
    text + &" ".repeat(pad)
}

/// A text in at most so many rows; the last one is cut where it does not suffice.
pub fn wrap_rows(text: &str, width: usize, rows: usize, theme: Theme) -> Vec<String> {
    let Some(last) = rows.checked_sub(1) else { return Vec::new() };
    let text = make_visible(text);
    let mut out = wrap_lines(&text, width);
    if out.len() > rows {
        let rest = out.split_off(last).join(" ");
        out.push(fit_width(&rest, width, theme.ascii));
    }
    out
}

/// Draws lines from the top of an area; the rest stays as it is.
pub fn draw_lines(frame: &mut Frame, area: Rect, lines: Vec<Line<'_>>) {
    frame.render_widget(Paragraph::new(lines), area.intersection(frame.area()));
}

/// A rule across an area of one row, with a title in it where one is given.
pub fn draw_rule(frame: &mut Frame, area: Rect, title: &str, theme: Theme) {
    let width = usize::from(area.width);
    let dash = theme.sign_text(Sign::Rule);
    let text = if title.is_empty() {
        dash.repeat(width)
    } else {
        let head = format!("{dash}{dash} {title} ");
        format!("{head}{}", dash.repeat(width.saturating_sub(head.width())))
    };
    draw_lines(frame, area, vec![role_line(theme, Role::Dim, fit_width(&text, width, theme.ascii))]);
}

/// Draws a field of one line: a label, then the text, with the terminal's cursor at the caret when it has the focus.
pub fn draw_field(frame: &mut Frame, area: Rect, label: &str, value: &Field, focused: bool, theme: Theme) {
    let area = area.intersection(frame.area());
    if area.is_empty() {
        return;
    }
    let room = usize::from(area.width).saturating_sub(label.width() + 1);
    let caret = value.caret_column();
    // A text longer than its place is shown so that the caret stays in it.
    let skip = caret.saturating_sub(room.saturating_sub(1));
    let mut column = 0;
    let shown: String = value
        .text()
        .graphemes(true)
        .filter(|g| {
            let at = column;
            column += g.width();
            at >= skip && column <= skip + room
        })
        .collect();
    let role = if focused { Role::Accent } else { Role::Dim };
    let of_text = if focused && value.is_all_selected() { Role::Selected } else { Role::Plain };
    let parts = vec![role_span(theme, role, label), Span::raw(" "), role_span(theme, of_text, shown)];
    frame.render_widget(Paragraph::new(Line::from(parts)), Rect { height: 1, ..area });
    if focused {
        let x = label.width() + 1 + caret.saturating_sub(skip);
        let x = area.x.saturating_add(u16::try_from(x).unwrap_or(u16::MAX)).min(area.right().saturating_sub(1));
        frame.set_cursor_position(Position { x, y: area.y });
    }
}

/// The lines that tell of a failure: what happened, the next step, the command, and AWS's own words.
pub fn failure_lines(failure: &Failure, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let sign = theme.sign_text(Sign::Failed);
    for (at, text) in wrap_lines(&make_visible(&failure.what), width.saturating_sub(2)).into_iter().enumerate() {
        let head = if at == 0 { format!("{sign} ") } else { "  ".to_owned() };
        out.push(Line::from(vec![role_span(theme, Role::Bad, head), role_span(theme, Role::Strong, text)]));
    }
    for text in wrap_lines(&make_visible(&failure.next), width.saturating_sub(2)) {
        out.push(role_line(theme, Role::Plain, format!("  {text}")));
    }
    if let Some(command) = &failure.command {
        for text in wrap_lines(&make_visible(command), width.saturating_sub(4)) {
            out.push(role_line(theme, Role::Accent, format!("    {text}")));
        }
    }
    if let Some(aws) = &failure.aws {
        for text in
            wrap_lines(&make_visible(&format!("AWS said: {}: {}", aws.code, aws.message)), width.saturating_sub(2))
        {
            out.push(role_line(theme, Role::Dim, format!("  {text}")));
        }
    }
    out
}

/// As `failure`, in at most so many rows. The keys that lead on come before AWS's own words, and are there whatever has
/// to give way.
pub fn failure_and_keys(
    why: &Failure,
    keys: Option<Line<'static>>,
    width: usize,
    rows: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let mut words = failure_lines(why, width, theme);
    let ours = Failure { aws: None, ..why.clone() };
    let awss = words.split_off(failure_lines(&ours, width, theme).len());
    let mut out = first_rows(words, rows.saturating_sub(usize::from(keys.is_some())), width, theme);
    out.extend(keys);
    let room = rows.saturating_sub(out.len());
    out.extend(first_rows(awss, room, width, theme));
    out
}

/// The first rows of a text; the last of them tells where it goes on.
pub fn first_rows(mut out: Vec<Line<'static>>, rows: usize, width: usize, theme: Theme) -> Vec<Line<'static>> {
    if out.len() <= rows {
        return out;
    }
    out.truncate(rows);
    if let Some(last) = out.last_mut()
        && let Some(end) = last.spans.pop()
    {
        let more = theme.sign_text(Sign::More);
        let room = width.saturating_sub(last.width());
        let text = fit_width(end.content.trim_end(), room.saturating_sub(more.width() + 1), theme.ascii);
        let text = if text.ends_with(more) { text } else { format!("{text} {more}") };
        last.spans.push(Span::styled(text, end.style));
    }
    out
}

/// A line with a spinner and words about what is awaited.
pub fn waiting_line(words: &str, waited: u64, theme: Theme) -> Line<'static> {
    Line::from(vec![
        role_span(theme, Role::Accent, theme.spinner_sign(waited)),
        role_span(theme, Role::Dim, format!(" {words}")),
    ])
}

/// A bar of `width` cells, filled as far as something is done.
pub fn progress_bar(done: usize, total: usize, width: usize, theme: Theme) -> String {
    let filled = (done * width).checked_div(total).unwrap_or(0).min(width);
    theme.sign_text(Sign::Full).repeat(filled) + &theme.sign_text(Sign::Empty).repeat(width - filled)
}

/// `done of total`, with a bar of `width` cells before it.
pub fn progress_line(done: usize, total: usize, width: usize, words: &str, theme: Theme) -> Line<'static> {
    Line::from(vec![
        role_span(theme, Role::Accent, progress_bar(done, total, width, theme)),
        role_span(theme, Role::Plain, format!(" {done} of {total}")),
        role_span(theme, Role::Dim, format!(" {words}")),
    ])
}

/// Returns the line about AWS's wish to slow down.
pub fn slowdown_line(words: &str, width: usize, theme: Theme) -> Line<'static> {
    let words = format!(" {} {words}", theme.sign_text(Sign::Warn));
    role_line(theme, Role::Warn, fit_width(&words, width, theme.ascii))
}

/// An area of at most this size in the middle of another, cleared for an overlay, with a border and a title.
pub fn draw_popup(frame: &mut Frame, within: Rect, width: u16, height: u16, title: &str, theme: Theme) -> Rect {
    use ratatui::widgets::{Block, BorderType};
    let area = within.centered(
        ratatui::layout::Constraint::Length(width.min(within.width)),
        ratatui::layout::Constraint::Length(height.min(within.height)),
    );
    frame.render_widget(Clear, area);
    let set = if theme.ascii {
        ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }
    } else {
        BorderType::Rounded.to_border_set()
    };
    let block = Block::bordered()
        .border_set(set)
        .border_style(theme.role_style(Role::Accent))
        .title(Span::styled(format!(" {title} "), theme.role_style(Role::Strong)))
        .padding(ratatui::widgets::Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_blanks_and_cuts_only_what_is_too_long() {
        assert_eq!(wrap_lines("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap_lines("arn:aws:iam::111111111111:root", 12), ["arn:aws:iam:", ":11111111111", "1:root"]);
        assert_eq!(wrap_lines("", 5), [""]);
        assert_eq!(wrap_lines("a\nb", 5), ["a", "b"]);
    }

    #[test]
    fn a_cell_is_exactly_as_wide_as_asked() {
        for text in ["", "short", "a very long name indeed", "名前名前名前"] {
            assert_eq!(fixed_width(text, 9, false).width(), 9, "{text}");
        }
    }
}
