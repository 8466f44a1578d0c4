//! Everything that the engine says of two policies, each claim in a form that a single request can refute.

use ecr_policy::access::table_for;
use ecr_policy::delta::{Change, Delta, delta_for};
use ecr_policy::ecr::AccountId;
use ecr_policy::edit::grant_for;
use ecr_policy::evaluate::{Request, evaluate};
use ecr_policy::lint::{CheckOptions, check};
use ecr_policy::syntax::{Node, parse};
use ecr_policy::{
    AccessTable, Answer, Class, Condition, Effect, Finding, Policy, Severity, Span, Statement, Wanted,
    WantedPrincipals, Who,
};
use serde_json::{Value, json};

use crate::dice::Dice;

/// How often each kind of claim was made and asked about.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub pairs: usize,
    pub requests: usize,
    pub changes: usize,
    pub lines: usize,
    pub unproved_lines: usize,
    pub no_difference: usize,
    pub tables: usize,
    pub unproved_tables: usize,
    pub never: usize,
    pub redundant_principals: usize,
    pub redundant_statements: usize,
    pub redundant_values: usize,
    pub shadowed: usize,
    pub granted: usize,
    pub already: usize,
}

/// A policy with all that is claimed of it alone.
struct Side {
    text: String,
    policy: Policy,
    table: AccessTable,
    /// Statements that never match (W201), and those that nobody gets anything by (W220).
    never: Vec<usize>,
    shadowed: Vec<usize>,
    /// Policies that answer every request alike, with the claim that says so; `None` is the policy itself.
    alike: Vec<(String, Option<Policy>, Policy)>,
}

/// Two policies with all that is claimed of them.
pub struct Claims {
    old: Side,
    new: Side,
    delta: Delta,
    owner: Option<AccountId>,
}

pub fn read(value: &Value) -> Policy {
    Policy::read(&value.to_string()).unwrap_or_else(|findings| panic!("{value}: {findings:?}"))
}

pub fn allows(policy: &Policy, request: &Request) -> bool {
    evaluate(policy, request).answer == Answer::Allow
}

/// Tells whether AWS leaves open what a policy says of a request: whether a key without any value is there, where `Null`
/// asks, and whether an empty text is a value, where all or any of them are asked for. Source: IAM user guide,
/// multivalued context keys.
pub fn is_open(policy: &Policy, request: &Request) -> bool {
    let asks = |key: &str, begin: &str| {
        let mut conditions = policy.statements.iter().flat_map(|s| &s.conditions);
        conditions.any(|c| c.key.eq_ignore_ascii_case(key) && c.operator.starts_with(begin))
    };
    request.context.iter().any(|(key, values)| {
        (values.is_empty() && asks(key, "Null")) || (values.iter().all(String::is_empty) && asks(key, "For"))
    })
}

impl Claims {
    /// Collects the claims; `wanted` is granted to both policies. Every line with a witness is replayed.
    pub fn new(old: &Value, new: &Value, owner: Option<&str>, wanted: &[Wanted], tally: &mut Tally) -> Self {
        let owner = owner.map(|id| AccountId::parse(id).unwrap());
        let mut side = |value: &Value| Side::new(value, owner.as_ref(), wanted, tally);
        let (old, new) = (side(old), side(new));
        let delta = delta_for(Some(&old.policy), Some(&new.policy), owner.as_ref());
        tally.pairs += 1;
        tally.no_difference += usize::from(delta.is_empty());
        let claims = Self { old, new, delta, owner };
        for (lines, before, after) in claims.directions() {
            for line in lines {
                tally.lines += 1;
                let Some(witness) = &line.witness else {
                    assert!(line.unproved.is_some(), "{line:?}");
                    tally.unproved_lines += 1;
                    continue;
                };
                let request = witness.request().unwrap();
                let is_shown = allows(&after.policy, &request) && !allows(&before.policy, &request);
                assert!(is_shown, "the witness shows nothing: {line:?}\n{}\n{}", before.text, after.text);
                assert!(line.actions.contains(&request.action), "{line:?}");
            }
        }
        let back = delta_for(Some(&claims.new.policy), Some(&claims.old.policy), claims.owner.as_ref());
        for (one, other) in [(&back.gains, &claims.delta.losses), (&back.losses, &claims.delta.gains)] {
            // Where the steps did not suffice it hangs on the order which lines they were spent on.
            let is_shown = |lines: &[Change]| lines.iter().any(|line| line.witness.is_some());
            let is_proved = one.iter().chain(other).all(|line| line.witness.is_some());
            let is_unlike = one.is_empty() && is_shown(other) || other.is_empty() && is_shown(one);
            assert!(!is_unlike && (!is_proved || one == other), "{one:?}\n{other:?}");
        }
        claims
    }

    /// Gains and losses, each with the policy that does not allow it and the one that does.
    fn directions(&self) -> [(&[Change], &Side, &Side); 2] {
        [(&self.delta.gains, &self.old, &self.new), (&self.delta.losses, &self.new, &self.old)]
    }

    /// The requests that lines show themselves.
    pub fn witnesses(&self) -> impl Iterator<Item = Request> {
        let lines = self.delta.gains.iter().chain(&self.delta.losses);
        lines.filter_map(|line| line.witness.as_ref()).map(|witness| witness.request().unwrap())
    }

    pub fn policies(&self) -> [&Policy; 2] {
        [&self.old.policy, &self.new.policy]
    }

    /// Asserts that a request refutes none of the claims.
    pub fn hold(&self, request: &Request, tally: &mut Tally) {
        tally.requests += 1;
        let answers = self.policies().map(|policy| allows(policy, request));
        let is_open = self.policies().iter().any(|policy| is_open(policy, request));
        for ((lines, before, after), is_gain) in self.directions().into_iter().zip([true, false]) {
            if answers == [!is_gain, is_gain] && !is_open {
                tally.changes += 1;
                let is_told = lines.iter().any(|l| l.actions.contains(&request.action) && may_be_of(&l.who, request));
                assert!(is_told, "in no line: {request:?}\n{lines:?}\n{}\n{}", before.text, after.text);
            }
        }
        for side in [&self.old, &self.new] {
            side.hold(request, self.owner.as_ref());
        }
    }
}

impl Side {
    fn new(value: &Value, owner: Option<&AccountId>, wanted: &[Wanted], tally: &mut Tally) -> Self {
        let (text, policy) = (value.to_string(), read(value));
        let table = table_for(&policy, owner);
        tally.tables += 1;
        tally.unproved_tables += usize::from(table.unproved.is_some());
        let options = CheckOptions { owner: owner.cloned(), ..CheckOptions::default() };
        let mut side =
            Self { table, never: Vec::new(), shadowed: Vec::new(), alike: Vec::new(), text: text.clone(), policy };
        let tree = parse(&text).root.unwrap();
        let findings = check(&text, &options);
        for finding in &findings {
            let Some(at) = side.policy.statements.iter().position(|s| contains(s.span, finding.span)) else { continue };
            match finding.id {
                "W201" => side.never.push(at),
                "W220" => side.shadowed.push(at),
                "W217" => {
                    tally.redundant_principals += 1;
                    let mut without = side.policy.clone();
                    let entries = &mut without.statements[at].principals.entries;
                    let count = entries.len();
                    entries.retain(|p| p.span != finding.span);
                    assert_eq!(entries.len() + 1, count, "{finding:?} names no principal of {text}");
                    side.claim_alike(finding, without);
                }
                "W218" => {
                    let without = without_value(value, &tree, at, finding.span).unwrap_or_else(|| {
                        let mut without = value.clone();
                        without["Statement"].as_array_mut().unwrap().remove(at);
                        without
                    });
                    let is_value = without["Statement"].as_array().unwrap().len() == side.policy.statements.len();
                    tally.redundant_values += usize::from(is_value);
                    tally.redundant_statements += usize::from(!is_value);
                    side.claim_alike(finding, read(&without));
                }
                _ => {}
            }
        }
        // What is proved to be public is told by a finding at the statement.
        let found: Vec<Span> = findings.iter().filter(|f| f.severity == Severity::Security).map(|f| f.span).collect();
        for (at, statement) in side.policy.statements.iter().enumerate() {
            let rows = || side.table.rows.iter().filter(|row| row.statements == [at] && row.class == Class::Public);
            let is_public = rows().any(|row| row.unproved.is_none());
            let is_told = found.iter().any(|span| contains(statement.span, *span));
            assert!(!is_public || is_told, "statement {at} is public, and nothing says so: {text}");
        }
        tally.never += side.never.len();
        tally.shadowed += side.shadowed.len();
        for wanted in wanted {
            side.grant(wanted, owner, tally);
        }
        side
    }

    fn claim_alike(&mut self, finding: &Finding, without: Policy) {
        self.alike.push((format!("{}: {}", finding.id, finding.message), None, without));
    }

    /// A grant makes of a policy what the wanted statement beside it is; "already granted" says that this is nothing.
    fn grant(&mut self, wanted: &Wanted, owner: Option<&AccountId>, tally: &mut Tally) {
        let edited = grant_for(Some(&self.text), std::slice::from_ref(wanted), owner).unwrap();
        tally.granted += 1;
        tally.already += usize::from(!edited.changed);
        let mut asked = self.policy.clone();
        asked.statements.extend(statement_of(wanted));
        let after = Policy::read(&edited.text).unwrap();
        let claim = if edited.changed { "granted" } else { "already granted" };
        self.alike.push((format!("{claim}: {wanted:?} with {owner:?}"), Some(asked), after));
    }

    fn hold(&self, request: &Request, owner: Option<&AccountId>) {
        if is_open(&self.policy, request) {
            return;
        }
        let decision = evaluate(&self.policy, request);
        for at in &self.never {
            let matches = decision.allow.contains(&(at + 1)) || decision.deny.contains(&(at + 1));
            assert!(!matches, "W201 of statement {at}: {request:?}\n{}", self.text);
        }
        for at in &self.shadowed {
            let is_given = decision.allow.contains(&(at + 1)) && decision.answer == Answer::Allow;
            assert!(!is_given, "W220 of statement {at}: {request:?}\n{}", self.text);
        }
        for (claim, one, other) in &self.alike {
            let answer = one.as_ref().map_or(decision.answer == Answer::Allow, |policy| allows(policy, request));
            assert!(answer == allows(other, request), "{claim}: {answer} {request:?}\n{}", self.text);
        }
        for at in decision.allow.iter().map(|number| number - 1) {
            let rows =
                || self.table.rows.iter().filter(|r| r.statements.contains(&at) && r.actions.contains(&request.action));
            for deny in decision.deny.iter().map(|number| number - 1) {
                assert!(rows().any(|r| r.blocked.contains(&deny)), "{deny} takes it: {request:?}\n{}", self.text);
            }
            if decision.answer == Answer::Allow {
                let gives = |row: &&ecr_policy::AccessRow| {
                    may_be_of(&row.who, request) && row.remaining().any(|name| name == request.action)
                };
                assert!(rows().any(|row| gives(&row)), "no row gives it: {request:?}\n{}", self.text);
                let shown = shown_class(request, &self.text, owner);
                let told = self.table.of_statements[at];
                assert!(told <= shown, "{told:?}, and {shown:?} by {request:?}\n{}", self.text);
                assert!(self.table.class <= told, "{}", self.text);
            }
        }
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The policy without the value of a condition that stands at a place; none: no value stands there.
fn without_value(policy: &Value, tree: &Node, at: usize, place: Span) -> Option<Value> {
    let statement = tree.get("Statement")?.value.one_or_many().get(at)?;
    for operator in statement.get("Condition")?.value.members() {
        for key in operator.value.members() {
            let Some(index) = key.value.one_or_many().iter().position(|node| node.span == place) else { continue };
            let mut without = policy.clone();
            let list = &mut without["Statement"][at]["Condition"][&operator.key.text][&key.key.text];
            list.as_array_mut()?.remove(index);
            return Some(without);
        }
    }
    None
}

/// The statement that gives what is wanted and nothing else.
fn statement_of(wanted: &Wanted) -> Vec<Statement> {
    let (kind, list) = match &wanted.principals {
        WantedPrincipals::Aws(list) => ("AWS", list),
        WantedPrincipals::Service(list) => ("Service", list),
    };
    let mut one = json!({ "Effect": "Allow", "Principal": { kind: list }, "Action": wanted.actions });
    for Condition { operator, key, values } in &wanted.conditions {
        one["Condition"][operator][key] = json!(values);
    }
    read(&json!({ "Version": "2012-10-17", "Statement": [one] })).statements
}

/// Grants that a policy may already give in part or whole: to those whom its texts name, under conditions of its own.
pub fn wanted(dice: &mut Dice, policies: &[&Policy]) -> Vec<Wanted> {
    let allows: Vec<&Statement> =
        policies.iter().flat_map(|p| &p.statements).filter(|s| s.effect == Effect::Allow && s.has_variables).collect();
    let mut all = Vec::new();
    for _ in 0..2 {
        let near = (!allows.is_empty()).then(|| allows[dice.roll(allows.len())]);
        // Several conditions of one operator on one key do not fit into one statement.
        let mut conditions: Vec<Condition> = Vec::new();
        for condition in near.iter().flat_map(|s| &s.conditions) {
            let is_there =
                conditions.iter().any(|c: &Condition| c.operator == condition.operator && c.key == condition.key);
            if !is_there && !dice.is_one_in(4) && !condition.values.is_empty() {
                let mut condition = condition.clone();
                let kept = 1 + dice.roll(condition.values.len());
                condition.values.truncate(kept);
                conditions.push(condition);
            }
        }
        if conditions.iter().flat_map(|c| &c.values).any(|v| v.contains("${")) {
            conditions.clear();
        }
        let name = match dice.roll(8) {
            0 => "lambda.amazonaws.com",
            1 => "*",
            2 => "arn:aws:iam::111111111111:role/ci",
            3 => "arn:aws:iam::111111111111:role/team/ci",
            4 => "arn:aws:iam::333333333333:user/ana",
            5 => "arn:aws:iam::987654321098:root",
            _ => "arn:aws:iam::111111111111:root",
        };
        let list = vec![name.to_owned()];
        let principals =
            if name.contains(".amazonaws.com") { WantedPrincipals::Service(list) } else { WantedPrincipals::Aws(list) };
        let actions = vec!["ecr:BatchGetImage".to_owned()];
        all.push(Wanted { sid: "EcrGrantPull".to_owned(), principals, actions, conditions });
    }
    all
}

fn values<'r>(request: &'r Request, key: &str) -> &'r [String] {
    request.context.iter().find(|(k, _)| k == key).map_or(&[], |(_, values)| values.as_slice())
}

/// Tells whether who asks is a party, or in it, as far as the request tells.
pub fn may_be_of(who: &Who, request: &Request) -> bool {
    let caller = request.caller.arn();
    match who {
        Who::Everyone | Who::Other(_) => true,
        Who::Organization(id) => {
            let paths = values(request, "aws:principalorgpaths");
            values(request, "aws:principalorgid").contains(id) || paths.iter().any(|p| p.split('/').next() == Some(id))
        }
        Who::OrgUnit(path) => {
            values(request, "aws:principalorgpaths").iter().any(|p| p.starts_with(path.trim_end_matches('*')))
        }
        Who::Account(id) => caller.is_some_and(|arn| arn.account == id.as_str()),
        Who::User(arn) | Who::Session(arn) => caller == Some(arn),
        Who::Role(role) => caller.is_some_and(|arn| {
            let name = role.resource.rsplit('/').next().unwrap_or_default();
            arn == role
                || values(request, "aws:principalarn").contains(&role.to_string())
                || (arn.account == role.account && arn.resource.starts_with(&format!("assumed-role/{name}/")))
        }),
        Who::Service(name) => caller.is_none() && format!("{:?}", request.caller).contains(&format!("\"{name}\"")),
        Who::Orphan(_) => false,
    }
}

/// How far a request that is allowed shows a policy to be open: the narrowest class that may be said of it.
fn shown_class(request: &Request, text: &str, owner: Option<&AccountId>) -> Class {
    let Some(arn) = request.caller.arn() else { return Class::Service };
    if owner.is_some_and(|owner| owner.as_str() == arn.account) {
        return Class::OwnAccount;
    }
    // A pattern of as many digits as an account has leaves one account.
    let runs = text.split(|c: char| !c.is_ascii_digit() && c != '*').map(|run| run.replace('*', ""));
    if text.contains(&arn.account) || runs.into_iter().any(|run| run == arn.account) {
        return Class::CrossAccount;
    }
    let small = text.to_lowercase();
    let mentions = |key: &str| small.contains(key) && !values(request, key).is_empty();
    if mentions("aws:principalorgid") || mentions("aws:principalorgpaths") {
        return Class::Organization;
    }
    if mentions("aws:sourceip") || mentions("aws:sourcevpce") {
        return Class::Network;
    }
    Class::Public
}
