//! One part of a kit, checked when it is made.

use crate::ecr::text::{visible, visible_lines};

/// One part of a kit, which can be copied or written to a file. No text of it holds a character that cannot be seen,
/// the line feeds of the body aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    key: &'static str,
    file_name: &'static str,
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

impl Section {
    /// Makes the texts visible. Commands quote such characters before (`shell::quote`): a sign would change them.
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { key, title, words, body, file_name } = parts;
        Self { key, file_name, title: visible(&title), words: visible(&words), body: visible_lines(&body) }
    }

    /// Returns a name that does not change, such as `identity-policy`.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the file that it is written to, without a folder.
    pub fn file_name(&self) -> &'static str {
        self.file_name
    }

    /// Returns the title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns what it is for and what to do with it, in whole sentences.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Returns what is copied: commands, JSON, lines. Never empty.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns whether the body is a list of sentences, which Markdown shows as it is.
    pub(super) fn is_list(&self) -> bool {
        self.body
            .lines()
            .all(|line| line.starts_with("- ") || line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(". "))
    }
}
