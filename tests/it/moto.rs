//! Every operation of AWS that this program uses, against moto, a server that others wrote. A third program, boto3,
//! reads back the stored texts.

use std::collections::BTreeMap;
use std::path::Path;

use ecr_grant::apply::{self, Gate, Outcome, Write};
use ecr_grant::aws::{AwsAccess, AwsOptions, Registry, Swap, is_refusal};
use ecr_grant::ecr::repository::Encryption;
use ecr_grant::ecr::{AccountId, Context, FailureKind, Region, Replication, RepositoryName, SourceId};
use ecr_grant::journal::{ChangeStart, Journal};
use serde_json::{Value, json};

use super::sign_in::{child_command, is_child};
use super::support::python::{Moto, python_command};
use super::support::{clean_command, run};

const CONFIG: &str = "[profile owner]\nregion = eu-west-2\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = none\n\
                      [profile elsewhere]\nregion = eu-west-2\nrole_arn = arn:aws:iam::222222222222:role/Owner\nsource_profile = owner\n";

const GRANT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"EcrGrantPull","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root"]},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

const SEED: &str = r"
ecr.create_repository(repositoryName='team/vendorapp', imageTagMutability='IMMUTABLE',
    imageScanningConfiguration={'scanOnPush': True}, tags=[{'Key': 'team', 'Value': 'ü'}],
    encryptionConfiguration={'encryptionType': 'KMS', 'kmsKey': 'arn:aws:kms:eu-west-2:123456789012:key/k'})
ecr.create_repository(repositoryName='bare')
for tag in ['1.0', 'latest']:
    ecr.put_image(repositoryName='team/vendorapp', imageTag=tag, imageManifest=json.dumps(
        {'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json', 'config': {'size': 1, 'digest': 'sha256:' + 'a' * 64}, 'layers': [], 'tag': tag}))
ecr.put_replication_configuration(replicationConfiguration={'rules': [{
    'destinations': [{'region': 'eu-central-1', 'registryId': '123456789012'}],
    'repositoryFilters': [{'filter': 'team', 'filterType': 'PREFIX_MATCH'}]}]})
print(json.dumps(len(ecr.describe_repositories()['repositories'])))
";

const IS_GONE: &str = r"
try:
    ecr.get_repository_policy(repositoryName='bare')
    print('0')
except ecr.exceptions.RepositoryPolicyNotFoundException:
    print('1')
";

/// Runs a script of Python with a boto3 client `ecr` of the endpoint; its last line is the answer as JSON.
fn run_boto3(moto: &Moto, home: &Path, script: &str) -> Value {
    let head =
        "import boto3, json, sys\necr = boto3.client('ecr', endpoint_url=sys.argv[1], region_name='eu-west-2')\n";
    let mut command = python_command(home);
    command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    command.args(["-c", &format!("{head}{script}"), &moto.endpoint_url()]);
    let finished = run(command);
    serde_json::from_str(finished.expect_text().lines().last().unwrap_or("null")).unwrap()
}

/// Returns a folder with the profiles that the children use.
fn home_with_profiles() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("aws-config"), CONFIG).unwrap();
    home
}

fn in_child(test: &str, moto: &Moto, home: &Path) {
    let mut command = child_command(test, home);
    command.env("AWS_ENDPOINT_URL", moto.endpoint_url());
    let finished = run(command);
    assert!(finished.status.success(), "{}\n{}", finished.stdout, finished.stderr);
    assert!(finished.stdout.contains("1 passed"), "{}", finished.stdout);
}

async fn registry_of(profile: &str) -> Registry {
    let access = AwsAccess::from_environment(AwsOptions::default());
    let source = SourceId::Profile(profile.into());
    let verified = access.verify_source(&source, None).await.unwrap();
    let context = Context { source, region: verified.region };
    access.open_registry(&context, &verified.identity.account).await.unwrap()
}

fn repository_name(text: &str) -> RepositoryName {
    RepositoryName::parse(text).unwrap()
}

fn on_one_thread(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

async fn swap_policy(registry: &Registry, name: &RepositoryName, expected: Option<&str>, text: Option<&str>) -> Swap {
    match registry.wait_write_turn(text.is_none()).await {
        Ok(turn) => registry.swap_policy(turn, name, expected, text).await,
        Err(failure) => Swap::NotSent(failure),
    }
}

#[test]
fn every_operation_works_against_moto_and_another_client_reads_the_result() {
    let moto = Moto::start_server();
    let home = home_with_profiles();
    let made = run_boto3(&moto, home.path(), SEED);
    assert_eq!(made, json!(2));
    in_child("moto::every_operation", &moto, home.path());
    let read = run_boto3(
        &moto,
        home.path(),
        "print(json.dumps(ecr.get_repository_policy(repositoryName='team/vendorapp')['policyText']))",
    );
    assert_eq!(read.as_str(), Some(GRANT), "moto keeps the bytes that we sent");
    let gone = run_boto3(&moto, home.path(), IS_GONE);
    assert_eq!(gone, json!(1), "deleted");
}

#[test]
#[ignore = "run by another test as a program, against moto"]
fn every_operation() {
    if !is_child() {
        return;
    }
    on_one_thread(async {
        let registry = registry_of("owner").await;
        assert_eq!(registry.owner().as_str(), "123456789012");
        let page = registry.read_page(None, 1000).await.unwrap();
        assert_eq!((page.repositories.len(), page.next), (2, None));

        let vendorapp = repository_name("team/vendorapp");
        let found = registry.describe_repository(&vendorapp).await.unwrap();
        assert_eq!(found.reference.uri(), "123456789012.dkr.ecr.eu-west-2.amazonaws.com/team/vendorapp");
        assert_eq!(found.reference, registry.reference_to(&vendorapp));
        assert_eq!(found.encryption, Some(Encryption::Kms(Some("arn:aws:kms:eu-west-2:123456789012:key/k".into()))));
        assert_eq!((found.tag_mutability.as_deref(), found.scan_on_push), (Some("IMMUTABLE"), Some(true)));
        assert!(found.created.is_some_and(|seconds| seconds > 1_700_000_000));
        assert_eq!(registry.read_tags(&vendorapp).await.unwrap(), [("team".to_owned(), "ü".to_owned())]);
        let images = registry.read_images(&vendorapp, 1).await.unwrap();
        assert_eq!(images.len(), 1, "{images:?}");
        assert!(images[0].digest.is_some() && !images[0].tags.legal.is_empty(), "{images:?}");

        assert_eq!(registry.read_policy(&vendorapp).await, Ok(None), "no policy is no failure");
        assert_eq!(registry.read_registry_policy().await, Ok(None));
        registry.forget_registry_policy().await;
        let replication = Replication::of_read(registry.read_replication().await.map_err(|failure| failure.what));
        let copied = |name: &RepositoryName| replication.copy_words(&registry.reference_to(name));
        assert_eq!(copied(&vendorapp), ["images are copied to eu-central-1; this policy does not go along"]);
        let elsewhere = copied(&repository_name("bare"));
        assert_eq!(elsewhere, ["no rule of replication copies images of this repository elsewhere"]);
        let nowhere = registry.read_policy(&repository_name("not/there")).await.unwrap_err();
        assert_eq!(nowhere.kind, FailureKind::RepositoryNotFound);
        assert_eq!(nowhere.what, "There is no repository not/there in account 123456789012 in eu-west-2");
        assert_eq!(
            registry.describe_repository(&repository_name("not/there")).await.unwrap_err().kind,
            FailureKind::RepositoryNotFound
        );
        let deleted = swap_policy(&registry, &vendorapp, None, None).await;
        assert!(matches!(deleted, Swap::Accepted(_)), "there was none to delete: {deleted:?}");
        let Swap::Sent(refused) = swap_policy(&registry, &vendorapp, None, Some("not json")).await else {
            panic!("a text that is no policy was not refused");
        };
        assert!(is_refusal(&refused), "{refused}");
        assert_eq!(refused.kind, FailureKind::InvalidPolicy);
        assert!(refused.aws.unwrap().message.contains("Invalid repository policy provided"));

        // The whole way of a write, as the program goes it.
        let folder = tempfile::tempdir().unwrap();
        let change = Journal::open_in(folder.path()).begin_change(ChangeStart::default());
        let write = Write {
            repository: registry.reference_to(&vendorapp),
            based_on: None,
            text: Some(GRANT.to_owned()),
            until: None,
        };
        let outcome = apply::write_policy(&registry, &change, &Gate::default(), &write, 0).await;
        assert!(matches!(&outcome, Outcome::Written { stored: Some(stored), .. } if stored == GRANT), "{outcome:?}");
        let again = apply::write_policy(&registry, &change, &Gate::default(), &write, 0).await;
        assert_eq!(again, Outcome::AlreadyThere);

        let bare = repository_name("bare");
        assert!(matches!(swap_policy(&registry, &bare, None, Some(GRANT)).await, Swap::Accepted(_)));
        assert_eq!(registry.read_policy(&bare).await.unwrap().as_deref(), Some(GRANT));
        assert_eq!(swap_policy(&registry, &bare, None, Some("{}")).await, Swap::Differs(Some(GRANT.to_owned())));
        assert!(matches!(swap_policy(&registry, &bare, Some(GRANT), None).await, Swap::Accepted(_)));
        assert_eq!(registry.read_policy(&bare).await, Ok(None));
    });
}

#[test]
fn a_role_of_another_account_opens_that_accounts_registry() {
    let moto = Moto::start_server();
    in_child("moto::another_account", &moto, home_with_profiles().path());
}

#[test]
#[ignore = "run by another test as a program, against moto"]
fn another_account() {
    if !is_child() {
        return;
    }
    on_one_thread(async {
        let registry = registry_of("elsewhere").await;
        assert_eq!(registry.owner().as_str(), "222222222222", "the account of the role, not of the keys");
        assert_eq!(registry.read_page(None, 1000).await.unwrap().repositories, []);
    });
}

#[test]
fn keys_that_belong_to_nobody_are_told_from_a_fault() {
    let moto = Moto::start_with(&[("INITIAL_NO_AUTH_ACTION_COUNT", "0")]);
    in_child("moto::unknown_keys", &moto, home_with_profiles().path());
}

async fn registry_in(region: &str) -> Registry {
    let access = AwsAccess::from_environment(AwsOptions::default());
    let context = Context { source: SourceId::Profile("owner".into()), region: Region::parse(region).unwrap() };
    access.open_registry(&context, &AccountId::parse("123456789012").unwrap()).await.unwrap()
}

#[test]
#[ignore = "run by another test as a program, against moto"]
fn unknown_keys() {
    if !is_child() {
        return;
    }
    on_one_thread(async {
        let access = AwsAccess::from_environment(AwsOptions::default());
        let failure = access.verify_source(&SourceId::Profile("owner".into()), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadCredentials, "{failure}");
        assert_eq!(failure.command.as_deref(), Some("aws configure --profile=owner"));
        // Moto refuses in XML on ECR's JSON protocol, where the SDK finds no code.
        let failure = registry_in("eu-west-2").await.read_page(None, 10).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadCredentials, "{failure}");
        assert!(failure.aws.is_some(), "{failure:?}");
    });
}

#[test]
fn a_page_of_html_is_the_servers_failure_and_no_riddle() {
    in_child("moto::html_page", &Moto::start_server(), home_with_profiles().path());
}

#[test]
#[ignore = "run by another test as a program, against moto"]
fn html_page() {
    if !is_child() {
        return;
    }
    on_one_thread(async {
        // A Region that moto does not know.
        let failure = registry_in("eu-nowhere-9").await.read_page(None, 10).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Server, "{failure}");
        assert!(failure.what.contains("answered 500 to DescribeRepositories"), "{failure}");
    });
}

/// Makes an organization of 24 accounts, two pages of them, with a repository in each through the role of its account.
const ORGANIZATION: &str = r"
where = dict(endpoint_url=sys.argv[1], region_name='eu-west-2')
organizations = boto3.client('organizations', endpoint_url=sys.argv[1], region_name='us-east-1')
organizations.create_organization(FeatureSet='ALL')
made = [organizations.create_account(AccountName=f'team-{n}', Email=f'team-{n}@example.com') for n in range(23)]
members = [status['CreateAccountStatus']['AccountId'] for status in made]
sts = boto3.client('sts', **where)
def grant(client, name, to):
    client.create_repository(repositoryName=name)
    client.set_repository_policy(repositoryName=name, policyText=json.dumps({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Principal': {'AWS': f'arn:aws:iam::{to}:root'}, 'Action': 'ecr:BatchGetImage'}]}))
for at, member in enumerate(members):
    keys = sts.assume_role(RoleArn=f'arn:aws:iam::{member}:role/audit/Reader', RoleSessionName='seed')['Credentials']
    grant(boto3.client('ecr', aws_access_key_id=keys['AccessKeyId'], aws_secret_access_key=keys['SecretAccessKey'],
        aws_session_token=keys['SessionToken'], **where), f'team/app-{at}', f'9000000000{at:02}')
grant(ecr, 'own', '900000000099')
organizations.close_account(AccountId=members[3])
print(json.dumps(members))
";
/// The member in [`ORGANIZATION`] whose account is closed.
const SUSPENDED: usize = 3;

#[test]
fn a_review_through_a_role_reads_each_active_account_of_an_organization() {
    let moto = Moto::start_server();
    let home = home_with_profiles();
    let members = run_boto3(&moto, home.path(), ORGANIZATION);
    let members: Vec<&str> = members.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(["review", "--profile", "owner", "--org-role", "audit/Reader", "--endpoint-url"]);
    command.args([moto.endpoint_url().as_str(), "--format", "json", "--fail-on", "none"]);
    let finished = run(command);
    let told = finished.expect_json();
    let repositories: BTreeMap<String, String> = told["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| {
            assert_eq!((&told["error"], &told["class"]), (&Value::Null, &json!("cross-account")), "{told}");
            let grantees = told["grantees"].as_array().unwrap().iter().map(|grantee| grantee["grantee"].as_str());
            (told["arn"].as_str().unwrap().to_owned(), grantees.map(Option::unwrap).collect::<Vec<_>>().join(" "))
        })
        .collect();
    let arn = |account: &str, name: &str| format!("arn:aws:ecr:eu-west-2:{account}:repository/{name}");
    let mut wanted = BTreeMap::from([(arn("123456789012", "own"), "900000000099".to_owned())]);
    for (at, member) in members.iter().enumerate().filter(|(at, _)| *at != SUSPENDED) {
        wanted.insert(arn(member, &format!("team/app-{at}")), format!("9000000000{at:02}"));
    }
    assert_eq!(wanted.len(), 23);
    assert_eq!(repositories, wanted);
    let suspended = format!("note: not read, since they are suspended or closed: {}", members[SUSPENDED]);
    assert!(finished.stderr.lines().any(|line| line == suspended), "{}", finished.stderr);
    // Moto lacks one operation: each registry says so, and lacks nothing else.
    let registries = told["registries"].as_array().unwrap();
    assert_eq!(registries.len(), wanted.len());
    for registry in registries {
        let [unread] = registry["registry"]["unread"].as_array().unwrap().as_slice() else { panic!("{registry}") };
        assert!(unread["what"].as_str().unwrap().ends_with("500 to DescribeRepositoryCreationTemplates"), "{unread}");
    }
}
