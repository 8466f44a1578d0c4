//! Makes the rows that the step shows.

use std::path::Path;

use unicode_width::UnicodeWidthStr as _;

use super::many_rows::add_sections;
use super::{Phase, Remaking, SaveEntry, SaveStep, WriteState};
use crate::ecr::slowdown::slowdown_words;
use crate::ecr::text::{fit_width, make_visible, wrap_lines};
use crate::ecr::{FailureKind, OwnerSide, Ownership};
use crate::plan::{
    Confirmation, GainTone, OTHER_REPOSITORIES, Outcome, Planned, Progress, UndoNotes, Verdict, first_three, gain_tone,
};
use crate::policy::explain::{change_words, change_words_at};
use crate::policy::{Change, Condition, Delta, Severity, have_ended};
use crate::wizard::layout::{body_rows, columns_beside, has_details};
use crate::wizard::page::{Ink, Mark, PageRow, TextPage};
use crate::wizard::remote::PATIENCE;
use crate::wizard::{Action, KeyScope, Model, Step};

/// The rows of a window below which it is low.
const LOW: u16 = 20;
/// The column of `gains` and `loses`.
const LABEL: usize = 7;

/// Rows above the page: the title, who writes, what the flags say, and an empty one.
pub fn head_rows(model: &Model) -> u16 {
    if model.settings.read_only || model.settings.dry_run { 4 } else { 3 }
}

/// Returns the columns of the question beside the page; 0: it stands below, for want of columns or rows.
pub fn question_columns(model: &Model) -> u16 {
    let is_beside = model.save.is_asking() && has_details(model.size) && model.size.rows >= LOW;
    if is_beside { columns_beside(Step::Save, model.size.columns) } else { 0 }
}

/// Rows below the page: a rule, and the question or what comes next.
pub fn foot_rows(model: &Model) -> u16 {
    if question_columns(model) > 0 {
        return 1;
    }
    // In a low window the page alone says who gains and who loses.
    let parties = u16::from(model.size.rows >= LOW);
    match model.save.phase {
        Phase::Asking(Confirmation::Typed { .. }) => 4 + parties,
        // Among several repositories the keys of the last row answer.
        Phase::Asking(Confirmation::Plain) if model.save.is_many() => 2 + parties,
        Phase::Asking(Confirmation::Plain) => 3 + parties,
        Phase::Writing => 2 + u16::from(writing_slowdown(model).is_some()),
        _ => 2,
    }
}

/// Returns what AWS asks of the writes under way: the policies a second that are reached, and the time that is left.
/// `None`: it is content, or nothing is being written.
pub fn writing_slowdown(model: &Model) -> Option<String> {
    let signed = model.signed.as_ref().filter(|_| model.save.is_writing())?;
    let slowdowns = model.slowdowns.slowdowns_of(&signed.request_context(), signed.owner_account());
    let progress = model.save.running_progress();
    slowdowns.is_write_slowed().then(|| {
        let rate = progress.and_then(Progress::whole_rate);
        slowdown_words(rate, progress.and_then(Progress::time_left))
    })
}

/// Rows of the page that are shown at once.
pub fn page_rows(model: &Model) -> usize {
    shown_rows(model).max(1)
}

/// Rows of the page that the window has room for; none in the smallest.
pub(super) fn shown_rows(model: &Model) -> usize {
    usize::from(body_rows(model.size).saturating_sub(head_rows(model) + foot_rows(model)))
}

/// The whole page.
pub fn whole_page(model: &Model) -> TextPage {
    let step = &model.save;
    // A cell on either side; with a cursor a second one on the left.
    let columns = usize::from(model.size.columns.saturating_sub(question_columns(model)));
    let width = columns.saturating_sub(if step.is_many() { 3 } else { 2 });
    let mut page = TextPage::new(width).with_names(&model.account_names);
    if let Phase::Asking(confirmation @ Confirmation::Typed { .. }) = &step.phase {
        let first = page.len();
        for reason in confirmation.reasons_beside_findings() {
            page.add_marked(Mark::Warn, Ink::Warn, 0, &reason.words);
        }
        if confirmation.is_for_findings_alone() {
            for words in risk_words(step) {
                page.add_marked(Mark::Warn, Ink::Warn, 0, &words);
            }
        }
        page.tells_changes_from(first);
        page.add_blank();
    }
    if step.entries.is_empty() {
        page.text_row(Ink::Plain, 0, "There is nothing to save: go back and choose who receives access.");
        return page;
    }
    if !step.is_many() {
        for entry in &step.entries {
            page.belongs_to(Some(0));
            add_heading(&mut page, entry, 0, width, model);
            add_details(&mut page, entry, model, true);
        }
        page.belongs_to(None);
        unread_registries(&mut page, step);
        return page;
    }
    let same = same_for_all(step);
    if let Some(first) = same {
        add_changes(&mut page, &first.planned, 0);
        page.add_blank();
    }
    // A longer name has rows of its own.
    let most = width * 45 / 100;
    let names = step.entries.iter().map(|entry| entry.planned.repository.name.as_str().width());
    let room = names.filter(|name| *name <= most).max().unwrap_or(most).max(1);
    add_sections(&mut page, model, room, same.is_some());
    unread_registries(&mut page, step);
    add_backups(&mut page, step);
    page
}

/// Says once for each account and Region why its registry policy could not be read.
fn unread_registries(page: &mut TextPage, step: &SaveStep) {
    let planned = || step.entries.iter().map(|entry| &entry.planned);
    let words = planned().filter_map(|planned| {
        let repository = &planned.repository;
        planned.registry.unread_words(&repository.account, &repository.region)
    });
    let mut told: Vec<String> = Vec::new();
    for words in words {
        if !told.contains(&words) {
            page.add_blank();
            page.add_marked(Mark::Warn, Ink::Warn, 0, &words);
            told.push(words);
        }
    }
}

/// Returns what the checks found in what we add, each once, with the repositories it is about; the first three of them.
fn risk_words(step: &SaveStep) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for entry in step.entries.iter().filter(|entry| entry.is_asked()) {
        let name = entry.planned.repository.name.to_string();
        for finding in entry.planned.risk_findings().filter(|f| f.severity == Severity::Security) {
            match found.iter_mut().find(|(words, _)| *words == finding.message) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name.clone()),
                None => found.push((finding.message.clone(), vec![name.clone()])),
            }
        }
    }
    found.into_iter().map(|(words, names)| format!("{words} ({})", first_three(&names, OTHER_REPOSITORIES))).collect()
}

/// Adds the folder of the backups of several repositories, once.
fn add_backups(page: &mut TextPage, step: &SaveStep) {
    let folder = step.entries.iter().find_map(|entry| match &entry.state {
        WriteState::Ended(outcome) => outcome.backup_file().and_then(Path::parent),
        _ => None,
    });
    if let Some(folder) = folder {
        page.add_blank();
        page.text_row(Ink::Dim, 2, "the policies from before are kept in:");
        page.add_code(Ink::Dim, 4, &folder.display().to_string());
    }
}

/// The first repository that is asked for, where all that are asked for give and take the same.
fn same_for_all(step: &SaveStep) -> Option<&SaveEntry> {
    let mut asked = step.entries.iter().filter(|entry| entry.is_asked());
    let first = asked.next()?;
    let mut others = 0;
    let all = asked.all(|entry| {
        others += 1;
        entry.planned.delta == first.planned.delta
    });
    (all && others > 0).then_some(first)
}

/// One row: sign, name, and what will happen or happened.
pub(super) fn add_heading(page: &mut TextPage, entry: &SaveEntry, room: usize, width: usize, model: &Model) {
    let (mark, ink, words) = state_words(entry, model);
    let name = format!("{}{}", tick_box(entry, model), make_visible(entry.planned.repository.name.as_str()));
    let room = if room == 0 { 0 } else { room + tick_box(entry, model).len() };
    let ascii = model.settings.ascii;
    if room > 0 && name.width() > room {
        // A name is told whole; what becomes of it stands below.
        let tick = tick_box(entry, model);
        let whole = make_visible(entry.planned.repository.name.as_str());
        for (at, line) in wrap_lines(&whole, width.saturating_sub(2 + tick.len()).max(1)).into_iter().enumerate() {
            let (mark, lead) =
                if at == 0 { (Some((mark, ink)), tick.to_owned()) } else { (None, " ".repeat(tick.len())) };
            let indent = if at == 0 { 0 } else { 2 };
            page.push_row(PageRow { indent, mark, parts: vec![(Ink::Strong, lead + &line)], owner: None });
        }
        page.text_row(ink, 2, &words);
        return;
    }
    let pad = " ".repeat(room.saturating_sub(name.width()) + 2);
    let left = width.saturating_sub(name.width() + pad.len() + 2);
    let is_whole = words.width() <= left;
    if !is_whole && (room == 0 || entry.is_exception()) {
        // With one repository, and for what cannot go, there is room for a second row, and nothing of it is cut.
        page.push_row(PageRow { indent: 0, mark: Some((mark, ink)), parts: vec![(Ink::Strong, name)], owner: None });
        page.text_row(ink, 2, &words);
        return;
    }
    let parts = vec![(Ink::Strong, name), (ink, format!("{pad}{}", fit_width(&make_visible(&words), left, ascii)))];
    page.push_row(PageRow { indent: 0, mark: Some((mark, ink)), parts, owner: None });
}

/// Returns the box of an entry of a plan for several repositories.
fn tick_box(entry: &SaveEntry, model: &Model) -> &'static str {
    let is_planning = matches!(model.save.phase, Phase::Asking(_) | Phase::ReadOnly | Phase::Nothing);
    match (is_planning && model.save.is_many(), entry.state == WriteState::Planned) {
        (true, true) if entry.is_ticked => "[x] ",
        (true, _) => "[ ] ",
        (false, _) => "",
    }
}

fn state_words(entry: &SaveEntry, model: &Model) -> (Mark, Ink, String) {
    let planned = &entry.planned;
    let owned = str::to_owned;
    match &entry.state {
        WriteState::Planned => match planned.verdict {
            Verdict::Write if !entry.is_ticked => (Mark::Open, Ink::Dim, owned("not ticked: it stays as it is")),
            Verdict::Write if model.save.phase == Phase::Ended => (Mark::Open, Ink::Warn, owned("not begun")),
            Verdict::Write if model.save.phase == Phase::ReadOnly => {
                (Mark::Open, Ink::Plain, format!("would be written: {}", planned.in_words()))
            }
            // The repository stays: the words tell that its policy alone goes.
            Verdict::Write if planned.text.is_none() => (Mark::Bullet, Ink::Plain, planned.in_words()),
            Verdict::Write => (Mark::Bullet, Ink::Plain, format!("will be written: {}", planned.in_words())),
            Verdict::AlreadyGranted if !has_own_words(planned) && model.is_without_grant() => {
                (Mark::Ok, Ink::Good, owned("what is stored means the same: nothing to write"))
            }
            Verdict::AlreadyGranted => granted_words(planned),
            // With one repository the reasons stand below.
            Verdict::Refused(_) if !model.save.is_many() => {
                (Mark::Failed, Ink::Bad, owned("not written: ECR would refuse this document"))
            }
            Verdict::Blocked
            | Verdict::Refused(_)
            | Verdict::LocksOut(_)
            | Verdict::TooLong(_)
            | Verdict::ReadOnly(_)
            | Verdict::Unread(_) => (Mark::Failed, Ink::Bad, planned.in_words()),
        },
        WriteState::Queued => (Mark::Open, Ink::Dim, owned("waits for its turn")),
        WriteState::Writing { since } => {
            let words = if model.settings.dry_run { "checking" } else { "saving" };
            let waits_for = entry.waits_for.as_ref().map(|waits| format!("{words}: {waits}"));
            (Mark::Waiting(*since), Ink::Plain, waits_for.unwrap_or_else(|| owned(words)))
        }
        WriteState::Ended(Outcome::Written { .. }) => match planned.owner_side() {
            None => (Mark::Ok, Ink::Good, owned("saved and read back")),
            Some(side @ (OwnerSide::Done | OwnerSide::Unchanged)) => {
                (Mark::Ok, Ink::Good, side.words_after("saved and read back"))
            }
            // The reasons stand below.
            Some(OwnerSide::NotDone(_)) => (Mark::Warn, Ink::Warn, owned("saved and read back, but not in effect")),
            Some(OwnerSide::Unproved(_)) => (Mark::Warn, Ink::Warn, owned("saved and read back, but unproved")),
        },
        WriteState::Ended(Outcome::WrittenBesideOthers { .. }) => {
            (Mark::Warn, Ink::Warn, owned("saved, and somebody else wrote right after"))
        }
        WriteState::Ended(Outcome::Replaced { .. }) => {
            (Mark::Warn, Ink::Warn, owned("saved, but somebody else's policy is stored now"))
        }
        WriteState::Ended(Outcome::AlreadyThere) if planned.undo.is_some() => {
            (Mark::Ok, Ink::Good, owned("nothing of the change was left: nothing was written"))
        }
        WriteState::Ended(Outcome::AlreadyThere) if model.is_without_grant() => {
            (Mark::Ok, Ink::Good, owned("what is stored meant the same: nothing was written"))
        }
        WriteState::Ended(Outcome::AlreadyThere) => granted_words(planned),
        WriteState::Ended(Outcome::DryRun) => (Mark::Bullet, Ink::Warn, owned("dry run: nothing was written")),
        WriteState::Ended(Outcome::Refused(_)) => (Mark::Failed, Ink::Bad, owned("not saved")),
        WriteState::Ended(Outcome::Unknown(_)) => (Mark::Warn, Ink::Warn, owned("unknown: it may or may not be saved")),
        WriteState::Ended(Outcome::Changed { .. }) => {
            (Mark::Warn, Ink::Warn, owned("not saved: somebody else changed the policy meanwhile"))
        }
    }
}

/// Tells whether a plan that writes nothing says in words of its own why.
fn has_own_words(planned: &Planned) -> bool {
    planned.removal.is_some() || planned.undo.is_some()
}

/// Adds the details of one repository.
pub(super) fn add_details(page: &mut TextPage, entry: &SaveEntry, model: &Model, with_changes: bool) {
    let step = &model.save;
    let planned = &entry.planned;
    match &entry.state {
        WriteState::Planned => {
            if let Some(underneath) = &entry.underneath {
                page.text_row(Ink::Warn, 2, "changed by somebody else since you began; your edit is made again on it:");
                changes_underneath(page, &underneath.delta);
            }
            if with_changes && planned.will_write() {
                add_changes(page, planned, 2);
            }
            add_problems(page, entry, step);
            if entry.open {
                add_difference(page, planned.stored.as_deref(), planned.text.as_deref());
            }
        }
        WriteState::Queued | WriteState::Writing { .. } => {}
        WriteState::Ended(outcome) => {
            add_ended(page, entry, outcome, model);
            if entry.open {
                add_difference(page, planned.stored.as_deref(), planned.text.as_deref());
            }
        }
    }
}

/// Adds what stops or voids a write, and the risks that the checks found.
fn add_problems(page: &mut TextPage, entry: &SaveEntry, step: &SaveStep) {
    let many = step.is_many();
    // Then they stand above everything, as the reason for the typed word.
    let is_raised = matches!(&step.phase, Phase::Asking(confirmation) if confirmation.is_for_findings_alone());
    let planned = &entry.planned;
    let doubt = match planned.verdict {
        Verdict::Blocked => None,
        Verdict::AlreadyGranted => held_words(planned),
        _ => planned.doubt_words(),
    };
    if let Some(words) = doubt {
        page.add_marked(Mark::Warn, Ink::Warn, 2, &words);
    }
    // An owner that is certain is a reason for the typed word, which stands above everything.
    if !matches!(planned.ownership, Ownership::Proved(_))
        && let Some(words) = planned.ownership_words()
    {
        page.add_marked(Mark::Warn, Ink::Warn, 2, &words);
    }
    for words in planned.deleted.iter().filter(|_| planned.will_write()) {
        page.text_row(Ink::Plain, 2, &format!("takes out {words}: deleted, nobody can use it"));
    }
    if let Some(removal) = &planned.removal {
        for words in removal.still_words() {
            page.add_marked(Mark::Warn, Ink::Warn, 2, &words);
        }
        for words in removal.left_words() {
            page.text_row(Ink::Plain, 2, &words);
        }
    }
    for words in planned.undo.iter().flat_map(UndoNotes::remaining_words) {
        page.add_marked(Mark::Warn, Ink::Warn, 2, &words);
    }
    match &planned.verdict {
        Verdict::Unread(failure) if many => {
            page.text_row(Ink::Dim, 4, &failure.next);
        }
        Verdict::Refused(findings) if !many || entry.open => {
            for finding in findings {
                page.add_marked(Mark::Failed, Ink::Plain, 2, &finding.message);
                page.text_row(Ink::Dim, 4, finding.why);
            }
        }
        Verdict::Write => {
            for finding in planned.risk_findings().filter(|f| !(is_raised && f.severity == Severity::Security)) {
                page.add_marked(Mark::Warn, Ink::Plain, 2, &finding.message);
            }
        }
        // The heading has one row where there are several: what it cuts is here in full.
        Verdict::LocksOut(_) | Verdict::TooLong(_) | Verdict::ReadOnly(_) if many && entry.open => {
            page.text_row(Ink::Plain, 2, &planned.in_words());
        }
        Verdict::AlreadyGranted
        | Verdict::Blocked
        | Verdict::Refused(_)
        | Verdict::LocksOut(_)
        | Verdict::TooLong(_)
        | Verdict::ReadOnly(_)
        | Verdict::Unread(_) => {}
    }
}

fn add_ended(page: &mut TextPage, entry: &SaveEntry, outcome: &Outcome, model: &Model) {
    let step = &model.save;
    let width = page.width();
    let planned = &entry.planned;
    match outcome {
        Outcome::Written { backup, .. } | Outcome::WrittenBesideOthers { backup, .. } => {
            if !step.is_many() {
                add_changes(page, planned, 2);
            }
            if let Some(words) = held_words(planned) {
                page.add_marked(Mark::Warn, Ink::Warn, 2, &words);
            }
            match backup {
                // With several, the folder is told once at the end.
                Some(_) if step.is_many() && !entry.open => {}
                Some(path) => {
                    let words = path.display().to_string();
                    if LABEL + 2 + words.width() <= width {
                        page.add_labelled("backup", LABEL, 2, Ink::Plain, &words);
                    } else {
                        page.add_labelled("backup", LABEL, 2, Ink::Plain, "of the policy from before:");
                        page.add_code(Ink::Plain, 4, &words);
                    }
                }
                None if step.is_many() && !entry.open && planned.stored.is_none() => {}
                None if planned.stored.is_none() => {
                    page.add_labelled("backup", LABEL, 2, Ink::Dim, "none needed: there was no policy before");
                }
                None => page.add_labelled("backup", LABEL, 2, Ink::Warn, "none was made"),
            }
        }
        Outcome::Refused(failure) => {
            page.add_failure(2, failure);
            if failure.kind == FailureKind::InvalidPolicy {
                // ECR does not say what is wrong: what our own checks say may be it.
                for finding in &planned.findings {
                    page.add_marked(Mark::Bullet, Ink::Plain, 4, &finding.message);
                }
            }
            page.text_row(Ink::Dim, 2, "The policy from before is still stored.");
        }
        Outcome::Unknown(failure) => {
            page.add_failure(2, failure);
            let words = format!(
                "The request was sent; no read showed its text. {} looks at what is stored and writes only if it is \
                 not there.",
                model.key_name(KeyScope::Outcome, Action::Retry)
            );
            page.text_row(Ink::Plain, 2, &words);
        }
        Outcome::Changed { now } => {
            let key = model.key_name(KeyScope::Outcome, Action::Next);
            let next = if entry.by_hand {
                format!("You edited this document by hand: {key} goes back to it, with the text that is stored now.")
            } else if planned.will_write() {
                format!("Your edit was made again on the text that is stored now: {key} shows it and asks again.")
            } else {
                format!("With the text that is stored now there is nothing left to write: {key} goes on.")
            };
            if let Some(since) = entry.remaking.and_then(Remaking::running_since) {
                if model.now.saturating_sub(since) >= PATIENCE {
                    page.add_marked(
                        Mark::Waiting(since),
                        Ink::Dim,
                        2,
                        "checking what the other change gives and takes",
                    );
                }
            } else if let Some(underneath) = &entry.underneath {
                changes_underneath(page, &underneath.delta);
                page.text_row(Ink::Strong, 2, &next);
                add_difference(page, underneath.before.as_deref(), now.as_deref());
            }
        }
        Outcome::Replaced { now, backup } => {
            let words = "AWS accepted your text, and what is stored now is neither it nor the one from before:";
            page.text_row(Ink::Strong, 2, words);
            add_difference(page, planned.text.as_deref(), now.as_deref());
            if let Some(path) = backup {
                page.add_labelled("backup", LABEL, 2, Ink::Plain, "of the policy from before:");
                page.add_code(Ink::Plain, 4, &path.display().to_string());
            }
        }
        Outcome::AlreadyThere | Outcome::DryRun => {
            if let Some(words) = held_words(planned) {
                page.add_marked(Mark::Warn, Ink::Warn, 2, &words);
            }
        }
    }
}

/// Returns the state of the owner's side, where something holds the grant back.
fn held_words(planned: &Planned) -> Option<String> {
    let side = planned.owner_side()?;
    matches!(side, OwnerSide::NotDone(_) | OwnerSide::Unproved(_)).then(|| side.words())
}

/// Returns sign and words of a repository for which there was nothing to write.
fn granted_words(planned: &Planned) -> (Mark, Ink, String) {
    let words = planned.in_words();
    match planned.owner_side() {
        Some(OwnerSide::NotDone(_) | OwnerSide::Unproved(_)) => (Mark::Warn, Ink::Warn, words),
        // No sign of success stands above a risk.
        _ if planned.has_grave_finding() => (Mark::Bullet, Ink::Plain, words),
        _ => (Mark::Ok, Ink::Good, words),
    }
}

/// Says changes one after another. Long conditions are said in full once, with the first whom they hold for: hundreds of
/// principals in one statement have them in common, and nobody finds a difference in the repetition.
#[derive(Default)]
struct ChangeTeller<'c> {
    /// The moment of the plan, in seconds since 1970: what has ended by then is told as that.
    now: Option<i64>,
    told: Vec<(&'c [Condition], String)>,
}

/// Conditions whose words are longer than this, in bytes, are said once.
const LONG: usize = 160;

impl<'c> ChangeTeller<'c> {
    fn words(&mut self, change: &'c Change) -> String {
        if self.now.is_some_and(|now| have_ended(&change.conditions, now)) {
            return change_words_at(change, self.now);
        }
        if let Some((_, first)) = self.told.iter().find(|(conditions, _)| *conditions == change.conditions) {
            let bare = Change { conditions: Vec::new(), ..change.clone() };
            return format!("{}, under the same conditions as {first}", change_words(&bare));
        }
        let words = change_words(change);
        if !change.conditions.is_empty() && words.len() > LONG {
            self.told.push((&change.conditions, change.who.words()));
        }
        words
    }
}

/// Adds the gains and losses of our write.
pub(in crate::wizard) fn add_changes(page: &mut TextPage, planned: &Planned, indent: usize) {
    let first = page.len();
    let mut teller = ChangeTeller { now: planned.now, ..ChangeTeller::default() };
    let delta = &planned.delta;
    for change in &delta.gains {
        let ink = match gain_tone(change, &planned.blocked) {
            GainTone::Danger => Ink::Bad,
            GainTone::HeldBack => Ink::Warn,
            GainTone::Plain => Ink::Added,
        };
        page.add_labelled("gains", LABEL, indent, ink, &teller.words(change));
    }
    for change in &delta.losses {
        page.add_labelled("loses", LABEL, indent, Ink::Bad, &teller.words(change));
    }
    match (delta.gains.is_empty(), delta.losses.is_empty()) {
        (true, true) => page.add_labelled("access", LABEL, indent, Ink::Plain, "nobody gains or loses anything"),
        (_, true) => page.add_labelled("loses", LABEL, indent, Ink::Dim, "nobody"),
        _ => {}
    }
    page.tells_changes_from(first);
}

/// The gains and losses of somebody else's write.
fn changes_underneath(page: &mut TextPage, delta: &Delta) {
    const ROOM: usize = 8;
    let mut teller = ChangeTeller::default();
    for change in &delta.gains {
        page.add_labelled("gained", ROOM, 4, Ink::Plain, &teller.words(change));
    }
    for change in &delta.losses {
        page.add_labelled("lost", ROOM, 4, Ink::Plain, &teller.words(change));
    }
    if delta.is_empty() {
        page.text_row(Ink::Plain, 4, "nobody gained or lost anything by it");
    }
}

fn add_difference(page: &mut TextPage, old: Option<&str>, new: Option<&str>) {
    page.push_row(PageRow::default());
    page.add_difference(2, old, new);
    page.push_row(PageRow::default());
}
