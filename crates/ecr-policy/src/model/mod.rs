//! A policy as data: the document with the span of everything, principals, action sets, and a grant that is wanted.

pub mod actions;
pub mod document;
pub mod grant;
pub mod principal;

pub use grant::{Wanted, WantedPrincipals};
