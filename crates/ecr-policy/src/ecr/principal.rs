//! Spelling of IAM principals: which field of an ARN is wrong, and the principal that is meant. One function serves
//! `grant --to`, the wizard's grantee field and the checks of a policy.

use super::{AccountId, Arn, Partition, Region};

/// The field of a text that keeps it from being a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalFault {
    /// The fault, as a clause about the text.
    pub what: String,
    /// The next step, as a clause.
    pub next: String,
    /// The principal that is meant, where the text leaves one reading.
    pub meant: Option<String>,
}

impl PrincipalFault {
    /// Returns the fault as a sentence about the text, without its full stop.
    pub fn sentence_about(&self, text: &str) -> String {
        let shown = super::text::make_visible(text);
        match self.what.strip_prefix("it ") {
            _ if shown.trim().is_empty() => self.what.clone(),
            Some(rest) => format!("`{shown}` {rest}"),
            None => format!("`{shown}`: {}", self.what),
        }
    }
}

const FORM: &str = "a principal looks like arn:aws:iam::111111111111:role/name";

fn new_fault(what: impl Into<String>, next: impl Into<String>) -> PrincipalFault {
    PrincipalFault { what: what.into(), next: next.into(), meant: None }
}

fn fault_with_meaning(what: impl Into<String>, meant: String) -> PrincipalFault {
    PrincipalFault { what: what.into(), next: format!("write {meant}"), meant: Some(meant) }
}

/// Finds what keeps a text from being an account id or the ARN of an account, role, user or session.
/// Source: the principal table of the IAM user guide; ECR takes no wildcard inside an ARN and no group.
pub fn principal_fault(text: &str) -> Option<PrincipalFault> {
    if is_principal(text) {
        return None;
    }
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Some(new_fault("an empty text is no principal", FORM));
    }
    if trimmed != text && is_principal(trimmed) {
        return Some(fault_with_meaning("there are blanks around it", trimmed.to_owned()));
    }
    let text = trimmed;
    if text.contains(['$', '<', '{']) || text.contains("ACCOUNT") {
        return Some(new_fault(
            "it is a placeholder that was never filled in",
            "write the account id or the name in its place",
        ));
    }
    if text.matches("arn:").count() > 1 {
        return Some(new_fault("it holds two ARNs in one text", "write each ARN as an entry of its own"));
    }
    if principal_list(text).is_some() {
        return Some(new_fault("it holds several principals in one text", "write each as an entry of its own"));
    }
    if is_organization(text) {
        return Some(new_fault(
            "an organization is no principal, but `*` with a condition on aws:PrincipalOrgID is",
            "grant its id, o-..., or write that condition",
        ));
    }
    if text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ')) {
        return Some(account_fault(text));
    }
    if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") {
        return Some(new_fault("it is a service, which belongs under `Service`", "write {\"Service\": [...]}"));
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("arn:") || lower.contains(":iam:") || lower.contains(":sts:") {
        return Some(arn_fault(text));
    }
    Some(new_fault("it is no account, role, user or session", FORM))
}

/// Splits a text that holds several principals, each in its right spelling; `None` where a part is none and means none.
/// Principals are apart by commas, semicolons, blanks, or nothing but the `arn:` of the next.
pub fn principal_list(text: &str) -> Option<Vec<String>> {
    let is_between = |c: char| matches!(c, ',' | ';' | '|' | '"' | '\'' | '[' | ']') || c.is_whitespace();
    let spaced = text.replace("arn:aws", " arn:aws");
    let words: Vec<&str> = spaced.split(is_between).filter(|word| !word.is_empty()).collect();
    if words.len() < 2 {
        return None;
    }
    let each = words.into_iter().map(|word| {
        if is_principal(word) {
            Some(word.to_owned())
        } else {
            principal_fault(word)?.meant.filter(|m| is_principal(m))
        }
    });
    let mut parts: Vec<String> = each.collect::<Option<_>>()?;
    let mut seen = Vec::new();
    parts.retain(|part| {
        let is_new = !seen.contains(part);
        seen.push(part.clone());
        is_new
    });
    Some(parts)
}

fn is_organization(text: &str) -> bool {
    (text.starts_with("o-") || text.starts_with("ou-") || text.starts_with("r-"))
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn account_fault(text: &str) -> PrincipalFault {
    match AccountId::parse(text) {
        Ok(id) => fault_with_meaning("an account id is 12 digits, nothing between them", id.to_string()),
        Err(why) => new_fault(why.to_string(), "write all 12 digits, leading zeros too"),
    }
}

/// Tells whether AWS takes a text as a principal by its form: 12 digits, or an ARN of IAM or STS.
pub fn is_principal(text: &str) -> bool {
    (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())) || principal_arn(text).is_some()
}

/// Reads the ARN of an account, role, user or session, held to the names that IAM and STS take.
pub fn principal_arn(text: &str) -> Option<Arn> {
    if text.trim() != text || text.contains(['*', '?', '$', '<', '>', '{', '}']) {
        return None;
    }
    let arn = Arn::parse(text)?;
    // A path may hold colons and commas, but a second ARN in it is a list that lost its quotes.
    if arn.resource.contains("arn:aws") {
        return None;
    }
    arn.known_partition()?;
    arn.account_id().filter(|id| id.as_str() == arn.account && arn.region.is_empty())?;
    let (kind, name) = arn.resource.split_once('/').unwrap_or((&arn.resource, ""));
    let last = name.rsplit('/').next().unwrap_or_default();
    let legal = match (arn.service.as_str(), kind) {
        ("iam", "root") => arn.resource == "root",
        ("iam", "role" | "user") => is_path(name) && is_name(last),
        ("sts", "assumed-role") => name.split_once('/').is_some_and(|(role, own)| is_name(role) && is_name(own)),
        ("sts", "federated-user") => is_name(name),
        _ => false,
    };
    legal.then_some(arn)
}

/// Tells whether a text may be the name of a role, user or session. Source: API models of IAM and STS (`[\w+=,.@-]+`).
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// Tells whether a name may stand behind a path like this one. Source: API model of IAM (visible ASCII characters).
fn is_path(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

/// Reads the fields one after the other; the first that is wrong gives the words, all that can be mended are.
fn arn_fault(text: &str) -> PrincipalFault {
    let mut words: Option<String> = None;
    let mut say = |what: String| {
        words.get_or_insert(what);
    };
    let fields = Fields::read_fields(text, &mut say);
    let partition = fields.partition.to_ascii_lowercase();
    let partition = match Partition::from_arn_field(&partition) {
        Some(_) if partition == fields.partition => partition,
        Some(_) => {
            say(format!("the partition `{}` is written in small letters", fields.partition));
            partition
        }
        None => {
            let what = format!("`{}` is no AWS partition, in its second field", fields.partition);
            return with_first(words, new_fault(what, "the second field is aws, aws-cn, aws-us-gov or aws-eusc"));
        }
    };
    let service = fields.service.to_ascii_lowercase();
    if !matches!(service.as_str(), "iam" | "sts") {
        return with_first(words, new_fault(format!("an ARN of `{}` names no principal", fields.service), FORM));
    }
    if service != fields.service {
        say(format!("the service `{}` is written in small letters", fields.service));
    }
    let account = match AccountId::parse(&fields.account) {
        Ok(id) => {
            if id.as_str() != fields.account {
                say("the account id in its fifth field is 12 digits, nothing between them".to_owned());
            }
            id
        }
        Err(why) => {
            let what = if fields.account.is_empty() {
                "its fifth field, the account id, is empty".to_owned()
            } else {
                format!("`{}` in its fifth field is no account id: {why}", fields.account)
            };
            return with_first(words, new_fault(what, "write all 12 digits of the account id"));
        }
    };
    match resource_of(&service, &fields.resource, &mut say) {
        Ok((service, resource)) => {
            let meant = format!("arn:{partition}:{service}::{account}:{resource}");
            let what = words.unwrap_or_else(|| "its resource is no account, role, user or session".to_owned());
            if is_principal(&meant) { fault_with_meaning(what, meant) } else { new_fault(what, FORM) }
        }
        Err(problem) => with_first(words, problem),
    }
}

/// Puts the words for an earlier field in front of a fault that cannot be mended.
fn with_first(words: Option<String>, later: PrincipalFault) -> PrincipalFault {
    match words {
        Some(first) => PrincipalFault { what: format!("{first}, and {}", later.what), ..later },
        None => later,
    }
}

/// The fields of an ARN of IAM, read with colons too many or too few.
#[derive(Default)]
struct Fields {
    partition: String,
    service: String,
    account: String,
    resource: String,
}

impl Fields {
    fn read_fields(text: &str, say: &mut impl FnMut(String)) -> Self {
        let mut left = text;
        let mut take = || {
            let (token, rest) = left.split_once(':').unwrap_or((left, ""));
            let after = rest.trim_start_matches(':');
            let colons = if rest.is_empty() { usize::from(left.contains(':')) } else { 1 + rest.len() - after.len() };
            left = after;
            (token.to_owned(), colons)
        };
        let mut fields = Self::default();
        let (mut token, mut colons) = take();
        if token.eq_ignore_ascii_case("arn") {
            if token != "arn" {
                say(format!("`{token}` is written in small letters"));
            }
            report_gap(&token, colons, 1, say);
            (token, colons) = take();
        } else {
            say("it lacks `arn:` in front".to_owned());
        }
        if matches!(token.as_str(), "iam" | "sts") {
            say("its second field, the partition, is missing".to_owned());
            "aws".clone_into(&mut fields.partition);
        } else {
            report_gap(&token, colons, 1, say);
            fields.partition = token;
            (token, colons) = take();
        }
        fields.service.clone_from(&token);
        let service_colons = colons;
        (token, colons) = take();
        if Region::parse(&token).is_ok() {
            say(format!("an ARN of IAM names no Region: its fourth field is empty, not `{token}`"));
            (token, colons) = take();
        } else {
            report_gap(&fields.service, service_colons, 2, say);
        }
        // The resource begins behind a colon; people also write a slash.
        match token.split_once('/') {
            Some((account, resource)) if account.len() >= 12 && AccountId::parse(account).is_ok() => {
                say("a colon, not a slash, stands behind the account id".to_owned());
                account.clone_into(&mut fields.account);
                fields.resource = if left.is_empty() { resource.to_owned() } else { format!("{resource}:{left}") };
            }
            _ => {
                if !left.is_empty() {
                    report_gap(&token, colons, 1, say);
                }
                fields.account = token;
                left.clone_into(&mut fields.resource);
            }
        }
        fields
    }
}

fn report_gap(token: &str, found: usize, wanted: usize, say: &mut impl FnMut(String)) {
    let words = |count: usize| match count {
        0 => "no colon".to_owned(),
        1 => "one colon".to_owned(),
        2 => "two colons".to_owned(),
        _ => format!("{count} colons"),
    };
    if found != wanted {
        say(format!("behind `{token}` comes {}, not {}", words(wanted), words(found)));
    }
}

/// Reads the last field: the service that it belongs to, and its right spelling.
fn resource_of(
    service: &str,
    written: &str,
    say: &mut impl FnMut(String),
) -> Result<(&'static str, String), PrincipalFault> {
    let kind = written.split(['/', ':']).next().unwrap_or_default();
    let behind = written.strip_prefix(kind).unwrap_or_default();
    let name = behind.strip_prefix(['/', ':']).unwrap_or_default();
    let lower = kind.to_ascii_lowercase();
    let right = match lower.as_str() {
        "root" | "role" | "user" => "iam",
        "assumed-role" | "federated-user" => "sts",
        "group" => return Err(new_fault("an IAM group is no principal", "name its users, a role, or the account")),
        "policy" => return Err(new_fault("an IAM policy is no principal", "name a role, a user or the account")),
        "instance-profile" => {
            return Err(new_fault("an instance profile is no principal", "name the role inside it"));
        }
        "saml-provider" | "oidc-provider" => {
            return Err(new_fault(
                "an identity provider is no principal that ECR takes",
                "name the role that it signs in to",
            ));
        }
        "" => return Err(new_fault("its last field is empty", "it ends in root, role/NAME or user/NAME")),
        _ => {
            return Err(new_fault(
                format!("`{kind}` in its last field names no user, role or account"),
                "it ends in root, role/NAME or user/NAME",
            ));
        }
    };
    if lower != kind {
        say(format!("`{kind}` is written in small letters: {lower}"));
    }
    if right != service {
        say(format!("`{lower}` belongs to {right}, not {service}, in the third field"));
    }
    if lower == "root" {
        if !behind.is_empty() {
            return Err(new_fault(format!("nothing follows `root`, here `{written}`"), FORM));
        }
        return Ok((right, lower));
    }
    if name.is_empty() {
        return Err(new_fault(format!("the name behind `{lower}/` is missing"), format!("write {lower}/NAME")));
    }
    if behind.starts_with(':') {
        say(format!("a slash, not a colon, stands behind `{lower}`"));
    }
    if lower == "assumed-role" && !name.contains('/') {
        return Err(new_fault(
            "the session's name is missing behind the role's",
            format!("name the role, role/{name}, or assumed-role/{name}/SESSION"),
        ));
    }
    if name.contains(['*', '?']) {
        return Err(new_fault("AWS takes no wildcard inside a principal's ARN", "name the account, or one role"));
    }
    let bad = name.chars().find(|c| !(c.is_ascii_alphanumeric() || "_+=,.@-/".contains(*c)));
    if let Some(bad) = bad {
        let shown = if bad == ' ' {
            "a blank".to_owned()
        } else {
            format!("`{}`", super::text::make_visible(&bad.to_string()))
        };
        return Err(new_fault(format!("the name behind `{lower}/` holds {shown}"), "write the name as IAM shows it"));
    }
    Ok((right, format!("{lower}/{name}")))
}

/// Returns the role whose session an ARN names. A session's ARN leaves the role's path out: only the name is sure.
pub fn session_role(session: &Arn) -> Option<Arn> {
    let name = session.resource.strip_prefix("assumed-role/")?.split('/').next()?;
    Some(Arn { service: "iam".to_owned(), resource: format!("role/{name}"), ..session.clone() })
}

/// Returns a session in words with the role that it belongs to, such as `session i-123 of role ci of 111111111111`.
pub fn session_words(session: &Arn) -> String {
    let last = session.resource.rsplit('/').next().unwrap_or_default();
    match session_role(session) {
        Some(role) => {
            let role = role.resource.strip_prefix("role/").unwrap_or_default().to_owned();
            format!("session {last} of role {role} of {}", session.account)
        }
        None => format!("session {last} of {}", session.account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_field_and_the_fix_are_named() {
        let root = Some("arn:aws:iam::111111111111:root");
        let ci = Some("arn:aws:iam::111111111111:role/ci");
        for (text, words, meant) in [
            ("arn:aws::iam::111111111111:root", "behind `aws` comes one colon, not two", root),
            ("arn:aws:iam:111111111111:root", "behind `iam` comes two colons, not one", root),
            ("arn:aws:iam:::111111111111:root", "behind `iam` comes two colons, not 3", root),
            ("arn:aws:iam::111111111111::root", "behind `111111111111` comes one colon, not two", root),
            ("arn::iam::111111111111:root", "behind `arn` comes one colon, not two", root),
            ("arn:iam::111111111111:root", "partition, is missing", root),
            ("aws:iam::111111111111:root", "lacks `arn:`", root),
            ("ARN:aws:iam::111111111111:root", "`ARN` is written in small letters", root),
            ("arn:AWS:iam::111111111111:root", "the partition `AWS`", root),
            ("arn:aws:IAM::111111111111:root", "the service `IAM`", root),
            ("arn:aws:iam::111111111111:Root", "`Root` is written in small letters", root),
            ("arn:aws:iam::111111111111:ROLE/ci", "`ROLE` is written in small letters", ci),
            ("arn:aws:sts::111111111111:root", "`root` belongs to iam, not sts", root),
            ("arn:aws:sts::111111111111:role/ci", "`role` belongs to iam, not sts", ci),
            ("arn:aws:iam::1111-1111-1111:root", "12 digits, nothing between them", root),
            ("arn:aws:iam:eu-west-2:111111111111:root", "names no Region", root),
            ("arn:aws:iam::111111111111:role:ci", "a slash, not a colon", ci),
            ("arn:aws:iam::111111111111/role/ci", "a colon, not a slash", ci),
            (" arn:aws:iam::111111111111:root", "blanks around it", root),
            ("1111-1111-1111", "nothing between them", Some("111111111111")),
            (
                "arn:aws:iam::111111111111:assumed-role/ci/run",
                "`assumed-role` belongs to sts, not iam",
                Some("arn:aws:sts::111111111111:assumed-role/ci/run"),
            ),
            ("1111111111111", "12 digits, this has 13", None),
            ("11111111111", "12 digits, this has 11", None),
            ("arn:aws:iam::1111111111111:root", "in its fifth field is no account id", None),
            ("arn:aws:iam:::root", "`root` in its fifth field", None),
            ("arn:aws:iam::111111111111:", "its last field is empty", None),
            ("arn:aws:iam::111111111111:role/", "the name behind `role/` is missing", None),
            ("arn:aws:iam::111111111111:role/my role", "holds a blank", None),
            ("arn:aws:iam::111111111111:role/caf\u{e9}", "holds `\u{e9}`", None),
            ("arn:aws:iam::111111111111:rooted", "`rooted` in its last field", None),
            ("arn:aws:iam::111111111111:root/x", "nothing follows `root`", None),
            ("arn:aws:iam::111111111111:group/dev", "group", None),
            ("arn:aws:sts::111111111111:assumed-role/ci", "session's name is missing", None),
            ("arn:amazon:iam::111111111111:root", "`amazon` is no AWS partition", None),
            ("arn:aws:s3:::bucket", "an ARN of `s3`", None),
            ("arn:aws:iam::111111111111:root,arn:aws:iam::333333333333:root", "two ARNs", None),
            ("arn:aws:iam::111111111111:root arn:aws:iam::333333333333:role/x", "two ARNs", None),
            ("arn:aws:iam::111111111111:role/x,arn:aws:iam::333333333333:role/y", "two ARNs", None),
            ("arn:aws::iam::111111111111:Root", "behind `aws`", root),
            ("arn:aws:iam::ACCOUNT_ID:root", "placeholder", None),
            ("o-a1b2c3d4e5", "organization", None),
            ("lambda.amazonaws.com", "`Service`", None),
            ("Release", "no account, role", None),
            ("", "empty", None),
        ] {
            let found = principal_fault(text).unwrap_or_else(|| panic!("{text} passes"));
            assert!(found.what.contains(words), "{text}: {}", found.what);
            assert_eq!(found.meant.as_deref(), meant, "{text}: {}", found.what);
            assert!(!found.next.is_empty(), "{text}");
        }
    }

    #[test]
    fn several_principals_in_one_text_are_taken_apart() {
        let root = |id: &str| format!("arn:aws:iam::{id}:root");
        let (one, other) = (root("111111111111"), root("333333333333"));
        for text in [
            format!("{one},{other}"),
            format!("{one}, {other}"),
            format!("{one} {other}"),
            format!("{one}{other}"),
            format!("{one};{one};{other}"),
            format!("[\"{one}\", \"{other}\"]"),
            format!("{one},arn:aws::iam::333333333333:Root"),
        ] {
            assert_eq!(principal_list(&text), Some(vec![one.clone(), other.clone()]), "{text}");
            assert!(principal_fault(&text).is_some_and(|fault| fault.what.contains("in one text")), "{text}");
        }
        assert_eq!(principal_list("111111111111,333333333333").unwrap(), ["111111111111", "333333333333"]);
        for text in
            [one.clone(), format!("{one},*"), format!("{one},bob"), format!("{one},"), "1111 1111 1111".to_owned()]
        {
            assert_eq!(principal_list(&text), None, "{text}");
        }
    }

    #[test]
    fn each_single_slip_in_a_principal_is_mended_back_to_it() {
        let rights = [
            "arn:aws:iam::111111111111:root",
            "arn:aws-cn:iam::111111111111:role/team/ci",
            "arn:aws:iam::111111111111:user/ana",
            "arn:aws:sts::111111111111:assumed-role/ci/run",
        ];
        for right in rights {
            assert!(principal_fault(right).is_none(), "{right}");
            let slips: [String; 9] = [
                format!(" {right} "),
                right.replacen("::", ":", 1),
                right.replacen("::", ":::", 1),
                right.replacen("arn:", "arn::", 1),
                right.replacen("arn:", "ARN:", 1),
                right.replacen("arn:", "", 1),
                right.replacen("111111111111", "1111-1111-1111", 1),
                right.replacen("111111111111:", "111111111111::", 1),
                if right.contains(":iam:") { right.replace(":iam:", ":sts:") } else { right.replace(":sts:", ":iam:") },
            ];
            for slip in slips {
                let found = principal_fault(&slip).unwrap_or_else(|| panic!("{slip} passes"));
                assert_eq!(found.meant.as_deref(), Some(right), "{slip}: {}", found.what);
            }
        }
    }

    #[test]
    fn a_session_is_told_with_its_role() {
        let arn = |text: &str| Arn::parse(text).unwrap();
        let session = arn("arn:aws:sts::111111111111:assumed-role/ci/i-123");
        assert_eq!(session_words(&session), "session i-123 of role ci of 111111111111");
        assert_eq!(session_role(&session).unwrap().to_string(), "arn:aws:iam::111111111111:role/ci");
        let federated = arn("arn:aws:sts::111111111111:federated-user/ana");
        assert_eq!(session_words(&federated), "session ana of 111111111111");
        assert_eq!(session_role(&federated), None);
    }
}
