//! The names that can stand at the caret, in a list beside it.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr as _;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{chosen_row, draw_lines, fixed_width, role_span};
use crate::wizard::policy::{Completion, Suggestion};

/// The most cells that a meaning takes.
const WIDEST_WORDS: usize = 64;

/// The word beside a name, and what the name means.
fn offer_meaning(offer: &Suggestion) -> String {
    let between = if offer.note.is_empty() || offer.words.is_empty() { "" } else { ": " };
    format!("{}{between}{}", offer.note, offer.words)
}

/// Draws the list below the caret or above it, within the area of the text.
pub fn draw(frame: &mut Frame, area: Rect, caret: Position, completion: &Completion, theme: Theme) {
    let caret_row = usize::from(caret.y.saturating_sub(area.y));
    let (first, height) = completion.list_rows(usize::from(area.height), caret_row);
    let offers = completion.all_offers();
    let widest = |of: fn(&Suggestion) -> usize| offers.iter().map(of).max().unwrap_or_default();
    // A bar and a blank on each side; two blanks between the name and what it means.
    let most = usize::from(area.width).saturating_sub(4);
    let name_width = widest(|offer| offer.text.width()).min((most / 2).max(32)).min(most);
    let words_width = widest(|offer| offer_meaning(offer).width()).min(WIDEST_WORDS);
    let wanted = name_width + if words_width > 0 { words_width + 2 } else { 0 } + 4;
    let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let width = small(wanted).min(area.width);
    // The names begin where the string does, as far as there is room.
    let x = caret.x.saturating_sub(small(completion.typed_part().width()).saturating_add(2)).max(area.x);
    let x = x.min(area.right().saturating_sub(width));
    let place = Rect { x, y: area.y.saturating_add(small(first)), width, height: small(height) };
    let place = place.intersection(area).intersection(frame.area());
    if place.is_empty() {
        return;
    }
    frame.render_widget(Clear, place);
    let room = usize::from(place.width).saturating_sub(4);
    let words_room = room.saturating_sub(name_width + 2);
    let bar = || role_span(theme, Role::Dim, theme.sign_text(Sign::Bar));
    let rows = completion.cursor.shown_rows(offers.len(), height).filter_map(|at| Some((at, offers.get(at)?)));
    let out = rows.map(|(at, offer)| {
        let name = fixed_width(&offer.text, name_width.min(room), theme.ascii);
        let mut parts = vec![Span::raw(" "), role_span(theme, Role::Plain, name)];
        if words_room > 7 {
            let whole = fixed_width(&offer_meaning(offer), words_room, theme.ascii);
            // The word of risk is the beginning of the meaning; narrow windows cut the end.
            let (note, words) = whole.split_at_checked(offer.note.len()).unwrap_or(("", &whole));
            parts.push(Span::raw("  "));
            parts.push(role_span(theme, if offer.is_risky { Role::Warn } else { Role::Plain }, note));
            parts.push(role_span(theme, Role::Dim, words));
        }
        parts.push(Span::raw(" "));
        let inner = Line::from(parts);
        let inner = if at == completion.cursor.selected { chosen_row(inner, theme) } else { inner };
        let mut whole = vec![bar()];
        // The style of the chosen row is its line's: it goes to each piece, so that the bars keep theirs.
        whole.extend(inner.spans.into_iter().map(|part| Span::styled(part.content, inner.style.patch(part.style))));
        whole.push(bar());
        Line::from(whole)
    });
    draw_lines(frame, place, out.collect());
}
