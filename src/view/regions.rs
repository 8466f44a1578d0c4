//! The list of Regions, in the place of the step's list.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::theme::{Role, Sign, Theme};
use super::widgets::{chosen_row, field, line, lines, marked, span, wrap};
use crate::wizard::fuzzy::Fuzzy;
use crate::wizard::regions::{HEAD_ROWS, RegionPicker};

pub(super) fn draw(frame: &mut Frame, area: Rect, picker: &RegionPicker, whose: &str, theme: Theme) {
    let [head, list] = Layout::vertical([Constraint::Length(HEAD_ROWS), Constraint::Fill(1)]).areas(area);
    let [title, typed, hint] = Layout::vertical([Constraint::Length(1); 3]).areas(head);
    lines(frame, title, vec![line(theme, Role::Strong, format!(" Which Region {whose}"))]);
    field(
        frame,
        Rect { x: typed.x + typed.width.min(1), width: typed.width.saturating_sub(1), ..typed },
        "Region:",
        &picker.field,
        true,
        theme,
    );
    lines(frame, hint, vec![line(theme, Role::Dim, " type to filter; a Region that is not listed is taken as typed")]);
    if let Some(problem) = picker.problem() {
        let mut out = Vec::new();
        for (at, text) in wrap(&problem, usize::from(list.width).saturating_sub(4)).into_iter().enumerate() {
            let sign = if at == 0 { theme.sign(Sign::Warn) } else { " " };
            out.push(Line::from(vec![span(theme, Role::Warn, format!(" {sign} ")), span(theme, Role::Plain, text)]));
        }
        lines(frame, list, out);
        return;
    }
    let height = usize::from(list.height);
    let mut fuzzy = Fuzzy::new(picker.field.text().trim());
    let mut out = Vec::new();
    for at in picker.cursor.shown(picker.rows.len(), height) {
        let Some(region) = picker.rows.get(at) else { continue };
        let chosen = at == picker.cursor.selected;
        let note = if picker.current.as_ref() == Some(region) {
            "now"
        } else if !region.is_known() {
            "not in this program's list; taken as typed"
        } else {
            ""
        };
        let sign = if chosen { theme.sign(Sign::Chosen) } else { " " };
        let mut parts = vec![Span::raw(format!(" {sign} "))];
        parts.extend(marked(theme, Role::Plain, region.as_str(), &fuzzy.marks(region.as_str()), 16, false));
        parts.push(span(theme, Role::Dim, format!(" {note} ")));
        let row = Line::from(parts);
        out.push(if chosen { chosen_row(row, theme) } else { row });
    }
    lines(frame, list, out);
}
