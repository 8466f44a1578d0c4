//! The sources that files and environment show, without real ones.

use super::*;

const CONFIG: &str = "
[default]
region = eu-west-1
[profile keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = secret
[profile sso]
sso_session = company
sso_account_id = 222222222222
sso_role_name = PlatformAdmin
region = eu-west-2
[sso-session company]
sso_region = eu-west-1
sso_start_url = https://company.awsapps.com/start
[profile old-sso]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 333333333333
sso_role_name = Dev
[profile role]
role_arn = arn:aws:iam::111111111111:role/team/Deployer
source_profile = sso
external_id = x
[profile mfa]
role_arn = arn:aws:iam::111111111111:role/Admin
source_profile = keys
mfa_serial = arn:aws:iam::222222222222:mfa/ana
[profile through-mfa]
role_arn = arn:aws:iam::444444444444:role/Inner
source_profile = mfa
[profile process]
credential_process = /opt/bin/keys --for me
[profile login]
login_session = arn:aws:iam::222222222222:user/ana
[profile lost]
role_arn = arn:aws:iam::111111111111:role/Admin
source_profile = nobody
[profile a]
role_arn = arn:aws:iam::111111111111:role/A
source_profile = b
[profile b]
role_arn = arn:aws:iam::111111111111:role/B
source_profile = a
[profile half]
role_arn = arn:aws:iam::111111111111:role/A
[profile empty]
output = json
[profile odd]
role_arn = arn:aws:iam::111111111111:role/A
credential_source = Moon
[profile ecs]
role_arn = arn:aws:iam::111111111111:role/A
credential_source = ecsContainer
";

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

fn env_with(more: &[(&str, &str)]) -> Env {
    let mut all = vec![("AWS_CONFIG_FILE", "/c"), ("AWS_SHARED_CREDENTIALS_FILE", "/k"), ("HOME", "/h")];
    all.extend_from_slice(more);
    Env::from_slice(&all)
}

fn read_set(config: &str) -> ProfileSet {
    run(ProfileSet::read_files(&env_with(&[]), &Fs::from_slice(&[("/c", config)]), None))
}

fn list_sources(config: &str, more: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<Source> {
    let env = env_with(more);
    let mut all = vec![("/c", config)];
    all.extend_from_slice(files);
    let fs = Fs::from_slice(&all);
    run(async { find_sources(&ProfileSet::read_files(&env, &fs, None).await, &env, &fs).await })
}

#[test]
fn every_profile_is_listed_with_what_the_file_tells() {
    let found = list_sources(CONFIG, &[("AWS_DEFAULT_REGION", "us-east-1")], &[]);
    let own = list_sources(CONFIG, &[], &[]);
    let sso = own.iter().find(|s| s.id == SourceId::Profile("sso".into())).unwrap();
    assert_eq!(sso.region.as_ref().unwrap().as_str(), "eu-west-2", "its own, where the environment names none");
    let of = |name: &str| found.iter().find(|s| s.id == SourceId::Profile(name.into())).unwrap();
    assert_eq!(found[0].id, SourceId::Profile("default".into()));
    assert_eq!(of("default").kind, SignInKind::Nothing);
    assert_eq!(of("keys").kind, SignInKind::Keys);
    assert_eq!(of("keys").region.as_ref().unwrap().as_str(), "us-east-1", "the environment's");
    let sso = of("sso");
    assert_eq!((sso.kind, sso.account.as_ref().unwrap().as_str()), (SignInKind::Sso, "222222222222"));
    assert_eq!((sso.role.as_deref(), sso.sso_session.as_deref()), (Some("PlatformAdmin"), Some("company")));
    assert_eq!(sso.region.as_ref().unwrap().as_str(), "us-east-1", "the environment's before its own");
    assert_eq!(of("old-sso").sso_session.as_deref(), Some("https://old.awsapps.com/start"));
    let role = of("role");
    assert_eq!((role.kind, role.account.as_ref().unwrap().as_str()), (SignInKind::Role, "111111111111"));
    assert_eq!(role.role.as_deref(), Some("Deployer"));
    assert_eq!(of("mfa").kind, SignInKind::RoleWithMfa);
    assert_eq!(of("through-mfa").kind, SignInKind::RoleWithMfa, "somewhere on the way counts");
    assert_eq!(of("process").kind, SignInKind::Process);
    assert_eq!(of("login").kind, SignInKind::Login);
    assert_eq!(of("login").account.as_ref().unwrap().as_str(), "222222222222");
    assert!(found.iter().all(|s| matches!(s.id, SourceId::Profile(_))), "an sso-session is no source");
}

#[test]
fn no_files_and_an_empty_environment_show_nothing() {
    let env = Env::from_slice(&[]);
    let fs = Fs::from_slice(&[]);
    let found = run(async { find_sources(&ProfileSet::read_files(&env, &fs, None).await, &env, &fs).await });
    assert_eq!(found, []);
}

#[test]
fn the_environment_shows_its_own_sources() {
    let found = list_sources(
        "",
        &[
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
            ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pod"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1"),
        ],
        &[("/k", ""), ("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n")],
    );
    let ids: Vec<_> = found.iter().map(|s| s.id.clone()).collect();
    assert_eq!(ids, [SourceId::Environment, SourceId::WebIdentity, SourceId::Container, SourceId::Instance]);
    assert_eq!(found[1].role.as_deref(), Some("Pod"));
    let off = list_sources(
        "",
        &[("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_ACCESS_KEY_ID", "")],
        &[("/k", ""), ("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n")],
    );
    assert_eq!(off, []);
}

#[test]
fn what_cannot_be_used_is_a_row_with_file_line_and_cause() {
    let config = "[profile good]\naws_access_key_id = AKIA\naws_secret_access_key = s\n[profile a]\nwhat is this\n\
                  [profile role]\nrole_arn = arn:aws:iam::111111111111:role/A\nsource_profile = a\n[naked]\nregion = x\n";
    let found = list_sources(config, &[], &[("/k", "stray = 1\n[good]\nregion = eu-west-2\n")]);
    let rows: Vec<_> = found.iter().map(|source| (source.id.to_string(), source.kind)).collect();
    let expected = [
        ("good", SignInKind::Keys),
        ("role", SignInKind::Role),
        ("a", SignInKind::Unusable),
        ("naked", SignInKind::Unusable),
        ("/k, line 1", SignInKind::Unusable),
    ];
    assert_eq!(rows, expected.map(|(name, kind)| (name.to_owned(), kind)));
    let told = |at: usize| found[at].problem.as_ref().unwrap().to_string();
    assert!(told(2).starts_with("Profile a cannot be used: /c, line 5: it is no setting"), "{}", told(2));
    assert!(told(3).contains("/c, line 9") && told(3).contains("write [profile naked]"), "{}", told(3));
    let set = read_set(config);
    let failed = |name: &str| walk_chain(&set, name).unwrap_err().to_string();
    assert!(failed("a").contains("/c, line 5"), "{}", failed("a"));
    let role = failed("role");
    assert!(role.contains("source_profile a, which cannot be used: /c, line 5"), "{role}");
}

#[test]
fn no_profiles_yet_is_said_where_there_are_no_files_alone() {
    let words = |config: Option<&str>, more: &[(&str, &str)]| {
        let files: Vec<_> = config.map(|config| ("/h/.aws/config", config)).into_iter().collect();
        let all = [&[("HOME", "/h")], more].concat();
        let set = run(ProfileSet::read_files(&Env::from_slice(&all), &Fs::from_slice(&files), None));
        walk_chain(&set, "dev").unwrap_err().to_string()
    };
    assert!(words(None, &[]).contains("there are no profiles yet"));
    assert!(words(Some(""), &[]).contains("there are no profiles yet"));
    for text in ["[a]\nregion = x\n", "[profile a\n", "stray = 1\n", "[profile a]\ngarbage\n", "garbage\n"] {
        let told = words(Some(text), &[]);
        assert!(told.contains("~/.aws/config, line ") && !told.contains("no profiles yet"), "{text}: {told}");
    }
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let told = words(None, &[(variable, "/gone")]);
        assert!(told.contains(&format!("/gone: {variable} names this file, and it is not there")), "{told}");
        assert!(!told.contains("no profiles yet"), "{told}");
    }
}

#[test]
fn a_chain_ends_at_the_profile_that_signs_in() {
    let set = read_set(CONFIG);
    let role = walk_chain(&set, "role").unwrap();
    assert_eq!((role.base.as_str(), role.kind), ("sso", SignInKind::Sso));
    assert_eq!(role.links.len(), 1);
    assert_eq!(role.links[0].external_id.as_deref(), Some("x"));
    let through = walk_chain(&set, "through-mfa").unwrap();
    let roles: Vec<_> = through.links.iter().map(|l| l.role.rsplit('/').next().unwrap()).collect();
    assert_eq!(roles, ["Admin", "Inner"], "in the order in which they are assumed");
    assert_eq!(through.check_supported("through-mfa").unwrap_err().kind, FailureKind::MfaNeeded);
    assert_eq!(walk_chain(&set, "process").unwrap().process.as_deref(), Some("/opt/bin/keys --for me"));
}

#[test]
fn what_cannot_work_is_said_before_any_request() {
    let set = read_set(CONFIG);
    let failed = |name: &str| walk_chain(&set, name).and_then(|chain| chain.check_supported(name)).unwrap_err();
    assert!(failed("nope").what.contains("There is no profile nope"));
    assert!(failed("lost").what.contains("source_profile nobody"));
    assert!(failed("a").what.contains("circle"));
    assert!(failed("odd").what.contains("unknown credential_source: Moon"));
    assert_eq!(walk_chain(&set, "ecs").unwrap().kind, SignInKind::Container);
    assert!(failed("half").what.contains("no source_profile"));
    assert_eq!(failed("empty").kind, FailureKind::NoCredentials);
    let login = failed("login");
    assert_eq!(
        login.command.as_deref(),
        Some("eval \"$(aws configure export-credentials --profile=login --format env)\"")
    );
}

#[tokio::test]
async fn a_static_key_id_hints_at_its_account_and_tells_none() {
    let config = "[profile new]\naws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = s\n\
                  [profile old]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n\
                  [profile process]\ncredential_process = p\n";
    let found = crate::aws::AwsAccess::of_files(config.into(), Vec::new()).list_sources().await.unwrap();
    let told: Vec<_> =
        found.iter().map(|s| (s.id.to_string(), s.account.clone(), s.hint.as_ref().map(ToString::to_string))).collect();
    let row = |name: &str, hint: Option<&str>| (name.to_owned(), None, hint.map(str::to_owned));
    assert_eq!(told, [row("new", Some("029608264753")), row("old", None), row("process", None)]);
}
