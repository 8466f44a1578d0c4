//! Properties of whatever comes from outside: files, addresses, answers of AWS, requests to the sandbox. Each is one
//! function of arbitrary bytes, shared by the fuzz target of its name and by `tests/it/fuzzed.rs`.

pub mod addresses;
pub mod answers;
pub mod changes;
pub mod configuration;
pub mod drafts;
pub mod profiles;
pub mod sandbox_http;

use std::cell::OnceCell;

use ecr_grant::ecr::Failure;
use ecr_grant::ecr::text::make_visible;
use ecr_grant::ecr::unseen::classify_unseen;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
}

/// Waits for something on this thread.
fn wait_for<T>(waited_for: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| {
        let runtime = runtime.get_or_init(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));
        runtime.block_on(waited_for)
    })
}

/// A property of arbitrary bytes: it panics where they break it.
pub type Property = fn(&[u8]);

/// The properties by the names of their targets and of the folders of their seeds.
pub const ALL: [(&str, Property); 7] = [
    ("addresses", addresses::check_bytes),
    ("answers", answers::check_bytes),
    ("changes", changes::check_bytes),
    ("configuration", configuration::check_bytes),
    ("drafts", drafts::check_bytes),
    ("profiles", profiles::check_bytes),
    ("sandbox-http", sandbox_http::check_bytes),
];

/// Asserts that a text reaches a terminal as it is: something to read, in one line, without characters that nobody sees.
fn is_printable(text: &str) {
    assert!(!text.trim().is_empty(), "no words");
    assert!(text.chars().all(|c| classify_unseen(c).is_none()), "{text:?}");
}

/// Asserts that a text can be read once it is made visible, as whoever prints it does.
fn is_readable(text: &str) {
    is_printable(&make_visible(text));
}

fn is_told(failure: &Failure) {
    is_readable(&failure.what);
    is_readable(&failure.next);
    assert!(failure.command.as_deref().is_none_or(|command| !command.is_empty()));
}

/// Draws the wizard, and asserts that nothing unseen is in its cells.
fn is_drawn_clean(model: &ecr_grant::wizard::Model) {
    let size = model.size;
    let mut terminal = Terminal::new(TestBackend::new(size.columns, size.rows)).expect("a screen in memory");
    let drawn = terminal.draw(|frame| ecr_grant::view::draw(frame, model)).expect("a screen in memory");
    let raw = drawn.buffer.content().iter().find(|cell| cell.symbol().chars().any(|c| classify_unseen(c).is_some()));
    assert_eq!(raw, None);
}

/// Bytes that are taken one after the other; none is left at the end, and 0 is given then.
struct Bytes<'d>(&'d [u8]);

impl<'d> Bytes<'d> {
    fn next(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn next_below(&mut self, limit: usize) -> usize {
        let number = usize::from(self.next()) << 8 | usize::from(self.next());
        number.checked_rem(limit).unwrap_or_default()
    }

    fn next_number(&mut self) -> i64 {
        i64::from_le_bytes(std::array::from_fn(|_| self.next()))
    }

    fn next_text(&mut self) -> String {
        let length = usize::from(self.next()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn rest_bytes(&self) -> &'d [u8] {
        self.0
    }
}

/// Texts that a hostile file or server would hold.
const ODD: [&str; 10] = [
    "",
    "-",
    "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}6n",
    "a\u{202e}b\u{200b}\u{e0041}\u{a0}",
    "../../etc/passwd",
    "$(id);`id`",
    "*",
    "111111111111",
    "us-east-1",
    "\u{0}",
];

/// Changes a few places of a JSON value, as the bytes say: near the real shape, and of nobody's making.
fn bend_value(mut value: Value, bytes: &mut Bytes<'_>) -> Value {
    for _ in 0..=bytes.next_below(4) {
        let mut places = Vec::new();
        list_places(&value, String::new(), &mut places);
        let place = places.swap_remove(bytes.next_below(places.len()));
        let Some(old) = value.pointer_mut(&place) else { continue };
        let new = match bytes.next() % 12 {
            0 => Value::Null,
            1 => bytes.next_number().into(),
            2 => bytes.next().is_multiple_of(2).into(),
            3 => vec![old.take(); 1 + bytes.next_below(3)].into(),
            4 => serde_json::json!({ bytes.next_text(): old.take() }),
            5 => (f64::from(bytes.next()) * 1e306).into(),
            6..=8 => ODD[bytes.next_below(ODD.len())].into(),
            _ => bytes.next_text().into(),
        };
        *old = new;
    }
    value
}

fn list_places(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, inner)| {
            list_places(inner, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), places);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| list_places(inner, format!("{at}/{index}"), places));
        }
        _ => {}
    }
    places.push(at);
}

/// Returns the text that the bytes are, or, behind a `~`, a good value bent as they say.
fn text_or_bent(data: &[u8], good: &str) -> Option<String> {
    if let Some(recipe) = data.strip_prefix(b"~") {
        let value = serde_json::from_str(good).expect("the good text is JSON");
        return Some(bend_value(value, &mut Bytes(recipe)).to_string());
    }
    String::from_utf8(data.to_vec()).ok()
}
