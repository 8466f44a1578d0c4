//! The name of whoever works here.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// The longest wait for git.
const LONGEST: Duration = Duration::from_secs(2);

/// Returns the name and the address that git would put under a commit here, else the name at this system; empty: nobody knows.
pub(super) async fn find_user() -> String {
    let (name, address) = tokio::join!(ask_git("user.name"), ask_git("user.email"));
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    user_words(name, address, variable("USER").or_else(|| variable("LOGNAME")))
}

fn user_words(name: Option<String>, address: Option<String>, login: Option<String>) -> String {
    match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).or(login).unwrap_or_default(),
    }
}

/// Asks git for a value of its configuration. None: there is no git, or no value.
async fn ask_git(name: &str) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["config", "--get", name]).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(LONGEST, git.output()).await.ok()?.ok()?;
    let value = String::from_utf8(output.stdout).ok()?;
    let value = value.trim();
    (output.status.success() && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_knows_more_than_the_system() {
        let words = |name: Option<&str>, address: Option<&str>, login: Option<&str>| {
            user_words(name.map(str::to_owned), address.map(str::to_owned), login.map(str::to_owned))
        };
        assert_eq!(words(Some("Ana"), Some("ana@example.com"), Some("root")), "Ana <ana@example.com>");
        assert_eq!(words(None, Some("ana@example.com"), Some("root")), "ana@example.com");
        assert_eq!(words(Some("Ana"), None, None), "Ana");
        assert_eq!((words(None, None, Some("root")).as_str(), words(None, None, None).as_str()), ("root", ""));
    }
}
