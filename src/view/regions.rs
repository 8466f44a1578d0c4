//! The list of Regions, in the place of the step's list.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, draw_bar, draw_field, draw_lines, full_width, marked_spans, role_line, role_span, wrap_lines,
};
use crate::wizard::fuzzy::Fuzzy;
use crate::wizard::regions::{HEAD_ROWS, RegionPicker};

pub(super) fn draw(frame: &mut Frame, area: Rect, picker: &RegionPicker, whose: &str, theme: Theme) {
    let [head, list] = Layout::vertical([Constraint::Length(HEAD_ROWS), Constraint::Fill(1)]).areas(area);
    let [title, typed, hint] = Layout::vertical([Constraint::Length(1); 3]).areas(head);
    draw_lines(frame, title, vec![role_line(theme, Role::Strong, format!(" Which Region {whose}"))]);
    draw_field(
        frame,
        Rect { x: typed.x + typed.width.min(1), width: typed.width.saturating_sub(1), ..typed },
        "Region:",
        &picker.field,
        true,
        theme,
    );
    let hints =
        ["type to filter; a Region that is not listed is taken as typed", "type to filter, or a Region not listed"];
    let room = usize::from(hint.width).saturating_sub(1);
    let words = hints.into_iter().find(|words| words.len() <= room).unwrap_or_default();
    draw_lines(frame, hint, vec![role_line(theme, Role::Dim, format!(" {words}"))]);
    if let Some(problem) = picker.typed_problem() {
        let mut out = Vec::new();
        for (at, text) in wrap_lines(&problem, usize::from(list.width).saturating_sub(4)).into_iter().enumerate() {
            let sign = if at == 0 { theme.sign_text(Sign::Warn) } else { " " };
            out.push(Line::from(vec![
                role_span(theme, Role::Warn, format!(" {sign} ")),
                role_span(theme, Role::Plain, text),
            ]));
        }
        draw_lines(frame, list, out);
        return;
    }
    let height = usize::from(list.height);
    let mut fuzzy = Fuzzy::new(picker.field.text().trim());
    let widest = picker.rows.iter().map(|region| region.place_words().width()).max().unwrap_or_default();
    let mut out = Vec::new();
    for at in picker.cursor.shown_rows(picker.rows.len(), height) {
        let Some(region) = picker.rows.get(at) else { continue };
        let chosen = at == picker.cursor.selected;
        let note = if !region.is_known() {
            "not in this program's list; taken as typed"
        } else if picker.current.as_ref() == Some(region) {
            "now"
        } else {
            ""
        };
        let sign = if chosen { theme.sign_text(Sign::Chosen) } else { " " };
        let mut parts = vec![Span::raw(format!(" {sign} "))];
        let query = picker.field.text().trim();
        let of_name = fuzzy.match_marks(region.as_str());
        let at = region.place_holds(query).filter(|_| !query.is_empty());
        let of_place: Vec<usize> = at.map_or_else(Vec::new, |at| (at..at + query.len()).collect());
        parts.extend(marked_spans(theme, Role::Plain, region.as_str(), &of_name, 16, false));
        parts.extend(marked_spans(theme, Role::Dim, region.place_words(), &of_place, widest + 2, false));
        parts.push(role_span(theme, Role::Accent, note));
        let row = Line::from(parts);
        out.push(if chosen { chosen_row(full_width(row, list), theme) } else { row });
    }
    draw_lines(frame, list, out);
    draw_bar(frame, list, picker.cursor.offset, picker.rows.len(), theme);
}
