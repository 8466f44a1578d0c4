//! All profiles of the two settings files, and the unusable parts of the files.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use aws_runtime::fs_util::{Os, home_dir};
use aws_types::os_shim_internal::{Env, Fs};

use super::super::environment::get_variable;
use super::decode::decode_text;
use super::sections::{self, FileKind, SectionKind, SettingsSection};
use crate::ecr::{Failure, FailureKind, text::make_visible};

type Settings = BTreeMap<String, String>;

/// A profile, from both files. It holds secrets, so it has no `Debug`.
pub(in crate::aws) struct Profile {
    name: String,
    settings: Settings,
}

impl Profile {
    /// Returns the profile's name.
    pub(in crate::aws) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value of a setting, by its name in small letters.
    pub(in crate::aws) fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str)
    }
}

/// A settings file, or a part of one, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct Unusable {
    /// The profile or session that it describes, where its name can be read.
    of: Option<(SectionKind, String)>,
    /// The file, and the line where there is one.
    place: String,
    cause: String,
    fix: String,
    /// True where the AWS CLI ignores the part, so that another section of this name counts.
    is_passed_over: bool,
    /// True for a named credentials file that does not exist. A user with profiles elsewhere needs none.
    is_spare: bool,
}

impl Unusable {
    /// Returns the profile that it describes.
    pub(in crate::aws) fn profile_name(&self) -> Option<&str> {
        self.name_as(SectionKind::Profile)
    }

    fn name_as(&self, kind: SectionKind) -> Option<&str> {
        self.of.as_ref().filter(|(known, _)| *known == kind).map(|(_, name)| name.as_str())
    }

    /// Returns the file, and the line where there is one.
    pub(in crate::aws) fn place(&self) -> &str {
        &self.place
    }

    /// Returns the place and the cause, to end a sentence: `~/.aws/config, line 3: ...`.
    pub(in crate::aws) fn cause_words(&self) -> String {
        format!("{}: {}", make_visible(&self.place), self.cause)
    }

    /// Builds a failure of it.
    pub(in crate::aws) fn to_failure(&self) -> Failure {
        let what = match &self.of {
            Some((SectionKind::Profile, name)) => {
                format!("Profile {} cannot be used: {}", make_visible(name), self.cause_words())
            }
            Some((SectionKind::SsoSession, name)) => {
                format!("The SSO session {} cannot be used: {}", make_visible(name), self.cause_words())
            }
            _ => self.cause_words(),
        };
        Failure::new(FailureKind::Setup, what, format!("{}, then try again", self.fix))
    }
}

/// The profiles of both files.
#[derive(Default)]
pub(in crate::aws) struct ProfileSet {
    selected: String,
    profiles: BTreeMap<String, Profile>,
    sessions: BTreeMap<String, Settings>,
    services: BTreeMap<String, Settings>,
    unusable: Vec<Unusable>,
}

impl ProfileSet {
    /// Reads both files; without files the set is empty. `selected`: the profile that settings are taken from.
    pub(in crate::aws) async fn read_files(env: &Env, fs: &Fs, selected: Option<&str>) -> Self {
        let mut set = Self { selected: selected.unwrap_or("default").to_owned(), ..Self::default() };
        for kind in [FileKind::Config, FileKind::Credentials] {
            set.add_file(env, fs, kind).await;
        }
        // Half of a profile could be another identity than the whole.
        for unusable in set.unusable.iter().filter(|unusable| !unusable.is_passed_over) {
            match &unusable.of {
                Some((SectionKind::Profile, name)) => drop(set.profiles.remove(name)),
                Some((SectionKind::SsoSession, name)) => drop(set.sessions.remove(name)),
                Some((SectionKind::Services, name)) => drop(set.services.remove(name)),
                None => {}
            }
        }
        set
    }

    async fn add_file(&mut self, env: &Env, fs: &Fs, kind: FileKind) {
        let (variable_name, usual) = match kind {
            FileKind::Config => ("AWS_CONFIG_FILE", "~/.aws/config"),
            FileKind::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        };
        let named = get_variable(env, variable_name);
        let file = named.as_deref().unwrap_or(usual);
        let path = match (file.strip_prefix("~/"), home_dir(env, Os::real())) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => PathBuf::from(file),
        };
        let of_file = |cause: String, fix: String| Unusable {
            of: None,
            place: file.to_owned(),
            cause,
            fix,
            is_passed_over: false,
            is_spare: false,
        };
        let text = match fs.read_to_end(&path).await {
            Ok(bytes) => decode_text(&bytes),
            Err(error) => {
                let fix = "make it a file that you may read".to_owned();
                match error.kind() {
                    ErrorKind::NotFound if named.is_none() => {}
                    ErrorKind::NotFound => self.unusable.push(Unusable {
                        is_spare: kind == FileKind::Credentials,
                        ..of_file(
                            format!("{variable_name} names this file, and it is not there"),
                            format!("correct or unset {variable_name}"),
                        )
                    }),
                    ErrorKind::PermissionDenied => {
                        self.unusable.push(of_file("you may not read the file".to_owned(), fix));
                    }
                    ErrorKind::IsADirectory => {
                        self.unusable.push(of_file("it is a folder, not a file".to_owned(), fix));
                    }
                    kind => self.unusable.push(of_file(format!("the file cannot be read ({kind})"), fix)),
                }
                return;
            }
        };
        let (sections, faults) = sections::read_sections(&text, kind);
        // As the SDKs: in the config file, `[profile default]` takes the whole place of `[default]`.
        let is_default = |section: &SettingsSection| section.kind == SectionKind::Profile && section.name == "default";
        let is_replaced = sections.iter().any(|section| is_default(section) && section.is_prefixed);
        for section in sections.into_iter().filter(|s| !(is_replaced && is_default(s) && !s.is_prefixed)) {
            let SettingsSection { kind, name, settings, .. } = section;
            match kind {
                SectionKind::Profile => {
                    let new = Profile { name: name.clone(), settings: Settings::new() };
                    self.profiles.entry(name).or_insert(new).settings.extend(settings);
                }
                SectionKind::SsoSession => self.sessions.entry(name).or_default().extend(settings),
                SectionKind::Services => self.services.entry(name).or_default().extend(settings),
            }
        }
        self.unusable.extend(faults.into_iter().map(|fault| Unusable {
            of: fault.of,
            place: format!("{file}, line {}", fault.line),
            cause: fault.cause,
            fix: fault.fix,
            is_passed_over: fault.is_passed_over,
            is_spare: false,
        }));
    }

    /// Returns the names of all profiles, in order.
    pub(in crate::aws) fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// Returns a profile by its name.
    pub(in crate::aws) fn get_profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// Returns the profile that settings are taken from.
    pub(in crate::aws) fn selected_profile(&self) -> &str {
        &self.selected
    }

    /// Returns a setting of that profile.
    pub(in crate::aws) fn get(&self, key: &str) -> Option<&str> {
        self.get_profile(&self.selected)?.get(key)
    }

    /// Returns the settings of an `[sso-session NAME]` section.
    pub(in crate::aws) fn sso_session(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.sessions.get(name)
    }

    /// Returns a service's setting in a `[services NAME]` section: it stands indented below the service's name.
    pub(in crate::aws) fn service_setting(&self, name: &str, service: &str, key: &str) -> Option<&str> {
        let group = self.services.get(name)?.get(service)?;
        let mut pairs = group.lines().rev().filter_map(|line| line.split_once('='));
        let value = pairs.find(|(found, _)| found.trim() == key)?.1.trim();
        Some(value).filter(|value| !value.is_empty())
    }

    /// Returns all parts of the files that cannot be used.
    pub(in crate::aws) fn unusable_parts(&self) -> &[Unusable] {
        &self.unusable
    }

    /// Returns the unusable parts that need a row of their own.
    pub(in crate::aws) fn rows_to_show(&self) -> impl Iterator<Item = &Unusable> {
        self.unusable.iter().filter(|unusable| !unusable.is_spare || self.profiles.is_empty())
    }

    /// Finds the reason why a profile cannot be used, where the files tell.
    pub(in crate::aws) fn why_no_profile(&self, name: &str) -> Option<&Unusable> {
        self.unusable.iter().find(|unusable| unusable.profile_name() == Some(name))
    }

    /// Finds the reason why an SSO session cannot be used, where the files tell.
    pub(in crate::aws) fn why_no_session(&self, name: &str) -> Option<&Unusable> {
        self.unusable.iter().find(|unusable| unusable.name_as(SectionKind::SsoSession) == Some(name))
    }
}
