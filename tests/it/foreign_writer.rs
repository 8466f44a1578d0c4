//! A foreign writer at every point at which a command waits.

use std::path::Path;
use std::time::{Duration, Instant};

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::sandbox::{Clock, Service};

use super::support::served::Served;
use super::support::{clean_command, run};

const THEIRS: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"OtherTeam","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":"ecr:BatchGetImage"}]}"#;

/// Writes a `credential_process` whose credentials are renewed before every request. Its call number `at` waits until
/// the other team has written.
fn slow_process(home: &Path, at: usize) -> String {
    let script = format!(
        "#!/bin/sh\n\
         cd '{home}' && echo x >> calls\n\
         if [ \"$(wc -l < calls)\" -eq {at} ]; then\n\
           echo > waits; n=0\n\
           while [ ! -e written ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done\n\
         fi\n\
         end=$(date -u -d '+59 seconds' +%Y-%m-%dT%H:%M:%SZ)\n\
         echo '{{\"Version\":1,\"AccessKeyId\":\"222222222222\",\"SecretAccessKey\":\"s\",\"Expiration\":\"'$end'\"}}'\n",
        home = home.display(),
    );
    let path = home.join("process.sh");
    std::fs::write(&path, script).unwrap();
    format!("[profile owner]\nregion = eu-west-2\ncredential_process = /bin/sh {}\n", path.display())
}

#[test]
fn what_another_team_writes_while_we_wait_for_credentials_is_never_lost() {
    let mut waited = 0;
    for at in 1..=12 {
        let served = Served::new(Service::demo(Clock::System), Duration::ZERO);
        let repository = RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse("made/for-this").unwrap(),
        };
        served.service.add_repository(&repository);
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("aws-config"), slow_process(home.path(), at)).unwrap();
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env_remove(name);
        }
        command.env("AWS_CONFIG_FILE", home.path().join("aws-config"));
        command.args(["grant", "made/for-this", "--to", "111111111111", "--yes", "--profile", "owner"]);
        command.args(["--endpoint-url", &served.url]);
        let (service, folder) = (served.service.clone(), home.path().to_owned());
        let other = repository.clone();
        let writer = std::thread::spawn(move || {
            let end = Instant::now() + Duration::from_secs(20);
            while Instant::now() < end && !folder.join("waits").exists() {
                if folder.join("ended").exists() {
                    return false;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            // As a careful team does it: beside what is there, where something is there.
            let text = service.policy_of(&other).map_or_else(
                || THEIRS.to_owned(),
                |stored| {
                    let statement = &THEIRS[THEIRS.find("{\"Sid").unwrap()..THEIRS.rfind(']').unwrap()];
                    let close = stored.rfind(']').unwrap();
                    format!("{},{statement}{}", &stored[..close], &stored[close..])
                },
            );
            let wrote = service.set_policy_directly(&other, Some(&text));
            std::fs::write(folder.join("written"), "").unwrap();
            wrote
        });
        let finished = run(command);
        std::fs::write(home.path().join("ended"), "").unwrap();
        if !writer.join().unwrap() {
            continue;
        }
        waited += 1;
        let stored = served.service.policy_of(&repository).unwrap();
        assert!(stored.contains("OtherTeam"), "call {at}: their statement is gone: {stored}\n{finished:?}");
        let said = finished.stdout.contains("granted: owner side done");
        assert_eq!(
            said,
            stored.contains("111111111111") && finished.status.success(),
            "call {at}: {stored}\n{finished:?}"
        );
    }
    assert!(waited >= 4, "the command asked for credentials only {waited} times");
}
