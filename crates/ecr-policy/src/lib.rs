//! Reads, checks, evaluates, compares and edits the repository policies of Amazon ECR. Pure: nothing here talks to AWS,
//! reads files, or knows the time.
//!
//! The modules stand on floors; none imports from above. From the ground up: [`ecr`] is the vocabulary of the field;
//! [`syntax`] turns any text into tokens and a tree with positions; [`text`] lays texts out and edits them; [`model`] is the
//! typed document and reads it; `condition` compares values; [`evaluate`](mod@evaluate) decides about one request; [`access`] finds who may do what;
//! [`delta`], [`lockout`] and [`canonical`] compare; [`lint`] holds the checks; [`edit`] grants and
//! revokes; [`explain`] has the words for people; [`RegistryPolicy`] is the policy of the registry around a repository's.
//!
//! # Read
//!
//! ```
//! use ecr_policy::{Policy, ReadProblemKind};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": [{
//!     "Sid": "Pull", "Effect": "Allow", "Principal": {"AWS": "111111111111"},
//!     "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
//! }]}"#;
//! let policy = Policy::read(text).expect("a policy");
//! assert_eq!(policy.statements[0].display_name(0), "statement 1 (Pull)");
//! assert_eq!(Policy::read("{").unwrap_err()[0].kind, ReadProblemKind::NotJson);
//! ```
//!
//! # Check
//!
//! ```
//! use ecr_policy::lint::{CheckOptions, apply_fix, check};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": [{
//!     "Effect": "allow", "Principal": {"AWS": "111111111111"}, "Action": "ecr:BatchGetImage"
//! }]}"#;
//! let findings = check(text, &CheckOptions::default());
//! let finding = findings.iter().find(|finding| finding.stops).expect("ECR refuses `allow`");
//! let mended = apply_fix(text, finding.fix.as_ref().expect("a fix"));
//! assert!(mended.contains(r#""Effect": "Allow""#));
//! assert!(check(&mended, &CheckOptions::default()).iter().all(|finding| !finding.stops));
//! ```
//!
//! # Evaluate
//!
//! ```
//! use ecr_policy::evaluate::{Answer, IdentityPolicies, Request, evaluate};
//! # let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"},
//! #     "Action": "ecr:BatchGetImage"}]}"#;
//! # let policy = ecr_policy::Policy::read(text).unwrap();
//!
//! let request = Request::new(
//!     "arn:aws:iam::111111111111:role/ci",
//!     "ecr:BatchGetImage",
//!     "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp",
//!     IdentityPolicies::All,
//!     Vec::new(),
//! )?;
//! let decision = evaluate(&policy, &request);
//! assert_eq!((decision.answer, decision.allow.as_slice()), (Answer::Allow, [1].as_slice()));
//! # Ok::<(), String>(())
//! ```
//!
//! # Class
//!
//! ```
//! use ecr_policy::access::{Class, table};
//! use ecr_policy::{ecr::AccountId, explain::access_words};
//! # let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"},
//! #     "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}"#;
//! # let policy = ecr_policy::Policy::read(text).unwrap();
//!
//! let access = table(&policy, &AccountId::parse("222222222222").unwrap());
//! assert_eq!(access.class, Class::CrossAccount);
//! assert_eq!(access_words(&access), "account 111111111111 can pull");
//! ```
//!
//! # Delta
//!
//! ```
//! use ecr_policy::delta::delta;
//! use ecr_policy::explain::gain_words;
//! # let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"},
//! #     "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}"#;
//! # let policy = ecr_policy::Policy::read(text).unwrap();
//!
//! let difference = delta(None, Some(&policy));
//! assert_eq!(gain_words(&difference.gains[0]), "account 111111111111 gains pull (2 actions)");
//! assert!(difference.losses.is_empty());
//! ```
//!
//! # Grant and revoke
//!
//! ```
//! use ecr_policy::ecr::Grantee;
//! use ecr_policy::edit::{RevokeOptions, grant, revoke};
//! use ecr_policy::{Wanted, WantedPrincipals};
//!
//! let wanted = Wanted {
//!     sid: "EcrGrantPull".to_owned(),
//!     principals: WantedPrincipals::Aws(vec!["arn:aws:iam::111111111111:root".to_owned()]),
//!     actions: vec!["ecr:BatchGetImage".to_owned()],
//!     conditions: Vec::new(),
//! };
//! let theirs = r#"{ "Version": "2012-10-17", "Statement": [ { "Sid": "Team", "Effect": "Allow",
//!     "Principal": { "AWS": "333333333333" }, "Action": "ecr:BatchGetImage" } ] }"#;
//! let granted = grant(Some(theirs), std::slice::from_ref(&wanted))?;
//! assert!(granted.text.contains(r#""Sid": "Team""#) && granted.text.contains("111111111111"));
//!
//! let grantee = Grantee::parse("111111111111").expect("an account");
//! let revoked = revoke(Some(&granted.text), &[grantee], RevokeOptions::default())?;
//! assert_eq!(revoked.text.as_deref(), Some(theirs));
//! # Ok::<(), ecr_policy::EditProblem>(())
//! ```

pub mod access;
pub mod canonical;
mod condition;
pub mod delta;
pub mod ecr;
pub mod edit;
pub mod evaluate;
pub mod explain;
pub mod lint;
pub mod lockout;
pub mod model;
mod registry;
pub mod syntax;
#[cfg(test)]
mod testing;
pub mod text;

pub use access::{AccessAt, AccessRow, AccessTable, Class, DenyRow, Unproved, Who, table_at};
pub use condition::{
    TimeBound, denies_in_force, has_ended, have_ended, in_force, is_settled, soonest_end, statement_end,
};
pub use delta::{Change, Delta, Witness};
pub use edit::{EditProblem, Edited, Offer, RevokeOptions, Revoked};
pub use evaluate::{Answer, Caller, Decision, IdentityPolicies, evaluate};
pub use explain::Danger;
pub use lint::{CheckOptions, Finding, Fix, Severity, evaluate_text};
pub use model::document::{Actions, Condition, Effect, Origin, Policy, Principals, Resource, Statement};
pub use model::principal::{Principal, PrincipalKind};
pub use model::{ReadProblem, ReadProblemKind, Wanted, WantedPrincipals, document, principal};
pub use registry::{RegistryPolicy, evaluate_in};
pub use syntax::{LineIndex, Position, Span, Spanned};
pub use text::{TextEdit, format, minify, text_to_send};
