//! `ecr-grant`: a terminal wizard for the owner of private Amazon ECR repositories.
//!
//! The rooms and what each may import are held to a table by `tests/it/rooms.rs`; the README tells what the program
//! does, this library's modules how.

pub mod ecr;
