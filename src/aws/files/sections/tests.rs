//! Reads files of every kind, and compares with the SDK's own parser where that reads them.

use aws_types::os_shim_internal::{Env, Fs};
use proptest::prelude::*;

use super::*;
use crate::aws::files::ProfileSet;

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

fn two_files() -> Env {
    Env::from_slice(&[("AWS_CONFIG_FILE", "/c"), ("AWS_SHARED_CREDENTIALS_FILE", "/k"), ("HOME", "/h")])
}

fn set_of(config: &str, credentials: &str) -> ProfileSet {
    run(ProfileSet::read_files(&two_files(), &Fs::from_slice(&[("/c", config), ("/k", credentials)]), None))
}

const KEYS: [&str; 6] = ["region", "output", "role_arn", "s3", "other", "sso_region"];

/// Generates a section body that the SDK reads, and that we have to read alike.
fn any_body() -> impl Strategy<Value = String> {
    let key = || prop::sample::select(KEYS.to_vec());
    let line = prop_oneof![
        4 => (key(), "[ \t]{0,2}", "[a-zA-Z0-9:/#;.-]{0,8}").prop_map(|(k, gap, v)| format!("{k}{gap}={gap}{v}{gap}")),
        1 => (key(), "[a-z ]{1,8}").prop_map(|(k, v)| format!("{} = {v} # a comment", k.to_uppercase())),
        1 => key().prop_map(|k| format!("{k} = first\n  second one\n\tthird")),
        1 => "s3|other".prop_map(|k| format!("{k} =\n  max = 4\n\n  min= 2")),
        1 => "[#;] ?[a-z =]{0,8}".prop_map(|text| text),
        1 => Just(String::new()),
    ];
    prop::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n") + "\n")
}

fn any_header(kind: FileKind) -> impl Strategy<Value = String> {
    let name = "[a-d]|default|x@y[+]z|a[.]b/c";
    match kind {
        FileKind::Config => prop_oneof![
            4 => name.prop_map(|name| format!("[profile {name}]")),
            // The SDK merges two spellings of one name in no order: these have names of their own.
            1 => "[a-c]".prop_map(|name| format!("[  profile \todd-{name} ] # [x]")),
            1 => Just("[default]".to_owned()),
            1 => "[a-c]".prop_map(|name| format!("[sso-session {name}]")),
        ]
        .boxed(),
        FileKind::Credentials => name.prop_map(|name| format!("[{name}]")).boxed(),
    }
}

fn any_file(kind: FileKind) -> impl Strategy<Value = String> {
    let section = (any_header(kind), any_body()).prop_map(|(header, body)| format!("{header}\n{body}"));
    prop::collection::vec(section, 0..5).prop_map(|sections| sections.concat())
}

proptest! {
    #[test]
    fn what_the_sdk_reads_is_read_alike(config in any_file(FileKind::Config), credentials in any_file(FileKind::Credentials)) {
        let fs = Fs::from_slice(&[("/c", &config), ("/k", &credentials)]);
        #[expect(deprecated, reason = "the only type that the SDK's reader takes")]
        let files = aws_config::profile::profile_file::ProfileFiles::default();
        let theirs = run(aws_config::profile::load(&fs, &two_files(), &files, None)).unwrap();
        let ours = set_of(&config, &credentials);
        prop_assert_eq!(ours.unusable_parts(), &[]);
        let mut names: Vec<&str> = theirs.profiles().collect();
        names.sort_unstable();
        prop_assert_eq!(ours.profile_names().collect::<Vec<_>>(), names.clone());
        for name in names {
            for key in KEYS {
                let of = |profile: Option<&str>| profile.map(str::to_owned);
                let (our, their) = (ours.get_profile(name).unwrap(), theirs.get_profile(name).unwrap());
                prop_assert_eq!(of(our.get(key)), of(their.get(key)), "{} of {}", key, name);
            }
        }
        for name in ["a", "b", "c"] {
            let (our, their) = (ours.sso_session(name), theirs.sso_session(name));
            prop_assert_eq!(our.is_some(), their.is_some());
            for key in KEYS {
                let our = our.and_then(|session| session.get(key)).map(String::as_str);
                prop_assert_eq!(our, their.and_then(|session| session.get(key)));
            }
        }
    }

    #[test]
    fn a_bad_section_costs_itself_alone(
        before in "[a-z]{1,6}", after in "[a-z]{1,6}", bad in any_bad_section(), at_end in any::<bool>(),
    ) {
        let good = |name: &str| format!("[profile good-{name}]\nregion = eu-west-2\noutput = json\n");
        let parts = if at_end { [good(&before), good(&after), bad.clone()] } else { [good(&before), bad.clone(), good(&after)] };
        let text = parts.concat();
        let set = set_of(&text, "");
        for name in [&before, &after] {
            let profile = set.get_profile(&format!("good-{name}")).unwrap();
            prop_assert_eq!((profile.get("region"), profile.get("output")), (Some("eu-west-2"), Some("json")));
        }
        prop_assert_eq!(set.profile_names().filter(|name| !name.starts_with("good-")).count(), 0, "{}", text);
        prop_assert_eq!(set.unusable_parts().len(), 1, "{:?}", set.unusable_parts());
        let first = text.lines().position(|line| bad.starts_with(line)).unwrap() + 1;
        let line: usize = set.unusable_parts()[0].place().strip_prefix("/c, line ").unwrap().parse().unwrap();
        prop_assert!((first..first + bad.lines().count()).contains(&line), "line {} of {}", line, text);
        prop_assert!(text.lines().nth(line - 1).unwrap().contains('!') , "line {} of {}", line, text);
    }

    #[test]
    fn the_name_of_a_section_is_any_text(name in "[ -~äßж漢🙂\u{1b}\u{202e}]{1,12}") {
        let name = name.trim();
        prop_assume!(!name.is_empty());
        let written = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        // Behind the last bracket of the header nothing may look like the end of it.
        prop_assume!(!name.contains("] #") && !name.contains("] ;") && !name.contains("]#") && !name.contains("];"));
        let set = set_of(&format!("[profile {written}]\nregion = eu-west-2\n"), "");
        prop_assert_eq!(set.profile_names().collect::<Vec<_>>(), [name]);
        let set = set_of("", &format!("[{name}]\nregion = eu-west-2\n"));
        prop_assert_eq!(set.profile_names().collect::<Vec<_>>(), [name]);
    }

    #[test]
    fn any_text_is_read_without_a_fault_of_ours(text in "([\\[\\]=:#; \t\"'\\\\a-c\n]|profile |sso-session |region){0,24}") {
        for kind in [FileKind::Config, FileKind::Credentials] {
            let (_, faults) = read_sections(&text, kind);
            let lines = text.split('\n').count();
            prop_assert!(faults.iter().all(|fault| (1..=lines).contains(&fault.line)));
        }
    }
}

/// Generates sections that cannot be used; the faulty line holds a `!`.
fn any_bad_section() -> impl Strategy<Value = String> {
    let name = "bad[a-z]{0,3}";
    let line = prop_oneof![
        Just("garbage!".to_owned()),
        Just("= value!".to_owned()),
        Just("region = eu-west-2 output = json!".to_owned()),
        Just("aws_access_key_id = AKIA!, aws_secret_access_key = x".to_owned()),
        Just("output = json!\n  region = eu-west-2!".to_owned()),
        Just("s3 =\n  garbage!".to_owned()),
    ];
    let rest = || "(region = eu-west-1\n)?(output = text\n)?";
    prop_oneof![
        (name, rest(), line, rest())
            .prop_map(|(name, above, line, below)| format!("[profile {name}]\n{above}{line}\n{below}")),
        (name, rest()).prop_map(|(name, rest)| format!("[profile {name}!\n{rest}")),
        (name, rest()).prop_map(|(name, rest)| format!("[{name}!]\n{rest}")),
        (name, rest()).prop_map(|(name, rest)| format!("[profile {name} two!]\n{rest}")),
        (name, rest()).prop_map(|(name, rest)| format!("[profile {name}'s!]\n{rest}")),
        (name, rest()).prop_map(|(name, rest)| format!("[Profile {name}!]\nrole_arn = x\n{rest}")),
        (name, rest()).prop_map(|(name, rest)| format!("  [profile {name}!]\n  region = x\n{rest}")),
        rest().prop_map(|rest| format!("[profile] # !\n{rest}")),
        rest().prop_map(|rest| format!("[] # !\n{rest}")),
        rest().prop_map(|rest| format!("[DEFAULT] # !\n{rest}")),
    ]
}

#[test]
fn settings_that_are_indented_alike_are_settings_of_their_own() {
    let set = set_of("[profile a]\n  region = eu-west-2\n  s3 =\n    max = 4\n  output: json\n", "");
    let profile = set.get_profile("a").unwrap();
    let all: Vec<_> = ["region", "s3", "output"].iter().map(|key| profile.get(key).unwrap()).collect();
    assert_eq!(all, ["eu-west-2", "\nmax = 4", "json"]);
}

#[test]
fn a_secret_never_stands_in_a_cause() {
    let config = "[profile a]\nwJalrXUtnFEMI\n[profile b]\naws_access_key_id = wJalr aws_secret_access_key = wJalr\n";
    let set = set_of(config, "[a]\naws_access_key_id\nwJalr\n");
    let told: Vec<String> = set.unusable_parts().iter().map(|unusable| unusable.to_failure().to_string()).collect();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|words| !words.contains("wJalr")), "{told:?}");
}

#[test]
fn sections_of_other_tools_are_not_told_of() {
    let set = set_of(
        "[plugins]\ncli = x\n[preview]\nx = true\n[granted_registry a]\nurl = x\n[services s]\necr =\n  endpoint_url = http://x\n",
        "",
    );
    assert_eq!(set.unusable_parts(), []);
    assert_eq!(set.service_setting("s", "ecr", "endpoint_url"), Some("http://x"));
}
