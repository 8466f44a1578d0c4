//! The help page: what each key does here, and why it is off. Made from the table of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Theme};
use super::widgets::{draw_bar, draw_lines, draw_popup, fixed_width, role_line, role_span, wrap_lines};
use crate::wizard::keymap::Bound;
use crate::wizard::{Model, Overlay};

/// Draws the page over everything but the footer: that says how it is left. No taller than what it says.
pub fn draw(frame: &mut Frame, area: Rect, model: &Model, scroll: usize, theme: Theme) {
    let title = format!("Keys: {}", model.step.title());
    let width = area.width.min(100);
    // A border and a cell of padding on either side; the bar stands in the padding.
    let rows = help_lines(model, usize::from(width.saturating_sub(4)), theme);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX);
    let inner = draw_popup(frame, area, width, height, &title, theme);
    let height = usize::from(inner.height);
    let (len, first) = (rows.len(), scroll.min(rows.len().saturating_sub(height)));
    draw_lines(frame, inner, rows.into_iter().skip(first).take(height).collect());
    draw_bar(frame, Rect { width: inner.width.saturating_add(1), ..inner }, first, len, theme);
}

fn help_lines(model: &Model, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let scopes = under_help(model);
    let all = model.keymap.bindings(&scopes).map(|binding| key_names(&binding).width()).max();
    let column = all.unwrap_or_default().clamp(12, 24);
    let mut rows = Vec::new();
    for scope in scopes {
        let bindings: Vec<_> = model.keymap.bindings(&[scope]).collect();
        if bindings.is_empty() {
            continue;
        }
        if !rows.is_empty() {
            rows.push(Line::default());
        }
        rows.push(role_line(theme, Role::Strong, scope.title()));
        for binding in bindings {
            let why = model.why_off(binding.row.action);
            let words = match &why {
                Some(why) => format!("{} (off: {why})", binding.row.help),
                None => binding.row.help.to_owned(),
            };
            let role = if why.is_some() { Role::Dim } else { Role::Plain };
            for (at, text) in wrap_lines(&words, width.saturating_sub(column + 3)).iter().enumerate() {
                let head = if at == 0 { key_names(&binding) } else { String::new() };
                rows.push(Line::from(vec![
                    role_span(theme, Role::Key, format!("  {}", fixed_width(&head, column, theme.ascii))),
                    role_span(theme, role, format!(" {text}")),
                ]));
            }
        }
    }
    rows
}

/// The keys of a row, all of them.
fn key_names(binding: &Bound<'_>) -> String {
    binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The scopes of the step that the page lies over.
fn under_help(model: &Model) -> Vec<crate::wizard::KeyScope> {
    match model.overlay {
        Some(Overlay::Help { .. }) => model.step_scopes(),
        _ => model.key_scopes(),
    }
}
