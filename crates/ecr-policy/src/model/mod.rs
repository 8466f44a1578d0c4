//! A policy as data: the document with the span of everything, how it is read, principals, action sets, and a grant that
//! is wanted.

pub mod actions;
pub mod document;
pub mod grant;
pub(crate) mod partial_statement;
pub mod principal;
pub(crate) mod reading;

pub use grant::{Wanted, WantedPrincipals};
pub use reading::{ReadProblem, ReadProblemKind};
