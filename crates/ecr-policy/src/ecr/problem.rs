//! The problem of a text that somebody typed.

/// The reason why a text cannot be taken, with the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {next}")]
pub struct Problem {
    /// The fault, and the text that has it.
    pub what: String,
    /// The text to type in its place.
    pub next: String,
}
