//! The editor's text: line numbers, colours, underlined problems, the selection, and the caret.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::super::theme::{Role, Theme};
use super::super::widgets::{draw_lines, role_span};
use super::look;
use crate::policy::Severity;
use crate::wizard::editor::shown_grapheme;
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
    let scroll = editor.scrolled(usize::from(area.height), width);
    let (caret_line, caret_cell) = editor.caret_place();
    let last = editor.line_count().min(scroll.line + usize::from(area.height));
    let found = match prompt {
        Some(Prompt::Find(find)) => find.all_matches(),
        _ => &[],
    };
    let out = (scroll.line..last).map(|at| {
        let cut = scroll.column > 0 && !editor.line(at).is_empty();
        let mut parts = line_number(draft, at, at == caret_line, cut, usize::from(gutter), theme);
        parts.extend(line_pieces(draft, found, editor.line(at), scroll.column, width, theme));
        Line::from(parts)
    });
    draw_lines(frame, area, out.collect());
    let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let x = area.x.saturating_add(gutter).saturating_add(cells(caret_cell.saturating_sub(scroll.column)));
    let y = area.y.saturating_add(cells(caret_line.saturating_sub(scroll.line)));
    let (right, bottom) = (area.right().saturating_sub(1), area.bottom().saturating_sub(1));
    let caret = Position { x: x.min(right), y: y.min(bottom) };
    if focused && prompt.is_none() {
        frame.set_cursor_position(caret);
    }
    Some(caret)
}

/// The sign of the worst finding of a line, the line's number, and whether the line begins before what is in sight.
fn line_number(
    draft: &EditedText,
    at: usize,
    is_current: bool,
    cut: bool,
    width: usize,
    theme: Theme,
) -> Vec<Span<'static>> {
    let (role, sign) = match draft.worst_in(at) {
        Some((severity, stops)) => {
            let (role, sign) = look(severity, stops);
            (role, theme.sign_text(sign))
        }
        None => (Role::Plain, " "),
    };
    let digits = width.saturating_sub(2);
    let end = if cut { "<" } else { " " };
    let role_of_number = if is_current { Role::Accent } else { Role::Dim };
    vec![
        role_span(theme, role, sign),
        role_span(theme, role_of_number, format!("{:>digits$}", at + 1)),
        role_span(theme, Role::Dim, end),
    ]
}

/// The part of a line that is in sight, in pieces of one style.
fn line_pieces(
    draft: &EditedText,
    found: &[Range<usize>],
    line: Range<usize>,
    from: usize,
    width: usize,
    theme: Theme,
) -> Vec<Span<'static>> {
    let text = draft.editor.text().get(line.clone()).unwrap_or_default();
    let selection = draft.editor.selection().unwrap_or_default();
    let bracket = draft.editor.bracket_pair();
    let problems: Vec<Range<usize>> = draft
        .findings
        .iter()
        // Advice has its mark in the gutter: nothing is wrong that a line should be drawn under.
        .filter(|f| f.stops || f.severity > Severity::Advice)
        .map(|f| f.span.start..f.span.end.max(f.span.start + 1))
        .filter(|span| span.start < line.end && line.start < span.end)
        // A finding about a whole statement would underline all of it: there the first line is enough.
        .filter(|span| span.end <= line.end || span.start >= line.start)
        .collect();
    let mut found = found.iter().skip(found.partition_point(|range| range.end <= line.start)).peekable();
    let mut paints = draft.paints.iter().skip(draft.paints.partition_point(|(span, _)| span.end <= line.start));
    let mut paint = paints.next();
    let mut out: Vec<Span<'static>> = Vec::new();
    let mut cell = 0;
    let mut run = (String::new(), Style::new());
    for (at, grapheme) in text.grapheme_indices(true) {
        let at = line.start + at;
        while paint.is_some_and(|(span, _)| span.end <= at) {
            paint = paints.next();
        }
        let sign = shown_grapheme(grapheme);
        let cells = sign.width();
        if cell + cells > from + width {
            let pad = " ".repeat((from + width).saturating_sub(cell));
            push_piece(&mut out, &mut run, Style::new(), &pad);
            push_piece(&mut out, &mut run, theme.role_style(Role::Dim), ">");
            break;
        }
        let begins = cell;
        cell += cells;
        if begins < from {
            // Half of a wide character may be in sight at the left edge.
            let seen = cell.saturating_sub(from).min(cells);
            push_piece(&mut out, &mut run, Style::new(), &" ".repeat(seen));
            continue;
        }
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
    if selection.contains(&line.end) && cell >= from {
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
