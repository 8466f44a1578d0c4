//! The configuration file: its settings and its reader. Flags count more than the environment, and that more than the
//! file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use etcetera::BaseStrategy as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::args::{Globals, SourceArg, ThemeArg};
use crate::cli::output::{Stop, tell_line};
use crate::cli::wizard::no_color;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, AccountNames, Region, SourceId};
use crate::journal::Limits;
use crate::plan::{ReadOnlyPattern, ReadOnlyPatterns};
use crate::policy::syntax::LineIndex;
use crate::policy::text::spelling::nearest_name;
use crate::wizard::keymap::{Action, KeyScope, Keymap, Override, TABLE};

/// A setting of the file.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// An example of its value in TOML.
    pub example: &'static str,
    /// Its purpose.
    pub help: &'static str,
    read: fn(&mut Config, &DeValue<'_>) -> Result<(), String>,
}

/// The settings, in the order in which docs/configuration.md lists them.
pub static SETTINGS: &[Setting] = &[
    Setting {
        name: "profile",
        example: "\"owner\"",
        help: "the profile to sign in with; `--profile`, `--source`, `AWS_PROFILE` and keys of the environment count more",
        read: |config, value| read_text_value(value).map(|name| config.profile = Some(name.to_owned())),
    },
    Setting {
        name: "source",
        example: "\"environment\"",
        help: "`environment`, `web-identity`, `container` or `instance` in place of a profile; it counts as `profile` does",
        read: |config, value| read_source(read_text_value(value)?).map(|source| config.source = Some(source)),
    },
    Setting {
        name: "region",
        example: "\"eu-west-2\"",
        help: "the Region; `--region`, an address, `AWS_REGION` and `AWS_DEFAULT_REGION` count more",
        read: |config, value| {
            let region = Region::parse(read_text_value(value)?).map_err(|problem| problem.to_string())?;
            config.region = Some(region);
            Ok(())
        },
    },
    Setting {
        name: READ_ONLY,
        example: "[\"prod-*\", \"222222222222\", \"team/app-*\"]",
        help: "never write, with `true`; with patterns: never write [what they match](#read-only-repositories); `--read-only=false` allows it once",
        read: |config, value| {
            let wanted = || "true, false, or a list of patterns is wanted".to_owned();
            value.as_bool().map(|on| config.read_only = Some(on)).ok_or_else(wanted)
        },
    },
    Setting {
        name: "ascii",
        example: "true",
        help: "draw with ASCII characters only",
        read: |config, value| read_truth(value).map(|on| config.ascii = Some(on)),
    },
    Setting {
        name: "theme",
        example: "\"dark\"",
        help: "the styles of the wizard; `--theme`, `NO_COLOR` and `TERM=dumb` count more",
        read: |config, value| read_theme(read_text_value(value)?).map(|theme| config.theme = Some(theme)),
    },
    Setting {
        name: "mouse",
        example: "true",
        help: "wheel and click choose rows in the wizard; `--mouse=false` leaves them to the terminal once",
        read: |config, value| read_truth(value).map(|on| config.mouse = Some(on)),
    },
    Setting {
        name: "plain",
        example: "true",
        help: "the wizard as [questions and answers](plain.md), line by line; `--plain=false` draws screens once",
        read: |config, value| read_truth(value).map(|on| config.plain = Some(on)),
    },
    Setting {
        name: "history.keep_days",
        example: "30",
        help: "the age above which a change leaves the history, 400 without it; the newest text of each repository stays",
        read: |config, value| read_count(value).map(|days| config.limits.days = days),
    },
    Setting {
        name: "history.keep_mib",
        example: "16",
        help: "the size in MiB above which the oldest changes leave the history, 64 without it; the newest text of each repository stays",
        read: |config, value| read_count(value).map(|size| config.limits.mebibytes = size),
    },
    Setting {
        name: "review.accepted",
        example: "\"review/accepted.toml\"",
        help: "the file of [accepted findings](review.md#accepted-findings), from the present folder where it is relative; `--accepted` counts more",
        read: |config, value| {
            let path = read_text_value(value)?;
            let is_path = !path.is_empty() && make_visible(path) == path;
            config.accepted = is_path.then(|| PathBuf::from(path));
            if is_path { Ok(()) } else { Err("the path of a file is wanted".to_owned()) }
        },
    },
];

/// The setting that is a truth value or a list of patterns.
const READ_ONLY: &str = "read_only";

/// The tables of the settings whose names begin with theirs and a dot.
const SECTIONS: [&str; 2] = ["history", "review"];

/// The table of the names of accounts.
const ACCOUNTS: &str = "accounts";

/// The settings of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    profile: Option<String>,
    source: Option<SourceArg>,
    region: Option<Region>,
    read_only: Option<bool>,
    read_only_patterns: ReadOnlyPatterns,
    ascii: Option<bool>,
    theme: Option<ThemeArg>,
    mouse: Option<bool>,
    plain: Option<bool>,
    limits: Limits,
    accepted: Option<PathBuf>,
    account_names: AccountNames,
    /// The keys in force.
    pub(super) keymap: Keymap,
}

/// A fault of the file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ConfigProblem {
    /// From 1.
    line: usize,
    words: String,
}

/// Reads the file that `--config` names, or the usual one where it exists. `--demo` reads none.
pub(super) fn load_config(globals: &Globals) -> Result<Config, Stop> {
    if globals.demo {
        return Ok(Config::default());
    }
    let path = match &globals.config {
        Some(path) => path.clone(),
        None => match usual_path() {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if globals.config.is_none() && is_absent(&error) => return Ok(Config::default()),
        Err(error) => {
            return Err(Stop::wrong_usage(
                format!("the configuration file {} cannot be read: {error}", path.display()),
                "mend that, or name another file with --config",
            ));
        }
    };
    Config::read_text(&text, &path).map_err(|problems| refuse_file(&path, &problems))
}

/// Returns the faults of a configuration file's text, each with its line, from 1. Fuzzing and tests reach the reader
/// through it.
#[doc(hidden)]
pub fn find_problems(text: &str) -> Vec<(usize, String)> {
    let found = Config::read_text(text, Path::new("config.toml")).err().unwrap_or_default();
    found.into_iter().map(|problem| (problem.line, problem.words)).collect()
}

/// Returns `$XDG_CONFIG_HOME/ecr-grant/config.toml`, on every system.
fn usual_path() -> Option<PathBuf> {
    let xdg = etcetera::base_strategy::Xdg::new().ok()?;
    Some(xdg.config_dir().join("ecr-grant").join("config.toml"))
}

fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Tells all faults; the last one is the reason to stop.
fn refuse_file(path: &Path, problems: &[ConfigProblem]) -> Stop {
    let mut said: Vec<String> =
        problems.iter().map(|problem| format!("{}:{}: {}", path.display(), problem.line, problem.words)).collect();
    let last = said.pop().unwrap_or_default();
    for words in said {
        tell_line(&format!("error: {}", make_visible(&words)));
    }
    Stop::wrong_usage(last, "mend the file; docs/configuration.md lists its settings")
}

impl Config {
    /// Reads the text of a file; its path is named where a setting decides.
    fn read_text(text: &str, path: &Path) -> Result<Self, Vec<ConfigProblem>> {
        let lines = LineIndex::new(text);
        let at = |span: Range<usize>| lines.position_of(span.start).line;
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, at);
            vec![ConfigProblem { line, words: error.message().to_owned() }]
        })?;
        let mut reader =
            ConfigReader { config: Self::default(), overrides: Vec::new(), patterns: Vec::new(), problems: Vec::new() };
        reader.read_table(table.get_ref());
        let ConfigReader { mut config, overrides, patterns, mut problems } = reader;
        let mut read = Vec::new();
        for (pattern, place) in patterns {
            match ReadOnlyPattern::parse(&pattern, at(place.clone())) {
                Ok(pattern) => read.push(pattern),
                Err(words) => problems.push((place, format!("{READ_ONLY}: {words}"))),
            }
        }
        if !read.is_empty() {
            config.read_only_patterns = ReadOnlyPatterns::of_file(path.display().to_string(), read);
        }
        let wanted: Vec<Override> = overrides.iter().map(|(wanted, _)| wanted.clone()).collect();
        match Keymap::rebound(&wanted) {
            Ok(keymap) => config.keymap = keymap,
            Err(clashes) => problems.extend(clashes.into_iter().map(|clash| {
                let places = overrides.get(clash.at).map(|(_, places)| places.as_slice()).unwrap_or_default();
                // The first place is the name's, then one for each key.
                let place = places.get(clash.key.map_or(0, |key| key + 1)).cloned().unwrap_or_default();
                (place, clash.words)
            })),
        }
        if problems.is_empty() {
            return Ok(config);
        }
        let mut problems: Vec<ConfigProblem> =
            problems.into_iter().map(|(span, words)| ConfigProblem { line: at(span), words }).collect();
        problems.sort();
        Err(problems)
    }

    /// Fills in the values that neither flags nor the environment decide.
    pub(super) fn fill_globals(&self, globals: &mut Globals, variable: impl Fn(&str) -> Option<String>) {
        let is_set =
            |names: &[&str]| names.iter().any(|name| variable(name).is_some_and(|value| !value.trim().is_empty()));
        if !is_set(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID"]) {
            let profile = self.profile.clone().map(SourceId::Profile);
            globals.usual.source = self.source.map(SourceArg::to_id).or(profile);
        }
        if !is_set(&["AWS_REGION", "AWS_DEFAULT_REGION"]) {
            globals.usual.region.clone_from(&self.region);
        }
        globals.usual.accepted.clone_from(&self.accepted);
        globals.read_only = globals.read_only_flag.or(self.read_only).unwrap_or(false);
        // The flag decides for every repository, either way.
        if globals.read_only_flag.is_none() {
            globals.read_only_patterns.clone_from(&self.read_only_patterns);
        }
        globals.ascii = globals.ascii_flag.or(self.ascii).unwrap_or(false);
        let theme = self.theme.filter(|_| !no_color(&variable));
        globals.theme = globals.theme_flag.or(theme).unwrap_or_default();
        globals.limits = self.limits;
        globals.account_names.clone_from(&self.account_names);
        globals.mouse = globals.mouse_flag.or(self.mouse).unwrap_or(false);
        let is_dumb = || variable("TERM").as_deref() == Some("dumb");
        globals.plain = globals.plain_flag.or(self.plain).unwrap_or_else(is_dumb);
    }
}

struct ConfigReader {
    config: Config,
    /// The new keys, with the places of the name and of each key.
    overrides: Vec<(Override, Vec<Range<usize>>)>,
    /// The patterns of read-only repositories, with their places.
    patterns: Vec<(String, Range<usize>)>,
    problems: Vec<(Range<usize>, String)>,
}

impl ConfigReader {
    fn read_table(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            if name.get_ref() == "keys" {
                self.read_keys(value);
                continue;
            }
            if let Some(section) = SECTIONS.into_iter().find(|section| section == name.get_ref()) {
                self.read_section(section, value);
                continue;
            }
            if name.get_ref() == ACCOUNTS {
                self.read_accounts(value);
                continue;
            }
            let at_top = || SETTINGS.iter().filter(|setting| !setting.name.contains('.'));
            let Some(setting) = at_top().find(|setting| setting.name == name.get_ref()) else {
                let known = at_top().map(|setting| setting.name).chain(SECTIONS).chain([ACCOUNTS, "keys"]);
                self.add_unknown("setting", name.get_ref(), name.span(), known);
                continue;
            };
            self.read_setting(setting, value);
        }
    }

    fn read_section(&mut self, section: &'static str, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.problems.push((value.span(), format!("{section}: write it as [{section}]")));
            return;
        };
        let inner = |setting: &'static Setting| setting.name.strip_prefix(section)?.strip_prefix('.');
        for (name, value) in table {
            if let Some(setting) = SETTINGS.iter().find(|setting| inner(setting) == Some(name.get_ref())) {
                self.read_setting(setting, value);
            } else {
                let known = SETTINGS.iter().filter_map(inner);
                self.add_unknown(&format!("setting of [{section}]"), name.get_ref(), name.span(), known);
            }
        }
    }

    fn read_accounts(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.problems.push((value.span(), format!("{ACCOUNTS}: write it as [{ACCOUNTS}]")));
            return;
        };
        let mut names = BTreeMap::new();
        for (id, value) in table {
            let account = match AccountId::parse(id.get_ref()) {
                Ok(account) => account,
                Err(problem) => {
                    self.problems.push((id.span(), format!("{ACCOUNTS}: {problem}")));
                    continue;
                }
            };
            match read_account_name(value.get_ref()) {
                Ok(name) => drop(names.insert(account, name)),
                Err(words) => self.problems.push((value.span(), format!("{ACCOUNTS}: {words}"))),
            }
        }
        self.config.account_names = AccountNames::new(names);
    }

    fn read_setting(&mut self, setting: &Setting, value: &Spanned<DeValue<'_>>) {
        if setting.name == READ_ONLY
            && let Some(list) = value.get_ref().as_array()
        {
            for one in list {
                match read_text_value(one.get_ref()) {
                    Ok(text) => self.patterns.push((text.to_owned(), one.span())),
                    Err(words) => self.problems.push((one.span(), format!("{READ_ONLY}: {words}"))),
                }
            }
            return;
        }
        if let Err(words) = (setting.read)(&mut self.config, value.get_ref()) {
            self.problems.push((value.span(), format!("{}: {words}", setting.name)));
        }
    }

    fn add_unknown<'c>(
        &mut self,
        kind: &str,
        name: &str,
        place: Range<usize>,
        known: impl Iterator<Item = &'c str> + Clone,
    ) {
        let more = match nearest_name(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.problems.push((place, format!("there is no {kind} `{name}`; {more}")));
    }

    fn read_keys(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(scopes) = value.get_ref().as_table() else {
            self.problems.push((value.span(), "keys: write them as [keys.SCOPE]".to_owned()));
            return;
        };
        for (name, actions) in scopes {
            let Some(scope) = TABLE.iter().map(|row| row.scope).find(|scope| scope.name() == *name.get_ref()) else {
                let known = distinct_names(TABLE.iter().map(|row| row.scope.name()));
                self.add_unknown("scope of keys", name.get_ref(), name.span(), known.iter().copied());
                continue;
            };
            match actions.get_ref().as_table() {
                Some(actions) => self.read_scope(scope, actions),
                None => self.problems.push((actions.span(), format!("keys: write it as [keys.{}]", scope.name()))),
            }
        }
    }

    fn read_scope(&mut self, scope: KeyScope, actions: &DeTable<'_>) {
        let of_scope = || TABLE.iter().filter(|row| row.scope == scope).map(|row| row.action);
        for (name, keys) in actions {
            let Some(action) = of_scope().find(|action| action.name() == *name.get_ref()) else {
                let known = distinct_names(of_scope().map(Action::name));
                let kind = format!("action of [keys.{}]", scope.name());
                self.add_unknown(&kind, name.get_ref(), name.span(), known.iter().copied());
                continue;
            };
            self.read_action(scope, action, name.span(), keys);
        }
    }

    fn read_action(&mut self, scope: KeyScope, action: Action, name: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let single = [value.clone()];
        let written: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => single.iter().collect(),
        };
        let (mut keys, mut places) = (Vec::new(), vec![name]);
        for one in written {
            let read = read_text_value(one.get_ref())
                .and_then(|text| text.parse().map_err(|problem| format!("`{text}`: {problem}")));
            match read {
                Ok(key) => {
                    keys.push(key);
                    places.push(one.span());
                }
                Err(words) => {
                    self.problems.push((one.span(), format!("{}: {words}", action.name())));
                    return;
                }
            }
        }
        self.overrides.push((Override { scope, action, keys }, places));
    }
}

/// Returns each value once, in their order.
fn distinct_names<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut out: Vec<&str> = Vec::new();
    for name in names {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn read_text_value<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| "a text in quotation marks is wanted".to_owned())
}

fn read_account_name(value: &DeValue<'_>) -> Result<String, String> {
    let name = read_text_value(value)?.trim();
    let is_plain = !name.is_empty() && make_visible(name) == name;
    if is_plain && name.chars().count() <= AccountNames::LONGEST {
        return Ok(name.to_owned());
    }
    Err(format!("a name of 1 to {} visible characters is wanted", AccountNames::LONGEST))
}

fn read_theme(name: &str) -> Result<ThemeArg, String> {
    ThemeArg::from_str(name, false).map_err(|_| {
        let known: Vec<String> = ThemeArg::value_variants()
            .iter()
            .filter_map(|v| Some(v.to_possible_value()?.get_name().to_owned()))
            .collect();
        format!("there is no theme `{name}`; there are {}", known.join(", "))
    })
}

fn read_source(name: &str) -> Result<SourceArg, String> {
    SourceArg::from_str(name, false)
        .map_err(|_| format!("there is no source `{name}`; there are environment, web-identity, container, instance"))
}

fn read_count(value: &DeValue<'_>) -> Result<u32, String> {
    let number = value.as_integer().and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    number.ok_or_else(|| "a whole number from 0 is wanted".to_owned())
}

fn read_truth(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "true or false is wanted".to_owned())
}

#[cfg(test)]
mod tests;
