//! Journeys of the real binary in a terminal, on the sandbox: what a user does, key by key, and what the screen says.

use crate::support::pty::Pty;

/// Waits for the list of accounts.
pub fn to_account(pty: &mut Pty) {
    pty.wait("release-owner").wait("222222222222");
}

/// Chooses the owner's profile, is told who that is, and goes on to the repositories, all of them read.
pub fn to_repositories(pty: &mut Pty) {
    pty.keys("/").type_text("release-owner").keys("Enter Enter").wait("PlatformAdmin").keys("Enter").wait("vendorapp");
}

/// Finds the guide's repository and goes on.
pub fn to_actions(pty: &mut Pty) {
    pty.keys("/").type_text("vendorapp").keys("Enter Enter").wait("Grantee");
}

/// Types Release's account id.
pub fn name_release(pty: &mut Pty) {
    pty.type_text("111111111111").wait("1111-1111-1111");
}

/// Goes on to the document.
pub fn to_policy(pty: &mut Pty) {
    pty.keys("Enter").wait("EcrGrantPull");
}

/// Goes on to the question.
pub fn to_save(pty: &mut Pty) {
    pty.keys("Ctrl-S").wait("gains");
}

/// Says yes and waits for the outcome.
pub fn save(pty: &mut Pty) {
    pty.keys("y").wait("backup");
}

/// Goes on to what holds now.
pub fn to_permissions(pty: &mut Pty) {
    pty.keys("Enter").wait("What is left to do");
}
