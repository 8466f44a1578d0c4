//! The line over the footer while a text is looked for, a line is gone to, or names are offered.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr as _;

use super::super::theme::{Role, Theme};
use super::super::widgets::{draw_field, draw_lines, role_line, role_span};
use crate::ecr::text::{fit_width, make_visible};
use crate::wizard::Model;
use crate::wizard::policy::{Completion, Prompt};

/// Draws what is asked; `false`: nothing is.
pub fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) -> bool {
    let step = &model.policy;
    if let Some(completion) = step.completion() {
        draw_names(frame, area, completion, theme);
        return true;
    }
    let (Some(prompt), Some(draft)) = (step.prompt(), step.draft()) else { return false };
    let (label, value, role, words) = match prompt {
        Prompt::Find(find) => {
            let (role, words) = match find.match_number() {
                Some((at, all)) => (Role::Strong, format!("{at} of {all}")),
                None if find.field.is_empty() => (Role::Dim, "type what to find".to_owned()),
                None => (Role::Bad, "nothing found".to_owned()),
            };
            (" find", &find.field, role, words)
        }
        Prompt::Line(number) => {
            let all = draft.editor.line_count();
            let role = if number.is_wrong { Role::Bad } else { Role::Dim };
            (" line", &number.field, role, format!("1 to {all}, or a place such as 1:5"))
        }
    };
    let words = fit_width(&words, usize::from(area.width / 2), theme.ascii);
    let room = u16::try_from(words.width()).unwrap_or(u16::MAX).saturating_add(1);
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(room)]).spacing(1).areas(area);
    draw_field(frame, left, label, value, model.overlay.is_none(), theme);
    draw_lines(frame, right, vec![role_line(theme, role, words)]);
    true
}

/// Draws the meaning of the chosen name, in full, and the number of names.
fn draw_names(frame: &mut Frame, area: Rect, completion: &Completion, theme: Theme) {
    let Some(offer) = completion.chosen_offer() else { return };
    let count = format!("{} of {}", completion.cursor.selected + 1, completion.all_offers().len());
    let room = u16::try_from(count.width()).unwrap_or(u16::MAX).saturating_add(1);
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(room)]).spacing(1).areas(area);
    let name = format!(" {}", make_visible(&offer.text));
    let words = if offer.words.is_empty() { String::new() } else { format!(": {}", offer.words) };
    let left_room = usize::from(left.width).saturating_sub(name.width());
    let parts = vec![
        role_span(theme, Role::Strong, &name),
        role_span(theme, Role::Plain, fit_width(&make_visible(&words), left_room, theme.ascii)),
    ];
    draw_lines(frame, left, vec![Line::from(parts)]);
    draw_lines(frame, right, vec![role_line(theme, Role::Dim, count)]);
}
