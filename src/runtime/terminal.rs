//! The terminal, taken over and given back. One guard for start, end, failure, child programs and Ctrl-Z.

use std::io::{self, BufWriter, Stdout, Write};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

use super::background;
use crate::wizard::{Model, Size};

type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// Turns on buttons and wheel, in the form that knows every column. Movement is left out: it would wake us all the
/// time.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// Gives the mouse back to the terminal, whatever a child program had asked for.
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l";
/// Undoes the modes that a killed child may have left on: colours, application keys, a character set.
const AFTER_A_CHILD: &[u8] = b"\x1b[m\x1b[?1l\x1b>\x1b(B\x0f";
/// Ends a scroll region that a child may have left. It moves the cursor: only for a screen of ours.
const NO_REGION: &[u8] = b"\x1b[r";

/// The screen that the wizard draws on. Dropping it gives the terminal back.
pub struct TerminalScreen {
    terminal: Terminal<Backend>,
    entered: bool,
    mouse: bool,
    /// The terminal's modes in the shell's hands: a child program may leave others behind.
    modes: Option<Termios>,
}

impl TerminalScreen {
    /// Takes the terminal over: raw mode, the alternate screen, bracketed paste, and the mouse where it is wanted.
    pub fn enter_screen(mouse: bool) -> io::Result<Self> {
        // crossterm answers NO_COLOR with a reset in place of each colour, which also removes reverse and bold; the
        // theme leaves colours out itself.
        crossterm::style::force_color_output(true);
        let modes = tcgetattr(io::stdin()).ok();
        take_over(mouse)?;
        let terminal = match Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout()))) {
            Ok(terminal) => terminal,
            Err(error) => {
                give_back(&mut io::stdout(), mouse);
                return Err(error);
            }
        };
        Ok(Self { terminal, entered: true, mouse, modes })
    }

    /// Returns the size of the terminal; `80x24` where it is unknown.
    pub fn read_size() -> Size {
        let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
        Size { columns, rows }
    }

    /// Draws the model in one synchronized update: the terminal shows a whole frame or the one before.
    pub fn draw(&mut self, model: &Model) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| crate::view::draw(frame, model))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    /// Gives the terminal back for a while.
    pub fn leave_screen(&mut self) {
        if self.entered {
            self.entered = false;
            // Half a frame, where drawing failed, must not come out behind it: all goes the same way.
            give_back(self.terminal.backend_mut(), self.mouse);
        }
    }

    /// Takes the terminal over again after a child program or a stop; the next frame is drawn whole.
    /// `Terminal::clear` is not used: it asks the terminal for its cursor and waits for the answer.
    pub fn enter_again(&mut self) -> io::Result<()> {
        if let Some(modes) = &self.modes {
            // A child that was killed in raw mode leaves it behind; it would be taken for the shell's own.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
        // Before our screen: the shell's cursor keeps its colours over it.
        io::stdout().write_all(AFTER_A_CHILD)?;
        take_over(self.mouse)?;
        self.entered = true;
        let size = Self::read_size();
        self.terminal.resize(ratatui::layout::Rect::new(0, 0, size.columns, size.rows))
    }

    /// Asks the terminal for its background; the answer comes with the keys.
    pub fn ask_background(&mut self) -> io::Result<()> {
        self.send_bytes(background::QUESTION)
    }

    /// Sends bytes to the terminal as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.terminal.backend_mut().write_all(bytes)?;
        self.terminal.backend_mut().flush()
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        self.leave_screen();
    }
}

fn take_over(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    let entered = take_bytes(&mut io::stdout(), mouse);
    if entered.is_err() {
        give_back(&mut io::stdout(), mouse);
    }
    entered
}

fn take_bytes(out: &mut impl Write, mouse: bool) -> io::Result<()> {
    queue!(out, EnterAlternateScreen)?;
    out.write_all(NO_REGION)?;
    out.write_all(MOUSE_OFF)?;
    queue!(out, EnableBracketedPaste, cursor::Hide)?;
    if mouse {
        out.write_all(MOUSE_ON)?;
    }
    out.flush()
}

/// Undoes `take_over` in reverse order. Continues when a step fails, because the terminal may be gone.
fn give_back(out: &mut impl Write, mouse: bool) {
    let _ = give_bytes(out, mouse);
    let _ = disable_raw_mode();
}

fn give_bytes(out: &mut impl Write, mouse: bool) -> io::Result<()> {
    // A frame that was not finished holds the terminal's picture, and its colours, until somebody ends it.
    queue!(out, EndSynchronizedUpdate, SetAttribute(Attribute::Reset))?;
    if mouse {
        out.write_all(MOUSE_OFF)?;
    }
    queue!(out, cursor::Show, DisableBracketedPaste, LeaveAlternateScreen)?;
    out.flush()
}

/// Returns the cells of a line of the terminal that the program writes to, where it tells.
pub fn line_width() -> Option<usize> {
    crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// Discards typed keys that were not read yet, for a question that appears only now.
pub fn forget_typed() {
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modes_of(screen: &vt100::Screen) -> (bool, bool, bool, vt100::MouseProtocolMode, bool) {
        (
            screen.alternate_screen(),
            screen.bracketed_paste(),
            screen.hide_cursor(),
            screen.mouse_protocol_mode(),
            screen.inverse() || screen.bold() || screen.fgcolor() != vt100::Color::Default,
        )
    }

    #[test]
    fn what_is_taken_is_given_back_even_in_the_middle_of_a_frame() {
        for mouse in [false, true] {
            let mut parser = vt100::Parser::default();
            parser.process(b"$ ecr-grant\r\n");
            let before = modes_of(parser.screen());
            let text = parser.screen().contents();
            let mut bytes = Vec::new();
            take_bytes(&mut bytes, mouse).unwrap();
            parser.process(&bytes);
            assert_ne!(modes_of(parser.screen()), before);
            assert_eq!(parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None, mouse);
            parser.process(b"\x1b[?2026h\x1b[7m\x1b[1m\x1b[31mhalf a fr");
            let mut bytes = Vec::new();
            give_bytes(&mut bytes, mouse).unwrap();
            parser.process(&bytes);
            assert_eq!(modes_of(parser.screen()), before, "mouse {mouse}");
            assert_eq!(parser.screen().contents(), text);
            assert!(bytes.starts_with(b"\x1b[?2026l"), "the picture is held");
        }
    }

    #[test]
    fn what_a_killed_editor_leaves_on_is_put_out() {
        let mut parser = vt100::Parser::default();
        let before = modes_of(parser.screen());
        // vim, killed: application keys and keypad, mouse, a scroll region.
        parser.process(b"\x1b[?1h\x1b=\x1b[?1002h\x1b[?1006h\x1b[3;10r");
        parser.process(AFTER_A_CHILD);
        parser.process(NO_REGION);
        parser.process(MOUSE_OFF);
        assert_eq!(modes_of(parser.screen()), before);
        assert!(!parser.screen().application_cursor() && !parser.screen().application_keypad());
    }
}
