//! The list of all actions, over the body of the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, draw_bar, draw_field, draw_lines, draw_popup, fixed_width, full_width, marked_spans, role_line,
    role_span,
};
use crate::ecr::text::fit_width;
use crate::wizard::Model;
use crate::wizard::fuzzy::Fuzzy;

const NAME: usize = 18;
const KEYS: usize = 16;
/// The least room for the words about an action; with less, only those about the chosen one are shown.
const LEAST_WORDS: usize = 24;

/// Draws the list over the step's body.
pub fn draw(frame: &mut Frame, body: Rect, model: &Model, theme: Theme) {
    let inner = draw_popup(frame, body, body.width.min(100), body.height, "All commands", theme);
    let palette = &model.palette;
    draw_field(frame, Rect { height: inner.height.min(1), ..inner }, "Action:", &palette.field, true, theme);
    let list = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(2), ..inner };
    if palette.rows.is_empty() {
        draw_lines(frame, list, vec![role_line(theme, Role::Plain, "no action is called that")]);
        return;
    }
    let mut fuzzy = Fuzzy::new(palette.field.text().trim());
    // The last cell is the bar's.
    let room = usize::from(list.width).saturating_sub(NAME + KEYS + 5);
    let room = if room < LEAST_WORDS { 0 } else { room };
    let mut out = Vec::new();
    for at in palette.cursor.shown_rows(palette.rows.len(), usize::from(list.height)) {
        let Some(entry) = palette.entry_at(at) else { continue };
        let chosen = at == palette.cursor.selected;
        let sign = if chosen { theme.sign_text(Sign::Chosen) } else { " " };
        let (role, words) = match &entry.off {
            Some(why) => (Role::Dim, format!("off: {why}")),
            None => (Role::Plain, entry.help.to_owned()),
        };
        let mut parts = vec![Span::raw(format!("{sign} "))];
        parts.extend(marked_spans(theme, role, entry.name, &fuzzy.match_marks(entry.name), NAME, false));
        parts.push(role_span(theme, Role::Key, format!(" {}", fixed_width(&entry.keys, KEYS, theme.ascii))));
        let short = if room == 0 && entry.off.is_some() { "off" } else { "" };
        parts.push(role_span(
            theme,
            Role::Dim,
            format!(" {}", fixed_width(if room == 0 { short } else { &words }, room.max(3), theme.ascii)),
        ));
        if chosen {
            let row = Rect { y: inner.bottom().saturating_sub(1), height: inner.height.min(1), ..inner };
            draw_lines(
                frame,
                row,
                vec![role_line(theme, role, fit_width(&words, usize::from(row.width), theme.ascii))],
            );
        }
        let row = Line::from(parts);
        out.push(if chosen { chosen_row(full_width(row, list), theme) } else { row });
    }
    draw_lines(frame, list, out);
    draw_bar(frame, list, palette.cursor.offset, palette.rows.len(), theme);
}

#[cfg(test)]
mod tests {
    use crate::view::testing::draw_snapshot;
    use crate::wizard::testing::{policy_model, press_key, signed_model, type_text};
    use crate::wizard::{Key, Step};

    #[test]
    fn the_list_names_keys_and_tells_why_an_action_is_off() {
        let mut model = policy_model(None);
        press_key(&mut model, Key::with_ctrl('p'));
        insta::assert_snapshot!("palette_80x24", draw_snapshot(&mut model, 80, 24));
        type_text(&mut model, "do");
        insta::assert_snapshot!("palette_filtered_120x40", draw_snapshot(&mut model, 120, 40));
        type_text(&mut model, "zzz");
        insta::assert_snapshot!("palette_nothing_60x16", draw_snapshot(&mut model, 60, 16));
    }

    #[test]
    fn the_list_is_there_on_every_step() {
        for step in Step::ALL {
            let mut model = signed_model();
            model.step = step;
            press_key(&mut model, Key::with_ctrl('p'));
            assert!(draw_snapshot(&mut model, 80, 24).contains("All commands"), "{step:?}");
        }
    }
}
