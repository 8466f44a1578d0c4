//! The question whether to go on with a draft.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::theme::{Role, Theme};
use super::widgets::{draw_lines, draw_popup, fixed_width, role_line, role_span, wrap_lines};
use crate::ecr::text::{fit_width, make_visible};
use crate::wizard::draft::READ_AGAIN;
use crate::wizard::{Action, KeyScope, Model};

/// Cells of a row's name.
const NAME: usize = 11;

/// Draws the question over the screen: what the draft is, and the answers in the last row, whatever room there is.
pub fn draw_question(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let Some(offer) = model.draft.offered_draft() else { return };
    let width = area.width.saturating_sub(4).min(72);
    let room = usize::from(width.saturating_sub(4));
    let mut head: Vec<Line<'static>> =
        wrap_lines(&offer.when_and_where(), room).iter().map(|text| role_line(theme, Role::Plain, text)).collect();
    head.push(Line::default());
    for (name, words) in offer.draft.words() {
        let words = fit_width(&make_visible(&words), room.saturating_sub(NAME + 1), theme.ascii);
        head.push(Line::from(vec![
            role_span(theme, Role::Dim, format!(" {}", fixed_width(name, NAME, theme.ascii))),
            role_span(theme, Role::Strong, words),
        ]));
    }
    let mut note = vec![Line::default()];
    note.extend(wrap_lines(READ_AGAIN, room).iter().map(|text| role_line(theme, Role::Plain, text)));
    note.push(Line::default());
    let keys = answer_lines(model, room, theme);
    let height = u16::try_from(head.len() + note.len() + keys.len() + 2).unwrap_or(u16::MAX);
    let inner = draw_popup(frame, area, width, height, "Go on where you left off?", theme);
    // Where there is too little room, what is less needed gives way to the answers.
    let rows = usize::from(inner.height).saturating_sub(keys.len());
    let mut out = head;
    out.extend(note);
    out.truncate(rows);
    out.extend(keys);
    draw_lines(frame, inner, out);
}

/// The answers with their keys, in one row or below each other.
fn answer_lines(model: &Model, room: usize, theme: Theme) -> Vec<Line<'static>> {
    let all = [(Action::Yes, "go on"), (Action::No, "start anew (discards it)"), (Action::Back, "later")];
    let mut rows = vec![Line::default()];
    for (action, words) in all {
        let key = role_span(theme, Role::Key, model.key_name(KeyScope::DraftQuestion, action));
        let words = role_span(theme, Role::Plain, format!(" {words}   "));
        let width = rows.last().map_or(0, Line::width);
        if width > 0 && width + key.width() + words.width() > room + 3 {
            rows.push(Line::default());
        }
        if let Some(row) = rows.last_mut() {
            row.push_span(key);
            row.push_span(words);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use crate::view::testing::draw_snapshot;
    use crate::wizard::testing::{fresh_model, test_draft};
    use crate::wizard::{Model, draft};

    fn asked() -> Model {
        let mut model = fresh_model();
        model.draft.on = true;
        draft::offer_draft(&mut model, draft::OfferedDraft { draft: test_draft(), age: 12 * 60 });
        model
    }

    #[test]
    fn the_question_says_what_the_draft_is() {
        for (columns, rows) in [(60, 16), (80, 24), (120, 40)] {
            insta::assert_snapshot!(format!("draft_{columns}x{rows}"), draw_snapshot(&mut asked(), columns, rows));
        }
    }

    #[test]
    fn the_answers_are_there_in_the_smallest_window() {
        let text = draw_snapshot(&mut asked(), 40, 10);
        assert!(["Enter go on", "n start anew", "Esc later"].iter().all(|words| text.contains(words)), "{text}");
    }

    #[test]
    fn without_colours_and_in_ascii_it_says_the_same() {
        let mut model = asked();
        model.settings.no_color = true;
        model.settings.ascii = true;
        insta::assert_snapshot!("draft_ascii_80x24", draw_snapshot(&mut model, 80, 24));
    }
}
