//! Holds what is true of every screen.

mod account_names;
mod escape_sequences;
mod mouse;
pub(super) mod rebound_keys;
mod unproved;
