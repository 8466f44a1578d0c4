//! The list of everything that the checks found, and the chosen finding in full below it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{chosen_row, draw_lines, fixed_width, role_line, role_span, wrap_rows};
use super::look;
use super::notes::fix_line;
use crate::policy::{Finding, Severity};
use crate::wizard::policy::{EditedText, Problems};
use crate::wizard::statements::severity_word;
use crate::wizard::{KeyScope, Model};

/// Cells of the severity's word.
const WORD: usize = 7;

/// Draws the rows of the list: sign, word, place, id, message, and whether there is a fix.
pub fn draw_list(frame: &mut Frame, area: Rect, draft: &EditedText, open: &Problems, theme: Theme) {
    let width = usize::from(area.width);
    let place = |finding: &Finding| {
        let at = draft.position_of(finding.span.start);
        format!("{}:{}", at.line, at.column)
    };
    let place_room = draft.listed_findings().map(|finding| place(finding).width()).max().unwrap_or_default().min(9);
    let shown = open.cursor.shown_rows(draft.findings.len(), usize::from(area.height));
    let rows = draft.listed_findings().enumerate().skip(shown.start).take(shown.len()).map(|(at, finding)| {
        let is_chosen = at == open.cursor.selected;
        let (role, sign) = look(finding.severity, finding.stops);
        let quiet = finding.severity == Severity::Advice && !finding.stops;
        let ink = if quiet { Role::Dim } else { Role::Plain };
        let end = if finding.fix.is_some() { " fix " } else { " " };
        let lead = format!(
            "{} {:>place_room$} ",
            fixed_width(severity_word(finding.severity), WORD, theme.ascii),
            place(finding)
        );
        let mut parts = vec![
            role_span(theme, Role::Plain, if is_chosen { theme.sign_text(Sign::Chosen) } else { " " }),
            role_span(theme, role, theme.sign_text(sign)),
            Span::raw(" "),
            role_span(theme, if quiet { Role::Dim } else { role }, lead),
            role_span(theme, Role::Dim, format!("{} ", finding.id)),
        ];
        let used: usize = parts.iter().map(Span::width).sum();
        let room = width.saturating_sub(used + end.width());
        parts.push(role_span(theme, ink, fixed_width(&finding.message, room, theme.ascii)));
        parts.push(role_span(theme, Role::Dim, end));
        let row = Line::from(parts);
        if is_chosen { chosen_row(row, theme) } else { row }
    });
    draw_lines(frame, area, rows.collect());
}

/// Draws a finding in full: the message, why it matters, and the fix.
pub fn in_full(frame: &mut Frame, area: Rect, model: &Model, (draft, finding): (&EditedText, &Finding), theme: Theme) {
    let width = usize::from(area.width).saturating_sub(1);
    let rows = usize::from(area.height);
    let room = width.saturating_sub(3);
    let mut out: Vec<Line<'static>> = Vec::new();
    let left = rows.saturating_sub(1);
    let message = wrap_rows(&finding.message, room, left.div_ceil(2), theme);
    out.extend(message.iter().map(|text| role_line(theme, Role::Strong, format!("   {text}"))));
    let stops = if finding.stops { "Stops the save. " } else { "" };
    let why = wrap_rows(&format!("{stops}{}", finding.why), room, left.saturating_sub(out.len()), theme);
    out.extend(why.iter().map(|text| role_line(theme, Role::Dim, format!("   {text}"))));
    out.push(
        fix_line(finding, model, draft, KeyScope::Problems, width, theme)
            .unwrap_or_else(|| role_line(theme, Role::Dim, "   no ready fix: it is mended by hand")),
    );
    out.truncate(rows);
    draw_lines(frame, area, out);
}
