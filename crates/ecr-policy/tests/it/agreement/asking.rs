//! Requests made from the texts of policies: their values, values near them, patterns with their wildcards filled, absent
//! keys and lists of several values. Each is one that AWS could see: what keys tell of one thing agrees.

use std::collections::{BTreeMap, BTreeSet};

use ecr_policy::ecr::Arn;
use ecr_policy::evaluate::Request;
use ecr_policy::{IdentityPolicies, Policy};

use super::pairs::OWNER;
use crate::dice::Dice;

/// An account that owns the repository and that no policy names.
const SOMEBODY: &str = "666666666666";
/// An account that no policy names.
const STRANGER: &str = "999999999999";

/// The texts of policies, by the keys whose conditions hold them.
pub struct Materials {
    values: BTreeMap<String, Vec<String>>,
    /// Pieces between the wildcards of all values.
    pieces: Vec<String>,
    accounts: Vec<String>,
    services: Vec<String>,
    principals: Vec<String>,
    owner: Option<String>,
}

type Context = Vec<(String, Vec<String>)>;

impl Materials {
    pub fn new(policies: &[&Policy], owner: Option<&str>) -> Self {
        let statements = || policies.iter().flat_map(|p| &p.statements);
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for condition in statements().flat_map(|s| &s.conditions) {
            let list = values.entry(condition.key.to_lowercase()).or_default();
            let is_test_of_presence = condition.operator == "Null";
            list.extend(condition.values.iter().filter(|_| !is_test_of_presence).cloned());
        }
        let principals: Vec<String> =
            statements().flat_map(|s| &s.principals.entries).map(|p| p.text.clone()).collect();
        let mut accounts: BTreeSet<String> = BTreeSet::from([STRANGER.to_owned()]);
        for text in values.values().flatten().chain(&principals) {
            let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 12);
            accounts.extend(numbers.map(str::to_owned));
        }
        accounts.extend(owner.map(str::to_owned));
        let services = principals.iter().filter(|p| p.ends_with(".amazonaws.com")).cloned();
        let services: Vec<String> = services.chain(["events.amazonaws.com".to_owned()]).collect();
        let cut = |value: &String| value.split(['*', '?', '/', ':']).map(str::to_owned).collect::<Vec<_>>();
        let mut pieces: Vec<String> = values.values().flatten().flat_map(cut).filter(|p| !p.contains("${")).collect();
        pieces.extend(["", "", "x", "ab"].map(str::to_owned));
        let accounts = accounts.into_iter().filter(|id| owner.is_some() || id != SOMEBODY).collect();
        Self { values, pieces, accounts, services, principals, owner: owner.map(str::to_owned) }
    }

    /// Makes a request about an action.
    pub fn request(&self, dice: &mut Dice, action: &str) -> Request {
        let owner = self.owner_of_repository(dice);
        let repository = format!("arn:aws:ecr:eu-west-2:{owner}:repository/app");
        let identity = if dice.is_one_in(8) { IdentityPolicies::None } else { IdentityPolicies::All };
        let wants_service =
            self.values.keys().any(|k| k.starts_with("aws:source") && k != "aws:sourceip" && k != "aws:sourcevpce");
        let is_service = if wants_service || self.services.len() > 1 { !dice.is_one_in(4) } else { dice.is_one_in(12) };
        let (caller, mut context) = if is_service { self.service(dice) } else { self.person(dice) };
        self.surroundings(dice, &mut context, is_service);
        context.push(("aws:ResourceAccount".to_owned(), vec![owner]));
        self.follow_variables(dice, &mut context);
        Request::new(&caller, action, &repository, identity, context).unwrap()
    }

    fn owner_of_repository(&self, dice: &mut Dice) -> String {
        if let Some(owner) = &self.owner {
            return owner.clone();
        }
        let named =
            self.of("aws:resourceaccount").iter().filter(|v| v.len() == 12 && v.bytes().all(|b| b.is_ascii_digit()));
        let named: Vec<String> = named.cloned().chain([SOMEBODY.to_owned()]).collect();
        dice.pick_text(&named)
    }

    fn of(&self, key: &str) -> &[String] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// A text for a key: one of its values with the wildcards filled, as it is or nearly; where nothing is said, a word.
    fn text(&self, dice: &mut Dice, key: &str) -> String {
        let values = self.of(key);
        if values.is_empty() || dice.is_one_in(12) {
            return dice.pick(&["x", "red", "team", "other"]).to_owned();
        }
        let mut text = self.one_filled(dice, values);
        match dice.roll(10) {
            0 => text.push_str(dice.pick(&["x", "-prod", "z"])),
            1 => drop(text.pop()),
            2 => text = text.to_uppercase(),
            3 => text = text.to_lowercase(),
            _ => {}
        }
        text
    }

    /// A pattern with something in the place of each wildcard.
    fn filled(&self, dice: &mut Dice, pattern: &str) -> String {
        let mut text = String::new();
        for c in pattern.chars() {
            match c {
                '*' => (0..=dice.roll(2)).for_each(|_| text.push_str(&dice.pick_text(&self.pieces))),
                '?' => text.push_str(dice.pick(&["a", "b", "1", "3", "-", "x", ":"])),
                other => text.push(other),
            }
        }
        text
    }

    fn one_filled(&self, dice: &mut Dice, patterns: &[String]) -> String {
        let pattern = dice.pick_text(patterns);
        self.filled(dice, &pattern)
    }

    fn account(&self, dice: &mut Dice) -> String {
        let patterns = self.of("aws:principalaccount");
        if !patterns.is_empty() && dice.is_one_in(3) {
            let text = self.one_filled(dice, patterns);
            let digits: String =
                text.chars().filter(char::is_ascii_digit).chain("987654321098".chars()).take(12).collect();
            if self.owner.is_some() || digits != SOMEBODY {
                return digits;
            }
        }
        dice.pick_text(&self.accounts)
    }

    fn person(&self, dice: &mut Dice) -> (String, Context) {
        let mut arn = None;
        if dice.is_one_in(3) {
            let named = dice.pick_text(&self.principals);
            arn = Some(named).filter(|text| is_person(text));
        }
        for _ in 0..4 {
            let patterns = self.of("aws:principalarn");
            if arn.is_some() || patterns.is_empty() {
                break;
            }
            let mut text = self.one_filled(dice, patterns);
            if !text.starts_with("arn:aws:iam::") {
                let account = self.account(dice);
                text = format!("arn:aws:iam::{account}:role/{}", text.trim_start_matches([':', '/']));
            }
            arn = Some(text).filter(|text| is_person(text));
        }
        let arn = arn.unwrap_or_else(|| {
            let (account, name) = (self.account(dice), self.name(dice));
            let kind = dice.pick(&["role", "role", "role", "user", "user", "root"]);
            let path = dice.pick(&["", "", "team/", "deploy/x/"]);
            let resource = if kind == "root" { kind.to_owned() } else { format!("{kind}/{path}{name}") };
            format!("arn:aws:iam::{account}:{resource}")
        });
        self.told_by(dice, &arn)
    }

    fn name(&self, dice: &mut Dice) -> String {
        for _ in 0..3 {
            let text = self.text(dice, "aws:username");
            if is_name(&text) {
                return text;
            }
        }
        dice.pick(&["ci", "ana", "web", "ci-x-prod"]).to_owned()
    }

    /// A caller by its ARN or that of its role, with what it tells of itself.
    fn told_by(&self, dice: &mut Dice, arn: &str) -> (String, Context) {
        let read = Arn::parse(arn).unwrap();
        let (account, name) = (read.account.clone(), read.resource.rsplit('/').next().unwrap().to_owned());
        let (mut caller, mut told, mut kind) = (arn.to_owned(), arn.to_owned(), "AssumedRole");
        let mut context: Context = Vec::new();
        let mut add = |key: &str, value: &str| context.push((key.to_owned(), vec![value.to_owned()]));
        match read.resource.split('/').next().unwrap() {
            "root" => kind = "Account",
            "user" => {
                kind = "User";
                add("aws:username", &name);
            }
            "federated-user" => {
                kind = "FederatedUser";
                // Who it was before has a name, or none.
                match dice.roll(3) {
                    0 => {}
                    1 => add("aws:username", &name),
                    _ => add("aws:username", dice.pick(&["ana", "bo", "x"])),
                }
            }
            "assumed-role" => {
                let role = read.resource.split('/').nth(1).unwrap();
                told = format!("arn:aws:iam::{account}:role/{role}");
            }
            _ if dice.is_one_in(3) => caller = format!("arn:aws:sts::{account}:assumed-role/{name}/run"),
            _ => {}
        }
        add("aws:PrincipalArn", &told);
        add("aws:PrincipalAccount", &account);
        add("aws:PrincipalType", kind);
        add("aws:PrincipalIsAWSService", "false");
        for key in
            ["aws:principaltag/team", "aws:principaltag/owner", "aws:multifactorauthage", "aws:multifactorauthpresent"]
        {
            if self.values.contains_key(key) && dice.roll(4) > 0 {
                context.push((key.to_owned(), vec![self.single(dice, key)]));
            }
        }
        self.organization(dice, "aws:principal", &mut context);
        (caller, context)
    }

    fn service(&self, dice: &mut Dice) -> (String, Context) {
        let name = dice.pick_text(&self.services);
        let mut context: Context = ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"]
            .map(|key| (key.to_owned(), vec![name.clone()]))
            .into();
        context.push(("aws:PrincipalIsAWSService".to_owned(), vec!["true".to_owned()]));
        let mut account = self.source_account(dice);
        let mut source = None;
        for _ in 0..4 {
            let patterns = self.of("aws:sourcearn");
            if source.is_some() || patterns.is_empty() {
                break;
            }
            let text = dice.pick_text(patterns).replace("${aws:SourceAccount}", &account);
            source = Some(self.filled(dice, &text)).filter(|text| is_source(text));
        }
        let source = source.unwrap_or_else(|| {
            let name = dice.pick(&["thumbs", "prod-x", "prod-", "x"]);
            let region = dice.pick(&["eu-west-2", "us-east-1"]);
            format!("arn:aws:lambda:{region}:{account}:function:{name}")
        });
        account = Arn::parse(&source).unwrap().account;
        match dice.roll(8) {
            0 => {}
            1 => context.push(("aws:SourceAccount".to_owned(), vec![account])),
            2 => context.push(("aws:SourceArn".to_owned(), vec![source])),
            _ => {
                context.push(("aws:SourceAccount".to_owned(), vec![account]));
                context.push(("aws:SourceArn".to_owned(), vec![source]));
            }
        }
        self.organization(dice, "aws:source", &mut context);
        (name, context)
    }

    fn source_account(&self, dice: &mut Dice) -> String {
        if let Some(owner) = self.owner.as_ref().filter(|_| dice.is_one_in(4)) {
            return owner.clone();
        }
        dice.pick_text(&self.accounts)
    }

    /// An organization and a place in it or two, or none.
    fn organization(&self, dice: &mut Dice, begin: &str, context: &mut Context) {
        if dice.is_one_in(3) {
            return;
        }
        let (id_key, paths_key) = (format!("{begin}orgid"), format!("{begin}orgpaths"));
        let mut id = self.text(dice, &id_key);
        let path = self.text(dice, &paths_key);
        if let Some((of_path, _)) = path.split_once('/').filter(|(id, _)| is_organization(id) && dice.roll(3) > 0) {
            of_path.clone_into(&mut id);
        }
        if !is_organization(&id) {
            dice.pick(&["o-aaaaaaaaaa", "o-zzzzzzzzzz", "o-bbbbbbbbbb"]).clone_into(&mut id);
        }
        let mut paths = Vec::new();
        for _ in 0..=dice.roll(2) {
            let text = self.text(dice, &paths_key);
            let rest = text.split_once('/').map_or("", |(_, rest)| rest);
            let is_place = !rest.is_empty() && rest.ends_with('/') && rest.bytes().all(|b| b.is_ascii_graphic());
            let rest = if is_place { rest } else { dice.pick(&["r-ab12/", "r-ab12/ou-1/", "r-zz99/ou-1/ou-deep/"]) };
            paths.push(format!("{id}/{rest}"));
        }
        context.push((id_key, vec![id]));
        context.push((paths_key, paths));
    }

    /// What does not hang on the caller.
    fn surroundings(&self, dice: &mut Dice, context: &mut Context, is_service: bool) {
        let mut add = |key: &str, value: String| context.push((key.to_owned(), vec![value]));
        add("aws:SecureTransport", "true".to_owned());
        let via = !is_service && dice.is_one_in(3);
        add("aws:ViaAWSService", via.to_string());
        let seconds = self.moment(dice);
        let moment = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        add("aws:CurrentTime", moment.format(&time::format_description::well_known::Rfc3339).unwrap());
        add("aws:EpochTime", seconds.to_string());
        if self.values.contains_key("aws:resourceorgid") || self.variables().any(|v| v.contains("ResourceOrgID")) {
            self.organization(dice, "aws:resource", context);
        }
        for key in ["aws:sourceip", "aws:vpcsourceip", "aws:sourcevpce", "ecr:resourcetag/team"] {
            if self.values.contains_key(key) && dice.roll(4) > 0 {
                context.push((key.to_owned(), vec![self.single(dice, key)]));
            }
        }
        if self.values.contains_key("aws:tagkeys") && dice.roll(5) > 0 {
            let mut keys: Vec<String> = Vec::new();
            for _ in 0..=dice.roll(4) {
                let key = self.text(dice, "aws:tagkeys");
                if !key.is_empty() && !keys.contains(&key) && key.chars().all(is_of_tag) {
                    keys.push(key);
                }
            }
            if !keys.is_empty() {
                context.push(("aws:TagKeys".to_owned(), keys));
            }
        }
    }

    fn variables(&self) -> impl Iterator<Item = &String> {
        self.values.values().flatten().filter(|value| value.contains("${"))
    }

    fn moment(&self, dice: &mut Dice) -> i64 {
        let mut all: Vec<i64> = vec![1_800_000_000];
        let date = |text: &String| {
            let moment = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
            moment.map(time::OffsetDateTime::unix_timestamp).ok().or_else(|| text.parse().ok())
        };
        all.extend(["aws:currenttime", "aws:epochtime"].into_iter().flat_map(|key| self.of(key)).filter_map(date));
        all[dice.roll(all.len())] + [-1, 0, 0, 1, 86_400][dice.roll(5)]
    }

    /// A value of a key that has one.
    fn single(&self, dice: &mut Dice, key: &str) -> String {
        let values = self.of(key);
        let plain = |dice: &mut Dice, usual: &[&str]| dice.pick(usual).to_owned();
        match key {
            "aws:sourceip" | "aws:vpcsourceip" if values.is_empty() || dice.is_one_in(4) => {
                plain(dice, &["9.9.9.9", "198.51.100.7", "2001:4860::1", "10.9.9.9"])
            }
            "aws:sourceip" | "aws:vpcsourceip" => {
                let range = dice.pick_text(values);
                let address = range.split('/').next().unwrap();
                let last = dice.pick(&["0", "1", "7", "8", "127", "128", "255"]);
                match address.rsplit_once('.') {
                    Some((begin, _)) => format!("{begin}.{last}"),
                    None => format!("{}{last}", address.trim_end_matches('0')).replace(":::", "::"),
                }
            }
            "aws:multifactorauthage" => {
                let near = ["0", "59", "60", "61", "3599", "3600", "3600.2", "3600.5", "3601", "86400"];
                plain(dice, &near)
            }
            "aws:multifactorauthpresent" => plain(dice, &["true", "false"]),
            "aws:sourcevpce" => {
                let text = self.text(dice, key);
                if text.is_empty() { "vpce-00000000".to_owned() } else { text }
            }
            _ => {
                let text = self.text(dice, key);
                if text.chars().all(is_of_tag) { text } else { "red".to_owned() }
            }
        }
    }

    /// Gives keys that are compared with variables the values of those, some of the time.
    fn follow_variables(&self, dice: &mut Dice, context: &mut Context) {
        for key in ["aws:principaltag/team", "aws:principaltag/owner", "ecr:resourcetag/team"] {
            for value in self.of(key).iter().filter(|v| v.contains("${")) {
                if !dice.is_one_in(2) {
                    continue;
                }
                let name = value.trim_start_matches("${").split(['}', ',']).next().unwrap().to_lowercase();
                let of = |context: &Context, key: &str| context.iter().position(|(k, _)| k.eq_ignore_ascii_case(key));
                if let (Some(from), Some(to)) = (of(context, &name), of(context, key)) {
                    let copied = context[from].1.clone();
                    context[to].1 = copied;
                }
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// Tells whether a text is the ARN of a role, user or root user, or of a session, with an account of 12 digits.
fn is_person(text: &str) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", "aws", service, "", account, resource] = fields.as_slice() else { return false };
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) || account == &SOMEBODY {
        return false;
    }
    if *service == "sts" {
        let parts: Vec<&str> = resource.split('/').collect();
        return match parts.as_slice() {
            ["assumed-role", role, session] => is_name(role) && is_name(session),
            ["federated-user", name] => is_name(name),
            _ => false,
        };
    }
    let of_kind = resource.strip_prefix("role/").or_else(|| resource.strip_prefix("user/"));
    let is_named = of_kind.is_some_and(|rest| {
        let (path, name) = rest.rsplit_once('/').map_or((None, rest), |(path, name)| (Some(path), name));
        is_name(name)
            && path.is_none_or(|path| {
                (1..=510).contains(&path.len())
                    && path.bytes().all(|b| b.is_ascii_graphic() && !b"*?$<>{}".contains(&b))
                    && !path.contains("arn:")
            })
    });
    *service == "iam" && (is_named || *resource == "root")
}

fn is_source(text: &str) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = fields.as_slice() else { return false };
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_lambda = || {
        let parts: Vec<&str> = resource.split(':').collect();
        let is_part =
            |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        matches!(parts.len(), 2 | 3)
            && parts[0].bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            && parts.iter().all(is_part)
    };
    is_word(partition)
        && is_word(service)
        && is_word(region)
        && !partition.is_empty()
        && !service.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && !resource.is_empty()
        && (*service != "lambda" || is_lambda())
}

fn is_organization(text: &str) -> bool {
    let rest = text.strip_prefix("o-").unwrap_or_default();
    (1..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_of_tag(c: char) -> bool {
    c.is_alphanumeric() || "_.:/=+-@ ".contains(c)
}

/// Tells whether the owner of pairs is an account that the sampled requests know.
pub fn known_owner(dice: &mut Dice) -> Option<&'static str> {
    (!dice.is_one_in(3)).then_some(OWNER)
}
