//! The terminal, taken over and given back. One guard for start, end, failure, child programs and Ctrl-Z.

use std::io::{self, BufWriter, Stdout, Write as _};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::wizard::{Model, Size};

type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// The screen that the wizard draws on. Dropping it gives the terminal back.
pub struct Screen {
    terminal: Terminal<Backend>,
    entered: bool,
}

impl Screen {
    /// Takes the terminal over: raw mode, the alternate screen, bracketed paste.
    pub fn enter() -> io::Result<Self> {
        // crossterm answers NO_COLOR with a reset in place of each colour, which also removes reverse and bold; the
        // theme leaves colours out itself.
        crossterm::style::force_color_output(true);
        take_over()?;
        let terminal = match Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout()))) {
            Ok(terminal) => terminal,
            Err(error) => {
                give_back();
                return Err(error);
            }
        };
        Ok(Self { terminal, entered: true })
    }

    /// The size of the terminal, `80x24` where it does not tell.
    pub fn size() -> Size {
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
    pub fn leave(&mut self) {
        if self.entered {
            self.entered = false;
            give_back();
        }
    }

    /// Takes the terminal over again; the next frame is drawn whole. `Terminal::clear` is not used: it asks the
    /// terminal for its cursor and waits for the answer.
    pub fn enter_again(&mut self) -> io::Result<()> {
        take_over()?;
        self.entered = true;
        let size = Self::size();
        self.terminal.resize(ratatui::layout::Rect::new(0, 0, size.columns, size.rows))
    }

    /// Puts a text on the clipboard of the terminal that shows us, by OSC 52: it reaches through SSH; tmux passes it on
    /// when its `set-clipboard` is on.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    let entered = execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide);
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Undoes `take_over` in reverse order; goes on when a step fails, because the terminal may be gone.
fn give_back() {
    let _ = execute!(io::stdout(), cursor::Show, DisableBracketedPaste, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}
