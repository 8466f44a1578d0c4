//! Snapshots of screens: the text, and below it a map of styles with a legend, so that a lost highlight is seen too.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Style;

use crate::wizard::{Model, Overlay, Size};

/// Draws the model at a size and writes text and styles down.
pub fn draw_snapshot(model: &mut Model, columns: u16, rows: u16) -> String {
    crate::wizard::testing::happen(model, crate::wizard::Event::Resized(Size { columns, rows }));
    super::tests::rebound_keys::are_named(model, columns, rows);
    footer_has_help_and_a_way_out(model, columns, rows);
    words_take_the_room_of_their_row(model, columns, rows);
    ascii_stands_in_the_same_columns(model, columns, rows);
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

/// Checks that the last row names the help and a key that leads out, in whatever state; a question is its own help.
fn footer_has_help_and_a_way_out(model: &Model, columns: u16, rows: u16) {
    const OUT: [&str; 8] = ["quit", "back", "close", "leave", "stop", "stay", "do not save", "later"];
    if columns < 60 || rows < 10 || matches!(model.overlay, Some(Overlay::Leave | Overlay::Draft | Overlay::Pasted)) {
        return;
    }
    let screen = screen_text(model, columns, rows);
    let footer = screen.lines().last().unwrap_or_default();
    assert!(OUT.iter().any(|word| footer.contains(word)), "no way out: {footer}");
    let is_help = model.overlay.is_some();
    assert!(is_help || footer.contains(" help"), "no help: {footer}");
}

/// Checks that no text ends in the sign of a cut while free cells follow it; two columns stand up to three cells apart.
fn words_take_the_room_of_their_row(model: &Model, columns: u16, rows: u16) {
    const CUT: char = '…';
    for row in screen_text(model, columns, rows).lines() {
        let cells: Vec<char> = row.chars().collect();
        for (at, pair) in cells.windows(2).enumerate() {
            if pair.last() != Some(&CUT) || pair.first().is_none_or(|before| before.is_whitespace()) {
                continue;
            }
            let free = cells.iter().skip(at + 2).take_while(|cell| **cell == ' ').count();
            assert!(free <= 3, "{free} cells are free behind a cut text at {columns}x{rows}:\n{row}");
        }
    }
}

/// Checks that each word and number stands in the same cells with and without `--ascii`. Rows with a cut, whose sign is
/// wider, are left out, and those with a sign in the middle of a sentence. In a narrow window a word of success may move
/// a word to the next row.
fn ascii_stands_in_the_same_columns(model: &mut Model, columns: u16, rows: u16) {
    const WIDER: [&str; 3] = ["…", "→", "you are in account"];
    if model.settings.ascii || columns < 60 {
        return;
    }
    let usual = screen_text(model, columns, rows);
    model.settings.ascii = true;
    let ascii = screen_text(model, columns, rows);
    model.settings.ascii = false;
    for (usual, ascii) in usual.lines().zip(ascii.lines()) {
        assert!(!ascii.contains(['✓', '✗', '·', '•', '›', '─', '│']), "{ascii}");
        let is_sentence = usual.split_once('✓').is_some_and(|(before, _)| before.contains(char::is_alphanumeric));
        if is_sentence || WIDER.iter().any(|wider| usual.contains(wider)) {
            continue;
        }
        let is_word = |cell: &char| cell.is_alphanumeric();
        let moved = usual.chars().zip(ascii.chars()).any(|(usual, ascii)| is_word(&usual) && usual != ascii);
        assert!(!moved, "the columns differ at {columns}x{rows}:\n{usual}\n{ascii}");
    }
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
