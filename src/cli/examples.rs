//! Examples below the help of each command. Tests read each line that begins with `ecr-grant`, also behind a pipe, with
//! the real parser, and those of the pages too.

use crate::sandbox::operations::{CONFIG_OPERATIONS, ECR_OPERATIONS, ORGANIZATIONS_OPERATIONS, STS_OPERATIONS};

/// Below the help of the program.
pub(super) const PROGRAM: &str = "\
Examples:
  Try the wizard on the built-in registry, without an AWS account:
    ecr-grant --demo
  Let an account pull from a repository, step by step:
    ecr-grant 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp --to 111111111111
  See who can pull from every repository:
    ecr-grant review --profile owner
  See what a grant would change, without a write:
    ecr-grant grant vendorapp --to 111111111111 --dry-run

Exit codes:
  0  done, nothing to do, or answered No
  1  findings (check, review), denied (can), differences (delta)
  2  the command line is wrong
  3  sign-in
  4  refused, by AWS, by our own checks or by --read-only; output that cannot be written
  5  the policy changed underneath
  6  some repositories failed
  7  network
  129, 130, 143  interrupted";

/// Below the help of `wizard`.
pub(super) const WIZARD: &str = "\
Examples:
  Choose everything on screen:
    ecr-grant wizard
  Begin with a repository and a grantee:
    ecr-grant wizard vendorapp --to 111111111111 --recipe release
  Open a repository whose name is that of a command:
    ecr-grant wizard review";

/// Below the help of `show`.
pub(super) const SHOW: &str = "\
Examples:
  One repository:
    ecr-grant show vendorapp --profile owner
  The repositories that match a pattern, as JSON:
    ecr-grant show 'checkout/*' --format json
  Every repository of another Region, one line each:
    ecr-grant show --all --region us-east-1 --format jsonl";

/// Below the help of `grant`.
pub(super) const GRANT: &str = "\
Examples:
  The plan, without a write:
    ecr-grant grant vendorapp --to 111111111111 --dry-run
  The actions of Release's guide, and a file with the puller's kit:
    ecr-grant grant vendorapp --to 111111111111 --recipe release --kit kit.md
  Two grantees on several repositories, without a question:
    ecr-grant grant 'checkout/*' --to 333333333333 arn:aws:iam::444444444444:role/deploy --yes
  Access that ends by itself:
    ecr-grant grant vendorapp --to 111111111111 --until 90d
  Push too, which needs a flag of its own:
    ecr-grant grant vendorapp --to 333333333333 --recipe push-pull --yes --allow-push";

/// Below the help of `revoke`.
pub(super) const REVOKE: &str = "\
Examples:
  The plan, without a write:
    ecr-grant revoke vendorapp --from 111111111111 --dry-run
  An account, its roles and its users, in every repository:
    ecr-grant revoke --all --from 111111111111 --include-members
  What has ended by itself, in every repository:
    ecr-grant revoke --all --expired
  The accounts of a list, without a question:
    ecr-grant revoke 'checkout/*' --from-file former-vendors.csv --yes

Exit code 4 also tells that a statement without conditions still lets a grantee in.";

/// Below the help of `apply`.
pub(super) const APPLY: &str = "\
Examples:
  Save a plan, read it, and write it:
    ecr-grant grant 'checkout/*' --to 111111111111 --plan-out plan.json
    ecr-grant apply plan.json
  Look at what it would write now:
    ecr-grant apply plan.json --dry-run
  Write it without a question:
    ecr-grant apply plan.json --yes --profile owner

A repository whose policy has changed is planned anew. With --yes it is written only where the
same parties gain and lose the same.";

/// Below the help of `history`.
pub(super) const HISTORY: &str = "\
Examples:
  What was changed, the newest first:
    ecr-grant history
  The newest change, with who gained and who lost:
    ecr-grant history show last
  A change by the beginning of its id, with its file and AWS's request ids:
    ecr-grant history show 7f3a -v
  One change a line, for a program:
    ecr-grant history --format jsonl";

/// Below the help of `undo`.
pub(super) const UNDO: &str = "\
Examples:
  What taking back the newest change would do:
    ecr-grant undo --dry-run
  Take back a change by the beginning of its id, after a question:
    ecr-grant undo 7f3a
  Take it back from some of its repositories:
    ecr-grant undo 7f3a 'team/*'
  Take back the newest change without a question:
    ecr-grant undo --yes";

/// Below the help of `review`.
pub(super) const REVIEW: &str = "\
Examples:
  Every repository of this account and Region, the worst first:
    ecr-grant review
  Two accounts in all Regions, one object a line, with the policies:
    ecr-grant review --profiles prod,staging --all-regions --format jsonl --with-policy
  For a spreadsheet, and for a page to print:
    ecr-grant review --format csv
    ecr-grant review --format html
  A long review that goes on after an interruption:
    ecr-grant review --all-profiles --all-regions --resume review.record
  What one account reaches, and what changed since an earlier review:
    ecr-grant review --grantee 555555555555
    ecr-grant review --baseline last-quarter.jsonl --known accounts.csv --accepted accepted.toml
  What others collected, without a request:
    ecr-grant review --from collected.jsonl
  In a pipeline: fail on errors alone:
    ecr-grant review 'team/*' --fail-on error --format sarif

Exit code 6 tells that something could not be read, whatever was found.";

/// Below the help of `check`.
pub(super) const CHECK: &str = "\
Examples:
  Policy files of one owner:
    ecr-grant check policies/vendorapp.json policies/web.json --owner 222222222222
  Terraform's output, with security findings as failures:
    terraform output -raw policy | ecr-grant check - --fail-on security
  The policy of a registry, as the AWS CLI prints it:
    aws ecr get-registry-policy | ecr-grant check - --kind registry
  Apply the fixes that change nobody's access:
    ecr-grant check policy.json --fix
  For a code scanner:
    ecr-grant check policy.json --format sarif
  Explain a rule, by its name or its id:
    ecr-grant check --explain wildcard-principal";

/// Below the help of `can`.
pub(super) const CAN: &str = "\
Examples:
  Ask whether a role of another account may pull:
    ecr-grant can --policy policy.json --principal arn:aws:iam::111111111111:role/ci \\
      --action ecr:BatchGetImage \\
      --repository arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp
  Ask the same from inside an organization:
    ecr-grant can --policy policy.json --principal 111111111111 --action ecr:BatchGetImage \\
      --repository arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp \\
      --context aws:PrincipalOrgID=o-a1b2c3d4e5
  One question a line:
    ecr-grant can --cases questions.jsonl

The caller's own condition keys, such as aws:PrincipalArn, are added where --context lacks them.
A line of --cases holds policy (object or string), principal, action and resource. It may hold
id, identity and context; its context is all that the request has.";

/// Below the help of `delta`.
pub(super) const DELTA: &str = "\
Examples:
  Compare two files:
    ecr-grant delta stored.json edited.json --owner 222222222222
  Compare the policy that AWS holds with a file:
    aws ecr get-repository-policy --repository-name vendorapp --query policyText --output text \\
      | ecr-grant delta - edited.json --owner 222222222222

Each line comes with a request that one policy allows and the other does not; `ecr-grant can`
answers it the same way.

Exit code 0: no difference; 1: differences; 2: a policy that cannot be read, or that ECR would
refuse.";

/// Below the help of `completions`.
pub(super) const COMPLETIONS: &str = "\
Examples:
  For bash, in this shell:
    source <(ecr-grant completions bash)
  For fish, for good:
    ecr-grant completions fish > ~/.config/fish/completions/ecr-grant.fish";

/// Below the help of `man`.
pub(super) const MAN: &str = "\
Examples:
  The program's page:
    ecr-grant man | man -l -
  A command's page, as a file:
    ecr-grant man grant > ecr-grant-grant.1";

/// Returns the text below the help of `sandbox`, with the operations that it has.
pub(super) fn sandbox_help() -> String {
    format!(
        "\
Examples:
  On a port of your choice:
    ecr-grant sandbox --port 4566
  On a free port, with slow answers:
    ecr-grant sandbox --latency 300
  With throttling like AWS's, and a tenth of the answers lost:
    ecr-grant sandbox --fault rate=20/s,burst=200,lost-answer=10%,seed=7

It has these operations of ECR: {}.\nOf STS: {}.\nOf AWS Config: {}.\nOf AWS Organizations: {}.\nAny other is answered with UnknownOperationException or \
         InvalidAction, and a message that says so.",
        ECR_OPERATIONS.join(", "),
        STS_OPERATIONS.join(", "),
        CONFIG_OPERATIONS.join(", "),
        ORGANIZATIONS_OPERATIONS.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{CommandFactory as _, Parser as _};

    use super::super::args::Cli;
    use super::super::reserved;

    /// Returns the command lines of this program in a text, without the words around them.
    fn command_lines(text: &str) -> Vec<String> {
        let joined = text.replace("\\\n", " ");
        let mut found = Vec::new();
        for line in joined.lines() {
            for part in line.split("<(").flat_map(|part| part.split(" | ")) {
                let part = part.split(" #").next().unwrap_or_default().trim().trim_end_matches(')');
                if part == "ecr-grant" || part.starts_with("ecr-grant ") {
                    found.push(part.split(" > ").next().unwrap_or_default().to_owned());
                }
            }
        }
        found
    }

    /// Returns the words of a command line as a shell splits them.
    fn split_words(line: &str) -> Vec<String> {
        let plain = |word: &str| word.trim_matches('\'').to_owned();
        line.split_whitespace().map(plain).collect()
    }

    fn find_problem(line: &str) -> Option<String> {
        let words = split_words(line);
        let parsed = Cli::try_parse_from(&words).err().map(|error| error.to_string());
        parsed
            .or_else(|| reserved::refuse_reserved(words.into_iter().skip(1)).is_err().then(|| "a kept name".to_owned()))
    }

    #[test]
    fn each_command_has_examples_that_parse() {
        let mut program = Cli::command();
        program.build();
        let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
        for command in commands.chain([&program]) {
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Examples:\n"), "{name} has no examples");
            let lines = command_lines(&help);
            assert!(lines.len() > 1, "{name}: {lines:?}");
            for line in lines {
                assert_eq!(find_problem(&line), None, "{name}: {line}");
                let named =
                    matches!(name, "ecr-grant" | "apply") || split_words(&line).get(1).is_some_and(|word| word == name);
                assert!(named, "{name} has an example of another command: {line}");
            }
            assert!(help.lines().all(|line| name == "sandbox" || line.len() <= 100), "{name} has a line that wraps");
        }
    }

    #[test]
    fn the_command_lines_of_the_pages_parse() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
        let pages = docs.filter(|path| path.extension().is_some_and(|e| e == "md")).chain([root.join("README.md")]);
        let mut count = 0;
        for page in pages {
            let text = std::fs::read_to_string(&page).unwrap();
            for block in text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()) {
                for line in command_lines(block) {
                    count += 1;
                    assert_eq!(find_problem(&line), None, "{}: {line}", page.display());
                }
            }
        }
        assert!(count > 10, "only {count} command lines read");
    }
}
