//! The service: one request after the other to the operation that it names.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};

use super::answer::{self, Answer, AwsError, Body, Protocol, no_identity_policy, no_resource_policy};
use super::call_log::{Call, Calls};
use super::faults::{Script, Trouble};
use super::identities::{Caller, KeyProblem, People};
use super::json_format::{shown_form, stored_form};
use super::operations::{ECR_OPERATIONS, missing};
use super::registries::Registries;
use super::signature::{Scope, Unsigned, scope};
use super::{images, policies, policy_validation, registry_policies, repositories, sts};
use crate::ecr::{AccountId, Arn, Region, RepositoryName, RepositoryRef};
use crate::policy::RegistryPolicy;

/// The source of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this moment, in seconds since 1970-01-01 UTC ([`Service::advance`] moves it).
    Fixed(i64),
}

/// ECR and STS with their registries and people. Answers are made under a lock; a request waits for nothing else.
#[derive(Debug)]
pub struct Service {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub people: People,
    pub registries: Registries,
    script: Script,
    calls: Calls,
    reactions: Vec<Reaction>,
    /// The number of requests and sessions so far.
    pub number: u64,
    ahead: i64,
}

/// A write by another writer, right after a call.
#[derive(Debug)]
struct Reaction {
    operation: String,
    repository: RepositoryRef,
    policy: Option<String>,
}

/// An ECR operation with its input.
pub(super) struct Ask<'a> {
    pub operation: &'a str,
    pub caller: &'a Caller,
    pub region: &'a Region,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    pub lagging: bool,
    /// The policy of the registry that is asked.
    registry_policy: RegistryPolicy,
    /// The organization of the caller's account.
    organization: Option<String>,
    input: Map<String, Value>,
}

/// The longest name in the record of calls, in characters: as long as the longest repository name.
const LONGEST_RECORDED: usize = 256;

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.";

impl Service {
    /// Builds the demo: the registries and people of `assets/sandbox/`.
    pub fn demo(clock: Clock) -> Self {
        Self::new(Registries::demo(), People::demo(), clock)
    }

    /// Builds the demo's people with `count` repositories in account 222222222222, Region eu-west-2, for measurements.
    pub fn with_many(count: usize, clock: Clock) -> Self {
        Self::new(Registries::many(count), People::demo(), clock)
    }

    /// Builds the demo's people with other registries: a text of the shape of `assets/sandbox/registries.json`. The
    /// error names the fault of the text.
    pub fn from_json(registries: &str, clock: Clock) -> Result<Self, String> {
        Ok(Self::new(Registries::from_json(registries)?, People::demo(), clock))
    }

    fn new(registries: Registries, people: People, clock: Clock) -> Self {
        Self { clock, state: Mutex::new(State { people, registries, ..State::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock would leave data that is still whole: no step here changes two things that must agree.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self, state: &State) -> i64 {
        let now = match self.clock {
            Clock::Fixed(seconds) => seconds,
            Clock::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)),
        };
        now.saturating_add(state.ahead)
    }

    /// Answers a request. Scripted faults of the connection are kept.
    pub fn answer(&self, request: &Request<Bytes>) -> Answer {
        let mut guard = self.state();
        let state = &mut *guard;
        let now = self.now(state);
        state.number += 1;
        let request_id = format!("5a9db0c5-0000-4000-8000-{:012x}", state.number);
        let (protocol, operation, input) = read(request);
        let scope = scope(request.headers());
        state.calls.record(call(&operation, &input, scope.as_ref().ok()));

        let trouble = state.script.next(&operation);
        if let Some(answer) = trouble.as_ref().and_then(|t| before(t, protocol, &request_id)) {
            state.react(&operation);
            return answer;
        }
        let lagging = trouble == Some(Trouble::StaleRead);
        let outcome = state.perform(protocol, &operation, input, scope, now, lagging, &request_id);
        match trouble {
            Some(Trouble::AnswerLost) => Answer::Broken,
            Some(Trouble::DoneBehindPage(status)) => page(status, &request_id),
            Some(Trouble::Altered(pointer, value)) => Answer::Response(altered(outcome, &pointer, value)),
            _ => Answer::Response(outcome),
        }
    }

    /// Answers a request. Scripted faults of the connection become HTTP 503.
    pub fn respond(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.answer(request) {
            Answer::Response(response) => response,
            Answer::Broken | Answer::Silence => {
                answer::plain(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "Service Unavailable".to_owned(), "none")
            }
        }
    }

    /// Sets or removes a policy without any check, as another writer. Tells whether the repository exists.
    pub fn set_policy_directly(&self, repository: &RepositoryRef, policy: Option<&str>) -> bool {
        self.state().put(repository, policy)
    }

    /// Sets or removes a registry policy without any check, as another writer.
    pub fn set_registry_policy_directly(&self, account: &AccountId, region: &Region, policy: Option<&str>) {
        self.state().registries.registry_mut(account, region).policy = policy.map(str::to_owned);
    }

    /// Returns the policy as `GetRepositoryPolicy` would show it; `None` also for a missing repository.
    pub fn policy_of(&self, repository: &RepositoryRef) -> Option<String> {
        let state = self.state();
        let stored = state.registries.repository(repository)?.policy.as_deref()?;
        Some(shown_form(stored, &state.people.deleted))
    }

    /// Adds an empty repository; an existing one stays as it is.
    pub fn add_repository(&self, repository: &RepositoryRef) {
        let mut state = self.state();
        let now = self.now(&state);
        state.registries.add(repository, now);
    }

    /// Deletes a repository; tells whether it existed.
    pub fn remove_repository(&self, repository: &RepositoryRef) -> bool {
        self.state().registries.remove(repository)
    }

    /// Deletes a role or user. Policies that name it show its unique id from then on, and no policy can name it.
    pub fn delete_principal(&self, arn: &str) {
        self.state().people.delete_principal(arn);
    }

    /// Makes calls fail. Of the calls of an operation (`None`: of any), the first `skip` go through and the next
    /// `times` meet the fault.
    pub fn trouble(&self, operation: Option<&str>, skip: u32, times: u32, trouble: Trouble) {
        self.state().script.add(operation, skip, times, trouble);
    }

    /// Ends all faults.
    pub fn no_trouble(&self) {
        self.state().script.clear();
    }

    /// Sets a repository's policy as another, quick writer, right after the next call of `operation` on it.
    pub fn write_after(&self, operation: &str, repository: &RepositoryRef, policy: Option<&str>) {
        self.state().reactions.push(Reaction {
            operation: operation.to_owned(),
            repository: repository.clone(),
            policy: policy.map(str::to_owned),
        });
    }

    /// Returns the calls so far, the oldest first; at most the last 50,000.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.all()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        self.state().calls.clear();
    }

    /// Moves the clock ahead by so many seconds.
    pub fn advance(&self, seconds: i64) {
        let mut state = self.state();
        state.ahead = state.ahead.saturating_add(seconds);
    }
}

impl State {
    fn put(&mut self, reference: &RepositoryRef, policy: Option<&str>) -> bool {
        let partition = reference.region.partition();
        let Some(repository) = self.registries.repository_mut(reference) else { return false };
        repository.write_policy(policy.map(|text| stored_form(text, partition).unwrap_or_else(|| text.to_owned())));
        true
    }

    #[expect(clippy::too_many_arguments, reason = "a request has that many parts, and this is its only reader")]
    fn perform(
        &mut self,
        protocol: Protocol,
        operation: &str,
        input: Input,
        scope: Result<Scope, Unsigned>,
        now: i64,
        lagging: bool,
        request_id: &str,
    ) -> Response<Bytes> {
        let outcome = scope.map_err(|problem| unsigned(problem, protocol)).and_then(|scope| {
            let service = if protocol == Protocol::Json { "ecr" } else { "sts" };
            if scope.service != service {
                return Err(wrong_service(protocol, service));
            }
            let caller = self.people.identify(&scope, now).map_err(|problem| key_problem(problem, protocol))?;
            match input {
                Input::Query(fields) => sts::perform(self, operation, &fields, &caller, now, request_id).map(Body::Xml),
                Input::Broken => Err(AwsError::bad("SerializationException", "")),
                Input::Json(input) => {
                    let mut ask = Ask {
                        operation,
                        caller: &caller,
                        region: &scope.region,
                        now,
                        lagging,
                        registry_policy: RegistryPolicy::Absent,
                        organization: self.people.organization_of(&caller.account).map(str::to_owned),
                        input,
                    };
                    let registry = self.registries.get(&ask.registry()?, ask.region);
                    ask.registry_policy = RegistryPolicy::of(registry.and_then(|registry| registry.policy.as_deref()));
                    self.ecr(&ask).map(Body::Json)
                }
            }
        });
        self.react(operation);
        answer::response(protocol, outcome, request_id)
    }

    fn ecr(&mut self, ask: &Ask<'_>) -> Result<Value, AwsError> {
        match ask.operation {
            "DescribeRepositories" => repositories::describe(&self.registries, ask),
            "DescribeRegistry" => repositories::registry(&self.registries, ask),
            "GetRegistryPolicy" => registry_policies::get(self, ask),
            "PutRegistryPolicy" => registry_policies::put(self, ask),
            "DeleteRegistryPolicy" => registry_policies::delete(self, ask),
            "GetAccountSetting" => registry_policies::setting(ask),
            "PutAccountSetting" => registry_policies::set_setting(ask),
            "ListTagsForResource" => repositories::tags(&self.registries, ask),
            "GetAuthorizationToken" => repositories::token(ask),
            "DescribeImages" => images::describe(&self.registries, ask),
            "ListImages" => images::list(&self.registries, ask),
            "GetRepositoryPolicy" => policies::get(self, ask),
            "SetRepositoryPolicy" => policies::set(self, ask),
            "DeleteRepositoryPolicy" => policies::delete(self, ask),
            _ => Err(AwsError::bad("UnknownOperationException", missing("ECR", ask.operation, &ECR_OPERATIONS))),
        }
    }

    fn react(&mut self, operation: &str) {
        let last = self.calls.last_repository();
        let found = self
            .reactions
            .iter()
            .position(|r| r.operation == operation && last.as_deref() == Some(r.repository.name.as_str()));
        if let Some(index) = found {
            let reaction = self.reactions.remove(index);
            self.put(&reaction.repository, reaction.policy.as_deref());
        }
    }
}

/// The body of a request, by its protocol.
enum Input {
    Json(Map<String, Value>),
    Query(Vec<(String, String)>),
    Broken,
}

fn read(request: &Request<Bytes>) -> (Protocol, String, Input) {
    if let Some(target) = request.headers().get("x-amz-target") {
        let operation = target.to_str().ok().and_then(|t| t.strip_prefix(TARGET)).unwrap_or_default().to_owned();
        let body = request.body();
        let input = if body.is_empty() {
            Input::Json(Map::new())
        } else {
            serde_json::from_slice(body).map_or(Input::Broken, Input::Json)
        };
        return (Protocol::Json, operation, input);
    }
    let mut fields: Vec<(String, String)> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    fields.extend(form_urlencoded::parse(request.body()).into_owned());
    let operation = fields.iter().find(|(k, _)| k == "Action").map(|(_, v)| v.clone()).unwrap_or_default();
    (Protocol::Query, operation, Input::Query(fields))
}

fn call(operation: &str, input: &Input, scope: Option<&Scope>) -> Call {
    let field = |name: &str| match input {
        Input::Json(map) => map.get(name),
        _ => None,
    };
    // Many calls are kept: no client makes one of them large.
    let short = |text: &str| text.chars().take(LONGEST_RECORDED).collect::<String>();
    Call {
        operation: short(operation),
        repository: field("repositoryName").and_then(Value::as_str).map(short),
        key_id: scope.map(|s| short(&s.key_id)).unwrap_or_default(),
        region: scope.map(|s| s.region.to_string()).unwrap_or_default(),
        force: field("force").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// Builds a page of HTML in place of an answer of AWS.
fn page(status: u16, request_id: &str) -> Answer {
    let status = Trouble::status(status);
    let text = format!("<!doctype html>\n<html><body><h1>{status}</h1></body></html>\n");
    Answer::Response(answer::plain(status, "text/html", text, request_id))
}

/// Replaces the value at a place of an answer; an answer without that place stays as it is.
fn altered(response: Response<Bytes>, pointer: &str, value: Value) -> Response<Bytes> {
    response.map(|body| {
        let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return body };
        if let Some(place) = json.pointer_mut(pointer) {
            *place = value;
        }
        Bytes::from(json.to_string())
    })
}

/// Returns the answer of a fault that comes in place of the operation.
fn before(trouble: &Trouble, protocol: Protocol, request_id: &str) -> Option<Answer> {
    let error = match trouble {
        Trouble::StaleRead | Trouble::AnswerLost | Trouble::DoneBehindPage(_) | Trouble::Altered(..) => return None,
        Trouble::GatewayPage(status) => return Some(page(*status, request_id)),
        Trouble::Broken => return Some(Answer::Broken),
        Trouble::Silence => return Some(Answer::Silence),
        Trouble::HtmlPage => return Some(page(500, request_id)),
        // STS calls it `Throttling`.
        Trouble::Throttled if protocol == Protocol::Query => AwsError::bad("Throttling", "Rate exceeded"),
        Trouble::Throttled => AwsError::bad("ThrottlingException", "Rate exceeded"),
        Trouble::ServerError => AwsError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ServerException",
            "These errors are usually caused by a server-side issue.",
        ),
        Trouble::Error(status, code, message) => AwsError::new(Trouble::status(*status), code, message.as_str()),
    };
    Some(Answer::Response(answer::response(protocol, Err(error), request_id)))
}

/// Builds the error for a request without a usable signature. STS's `MissingAuthenticationToken` is reported (facts
/// 4.3); ECR's is the JSON services' common error.
fn unsigned(problem: Unsigned, protocol: Protocol) -> AwsError {
    match (problem, protocol) {
        (Unsigned::Missing, Protocol::Json) => {
            AwsError::bad("MissingAuthenticationTokenException", "Missing Authentication Token")
        }
        (Unsigned::Missing, Protocol::Query) => AwsError::new(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        (Unsigned::Malformed, Protocol::Json) => {
            AwsError::bad("IncompleteSignatureException", "Authorization header requires 'Credential' parameter.")
        }
        (Unsigned::Malformed, Protocol::Query) => {
            AwsError::bad("IncompleteSignature", "Authorization header requires 'Credential' parameter.")
        }
    }
}

fn wrong_service(protocol: Protocol, service: &str) -> AwsError {
    let message = format!("Credential should be scoped to correct service: '{service}'. ");
    match protocol {
        Protocol::Json => AwsError::bad("InvalidSignatureException", message),
        Protocol::Query => AwsError::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message),
    }
}

fn key_problem(problem: KeyProblem, protocol: Protocol) -> AwsError {
    let expired = "The security token included in the request is expired";
    let invalid = "The security token included in the request is invalid.";
    match (problem, protocol) {
        (KeyProblem::Unknown, Protocol::Json) => AwsError::bad("UnrecognizedClientException", invalid),
        (KeyProblem::Unknown, Protocol::Query) => AwsError::new(StatusCode::FORBIDDEN, "InvalidClientTokenId", invalid),
        (KeyProblem::Expired, Protocol::Json) => AwsError::bad("ExpiredTokenException", expired),
        (KeyProblem::Expired, Protocol::Query) => AwsError::new(StatusCode::FORBIDDEN, "ExpiredToken", expired),
        (KeyProblem::MfaMissing, Protocol::Json) => AwsError::bad("AccessDeniedException", sts::MFA_MISSING),
        (KeyProblem::MfaMissing, Protocol::Query) => {
            AwsError::new(StatusCode::FORBIDDEN, "AccessDenied", sts::MFA_MISSING)
        }
    }
}

impl Ask<'_> {
    fn serialization(found: &Value, wanted: &str) -> AwsError {
        let kind = match found {
            Value::Null => "NULL_VALUE",
            Value::Bool(_) => "BOOLEAN_VALUE",
            Value::Number(_) => "NUMBER_VALUE",
            Value::String(_) => "STRING_VALUE",
            Value::Array(_) => "START_ARRAY",
            Value::Object(_) => "START_OBJECT",
        };
        AwsError::bad("SerializationException", format!("{kind} can not be converted to {wanted}"))
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.input.get(name).filter(|v| !v.is_null())
    }

    pub fn text(&self, name: &str) -> Result<Option<&str>, AwsError> {
        self.value(name).map(|v| v.as_str().ok_or_else(|| Self::serialization(v, "a String"))).transpose()
    }

    /// Returns a required member. Clients check for missing members before they send, so AWS's own text is not known.
    pub fn required(&self, name: &str) -> Result<&str, AwsError> {
        self.text(name)?.ok_or_else(|| AwsError::parameter(name, "must not be null"))
    }

    pub fn flag(&self, name: &str) -> Result<bool, AwsError> {
        self.value(name).map_or(Ok(false), |v| v.as_bool().ok_or_else(|| Self::serialization(v, "a Boolean")))
    }

    pub fn list(&self, name: &str) -> Result<Option<&Vec<Value>>, AwsError> {
        self.value(name).map(|v| v.as_array().ok_or_else(|| Self::serialization(v, "a List"))).transpose()
    }

    pub fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, AwsError> {
        let Some(list) = self.list(name)? else { return Ok(None) };
        list.iter()
            .map(|v| v.as_str().ok_or_else(|| Self::serialization(v, "a String")))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Reads `maxResults`: 1 to 1000; 100 where it is left out. AWS's own words for another number are not known.
    pub fn page_size(&self) -> Result<usize, AwsError> {
        let Some(value) = self.value("maxResults") else { return Ok(100) };
        let number = value.as_i64().ok_or_else(|| Self::serialization(value, "an Integer"))?;
        match usize::try_from(number) {
            Ok(size @ 1..=1000) => Ok(size),
            Ok(0) | Err(_) => Err(AwsError::parameter("maxResults", "must be greater than or equal to 1")),
            Ok(_) => Err(AwsError::parameter("maxResults", "must be less than or equal to 1000")),
        }
    }

    /// Returns the registry that is asked for: `registryId`, or the caller's own.
    pub fn registry(&self) -> Result<AccountId, AwsError> {
        let Some(text) = self.text("registryId")? else { return Ok(self.caller.account.clone()) };
        match AccountId::parse(text) {
            Ok(account) if account.as_str() == text => Ok(account),
            _ => Err(AwsError::parameter("registryId", "must satisfy regular expression '[0-9]{12}'")),
        }
    }

    /// Returns the repository that `repositoryName` and `registryId` name; it may not exist.
    pub fn repository(&self) -> Result<RepositoryRef, AwsError> {
        let name = Self::repository_name("repositoryName", self.required("repositoryName")?)?;
        Ok(RepositoryRef { account: self.registry()?, region: self.region.clone(), name })
    }

    /// Reads a repository's name by the pattern of the API model.
    pub fn repository_name(member: &str, text: &str) -> Result<RepositoryName, AwsError> {
        RepositoryName::parse(text).map_err(|_| {
            AwsError::parameter(
                member,
                "must satisfy regular expression '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*'",
            )
        })
    }

    /// Authorizes the operation by the registry policy, the caller's own policies, and then the account. No account
    /// reaches into another's registry here.
    pub fn authorize(&self, owner: &AccountId, resource: &str) -> Result<(), AwsError> {
        let refuse = |reason| Err(AwsError::denied(&self.caller.arn, self.operation, resource, reason));
        if self.is_denied_by_registry(resource) {
            refuse("with an explicit deny in a resource-based policy")
        } else if self.caller.denied.iter().any(|d| d == self.operation) {
            refuse(&no_identity_policy(self.operation))
        } else if *owner != self.caller.account {
            refuse(&no_resource_policy(self.operation))
        } else {
            Ok(())
        }
    }

    /// Tells whether a Deny of the registry policy covers the operation on a repository; `resource` is its ARN.
    fn is_denied_by_registry(&self, resource: &str) -> bool {
        let named = Arn::parse(resource).and_then(|arn| {
            Some(RepositoryRef { account: arn.account_id()?, region: self.region.clone(), name: arn.repository()? })
        });
        named.is_some_and(|repository| {
            let denies = self.registry_policy.around(None, &repository);
            policy_validation::denies(&denies, self.organization.as_deref(), self.caller, self.operation)
        })
    }
}
