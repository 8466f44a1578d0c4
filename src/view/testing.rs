//! Snapshots of screens: the text, and below it a map of styles with a legend, so that a lost highlight is seen too.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Style;

use crate::wizard::{Model, Size};

/// Draws the model at a size and writes text and styles down.
pub fn draw_snapshot(model: &mut Model, columns: u16, rows: u16) -> String {
    crate::wizard::testing::happen(model, crate::wizard::Event::Resized(Size { columns, rows }));
    super::tests::rebound_keys::are_named(model, columns, rows);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let buffer = terminal.draw(|frame| super::draw(frame, model)).unwrap().buffer.clone();
    let mut legend: Vec<Style> = vec![Style::reset()];
    let mut text = String::new();
    let mut map = String::new();
    for y in 0..rows {
        let mut line = String::new();
        let mut marks = String::new();
        for x in 0..columns {
            let cell = &buffer[(x, y)];
            line.push_str(cell.symbol());
            let style = if cell.symbol() == " " && cell.modifier.is_empty() { Style::reset() } else { cell.style() };
            let at = legend.iter().position(|s| is_same_style(*s, style)).unwrap_or_else(|| {
                legend.push(style);
                legend.len() - 1
            });
            marks.push(b".abcdefghijklmnopqrstuvwxyz"[at.min(26)] as char);
        }
        writeln!(text, "|{}", line.trim_end()).unwrap();
        writeln!(map, "|{}", marks.trim_end_matches('.')).unwrap();
    }
    let mut out = format!("{text}\nstyles\n{map}\n");
    for (at, style) in legend.iter().enumerate().skip(1) {
        let letter = b".abcdefghijklmnopqrstuvwxyz"[at.min(26)] as char;
        writeln!(out, "{letter}: {:?} {:?}", style.fg.unwrap_or_default(), style.add_modifier).unwrap();
    }
    out
}

/// Returns what is on the screen, row by row, without styles.
pub fn screen_text(model: &Model, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let buffer = terminal.draw(|frame| super::draw(frame, model)).unwrap().buffer.clone();
    let row = |y| (0..columns).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..rows).map(|y| row(y) + "\n").collect()
}

fn is_same_style(a: Style, b: Style) -> bool {
    a.fg.unwrap_or_default() == b.fg.unwrap_or_default()
        && a.bg.unwrap_or_default() == b.bg.unwrap_or_default()
        && a.add_modifier == b.add_modifier
}
