//! The pictures of the README: drawn from the real screens of the real program on the sandbox. A picture that no longer
//! shows what the program shows fails the test; `ECR_GRANT_UPDATE=1 cargo test pictures` draws them anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr as _;

use crate::support::pty::Pty;

const COLUMNS: u16 = 100;
const ROWS: u16 = 30;
const CELL: (f32, f32) = (8.4, 18.0);
/// The sixteen ANSI colours as a dark terminal shows them.
const PALETTE: [&str; 16] = [
    "#1d1f21", "#cc4b4b", "#6fae5a", "#d7a94a", "#5b8fd0", "#a776c4", "#4fb0ae", "#c5c8c6", "#6b6f73", "#e06c6c",
    "#98c379", "#e8c872", "#7fb0ec", "#c792dd", "#7fd0cd", "#ffffff",
];

/// Compares a picture with the stored one, or stores it.
fn check(name: &str, pty: &Pty, stale: &mut Vec<String>) {
    // A frame arrives in pieces: a picture is taken of a screen that stays.
    let draw = || pty.with_screen(|screen| svg(screen, name));
    let mut drawn = draw();
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let again = draw();
        if std::mem::replace(&mut drawn, again) == drawn {
            break;
        }
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/pictures").join(format!("{name}.svg"));
    if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    } else if std::fs::read_to_string(&path).unwrap_or_default() != drawn {
        stale.push(name.to_owned());
    }
}

#[test]
fn the_pictures_show_what_the_program_shows() {
    let home = tempfile::tempdir().unwrap();
    let mut stale = Vec::new();
    let mut pty = Pty::wizard(&["--demo"], COLUMNS, ROWS, home.path());
    crate::journeys::to_account(&mut pty);
    check("1-account", &pty, &mut stale);
    crate::journeys::to_repositories(&mut pty);
    pty.wait_until("every policy", |text| !text.contains("who can pull:"));
    check("2-repository", &pty, &mut stale);
    crate::journeys::to_actions(&mut pty);
    crate::journeys::name_release(&mut pty);
    check("3-actions", &pty, &mut stale);
    crate::journeys::to_policy(&mut pty);
    check("4-policy", &pty, &mut stale);
    crate::journeys::to_save(&mut pty);
    check("5-save", &pty, &mut stale);
    crate::journeys::save(&mut pty);
    crate::journeys::to_permissions(&mut pty);
    check("6-permissions", &pty, &mut stale);
    assert!(stale.is_empty(), "stale pictures: {stale:?}; draw them with ECR_GRANT_UPDATE=1 cargo test pictures");
}

/// Draws a screen as SVG: runs of cells of one style, background first.
fn svg(screen: &vt100::Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (f32::from(columns) * CELL.0 + 16.0, f32::from(rows) * CELL.1 + 16.0);
    let mut out = String::new();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         role=\"img\" aria-label=\"{title}\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#16181a\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" \
         xml:space=\"preserve\">"
    )
    .unwrap();
    for row in 0..rows {
        let y = 8.0 + f32::from(row) * CELL.1;
        let mut column = 0;
        while column < columns {
            let Some(cell) = screen.cell(row, column) else { break };
            let style = Style::of(cell);
            let start = column;
            let mut text = String::new();
            while let Some(cell) = screen.cell(row, column).filter(|c| column < columns && Style::of(c) == style) {
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                column += 1;
            }
            style.write(&mut out, &text, start, column - start, y);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

#[derive(PartialEq)]
struct Style {
    ink: String,
    ground: Option<String>,
    bold: bool,
    underline: bool,
    dim: bool,
}

impl Style {
    fn of(cell: &vt100::Cell) -> Self {
        let colour = |c: vt100::Color| match c {
            vt100::Color::Default => None,
            vt100::Color::Idx(n) => PALETTE.get(usize::from(n)).map(|c| (*c).to_owned()),
            vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        };
        let ink = colour(cell.fgcolor()).unwrap_or_else(|| "#d4d7d6".to_owned());
        let ground = colour(cell.bgcolor());
        let (ink, ground) =
            if cell.inverse() { (ground.unwrap_or_else(|| "#16181a".to_owned()), Some(ink)) } else { (ink, ground) };
        Self { ink, ground, bold: cell.bold(), underline: cell.underline(), dim: cell.dim() }
    }

    fn write(&self, out: &mut String, text: &str, start: u16, count: u16, y: f32) {
        let (x, width) = (8.0 + f32::from(start) * CELL.0, f32::from(count) * CELL.0);
        if let Some(ground) = &self.ground {
            writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{ground}\"/>",
                CELL.1
            )
            .unwrap();
        }
        let mut more = String::new();
        if self.bold {
            more.push_str(" font-weight=\"bold\"");
        }
        if self.underline {
            more.push_str(" text-decoration=\"underline\"");
        }
        if self.dim {
            more.push_str(" opacity=\"0.65\"");
        }
        // Each piece between two blanks or more gets its own place: columns line up whatever the reader's font and
        // however its program treats blanks.
        let mut column = 0;
        for piece in text.split("  ") {
            let blanks = piece.len() - piece.trim_start_matches(' ').len();
            let words = piece.trim_matches(' ');
            if !words.is_empty() {
                let x = x + cells(column + blanks);
                let escaped = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\" textLength=\"{:.1}\"{more}>{escaped}</text>",
                    y + 13.5,
                    self.ink,
                    cells(words.width())
                )
                .unwrap();
            }
            column += piece.width() + 2;
        }
    }
}

/// The width of so many cells.
fn cells(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX)) * CELL.0
}
