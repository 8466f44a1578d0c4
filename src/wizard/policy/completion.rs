//! Names that can be written at a place of a policy, from the tables of the engine, each with its meaning.

use super::completion_context::CompletionContext;
use crate::ecr::condition::{self, KeyInfo, OperatorInfo, ValueKind};
use crate::ecr::json_string::quote_string;
use crate::ecr::service::all_services;
use crate::ecr::{Arn, Grantee, Risk, action};
use crate::plan::Request;
use crate::wizard::list::Cursor;
use std::ops::Range;

/// The most rows that are shown at once.
pub(super) const MOST_ROWS: usize = 8;

/// The rank of a text that has the typed letters in their order, but not in one piece.
pub(super) const SCATTERED: u8 = 3;

/// One text that can be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestion {
    /// The text, without quotes.
    pub text: String,
    /// A word beside it: a risk, or a kind of value.
    pub note: &'static str,
    /// Tells whether the word is a warning.
    pub is_risky: bool,
    /// Its meaning, in one clause.
    pub words: String,
    /// The part of the text that the user has to fill in.
    pub(super) blank: Option<Range<usize>>,
}

/// The names that can be written at the caret.
#[derive(Debug)]
pub struct Completion {
    pub(super) place: CompletionContext,
    pub(super) offers: Vec<Suggestion>,
    /// The chosen row, and the first one shown.
    pub cursor: Cursor,
}

impl Completion {
    /// Returns what can be written at an offset; `None`: nothing that is not there already.
    pub(super) fn at_offset(text: &str, offset: usize, request: &Request) -> Option<Self> {
        let place = CompletionContext::at_offset(text, offset)?;
        let all = offers(&place, request);
        let mut ranked: Vec<(u8, Suggestion)> = all
            .into_iter()
            .filter(|offer| !place.others.contains(&offer.text))
            .filter_map(|offer| match_rank(&offer.text, &place.typed).map(|rank| (rank, offer)))
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        // Letters here and there count only where nothing matches in one piece.
        let in_one_piece = ranked.partition_point(|(rank, _)| *rank < SCATTERED);
        if in_one_piece > 0 {
            ranked.truncate(in_one_piece);
        }
        let offers: Vec<Suggestion> = ranked.into_iter().map(|(_, offer)| offer).collect();
        let is_there = matches!(offers.as_slice(), [only] if only.text == place.typed && !place.is_name);
        (!offers.is_empty() && !is_there).then(|| Self { place, offers, cursor: Cursor::default() })
    }

    /// The offers, best first.
    pub fn all_offers(&self) -> &[Suggestion] {
        &self.offers
    }

    /// The chosen one.
    pub fn chosen_offer(&self) -> Option<&Suggestion> {
        self.offers.get(self.cursor.selected)
    }

    /// Returns what is typed of it.
    pub fn typed_part(&self) -> &str {
        &self.place.typed
    }

    /// Tells whether the caret is inside a string.
    pub(super) fn is_in_string(&self) -> bool {
        !self.place.range.is_empty()
    }

    /// The first row of the list and its number of rows, among the rows of a text with the caret in one of them.
    pub fn list_rows(&self, rows: usize, caret: usize) -> (usize, usize) {
        let wanted = self.offers.len().min(MOST_ROWS);
        let below = rows.saturating_sub(caret + 1);
        let above = caret.min(rows);
        if below >= wanted || below >= above {
            (caret + 1, wanted.min(below))
        } else {
            let height = wanted.min(above);
            (above - height, height)
        }
    }

    /// Returns what taking the chosen one does to the text.
    pub(super) fn take_chosen(&self) -> Option<Written> {
        let offer = self.chosen_offer()?;
        let start = self.place.range.start;
        let mut text = quote_string(&offer.text);
        if self.place.is_name && !self.place.has_colon && offer.blank.is_none() {
            text.push_str(": ");
        }
        let end = start + text.len();
        let select = offer.blank.as_ref().map_or(end..end, |blank| start + 1 + blank.start..start + 1 + blank.end);
        Some(Written { range: self.place.range.clone(), text, select })
    }
}

/// Returns how well a text goes on from what is typed, 0 best; `None`: not at all.
pub(super) fn match_rank(text: &str, typed: &str) -> Option<u8> {
    let (text, typed) = (text.to_ascii_lowercase(), typed.to_ascii_lowercase());
    let mut rest = text.chars();
    if text.starts_with(&typed) {
        Some(0)
    } else if text.split([':', '/']).skip(1).any(|part| part.starts_with(&typed)) {
        Some(1)
    } else if text.contains(&typed) {
        Some(2)
    } else if typed.chars().all(|c| rest.any(|r| r == c)) {
        Some(SCATTERED)
    } else {
        None
    }
}

pub(super) fn new_offer(text: impl Into<String>, words: impl Into<String>) -> Suggestion {
    Suggestion { text: text.into(), words: words.into(), ..Suggestion::default() }
}

/// Everything that can stand at a place, in the order of the tables.
pub(super) fn offers(place: &CompletionContext, request: &Request) -> Vec<Suggestion> {
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    match (path.as_slice(), place.is_name) {
        ([], true) => offers_of(&[
            ("Version", "the edition of the policy language"),
            ("Statement", "who may do what: a list of statements"),
            ("Id", "a name for the whole policy"),
        ]),
        (["Version"], false) => offers_of(&[
            ("2012-10-17", "the current edition; ${...} in conditions are variables"),
            ("2008-10-17", "the old edition; ${...} is ordinary text"),
        ]),
        (["Statement"], true) => offers_of(&[
            ("Sid", "a name for the statement"),
            ("Effect", "Allow or Deny"),
            ("Principal", "who it is about"),
            ("Action", "what they may do, or may not"),
            ("Condition", "when it holds"),
            ("NotAction", "everything but these actions"),
            ("NotPrincipal", "everybody but these: only ever with Deny"),
        ]),
        (["Statement", "Effect"], false) => {
            offers_of(&[("Allow", "grants what the statement names"), ("Deny", "forbids it, whatever else allows it")])
        }
        (["Statement", "Action" | "NotAction"], false) => action_offers(),
        (["Statement", "Principal" | "NotPrincipal"], true) => offers_of(&[
            ("AWS", "accounts, roles, users, sessions, or * for everyone"),
            ("Service", "AWS services, such as lambda.amazonaws.com"),
        ]),
        (["Statement", "Principal" | "NotPrincipal"], false) => vec![everyone_offer()],
        (["Statement", "Principal" | "NotPrincipal", "AWS"], false) => principal_offers(request),
        (["Statement", "Principal" | "NotPrincipal", "Service"], false) => service_offers(request),
        (["Statement", "Condition"], true) => operator_offers(),
        (["Statement", "Condition", operator], true) => key_offers(operator),
        (["Statement", "Condition", operator, key], false) => value_offers(operator, key, request),
        _ => Vec::new(),
    }
}

pub(super) fn offers_of(all: &[(&str, &str)]) -> Vec<Suggestion> {
    all.iter().map(|(text, words)| new_offer(*text, *words)).collect()
}

/// The actions that a repository policy can control; the account-level ones do nothing there.
pub(super) fn action_offers() -> Vec<Suggestion> {
    let all = Suggestion {
        note: Risk::Policy.short_word(),
        is_risky: true,
        ..new_offer("ecr:*", "everything, the policy included")
    };
    let each = action::repository_level().map(|info| Suggestion {
        note: info.risk.short_word(),
        is_risky: info.risk.is_dangerous(),
        ..new_offer(info.iam_name(), info.words.clone())
    });
    each.chain([all]).collect()
}

pub(super) fn everyone_offer() -> Suggestion {
    Suggestion {
        note: "public",
        is_risky: true,
        ..new_offer("*", "everyone with an AWS account, unless a condition narrows it")
    }
}

/// Returns the grantees of the request, then each kind of principal with a place for its account.
pub(super) fn principal_offers(request: &Request) -> Vec<Suggestion> {
    let partition = request.region.partition();
    let chosen = request.grantees.iter().filter_map(|grantee| match grantee {
        Grantee::Account { id, .. } => Some(Arn::account_root(partition, id).to_string()),
        Grantee::Role(arn) | Grantee::User(arn) | Grantee::Session(arn) => Some(arn.to_string()),
        _ => None,
    });
    let mut found: Vec<Suggestion> = chosen.map(|text| new_offer(text, "who receives access here")).collect();
    for (service, tail, words) in [
        ("iam", "root", "a whole account: whom its own administrators allow"),
        ("iam", "role/NAME", "one role, and all its sessions"),
        ("iam", "user/NAME", "one user"),
        ("sts", "assumed-role/ROLE/SESSION", "one session of a role"),
    ] {
        let head = format!("arn:{partition}:{service}::");
        let account = "ACCOUNT";
        let blank = Some(head.len()..head.len() + account.len());
        found.push(Suggestion { blank, ..new_offer(format!("{head}{account}:{tail}"), words) });
    }
    found.push(everyone_offer());
    found
}

/// Services whose own pages ask for a grant in a repository policy.
pub(super) fn service_offers(request: &Request) -> Vec<Suggestion> {
    let chosen = request.grantees.iter().filter_map(|grantee| match grantee {
        Grantee::Service(name) => Some(new_offer(name.clone(), "who receives access here")),
        _ => None,
    });
    let mut found: Vec<Suggestion> = chosen.collect();
    let pullers =
        all_services().iter().filter_map(|info| Some(new_offer(info.principal_name(), info.runs.as_deref()?)));
    for known in pullers {
        if found.iter().all(|offer| offer.text != known.text) {
            found.push(known);
        }
    }
    found
}

pub(super) fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::String => "text",
        ValueKind::Arn => "ARN",
        ValueKind::Address => "address",
        ValueKind::Bool => "true/false",
        ValueKind::Date => "date",
        ValueKind::Number => "number",
        ValueKind::Binary => "bytes",
        ValueKind::Any => "any key",
    }
}

/// The operators, then those for keys with several values, then those that let a missing key pass.
pub(super) fn operator_offers() -> Vec<Suggestion> {
    let named = |info: &OperatorInfo, text: String, words: String| Suggestion {
        note: kind_word(info.kind),
        ..new_offer(text, words)
    };
    let all = condition::all_operators();
    let compares = |info: &&OperatorInfo| info.kind != ValueKind::Any;
    let of_text = |info: &&OperatorInfo| matches!(info.kind, ValueKind::String | ValueKind::Arn);
    let positive = |info: &&OperatorInfo| !info.name.contains("Not");
    let plain = all.iter().map(|info| named(info, info.name.clone(), info.words.clone()));
    let any =
        all.iter().filter(of_text).filter(positive).map(|info| {
            named(info, format!("ForAnyValue:{}", info.name), format!("one of several values {}", info.words))
        });
    let every = all.iter().filter(of_text).filter(positive).map(|info| {
        let words = format!("each of several values {}; also holds when there is none", info.words);
        named(info, format!("ForAllValues:{}", info.name), words)
    });
    let if_exists = all.iter().filter(compares).filter(positive).map(|info| {
        named(info, format!("{}IfExists", info.name), format!("{}; also holds when the key is missing", info.words))
    });
    plain.chain(any).chain(every).chain(if_exists).collect()
}

/// The condition keys, those first that the operator can compare.
pub(super) fn key_offers(operator: &str) -> Vec<Suggestion> {
    let info = condition::find_operator(operator);
    let has_set = operator.contains(':');
    let fits = |key: &KeyInfo| info.is_none_or(|info| info.can_compare(key)) && (key.many == has_set || info.is_none());
    let mut all: Vec<&KeyInfo> = condition::all_keys().iter().collect();
    all.sort_by_key(|key| !fits(key));
    all.into_iter()
        .map(|key| {
            let note = if key.many { "several" } else { kind_word(key.kind) };
            let mut found =
                Suggestion { note, ..new_offer(key.name.clone(), format!("{}; in {}", key.words, key.present)) };
            if key.name.ends_with('/') {
                found.text.push_str("TAG");
                found.blank = Some(key.name.len()..found.text.len());
            }
            found
        })
        .collect()
}

/// Values that are known beforehand.
pub(super) fn value_offers(operator: &str, key: &str, request: &Request) -> Vec<Suggestion> {
    if condition::find_operator(operator).is_some_and(|info| info.kind == ValueKind::Any) {
        return offers_of(&[("true", "the request lacks the key"), ("false", "the request has the key")]);
    }
    match condition::find_key(key) {
        Some(info) if info.kind == ValueKind::Bool => offers_of(&[("true", ""), ("false", "")]),
        Some(info) if info.name == "aws:SourceAccount" => {
            vec![new_offer(request.owner.as_str(), "the owner of this repository")]
        }
        Some(info) if info.name == "aws:PrincipalOrgID" => {
            let chosen = request.grantees.iter().filter_map(|grantee| match grantee {
                Grantee::Organization(id) => Some(new_offer(id.clone(), "who receives access here")),
                _ => None,
            });
            chosen.collect()
        }
        _ => Vec::new(),
    }
}

/// A change of the text.
pub(super) struct Written {
    pub range: Range<usize>,
    pub text: String,
    /// The selection in the new text; empty: the caret alone.
    pub select: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::recipe;
    use crate::wizard::testing::{test_account, test_owner, test_region};

    fn request(grantees: Vec<Grantee>) -> Request {
        let recipe = recipe::all_recipes().first().unwrap();
        Request {
            owner: test_owner(),
            region: test_region("eu-west-2"),
            grantees,
            recipe,
            actions: Vec::new(),
            until: None,
        }
    }

    fn at(marked: &str) -> Option<Completion> {
        let vendor = Grantee::Account { id: test_account("111111111111"), partition: None };
        let request = request(vec![vendor, Grantee::Service("omics.amazonaws.com".to_owned())]);
        Completion::at_offset(&marked.replacen('|', "", 1), marked.find('|').unwrap(), &request)
    }

    fn texts(marked: &str) -> Vec<String> {
        at(marked).map(|c| c.offers.into_iter().map(|o| o.text).collect()).unwrap_or_default()
    }

    /// The text after taking the first offer, what is selected between `<` and `>`, or the caret as `|`.
    fn taken(marked: &str) -> String {
        let written = at(marked).unwrap().take_chosen().unwrap();
        let mut text = marked.replacen('|', "", 1);
        text.replace_range(written.range, &written.text);
        if written.select.is_empty() {
            text.insert(written.select.start, '|');
        } else {
            text.insert(written.select.end, '>');
            text.insert(written.select.start, '<');
        }
        text
    }

    #[test]
    fn actions_come_with_their_risk_and_what_they_allow() {
        let found = at("{\"Statement\": [{\"Action\": [\"|\"]}]}").unwrap();
        assert_eq!(found.offers.len(), 36);
        let put = found.offers.iter().find(|o| o.text == "ecr:PutImage").unwrap();
        assert!(put.note == "push" && put.is_risky && !put.words.is_empty());
        assert!(found.offers.iter().all(|o| o.text != "ecr:GetAuthorizationToken"), "it does nothing there");
        let found = texts("{\"Statement\": [{\"Action\": [\"ecr:PutImage\", \"put|\"]}]}");
        assert_eq!(found[0], "ecr:PutImageScanningConfiguration", "what is there already is not offered");
        assert_eq!(
            texts("{\"Statement\": {\"NotAction\": \"ecr:batchg|\"}}"),
            ["ecr:BatchGetImage", "ecr:BatchGetRepositoryScanningConfiguration"]
        );
        assert_eq!(texts("{\"Statement\": {\"Action\": \"ecr:gdufl|\"}}"), ["ecr:GetDownloadUrlForLayer"]);
    }

    #[test]
    fn just_the_services_that_pull_are_offered() {
        let offered = texts("{\"Statement\": [{\"Principal\": {\"Service\": \"|\"");
        for info in all_services() {
            assert_eq!(offered.contains(&info.principal_name()), info.is_puller(), "{}", info.name);
        }
    }

    #[test]
    fn each_place_has_its_own_names() {
        for (text, first) in [
            ("{\"|\"}", "Version"),
            ("{\"Version\": \"|\"}", "2012-10-17"),
            ("{\"Statement\": [{\"Sid\": \"a\", \"|\"}]}", "Effect"),
            ("{\"Statement\": [{\"Effect\": |", "Allow"),
            ("{\"Statement\": [{\"Principal\": {|", "AWS"),
            ("{\"Statement\": [{\"Principal\": |", "*"),
            ("{\"Statement\": [{\"Principal\": {\"AWS\": [|", "arn:aws:iam::111111111111:root"),
            ("{\"Statement\": [{\"Principal\": {\"AWS\": \"ro|\"", "arn:aws:iam::111111111111:root"),
            ("{\"Statement\": [{\"Principal\": {\"Service\": \"|\"", "omics.amazonaws.com"),
            ("{\"Statement\": [{\"Condition\": {\"|\"", "StringEquals"),
            ("{\"Statement\": [{\"Condition\": {\"forany|\"", "ForAnyValue:StringEquals"),
            ("{\"Statement\": [{\"Condition\": {\"BoolIf|\"", "BoolIfExists"),
            ("{\"Statement\": [{\"Condition\": {\"StringEquals\": {\"|\"", "aws:PrincipalOrgID"),
            ("{\"Statement\": [{\"Condition\": {\"ForAnyValue:StringLike\": {\"|\"", "aws:PrincipalOrgPaths"),
            ("{\"Statement\": [{\"Condition\": {\"IpAddress\": {\"|\"", "aws:SourceIp"),
            ("{\"Statement\": [{\"Condition\": {\"Bool\": {\"aws:SecureTransport\": |", "true"),
            ("{\"Statement\": [{\"Condition\": {\"StringEquals\": {\"aws:SourceAccount\": [|", "222222222222"),
        ] {
            assert_eq!(texts(text).first().map(String::as_str), Some(first), "{text}");
        }
        for text in
            ["{\"Statement\": [{\"Sid\": \"|\"", "{\"x\": {\"|\"", "{\"Version\": \"2012-10-17|\"}", "{\"Version|\"x"]
        {
            assert!(!texts(text).iter().any(|t| t == "Effect"), "{text}");
        }
        assert!(at("{\"Statement\": [{\"Sid\": \"|\"").is_none());
        assert!(at("{\"Version\": \"2012-10-17|\"}").is_none(), "it is there already");
    }

    #[test]
    fn taking_one_writes_the_whole_string() {
        for (text, wanted) in [
            ("{\"Statement\": {\"Action\": \"batchg|xyz\"}}", "{\"Statement\": {\"Action\": \"ecr:BatchGetImage\"|}}"),
            ("{\"Statement\": {\"Effect\": |}}", "{\"Statement\": {\"Effect\": \"Allow\"|}}"),
            ("{\"Statement\": {\"Eff|", "{\"Statement\": {\"Effect\": |"),
            ("{\"Statement\": {\"Eff|\": 1}}", "{\"Statement\": {\"Effect\"|: 1}}"),
            (
                "{\"Statement\": {\"Principal\": {\"AWS\": \"role/|\"",
                "{\"Statement\": {\"Principal\": {\"AWS\": \"arn:aws:iam::<ACCOUNT>:role/NAME\"",
            ),
            (
                "{\"Statement\": {\"Condition\": {\"Null\": {\"ecr:|\"",
                "{\"Statement\": {\"Condition\": {\"Null\": {\"ecr:ResourceTag/<TAG>\"",
            ),
        ] {
            assert_eq!(taken(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_list_is_below_the_caret_or_above_it_and_never_outside() {
        let many = at("{\"Statement\": [{\"Action\": [\"|\"]}]}").unwrap();
        for rows in 0..30 {
            for caret in 0..rows.max(1) {
                let (start, height) = many.list_rows(rows, caret);
                assert!(start + height <= rows.max(caret + 1), "{rows} {caret} {start} {height}");
                assert!(height == 0 || !(start..start + height).contains(&caret), "{rows} {caret}");
                assert!(rows < 3 || height > 0, "{rows} {caret}");
            }
        }
        assert_eq!(many.list_rows(20, 3), (4, 8));
        assert_eq!(many.list_rows(12, 10), (2, 8));
    }
}
