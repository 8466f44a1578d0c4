//! The real binary in a real terminal: keys in, screens out.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

fn nonzero_cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has rows and columns")
}

/// The longest that a test waits for a screen.
const PATIENCE: Duration = Duration::from_secs(30);
/// A person's shortest pause between seeing a screen and answering it.
const SETTLE: Duration = Duration::from_millis(50);

/// A program that runs in a terminal of its own. Dropping it ends the program.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    screen: Arc<Mutex<Terminal>>,
    reader: Option<JoinHandle<()>>,
    /// True where the reader ends with the next bytes.
    closing: Arc<AtomicBool>,
}

/// The output of the program: as a screen, and byte for byte.
struct Terminal {
    parser: Parser,
    bytes: Vec<u8>,
    /// The bytes that the screen shows.
    shown: usize,
}

impl Terminal {
    /// Takes bytes. A frame is shown when it is whole, as real terminals do.
    fn take_bytes(&mut self, came: &[u8]) {
        self.bytes.extend_from_slice(came);
        let hidden = &self.bytes[self.shown..];
        let last = |mark: &[u8]| hidden.windows(mark.len()).rposition(|bytes| bytes == mark);
        let whole = match (last(b"\x1b[?2026h"), last(b"\x1b[?2026l")) {
            (Some(begun), ended) if ended.is_none_or(|ended| ended < begun) => begun,
            _ => hidden.len(),
        };
        self.parser.process(&hidden[..whole]);
        self.shown += whole;
    }
}

impl Pty {
    /// Starts `ecr-grant` with these arguments in an empty environment, `home` as the user's folder.
    pub fn start_wizard(args: &[&str], columns: u16, rows: u16, home: &Path) -> Self {
        Self::start_wizard_with(args, columns, rows, home, &[])
    }

    /// Starts the wizard as `wizard` does, with more environment variables.
    pub fn start_wizard_with(args: &[&str], columns: u16, rows: u16, home: &Path, env: &[(&str, &str)]) -> Self {
        Self::start_command(Self::program_command(args, home, env), columns, rows)
    }

    #[allow(dead_code, reason = "benches/ uses less of it")]
    /// Starts the wizard as `wizard` does, in a terminal that does not control the program: no signal tells of its end.
    pub fn start_without_signals(args: &[&str], columns: u16, rows: u16, home: &Path) -> Self {
        let mut command = Self::program_command(args, home, &[]);
        command.set_controlling_tty(false);
        Self::start_command(command, columns, rows)
    }

    fn program_command(args: &[&str], home: &Path, env: &[(&str, &str)]) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ecr-grant"));
        command.args(args);
        command.env_clear();
        command.cwd(home);
        for (key, value) in
            [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("AWS_EC2_METADATA_DISABLED", "true"), ("NO_PROXY", "*")]
        {
            command.env(key, value);
        }
        command.env("HOME", home);
        command.env("XDG_STATE_HOME", home.join("state"));
        command.env("XDG_CONFIG_HOME", home.join("config"));
        command.env("AWS_CONFIG_FILE", home.join("aws-config"));
        command.env("AWS_SHARED_CREDENTIALS_FILE", home.join("aws-credentials"));
        for (key, value) in env {
            command.env(key, value);
        }
        command
    }

    #[allow(dead_code, reason = "benches/ uses less of it")]
    /// Starts a shell with job control and the prompt `shell$`.
    pub fn start_shell(columns: u16, rows: u16, home: &Path) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.arg("-i");
        command.env_clear();
        command.cwd(home);
        for (key, value) in
            [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin"), ("PS1", "shell$ ")]
        {
            command.env(key, value);
        }
        command.env("HOME", home);
        command.env("XDG_STATE_HOME", home.join("state"));
        Self::start_command(command, columns, rows)
    }

    #[allow(dead_code, reason = "benches/ uses less of it")]
    /// Tells whether the terminal is in the mode that programs start in: lines, echo, signals from keys. Only Linux is
    /// looked at.
    pub fn is_cooked(&self) -> bool {
        // ISIG, ICANON and ECHO.
        let wanted = 0b1011;
        let modes = self.master().get_termios().map_or(0, |modes| u64::from(modes.local_flags.bits()));
        modes & wanted == wanted
    }

    fn start_command(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // With our end of it open the reader would never see the end.
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(Terminal {
            parser: Parser::new(nonzero_cells(rows), nonzero_cells(columns), 0),
            bytes: Vec::new(),
            shown: 0,
        }));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shown = screen.clone();
        let closing = Arc::new(AtomicBool::new(false));
        let is_closing = closing.clone();
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                shown.lock().unwrap().take_bytes(&buffer[..count]);
                if is_closing.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self { child, master: Some(pair.master), keyboard: Some(keyboard), screen, reader: Some(reader), closing }
    }

    /// Presses keys by name, separated by blanks: `Enter Esc Tab Up Down Left Right PgDn Home End Space F2 Ctrl-S`, or a
    /// single character.
    pub fn press_keys(&mut self, names: &str) -> &mut Self {
        for name in names.split_whitespace() {
            let bytes: Vec<u8> = match name {
                "Enter" => b"\r".to_vec(),
                "Esc" => b"\x1b".to_vec(),
                "Tab" => b"\t".to_vec(),
                "Shift-Tab" => b"\x1b[Z".to_vec(),
                "Space" => b" ".to_vec(),
                "Backspace" => b"\x7f".to_vec(),
                "Up" => b"\x1b[A".to_vec(),
                "Down" => b"\x1b[B".to_vec(),
                "Right" => b"\x1b[C".to_vec(),
                "Left" => b"\x1b[D".to_vec(),
                "Home" => b"\x1b[H".to_vec(),
                "End" => b"\x1b[F".to_vec(),
                "PgUp" => b"\x1b[5~".to_vec(),
                "PgDn" => b"\x1b[6~".to_vec(),
                "F1" => b"\x1bOP".to_vec(),
                "F2" => b"\x1bOQ".to_vec(),
                "F3" => b"\x1bOR".to_vec(),
                "F4" => b"\x1bOS".to_vec(),
                "F5" => b"\x1b[15~".to_vec(),
                "F6" => b"\x1b[17~".to_vec(),
                "F8" => b"\x1b[19~".to_vec(),
                "F10" => b"\x1b[21~".to_vec(),
                _ => {
                    if let Some(letter) = name.strip_prefix("Ctrl-") {
                        vec![letter.as_bytes()[0].to_ascii_uppercase() - b'@']
                    } else {
                        assert_eq!(name.chars().count(), 1, "no key is called {name}");
                        name.as_bytes().to_vec()
                    }
                }
            };
            self.send_bytes(&bytes);
            // A lone Esc must not run into the next key's bytes.
            if name == "Esc" {
                std::thread::sleep(Duration::from_millis(120));
            }
        }
        self
    }

    /// Types a text, character by character as far as the program can tell.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        self.send_bytes(text.as_bytes());
        self
    }

    /// Pastes a text as terminals do, in brackets.
    pub fn paste_text(&mut self, text: &str) -> &mut Self {
        self.send_bytes(format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r")).as_bytes());
        self
    }

    fn send_bytes(&mut self, bytes: &[u8]) {
        let keyboard = self.keyboard.as_mut().expect("the terminal is open");
        keyboard.write_all(bytes).unwrap();
        keyboard.flush().unwrap();
    }

    fn master(&self) -> &dyn MasterPty {
        self.master.as_deref().expect("the terminal is open")
    }

    #[allow(dead_code, reason = "benches/ uses less of it")]
    /// Closes the terminal under the program, as a lost connection does.
    pub fn hang_up(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // The help page is drawn: with that the reader ends, and lets go of the terminal.
        self.send_bytes(b"?");
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        // The rest of that frame finds room in the terminal: its drawing is not what fails.
        std::thread::sleep(Duration::from_millis(300));
        self.keyboard = None;
        self.master = None;
    }

    #[allow(dead_code, reason = "the measurements of benches/ use it")]
    /// Sends a key and waits for the frame that answers it. Returns the time between, and the bytes of the frame.
    pub fn time_key(&mut self, key: &[u8]) -> (Duration, usize) {
        let before = self.screen.lock().unwrap().bytes.len();
        let began = Instant::now();
        self.send_bytes(key);
        // A frame ends with the end of a synchronized update.
        loop {
            let sent = &self.screen.lock().unwrap().bytes[before..];
            if sent.ends_with(b"\x1b[?2026l") {
                return (began.elapsed(), sent.len());
            }
            assert!(began.elapsed() < PATIENCE, "no frame came");
            std::thread::yield_now();
        }
    }

    /// Makes the terminal another size.
    pub fn resize_to(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.master().resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.screen.lock().unwrap().parser.screen_mut().set_size(nonzero_cells(rows), nonzero_cells(columns));
        self
    }

    /// Returns the text of the present screen.
    pub fn screen_text(&self) -> String {
        self.screen.lock().unwrap().parser.screen().contents()
    }

    /// Looks at the emulated screen.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.screen.lock().unwrap().parser.screen())
    }

    /// Returns every byte that the program sent so far.
    pub fn sent_bytes(&self) -> Vec<u8> {
        self.screen.lock().unwrap().bytes.clone()
    }

    /// Waits until the screen shows a text.
    pub fn wait_for(&mut self, wanted: &str) -> &mut Self {
        self.wait_until(&format!("`{wanted}`"), |text| text.contains(wanted))
    }

    /// Waits until the screen no longer shows a text.
    pub fn wait_gone(&mut self, unwanted: &str) -> &mut Self {
        self.wait_until(&format!("no `{unwanted}`"), |text| !text.contains(unwanted))
    }

    /// Waits until a condition holds for the screen's text.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.screen_text()) {
            assert!(Instant::now() < end, "waited for {what}; the screen shows:\n{}", self.screen_text());
            std::thread::sleep(Duration::from_millis(10));
        }
        // Nobody answers in the instant in which a screen appears; the program takes such keys for typed ahead.
        std::thread::sleep(SETTLE);
        self
    }

    /// Returns the process id of the program.
    pub fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    #[allow(dead_code, reason = "benches/ uses less of it")]
    /// Returns how often the program's threads of these names have woken so far. Only Linux tells; without an answer
    /// the test fails.
    pub fn count_wakes(&self, of: impl Fn(&str) -> bool) -> u64 {
        let (mut sum, mut threads) = (0, 0);
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process_id())).expect("/proc tells of threads");
        for task in tasks {
            let folder = task.unwrap().path();
            // A thread may end between the two readings.
            let read = |name| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            if of(read("comm").trim()) {
                let status = read("status");
                let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
                if let Some(count) = line.and_then(|line| line.rsplit('\t').next()?.parse::<u64>().ok()) {
                    sum += count;
                    threads += 1;
                }
            }
        }
        assert!(threads > 0, "/proc tells nothing of the threads");
        sum
    }

    #[allow(dead_code, reason = "not every user of this file asks")]
    /// Returns the program's processor time so far, in milliseconds, and whether it still runs. It can be read after
    /// the end until the exit code is asked for. `None`: this system does not tell; Linux does.
    pub fn processor_time(&self) -> Option<(u64, bool)> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process_id())).ok()?;
        // Its name, in brackets, may hold anything. State comes first after it,
        // the ticks in user and in system mode 12th and 13th, a hundred in a second.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(((ticks(11)? + ticks(12)?) * 10, *fields.first()? != "Z"))
    }

    /// Waits for the program's end and returns its exit code.
    pub fn exit_code(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program did not end; the screen shows:\n{}", self.screen_text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The reader ends with the program; a grandchild that kept the terminal open must not hold the test up.
        drop(self.reader.take());
    }
}
