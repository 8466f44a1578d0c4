//! The screen of Save: who writes what, the confirmation, the progress, and what came of it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{draw_field, draw_lines, draw_rule, names_words, progress_line, role_line, role_span};
use super::{Drawn, page};
use crate::ecr::SourceId;
use crate::ecr::text::fit_width;
use crate::plan::{Confirmation, Outcome, Verdict};
use crate::wizard::save::{self, Phase, SaveEntry, SaveStep, WriteState};
use crate::wizard::{Action, KeyScope, Model};

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 1 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let [head, body, foot] = Layout::vertical([
        Constraint::Length(save::head_rows(model)),
        Constraint::Fill(1),
        Constraint::Length(save::foot_rows(model)),
    ])
    .areas(area);
    draw_lines(frame, head, heading_lines(model, usize::from(area.width), theme));
    let step = &model.save;
    let shown = save::whole_page(model);
    let chosen = step.is_many().then_some(step.cursor().selected);
    page::draw(frame, body, shown.all_rows(), step.first_row(), chosen, model.now, theme);
    let below = shown.len().saturating_sub(step.first_row() + usize::from(body.height));
    draw_footer(frame, foot, model, below, theme);
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

fn title_words(step: &SaveStep) -> String {
    let asked = step.entries().iter().filter(|entry| entry.is_asked()).count();
    let of = |count: usize| match (count, step.entries()) {
        (_, [one]) => format!("the policy of {}", one.planned.repository.name),
        (1, _) => "1 policy".to_owned(),
        (n, _) => format!("{n} policies"),
    };
    match step.phase() {
        Phase::Asking(_) => format!("Save {}", of(asked)),
        Phase::ReadOnly => "What would be saved".to_owned(),
        Phase::Writing => "Saving".to_owned(),
        Phase::Ended => outcome_words(step),
        Phase::Nothing if step.entries().is_empty() => "Nothing to save".to_owned(),
        Phase::Nothing => "Nothing will be written".to_owned(),
    }
}

/// Returns what came of it, in a few words: how many are saved comes first.
fn outcome_words(step: &SaveStep) -> String {
    const ALL: [&str; 10] = [
        "saved",
        "saved, and changed by somebody else since",
        "saved, but replaced by somebody else",
        "granted already",
        "checked, nothing was written",
        "not saved",
        "not saved, changed by somebody else",
        "not known whether saved",
        "blocked by a Deny",
        "not written",
    ];
    let what = |entry: &SaveEntry| match (&entry.state, &entry.planned.verdict) {
        (WriteState::Ended(Outcome::Written { .. }), _) => "saved",
        (WriteState::Ended(Outcome::WrittenBesideOthers { .. }), _) => "saved, and changed by somebody else since",
        (WriteState::Ended(Outcome::Replaced { .. }), _) => "saved, but replaced by somebody else",
        (WriteState::Ended(Outcome::AlreadyThere), _) | (WriteState::Planned, Verdict::AlreadyGranted) => {
            "granted already"
        }
        (WriteState::Ended(Outcome::DryRun), _) => "checked, nothing was written",
        (WriteState::Ended(Outcome::Refused(_)), _) => "not saved",
        (WriteState::Ended(Outcome::Changed { .. }), _) => "not saved, changed by somebody else",
        (WriteState::Ended(Outcome::Unknown(_)), _) => "not known whether saved",
        (WriteState::Planned, Verdict::Blocked) => "blocked by a Deny",
        (WriteState::Planned | WriteState::Queued | WriteState::Writing { .. }, _) => "not written",
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
    draw_rule(frame, first, &more, theme);
    let step = &model.save;
    match step.phase() {
        Phase::Asking(Confirmation::Plain) => draw_lines(frame, rest, vec![question_line(step, theme)]),
        Phase::Asking(Confirmation::Typed { word, .. }) => draw_typed(frame, rest, model, word, theme),
        Phase::Writing => {
            let (done, all) = ended_counts(step);
            let words = if model.settings.dry_run { "checked" } else { "written" };
            let bar = progress_line(done, all, usize::from(rest.width).saturating_sub(30).min(40), words, theme);
            let mut parts = vec![Span::raw(" ")];
            parts.extend(bar.spans);
            draw_lines(frame, rest, vec![Line::from(parts)]);
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

/// The two answers, No first; the chosen one is marked by a sign as well.
fn question_line(step: &SaveStep, theme: Theme) -> Line<'static> {
    let answer = |word: &str, chosen: bool| {
        let sign = if chosen { theme.sign_text(Sign::Chosen) } else { " " };
        role_span(theme, if chosen { Role::Selected } else { Role::Plain }, format!("{sign} {word} "))
    };
    let writes = step.entries().iter().filter(|entry| entry.is_asked()).count();
    let words = if writes == 1 { " Save this?  ".to_owned() } else { format!(" Save all {writes}?  ") };
    Line::from(vec![
        role_span(theme, Role::Strong, words),
        answer("No", !step.is_yes_chosen()),
        Span::raw("  "),
        answer("Yes", step.is_yes_chosen()),
    ])
}

fn draw_typed(frame: &mut Frame, area: Rect, model: &Model, word: &str, theme: Theme) {
    let step = &model.save;
    let width = usize::from(area.width);
    let why = if word.contains(' ') { "how many policies change" } else { "the repository's name" };
    let words = format!(" To save, type {why}: {word}");
    draw_lines(
        frame,
        Rect { height: area.height.min(1), ..area },
        vec![role_line(theme, Role::Strong, fit_width(&words, width, theme.ascii))],
    );
    if area.height < 2 {
        return;
    }
    let row = Rect { x: area.x, y: area.y + 1, width: area.width, height: 1 };
    let right = step.typed().text() == word;
    let hint =
        if right { format!("{} saves", model.key_name(KeyScope::TypedConfirm, Action::Next)) } else { String::new() };
    let label = format!(" {}", theme.sign_text(Sign::Chosen));
    draw_field(frame, row, &label, step.typed(), true, theme);
    if right && width > word.width() + hint.len() + 8 {
        let at = u16::try_from(word.width() + 6).unwrap_or(u16::MAX);
        let place = Rect { x: row.x.saturating_add(at), width: row.width.saturating_sub(at), ..row };
        draw_lines(frame, place, vec![role_line(theme, Role::Good, format!("{} {hint}", theme.sign_text(Sign::Ok)))]);
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
    if *step.phase() == Phase::ReadOnly {
        let more = if holds > 0 { format!(", {next} shows what is granted") } else { String::new() };
        return (Role::Warn, format!("Read-only: nothing is saved. {back} goes back{more}."));
    }
    match (holds, refused) {
        (0, 0) => (Role::Warn, format!("Nothing can be saved like this. {back} goes back to the policy.")),
        (0, _) => (Role::Warn, format!("Nothing was saved. {back} goes back to your draft, {retry} tries again.")),
        (_, 0) if dry > 0 => (Role::Warn, format!("Nothing was written. {next} shows what the permissions would be.")),
        (_, 0) => (Role::Good, format!("{next} shows the permissions and what is left to do.")),
        (n, failed) => {
            (Role::Warn, format!("{n} done, {failed} not: {next} goes on with those done, {retry} tries again."))
        }
    }
}

#[cfg(test)]
mod tests;
