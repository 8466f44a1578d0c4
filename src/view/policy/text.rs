//! The editor's text: line numbers, colours, underlined problems, the selection, and the caret.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{draw_lines, role_span};
use super::look;
use crate::policy::Severity;
use crate::wizard::editor::{ShownRow, shown_grapheme};
use crate::wizard::policy::{EditedText, Paint, Prompt, gutter};

/// Draws the lines that are in sight, and tells where the caret is; with the focus, the terminal's own cursor is there.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    draft: &EditedText,
    prompt: Option<&Prompt>,
    focused: bool,
    theme: Theme,
) -> Option<Position> {
    let area = area.intersection(frame.area());
    if area.is_empty() {
        return None;
    }
    let editor = &draft.editor;
    let gutter = gutter(editor.line_count());
    let width = usize::from(area.width.saturating_sub(gutter)).saturating_sub(1).max(1);
    let shown = editor.shown(usize::from(area.height), width);
    let caret_line = editor.line_of(editor.caret());
    let found = match prompt {
        Some(Prompt::Find(find)) => find.all_matches(),
        _ => &[],
    };
    let out = shown.rows.iter().map(|row| {
        let mut parts = if row.is_first {
            line_number(draft, row.line, row.line == caret_line, usize::from(gutter), theme)
        } else {
            wrap_mark(usize::from(gutter), theme)
        };
        parts.extend(row_pieces(draft, found, row, theme));
        Line::from(parts)
    });
    draw_lines(frame, area, out.collect());
    let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let (caret_row, caret_cell) = shown.caret;
    let x = area.x.saturating_add(gutter).saturating_add(cells(caret_cell));
    let y = area.y.saturating_add(cells(caret_row));
    let (right, bottom) = (area.right().saturating_sub(1), area.bottom().saturating_sub(1));
    let caret = Position { x: x.min(right), y: y.min(bottom) };
    if focused && prompt.is_none() {
        frame.set_cursor_position(caret);
    }
    Some(caret)
}

/// The gutter of a row that goes on with the line above: a mark in the place of the number.
fn wrap_mark(width: usize, theme: Theme) -> Vec<Span<'static>> {
    let mark = theme.sign_text(Sign::Wrapped);
    let room = width.saturating_sub(1);
    vec![role_span(theme, Role::Dim, format!("{mark:>room$} "))]
}

/// The sign of the worst finding of a line, and the line's number.
fn line_number(draft: &EditedText, at: usize, is_current: bool, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let (role, sign) = match draft.worst_in(at) {
        Some((severity, stops)) => {
            let (role, sign) = look(severity, stops);
            (role, theme.sign_text(sign))
        }
        None => (Role::Plain, " "),
    };
    let digits = width.saturating_sub(2);
    let role_of_number = if is_current { Role::Accent } else { Role::Dim };
    vec![
        role_span(theme, role, sign),
        role_span(theme, role_of_number, format!("{:>digits$}", at + 1)),
        role_span(theme, Role::Dim, " "),
    ]
}

/// A row of a line, in pieces of one style.
fn row_pieces(draft: &EditedText, found: &[Range<usize>], row: &ShownRow, theme: Theme) -> Vec<Span<'static>> {
    let bytes = row.bytes.clone();
    let line = draft.editor.line(row.line);
    let text = draft.editor.text().get(bytes.clone()).unwrap_or_default();
    let selection = draft.editor.selection().unwrap_or_default();
    let bracket = draft.editor.bracket_pair();
    let problems: Vec<Range<usize>> = draft
        .findings
        .iter()
        // Advice has its mark in the gutter: nothing is wrong that a line should be drawn under.
        .filter(|f| f.stops || f.severity > Severity::Advice)
        .map(|f| f.span.start..f.span.end.max(f.span.start + 1))
        .filter(|span| span.start < bytes.end && bytes.start < span.end)
        // A finding about a whole statement would underline all of it: there the first line is enough.
        .filter(|span| span.end <= line.end || span.start >= line.start)
        .collect();
    let mut found = found.iter().skip(found.partition_point(|range| range.end <= bytes.start)).peekable();
    let mut paints = draft.paints.iter().skip(draft.paints.partition_point(|(span, _)| span.end <= bytes.start));
    let mut paint = paints.next();
    let mut out: Vec<Span<'static>> = Vec::new();
    let mut run = (String::new(), Style::new());
    for (at, grapheme) in text.grapheme_indices(true) {
        let at = bytes.start + at;
        while paint.is_some_and(|(span, _)| span.end <= at) {
            paint = paints.next();
        }
        let sign = shown_grapheme(grapheme);
        let mut style = match paint {
            Some((span, kind)) if span.start <= at => theme.role_style(paint_role(*kind)),
            _ => Style::new(),
        };
        if problems.iter().any(|span| span.contains(&at)) {
            style = style.add_modifier(Modifier::UNDERLINED);
        }
        while found.next_if(|range| range.end <= at).is_some() {}
        let is_found = found.peek().is_some_and(|range| range.contains(&at));
        if is_found || bracket.is_some_and(|(open, close)| at == open || at == close) {
            style = style.patch(theme.role_style(Role::Match));
        }
        if selection.contains(&at) {
            style = style.patch(theme.role_style(Role::Selected));
        }
        push_piece(&mut out, &mut run, style, &sign);
    }
    if row.is_last && selection.contains(&line.end) {
        // A selected line end shows as a selected blank.
        push_piece(&mut out, &mut run, theme.role_style(Role::Selected), " ");
    }
    push_piece(&mut out, &mut run, Style::new(), "");
    out
}

/// Adds to the current piece, or ends it and begins another; an empty text ends it.
fn push_piece(out: &mut Vec<Span<'static>>, run: &mut (String, Style), style: Style, text: &str) {
    if (run.1 != style || text.is_empty()) && !run.0.is_empty() {
        out.push(Span::styled(std::mem::take(&mut run.0), run.1));
    }
    run.1 = style;
    run.0.push_str(text);
}

fn paint_role(paint: Paint) -> Role {
    match paint {
        Paint::Plain => Role::Plain,
        Paint::Key => Role::JsonKey,
        Paint::Text => Role::JsonString,
        Paint::Known => Role::JsonKnown,
        Paint::Wrong => Role::Bad,
    }
}
