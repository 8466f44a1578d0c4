//! Names of the files of a hand-over.

use crate::ecr::{Arn, Grantee};

/// The most characters of a grantee or of a repository in a file's name.
const LONGEST: usize = 64;

/// Returns the beginning of the names of the files for these grantees, such as `ecr-grant-111111111111`. It holds ASCII
/// letters, digits, `.`, `_` and `-` alone.
pub fn file_stem(grantees: &[Grantee]) -> String {
    let (Some(first), count) = (grantees.first(), grantees.len()) else { return "ecr-grant".to_owned() };
    let named = |arn: &Arn| {
        let name = arn.resource.split('/').skip(1).collect::<Vec<_>>().join("-");
        format!("{}-{name}", arn.account)
    };
    let name = match first {
        Grantee::Account { id, .. } => id.to_string(),
        Grantee::Role(arn) | Grantee::User(arn) | Grantee::Session(arn) => named(arn),
        Grantee::Organization(id) => id.clone(),
        Grantee::OrgUnit(path) => {
            let units = path.trim_end_matches(['/', '*']).rsplit('/');
            units.into_iter().next().unwrap_or_default().to_owned()
        }
        Grantee::Service(name) => name.split('.').next().unwrap_or_default().to_owned(),
        Grantee::Everyone => "everyone".to_owned(),
    };
    let name = plain_part(&name);
    match count {
        1 => format!("ecr-grant-{name}"),
        many => format!("ecr-grant-{name}-and-{}-more", many - 1),
    }
}

/// Returns a name as a part of a file's name: cut, and with `-` for all that a file system may take for something else.
pub fn plain_part(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    name.chars().take(LONGEST).map(|c| if is_plain(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_whoever_receives_it_in_plain_characters() {
        let cases = [
            ("111111111111", "ecr-grant-111111111111"),
            ("arn:aws:iam::111111111111:role/ci/runner+1", "ecr-grant-111111111111-ci-runner-1"),
            ("arn:aws:iam::111111111111:user/ana@example.com", "ecr-grant-111111111111-ana-example.com"),
            ("arn:aws:sts::111111111111:assumed-role/ci/run-7", "ecr-grant-111111111111-ci-run-7"),
            ("o-a1b2c3d4e5", "ecr-grant-o-a1b2c3d4e5"),
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "ecr-grant-ou-ab12-11111111"),
            ("codebuild.amazonaws.com", "ecr-grant-codebuild"),
            ("*", "ecr-grant-everyone"),
        ];
        for (grantee, stem) in cases {
            let grantee = Grantee::parse(grantee).unwrap();
            assert_eq!(file_stem(std::slice::from_ref(&grantee)), stem);
            let two = file_stem(&[grantee.clone(), grantee]);
            assert_eq!(two, format!("{stem}-and-1-more"));
        }
        assert_eq!(file_stem(&[]), "ecr-grant");
        let long = Grantee::Service("x".repeat(300));
        assert!(file_stem(&[long]).len() <= LONGEST + "ecr-grant-".len());
    }
}
