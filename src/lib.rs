//! `ecr-grant`: a terminal wizard for the owner of private Amazon ECR repositories.
//!
//! The rooms and what each may import are held to a table by `tests/it/rooms.rs`; the README tells what the program
//! does, this library's modules how.

pub mod apply;
pub mod aws;
pub mod cli;
pub mod ecr;
pub mod handoff;
pub mod journal;
pub mod plan;
pub mod policy;
pub mod runtime;
pub mod sandbox;
pub mod view;
pub mod wizard;
