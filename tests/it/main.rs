//! All integration tests in one binary, so that the AWS SDK is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod account_names;
mod answers;
mod apply;
mod browser;
mod can;
mod check;
mod check_fix;
mod cli;
mod config;
mod delta;
mod draft;
mod entry;
mod environments;
mod foreign_writer;
mod fuzzed;
mod handover;
mod history;
mod hostile;
mod journeys;
mod many;
mod member_roles;
mod moto;
mod notices;
mod organization;
mod organization_screen;
mod output;
mod overview;
mod owned_by_code;
mod packaging;
mod paste;
mod pictures;
mod plain;
mod plans;
mod process;
mod profiles;
mod race;
mod reach;
mod read_only;
mod readme;
mod recent;
mod registry;
mod registry_policy;
mod review;
mod review_accept;
mod review_collected;
mod review_elsewhere;
mod review_known;
mod review_large;
mod review_memory;
mod review_page;
mod review_regions;
mod review_registry;
mod review_resume;
mod review_screen;
mod revoke;
mod rooms;
mod sandbox_cli;
mod sandbox_sdk;
mod sarif;
mod save_many;
mod sign_in;
mod slowdown;
mod support;
mod terminal;
mod undo_part;
mod unseen;
mod until;
mod wizard_props;
