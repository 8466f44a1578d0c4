//! The screen of step 3, Actions.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Drawn;
use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, draw_bar, draw_field, draw_lines, draw_rule, fixed_width, names_words, role_line, role_span, wrap_lines,
};
use crate::ecr::text::fit_width;
use crate::ecr::{AccessLevel, ActionInfo, REPOSITORY_POLICIES_PAGE, Recipe, recipe};
use crate::wizard::actions::{self, ActionsStep, Focus, LABEL, Note, NoteKind, TOKEN_ACTION};
use crate::wizard::{Cursor, Model, Size};

/// The guide's words on the place where Release shows id and Region.
const RELEASE_HINT: &str = "Release shows id and Region under Account Settings > Clusters (AWS IAM ID)";
/// The forms of an end, where its field is empty; as wide as a label.
const UNTIL_HINT: &str = "Ends: 2027-03-31, 90d";
/// The forms that the field of grantees takes.
const GRANTEE_HINT: &str = "account id, role or user ARN, o-..., OU path, service; several with commas";

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 3 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.actions;
    // The body's own height: the frame may be ahead of the model's size.
    let height = area.height.saturating_add(crate::wizard::layout::HEAD_ROWS + crate::wizard::layout::FOOT_ROWS);
    let rows = actions::rows(model, Size { columns: area.width, rows: height });
    let own_recipes = rows.recipes > 0;
    let [head, grantee, notes, region, advice, recipe_row, recipes, list_rule, list, detail, until, sentence] =
        Layout::vertical([
            Constraint::Length(rows.head),
            Constraint::Length(1),
            Constraint::Length(rows.notes),
            Constraint::Length(1),
            Constraint::Length(rows.advice),
            Constraint::Length(1),
            Constraint::Length(rows.recipes),
            Constraint::Length(1),
            Constraint::Fill(1),
            Constraint::Length(rows.detail),
            Constraint::Length(rows.end),
            Constraint::Length(1),
        ])
        .areas(area);
    draw_lines(frame, head, vec![targets_line(model, usize::from(head.width), theme)]);
    labelled_field(frame, grantee, "Grantee", step.grantee(), step.focus() == Focus::Grantee, theme);
    grantee_lines(frame, notes, model, theme);
    let label = "Where will it be pulled?";
    labelled_field(frame, region, label, step.region(), step.focus() == Focus::Region, theme);
    region_lines(frame, advice, model, theme);
    let focus = step.focus();
    if own_recipes {
        titled_rule(frame, recipe_row, "Recipe", focus == Focus::Recipe, theme);
        recipe_list(frame, recipes, step, theme);
    } else {
        recipe_line(frame, recipe_row, step, theme);
    }
    if focus == Focus::Recipe && !own_recipes {
        titled_rule(frame, list_rule, "Recipes", true, theme);
        recipe_list(frame, list, step, theme);
    } else {
        let title = format!("Actions: {} marked", step.marked().len());
        titled_rule(frame, list_rule, &title, focus == Focus::Checklist, theme);
        draw_checklist(frame, list, step, theme);
    }
    draw_lines(frame, detail, detail_lines(model, detail, theme));
    until_field(frame, until, model, theme);
    draw_lines(frame, sentence, vec![sentence_line(model, usize::from(sentence.width), theme)]);
}

/// The repositories that the grant is for.
fn targets_line(model: &Model, width: usize, theme: Theme) -> Line<'static> {
    let names: Vec<&str> = model.chosen.iter().map(|repository| repository.name().as_str()).collect();
    let what = if names.len() > 1 { " Repositories " } else { " Repository " };
    let words = names_words(&names, width.saturating_sub(what.len() + 1), theme.ascii);
    Line::from(vec![role_span(theme, Role::Dim, what), role_span(theme, Role::Strong, words)])
}

fn labelled_field(
    frame: &mut Frame,
    area: Rect,
    label: &str,
    value: &crate::wizard::field::Field,
    focused: bool,
    theme: Theme,
) {
    let mark = if focused { theme.sign_text(Sign::Chosen) } else { " " };
    draw_field(frame, area, &format!(" {mark} {}", fixed_width(label, LABEL - 3, theme.ascii)), value, focused, theme);
}

/// The field of the end: what an empty one means stands in its place, and what a date must look like where it is none.
fn until_field(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.actions;
    let focused = step.focus() == Focus::Until;
    let is_wrong = !focused && actions::access_end(model).is_err();
    if !focused && step.until().is_empty() {
        let label = fixed_width("Ends", LABEL - 3, theme.ascii);
        draw_lines(frame, area, vec![role_line(theme, Role::Dim, format!("   {label} {}", actions::NEVER))]);
        return;
    }
    let label = if step.until().is_empty() { UNTIL_HINT } else { "Ends" };
    let mark = match (focused, is_wrong) {
        (true, _) => theme.sign_text(Sign::Chosen),
        (false, true) => theme.sign_text(Sign::Failed),
        (false, false) => " ",
    };
    draw_field(
        frame,
        area,
        &format!(" {mark} {}", fixed_width(label, LABEL - 3, theme.ascii)),
        step.until(),
        focused,
        theme,
    );
}

fn titled_rule(frame: &mut Frame, area: Rect, title: &str, focused: bool, theme: Theme) {
    draw_rule(frame, area, title, theme);
    if focused {
        let dash = theme.sign_text(Sign::Rule);
        let parts = vec![
            role_span(theme, Role::Accent, format!("{dash}{} ", theme.sign_text(Sign::Chosen))),
            role_span(theme, Role::Accent, title),
        ];
        draw_lines(frame, area, vec![Line::from(parts)]);
    }
}

/// The cells before the words of a note: the sign in two cells, and a blank.
const LEAD: usize = 3;

/// Returns what leads the words of a note. A word takes the blank before it.
fn lead_spans(sign: &str, role: Role, theme: Theme) -> [Span<'static>; 2] {
    [Span::raw(" ".repeat(2_usize.saturating_sub(sign.width()))), role_span(theme, role, format!("{sign} "))]
}

/// Sign and words of a note, broken to a width; the first row of them carries the sign.
fn note_lines(note: &Note, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let (role, sign) = note_look(note.kind);
    wrap_lines(&note.text, width.saturating_sub(LEAD))
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            let sign = if at == 0 { theme.sign_text(sign) } else { " " };
            let mut parts = Vec::from(lead_spans(sign, role, theme));
            parts.push(role_span(theme, Role::Plain, text));
            Line::from(parts)
        })
        .collect()
}

fn note_look(kind: NoteKind) -> (Role, Sign) {
    match kind {
        NoteKind::Good => (Role::Good, Sign::Ok),
        NoteKind::Warn => (Role::Warn, Sign::Warn),
        NoteKind::Problem => (Role::Bad, Sign::Failed),
        NoteKind::Open => (Role::Dim, Sign::Bullet),
    }
}

/// Draws the notes on the grantees: problems first, then what wants a look, then the rest side by side.
fn grantee_lines(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let area = indented_area(area);
    let (width, rows) = (usize::from(area.width), usize::from(area.height));
    let notes = actions::shown_notes(model);
    if notes.is_empty() {
        // One row has room for one of the two: where to find the id is what people ask of the guide's recipe.
        let is_of_release = model.actions.recipe().is_some_and(|recipe| recipe.name == "release");
        let hints: &[&str] = if is_of_release { &[RELEASE_HINT, GRANTEE_HINT] } else { &[GRANTEE_HINT] };
        let hints = hints.iter().take(rows).rev().map(|hint| hint_line(hint, width, theme));
        draw_lines(frame, area, hints.collect());
        return;
    }
    let mut out = Vec::new();
    for kind in [NoteKind::Problem, NoteKind::Warn] {
        for note in notes.iter().filter(|n| n.kind == kind) {
            out.extend(note_lines(note, width, theme));
        }
    }
    let rest = notes.iter().filter(|n| matches!(n.kind, NoteKind::Good | NoteKind::Open));
    out.extend(side_by_side(rest, width, theme));
    draw_lines(frame, area, cut_rows(out, rows, width, theme));
}

/// The first rows; the last of them holds the beginning of what would follow of its own text, and tells that there is
/// more.
fn cut_rows(mut out: Vec<Line<'static>>, rows: usize, width: usize, theme: Theme) -> Vec<Line<'static>> {
    if out.len() <= rows {
        return out;
    }
    let goes_on = |l: &Line<'_>| l.spans.iter().rev().skip(1).all(|s| s.content.trim().is_empty());
    let rest = out.split_off(rows);
    let own = rest.iter().take_while(|l| goes_on(l)).filter_map(|l| Some(l.spans.last()?.content.trim()));
    let own: Vec<&str> = own.collect();
    if let Some(last) = out.last_mut()
        && let Some(end) = last.spans.pop()
    {
        let room = width.saturating_sub(last.width());
        let more = format!(" {}", theme.sign_text(Sign::More));
        let mut text = [&[end.content.as_ref()], own.as_slice()].concat().join(" ");
        if own.len() < rest.len() && text.width() + more.width() <= room {
            text.push_str(&more);
        }
        last.spans.push(Span::styled(fit_width(&text, room, theme.ascii), end.style));
    }
    out
}

fn side_by_side<'a>(notes: impl Iterator<Item = &'a Note>, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = Vec::new();
    for note in notes {
        let mut lines = note_lines(note, width, theme);
        match (out.last_mut(), lines.as_mut_slice()) {
            (Some(last), [one]) if last.width() + 1 + one.width() <= width => {
                last.spans.push(Span::raw(" "));
                last.spans.append(&mut one.spans);
            }
            _ => out.append(&mut lines),
        }
    }
    out
}

fn region_lines(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let area = indented_area(area);
    let width = usize::from(area.width);
    let out = match actions::region_note(model) {
        Some(note) => region_advice(&note, usize::from(area.height), width, theme),
        None => vec![hint_line("optional: the Region of the puller's cluster", width, theme)],
    };
    draw_lines(frame, area, out);
}

/// Returns what is the matter with the Region, and the way out; where both do not fit, each keeps its beginning.
fn region_advice(note: &Note, rows: usize, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let what = note_lines(note, width, theme);
    let arrow = theme.sign_text(Sign::Arrow);
    let way_out: Vec<Line<'static>> = note.way_out.as_deref().map_or_else(Vec::new, |words| {
        let words = wrap_lines(words, width.saturating_sub(LEAD)).into_iter().enumerate();
        let line = |(at, text): (usize, String)| {
            let mut parts = Vec::from(lead_spans(if at == 0 { arrow } else { " " }, Role::Accent, theme));
            parts.push(role_span(theme, Role::Plain, text));
            Line::from(parts)
        };
        words.map(line).collect()
    });
    let for_way_out = way_out.len().min(rows.saturating_sub(1));
    let mut out = cut_rows(what, rows.saturating_sub(for_way_out).max(1), width, theme);
    out.extend(cut_rows(way_out, rows.saturating_sub(out.len()), width, theme));
    out
}

/// Returns a hint under a field, where a note would stand.
fn hint_line(hint: &str, width: usize, theme: Theme) -> Line<'static> {
    Line::from(vec![Span::raw(" "), role_span(theme, Role::Dim, fit_width(hint, width.saturating_sub(1), theme.ascii))])
}

/// The area under a field, with a cell before signs: the notes need the whole width more than they need the alignment.
fn indented_area(area: Rect) -> Rect {
    Rect { x: area.x.saturating_add(2), width: area.width.saturating_sub(2), ..area }
}

fn recipe_words(step: &ActionsStep, recipe: &Recipe) -> String {
    match step.made_from() {
        Some(base) if recipe.is_custom() && step.recipe().is_some_and(Recipe::is_custom) => {
            format!("made by hand from {}", base.title)
        }
        _ => recipe.words.clone(),
    }
}

/// The recipe in one line, where the list has no place of its own.
fn recipe_line(frame: &mut Frame, area: Rect, step: &ActionsStep, theme: Theme) {
    let Some(recipe) = step.recipe() else { return };
    let focused = step.focus() == Focus::Recipe;
    // While the list of recipes is open its words are there.
    let words = if focused { String::new() } else { format!(": {}", recipe_words(step, recipe)) };
    let mark = if focused { theme.sign_text(Sign::Chosen) } else { " " };
    let role = if focused { Role::Accent } else { Role::Dim };
    let room = usize::from(area.width).saturating_sub(LABEL + 1 + recipe.title.width() + 2);
    draw_lines(
        frame,
        area,
        vec![Line::from(vec![
            role_span(theme, role, format!(" {mark} {} ", fixed_width("Recipe", LABEL - 3, theme.ascii))),
            role_span(theme, Role::Strong, &recipe.title),
            role_span(theme, Role::Dim, fit_width(&words, room + 2, theme.ascii)),
        ])],
    );
}

fn recipe_list(frame: &mut Frame, area: Rect, step: &ActionsStep, theme: Theme) {
    let all = recipe::all_recipes();
    let shown = settled_cursor(step.recipes(), all.len(), area);
    let width = usize::from(area.width);
    let name_width = all.iter().map(|r| r.title.width()).max().unwrap_or_default();
    let rows = all.iter().enumerate().skip(shown.offset).take(usize::from(area.height)).map(|(at, recipe)| {
        let chosen = step.recipe().is_some_and(|r| r.name == recipe.name);
        let radio = match (chosen, theme.ascii) {
            (true, false) => "(•)",
            (true, true) => "(*)",
            (false, _) => "( )",
        };
        let words = fixed_width(&recipe_words(step, recipe), width.saturating_sub(name_width + 9), theme.ascii);
        let line = Line::from(vec![
            role_span(theme, if chosen { Role::Accent } else { Role::Plain }, format!(" {radio} ")),
            role_span(theme, Role::Plain, fixed_width(&recipe.title, name_width, theme.ascii)),
            role_span(theme, Role::Dim, format!("  {words} ")),
        ]);
        selected_line(line, at == shown.selected, step.focus() == Focus::Recipe, theme)
    });
    draw_lines(frame, area, rows.collect());
    draw_bar(frame, area, shown.offset, all.len(), theme);
}

fn draw_checklist(frame: &mut Frame, area: Rect, step: &ActionsStep, theme: Theme) {
    let all = step.rows();
    let shown = settled_cursor(step.list(), all.len(), area);
    let focused = step.focus() == Focus::Checklist;
    let rows = all.iter().enumerate().skip(shown.offset).take(usize::from(area.height)).map(|(at, info)| {
        // The last cell is the bar's.
        let width = usize::from(area.width).saturating_sub(1);
        let line = action_line(info, step.is_marked(info), width, theme);
        selected_line(line, at == shown.selected, focused, theme)
    });
    draw_lines(frame, area, rows.collect());
    draw_bar(frame, area, shown.offset, all.len(), theme);
}

/// Checkbox, name, what it allows, risk, access level: in columns; the words take the cells of a risk that is none.
fn action_line(info: &ActionInfo, marked: bool, width: usize, theme: Theme) -> Line<'static> {
    const RISK: usize = 10;
    let is_wide = width >= 109;
    let level_width = if is_wide { 11 } else { 7 };
    let is_token = info.name == TOKEN_ACTION;
    let check = match (marked, is_token) {
        (true, _) => "[x]",
        (false, true) => "[-]",
        (false, false) => "[ ]",
    };
    let name_width = if is_wide { 39 } else { 27 }.min(width.saturating_sub(level_width + RISK + 8));
    let words = if is_token { "in the puller's identity policy: goes into the kit" } else { &info.words };
    let (risk, role) = match (is_token, marked) {
        (true, true) => ("no effect", Role::Warn),
        (true, false) => ("", Role::Dim),
        _ if info.risk.is_dangerous() => (info.risk.short_word(), if marked { Role::Bad } else { Role::Plain }),
        _ => (info.risk.short_word(), if marked { Role::Warn } else { Role::Plain }),
    };
    let level = match info.level {
        AccessLevel::PermissionsManagement if !is_wide => "Permis.",
        level => level.as_str(),
    };
    let check_role = if marked { Role::Accent } else { Role::Plain };
    let name_role = if is_token && !marked { Role::Dim } else { Role::Plain };
    let mut parts = vec![
        role_span(theme, check_role, format!(" {check} ")),
        role_span(theme, name_role, fixed_width(&info.name, name_width, theme.ascii)),
    ];
    let risk_width = if risk.is_empty() { 0 } else { RISK + 1 };
    let words_width = width.saturating_sub(5 + name_width + level_width + risk_width + 2);
    if words_width >= 16 {
        parts.push(role_span(theme, Role::Dim, format!(" {}", fixed_width(words, words_width, theme.ascii))));
    }
    if !risk.is_empty() {
        parts.push(role_span(theme, role, format!(" {}", fixed_width(risk, RISK, theme.ascii))));
    }
    parts.push(role_span(theme, Role::Plain, format!(" {}", fixed_width(level, level_width, theme.ascii))));
    Line::from(parts)
}

fn selected_line(line: Line<'static>, is_selected: bool, focused: bool, theme: Theme) -> Line<'static> {
    match (is_selected, focused) {
        (true, true) => chosen_row(line, theme),
        _ => line,
    }
}

/// The cursor, brought into the area that is really there.
fn settled_cursor(mut cursor: Cursor, len: usize, area: Rect) -> Cursor {
    cursor.settle_in(len, usize::from(area.height));
    cursor
}

/// Returns what the chosen row is about, and its link.
fn detail_lines(model: &Model, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let step = &model.actions;
    let (width, rows) = (usize::from(area.width).saturating_sub(1), usize::from(area.height));
    let page = || ("AWS's page on private repository policies:".to_owned(), REPOSITORY_POLICIES_PAGE.to_owned());
    let (words, link) = match step.focus() {
        Focus::Grantee | Focus::Region | Focus::Until => page(),
        Focus::Recipe => step.recipe().map(|r| (recipe_words(step, r), r.source.clone())).unwrap_or_default(),
        Focus::Checklist => {
            step.row().map(|info| (action_words(step, info), info.documentation_url())).unwrap_or_default()
        }
    };
    let links = if link.is_empty() { Vec::new() } else { wrap_lines(&link, width) };
    let text = wrap_lines(&words, width).into_iter().map(|t| role_line(theme, Role::Plain, format!(" {t}"))).collect();
    let mut out = cut_rows(text, rows.saturating_sub(links.len()), width, theme);
    out.extend(links.iter().map(|t| role_line(theme, Role::Accent, format!(" {t}"))));
    out
}

fn action_words(step: &ActionsStep, info: &ActionInfo) -> String {
    match (info.name == TOKEN_ACTION, step.is_marked(info)) {
        (true, true) => format!("{} has no effect in a repository policy; ECR may refuse it", info.name),
        (true, false) => "logs in to the registry: in the puller's identity policy (the kit has it)".to_owned(),
        (false, _) => format!("{}: {}", info.name, info.words),
    }
}

fn step_is_empty(model: &Model) -> bool {
    model.actions.grantee().text().trim().is_empty()
}

fn sentence_line(model: &Model, width: usize, theme: Theme) -> Line<'static> {
    let Some(outcome) = actions::effect_of_choice(model) else {
        let text = match actions::problem(model) {
            Some((Focus::Checklist, words)) => words,
            Some(_) if !step_is_empty(model) => {
                format!("mend the fields marked {} to see the result", theme.sign_text(Sign::Failed))
            }
            _ => "name the puller to see the result".to_owned(),
        };
        return role_line(theme, Role::Dim, fit_width(&format!(" {text}"), width, theme.ascii));
    };
    let settled = match model.actions.existing_sum() {
        Some(sum) if sum.is_all_there() => {
            Some((Sign::Ok, Role::Good, "nothing would change: all of it is granted already"))
        }
        Some(sum) if sum.is_all_doubtful() => {
            Some((Sign::Warn, Role::Warn, "all of it is in the policy already, and it is or may be denied"))
        }
        _ => None,
    };
    if let Some((sign, role, words)) = settled {
        let words = fit_width(words, width.saturating_sub(LEAD), theme.ascii);
        let mut parts = Vec::from(lead_spans(theme.sign_text(sign), role, theme));
        parts.push(role_span(theme, Role::Strong, words));
        return Line::from(parts);
    }
    let (sign, sign_role, role) =
        if outcome.is_grave { (Sign::Warn, Role::Bad, Role::Bad) } else { (Sign::Arrow, Role::Accent, Role::Strong) };
    let sign = theme.sign_text(sign);
    let room = width.saturating_sub(sign.width() + 3);
    let whole = outcome.as_sentence();
    let with_caveat = format!("{whole}{}", outcome.caveat);
    let text = [with_caveat, whole].into_iter().find(|text| text.width() <= room);
    let text = text.unwrap_or_else(|| fit_width(&outcome.short_words(), room, theme.ascii));
    Line::from(vec![role_span(theme, sign_role, format!(" {sign} ")), role_span(theme, role, text)])
}

#[cfg(test)]
mod tests;
