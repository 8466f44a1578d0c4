//! Properties of the wizard over generated keys, pastes, sizes and answers. It never panics and draws at every size. It
//! sends no write that was not confirmed in full, in this visit of Save, for exactly the text on the screen.
//!
//! The test keeps its own account of the confirmation: the step's opinion of it does not count.

use std::collections::VecDeque;

use ecr_grant::ecr::{
    AccountId, Arn, Failure, FailureKind, Grantee, Identity, Region, Repository, RepositoryName, RepositoryRef,
    SignInKind, Source, SourceId, recipe,
};
use ecr_grant::plan::{Confirmation, Outcome, Planned, Request, Target, Verdict, Write, plan_grant};
use ecr_grant::policy::{Change, Delta, Who};
use ecr_grant::view;
use ecr_grant::wizard::draft::{self, Draft, EditedPolicy, OfferedDraft};
use ecr_grant::wizard::event::SaveNews;
use ecr_grant::wizard::field::Field;
use ecr_grant::wizard::layout::is_too_small;
use ecr_grant::wizard::permissions::Shown;
use ecr_grant::wizard::save::{How, Phase};
use ecr_grant::wizard::{
    self, Action, Answer, Code, Effect, Event, Key, Model, Prefill, RequestId, Signed, Size, Step, WizardSettings,
    keymap, permissions, save,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const STORED: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Others",
    "Effect" : "Allow",
    "Principal" : { "AWS" : "arn:aws:iam::333333333333:root" },
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

/// An event of a run.
#[derive(Debug, Clone)]
enum Op {
    Key(Key),
    /// Types the word of a typed confirmation, without so many of its last letters, and Enter.
    Word(usize),
    Paste(String),
    Resize(u16, u16),
    /// Answers the oldest open request, in one of several ways.
    Answer(u8),
    /// Answers a request that nobody made.
    Stray(u8),
    Clock(u64),
    /// A frame goes out.
    Draw,
    /// A frame goes out and is read at leisure.
    Read,
    /// Nothing has happened for a while, so the wizard is told.
    Quiet,
}

/// The beginning of a run.
#[derive(Debug, Clone, Copy)]
enum Begin {
    Fresh,
    /// At the question whether to go on with a draft.
    Offered,
    /// At Repository, by keys and answers.
    Listed,
    /// At Save, by keys and answers.
    Walked,
    Plain,
    Typed,
    Many,
    ManyTyped,
    Engine,
    Nothing,
    Done,
}

fn any_ops() -> impl Strategy<Value = Vec<Op>> {
    let letters = prop::sample::select("yyynqracwWvhjklgGsRt?/ 1*o-uxA".chars().collect::<Vec<_>>());
    let codes = prop::sample::select(vec![
        Code::Enter,
        Code::Enter,
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::BackTab,
        Code::Backspace,
        Code::Delete,
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
        Code::F(1),
        Code::F(2),
        Code::F(3),
        Code::F(4),
        Code::F(5),
        Code::F(6),
        Code::F(8),
    ]);
    let pastes = prop::sample::select(vec![
        "y\n",
        "vendorapp",
        "3 repositories",
        "111111111111",
        "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest",
        "{\"Version\":\"2012-10-17\"",
        "\u{1b}[2J\u{202e}",
    ]);
    let op = prop_oneof![
        6 => letters.prop_map(|c| Op::Key(Key::of_char(c))),
        6 => codes.prop_map(|code| Op::Key(Key::without_modifiers(code))),
        1 => prop::sample::select("scurbfzaewp".chars().collect::<Vec<_>>()).prop_map(|c| Op::Key(Key::with_ctrl(c))),
        1 => any::<char>().prop_map(|c| Op::Key(Key::of_char(c))),
        2 => prop_oneof![3 => Just(0_usize), 1 => 0..4_usize].prop_map(Op::Word),
        1 => pastes.prop_map(|text| Op::Paste(text.to_owned())),
        1 => (1..=300_u16, 1..=100_u16).prop_map(|(columns, rows)| Op::Resize(columns, rows)),
        2 => Just(Op::Resize(80, 24)),
        4 => any::<u8>().prop_map(Op::Answer),
        1 => any::<u8>().prop_map(Op::Stray),
        1 => (0..5_000_u64).prop_map(Op::Clock),
        4 => Just(Op::Draw),
        6 => Just(Op::Read),
        1 => Just(Op::Quiet),
    ];
    prop::collection::vec(op, 1..60)
}

fn any_beginning() -> impl Strategy<Value = Begin> {
    prop::sample::select(vec![
        Begin::Fresh,
        Begin::Offered,
        Begin::Listed,
        Begin::Walked,
        Begin::Plain,
        Begin::Typed,
        Begin::Many,
        Begin::ManyTyped,
        Begin::Engine,
        Begin::Nothing,
        Begin::Done,
    ])
}

fn reference_to(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(name).unwrap(),
    }
}

fn repository_named(name: &str) -> Repository {
    let reference = reference_to(name);
    Repository { reference, created: None, encryption: None, tag_mutability: None, scan_on_push: None }
}

fn owner_source() -> Source {
    Source {
        id: SourceId::Profile("platform".to_owned()),
        kind: SignInKind::Keys,
        account: None,
        hint: None,
        role: None,
        region: Some(Region::parse("eu-west-2").unwrap()),
        sso_session: None,
        login: None,
        problem: None,
    }
}

fn owner_identity() -> Identity {
    Identity {
        account: AccountId::parse("222222222222").unwrap(),
        arn: Arn::parse("arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana").unwrap(),
    }
}

fn pull_request() -> Request {
    let recipe = recipe::find_recipe("pull").unwrap();
    Request {
        owner: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        grantees: vec![Grantee::parse("111111111111").unwrap()],
        recipe,
        actions: recipe.repository_actions().collect(),
        until: None,
    }
}

fn planned_change(name: &str, loses: bool) -> Planned {
    let change = |id: &str| Change {
        who: Who::Account(AccountId::parse(id).unwrap()),
        actions: vec!["BatchGetImage".to_owned(), "GetDownloadUrlForLayer".to_owned()],
        conditions: Vec::new(),
        witness: None,
        unproved: None,
    };
    let text = STORED.replace("333333333333", "111111111111");
    Planned {
        repository: reference_to(name),
        stored: loses.then(|| STORED.to_owned()),
        registry: ecr_grant::policy::RegistryPolicy::Absent,
        now: None,
        was_readable: true,
        policy: ecr_grant::policy::Policy::read(&text).ok(),
        text: Some(text),
        verdict: Verdict::Write,
        delta: Delta {
            gains: vec![change("111111111111")],
            losses: if loses { vec![change("333333333333")] } else { Vec::new() },
        },
        stated: Vec::new(),
        touched: vec![0],
        findings: Vec::new(),
        added: Vec::new(),
        class: None,
        unproved: None,
        blocked: Vec::new(),
        kept_from: Vec::new(),
        offers: Vec::new(),
        organization_accounts: None,
        lasts: None,
        asked_end: None,
        removal: None,
        deleted: Vec::new(),
        is_compacted: false,
        undo: None,
        ownership: ecr_grant::ecr::Ownership::NotAsked,
    }
}

fn granted_already(name: &str) -> Planned {
    Planned { verdict: Verdict::AlreadyGranted, stored: Some(STORED.to_owned()), ..planned_change(name, false) }
}

/// Returns a draft that leads to the question before the write, over a text changed by hand.
fn left_at_save() -> Draft {
    let request = pull_request();
    let name = |name: &str| RepositoryName::parse(name).unwrap();
    let edited = EditedPolicy {
        repository: name("worker"),
        text: STORED.replace("Others", "Mine"),
        caret: 7,
        stored: Some(STORED.to_owned()),
    };
    Draft {
        dropped_tag: None,
        step: Step::Save,
        source: owner_source().id,
        account: owner_identity().account,
        region: request.region,
        repositories: vec![name("vendorapp"), name("worker")],
        tag: None,
        grantees: "111111111111".to_owned(),
        puller_region: String::new(),
        until: String::new(),
        recipe: request.recipe,
        made_from: None,
        actions: request.actions,
        texts: vec![edited],
        shown: None,
        edits_stored: false,
    }
}

fn begin_model(begin: Begin) -> (Model, Vec<Effect>) {
    let size = Size { columns: 80, rows: 24 };
    let mut model = Model::new(WizardSettings::default(), Prefill::default(), size);
    model.draft.on = true;
    if matches!(begin, Begin::Offered) {
        draft::offer_draft(&mut model, OfferedDraft { draft: left_at_save(), age: 7 });
    }
    if matches!(begin, Begin::Fresh | Begin::Offered | Begin::Listed | Begin::Walked) {
        let effects = wizard::start(&mut model);
        return (model, effects);
    }
    let region = Region::parse("eu-west-2").unwrap();
    model.signed = Some(Signed { source: owner_source(), identity: owner_identity(), region, endpoint: None });
    model.chosen = ["vendorapp", "worker", "platform/api"].map(repository_named).into();
    model.step = Step::Save;
    let plans = match begin {
        Begin::Plain => vec![planned_change("vendorapp", false)],
        Begin::Typed => vec![planned_change("vendorapp", true)],
        Begin::Many => {
            vec![planned_change("vendorapp", false), granted_already("worker"), planned_change("platform/api", false)]
        }
        Begin::ManyTyped => {
            vec![
                planned_change("vendorapp", true),
                planned_change("worker", false),
                planned_change("platform/api", false),
            ]
        }
        Begin::Engine => ["vendorapp", "worker"]
            .map(|name| {
                let target = Target {
                    repository: reference_to(name),
                    stored: Some(STORED.to_owned()),
                    registry: ecr_grant::policy::RegistryPolicy::NotAsked,
                    now: None,
                };
                plan_grant(&target, &pull_request(), Some(&owner_identity()))
            })
            .into(),
        _ => vec![granted_already("vendorapp")],
    };
    let documents = plans.into_iter().map(|planned: Planned| {
        let (repository, stored) = (planned.repository.clone(), planned.stored.clone());
        let target = Target { repository, stored, registry: planned.registry.clone(), now: None };
        let granted = plan_grant(&target, &pull_request(), Some(&owner_identity()));
        save::DocumentToSave { is_by_hand: planned.is_by_hand(&granted), planned }
    });
    let mut effects = save::begin_visit(&mut model, documents.collect(), Some(pull_request()));
    if matches!(begin, Begin::Done) {
        model.step = Step::Permissions;
        let shown = |name: &str| Shown {
            repository: repository_named(name),
            text: Some(STORED.to_owned()),
            before: None,
            registry: ecr_grant::policy::RegistryPolicy::Absent,
            how: How::Saved,
            changes: Vec::new(),
            planned_side: None,
            is_by_hand: false,
            lacks: None,
        };
        effects = permissions::begin_with(&mut model, vec![shown("vendorapp"), shown("worker")], Some(pull_request()));
    }
    (model, effects)
}

fn offline_failure() -> Failure {
    Failure::new(FailureKind::Offline, "there is no way\u{1b}[31m to AWS", "try again")
}

/// Returns an answer to an effect; `None`: the effect has none.
fn reply_to(effect: &Effect, way: u8) -> Option<(RequestId, Answer)> {
    let good = !way.is_multiple_of(4);
    let stored = || match way % 5 {
        0 => None,
        1 => Some("{\"Statement\": [".to_owned()),
        _ => Some(STORED.to_owned()),
    };
    Some(match effect {
        Effect::Compute { id, computation } => {
            (*id, Answer::Computed(if good { Ok(computation.carry_out()) } else { Err(offline_failure()) }))
        }
        Effect::LoadSources(id) => {
            (*id, Answer::Sources(if good { Ok(vec![owner_source()]) } else { Err(offline_failure()) }))
        }
        Effect::Verify { id, region, .. } => {
            let region = region.clone().unwrap_or_else(|| Region::parse("eu-west-2").unwrap());
            let verified =
                wizard::event::Verified { identity: owner_identity(), region, endpoint: None, ignored: Vec::new() };
            (*id, Answer::Verified(if good { Ok(verified) } else { Err(offline_failure()) }))
        }
        Effect::ListRepositories { id, .. } if good => {
            let repositories = ["data/store", "vendorapp", "worker"].map(repository_named).into();
            (*id, Answer::Page { repositories, last: way.is_multiple_of(2) })
        }
        Effect::ListRepositories { id, .. } => (*id, Answer::ListingFailed(offline_failure())),
        Effect::Describe { id, name, .. } => {
            (*id, Answer::Described(if good { Ok(repository_named(name.as_str())) } else { Err(offline_failure()) }))
        }
        Effect::ReadPolicy { id, repository, .. } => {
            (*id, Answer::Policy(repository.clone(), if good { Ok(stored()) } else { Err(offline_failure()) }))
        }
        Effect::ReadReplication { id, context, owner } => {
            let read = if good { Ok(Vec::new()) } else { Err("access was denied".to_owned()) };
            let replication = ecr_grant::ecr::Replication::of_read(read);
            (*id, Answer::Replication(owner.clone(), context.region.clone(), replication))
        }
        Effect::ReadElsewhere { id, .. } => {
            let read = if good { Ok(Vec::new()) } else { Err(offline_failure()) };
            (*id, Answer::Elsewhere { read, is_last: true })
        }
        Effect::ListMembers { id, .. } => {
            (*id, Answer::Members(if good { Ok(Vec::new()) } else { Err(offline_failure()) }))
        }
        Effect::ReadRegistry { id, context, owner } => {
            let policy = ecr_grant::policy::RegistryPolicy::of_read(Ok(stored()));
            let facts = ecr_grant::review::RegistryFacts::of_policy(owner.clone(), context.region.clone(), policy);
            (*id, Answer::RegistryRead(if good { Ok(Box::new(facts)) } else { Err(offline_failure()) }))
        }
        Effect::ReadTags { id, repository, .. } => (
            *id,
            Answer::Tags(
                repository.clone(),
                if good { Ok(ecr_grant::ecr::Tags::read_tags(["1.2"])) } else { Err(offline_failure()) },
            ),
        ),
        Effect::Save { id, writes, .. } if way % 16 == 9 => {
            (*id, Answer::Saving(SaveNews::Begun(writes.first()?.repository.clone())))
        }
        Effect::StopSave(id) => (*id, Answer::Saving(SaveNews::Over(None))),
        Effect::WritePlan { id, name, .. } => {
            (*id, Answer::PlanWritten(if good { Ok(name.clone()) } else { Err(offline_failure()) }))
        }
        Effect::Save { id, writes, .. } => {
            let write = writes.first()?;
            let outcome = match way % 8 {
                0 => Outcome::Refused(offline_failure()),
                1 => Outcome::Unknown(offline_failure()),
                2 => Outcome::DryRun,
                3 => Outcome::AlreadyThere,
                4 => Outcome::Changed { now: None },
                5 => Outcome::Changed { now: Some(STORED.to_owned()) },
                _ => Outcome::Written { stored: write.text.clone(), backup: Some("/state/backup.json".into()) },
            };
            (*id, Answer::Saved(write.repository.clone(), outcome))
        }
        Effect::SignIn { id, .. } => (*id, Answer::SignedIn(if good { Ok(()) } else { Err(offline_failure()) })),
        Effect::EditExternally { id, text } => {
            let left = (text.len() % 2 == 0).then(|| format!("{text} "));
            (*id, Answer::Edited(if good { Ok(left) } else { Err(offline_failure()) }))
        }
        Effect::Copy { id, .. } => (
            *id,
            Answer::Copied(if good { Ok(wizard::event::CopyReport::SentToTerminal) } else { Err(offline_failure()) }),
        ),
        Effect::WriteFile { id, name, .. } => {
            (*id, Answer::FileWritten(if good { Ok(name.clone()) } else { Err(offline_failure()) }))
        }
        Effect::ReadAccepted { id, .. } => {
            let text = [
                "accepted = [",
                "# none\n",
                "[[accepted]]\nfinding = \"S101\"\nrepository = \"*\"\nreason = \"r\"\nwho = \"w\"\n",
            ];
            let text = text.get(usize::from(way % 4)).map(|text| (*text).to_owned());
            (*id, Answer::AcceptedRead(if good { Ok(text) } else { Err(offline_failure()) }))
        }
        Effect::WriteAccepted { id, .. } => {
            (*id, Answer::AcceptedWritten(if good { Ok(()) } else { Err(offline_failure()) }))
        }
        Effect::FindUser(id) => (*id, Answer::UserFound(if good { "Ana\u{1b}[31m".to_owned() } else { String::new() })),
        Effect::OpenUrl { id, url } => {
            (*id, Answer::Opened(url.clone(), if good { Ok(()) } else { Err(offline_failure()) }))
        }
        Effect::KeepAndLeave { id, .. } => (*id, Answer::DraftLeft(if good { Ok(()) } else { Err(offline_failure()) })),
        Effect::SaveDraft { id, .. } if !good => (*id, Answer::DraftNotKept(offline_failure())),
        Effect::SaveDraft { .. }
        | Effect::ForgetDraft
        | Effect::LeaveDraft
        | Effect::NoteSignIn(_)
        | Effect::Cancel(_)
        | Effect::Suspend
        | Effect::Quit { .. } => return None,
    })
}

/// The test's own account of the confirmation.
#[derive(Debug, Default)]
struct ConfirmationWitness {
    /// The frames that showed this question at this size.
    frames: Vec<String>,
    yes: bool,
    typed: Field,
    /// Writes that are confirmed and not sent yet.
    allowed: Vec<Write>,
    /// The save under way, with the number of its writes that are not answered.
    in_flight: Option<(RequestId, usize)>,
    /// The number of writes that were sent.
    sent: usize,
}

impl ConfirmationWitness {
    /// Takes note of an event before the wizard takes it.
    fn see_event(&mut self, model: &Model, event: &Event) {
        let Phase::Asking(confirmation) = model.save.phase() else { return self.forget_frames() };
        if model.step != Step::Save {
            return self.forget_frames();
        }
        self.allowed.clear();
        if matches!(event, Event::Resized(_)) {
            self.frames.clear();
        }
        let Event::Key(key) = event else { return };
        if model.overlay.is_some() {
            return;
        }
        let enter = *key == Key::without_modifiers(Code::Enter);
        let confirmed = match confirmation {
            Confirmation::Plain => *key == Key::of_char('y') || (enter && self.yes),
            Confirmation::Typed { word, .. } => enter && self.typed.text() == word,
        };
        let is_shown = |label: &str, change: &Change| {
            let Who::Account(id) = &change.who else { return true };
            let shows = |line: &str| line.contains(label) && line.contains(id.as_str());
            self.frames.iter().any(|frame| frame.lines().any(shows))
        };
        let asked = || model.save.entries().iter().filter(|entry| entry.is_asked()).map(|entry| &entry.planned.delta);
        let all_shown = !self.frames.is_empty()
            && asked().flat_map(|delta| &delta.gains).all(|change| is_shown("gains", change))
            && asked().flat_map(|delta| &delta.losses).all(|change| is_shown("loses", change));
        if confirmed && all_shown && !is_too_small(model.size) {
            let asked = model.save.entries().iter().filter(|entry| entry.is_asked());
            self.allowed = asked.filter_map(|entry| entry.planned.to_write()).collect();
        }
    }

    /// Takes note of a key that the step has taken. It may be a part of the answer, where the question was on the
    /// screen; a question that the key itself asks has no answer yet.
    fn take_key(&mut self, key: Key, before: Option<&(bool, String)>, model: &Model) -> Result<(), TestCaseError> {
        if !is_asking(model) {
            return Ok(());
        }
        let Some((yes, typed)) = before else {
            let is_fresh = !model.save.is_yes_chosen() && model.save.typed().text().is_empty();
            prop_assert!(is_fresh, "{key:?} asks a question that is answered in part already");
            return Ok(());
        };
        let chosen = *yes != model.save.is_yes_chosen();
        let wrote = typed != model.save.typed().text();
        prop_assert!(
            !(chosen || wrote) || !self.frames.is_empty(),
            "{key:?} is taken for a question not on the screen"
        );
        if chosen && matches!(key.code, Code::Left | Code::Right) {
            self.yes = !self.yes;
        }
        // What moves the caret or selects decides where the next letter goes.
        let moves = matches!(key.code, Code::Left | Code::Right | Code::Home | Code::End) || key == Key::with_ctrl('a');
        let is_typed = matches!(model.save.phase(), Phase::Asking(Confirmation::Typed { .. }));
        if wrote || (moves && is_typed && !self.frames.is_empty()) {
            self.typed.take_key(key);
        }
        if model.save.typed().text().is_empty() {
            self.typed = Field::default();
        }
        Ok(())
    }

    fn forget_frames(&mut self) {
        self.frames.clear();
        self.yes = false;
        self.typed = Field::default();
    }

    /// Checks the effects that the wizard asks for.
    fn check_effects(&mut self, effects: &[Effect]) -> Result<(), TestCaseError> {
        for effect in effects {
            let Effect::Save { id, writes, .. } = effect else { continue };
            prop_assert!(self.in_flight.is_none(), "two saves at a time");
            for write in writes {
                let at = self.allowed.iter().position(|allowed| allowed == write);
                prop_assert!(at.is_some(), "a write without its confirmation: {write:?}");
                self.allowed.remove(at.unwrap());
                self.sent += 1;
            }
            self.in_flight = Some((*id, writes.len()));
        }
        Ok(())
    }
}

/// Tells whether the question whether to save is open.
fn is_asking(model: &Model) -> bool {
    model.step == Step::Save && matches!(model.save.phase(), Phase::Asking(_))
}

struct WizardRun {
    model: Model,
    open: VecDeque<Effect>,
    witness: ConfirmationWitness,
}

impl WizardRun {
    fn new(begin: Begin) -> Self {
        let (model, effects) = begin_model(begin);
        let mut run = Self { model, open: effects.into(), witness: ConfirmationWitness::default() };
        if matches!(begin, Begin::Listed | Begin::Walked) {
            run.walk_to("", 2);
        }
        if matches!(begin, Begin::Walked) {
            run.walk_to("", 1);
            run.walk_to("111111111111", 1);
            run.apply_op(&Op::Key(Key::with_ctrl('s'))).unwrap();
        }
        run
    }

    /// Types a text and presses Enter so many times; every request is answered well before each.
    fn walk_to(&mut self, text: &str, enters: usize) {
        for c in text.chars() {
            self.apply_op(&Op::Read).unwrap();
            self.apply_op(&Op::Key(Key::of_char(c))).unwrap();
        }
        for _ in 0..enters {
            self.answers_all();
            self.apply_op(&Op::Read).unwrap();
            self.apply_op(&Op::Key(Key::without_modifiers(Code::Enter))).unwrap();
        }
        self.answers_all();
    }

    fn answers_all(&mut self) {
        // Each answer may ask for more, but never without end.
        for _ in 0..100 {
            if self.open.is_empty() {
                return;
            }
            self.apply_op(&Op::Answer(2)).unwrap();
        }
        panic!("the wizard asks without end: {:?}", self.open.front());
    }

    fn handle_event(&mut self, event: Event) -> Result<(), TestCaseError> {
        self.witness.see_event(&self.model, &event);
        if let (Event::Answer(id, answer), Some((under_way, left))) = (&event, &mut self.witness.in_flight)
            && id == under_way
        {
            *left = match **answer {
                Answer::Saved(..) => left.saturating_sub(1),
                Answer::Saving(SaveNews::Over(_)) => 0,
                _ => *left,
            };
        }
        self.witness.in_flight.take_if(|(_, left)| *left == 0);
        let answer = || (self.model.save.is_yes_chosen(), self.model.save.typed().text().to_owned());
        let before = is_asking(&self.model).then(answer);
        let key = if let Event::Key(key) = &event { Some(*key) } else { None };
        let effects = wizard::update(&mut self.model, event);
        self.witness.check_effects(&effects)?;
        if let Some(key) = key {
            self.witness.take_key(key, before.as_ref(), &self.model)?;
        }
        // Conflicts of rebound keys are judged by this list.
        let scopes = self.model.key_scopes();
        prop_assert!(keymap::STACKS.contains(&scopes.as_slice()), "{:?} is no stack of `keymap::STACKS`", scopes);
        self.open.extend(effects);
        Ok(())
    }

    fn apply_op(&mut self, op: &Op) -> Result<(), TestCaseError> {
        match op {
            Op::Key(key) => self.handle_event(Event::Key(*key)),
            Op::Word(short) => {
                let Phase::Asking(Confirmation::Typed { word, .. }) = self.model.save.phase() else { return Ok(()) };
                let letters: Vec<char> = word.chars().collect();
                let typed = letters.len().saturating_sub(*short);
                let keys = letters.into_iter().take(typed).map(Key::of_char);
                keys.chain([Key::without_modifiers(Code::Enter)]).try_for_each(|key| self.handle_event(Event::Key(key)))
            }
            Op::Paste(text) => self.handle_event(Event::Paste(text.clone())),
            Op::Resize(columns, rows) => self.handle_event(Event::Resized(Size { columns: *columns, rows: *rows })),
            Op::Answer(way) => {
                let Some(effect) = self.open.pop_front() else { return Ok(()) };
                let Some((id, answer)) = reply_to(&effect, *way) else { return Ok(()) };
                if let Effect::Save { id, context, writes, undoes } = effect {
                    // What is begun is answered later.
                    let answered = usize::from(matches!(answer, Answer::Saved(..)));
                    let writes: Vec<Write> = writes.into_iter().skip(answered).collect();
                    if !writes.is_empty() {
                        self.open.push_front(Effect::Save { id, context, writes, undoes });
                    }
                }
                self.handle_event(Event::Answer(id, Box::new(answer)))
            }
            Op::Stray(way) => {
                let stray = RequestId(u64::MAX - u64::from(*way));
                let write = Write { repository: reference_to("vendorapp"), based_on: None, text: None, until: None };
                let context = self.model.signed.as_ref().map(Signed::request_context);
                let Some(context) = context else { return Ok(()) };
                let effect = Effect::Save { id: stray, context, writes: vec![write], undoes: None };
                let Some((id, answer)) = reply_to(&effect, *way) else { return Ok(()) };
                self.handle_event(Event::Answer(id, Box::new(answer)))
            }
            Op::Draw => self.show_frame(),
            Op::Read => {
                self.show_frame()?;
                self.handle_event(Event::Clock(self.model.now + 1_000))
            }
            Op::Clock(by) => self.handle_event(Event::Clock(self.model.now + by)),
            Op::Quiet => self.handle_event(Event::Quiet),
        }
    }

    /// Draws a frame: the witness sees it, and the wizard is told.
    fn show_frame(&mut self) -> Result<(), TestCaseError> {
        let text = self.draw_rows(self.model.size);
        if is_asking(&self.model) && self.model.overlay.is_none() {
            self.witness.frames.push(text);
        }
        self.handle_event(Event::Drawn)
    }

    /// Draws the model and returns its rows. The frame may have another size than the model knows, as during a resize.
    fn draw_rows(&self, size: Size) -> String {
        let mut terminal = Terminal::new(TestBackend::new(size.columns, size.rows)).unwrap();
        terminal.draw(|frame| view::draw(frame, &self.model)).unwrap();
        let buffer = terminal.backend().buffer();
        let raw = buffer.content.iter().find(|cell| cell.symbol().chars().any(char::is_control));
        assert!(raw.is_none(), "a control character reached the screen: {raw:?}");
        let rows = buffer.content.chunks(usize::from(size.columns).max(1));
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n").collect()
    }
}

fn run_config(short: u32, long: u32) -> Config {
    let cases = if std::env::var_os("ECR_GRANT_LONG").is_some() { long } else { short };
    Config { cases, failure_persistence: None, ..Config::default() }
}

#[test]
fn no_sequence_of_keys_saves_what_was_not_confirmed_in_full_nor_panics() {
    let mut runner = TestRunner::new(run_config(500, 20_000));
    let sent = std::cell::Cell::new(0);
    let result = runner.run(&(any_beginning(), any_ops()), |(begin, ops)| {
        let mut run = WizardRun::new(begin);
        for (at, op) in ops.iter().enumerate() {
            run.apply_op(op)?;
            if at.is_multiple_of(8) || matches!(op, Op::Resize(..)) {
                // Drawn, and nobody is told.
                run.draw_rows(run.model.size);
            }
        }
        run.draw_rows(run.model.size);
        sent.set(sent.get() + run.witness.sent);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    // The runs must get as far as saving, or they would prove nothing.
    assert!(sent.get() > 10, "only {} writes were sent in all runs", sent.get());
}

#[test]
fn every_step_draws_at_every_size() {
    let begins = [
        Begin::Fresh,
        Begin::Listed,
        Begin::Walked,
        Begin::Plain,
        Begin::ManyTyped,
        Begin::Engine,
        Begin::Nothing,
        Begin::Done,
    ];
    let sizes = [1, 2, 5, 12, 39, 40, 60, 80, 100, 110, 120, 300];
    for begin in begins {
        let mut run = WizardRun::new(begin);
        for columns in sizes {
            for rows in [1, 3, 9, 10, 11, 16, 24, 100] {
                run.draw_rows(Size { columns, rows });
                run.handle_event(Event::Resized(Size { columns, rows })).unwrap();
                run.draw_rows(Size { columns, rows });
                run.handle_event(Event::Key(Key::without_modifiers(Code::End))).unwrap();
                run.draw_rows(Size { columns, rows });
            }
        }
    }
}

#[test]
fn the_witness_catches_a_write_without_a_confirmation() {
    let mut run = WizardRun::new(Begin::Typed);
    let context = run.model.signed.as_ref().unwrap().request_context();
    let write = run.model.save.entries()[0].planned.to_write().unwrap();
    let effect = Effect::Save { id: RequestId(1), context, writes: vec![write], undoes: None };
    assert!(run.witness.check_effects(std::slice::from_ref(&effect)).is_err());
    run.handle_event(Event::Key(Key::without_modifiers(Code::Enter))).unwrap();
    run.apply_op(&Op::Word(0)).unwrap();
    assert_eq!(run.witness.sent, 0, "nothing was on the screen");
    run.apply_op(&Op::Read).unwrap();
    for c in "vendorapp".chars() {
        run.handle_event(Event::Key(Key::of_char(c))).unwrap();
    }
    assert!(run.witness.check_effects(&[effect]).is_err());
    run.handle_event(Event::Key(Key::without_modifiers(Code::Enter))).unwrap();
    assert_eq!(run.witness.sent, 1);
    assert_eq!(run.model.keymap.resolve(Key::of_char('y'), &run.model.key_scopes()), None::<Action>);
}

#[test]
fn a_word_that_replaces_what_was_selected_is_the_whole_answer() {
    let mut run = WizardRun::new(Begin::Typed);
    run.apply_op(&Op::Read).unwrap();
    for key in [Key::of_char('v'), Key::of_char('x'), Key::with_ctrl('a')] {
        run.handle_event(Event::Key(key)).unwrap();
    }
    assert_eq!(run.witness.sent, 0);
    run.apply_op(&Op::Word(0)).unwrap();
    assert_eq!((run.witness.sent, run.model.save.typed().text()), (1, ""));
}

#[test]
fn the_way_through_the_steps_leads_to_the_question_and_a_yes_to_one_write() {
    let mut run = WizardRun::new(Begin::Walked);
    assert_eq!(run.model.step, Step::Save, "{:?}", run.model.notice);
    assert!(matches!(run.model.save.phase(), Phase::Asking(Confirmation::Plain)), "{:?}", run.model.save.phase());
    run.handle_event(Event::Key(Key::of_char('y'))).unwrap();
    assert_eq!(run.witness.sent, 0, "the question was not on the screen");
    run.apply_op(&Op::Read).unwrap();
    run.handle_event(Event::Key(Key::of_char('y'))).unwrap();
    assert_eq!(run.witness.sent, 1);
    run.apply_op(&Op::Answer(6)).unwrap();
    run.apply_op(&Op::Read).unwrap();
    run.handle_event(Event::Key(Key::without_modifiers(Code::Enter))).unwrap();
    assert_eq!(run.model.step, Step::Permissions);
    run.handle_event(Event::Key(Key::of_char('q'))).unwrap();
    let last = run.open.back();
    let Some(Effect::Quit { summary }) = last else { panic!("{last:?}") };
    assert!(summary.iter().any(|line| line.contains("account 111111111111 may pull")), "{summary:?}");
}
