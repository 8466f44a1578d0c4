//! Works on texts without regard to their meaning: layout, edits, spelling, patterns.

pub mod edits;
pub mod glob;
pub mod layout;
pub mod spelling;

pub use edits::TextEdit;
pub use layout::{format, minify, text_to_send};
