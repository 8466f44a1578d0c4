//! A request for access, and the statements that it comes to.

use crate::ecr::recipe::all_recipes;
use crate::ecr::service::LAMBDA;
use crate::ecr::{AccessEnd, AccountId, ActionInfo, Arn, Grantee, Problem, Recipe, Region, action};
use crate::policy::model::actions::nearest_action;
use crate::policy::{Condition, Wanted, WantedPrincipals};

/// A request: grantees, actions and repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The account that owns the registry.
    pub owner: AccountId,
    /// The registry's Region.
    pub region: Region,
    /// The parties that receive access.
    pub grantees: Vec<Grantee>,
    /// The purpose. The Sid comes from it, and so does the second statement that Lambda needs.
    pub recipe: &'static Recipe,
    /// The chosen actions. Account-level ones are written too: leave them out unless somebody asked for them.
    pub actions: Vec<&'static ActionInfo>,
    /// The moment at which the access ends; none: it has no end.
    pub until: Option<AccessEnd>,
}

impl Request {
    /// Builds the request that asks for nothing: with it a stored policy is edited as it is.
    pub fn of_nothing(owner: &AccountId, region: &Region) -> Option<Self> {
        let recipe = all_recipes().first()?;
        Some(Self {
            owner: owner.clone(),
            region: region.clone(),
            grantees: Vec::new(),
            recipe,
            actions: Vec::new(),
            until: None,
        })
    }
}

/// The statements that a request comes to: one for all accounts, roles, users and sessions; one for each other kind
/// of grantee. Nobody or nothing asked for: none.
///
/// Organizations are `*` with a condition, never without; services are held to the owner's account, as AWS's page on
/// the confused deputy asks. For Lambda the account needs one statement and the Lambda service a second, or functions
/// stop when they are loaded again (source: AWS compute blog, cross-account ECR access for Lambda).
///
/// Access that ends is a condition on the time of the call in each of them, and a Sid of its own: a statement without an
/// end never gets one, and one with an end never loses it.
pub fn wanted_statements(request: &Request) -> Vec<Wanted> {
    let Request { owner, region, grantees, recipe, actions, until } = request;
    let partition = region.partition();
    let names = sorted_names(actions);
    if names.is_empty() {
        return Vec::new();
    }
    let (mut principals, mut organizations, mut units, mut services) = (vec![], vec![], vec![], vec![]);
    let (mut functions, mut everyone) = (vec![], false);
    for grantee in grantees {
        match grantee {
            Grantee::Account { id, .. } => add_entry(&mut principals, Arn::account_root(partition, id).to_string()),
            Grantee::Role(arn) | Grantee::User(arn) | Grantee::Session(arn) => {
                add_entry(&mut principals, arn.to_string());
            }
            Grantee::Organization(id) => add_entry(&mut organizations, id.clone()),
            Grantee::OrgUnit(path) => add_entry(&mut units, format!("{path}*")),
            Grantee::Service(name) => add_entry(&mut services, name.clone()),
            Grantee::Everyone => everyone = true,
        }
        if let Some(account) = grantee.account() {
            add_entry(&mut functions, format!("arn:{partition}:lambda:{region}:{account}:function:*"));
        }
    }
    let aws = |entries: Vec<String>| WantedPrincipals::Aws(entries);
    let star = || WantedPrincipals::Aws(vec!["*".to_owned()]);
    let lambda = || WantedPrincipals::Service(vec![LAMBDA.to_owned()]);
    let mut found = Vec::new();
    let end = until.map(|end| new_condition(AccessEnd::OPERATOR, AccessEnd::KEY, vec![end.policy_value()]));
    let ending = if until.is_some() { "Until" } else { "" };
    let mut push = |kind: &str, principals: WantedPrincipals, mut conditions: Vec<Condition>| {
        let sid = format!("EcrGrant{}{kind}{ending}", recipe.label);
        conditions.extend(end.clone());
        found.push(Wanted { sid, principals, actions: names.clone(), conditions });
    };
    if !principals.is_empty() {
        push("", aws(principals), vec![]);
    }
    if !organizations.is_empty() {
        push("Organization", star(), vec![new_condition("StringEquals", "aws:PrincipalOrgID", organizations.clone())]);
    }
    if !units.is_empty() {
        push("Unit", star(), vec![new_condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", units.clone())]);
    }
    if recipe.is_lambda() {
        if !functions.is_empty() {
            push("Service", lambda(), vec![new_condition("StringLike", "aws:sourceArn", functions)]);
        }
        // `aws:PrincipalOrgID` never holds for a service: these keys are their counterparts.
        if !organizations.is_empty() {
            push(
                "ServiceOrganization",
                lambda(),
                vec![new_condition("StringEquals", "aws:SourceOrgID", organizations)],
            );
        }
        if !units.is_empty() {
            push("ServiceUnit", lambda(), vec![new_condition("ForAnyValue:StringLike", "aws:SourceOrgPaths", units)]);
        }
    }
    if !services.is_empty() {
        let own = vec![new_condition("StringEquals", "aws:SourceAccount", vec![owner.to_string()])];
        push("OwnService", WantedPrincipals::Service(services), own);
    }
    if everyone {
        push("Public", star(), vec![]);
    }
    found
}

fn add_entry(list: &mut Vec<String>, entry: String) {
    if !list.contains(&entry) {
        list.push(entry);
    }
}

fn new_condition(operator: &str, key: &str, values: Vec<String>) -> Condition {
    Condition { operator: operator.to_owned(), key: key.to_owned(), values }
}

fn sorted_names(actions: &[&'static ActionInfo]) -> Vec<String> {
    let mut names: Vec<String> = actions.iter().map(|a| a.iam_name()).collect();
    names.sort();
    names.dedup();
    names
}

/// Reads a list of action names, with or without `ecr:`, separated by commas or blanks.
pub fn parse_actions(text: &str) -> Result<Vec<&'static ActionInfo>, Problem> {
    let mut found: Vec<&'static ActionInfo> = Vec::new();
    for name in text.split([',', ';', ' ', '\n', '\t']).filter(|n| !n.is_empty()) {
        let Some(info) = action::find_action(name) else {
            let bare = name.split_once(':').map_or(name, |(_, bare)| bare);
            let next = match nearest_action(bare) {
                Some(near) => format!("did you mean {near}?"),
                None => "name each action in full; patterns are not taken here".to_owned(),
            };
            return Err(Problem { what: format!("`{name}` is no action of ECR"), next });
        };
        if !found.contains(&info) {
            found.push(info);
        }
    }
    if found.is_empty() {
        return Err(Problem {
            what: "no action is named".to_owned(),
            next: "name at least one, such as BatchGetImage".to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::recipe;

    fn request(recipe: &str, grantees: &[&str]) -> Request {
        let recipe = recipe::find_recipe(recipe).unwrap();
        Request {
            owner: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            grantees: grantees.iter().map(|g| Grantee::parse(g).unwrap()).collect(),
            recipe,
            actions: recipe.repository_actions().collect(),
            until: None,
        }
    }

    /// `Sid | principals | conditions`, a line a statement.
    fn lines(request: &Request) -> Vec<String> {
        wanted_statements(request)
            .iter()
            .map(|w| {
                let principals = match &w.principals {
                    WantedPrincipals::Aws(list) => format!("AWS {}", list.join(" ")),
                    WantedPrincipals::Service(list) => format!("Service {}", list.join(" ")),
                };
                let conditions: Vec<String> = w
                    .conditions
                    .iter()
                    .map(|c| format!(" | {} {} {}", c.operator, c.key, c.values.join(" ")))
                    .collect();
                format!("{} | {principals}{}", w.sid, conditions.concat())
            })
            .collect()
    }

    #[test]
    fn every_kind_of_grantee_has_its_statement() {
        let cases: [(&str, &[&str], &[&str]); 8] = [
            ("pull", &["111111111111"], &["EcrGrantPull | AWS arn:aws:iam::111111111111:root"]),
            (
                "release",
                &["111111111111", "arn:aws:iam::333333333333:role/ci", "1111-1111-1111"],
                &["EcrGrantRelease | AWS arn:aws:iam::111111111111:root arn:aws:iam::333333333333:role/ci"],
            ),
            (
                "pull",
                &["o-a1b2c3d4e5", "o-b1b2c3d4e5"],
                &["EcrGrantPullOrganization | AWS * | StringEquals aws:PrincipalOrgID o-a1b2c3d4e5 o-b1b2c3d4e5"],
            ),
            (
                "pull",
                &["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"],
                &[
                    "EcrGrantPullUnit | AWS * | ForAnyValue:StringLike aws:PrincipalOrgPaths o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*",
                ],
            ),
            (
                "pull",
                &["codebuild.amazonaws.com"],
                &[
                    "EcrGrantPullOwnService | Service codebuild.amazonaws.com | StringEquals aws:SourceAccount 222222222222",
                ],
            ),
            ("pull", &["*"], &["EcrGrantPullPublic | AWS *"]),
            (
                "lambda",
                &["111111111111", "arn:aws:iam::333333333333:role/deploy"],
                &[
                    "EcrGrantLambda | AWS arn:aws:iam::111111111111:root arn:aws:iam::333333333333:role/deploy",
                    "EcrGrantLambdaService | Service lambda.amazonaws.com | StringLike aws:sourceArn \
                     arn:aws:lambda:eu-west-2:111111111111:function:* arn:aws:lambda:eu-west-2:333333333333:function:*",
                ],
            ),
            (
                "lambda",
                &["o-a1b2c3d4e5"],
                &[
                    "EcrGrantLambdaOrganization | AWS * | StringEquals aws:PrincipalOrgID o-a1b2c3d4e5",
                    "EcrGrantLambdaServiceOrganization | Service lambda.amazonaws.com | StringEquals aws:SourceOrgID o-a1b2c3d4e5",
                ],
            ),
        ];
        for (recipe, grantees, expected) in cases {
            assert_eq!(lines(&request(recipe, grantees)), expected, "{recipe} {grantees:?}");
        }
    }

    #[test]
    fn an_end_is_a_condition_and_a_sid_of_its_own_in_each_statement() {
        let everybody =
            ["111111111111", "o-a1b2c3d4e5", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "codebuild.amazonaws.com", "*"];
        for recipe in ["pull", "lambda"] {
            let forever = request(recipe, &everybody);
            let end = AccessEnd::read_value("2027-03-31T23:59:59Z").unwrap();
            let ending = Request { until: Some(end), ..forever.clone() };
            let (forever, ending) = (wanted_statements(&forever), wanted_statements(&ending));
            assert_eq!(forever.len(), ending.len());
            for (plain, mut until) in forever.into_iter().zip(ending) {
                let last = until.conditions.pop().unwrap();
                assert_eq!(
                    last,
                    new_condition("DateLessThan", "aws:CurrentTime", vec!["2027-03-31T23:59:59Z".to_owned()])
                );
                assert_eq!(until.sid, format!("{}Until", plain.sid));
                assert_eq!(until, Wanted { sid: until.sid.clone(), ..plain });
            }
        }
    }

    #[test]
    fn accounts_stay_in_the_owners_partition() {
        let mut request = request("lambda", &["111111111111"]);
        request.region = Region::parse("cn-north-1").unwrap();
        let lines = lines(&request);
        assert!(lines[0].ends_with("arn:aws-cn:iam::111111111111:root"), "{lines:?}");
        assert!(lines[1].ends_with("arn:aws-cn:lambda:cn-north-1:111111111111:function:*"), "{lines:?}");
    }

    #[test]
    fn actions_are_sorted_and_the_login_token_stays_out_of_a_recipe() {
        let release = wanted_statements(&request("release", &["111111111111"]));
        let mut sorted = release[0].actions.clone();
        sorted.sort();
        assert_eq!(release[0].actions, sorted);
        assert_eq!(sorted.len(), 7);
        assert!(!sorted.contains(&"ecr:GetAuthorizationToken".to_owned()));
        let mut asked = request("release", &["111111111111"]);
        asked.actions = asked.recipe.action_rows().collect();
        assert!(wanted_statements(&asked)[0].actions.contains(&"ecr:GetAuthorizationToken".to_owned()));
    }

    #[test]
    fn no_organization_statement_ever_lacks_its_condition() {
        for recipe in recipe::all_recipes().iter().filter(|r| !r.is_custom()) {
            for grantee in ["o-a1b2c3d4e5", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "lambda.amazonaws.com"] {
                let found = wanted_statements(&request(&recipe.name, &[grantee]));
                assert!(
                    !found.is_empty() && found.iter().all(|w| w.conditions.len() == 1),
                    "{} {grantee}",
                    recipe.name
                );
            }
        }
    }

    #[test]
    fn nothing_asked_comes_to_nothing() {
        assert!(wanted_statements(&request("custom", &["111111111111"])).is_empty());
        assert!(wanted_statements(&request("pull", &[])).is_empty());
    }

    #[test]
    fn a_list_of_actions_is_read_and_a_misspelt_one_is_mended() {
        let read = parse_actions("ecr:BatchGetImage, getdownloadurlforlayer BatchGetImage").unwrap();
        let names: Vec<_> = read.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["BatchGetImage", "GetDownloadUrlForLayer"]);
        let said = |text: &str| parse_actions(text).unwrap_err().to_string();
        assert!(said("ListImage").contains("did you mean ListImages?"), "{}", said("ListImage"));
        assert!(said("SetRepoPolicy").contains("did you mean SetRepositoryPolicy?"), "{}", said("SetRepoPolicy"));
        assert!(said("ecr:BatchGet*").contains("is no action"), "{}", said("ecr:BatchGet*"));
        assert!(said("s3:GetObject").contains("is no action"));
        assert!(said(" ,").contains("no action is named"));
    }
}
