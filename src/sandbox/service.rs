//! The service: one request after the other to the operation that it names.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};

use super::answer::{self, AwsError, Body, Protocol, WireAnswer};
use super::ask::Ask;
use super::call_log::Call;
use super::chance::{Chance, Draw, FaultShares};
use super::faults::Trouble;
use super::identities::{KeyRejection, People};
use super::json_format::shown_form;
use super::operations::{ECR_OPERATIONS, missing_operation};
use super::registries::{Lag, Registries};
use super::signature::{CredentialScope, Unsigned, read_scope};
use super::state::{Reaction, ServiceState};
use super::{
    config_service, creation_templates, images, organizations, policies, registry_policies, repositories, sts,
};
use crate::ecr::{AccountId, Region, RepositoryRef};
use crate::policy::RegistryPolicy;

/// The source of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this moment, in seconds since 1970-01-01 UTC ([`Service::advance_clock`] moves it).
    Fixed(i64),
}

/// ECR, STS, AWS Config and Organizations with their registries and people. Answers are made under a lock; a request waits for nothing else.
#[derive(Debug)]
pub struct Service {
    clock: Clock,
    state: Mutex<ServiceState>,
}

/// The longest name in the record of calls, in characters: as long as the longest repository name.
const LONGEST_RECORDED: usize = 256;

/// A service that the sandbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SandboxService {
    Ecr,
    Config,
    Organizations,
    Sts,
}

impl SandboxService {
    /// The services of AWS JSON, each with the target of its requests.
    const TARGETS: [(Self, &str); 3] = [
        (Self::Ecr, "AmazonEC2ContainerRegistry_V20150921."),
        (Self::Config, "StarlingDoveService."),
        (Self::Organizations, "AWSOrganizationsV20161128."),
    ];

    fn protocol(self) -> Protocol {
        if self == Self::Sts { Protocol::Query } else { Protocol::Json }
    }

    /// Returns the name that signatures are scoped to.
    fn signing_name(self) -> &'static str {
        match self {
            Self::Ecr => "ecr",
            Self::Config => "config",
            Self::Organizations => "organizations",
            Self::Sts => "sts",
        }
    }
}

impl Service {
    /// Builds the demo: the registries and people of `assets/sandbox/`.
    pub fn demo(clock: Clock) -> Self {
        Self::new(Registries::demo_registries(), People::demo_people(), clock)
    }

    /// Builds the demo's people with `count` repositories in account 222222222222, Region eu-west-2, for measurements.
    pub fn with_many(count: usize, clock: Clock) -> Self {
        Self::new(Registries::many_repositories(count), People::demo_people(), clock)
    }

    /// Builds the demo's people with other registries: a text of the shape of `assets/sandbox/registries.json`. The
    /// error names the fault of the text.
    pub fn from_json(registries: &str, clock: Clock) -> Result<Self, String> {
        Ok(Self::new(Registries::from_json(registries)?, People::demo_people(), clock))
    }

    fn new(registries: Registries, people: People, clock: Clock) -> Self {
        Self { clock, state: Mutex::new(ServiceState { people, registries, ..ServiceState::default() }) }
    }

    fn lock_state(&self) -> MutexGuard<'_, ServiceState> {
        // A panic under the lock would leave data that is still whole: no step here changes two things that must agree.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn time_now(&self, state: &ServiceState) -> i64 {
        let now = match self.clock {
            Clock::Fixed(seconds) => seconds,
            Clock::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)),
        };
        now.saturating_add(state.ahead)
    }

    /// Answers a request. Faults of the connection are kept.
    pub fn answer_request(&self, request: &Request<Bytes>) -> WireAnswer {
        self.answer_timed(request).0
    }

    /// Answers a request. Returns the time too that the answer takes longer than others.
    pub(super) fn answer_timed(&self, request: &Request<Bytes>) -> (WireAnswer, Duration) {
        let mut guard = self.lock_state();
        let state = &mut *guard;
        let now = self.time_now(state);
        state.number += 1;
        let request_id = format!("5a9db0c5-0000-4000-8000-{:012x}", state.number);
        let (asked, operation, input) = read_request(request);
        let protocol = asked.protocol();
        let scope = read_scope(request.headers());
        let call = call_record(&operation, &input, scope.as_ref().ok());
        let drawn = match protocol {
            Protocol::Json => state.chance.draw_fault(&call, Instant::now()),
            Protocol::Query => Draw::default(),
        };
        state.calls.record_call(call);

        let trouble = state.script.next_fault(&operation).or(drawn.trouble);
        if let Some(answer) = trouble.as_ref().and_then(|t| answer_instead(t, protocol, &request_id)) {
            state.write_after_call(&operation);
            return (answer, drawn.delay);
        }
        let lag = match trouble {
            Some(Trouble::StaleRead) => Lag::Always,
            Some(Trouble::RecentStaleRead) => Lag::Recent,
            _ => Lag::Never,
        };
        let outcome = state.perform_operation(asked, &operation, input, scope, now, lag, &request_id);
        if outcome.status().is_success() {
            state.calls.note_carried_out();
        }
        let answer = match trouble {
            Some(Trouble::AnswerLost) => WireAnswer::Broken,
            Some(Trouble::DoneBehindPage(status)) => html_page(status, &request_id),
            Some(Trouble::Altered(pointer, value)) => WireAnswer::Response(alter_answer(outcome, &pointer, value)),
            _ => WireAnswer::Response(outcome),
        };
        (answer, drawn.delay)
    }

    /// Answers a request. Scripted faults of the connection become HTTP 503.
    pub fn respond_to(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.answer_request(request) {
            WireAnswer::Response(response) => response,
            WireAnswer::Broken | WireAnswer::Silence => answer::plain_response(
                StatusCode::SERVICE_UNAVAILABLE,
                "text/plain",
                "Service Unavailable".to_owned(),
                "none",
            ),
        }
    }

    /// Sets or removes a policy without any check, as another writer. Tells whether the repository exists.
    pub fn set_policy_directly(&self, repository: &RepositoryRef, policy: Option<&str>) -> bool {
        self.lock_state().put_policy(repository, policy)
    }

    /// Sets or removes a registry policy without any check, as another writer.
    pub fn set_registry_policy_directly(&self, account: &AccountId, region: &Region, policy: Option<&str>) {
        self.lock_state().registries.registry_mut(account, region).policy = policy.map(str::to_owned);
    }

    /// Returns the policy as `GetRepositoryPolicy` would show it; `None` also for a missing repository.
    pub fn policy_of(&self, repository: &RepositoryRef) -> Option<String> {
        let state = self.lock_state();
        let stored = state.registries.find_repository(repository)?.policy.as_deref()?;
        Some(shown_form(stored, &state.people.deleted))
    }

    /// Adds an empty repository; an existing one stays as it is.
    pub fn add_repository(&self, repository: &RepositoryRef) {
        let mut state = self.lock_state();
        let now = self.time_now(&state);
        state.registries.add_repository(repository, now);
    }

    /// Deletes a repository; tells whether it existed.
    pub fn remove_repository(&self, repository: &RepositoryRef) -> bool {
        self.lock_state().registries.remove_repository(repository)
    }

    /// Deletes a role or user. Policies that name it show its unique id from then on, and no policy can name it.
    pub fn delete_principal(&self, arn: &str) {
        self.lock_state().people.delete_principal(arn);
    }

    /// Suspends an account of the organization.
    pub fn suspend_account(&self, account: &AccountId) {
        self.lock_state().people.suspend_account(account);
    }

    /// Takes a Region from an account, which has not enabled it then.
    pub fn disable_region(&self, account: &AccountId, region: &Region) {
        self.lock_state().people.disable_region(account, region);
    }

    /// Lets the aggregator of AWS Config fail to read a registry, with AWS's code.
    pub fn fail_aggregator_source(&self, account: &AccountId, region: &Region, code: &str) {
        self.lock_state().people.fail_source(account, region, code);
    }

    /// Makes calls fail. Of the calls of an operation (`None`: of any), the first `skip` go through and the next
    /// `times` meet the fault.
    pub fn add_trouble(&self, operation: Option<&str>, skip: u32, times: u32, trouble: Trouble) {
        self.lock_state().script.add_line(operation, skip, times, trouble);
    }

    /// Makes calls of ECR meet faults by chance, in place of the earlier ones.
    pub fn set_faults(&self, shares: FaultShares) {
        self.lock_state().chance = Chance::new(shares);
    }

    /// Ends all faults.
    pub fn end_trouble(&self) {
        let mut state = self.lock_state();
        state.script.end_all();
        state.chance = Chance::default();
    }

    /// Sets a repository's policy as another, quick writer, right after the next call of `operation` on it.
    pub fn write_after(&self, operation: &str, repository: &RepositoryRef, policy: Option<&str>) {
        self.add_reaction(Some(operation), 1, repository, policy);
    }

    /// Sets a repository's policy as another, quick writer, right after so many further calls on it.
    pub fn write_after_calls(&self, calls: u32, repository: &RepositoryRef, policy: Option<&str>) {
        self.add_reaction(None, calls, repository, policy);
    }

    fn add_reaction(&self, operation: Option<&str>, calls: u32, repository: &RepositoryRef, policy: Option<&str>) {
        self.lock_state().reactions.push(Reaction {
            operation: operation.map(str::to_owned),
            calls,
            repository: repository.clone(),
            policy: policy.map(str::to_owned),
        });
    }

    /// Returns the calls so far, the oldest first; at most the last 50,000.
    pub fn recorded_calls(&self) -> Vec<Call> {
        self.lock_state().calls.all_calls()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        self.lock_state().calls.forget_all();
    }

    /// Moves the clock ahead by so many seconds.
    pub fn advance_clock(&self, seconds: i64) {
        let mut state = self.lock_state();
        state.ahead = state.ahead.saturating_add(seconds);
    }
}

impl ServiceState {
    #[expect(clippy::too_many_arguments, reason = "a request has that many parts, and this is its only reader")]
    fn perform_operation(
        &mut self,
        asked: SandboxService,
        operation: &str,
        input: RequestBody,
        scope: Result<CredentialScope, Unsigned>,
        now: i64,
        lag: Lag,
        request_id: &str,
    ) -> Response<Bytes> {
        let protocol = asked.protocol();
        let outcome = scope.map_err(|problem| unsigned_error(problem, protocol)).and_then(|scope| {
            if scope.service != asked.signing_name() {
                return Err(wrong_service(protocol, asked.signing_name()));
            }
            let caller = self.people.identify_caller(&scope, now).map_err(|problem| key_problem(problem, protocol))?;
            match input {
                RequestBody::Query(fields) => {
                    sts::perform_operation(self, operation, &fields, &caller, now, request_id).map(Body::Xml)
                }
                RequestBody::Broken => Err(AwsError::bad_request("SerializationException", "")),
                RequestBody::Json(input) => {
                    let mut ask = Ask {
                        operation,
                        caller: &caller,
                        region: &scope.region,
                        now,
                        lag,
                        registry_policy: RegistryPolicy::Absent,
                        organization: self.people.organization_of(&caller.account).map(str::to_owned),
                        input,
                    };
                    let outcome = match asked {
                        SandboxService::Config => config_service::perform_operation(self, &ask),
                        SandboxService::Organizations => organizations::perform_operation(&self.people, &ask),
                        SandboxService::Ecr | SandboxService::Sts => {
                            let registry = self.registries.get(&ask.registry_id()?, ask.region);
                            let text = registry.and_then(|registry| registry.policy.as_deref());
                            ask.registry_policy = RegistryPolicy::of(text);
                            self.perform_ecr(&ask)
                        }
                    };
                    outcome.map(Body::Json)
                }
            }
        });
        self.write_after_call(operation);
        answer::build_response(protocol, outcome, request_id)
    }

    fn perform_ecr(&mut self, ask: &Ask<'_>) -> Result<Value, AwsError> {
        match ask.operation {
            "DescribeRepositories" => repositories::describe_repositories(&self.registries, ask),
            "DescribeRepositoryCreationTemplates" => creation_templates::describe_templates(&self.registries, ask),
            "DescribeRegistry" => repositories::describe_registry(&self.registries, ask),
            "GetRegistryPolicy" => registry_policies::get_policy(self, ask),
            "PutRegistryPolicy" => registry_policies::put_policy(self, ask),
            "DeleteRegistryPolicy" => registry_policies::delete_policy(self, ask),
            "GetAccountSetting" => registry_policies::get_setting(ask),
            "PutAccountSetting" => registry_policies::put_setting(ask),
            "ListTagsForResource" => repositories::list_tags(&self.registries, ask),
            "GetAuthorizationToken" => repositories::get_token(ask),
            "DescribeImages" => images::describe_images(&self.registries, ask),
            "ListImages" => images::list_images(&self.registries, ask),
            "GetRepositoryPolicy" => policies::get_policy(self, ask),
            "SetRepositoryPolicy" => policies::set_policy(self, ask),
            "DeleteRepositoryPolicy" => policies::delete_policy(self, ask),
            _ => Err(AwsError::bad_request(
                "UnknownOperationException",
                missing_operation("ECR", ask.operation, &ECR_OPERATIONS),
            )),
        }
    }
}

/// The body of a request, by its protocol.
enum RequestBody {
    Json(Map<String, Value>),
    Query(Vec<(String, String)>),
    Broken,
}

fn read_request(request: &Request<Bytes>) -> (SandboxService, String, RequestBody) {
    if let Some(target) = request.headers().get("x-amz-target") {
        let target = target.to_str().unwrap_or_default();
        let mut known = SandboxService::TARGETS.iter();
        let found = known.find_map(|(service, prefix)| Some((*service, target.strip_prefix(prefix)?)));
        let (service, operation) = found.unwrap_or((SandboxService::Ecr, ""));
        let operation = operation.to_owned();
        let body = request.body();
        let input = if body.is_empty() {
            RequestBody::Json(Map::new())
        } else {
            serde_json::from_slice(body).map_or(RequestBody::Broken, RequestBody::Json)
        };
        return (service, operation, input);
    }
    let mut fields: Vec<(String, String)> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    fields.extend(form_urlencoded::parse(request.body()).into_owned());
    let operation = fields.iter().find(|(k, _)| k == "Action").map(|(_, v)| v.clone()).unwrap_or_default();
    (SandboxService::Sts, operation, RequestBody::Query(fields))
}

fn call_record(operation: &str, input: &RequestBody, scope: Option<&CredentialScope>) -> Call {
    let field = |name: &str| match input {
        RequestBody::Json(map) => map.get(name),
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
        at: Instant::now(),
        carried_out: false,
    }
}

/// Builds a page of HTML in place of an answer of AWS.
fn html_page(status: u16, request_id: &str) -> WireAnswer {
    let status = Trouble::status_code(status);
    let text = format!("<!doctype html>\n<html><body><h1>{status}</h1></body></html>\n");
    WireAnswer::Response(answer::plain_response(status, "text/html", text, request_id))
}

/// Replaces the value at a place of an answer; an answer without that place stays as it is.
fn alter_answer(response: Response<Bytes>, pointer: &str, value: Value) -> Response<Bytes> {
    response.map(|body| {
        let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return body };
        if let Some(place) = json.pointer_mut(pointer) {
            *place = value;
        }
        Bytes::from(json.to_string())
    })
}

/// Returns the answer of a fault that comes in place of the operation.
fn answer_instead(trouble: &Trouble, protocol: Protocol, request_id: &str) -> Option<WireAnswer> {
    let error = match trouble {
        Trouble::StaleRead
        | Trouble::RecentStaleRead
        | Trouble::AnswerLost
        | Trouble::DoneBehindPage(_)
        | Trouble::Altered(..) => return None,
        Trouble::GatewayPage(status) => return Some(html_page(*status, request_id)),
        Trouble::Broken => return Some(WireAnswer::Broken),
        Trouble::Silence => return Some(WireAnswer::Silence),
        Trouble::HtmlPage => return Some(html_page(500, request_id)),
        // STS calls it `Throttling`.
        Trouble::Throttled if protocol == Protocol::Query => AwsError::bad_request("Throttling", "Rate exceeded"),
        Trouble::Throttled => AwsError::bad_request("ThrottlingException", "Rate exceeded"),
        Trouble::ServerError => AwsError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ServerException",
            "These errors are usually caused by a server-side issue.",
        ),
        Trouble::Error(status, code, message) => AwsError::new(Trouble::status_code(*status), code, message.as_str()),
    };
    Some(WireAnswer::Response(answer::build_response(protocol, Err(error), request_id)))
}

/// Builds the error for a request without a usable signature. STS's `MissingAuthenticationToken` is reported (facts
/// 4.3); ECR's is the JSON services' common error.
fn unsigned_error(problem: Unsigned, protocol: Protocol) -> AwsError {
    match (problem, protocol) {
        (Unsigned::Missing, Protocol::Json) => {
            AwsError::bad_request("MissingAuthenticationTokenException", "Missing Authentication Token")
        }
        (Unsigned::Missing, Protocol::Query) => AwsError::new(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        (Unsigned::Malformed, Protocol::Json) => AwsError::bad_request(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter.",
        ),
        (Unsigned::Malformed, Protocol::Query) => {
            AwsError::bad_request("IncompleteSignature", "Authorization header requires 'Credential' parameter.")
        }
    }
}

fn wrong_service(protocol: Protocol, service: &str) -> AwsError {
    let message = format!("Credential should be scoped to correct service: '{service}'. ");
    match protocol {
        Protocol::Json => AwsError::bad_request("InvalidSignatureException", message),
        Protocol::Query => AwsError::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message),
    }
}

fn key_problem(problem: KeyRejection, protocol: Protocol) -> AwsError {
    let expired = "The security token included in the request is expired";
    let invalid = "The security token included in the request is invalid.";
    match (problem, protocol) {
        (KeyRejection::Unknown, Protocol::Json) => AwsError::bad_request("UnrecognizedClientException", invalid),
        (KeyRejection::Unknown, Protocol::Query) => {
            AwsError::new(StatusCode::FORBIDDEN, "InvalidClientTokenId", invalid)
        }
        (KeyRejection::Expired, Protocol::Json) => AwsError::bad_request("ExpiredTokenException", expired),
        (KeyRejection::Expired, Protocol::Query) => AwsError::new(StatusCode::FORBIDDEN, "ExpiredToken", expired),
        (KeyRejection::MfaMissing, Protocol::Json) => AwsError::bad_request("AccessDeniedException", sts::MFA_MISSING),
        (KeyRejection::MfaMissing, Protocol::Query) => {
            AwsError::new(StatusCode::FORBIDDEN, "AccessDenied", sts::MFA_MISSING)
        }
    }
}
