//! The screen of Save: who writes what, the confirmation, the progress, and what came of it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{
    draw_divider, draw_field, draw_lines, draw_rule, names_words, progress_line, role_line, role_span, slowdown_line,
    wrap_rows,
};
use super::{Drawn, page};
use crate::ecr::SourceId;
use crate::ecr::text::{fit_width, make_visible};
use crate::plan::{Confirmation, Outcome, Question, Verdict, kind_sums};
use crate::wizard::save::{self, Phase, SaveEntry, SaveStep, WriteState};
use crate::wizard::{Action, KeyScope, Model};

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 1 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let [head, below] = Layout::vertical([Constraint::Length(save::head_rows(model)), Constraint::Fill(1)]).areas(area);
    let beside = Constraint::Length(save::question_columns(model));
    let [left, beside] = Layout::horizontal([Constraint::Fill(1), beside]).areas(below);
    let [body, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(save::foot_rows(model))]).areas(left);
    draw_lines(frame, head, heading_lines(model, usize::from(area.width), theme));
    let step = &model.save;
    let shown = save::whole_page(model);
    let chosen = step.is_many().then_some(step.cursor().selected);
    page::draw(frame, body, shown.all_rows(), step.first_row(), chosen, model.now, theme);
    let below = shown.len().saturating_sub(step.first_row() + usize::from(body.height));
    draw_footer(frame, foot, model, below, theme);
    if let Phase::Asking(confirmation) = step.phase() {
        draw_question_beside(frame, beside, model, confirmation, theme);
    }
}

/// Returns what this is, who does it, and what the flags say.
fn heading_lines(model: &Model, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut out = vec![role_line(
        theme,
        Role::Strong,
        fit_width(&title_text(&model.save, width, theme.ascii), width, theme.ascii),
    )];
    if let Some(signed) = &model.signed {
        let dot = theme.sign_text(Sign::Between);
        let who = format!(
            " in account {} {dot} {} {dot} as {} {dot} {}",
            signed.owner_account(),
            signed.region,
            signed.identity.short_name(),
            source_words(&signed.source.id)
        );
        out.push(role_line(theme, Role::Plain, fit_width(&who, width, theme.ascii)));
    } else {
        out.push(Line::default());
    }
    let flags = if model.settings.read_only {
        "Read-only: this is what would be saved; nothing is written."
    } else if model.settings.dry_run {
        "Dry run: everything is checked, nothing will be written."
    } else {
        return out;
    };
    out.push(role_line(
        theme,
        Role::Warn,
        fit_width(&format!(" {} {flags}", theme.sign_text(Sign::Warn)), width, theme.ascii),
    ));
    out
}

fn source_words(id: &SourceId) -> String {
    match id {
        SourceId::Profile(name) => format!("profile {name}"),
        other => other.to_string(),
    }
}

/// Returns what this is, and of which repositories.
fn title_text(step: &SaveStep, width: usize, ascii: bool) -> String {
    let words = format!(" {}", title_words(step));
    if step.is_many() && !step.is_writing() {
        return words;
    }
    let is_asking = step.is_asking();
    let entries = step.entries().iter().filter(|entry| entry.is_asked() || !is_asking);
    let names: Vec<&str> = entries.map(|entry| entry.planned.repository.name.as_str()).collect();
    // Of a single one the title says the name already, or its row does.
    let room = width.saturating_sub(words.width() + 3);
    if names.is_empty() || room < 12 || (is_asking && !step.is_many()) {
        return words;
    }
    format!("{words}: {}", names_words(&names, room, ascii))
}

/// Tells whether all that is planned is to delete the policy of one repository.
fn only_deletes(step: &SaveStep) -> bool {
    matches!(step.entries(), [one] if one.planned.will_write() && one.planned.text.is_none())
}

fn title_words(step: &SaveStep) -> String {
    let asked = step.entries().iter().filter(|entry| entry.is_asked()).count();
    let of = |count: usize| match (count, step.entries()) {
        (_, [one]) => format!("the policy of {}", one.planned.repository.name),
        (1, _) => "1 policy".to_owned(),
        (n, _) => format!("{n} policies"),
    };
    let verb = if step.is_undo() { "Take back" } else { "Save" };
    let with_sums = |words: String| match plan_sums(step) {
        none if none.is_empty() => words,
        sums => format!("{words}: {sums}"),
    };
    match step.phase() {
        Phase::Asking(_) if step.is_undo() && !step.is_many() => format!("Take back the change to {}", of(asked)),
        Phase::Asking(_) if only_deletes(step) => format!("Delete {}", of(asked)),
        Phase::Asking(_) => with_sums(format!("{verb} {}", of(asked))),
        Phase::ReadOnly => with_sums("What would be saved".to_owned()),
        Phase::Writing => "Saving".to_owned(),
        Phase::Ended => outcome_words(step),
        Phase::Nothing if step.entries().is_empty() => "Nothing to save".to_owned(),
        Phase::Nothing if step.is_undo() => with_sums("Nothing will be taken back".to_owned()),
        Phase::Nothing => with_sums("Nothing will be written".to_owned()),
    }
}

/// Counts the kinds of the plan for several repositories; empty for one.
fn plan_sums(step: &SaveStep) -> String {
    if !step.is_many() {
        return String::new();
    }
    let unticked = step.entries().iter().filter(|entry| entry.planned.will_write() && !entry.is_ticked).count();
    // How many are written is said before.
    let is_counted = |entry: &&SaveEntry| {
        if entry.planned.will_write() { entry.is_ticked && !step.is_asking() } else { true }
    };
    let kinds = kind_sums(step.entries().iter().filter(is_counted).map(|entry| entry.planned.kind()));
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let kinds = Some(kinds).filter(|kinds| !kinds.is_empty());
    let all = [kinds, count(unticked, "not ticked"), count(step.left_out(), "left out")];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Returns what came of it, in a few words: what needs a look comes first.
fn outcome_words(step: &SaveStep) -> String {
    const ALL: [&str; 17] = [
        "not saved",
        "not known whether saved",
        "not saved, changed by somebody else",
        "saved, but replaced by somebody else",
        "saved, and changed by somebody else since",
        "could not be read",
        "cannot be written",
        "blocked by a Deny",
        "not begun",
        "not ticked",
        "not written",
        "saved",
        "taken back",
        "granted already",
        "nothing was left to take back",
        "nothing was left to change",
        "checked, nothing was written",
    ];
    let what = |entry: &SaveEntry| match (&entry.state, &entry.planned.verdict) {
        (WriteState::Ended(Outcome::Written { .. }), _) if step.is_undo() => "taken back",
        (WriteState::Ended(Outcome::Written { .. }), _) => "saved",
        (WriteState::Ended(Outcome::WrittenBesideOthers { .. }), _) => "saved, and changed by somebody else since",
        (WriteState::Ended(Outcome::Replaced { .. }), _) => "saved, but replaced by somebody else",
        (WriteState::Ended(Outcome::AlreadyThere), _) | (WriteState::Planned, Verdict::AlreadyGranted) => {
            match (step.is_undo(), step.is_begun_change()) {
                (true, _) => "nothing was left to take back",
                (false, true) => "nothing was left to change",
                (false, false) => "granted already",
            }
        }
        (WriteState::Ended(Outcome::DryRun), _) => "checked, nothing was written",
        (WriteState::Ended(Outcome::Refused(_)), _) => "not saved",
        (WriteState::Ended(Outcome::Changed { .. }), _) => "not saved, changed by somebody else",
        (WriteState::Ended(Outcome::Unknown(_)), _) => "not known whether saved",
        (WriteState::Planned, Verdict::Blocked) => "blocked by a Deny",
        (WriteState::Planned, Verdict::Unread(_)) => "could not be read",
        (WriteState::Planned, Verdict::Write) => {
            if entry.is_ticked {
                "not begun"
            } else {
                "not ticked"
            }
        }
        (WriteState::Planned, _) => "cannot be written",
        (WriteState::Queued | WriteState::Writing { .. }, _) => "not written",
    };
    let words: Vec<String> = ALL
        .into_iter()
        .map(|words| (words, step.entries().iter().filter(|entry| what(entry) == words).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(words, count)| if step.is_many() { format!("{count} {words}") } else { words.to_owned() })
        .collect();
    format!("Outcome: {}", words.join("; "))
}

/// A rule that tells how much more there is, then the question, the progress or the way on.
fn draw_footer(frame: &mut Frame, area: Rect, model: &Model, below: usize, theme: Theme) {
    let Some((first, rest)) = split_area(area) else { return };
    let more = match below {
        0 => String::new(),
        1 => "1 more row".to_owned(),
        n => format!("{n} more rows"),
    };
    let step = &model.save;
    if let Some(demand) = save::demand_to_look(model) {
        let words =
            fit_width(&format!(" {} {demand}", theme.sign_text(Sign::Warn)), usize::from(area.width), theme.ascii);
        draw_lines(frame, first, vec![role_line(theme, Role::Warn, words)]);
    } else {
        draw_rule(frame, first, &more, theme);
    }
    match step.phase() {
        Phase::Asking(_) if save::question_columns(model) > 0 => {}
        Phase::Asking(confirmation) => draw_question(frame, rest, model, confirmation, theme),
        Phase::Writing => {
            let (done, all) = ended_counts(step);
            let words = progress_words(model);
            let width = usize::from(rest.width).saturating_sub(words.width() + 14).min(30);
            let mut parts = vec![Span::raw(" ")];
            parts.extend(progress_line(done, all, width, &words, theme).spans);
            let slowdown = save::writing_slowdown(model).map(|words| slowdown_line(&words, rest.width.into(), theme));
            draw_lines(frame, rest, [Line::from(parts)].into_iter().chain(slowdown).collect());
        }
        Phase::Nothing | Phase::ReadOnly | Phase::Ended => {
            let (role, words) = way_on(model);
            draw_lines(
                frame,
                rest,
                vec![role_line(theme, role, fit_width(&format!(" {words}"), usize::from(rest.width), theme.ascii))],
            );
        }
    }
}

fn split_area(area: Rect) -> Option<(Rect, Rect)> {
    let height = area.height.checked_sub(1)?;
    Some((Rect { height: 1, ..area }, Rect { y: area.y + 1, height, ..area }))
}

/// Returns how far the writes are: what failed, what is left, the rate, and the time that is left.
fn progress_words(model: &Model) -> String {
    let step = &model.save;
    let mut words = vec![if model.settings.dry_run { "checked" } else { "written" }.to_owned()];
    if let Some(progress) = step.running_progress() {
        if progress.failed > 0 {
            words.push(format!("{} not", progress.failed));
        }
        // Where AWS asks to slow down, its sentence says both.
        if save::writing_slowdown(model).is_none() {
            words.extend(progress.rate().map(|rate| format!("{rate:.0} a second")));
            words.extend(progress.time_left().map(|left| format!("{} s left", left.as_secs() + 1)));
        }
    }
    if step.is_stopping() {
        words.push("stopping".to_owned());
    }
    words.join(", ")
}

/// Draws the question beside what it is about: whole, with the answers right below.
fn draw_question_beside(frame: &mut Frame, area: Rect, model: &Model, confirmation: &Confirmation, theme: Theme) {
    let Some(width) = area.width.checked_sub(3).filter(|width| *width > 0) else { return };
    let place = Rect { x: area.x + 2, width, ..area };
    draw_divider(frame, place, theme);
    let question = asked_question(model);
    let width = usize::from(width);
    let rows = usize::from(area.height);
    // The answers keep their rows, whatever there is to tell.
    let answer = answer_words(model, confirmation);
    let answers = wrap_rows(&answer, width.saturating_sub(1), 3, theme);
    let room = rows.saturating_sub(answers.len() + 3);
    let gains = format!("gains: {}", question.gains);
    let losses = format!("loses: {}", question.losses);
    let told = [(Role::Strong, &question.what), (Role::Plain, &gains), (Role::Plain, &losses)];
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (role, words) in told {
        let words = &model.account_names.beside_ids(words);
        let left = room.saturating_sub(lines.len());
        lines.extend(wrap_rows(words, width, left, theme).into_iter().map(|text| role_line(theme, role, text)));
    }
    lines.push(Line::default());
    lines.extend(answers.into_iter().map(|text| role_line(theme, Role::Strong, text)));
    let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    draw_lines(frame, place, lines);
    // What is drawn below has a cell before its first letter.
    let below =
        Rect { x: area.x + 1, y: area.y + used, width: area.width.saturating_sub(2), height: area.height - used };
    match confirmation {
        Confirmation::Plain if model.save.is_many() => {}
        Confirmation::Plain => draw_lines(frame, below, vec![answer_line(&model.save, theme)]),
        Confirmation::Typed { word, .. } => draw_typed_field(frame, below, model, word, theme),
    }
}

/// Returns what is to be done to answer, as a sentence; empty: the answers say it.
fn answer_words(model: &Model, confirmation: &Confirmation) -> String {
    let key = |action| model.key_name(KeyScope::Confirm, action);
    match confirmation {
        Confirmation::Plain if model.save.is_many() => {
            format!("{} saves, {} does not", key(Action::Yes), key(Action::No))
        }
        Confirmation::Plain => String::new(),
        Confirmation::Typed { word, .. } => typed_words(model, word),
    }
}

/// Returns the question about what is asked for.
fn asked_question(model: &Model) -> Question {
    let asked = model.save.entries().iter().filter(|entry| entry.is_asked()).map(|entry| &entry.planned);
    Question::about(asked, model.signed.as_ref().and_then(|signed| signed.endpoint.as_deref()))
}

/// Draws what the answer is about, who gains and who loses, and the answers or the word to type.
fn draw_question(frame: &mut Frame, area: Rect, model: &Model, confirmation: &Confirmation, theme: Theme) {
    let step = &model.save;
    let width = usize::from(area.width);
    let question = asked_question(model);
    let cut = |words: &str| fit_width(&format!(" {}", make_visible(words)), width, theme.ascii);
    let parties = question.parties_words();
    let parties = model.account_names.beside_ids_within(&parties, width.saturating_sub(1));
    let lines = vec![role_line(theme, Role::Strong, cut(&question.what)), role_line(theme, Role::Plain, cut(&parties))];
    let answers = match confirmation {
        Confirmation::Typed { .. } => 2,
        Confirmation::Plain => u16::from(!step.is_many()),
    };
    let room = area.height.saturating_sub(answers).min(2);
    draw_lines(frame, Rect { height: room, ..area }, lines);
    let below = Rect { y: area.y + room, height: area.height - room, ..area };
    match confirmation {
        Confirmation::Plain if step.is_many() => {}
        Confirmation::Plain => draw_lines(frame, below, vec![answer_line(step, theme)]),
        Confirmation::Typed { word, .. } => draw_typed(frame, below, model, word, theme),
    }
}

/// The two answers, No first; the chosen one is marked by a sign as well.
fn answer_line(step: &SaveStep, theme: Theme) -> Line<'static> {
    let answer = |word: &str, chosen: bool| {
        let sign = if chosen { theme.sign_text(Sign::Chosen) } else { " " };
        role_span(theme, if chosen { Role::Selected } else { Role::Plain }, format!("{sign} {word} "))
    };
    Line::from(vec![
        Span::raw(" "),
        answer("No", !step.is_yes_chosen()),
        Span::raw("  "),
        answer("Yes", step.is_yes_chosen()),
    ])
}

/// Returns what to type, as a sentence.
fn typed_words(model: &Model, word: &str) -> String {
    let step = &model.save;
    let why = if word.contains(' ') { "how many policies change" } else { "the repository's name" };
    if step.is_typing() || !step.is_many() {
        format!("To {}, type {why}: {word}", if only_deletes(step) { "delete" } else { "save" })
    } else {
        let yes = model.key_name(KeyScope::Confirm, Action::Yes);
        format!("To save, press {yes} and type {why}: {word}")
    }
}

fn draw_typed(frame: &mut Frame, area: Rect, model: &Model, word: &str, theme: Theme) {
    let words = fit_width(&format!(" {}", typed_words(model, word)), usize::from(area.width), theme.ascii);
    draw_lines(frame, Rect { height: area.height.min(1), ..area }, vec![role_line(theme, Role::Strong, words)]);
    if area.height > 1 {
        draw_typed_field(frame, Rect { y: area.y + 1, height: 1, ..area }, model, word, theme);
    }
}

/// Draws the field of the word, where it is being typed, and what Enter does once it is right.
fn draw_typed_field(frame: &mut Frame, area: Rect, model: &Model, word: &str, theme: Theme) {
    let step = &model.save;
    if area.height == 0 || (step.is_many() && !step.is_typing()) {
        return;
    }
    let width = usize::from(area.width);
    let row = Rect { height: 1, ..area };
    let right = step.typed().text() == word && save::demand_to_look(model).is_none();
    let hint =
        if right { format!("{} saves", model.key_name(KeyScope::TypedConfirm, Action::Next)) } else { String::new() };
    let label = format!(" {}", theme.sign_text(Sign::Chosen));
    draw_field(frame, row, &label, step.typed(), true, theme);
    if right && width > word.width() + hint.len() + 8 {
        let at = u16::try_from(word.width() + 5).unwrap_or(u16::MAX);
        let place = Rect { x: row.x.saturating_add(at), width: row.width.saturating_sub(at), ..row };
        draw_lines(frame, place, vec![role_line(theme, Role::Good, format!("{} {hint}", theme.wide_sign(Sign::Ok)))]);
    }
}

/// Ended writes and all confirmed ones.
fn ended_counts(step: &SaveStep) -> (usize, usize) {
    let done = step.entries().iter().filter(|entry| matches!(entry.state, WriteState::Ended(_))).count();
    let waiting = step
        .entries()
        .iter()
        .filter(|entry| matches!(entry.state, WriteState::Queued | WriteState::Writing { .. }))
        .count();
    (done, done + waiting)
}

/// Returns what the next key does.
fn way_on(model: &Model) -> (Role, String) {
    let step = &model.save;
    let next = model.key_name(KeyScope::Outcome, Action::Next);
    let retry = model.key_name(KeyScope::Outcome, Action::Retry);
    let back = model.key_name(KeyScope::Global, Action::Back);
    let ended = |wanted: fn(&Outcome) -> bool| {
        step.entries().iter().filter(|e| matches!(&e.state, WriteState::Ended(outcome) if wanted(outcome))).count()
    };
    let changed = ended(|outcome| matches!(outcome, Outcome::Changed { .. }));
    let refused = ended(|outcome| matches!(outcome, Outcome::Refused(_)));
    let unknown = ended(|outcome| matches!(outcome, Outcome::Unknown(_)));
    let dry = ended(|outcome| matches!(outcome, Outcome::DryRun));
    let not_begun =
        if *step.phase() == Phase::Ended { step.entries().iter().filter(|entry| entry.is_asked()).count() } else { 0 };
    if step.entries().is_empty() {
        return (Role::Plain, format!("{back} goes back."));
    }
    if changed > 0 {
        return (Role::Warn, format!("{changed} changed underneath: {next} looks at it again."));
    }
    if unknown > 0 {
        return (
            Role::Warn,
            format!("{unknown} not known: {retry} looks at what is stored before anything is sent again."),
        );
    }
    let others = ended(|outcome| matches!(outcome, Outcome::WrittenBesideOthers { .. } | Outcome::Replaced { .. }));
    if others > 0 {
        let words = format!("{others} changed by somebody else since it was saved: {back} goes back.");
        return (Role::Warn, words);
    }
    let holds = step.entries().iter().filter(|entry| entry.known_text().is_some()).count();
    if step.has_proposal() && *step.phase() == Phase::ReadOnly {
        return (
            Role::Warn,
            format!("Read-only: nothing is saved. {back} goes back, {next} shows what would be written."),
        );
    }
    if *step.phase() == Phase::ReadOnly {
        let more = if holds > 0 { format!(", {next} shows what is granted") } else { String::new() };
        return (Role::Warn, format!("Read-only: nothing is saved. {back} goes back{more}."));
    }
    if not_begun > 0 {
        let next = if holds > 0 { format!(", {next} goes on with those done") } else { String::new() };
        let failed = if refused > 0 { format!(", {refused} not saved") } else { String::new() };
        return (Role::Warn, format!("Stopped: {not_begun} not begun{failed}: {retry} goes on with them{next}."));
    }
    let held = step.entries().iter().filter(|entry| step.is_held(entry)).count();
    if held > 0 && refused == 0 {
        let done = if holds > 0 { format!("{holds} done, ") } else { String::new() };
        return (
            Role::Warn,
            format!("{done}{held} read-only and not saved: {next} shows what would be written there."),
        );
    }
    match (holds, refused) {
        (0, 0) => (Role::Warn, format!("Nothing can be saved like this. {back} goes back to the policy.")),
        (0, _) => (Role::Warn, format!("Nothing was saved. {back} goes back to your draft, {retry} tries again.")),
        (_, 0) if dry > 0 => {
            (Role::Warn, format!("Nothing was written. {next} shows what would be written, for whoever writes it."))
        }
        (_, 0) => (Role::Good, format!("{next} shows the permissions and what is left to do.")),
        (n, failed) => {
            (Role::Warn, format!("{n} done, {failed} not: {next} goes on with those done, {retry} tries again."))
        }
    }
}

#[cfg(test)]
mod tests;
