//! Step 1: every source of credentials on a row, and who the chosen one is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{cell, chosen_row, failure, field, line, lines, marked, rule, span, waiting, wrap};
use crate::ecr::text::{fit, visible};
use crate::ecr::{SignInKind, Source, SourceId};
use crate::wizard::account::{Shape, shape, wants_region};
use crate::wizard::{Action, Model, Remote, Scope, Size, layout};

/// The columns of the list.
struct Columns {
    name: usize,
    kind: usize,
    role: usize,
    region: usize,
}

impl Columns {
    /// Name and role share what the others leave; narrow lists lose the role, then the kind of sign-in.
    fn of(width: usize) -> Self {
        let left = |fixed: usize| width.saturating_sub(fixed);
        // 4 before the name, 12 for the account, 1 between columns.
        let (kind, region) = (14, 14);
        if width >= 68 {
            let flexible = left(4 + 1 + kind + 1 + 12 + 1 + 1 + region + 1);
            let role = (flexible * 45 / 100).min(28);
            return Self { name: flexible - role, kind, role, region };
        }
        if width >= 56 {
            // Names tell rows apart; the few long kinds of sign-in can be cut for them.
            let kind = 11;
            return Self { name: left(4 + 1 + kind + 1 + 12 + 1 + region + 1), kind, role: 0, region };
        }
        Self { name: left(4 + 1 + 12 + 1).min(40), kind: 0, role: 0, region: 0 }
    }
}

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.account;
    if let Some(picker) = &step.regions {
        let whose = step.chosen().map(|s| format!("for {}?", s.id)).unwrap_or_default();
        super::regions::draw(frame, area, picker, &whose, theme);
        return;
    }
    if step.all().is_empty() {
        nothing(frame, area, model, theme);
        return;
    }
    let size = Size { columns: area.width, rows: area.height + layout::HEAD_ROWS + layout::FOOT_ROWS };
    let mut shape = shape(size);
    let told = |width: u16| step.chosen().map_or_else(Vec::new, |s| details(model, s, usize::from(width), theme));
    // What to do about a failure must be seen whole: the list gives way, down to the chosen row.
    if shape.below > 0 && step.chosen().is_some_and(|s| step.attempt(&s.id).failure().is_some()) {
        let needed = u16::try_from(told(area.width.saturating_sub(2)).len()).unwrap_or(u16::MAX);
        let more = needed.saturating_sub(shape.below).min(shape.list.saturating_sub(1));
        shape = Shape { list: shape.list - more, below: shape.below + more, ..shape };
    }
    let beside = if shape.below == 0 && area.width >= 60 { layout::beside(model.step, area.width) } else { 0 };
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(beside)]).areas(area);
    let [head, list, ruled, below] = Layout::vertical([
        Constraint::Length(shape.head),
        Constraint::Length(shape.list),
        Constraint::Length(u16::from(shape.rule)),
        Constraint::Length(shape.below),
    ])
    .areas(left);
    let columns = Columns::of(usize::from(left.width));
    draw_head(frame, head, model, &columns, theme);
    draw_list(frame, list, model, &columns, theme);
    if shape.rule {
        let title = step.chosen().map(|s| visible(&s.id.to_string())).unwrap_or_default();
        rule(frame, ruled, &fit(&title, usize::from(ruled.width).saturating_sub(8), theme.ascii), theme);
    }
    let place = if beside > 0 { right } else { below };
    let place = Rect { x: place.x + place.width.min(1), width: place.width.saturating_sub(2), ..place };
    let mut out = Vec::new();
    if beside > 0 {
        out.push(Line::default());
        out.push(Line::default());
        out.push(line(theme, Role::Strong, step.chosen().map(|s| s.id.to_string()).unwrap_or_default()));
    }
    out.extend(told(place.width));
    lines(frame, place, out);
}

/// No row at all: still looking, nothing there, or it could not be read.
fn nothing(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let area = Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area };
    let width = usize::from(area.width);
    let mut out = vec![Line::default()];
    match &model.account.sources {
        Remote::NotAsked => {}
        Remote::Loading { since, .. } => {
            out.push(waiting("reading profiles", model.now.saturating_sub(*since), theme));
        }
        Remote::Failed { failure: why, .. } => {
            out.extend(failure(why, width, theme));
            out.push(Line::default());
            out.push(hint(&model.key(Scope::Account, Action::Retry), "tries again", theme));
        }
        Remote::Ready(_) => {
            out.push(line(theme, Role::Strong, "No AWS credentials on this machine"));
            out.push(Line::default());
            let words = "There is no profile in the AWS config and credentials files, no key in the environment, and no \
                         role of a container or an instance.";
            out.extend(wrap(words, width).into_iter().map(|text| line(theme, Role::Plain, text)));
            out.push(Line::default());
            out.push(line(theme, Role::Plain, "Make a profile, with SSO or with access keys:"));
            out.push(line(theme, Role::Accent, "    aws configure sso"));
            out.push(line(theme, Role::Accent, "    aws configure"));
            out.push(line(theme, Role::Plain, "Or look around first, without an account:"));
            out.push(line(theme, Role::Accent, "    ecr-grant --demo"));
            out.push(Line::default());
            out.push(hint(&model.key(Scope::Account, Action::Retry), "reads the files again", theme));
        }
    }
    lines(frame, area, out);
}

fn hint(key: &str, words: &str, theme: Theme) -> Line<'static> {
    Line::from(vec![span(theme, Role::Key, key), span(theme, Role::Plain, format!(" {words}"))])
}

fn draw_head(frame: &mut Frame, area: Rect, model: &Model, columns: &Columns, theme: Theme) {
    let step = &model.account;
    let [lead, filter, names] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
    let narrowing = step.filter.is_narrowing() || step.filter.open;
    if area.height < 3 {
        if narrowing {
            draw_filter(frame, lead, model, theme);
        } else {
            lines(frame, lead, vec![lead_line(model, theme)]);
        }
        return;
    }
    lines(frame, lead, vec![lead_line(model, theme)]);
    draw_filter(frame, filter, model, theme);
    let Columns { name, kind, role, region } = *columns;
    let titles = [("Sign in with", name), ("How", kind), ("Account", 12), ("Role", role), ("Region", region)];
    let shown = titles.into_iter().filter(|(_, width)| *width > 0);
    let text: Vec<String> = shown.map(|(title, width)| cell(title, width, theme.ascii)).collect();
    let text = format!("    {}", text.join(" "));
    lines(frame, names, vec![line(theme, Role::Dim, text)]);
}

fn lead_line(model: &Model, theme: Theme) -> Line<'static> {
    let question = span(theme, Role::Strong, " Whose registry is it?");
    let told = match &model.prefill.target {
        Some(target) => format!("  {} of account {} in {}", target.name, target.account, target.region),
        None => "  choose a row, or paste an image URI".to_owned(),
    };
    let role = if model.prefill.target.is_some() { Role::Accent } else { Role::Dim };
    Line::from(vec![question, span(theme, role, told)])
}

fn draw_filter(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.account;
    let narrowing = step.filter.is_narrowing() || step.filter.open;
    if !narrowing {
        let count = match step.all().len() {
            1 => "1 way to sign in".to_owned(),
            n => format!("{n} ways to sign in"),
        };
        let filter = model.key(Scope::Account, Action::Filter);
        lines(frame, area, vec![line(theme, Role::Dim, format!(" {count}; {filter} filters"))]);
        return;
    }
    let count = format!("{} of {} ", step.rows.len(), step.all().len());
    let width = u16::try_from(count.width()).unwrap_or_default();
    let [typed, counted] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    let typed = Rect { x: typed.x + typed.width.min(1), width: typed.width.saturating_sub(1), ..typed };
    field(frame, typed, "/", &step.filter.field, step.filter.open, theme);
    lines(frame, counted, vec![line(theme, Role::Dim, count)]);
}

fn draw_list(frame: &mut Frame, area: Rect, model: &Model, columns: &Columns, theme: Theme) {
    let step = &model.account;
    if step.rows.is_empty() {
        let back = model.key(Scope::Global, Action::Back);
        lines(frame, area, vec![line(theme, Role::Plain, format!("   nothing matches; {back} takes the filter away"))]);
        return;
    }
    let mut out = Vec::new();
    let mut cursor = step.cursor;
    cursor.settle(step.rows.len(), usize::from(area.height));
    for at in cursor.shown(step.rows.len(), usize::from(area.height)) {
        let Some(source) = step.source(at) else { continue };
        let chosen = at == step.cursor.selected;
        let texts = step.columns(source);
        let marks = step.marks(&texts);
        let [name, account, role, region] = &texts;
        let [name_marks, account_marks, role_marks, region_marks] = &marks;
        let (state, state_role) = match step.attempt(&source.id) {
            Remote::NotAsked => (" ", Role::Plain),
            Remote::Loading { since, .. } => (theme.spinner(model.now.saturating_sub(*since)), Role::Accent),
            Remote::Ready(_) => (theme.sign(Sign::Ok), Role::Good),
            Remote::Failed { .. } => (theme.sign(Sign::Failed), Role::Bad),
        };
        let gap = || Span::raw(" ");
        let mut parts = vec![
            gap(),
            span(theme, Role::Plain, if chosen { theme.sign(Sign::Chosen) } else { " " }),
            span(theme, state_role, state),
            gap(),
        ];
        // The ends of long names of profiles tell them apart; the other names are words.
        let is_name = matches!(source.id, SourceId::Profile(_));
        parts.extend(marked(theme, Role::Plain, name, name_marks, columns.name, is_name));
        parts.push(gap());
        if columns.kind > 0 {
            let kind_role = if source.kind == SignInKind::Nothing { Role::Warn } else { Role::Plain };
            parts.push(span(theme, kind_role, cell(source.kind.words(), columns.kind, theme.ascii)));
            parts.push(gap());
        }
        parts.extend(marked(theme, Role::Plain, account, account_marks, 12, false));
        parts.push(gap());
        if columns.role > 0 {
            parts.extend(marked(theme, Role::Plain, role, role_marks, columns.role, false));
            parts.push(gap());
        }
        if columns.region > 0 {
            parts.extend(marked(theme, Role::Plain, region, region_marks, columns.region, false));
            parts.push(gap());
        }
        let row = Line::from(parts);
        out.push(if chosen { chosen_row(row, theme) } else { row });
    }
    lines(frame, area, out);
}

/// Who the chosen source is, as far as it is known, and what to do next.
fn details(model: &Model, source: &Source, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let step = &model.account;
    let plain = |text: String| wrap(&visible(&text), width).into_iter().map(|t| line(theme, Role::Plain, t));
    let mut out = Vec::new();
    match step.attempt(&source.id) {
        Remote::NotAsked => {
            out.extend(plain(about(source)));
            out.push(hint(&model.key(Scope::Account, Action::Next), "asks AWS who this is", theme));
        }
        Remote::Loading { since, .. } => {
            out.extend(plain(about(source)));
            let words = format!("asking AWS who this is; {} stops it", model.key(Scope::Global, Action::Back));
            out.push(waiting(&words, model.now.saturating_sub(*since), theme));
        }
        Remote::Failed { failure: why, .. } => {
            out.extend(failure(why, width, theme));
            if wants_region(why) {
                out.push(hint(&model.key(Scope::Account, Action::Region), "chooses a Region", theme));
            } else if matches!(source.kind, SignInKind::Sso | SignInKind::Login)
                && model.why_off(Action::SignIn).is_none()
            {
                out.push(hint(&model.key(Scope::Account, Action::SignIn), "logs in from here", theme));
            } else {
                out.push(hint(&model.key(Scope::Account, Action::Retry), "tries again", theme));
            }
        }
        Remote::Ready(verified) => {
            out.push(Line::from(vec![
                span(theme, Role::Good, format!("{} ", theme.sign(Sign::Ok))),
                span(theme, Role::Plain, "you are in account "),
                span(theme, Role::Strong, verified.identity.account.grouped()),
            ]));
            out.extend(plain(format!("as {}", verified.identity.short())));
            for text in wrap(&visible(&verified.identity.arn.to_string()), width) {
                out.push(line(theme, Role::Dim, text));
            }
            let region = step.region_of(source).unwrap_or_else(|| verified.region.clone());
            out.push(Line::from(vec![
                span(theme, Role::Plain, "Region "),
                span(theme, Role::Strong, region.to_string()),
                span(theme, Role::Dim, format!("  {} changes it", model.key(Scope::Account, Action::Region))),
            ]));
            if let Some(target) = model.prefill.target.as_ref().filter(|t| t.account != verified.identity.account) {
                let words =
                    format!("{} belongs to {}: going on leaves it aside", target.name, target.account.grouped());
                for text in wrap(&words, width.saturating_sub(2)) {
                    out.push(line(theme, Role::Warn, format!("{} {text}", theme.sign(Sign::Warn))));
                }
            }
            out.push(hint(&model.key(Scope::Account, Action::Next), "goes on to its repositories", theme));
        }
    }
    out
}

/// What the files tell about a source, in a sentence.
fn about(source: &Source) -> String {
    let via = match (&source.kind, &source.sso_session) {
        (SignInKind::Sso, Some(session)) => format!("signs in with SSO, session {session}"),
        (SignInKind::Sso, None) => "signs in with SSO".to_owned(),
        (SignInKind::Keys, _) => "signs in with access keys, which do not tell their account".to_owned(),
        (SignInKind::Role, _) => "takes a role".to_owned(),
        (SignInKind::RoleWithMfa, _) => "takes a role that asks for an MFA code".to_owned(),
        (SignInKind::WebIdentity, _) => "takes a role with a web identity token".to_owned(),
        (SignInKind::Process, _) => "runs the program that the profile names".to_owned(),
        (SignInKind::Login, _) => "signs in with `aws login`".to_owned(),
        (SignInKind::Container, _) => "uses the role of this container".to_owned(),
        (SignInKind::Instance, _) => "uses the role of this instance".to_owned(),
        (SignInKind::Nothing, _) => "holds settings but no credentials".to_owned(),
    };
    match &source.id {
        SourceId::Profile(name) => format!("Profile {name} {via}."),
        SourceId::Environment => format!("The environment {via}."),
        _ => format!("This {via}."),
    }
}

#[cfg(test)]
mod tests;
