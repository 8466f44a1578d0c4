//! The pictures of the README: drawn from the real screens of the real program on the sandbox. A picture that differs
//! from the program fails the test; `ECR_GRANT_UPDATE=1 cargo test pictures` draws them anew. One picture shows the
//! whole job: the frames of all steps, one after the other.

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

/// The picture of the whole job, in which the frames follow one another.
const WHOLE_JOB: &str = "whole-job";
/// The most bytes that the picture of the whole job may have.
const MOST_BYTES: usize = 150_000;

/// The pictures of one run: those that differ from the stored ones, and the frames of the whole job.
#[derive(Default)]
struct Album {
    stale: Vec<&'static str>,
    /// The elements of each frame, with its duration in tenths of a second.
    frames: Vec<(String, u32)>,
}

impl Album {
    /// Adds the present screen to the whole job.
    fn add_frame(&mut self, pty: &Pty, tenths: u32) {
        self.frames.push((draw_settled(pty), tenths));
    }

    /// Shortens the backup's file name in the last frame: its time, process and random part differ from run to run.
    fn shorten_backup_name(&mut self) {
        let (elements, _) = self.frames.last_mut().unwrap();
        let end = elements.find(".jsonl</text>\n").expect("the outcome names the file") + ".jsonl</text>\n".len();
        let begin = elements[..end - 1].rfind('\n').unwrap() + 1;
        let attributes = elements[begin..].split(" textLength").next().unwrap();
        let shortened = format!("{attributes}>…/changes/…_….jsonl</text>\n");
        elements.replace_range(begin..end, &shortened);
    }

    /// Adds the present screen to the whole job, and keeps it as a picture of its own.
    fn add_picture(&mut self, name: &'static str, pty: &Pty, tenths: u32) {
        self.add_frame(pty, tenths);
        let drawn = format!("{}{}{}", picture_head(name), self.frames.last().unwrap().0, TAIL);
        self.compare_stored(name, &drawn);
    }

    /// Compares a picture with the stored one, or stores it.
    fn compare_stored(&mut self, name: &'static str, drawn: &str) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/pictures").join(format!("{name}.svg"));
        if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, drawn).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != drawn {
            self.stale.push(name);
        }
    }

    /// Returns the frames as one picture that shows them in turn. A reader who asked for less motion, and a viewer
    /// without animations, see the last frame.
    fn whole_job(&self) -> String {
        let length: u32 = self.frames.iter().map(|(_, tenths)| tenths).sum();
        let share = |tenths: u32| f64::from(tenths) * 100.0 / f64::from(length);
        let mut style = String::from("<style>\n.frame{visibility:hidden}.last{visibility:visible}\n");
        let mut frames = String::new();
        let mut begin = 0;
        for (at, (elements, tenths)) in self.frames.iter().enumerate() {
            let end = begin + tenths;
            let last = at + 1 == self.frames.len();
            let before = if at == 0 { String::new() } else { "0%{visibility:hidden}".to_owned() };
            let after = if last { String::new() } else { format!("{:.2}%{{visibility:hidden}}", share(end)) };
            let kept = if last { "visible" } else { "hidden" };
            writeln!(
                style,
                "@keyframes f{at}{{{before}{:.2}%{{visibility:visible}}{after}100%{{visibility:{kept}}}}}\n\
                 .f{at}{{animation:f{at} {:.1}s step-end infinite}}",
                share(begin),
                f64::from(length) / 10.0
            )
            .unwrap();
            let class = if last { " last" } else { "" };
            write!(frames, "<g class=\"frame f{at}{class}\">\n{elements}</g>\n").unwrap();
            begin = end;
        }
        style.push_str("@media (prefers-reduced-motion:reduce){.frame{animation:none}}\n</style>\n");
        let title = "The whole job in the demo: account, repository, actions, policy, save, permissions";
        format!("{}{style}{frames}{TAIL}", picture_head(title))
    }
}

/// Draws a screen that stays: a frame arrives in pieces.
fn draw_settled(pty: &Pty) -> String {
    let draw = || pty.with_screen(draw_elements);
    let mut drawn = draw();
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let again = draw();
        if std::mem::replace(&mut drawn, again) == drawn {
            break;
        }
    }
    drawn
}

#[test]
fn the_pictures_show_what_the_program_shows() {
    let home = tempfile::tempdir().unwrap();
    let mut album = Album::default();
    let mut pty = Pty::start_wizard(&["--demo"], COLUMNS, ROWS, home.path());
    crate::journeys::to_account(&mut pty);
    album.add_picture("1-account", &pty, 20);
    crate::journeys::to_repositories(&mut pty);
    pty.wait_until("every policy", |text| !text.contains("who can pull:"));
    album.add_picture("2-repository", &pty, 22);
    pty.press_keys("/").type_text("vendorapp").wait_for("created 2025-01-06");
    album.add_frame(&pty, 12);
    pty.press_keys("Enter").wait_for("›  vendorapp").press_keys("Enter").wait_for("Grantee");
    album.add_frame(&pty, 12);
    crate::journeys::name_release(&mut pty);
    album.add_picture("3-actions", &pty, 26);
    crate::journeys::to_policy(&mut pty);
    album.add_picture("4-policy", &pty, 32);
    crate::journeys::to_save(&mut pty);
    album.add_picture("5-save", &pty, 32);
    crate::journeys::confirm_save(&mut pty);
    album.add_frame(&pty, 22);
    album.shorten_backup_name();
    crate::journeys::to_permissions(&mut pty);
    album.add_picture("6-permissions", &pty, 40);

    let whole_job = album.whole_job();
    assert!(whole_job.len() <= MOST_BYTES, "the picture of the whole job has {} bytes", whole_job.len());
    album.compare_stored(WHOLE_JOB, &whole_job);
    let stale = album.stale;
    assert!(stale.is_empty(), "stale pictures: {stale:?}; draw them with ECR_GRANT_UPDATE=1 cargo test pictures");
}

/// Returns the beginning of a picture, up to its elements.
fn picture_head(title: &str) -> String {
    let (width, height) = (f32::from(COLUMNS) * CELL.0 + 16.0, f32::from(ROWS) * CELL.1 + 16.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         role=\"img\" aria-label=\"{title}\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#16181a\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n"
    )
}

/// The end of a picture, behind its elements.
const TAIL: &str = "</g>\n</svg>\n";

/// Draws a screen as elements of SVG: runs of cells of one style, background first.
fn draw_elements(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let mut out = String::new();
    for row in 0..rows {
        let y = 8.0 + f32::from(row) * CELL.1;
        let mut column = 0;
        while column < columns {
            let Some(cell) = screen.cell(row, column) else { break };
            let style = CellStyle::style_of(cell);
            let start = column;
            let mut text = String::new();
            while let Some(cell) =
                screen.cell(row, column).filter(|c| column < columns && CellStyle::style_of(c) == style)
            {
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                column += 1;
            }
            style.write_run(&mut out, &text, start, column - start, y);
        }
    }
    out
}

#[derive(PartialEq)]
struct CellStyle {
    ink: String,
    ground: Option<String>,
    bold: bool,
    underline: bool,
    dim: bool,
}

impl CellStyle {
    fn style_of(cell: &vt100::Cell) -> Self {
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

    fn write_run(&self, out: &mut String, text: &str, start: u16, count: u16, y: f32) {
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
                let x = x + cells_width(column + blanks);
                let escaped = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\" textLength=\"{:.1}\"{more}>{escaped}</text>",
                    y + 13.5,
                    self.ink,
                    cells_width(words.width())
                )
                .unwrap();
            }
            column += piece.width() + 2;
        }
    }
}

/// Returns the width of so many cells.
fn cells_width(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX)) * CELL.0
}
