//! The configuration file: its settings and its reader. Flags count more than the environment, and that more than the
//! file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use etcetera::BaseStrategy as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::args::{Globals, SourceArg, ThemeArg};
use super::output::{Stop, tell_line};
use super::wizard::no_color;
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
];

/// The setting that is a truth value or a list of patterns.
const READ_ONLY: &str = "read_only";

/// The table of the settings whose names begin with it and a dot.
const HISTORY: &str = "history";

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
            if name.get_ref() == HISTORY {
                self.read_history(value);
                continue;
            }
            if name.get_ref() == ACCOUNTS {
                self.read_accounts(value);
                continue;
            }
            let at_top = || SETTINGS.iter().filter(|setting| !setting.name.contains('.'));
            let Some(setting) = at_top().find(|setting| setting.name == name.get_ref()) else {
                let known = at_top().map(|setting| setting.name).chain([HISTORY, ACCOUNTS, "keys"]);
                self.add_unknown("setting", name.get_ref(), name.span(), known);
                continue;
            };
            self.read_setting(setting, value);
        }
    }

    fn read_history(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.problems.push((value.span(), "history: write it as [history]".to_owned()));
            return;
        };
        let inner = |setting: &'static Setting| setting.name.strip_prefix(HISTORY)?.strip_prefix('.');
        for (name, value) in table {
            if let Some(setting) = SETTINGS.iter().find(|setting| inner(setting) == Some(name.get_ref())) {
                self.read_setting(setting, value);
            } else {
                let known = SETTINGS.iter().filter_map(inner);
                self.add_unknown("setting of [history]", name.get_ref(), name.span(), known);
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
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Usual};
    use crate::wizard::Key;

    fn read_config(text: &str) -> Result<Config, Vec<ConfigProblem>> {
        Config::read_text(text, Path::new("config.toml"))
    }

    fn problems_of(text: &str) -> Vec<String> {
        let problems = read_config(text).unwrap_err();
        problems.into_iter().map(|problem| format!("{}: {}", problem.line, problem.words)).collect()
    }

    fn globals_of(line: &str) -> Globals {
        Cli::try_parse_from(std::iter::once("ecr-grant").chain(line.split_whitespace())).unwrap().globals
    }

    #[test]
    fn every_setting_takes_its_example() {
        for setting in SETTINGS {
            let config = read_config(&format!("{} = {}", setting.name, setting.example)).unwrap();
            assert_ne!(config, Config::default(), "{}", setting.name);
        }
    }

    #[test]
    fn accounts_have_names() {
        let config =
            read_config("[accounts]\n\"111111111111\" = \" Release \"\n\"222222222222\" = \"Ours\"\n").unwrap();
        assert_eq!(config.account_names.beside_ids("111111111111"), "111111111111 (Release)");
        let mut globals = globals_of("");
        config.fill_globals(&mut globals, |_| None);
        assert_eq!(globals.account_names, config.account_names);
        let long = format!("[accounts]\n\"111111111111\" = \"{}\"", "x".repeat(41));
        for text in [&long, "[accounts]\n\"111111111111\" = \"\"", "[accounts]\n\"111111111111\" = \"a\\u001bb\""] {
            assert!(problems_of(text)[0].starts_with("2: accounts: a name of 1 to 40"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_told_with_its_line() {
        for (text, words) in [
            ("[accounts]\n111 = \"x\"", "2: accounts: "),
            ("accounts = 1", "1: accounts: write it as [accounts]"),
            ("[accounts]\n\"111111111111\" = 1", "2: accounts: a text in quotation marks is wanted"),
            ("region = \"eu-west-2\"\nprofil = \"x\"\n", "2: there is no setting `profil`; did you mean `profile`?"),
            ("\nregion = \"london\"", "2: region: "),
            ("ascii = 1", "1: ascii: true or false is wanted"),
            ("read_only = \"prod-*\"", "1: read_only: true, false, or a list of patterns is wanted"),
            ("read_only = [\n\"prod-*\",\n\"app-[ab]\"]", "3: read_only: `app-[ab]`: only * and ? stand for others"),
            ("read_only = [\n1]", "2: read_only: a text in quotation marks is wanted"),
            ("read_only = [\"\"]", "1: read_only: a pattern is empty"),
            ("[history]\nkeep_days = \"a year\"", "2: history.keep_days: a whole number from 0 is wanted"),
            ("history.keep_mib = -1", "1: history.keep_mib: a whole number from 0 is wanted"),
            ("[history]\nkeep_day = 1", "2: there is no setting of [history] `keep_day`; did you mean `keep_days`?"),
            ("history = 3", "1: history: write it as [history]"),
            ("\"history.keep_days\" = 3", "1: there is no setting `history.keep_days`"),
            ("ascii = true\nmouse = \"on\"", "2: mouse: true or false is wanted"),
            (
                "\ntheme = \"drak\"",
                "2: theme: there is no theme `drak`; there are auto, dark, light, high-contrast, mono",
            ),
            ("theme = 1", "1: theme: a text in quotation marks is wanted"),
            ("source = \"laptop\"", "1: source: there is no source `laptop`; there are environment, web-identity"),
            ("profile = true", "1: profile: a text in quotation marks is wanted"),
            ("profile = \"a\"\nprofile = \"b\"", "2: duplicate key"),
            ("\n\nprofile =", "3: "),
            ("[keys.polcy]\nfix = \"F9\"", "1: there is no scope of keys `polcy`; did you mean `policy`?"),
            ("[keys.policy]\nfixx = \"F9\"", "2: there is no action of [keys.policy] `fixx`; did you mean `fix`?"),
            ("[keys.policy]\nfix = [\"F12\",\n\"Ctrl-Hyper\"]", "3: fix: `Ctrl-Hyper`: it names no key"),
            ("[keys.policy]\nfix = [\"F12\",\n\"Ctrl-M\"]", "3: Ctrl-M cannot be bound: terminals send Enter"),
            ("[keys.policy]\n\nfix = \"F3\"", "3: F3 means `format` in [keys.policy] at the same time"),
            ("[keys.policy]\nfix = []", "2: an action needs at least one key"),
            ("keys = 1", "1: keys: write them as [keys.SCOPE]"),
        ] {
            let said = problems_of(text);
            assert!(said.len() == 1 && said[0].starts_with(words), "{said:?}: {words}");
        }
    }

    #[test]
    fn all_problems_are_told_in_the_order_of_their_lines() {
        let said = problems_of("mous = true\n[keys.policy]\nfix = \"F3\"\n[keys.repository]\nsort = \"Ctrl-J\"\n");
        let lines: Vec<&str> = said.iter().filter_map(|words| words.split(':').next()).collect();
        assert_eq!(lines, ["1", "3", "5"]);
    }

    #[test]
    fn a_flag_decides_for_every_repository_and_patterns_where_there_is_none() {
        let config = read_config("ascii = true\nread_only = [\"prod-*\"]").unwrap();
        for (line, is_read_only, has_patterns) in
            [("", false, true), ("--read-only", true, false), ("--read-only=false", false, false)]
        {
            let mut globals = globals_of(line);
            config.fill_globals(&mut globals, |_| None);
            let filled = (globals.read_only, !globals.read_only_patterns.is_empty());
            assert_eq!(filled, (is_read_only, has_patterns), "{line}");
        }
    }

    #[test]
    fn own_keys_hold() {
        let config =
            read_config("[keys.policy]\ngo-on = [\"Ctrl-O\", \"F12\"]\n[keys.commands]\nquit = \"Q\"").unwrap();
        assert_eq!(config.keymap.resolve(Key::with_ctrl('o'), &[KeyScope::Policy]), Some(Action::GoOn));
        assert_eq!(config.keymap.key(KeyScope::Commands, Action::Quit), "Q");
    }

    #[test]
    fn styles_and_mouse_come_from_the_file_where_nothing_nearer_speaks() {
        let config = read_config("theme = \"light\"\nmouse = true").unwrap();
        let filled = |line: &str, variable: (&'static str, &'static str)| {
            let mut globals = globals_of(line);
            config.fill_globals(&mut globals, |name| (name == variable.0).then(|| variable.1.to_owned()));
            (globals.theme, globals.mouse)
        };
        assert_eq!(filled("", ("TERM", "xterm")), (ThemeArg::Light, true));
        assert_eq!(filled("--theme mono --mouse=false", ("TERM", "xterm")), (ThemeArg::Mono, false));
        assert_eq!(filled("--theme auto", ("TERM", "xterm")), (ThemeArg::Auto, true));
        // The environment wants no colours: that counts more than the file, and less than a flag.
        assert_eq!(filled("", ("NO_COLOR", "1")).0, ThemeArg::Auto);
        assert_eq!(filled("", ("TERM", "dumb")).0, ThemeArg::Auto);
        assert_eq!(filled("--theme dark", ("NO_COLOR", "1")).0, ThemeArg::Dark);
        let mut bare = globals_of("--mouse");
        Config::default().fill_globals(&mut bare, |_| None);
        assert_eq!((bare.theme, bare.mouse), (ThemeArg::Auto, true));
    }

    #[test]
    fn flags_count_more_than_the_environment_and_that_more_than_the_file() {
        let config = read_config("profile = \"file\"\nregion = \"eu-west-2\"\nread_only = true\nascii = true").unwrap();
        let filled = |line: &str, variables: &'static [&'static str]| {
            let mut globals = globals_of(line);
            config.fill_globals(&mut globals, |name| variables.contains(&name).then(|| "set".to_owned()));
            let Usual { source, region } = globals.usual;
            (source.map(|id| id.to_string()), region.map(|r| r.to_string()), globals.read_only, globals.ascii)
        };
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(filled("", &[]), (owned("file"), owned("eu-west-2"), true, true));
        assert_eq!(filled("", &["AWS_PROFILE", "AWS_REGION"]), (None, None, true, true));
        assert_eq!(filled("", &["AWS_DEFAULT_PROFILE"]), (None, owned("eu-west-2"), true, true));
        assert_eq!(filled("", &["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"]), (None, None, true, true));
        assert_eq!(
            filled("--read-only=false --ascii=false", &["AWS_PROFILE"]),
            (None, owned("eu-west-2"), false, false)
        );
        let mut bare = globals_of("--read-only");
        Config::default().fill_globals(&mut bare, |_| None);
        assert!(bare.read_only && !bare.ascii && bare.usual == Usual::default());
    }
}
