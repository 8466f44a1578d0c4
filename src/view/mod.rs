//! Drawing of the wizard's model. Pure: one file per screen, its snapshots beside it.

pub mod theme;
pub mod widgets;

mod acceptance;
mod account;
mod actions;
mod chrome;
mod draft;
mod help;
mod overview;
mod page;
mod palette;
mod pasted;
mod permissions;
mod policy;
mod regions;
mod repository;
mod review;
mod save;
mod statements;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::wizard::layout::{FOOT_ROWS, HEAD_ROWS, is_too_small};
use crate::wizard::{Model, Overlay, Size, Step};
use theme::Theme;

/// The drawing of a step.
#[derive(Debug)]
struct Drawn {
    /// Draws the body.
    draw: fn(&mut Frame, Rect, &Model, Theme),
    /// Draws what is asked in the notice line; `false`: nothing is.
    prompt: fn(&mut Frame, Rect, &Model, Theme) -> bool,
    /// Rows that a notice may take; a field that is filled in above it leaves it one.
    notice_rows: usize,
}

/// The drawings, in the order of the steps.
static DRAWN: [Drawn; Step::ALL.len()] =
    [account::DRAWN, repository::DRAWN, actions::DRAWN, policy::DRAWN, save::DRAWN, permissions::DRAWN];

#[expect(clippy::indexing_slicing, reason = "the table has as many rows as there are steps")]
fn drawn(step: Step) -> &'static Drawn {
    &DRAWN[step as usize]
}

/// Draws the whole screen. The size comes from the frame: a resize event may still be under way.
pub fn draw(frame: &mut Frame, model: &Model) {
    let theme = Theme::new(&model.settings);
    let area = frame.area();
    if is_too_small(Size { columns: area.width, rows: area.height }) {
        chrome::too_small(frame, area, theme);
        return;
    }
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(HEAD_ROWS), Constraint::Fill(1), Constraint::Length(FOOT_ROWS)])
            .areas(area);
    chrome::draw_head(frame, head, model, theme);
    (drawn(model.step).draw)(frame, body, model, theme);
    chrome::draw_foot(frame, foot, model, theme);
    match model.overlay {
        Some(Overlay::Help { scroll }) => help::draw(frame, head.union(body), model, scroll, theme),
        Some(Overlay::Palette) => palette::draw(frame, body, model, theme),
        Some(Overlay::Leave) => chrome::leave_question(frame, area, model, theme),
        Some(Overlay::Draft) => draft::draw_question(frame, area, model, theme),
        Some(Overlay::Pasted) => pasted::draw_question(frame, head.union(body), model, theme),
        None => {}
    }
}
