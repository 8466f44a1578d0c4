//! One section of a kit, checked when it is made.

use crate::ecr::text::{make_visible, visible_lines};

/// One section of a kit, which can be copied or written to a file. Its texts hold no unseen characters but the line
/// feeds of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitSection {
    key: &'static str,
    file_name: String,
    title: String,
    words: String,
    body: String,
}

/// The texts of a section, not checked yet.
pub(super) struct Parts {
    pub(super) key: &'static str,
    pub(super) title: String,
    pub(super) words: String,
    pub(super) body: String,
    pub(super) file_name: &'static str,
}

impl KitSection {
    /// Makes the texts visible. Commands quote unseen characters before (`shell::quote_word`): a visible sign would change
    /// the command.
    ///
    /// `stem` begins the name of its file.
    pub(super) fn new(stem: &str, parts: Parts) -> Self {
        let Parts { key, title, words, body, file_name } = parts;
        let file_name = format!("{stem}-{file_name}");
        Self { key, file_name, title: make_visible(&title), words: make_visible(&words), body: visible_lines(&body) }
    }

    /// Returns the section's stable key, such as `identity-policy`.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the name of its file, without a folder.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Returns the title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the purpose and the use of the section, in whole sentences.
    pub fn purpose_words(&self) -> &str {
        &self.words
    }

    /// Returns the text to copy: commands, JSON, lines. Never empty.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Tells whether it is a text to send as it is, made of other sections.
    pub fn is_message(&self) -> bool {
        matches!(self.key, "message" | "for-the-writer")
    }

    /// Tells whether the body is a list of sentences, which Markdown shows as it is.
    pub(super) fn is_list(&self) -> bool {
        self.body
            .lines()
            .all(|line| line.starts_with("- ") || line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(". "))
    }
}
