//! Makes the notes on what was typed: each grantee, the Region, and the effect of the whole choice.

use crate::ecr::Grantee;
use crate::plan::region_advice_for;
use crate::policy::explain::actions_words;
use crate::wizard::Model;

/// The tone of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// Understood.
    Good,
    /// Understood, and to be thought about.
    Warn,
    /// Not to be gone on with.
    Problem,
    /// Not known yet.
    Open,
}

/// A sentence about something typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The tone.
    pub kind: NoteKind,
    /// The sentence, without a full stop.
    pub text: String,
    /// The next step, where that is a sentence of its own.
    pub way_out: Option<String>,
}

impl Note {
    fn new(kind: NoteKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), way_out: None }
    }
}

/// The notes that are shown: on the grantees with what each has already, and on what is not known of that. A problem of
/// what is still being typed is none as long as more letters may mend it.
pub fn shown_notes(model: &Model) -> Vec<Note> {
    let mut notes = grantee_notes(model);
    let step = &model.actions;
    if let Some(sum) = step.existing_sum() {
        for (at, note) in notes.iter_mut().enumerate() {
            let Some(words) = sum.words_of(at) else { continue };
            let joint = if note.text.contains(": ") { "; " } else { ": " };
            note.text = format!("{}{joint}{}", note.text, words.text);
            if words.is_doubtful {
                note.kind = NoteKind::Warn;
            }
        }
        notes.extend(sum.unknown_words().map(|words| Note::new(NoteKind::Open, words)));
    }
    let is_typing = step.focus() == super::Focus::Grantee && step.grantee().is_caret_at_end();
    if is_typing
        && notes.last().is_some_and(|note| note.kind == NoteKind::Problem)
        && step.grantee().text().rsplit([',', ';', ' ']).next().is_some_and(can_grow)
    {
        notes.pop();
    }
    notes
}

/// Tells whether more letters could make a grantee of a text that is none: the digits of an account, the beginning of an
/// ARN, of an organization or of a service.
fn can_grow(text: &str) -> bool {
    // No service that pulls has a longer name; a path of units has up to 32 letters for each.
    const LONGEST_WORD: usize = 32;
    const LONGEST_PATH: usize = 200;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.chars().all(|c| c.is_ascii_digit() || c == '-') {
        return digits < 12;
    }
    if "arn:".starts_with(text) || text.starts_with("arn:") {
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        return match fields.as_slice() {
            [_, _, _, _, account, resource] => {
                let is_whole = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
                let is_path =
                    ["role/", "user/"].iter().any(|form| resource.starts_with(form)) && resource.ends_with('/');
                is_whole
                    && (is_path
                        || ["root", "role/", "user/", "assumed-role/"].iter().any(|form| form.starts_with(resource)))
            }
            [_, _, _, _, account] => account.len() <= 12 && account.bytes().all(|b| b.is_ascii_digit()),
            _ => true,
        };
    }
    let most = if text.starts_with("o-") { LONGEST_PATH } else { LONGEST_WORD };
    text.len() <= most && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-./".contains(c))
}

/// A note for each grantee that the field names, in their order.
pub fn grantee_notes(model: &Model) -> Vec<Note> {
    let Some(signed) = &model.signed else { return Vec::new() };
    let is_lambda = model.actions.recipe().is_some_and(crate::ecr::Recipe::is_lambda);
    let names = &model.account_names;
    let beside = |note: Note| Note { text: names.beside_ids(&note.text).into_owned(), ..note };
    super::checked_grantees(&model.actions, signed)
        .map(|read| match read {
            Ok(grantee) if is_lambda => for_lambda(&grantee).unwrap_or_else(|| note_about(&grantee)),
            Ok(grantee) => note_about(&grantee),
            Err(problem) => Note::new(NoteKind::Problem, problem.to_string()),
        })
        .map(beside)
        .collect()
}

/// Lambda's second statement names whole accounts or organizations; nothing else can be granted to.
fn for_lambda(grantee: &Grantee) -> Option<Note> {
    let next = match grantee {
        Grantee::Account { .. } | Grantee::Organization(_) | Grantee::OrgUnit(_) => return None,
        Grantee::Role(arn) | Grantee::User(arn) | Grantee::Session(arn) => {
            format!("type its account: {}", arn.account)
        }
        Grantee::Service(_) | Grantee::Everyone => "type the account that the functions run in".to_owned(),
    };
    Some(Note::new(NoteKind::Problem, format!("Lambda takes whole accounts only, not {}; {next}", grantee.words())))
}

fn note_about(grantee: &Grantee) -> Note {
    if let Some(caution) = grantee.caution_words() {
        return Note::new(NoteKind::Warn, caution);
    }
    match grantee {
        Grantee::Organization(_) | Grantee::OrgUnit(_) => {
            Note::new(NoteKind::Good, format!("{}: every account in it", grantee.words()))
        }
        Grantee::Service(_) => Note::new(NoteKind::Good, format!("{}, for your own account only", grantee.words())),
        Grantee::Everyone => {
            Note::new(NoteKind::Warn, "everyone with an AWS account: the repository becomes public".to_owned())
        }
        _ => Note::new(NoteKind::Good, grantee.words()),
    }
}

/// Returns what to say about where it will be pulled; `None` when nothing is typed.
pub fn region_note(model: &Model) -> Option<Note> {
    let step = &model.actions;
    let signed = model.signed.as_ref()?;
    if step.region().text().trim().is_empty() {
        return None;
    }
    let puller = match step.region.value() {
        Ok(region) => region,
        Err(problem) => return Some(Note::new(NoteKind::Problem, problem.to_string())),
    };
    // Who typed a place sees the Region that it stands for.
    let is_place = !step.region().text().trim().eq_ignore_ascii_case(puller.as_str());
    let named = if is_place { format!("{} is {puller}: ", puller.place_words()) } else { String::new() };
    if let Some(advice) = region_advice_for(step.recipe()?, &super::grantees(model), &signed.region, puller)
        && puller.is_known()
    {
        // Even where it must be the same Region the grant may be made: the copy needs the same one.
        let kind = if advice.must { NoteKind::Warn } else { NoteKind::Good };
        return Some(Note { kind, text: format!("{named}{}", advice.what), way_out: Some(advice.way_out) });
    }
    Some(if *puller == signed.region {
        Note::new(NoteKind::Good, format!("{named}the repository's own Region"))
    } else {
        Note::new(NoteKind::Warn, format!("{puller} is in no list of Regions that have ECR: check the spelling"))
    })
}

/// The effect of the whole choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantWords {
    /// The parties that get it.
    pub who: String,
    /// The actions and repositories; a clause that `will be able to` goes before.
    pub what: String,
    /// The conditions that no policy of the owner can meet; empty for AWS services, which need nothing.
    pub caveat: &'static str,
    /// Says when it ends, behind a comma; empty: it has no end.
    pub end: String,
    /// Tells whether it opens the repository to everyone, or lets somebody put images in, delete them or change the
    /// policy.
    pub is_grave: bool,
}

impl GrantWords {
    /// The sentence.
    pub fn as_sentence(&self) -> String {
        format!("{} will be able to {}{}", self.who, self.what, self.end)
    }

    /// The sentence for narrow places.
    pub fn short_words(&self) -> String {
        format!("{} may {}{}", self.who, self.what, self.end)
    }
}

/// Returns what a set of actions lets somebody do, as a clause that the repositories follow: `pull from`.
pub(super) fn clause_of_actions(names: &[String]) -> String {
    match actions_words(names) {
        words if words == "everything" => "do everything in".to_owned(),
        words if words.ends_with("pull") => format!("{words} from"),
        words => format!("{words} in"),
    }
}

/// The effect of the choice; `None` while there is nothing to say it about.
pub fn effect_of_choice(model: &Model) -> Option<GrantWords> {
    if super::problem(model).is_some() {
        return None;
    }
    let grantees = super::grantees(model);
    let beside = |words: String| model.account_names.beside_ids(&words).into_owned();
    let names: Vec<String> = grantees.iter().map(Grantee::words).map(beside).collect();
    let who = match names.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, rest @ ..] => format!("{one} and {} others", rest.len()),
    };
    let caveat = match grantees.as_slice() {
        all if all.iter().all(|g| matches!(g, Grantee::Service(_))) => "",
        [one] if one.account().is_some() => ", once its own policies allow it too",
        _ => ", once their own policies allow it too",
    };
    let ours: Vec<String> =
        model.actions.marked().iter().filter(|a| a.is_repository_level()).map(|a| a.name.clone()).collect();
    let repositories = match model.chosen.as_slice() {
        [] => return None,
        [one] => one.name().to_string(),
        [one, two] => format!("{} and {}", one.name(), two.name()),
        many => format!("{} repositories", many.len()),
    };
    let what = if ours.is_empty() {
        "do nothing: no marked action works in a repository policy".to_owned()
    } else {
        format!("{} {repositories}", clause_of_actions(&ours))
    };
    let is_public = grantees.contains(&Grantee::Everyone);
    let who = if is_public { format!("PUBLIC: {who}") } else { who };
    let is_grave = is_public || model.actions.marked().iter().any(|a| a.is_repository_level() && a.risk.is_dangerous());
    let end = super::access_end(model).ok().flatten();
    let end = end.map(|end| format!(", until {}", end.words())).unwrap_or_default();
    Some(GrantWords { who, what, caveat, end, is_grave })
}
