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
    let config = read_config("[accounts]\n\"111111111111\" = \" Release \"\n\"222222222222\" = \"Ours\"\n").unwrap();
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
        ("review = 3", "1: review: write it as [review]"),
        ("review.accepted = \"\"", "1: review.accepted: the path of a file is wanted"),
        ("[review]\nacepted = \"x\"", "2: there is no setting of [review] `acepted`; did you mean `accepted`?"),
        ("\"history.keep_days\" = 3", "1: there is no setting `history.keep_days`"),
        ("ascii = true\nmouse = \"on\"", "2: mouse: true or false is wanted"),
        ("\ntheme = \"drak\"", "2: theme: there is no theme `drak`; there are auto, dark, light, high-contrast, mono"),
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
    let config = read_config("[keys.policy]\ngo-on = [\"Ctrl-O\", \"F12\"]\n[keys.commands]\nquit = \"Q\"").unwrap();
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
        let Usual { source, region, .. } = globals.usual;
        (source.map(|id| id.to_string()), region.map(|r| r.to_string()), globals.read_only, globals.ascii)
    };
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(filled("", &[]), (owned("file"), owned("eu-west-2"), true, true));
    assert_eq!(filled("", &["AWS_PROFILE", "AWS_REGION"]), (None, None, true, true));
    assert_eq!(filled("", &["AWS_DEFAULT_PROFILE"]), (None, owned("eu-west-2"), true, true));
    assert_eq!(filled("", &["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"]), (None, None, true, true));
    assert_eq!(filled("--read-only=false --ascii=false", &["AWS_PROFILE"]), (None, owned("eu-west-2"), false, false));
    let mut bare = globals_of("--read-only");
    Config::default().fill_globals(&mut bare, |_| None);
    assert!(bare.read_only && !bare.ascii && bare.usual == Usual::default());
}
