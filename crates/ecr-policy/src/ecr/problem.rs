//! What is wrong with a text that somebody typed.

/// Why a text cannot be taken, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {next}")]
pub struct Problem {
    /// What is wrong, to what.
    pub what: String,
    /// What to type in its place.
    pub next: String,
}
