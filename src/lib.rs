//! `ecr-grant`: a terminal wizard for the owner of private Amazon ECR repositories.
//!
//! The rooms and what each may import are held to a table by `tests/it/rooms.rs`; the README tells what the program
//! does, this library's modules how.
//!
//! The policy engine can be used by itself:
//!
//! ```
//! use ecr_grant::ecr::AccountId;
//! use ecr_grant::policy::access::table;
//! use ecr_grant::policy::document::Policy;
//! use ecr_grant::policy::explain::access_words;
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": [{
//!     "Effect": "Allow",
//!     "Principal": {"AWS": "111111111111"},
//!     "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
//! }]}"#;
//! let policy = Policy::read(text).map_err(|problems| problems.len())?;
//! let owner = AccountId::parse("222222222222").map_err(|_| 0_usize)?;
//! assert_eq!(access_words(&table(&policy, &owner)), "account 111111111111 can pull");
//! # Ok::<(), usize>(())
//! ```

pub mod apply;
pub mod aws;
pub mod cli;
pub mod ecr;
pub mod handoff;
pub mod journal;
pub mod plan;
pub mod policy;
pub mod review;
pub mod runtime;
pub mod sandbox;
pub mod view;
pub mod wizard;
