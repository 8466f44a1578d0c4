//! The AWS CLI's login programs: the command line that signs a profile in.

use super::shell;

/// The two login programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoginKind {
    /// `aws sso login`, for IAM Identity Center.
    Sso,
    /// `aws login`, with the console's own sign-in.
    Console,
}

/// A login: its program, and the profile that it signs in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Login {
    /// The program.
    pub kind: LoginKind,
    /// The profile; none: the default one.
    pub profile: Option<String>,
}

impl Login {
    /// Returns the arguments of `aws`. `is_remote`: the browser runs on another machine, so that the answer cannot come
    /// back to a port of this one (source: the AWS CLI's reference of `sso login` and of `login`).
    pub fn aws_arguments(&self, is_remote: bool) -> Vec<String> {
        let (words, elsewhere): (&[&str], &str) = match self.kind {
            LoginKind::Sso => (&["sso", "login"], "--use-device-code"),
            LoginKind::Console => (&["login"], "--remote"),
        };
        let mut all: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        // With `=` a name that begins with `-` is a name too.
        all.extend(self.profile.as_ref().map(|name| format!("--profile={name}")));
        all.extend(is_remote.then(|| elsewhere.to_owned()));
        all
    }

    /// Returns the command to type in a shell.
    pub fn shell_command(&self, is_remote: bool) -> String {
        let quoted = |word: String| word.strip_prefix("--profile=").map_or_else(|| word.clone(), shell::profile_flag);
        let words: Vec<String> = self.aws_arguments(is_remote).into_iter().map(quoted).collect();
        format!("aws {}", words.join(" "))
    }
}

/// Tells whether this is a session over SSH, by its variables (source: `ssh(1)`).
pub fn is_remote(variable: impl Fn(&str) -> Option<String>) -> bool {
    ["SSH_CONNECTION", "SSH_TTY"].iter().any(|name| variable(name).is_some_and(|value| !value.is_empty()))
}
