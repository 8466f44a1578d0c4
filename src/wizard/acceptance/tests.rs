use super::super::testing::*;
use super::super::{AcceptedPath, Code, Event, Step, WizardSettings};
use super::*;
use crate::ecr::{Failure, FailureKind};

/// Public pulls in the first statement, and a service without a source in the second.
const TWO: &str = r#"{"Version":"2012-10-17","Statement":[
{"Sid":"All","Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"},
{"Sid":"Build","Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"ecr:BatchGetImage"}]}"#;

const NAMES: [&str; 3] = ["clean", "open", "two"];

/// Answers everything of AWS; the effects on the file and the user are returned.
fn serve(model: &mut Model, effects: Vec<Effect>) -> Vec<Effect> {
    let (mut open, mut left) = (effects, Vec::new());
    while let Some(effect) = open.pop() {
        let (id, answer) = match effect {
            Effect::ListRepositories { id, .. } => {
                (id, Answer::Page { repositories: NAMES.map(test_repository).into(), last: true })
            }
            Effect::ReadPolicy { id, repository, .. } => {
                let stored = match repository.name.as_str() {
                    "clean" => None,
                    "open" => Some(PUBLIC_POLICY.to_owned()),
                    _ => Some(TWO.to_owned()),
                };
                (id, Answer::Policy(repository, Ok(stored)))
            }
            Effect::ReadAccepted { .. } | Effect::WriteAccepted { .. } | Effect::FindUser(_) => {
                left.push(effect);
                continue;
            }
            _ => continue,
        };
        open.extend(give_answer(model, id, answer));
    }
    left
}

/// A file and a review; what is asked of the file is answered from it.
struct World {
    model: Model,
    file: Option<String>,
    writes: usize,
}

fn of_repository(name: &str) -> AcceptanceSubject {
    AcceptanceSubject::Repository(test_reference(name))
}

impl World {
    fn open_with(file: Option<&str>, settings: impl FnOnce(&mut WizardSettings)) -> Self {
        let mut model = fresh_model();
        model.settings.started_at = 1_795_920_900;
        settings(&mut model.settings);
        model.signed = Some(test_signed());
        let mut world = Self { model, file: file.map(str::to_owned), writes: 0 };
        let effects = enter_step(&mut world.model, Step::Repository);
        world.serve(effects);
        world.keys("V");
        world
    }

    fn open() -> Self {
        Self::open_with(None, |_| ())
    }

    fn serve(&mut self, effects: Vec<Effect>) {
        let mut open = serve(&mut self.model, effects);
        while let Some(effect) = open.pop() {
            let (id, answer) = match effect {
                Effect::ReadAccepted { id, .. } => (id, Answer::AcceptedRead(Ok(self.file.clone()))),
                Effect::FindUser(id) => (id, Answer::UserFound("Ana <ana@example.com>".to_owned())),
                Effect::WriteAccepted { id, before, text, .. } => {
                    if before == self.file {
                        self.file = Some(text);
                        self.writes += 1;
                        (id, Answer::AcceptedWritten(Ok(())))
                    } else {
                        let what = "the file was changed by somebody else since it was read";
                        (id, Answer::AcceptedWritten(Err(Failure::new(FailureKind::File, what, "look again"))))
                    }
                }
                _ => continue,
            };
            let effects = give_answer(&mut self.model, id, answer);
            open.extend(serve(&mut self.model, effects));
        }
    }

    fn keys(&mut self, text: &str) {
        let effects = type_text(&mut self.model, text);
        self.serve(effects);
    }

    fn tap(&mut self, code: Code) {
        let effects = tap_key(&mut self.model, code);
        self.serve(effects);
    }

    /// Goes to a repository by the filter.
    fn choose(&mut self, name: &str) {
        self.keys("/");
        self.keys(name);
        self.tap(Code::Enter);
    }

    fn form(&self) -> &AcceptanceForm {
        self.model.repository.acceptance().unwrap().form.as_ref().unwrap()
    }

    fn count_open(&self, name: &str) -> usize {
        entry_of(&self.model, &of_repository(name)).unwrap().open().len()
    }

    fn count_all(&self, name: &str) -> usize {
        entry_of(&self.model, &of_repository(name)).unwrap().findings().len()
    }

    fn notice(&self) -> String {
        self.model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default()
    }
}

#[test]
fn a_finding_is_accepted_at_once_and_by_the_narrowest_entry() {
    let mut world = World::open();
    world.choose("two");
    let before = world.count_open("two");
    world.keys("a");
    let dialog = world.model.repository.acceptance().unwrap();
    assert!(dialog.form.is_none() && dialog.findings.len() > 2, "{dialog:?}");
    let wanted = dialog.findings.iter().position(|one| one.finding.name == "service-without-source").unwrap();
    (0..wanted).for_each(|_| world.tap(Code::Down));
    world.tap(Code::Enter);
    assert_eq!(world.form().field(FormField::Who).text(), "Ana <ana@example.com>");
    world.keys("the team's own builds");
    world.tap(Code::Tab);
    world.tap(Code::Tab);
    world.keys("90d");
    world.tap(Code::Enter);
    assert_eq!(
        world.file.as_deref(),
        Some(
            "[[accepted]]\nfinding = \"service-without-source\"\n\
             repository = \"arn:aws:ecr:eu-west-2:222222222222:repository/two\"\ngrantee = \"codebuild.amazonaws.com\"\n\
             statement = 2\nreason = \"the team's own builds\"\nwho = \"Ana <ana@example.com>\"\nuntil = 2027-02-27\n"
        )
    );
    assert_eq!((world.count_open("two"), world.model.repository.rows().sum().accepted), (before - 1, 1));
    assert!(world.model.repository.acceptance().is_none());
    assert!(
        world.notice().contains("`ecr-grant review --accepted ecr-review-accepted.toml` counts it"),
        "{}",
        world.notice()
    );
    // The last one that is left is chosen at once.
    for left in (1..before).rev() {
        assert_eq!(world.count_open("two"), left);
        world.keys("a");
        if left > 1 {
            world.tap(Code::Enter);
        }
        world.keys("why");
        world.tap(Code::Enter);
    }
    assert_eq!((world.count_open("two"), world.writes), (0, before));
}

#[test]
fn what_is_missing_or_wrong_is_gone_to_and_nothing_is_written() {
    let mut world = World::open();
    world.choose("open");
    world.keys("a");
    let steps: [(&str, FormField, &str); 4] = [
        ("", FormField::Reason, "say why"),
        ("why", FormField::Until, "no day"),
        ("2020-01-01", FormField::Until, "is past"),
        ("2027-03-31T12:00:00Z", FormField::Until, "ends with a day, such as 2027-03-31"),
    ];
    for (at, (text, focus, words)) in steps.into_iter().enumerate() {
        if at > 1 {
            press_key(&mut world.model, Key::with_ctrl('a'));
        }
        world.keys(text);
        if at == 1 {
            world.tap(Code::BackTab);
            world.keys("soon");
        }
        world.tap(Code::Enter);
        let form = world.form();
        assert_eq!(form.focus, focus, "{text}");
        assert!(form.problem.as_ref().is_some_and(|problem| problem.contains(words)), "{text}: {:?}", form.problem);
    }
    world.tap(Code::BackTab);
    press_key(&mut world.model, Key::with_ctrl('a'));
    world.tap(Code::Backspace);
    world.tap(Code::Enter);
    assert_eq!((world.form().focus, world.writes), (FormField::Who, 0));
    assert_eq!(world.count_open("open"), world.count_all("open"));
}

#[test]
fn a_file_that_somebody_else_changed_keeps_their_text_and_is_read_again() {
    let mut world = World::open();
    world.choose("open");
    world.keys("a");
    world.keys("why");
    let theirs = "# theirs\n";
    world.file = Some(theirs.to_owned());
    world.tap(Code::Enter);
    assert_eq!(world.file.as_deref(), Some(theirs));
    assert!(world.form().problem.as_ref().is_some_and(|problem| problem.contains("somebody else")));
    assert_eq!(world.count_open("open"), world.count_all("open"), "nothing is accepted that is not in the file");
    world.tap(Code::Enter);
    assert!(world.file.as_ref().is_some_and(|text| text.starts_with("# theirs\n\n[[accepted]]\n")), "{:?}", world.file);
    assert!(world.count_open("open") < world.count_all("open"));
}

#[test]
fn what_the_file_accepts_is_shown_and_what_has_ended_counts_again() {
    let entry = |until: &str| {
        format!(
            "[[accepted]]\nfinding = \"public\"\nrepository = \"open\"\nreason = \"r\"\nwho = \"w\"\nuntil = {until}\n"
        )
    };
    let rule = World::open().model.repository.rows().get(1).and_then(|row| row.entry.clone()).unwrap();
    let public = rule.findings().find(|finding| finding.severity == crate::policy::Severity::Security).unwrap().name;
    for (until, open) in [("2026-11-29", 0), ("2026-11-28", 1)] {
        let file = entry(until).replace("public", public);
        let world = World::open_with(Some(&file), |_| ());
        let findings = entry_of(&world.model, &of_repository("open")).unwrap().open();
        assert_eq!(findings.into_iter().filter(|finding| finding.name == public).count(), open, "{until}");
    }
    // Read again, a file without the entry accepts nothing.
    let mut world = World::open_with(Some(&entry("2027-01-01").replace("public", public)), |_| ());
    assert_eq!(world.model.repository.rows().sum().accepted, 1);
    world.file = None;
    world.keys("r");
    assert_eq!(world.model.repository.rows().sum().accepted, 0);
}

#[test]
fn a_file_that_is_no_list_is_told_and_not_written() {
    let mut world = World::open_with(Some("accepted = ["), |_| ());
    assert!(world.notice().contains("ecr-review-accepted.toml is no list of accepted findings"), "{}", world.notice());
    world.choose("open");
    world.keys("a");
    assert!(world.model.repository.acceptance().is_none());
    assert!(world.notice().contains("mend it first"), "{}", world.notice());
}

#[test]
fn where_nothing_can_be_accepted_it_is_said_why() {
    let why = |name: &str, settings: fn(&mut WizardSettings)| {
        let mut world = World::open_with(None, settings);
        world.choose(name);
        world.keys("a");
        assert!(world.model.repository.acceptance().is_none());
        world.notice()
    };
    assert_eq!(why("clean", |_| ()), "it has no finding");
    assert!(why("open", |settings| settings.read_only = true).starts_with("read-only: "));
    assert!(why("open", |settings| settings.dry_run = true).starts_with("dry run: "));
    let mut world = World::open();
    world.choose("nothing-is-called-so");
    world.tap(Code::Esc);
    world.choose("open");
    while world.count_open("open") > 0 {
        world.keys("a");
        world.tap(Code::Enter);
        world.keys("why");
        world.tap(Code::Enter);
    }
    world.keys("a");
    assert_eq!(world.notice(), "all of its findings are accepted");
}

#[test]
fn in_the_opened_repository_the_finding_of_the_cursor_is_chosen() {
    let mut world = World::open();
    world.choose("two");
    world.tap(Code::Enter);
    // Two rows of access, and then the findings.
    (0..3).for_each(|_| world.tap(Code::Down));
    world.keys("a");
    let chosen = world.model.repository.acceptance().unwrap().chosen().unwrap().finding.clone();
    world.keys("why");
    world.tap(Code::Enter);
    let Some(JudgedEntry::Repository(accepted)) = entry_of(&world.model, &of_repository("two")) else { panic!() };
    let marked: Vec<_> =
        accepted.judged_findings().filter(|(_, by)| by.is_some()).map(|(one, _)| one.clone()).collect();
    assert_eq!(marked, [chosen]);
    let review = world.model.repository.review().unwrap();
    let page = super::super::review::shown_page(&world.model, review).text();
    assert!(page.contains("accepted by Ana <ana@example.com>: why"), "{page}");
}

#[test]
fn what_is_pasted_goes_to_the_field_and_a_click_nowhere() {
    let mut world = World::open();
    world.choose("open");
    world.keys("a");
    world.tap(Code::Enter);
    crate::wizard::testing::paste_text(&mut world.model, "222222222222.dkr.ecr.eu-west-2.amazonaws.com/two:1\nnext");
    happen(&mut world.model, Event::Click { column: 5, row: 8 });
    assert_eq!(world.form().field(FormField::Reason).text(), "222222222222.dkr.ecr.eu-west-2.amazonaws.com/two:1 next");
    crate::wizard::testing::paste_text(&mut world.model, &"x".repeat(10_000));
    assert_eq!(world.form().field(FormField::Reason).text().chars().count(), 500);
}

#[test]
fn in_the_demo_nobody_is_asked_who_works_here() {
    let mut world = World::open_with(None, |settings| {
        settings.demo = true;
        settings.accepted = AcceptedPath::of_named(None, true);
    });
    world.choose("open");
    world.keys("a");
    world.tap(Code::Enter);
    assert_eq!(world.form().field(FormField::Who).text(), "demo");
    assert_eq!(world.model.accepted.path_words(&world.model.settings), "ecr-review-accepted-demo.toml");
}
