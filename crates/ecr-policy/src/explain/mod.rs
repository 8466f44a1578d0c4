//! Words for people.

mod calls;
mod denial;

use super::access::{AccessRow, AccessTable, Class, EXCEPT, Unproved, Who};
use super::condition::{Family, Operator, SetPrefix, TimeBound, have_ended};
use super::delta::Change;
use super::model::document::Condition;
use crate::ecr::action::{PULL, only_of_push};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Risk, action};
pub use calls::calls_words;
pub use denial::{denial_limits, party_words};

/// The dangers of a change for the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Danger {
    /// Everyone gains something.
    Public,
    /// Somebody gains the right to put images in, possibly over existing tags.
    Push,
    /// Somebody gains the right to make images or the repository vanish.
    Delete,
    /// Somebody gains the right to change the policy itself.
    PolicyManagement,
}

/// Returns who has access, in one line: `account 111111111111, organization o-a1b2c3d4e5 can pull`.
/// Parties with the same actions share a clause; what a Deny certainly takes away does not count.
pub fn access_words(table: &AccessTable) -> String {
    let words = match access_clauses(table, None, Who::words, AccessRow::time_words) {
        Clauses::Public(what, times) => with_times(&format!("PUBLIC: everyone can {}", do_words(&what)), &times),
        Clauses::OwnAccount => match count_deleted(table) {
            0 => ONLY_OWN.to_owned(),
            1 => format!("{ONLY_OWN}; the policy still names 1 deleted principal"),
            n => format!("{ONLY_OWN}; the policy still names {n} deleted principals"),
        },
        Clauses::Parties(clauses) => clauses
            .iter()
            .map(|clause| {
                let words = format!("{} can {}", list_parties(&clause.parties), do_words(&clause.what));
                with_times(&words, &clause.times)
            })
            .collect::<Vec<_>>()
            .join("; "),
    };
    match unproved(table) {
        Some(why) => format!("{words} (or fewer: unproved, {})", why.words()),
        None => words,
    }
}

/// Returns why it is not proved that somebody has what a row gives.
fn unproved(table: &AccessTable) -> Option<Unproved> {
    table.rows.iter().filter(|row| row.remaining().next().is_some()).find_map(|row| row.unproved)
}

/// Who has access, for a column whose heading says "who can pull".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessColumn {
    /// The parties outside the owner's account, or a word for all of them.
    pub outside: String,
    /// Roles, users and sessions of the owner's account that are named beside others; often empty.
    pub own: String,
}

impl AccessColumn {
    /// Returns both parts, those outside first.
    pub fn text(&self) -> String {
        let parts = [&self.outside, &self.own].into_iter().filter(|part| !part.is_empty());
        parts.map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}

/// Returns who has access, short enough for a column: `111111111111, o-a1b2c3d4e5`. Another set of actions than a pull
/// stands behind its parties: `333333333333 (push and pull)`. Of more than two parties one is named and the rest
/// counted, so that the count is not what a narrow column cuts off. Roles and users of the owner's account stand last.
pub fn access_column(table: &AccessTable, owner: &AccountId) -> AccessColumn {
    let mut own = String::new();
    let mut outside = match access_clauses(table, Some(owner), |who| who.short(owner), AccessRow::time_days) {
        Clauses::Public(what, times) if what == "pull" => with_times("PUBLIC: everyone", &times),
        Clauses::Public(what, times) => with_times(&format!("PUBLIC: everyone ({what})"), &times),
        Clauses::OwnAccount => match count_deleted(table) {
            0 => ONLY_OWN.to_owned(),
            n => format!("{ONLY_OWN}, {n} deleted"),
        },
        Clauses::Parties(clauses) => {
            let brief = |clause: &Clause| {
                let parties = brief_parties(&clause.parties);
                let what = if clause.what == "pull" { String::new() } else { format!(" ({})", clause.what) };
                with_times(&format!("{parties}{what}"), &clause.times)
            };
            let side = |is_own: bool| {
                clauses.iter().filter(|clause| clause.is_own == is_own).map(brief).collect::<Vec<_>>().join("; ")
            };
            own = side(true);
            side(false)
        }
    };
    if unproved(table).is_some() {
        outside.push_str(", unproved");
    }
    AccessColumn { outside, own }
}

fn with_times(words: &str, times: &str) -> String {
    if times.is_empty() { words.to_owned() } else { format!("{words} {times}") }
}

const ONLY_OWN: &str = "only your account";

/// Returns how many deleted roles and users a policy still names. They can do nothing, but ECR refuses the next change
/// of a policy that names one, so they are told where nobody else is.
fn count_deleted(table: &AccessTable) -> usize {
    table.rows.iter().filter(|row| row.who.is_deleted()).count()
}

/// `everything` and single actions need a verb after "can".
fn do_words(what: &str) -> String {
    if what == "everything" {
        return "do everything".to_owned();
    }
    if what.starts_with(|c: char| c.is_ascii_uppercase()) { format!("call {what}") } else { what.to_owned() }
}

/// Parties and their actions, parties with the same actions together.
enum Clauses {
    /// Everyone can do this, for this time; the rest does not matter.
    Public(String, String),
    /// Nobody outside.
    OwnAccount,
    /// The actions, and the parties that have them.
    Parties(Vec<Clause>),
}

/// Parties that can do the same.
struct Clause {
    what: String,
    /// When it begins and ends; often empty.
    times: String,
    parties: Vec<String>,
    /// Tells whether they are of the owner's account; always `false` where no owner was asked for.
    is_own: bool,
}

/// Groups the parties of a table; those of the `owner` apart, where one is given.
fn access_clauses(
    table: &AccessTable,
    owner: Option<&AccountId>,
    name: impl Fn(&Who) -> String,
    times_of: fn(&AccessRow) -> String,
) -> Clauses {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut public = Vec::new();
    for row in &table.rows {
        let actions = row.effective();
        if actions.is_empty() || row.who.is_deleted() {
            continue;
        }
        let (what, times) = (actions_words(&actions), times_of(row));
        if row.who == Who::Everyone && table.class == Class::Public {
            public.push(((row.begins.is_some(), row.ends.is_some()), what, times));
            continue;
        }
        let mut who = name(&row.who);
        if row.who == Who::Everyone && table.class == Class::Network {
            who.push_str(" from listed networks");
        }
        let is_own = owner.is_some_and(|owner| row.who.is_of_account(owner));
        match clauses.iter_mut().find(|clause| clause.what == what && clause.times == times && clause.is_own == is_own)
        {
            Some(clause) if clause.parties.contains(&who) => {}
            Some(clause) => clause.parties.push(who),
            None => clauses.push(Clause { what, times, parties: vec![who], is_own }),
        }
    }
    // Of several, one that is there today, and one that stays.
    if let Some((_, what, times)) = public.into_iter().min_by_key(|(order, ..)| *order) {
        return Clauses::Public(what, times);
    }
    if clauses.is_empty() || matches!(table.class, Class::OwnAccount | Class::None) {
        return Clauses::OwnAccount;
    }
    Clauses::Parties(clauses)
}

/// Names up to three of them, and counts the rest.
pub fn list_parties(parties: &[String]) -> String {
    match parties {
        [first, second, third, _, rest @ ..] => format!("{first}, {second}, {third} and {} more", rest.len() + 1),
        few => few.join(", "),
    }
}

/// One or two names, or the first of more and the count of the rest.
fn brief_parties(parties: &[String]) -> String {
    match parties {
        [first, rest @ ..] if rest.len() > 1 => format!("{first} and {} more", rest.len()),
        few => few.join(", "),
    }
}

/// Returns what a set of actions (names without `ecr:`) amounts to, such as `pull and describe`, or `pull + 3 others`.
/// A pull is `BatchGetImage` and `GetDownloadUrlForLayer` together; a push all that only a push calls: a party may have the rest already.
pub fn actions_words(actions: &[String]) -> String {
    let has = |name: &str| actions.iter().any(|a| a == name);
    if !actions.is_empty() && action::repository_level().all(|a| has(&a.name)) {
        return "everything".to_owned();
    }
    let mut rest: Vec<&str> = actions.iter().map(String::as_str).collect();
    let mut words: Vec<&str> = Vec::new();
    for (word, needed) in [("push", only_of_push().collect()), ("pull", PULL.to_vec())] {
        if needed.iter().all(|n| has(n)) {
            words.push(word);
            rest.retain(|a| !needed.contains(a) && *a != "BatchCheckLayerAvailability");
        }
    }
    let by_risk = [
        ("describe", Risk::Browse),
        ("read the policy", Risk::Leak),
        ("change settings", Risk::Settings),
        ("delete", Risk::Delete),
        ("change the policy", Risk::Policy),
    ];
    for (word, risk) in by_risk {
        let before = rest.len();
        rest.retain(|a| action::find_action(a).is_none_or(|info| info.risk != risk));
        if rest.len() < before {
            words.push(word);
        }
    }
    // A part of a push can overwrite tags: it is said, never counted among others.
    if !words.contains(&"push") {
        let before = rest.len();
        rest.retain(|a| action::find_action(a).is_none_or(|info| info.risk != Risk::Push));
        if rest.len() < before {
            words.push("part of a push");
        }
    }
    let joined = match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    };
    match (joined.is_empty(), rest.as_slice()) {
        (true, []) => "nothing".to_owned(),
        (true, few @ ([_] | [_, _])) => few.iter().map(|a| make_visible(a)).collect::<Vec<_>>().join(" and "),
        (true, many) => format!("{} actions", many.len()),
        (false, []) => joined,
        (false, [_]) => format!("{joined} + 1 other"),
        (false, many) => format!("{joined} + {} others", many.len()),
    }
}

/// The way in which a condition limits a statement; the words go on behind the one of their kind.
enum Limit {
    /// Only these requests.
    Only(String),
    /// All but these requests.
    Unless(String),
    /// As it is written.
    When(String),
    /// Only within a time: until a moment, or from it on.
    Time(String),
}

/// A condition, such as `only from organization o-a1b2c3d4e5`. What has no words of its own is shown as written.
pub fn condition_words(condition: &Condition) -> String {
    if condition.operator == EXCEPT {
        return format!("all but {}", values_words(condition));
    }
    match limit_of(condition) {
        Limit::Only(words) => format!("only {words}"),
        Limit::Unless(words) => format!("unless {words}"),
        Limit::When(words) => format!("when {words}"),
        Limit::Time(words) => words,
    }
}

/// The same at a moment, in seconds since 1970: what has ended, or has not begun, is told as that.
pub fn condition_words_at(condition: &Condition, now: i64) -> String {
    match TimeBound::of_condition(condition) {
        Some(bound @ (TimeBound::Until { moment, .. } | TimeBound::At(moment))) if bound.has_ended(now) => {
            format!("ended on {}", moment.words())
        }
        Some(TimeBound::From(moment)) if moment.is_past(now) => format!("since {}", moment.words()),
        Some(TimeBound::From(moment)) => format!("begins on {}", moment.words()),
        _ => condition_words(condition),
    }
}

fn values_words(condition: &Condition) -> String {
    let values: Vec<String> = condition.values.iter().map(|v| make_visible(v)).collect();
    if values.is_empty() { "no value at all".to_owned() } else { values.join(" or ") }
}

fn limit_of(condition: &Condition) -> Limit {
    let values = values_words(condition);
    let as_written =
        || Limit::When(format!("{} {} {values}", make_visible(&condition.key), make_visible(&condition.operator)));
    if let Some(bound) = TimeBound::of_condition(condition) {
        return match bound {
            TimeBound::Until { moment, .. } => Limit::Time(format!("until {}", moment.words())),
            TimeBound::From(moment) => Limit::Time(format!("from {}", moment.words())),
            TimeBound::At(moment) => Limit::Only(format!("at {}", moment.words())),
        };
    }
    let Some(operator) = Operator::parse(&condition.operator) else { return as_written() };
    let key = condition.key.to_ascii_lowercase();
    if operator.family == Family::Null {
        return match condition.values.as_slice() {
            [only] if only.eq_ignore_ascii_case("true") => {
                Limit::Only(format!("without {}", make_visible(&condition.key)))
            }
            [only] if only.eq_ignore_ascii_case("false") => {
                Limit::Only(format!("with {}", make_visible(&condition.key)))
            }
            _ => as_written(),
        };
    }
    let where_told = |words: String| {
        if operator.if_exists { format!("{words}, where the request tells") } else { words }
    };
    let subject = match key.as_str() {
        "aws:principalorgid" => "from organization",
        "aws:principalorgpaths" => "from OU",
        "aws:principalaccount" => "from account",
        "aws:principalarn" => "as",
        "aws:sourceip" | "aws:vpcsourceip" => "from address",
        "aws:sourcevpc" => "from VPC",
        "aws:sourcevpce" => "through VPC endpoint",
        "aws:sourcearn" => "on behalf of",
        "aws:sourceaccount" => "on behalf of account",
        "aws:sourceorgid" => "on behalf of organization",
        "aws:sourceorgpaths" => "on behalf of OU",
        "aws:securetransport" | "aws:principalisawsservice"
            if operator.set.is_none() && condition.values.len() == 1 =>
        {
            let yes = condition.values.iter().any(|v| v.eq_ignore_ascii_case("true")) != operator.negated;
            let what = if key == "aws:securetransport" { "over TLS" } else { "by AWS services" };
            let words = where_told(what.to_owned());
            return if yes { Limit::Only(words) } else { Limit::Unless(words) };
        }
        _ => return as_written(),
    };
    let comparable = matches!(
        operator.family,
        Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn | Family::Address
    );
    if !comparable || operator.set == Some(SetPrefix::ForAllValues) {
        return as_written();
    }
    let words = where_told(format!("{subject} {values}"));
    if operator.negated { Limit::Unless(words) } else { Limit::Only(words) }
}

/// A change without saying its direction: `account 111111111111: pull (3 actions), only from address 203.0.113.0/24`.
pub fn change_words(change: &Change) -> String {
    change_sentence(change, ":")
}

/// The same at a moment, in seconds since 1970. What has ended by then is gained and lost by nobody, and says when it ended.
pub fn change_words_at(change: &Change, now: Option<i64>) -> String {
    match now.filter(|now| have_ended(&change.conditions, *now)) {
        Some(now) => {
            let words = |condition: &Condition| condition_words_at(condition, now);
            format!("nobody now: {}", change_sentence_with(change, ":", words))
        }
        None => change_words(change),
    }
}

/// A gain, such as `account 111111111111 gains pull (3 actions)`.
pub fn gain_words(change: &Change) -> String {
    change_sentence(change, " gains")
}

/// A loss, such as `account 111111111111 loses pull (3 actions)`.
pub fn loss_words(change: &Change) -> String {
    change_sentence(change, " loses")
}

fn change_sentence(change: &Change, verb: &str) -> String {
    change_sentence_with(change, verb, condition_words)
}

fn change_sentence_with(change: &Change, verb: &str, words: impl Fn(&Condition) -> String) -> String {
    let count = match change.actions.len() {
        1 => "1 action".to_owned(),
        many => format!("{many} actions"),
    };
    let mut parts = vec![format!("{}{verb} {} ({count})", change.who.words(), actions_words(&change.actions))];
    parts.extend(change.conditions.iter().map(words));
    parts.extend(change.unproved.map(|why| format!("unproved: {}", why.words())));
    parts.join(", ")
}

/// The dangers of a gain, from the model: who gains, and the risk that the action table gives each action.
/// Everyone counts as public whatever the conditions, because none of them names a party.
pub fn dangers_of_gain(change: &Change) -> Vec<Danger> {
    let mut dangers = Vec::new();
    if change.who == Who::Everyone && !change.actions.is_empty() {
        dangers.push(Danger::Public);
    }
    for name in &change.actions {
        dangers.extend(action::find_action(name).and_then(|info| match info.risk {
            Risk::Push => Some(Danger::Push),
            Risk::Delete => Some(Danger::Delete),
            Risk::Policy => Some(Danger::PolicyManagement),
            _ => None,
        }));
    }
    dangers.sort_unstable();
    dangers.dedup();
    dangers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::table;
    use crate::ecr::{AccountId, recipe};
    use crate::model::document::Policy;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn actions_are_named_by_what_they_amount_to() {
        let cases: &[(&[&str], &str)] = &[
            (&["BatchGetImage", "GetDownloadUrlForLayer"], "pull"),
            (&["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"], "pull"),
            (&["BatchGetImage"], "BatchGetImage"),
            (&["BatchCheckLayerAvailability", "BatchGetImage", "NewThing"], "3 actions"),
            (&["BatchGetImage", "GetDownloadUrlForLayer", "NewA", "NewB", "NewC"], "pull + 3 others"),
            (&["BatchGetImage", "GetDownloadUrlForLayer", "PutImage"], "pull and part of a push"),
            (&["PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"], "push"),
            (
                &["PutImage", "UploadLayerPart", "CompleteLayerUpload", "BatchCheckLayerAvailability"],
                "part of a push + 1 other",
            ),
            (&["DescribeImages", "ListImages"], "describe"),
            (&["SetRepositoryPolicy", "BatchDeleteImage"], "delete and change the policy"),
            (&[], "nothing"),
        ];
        for (actions, words) in cases {
            assert_eq!(actions_words(&names(actions)), *words, "{actions:?}");
        }
        let of_recipe = |name: &str| {
            let actions = recipe::find_recipe(name).unwrap().repository_actions();
            actions_words(&actions.map(|a| a.name.clone()).collect::<Vec<_>>())
        };
        assert_eq!(of_recipe("pull"), "pull");
        assert_eq!(of_recipe("pull-describe"), "pull and describe");
        assert_eq!(of_recipe("push-pull"), "push and pull");
        assert_eq!(of_recipe("release"), "pull, describe and read the policy");
        let all: Vec<String> = action::repository_level().map(|a| a.name.clone()).collect();
        assert_eq!(actions_words(&all), "everything");
    }

    #[test]
    fn conditions_read_as_sentences() {
        let words = |operator: &str, key: &str, value: &str| {
            condition_words(&Condition { operator: operator.into(), key: key.into(), values: vec![value.into()] })
        };
        assert_eq!(words("StringEquals", "aws:PrincipalOrgID", "o-aaaaaaaaaa"), "only from organization o-aaaaaaaaaa");
        assert_eq!(words("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), "unless from address 203.0.113.0/24");
        assert_eq!(words("Bool", "aws:SecureTransport", "false"), "unless over TLS");
        assert_eq!(words("Null", "aws:SourceVpce", "true"), "only without aws:SourceVpce");
        assert_eq!(
            words("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-x"),
            "when aws:PrincipalOrgID ForAllValues:StringEquals o-x"
        );
        assert_eq!(words("StringEquals", "aws:userid", "a\u{1b}b"), "when aws:userid StringEquals a␛b");
    }

    fn access(statements: &str) -> String {
        let policy = Policy::read(&format!("{{\"Statement\":[{statements}]}}")).unwrap();
        access_words(&table(&policy, &AccountId::parse("222222222222").unwrap()))
    }

    fn column(statements: &str) -> String {
        let policy = Policy::read(&format!("{{\"Statement\":[{statements}]}}")).unwrap();
        let owner = AccountId::parse("222222222222").unwrap();
        access_column(&table(&policy, &owner), &owner).text()
    }

    #[test]
    fn a_column_tells_who_can_do_what() {
        let pull = r#""Effect":"Allow","Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#;
        let org = r#""Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#;
        let account = format!(r#"{{{pull},"Principal":{{"AWS":"111111111111"}}}}"#);
        let both = format!(r#"{account},{{{pull},"Principal":"*",{org}}}"#);
        assert_eq!(access(&both), "account 111111111111, organization o-a1b2c3d4e5 can pull");
        assert_eq!(access(&account.replace("111111111111", "222222222222")), "only your account");
        assert_eq!(access(&format!(r#"{{{pull},"Principal":"*"}},{account}"#)), "PUBLIC: everyone can pull");
        assert_eq!(
            access(&format!(r#"{account},{{"Effect":"Deny","Principal":"*","Action":"*"}}"#)),
            "only your account"
        );
        let network = r#""Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
        assert_eq!(
            access(&format!(r#"{{{pull},"Principal":"*",{network}}}"#)),
            "everyone from listed networks can pull"
        );
        let mixed = r#"{"Effect":"Allow","Action":"ecr:*","Principal":{"AWS":"333333333333"}}"#;
        assert_eq!(access(mixed), "account 333333333333 can do everything");
        let one = r#"{"Effect":"Allow","Action":"ecr:BatchGetImage","Principal":{"AWS":"333333333333"}}"#;
        assert_eq!(access(one), "account 333333333333 can call BatchGetImage");
        assert_eq!(column(&format!("{both},{mixed}")), "111111111111, o-a1b2c3d4e5; 333333333333 (everything)");
        let deleted = r#"["AROAEXAMPLEEXAMPLEEX1"]"#;
        let gone = account.replace("\"111111111111\"", deleted);
        assert_eq!(access(&gone), "only your account; the policy still names 1 deleted principal");
        assert_eq!(column(&gone), "only your account, 1 deleted");
        assert_eq!(column(&format!("{gone},{account}")), "111111111111");
        let five = r#"["111111111111","333333333333","444444444444","555555555555","666666666666"]"#;
        assert_eq!(
            access(&account.replace("\"111111111111\"", five)),
            "account 111111111111, account 333333333333, account 444444444444 and 2 more can pull"
        );
        assert_eq!(column(&account.replace("\"111111111111\"", five)), "111111111111 and 4 more");
    }

    #[test]
    fn a_column_names_the_account_of_another_ones_role_and_puts_own_roles_last() {
        let statement = |principals: &str| {
            format!(
                r#"{{"Effect":"Allow","Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Principal":{{"AWS":{principals}}}}}"#
            )
        };
        let both = r#"["arn:aws:iam::222222222222:role/ci/deploy","arn:aws:iam::777777777777:role/eks/node-group"]"#;
        let owner = AccountId::parse("222222222222").unwrap();
        let policy = Policy::read(&format!("{{\"Statement\":[{}]}}", statement(both))).unwrap();
        let shown = access_column(&table(&policy, &owner), &owner);
        assert_eq!((shown.outside.as_str(), shown.own.as_str()), ("777777777777:node-group", "role deploy"));
        assert_eq!(shown.text(), "777777777777:node-group; role deploy");
        let other = AccountId::parse("777777777777").unwrap();
        let seen = access_column(&table(&policy, &other), &other);
        assert_eq!(seen.text(), "222222222222:deploy; role node-group");
        assert_eq!(column(&statement(r#"["arn:aws:iam::333333333333:user/bob"]"#)), "333333333333:bob");
    }

    #[test]
    fn times_are_told_as_until_and_from_and_at_a_moment_as_ended_or_to_come() {
        let words = |operator: &str, value: &str| {
            let condition = Condition {
                operator: operator.to_owned(),
                key: "aws:CurrentTime".to_owned(),
                values: vec![value.to_owned()],
            };
            // 2027-01-01T00:00:00Z.
            (condition_words(&condition), condition_words_at(&condition, 1_798_761_600))
        };
        let both = |plain: &str, at: &str| (plain.to_owned(), at.to_owned());
        let (old, new) = ("2026-12-31T23:59:59Z", "2027-03-31T23:59:59Z");
        let until = "until 2027-03-31 23:59 UTC";
        assert_eq!(words("DateLessThan", new), both(until, until));
        assert_eq!(words("DateLessThan", old), both("until 2026-12-31 23:59 UTC", "ended on 2026-12-31 23:59 UTC"));
        assert_eq!(words("DateGreaterThan", new), both("from 2027-03-31 23:59 UTC", "begins on 2027-03-31 23:59 UTC"));
        assert_eq!(words("DateGreaterThan", old), both("from 2026-12-31 23:59 UTC", "since 2026-12-31 23:59 UTC"));
        let as_written = "when aws:CurrentTime DateNotEquals 2027-03-31T23:59:59Z";
        assert_eq!(words("DateNotEquals", new), both(as_written, as_written));
    }

    #[test]
    fn dangers_come_from_the_table_of_actions() {
        let change = |who: Who, actions: &[&str]| Change {
            who,
            actions: names(actions),
            conditions: Vec::new(),
            witness: None,
            unproved: None,
        };
        let account = Who::Account(AccountId::parse("111111111111").unwrap());
        assert_eq!(dangers_of_gain(&change(account.clone(), &["BatchGetImage", "GetRepositoryPolicy"])), []);
        assert_eq!(
            dangers_of_gain(&change(
                Who::Everyone,
                &["PutImage", "BatchDeleteImage", "SetRepositoryPolicy", "UploadLayerPart"]
            )),
            [Danger::Public, Danger::Push, Danger::Delete, Danger::PolicyManagement]
        );
        assert_eq!(
            dangers_of_gain(&change(Who::Organization("o-a".into()), &["PutLifecyclePolicy"])),
            [Danger::Delete]
        );
        let gain = change(account, &["BatchGetImage", "GetDownloadUrlForLayer"]);
        assert_eq!(gain_words(&gain), "account 111111111111 gains pull (2 actions)");
        assert_eq!(loss_words(&gain), "account 111111111111 loses pull (2 actions)");
        assert_eq!(change_words(&gain), "account 111111111111: pull (2 actions)");
    }
}
