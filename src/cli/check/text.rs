//! Findings for people: the line of the document with what is meant underlined.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Checked;
use crate::ecr::POLICY_LIMIT;
use crate::ecr::text::{visible, visible_char};
use crate::policy::{Finding, Severity};

/// How findings are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// With colours.
    pub colours: bool,
    /// With ASCII characters only.
    pub ascii: bool,
    /// Cells of a line.
    pub width: usize,
}

/// The findings of one file, and a closing line.
pub(super) fn report(file: &Checked, style: Style) -> String {
    let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
    let decor = if style.ascii { DecorStyle::Ascii } else { DecorStyle::Unicode };
    let renderer = renderer.decor_style(decor).term_width(style.width);
    // The renderer ends lines at LF alone; a CR that ends one becomes LF, which is as long.
    let source = lines_by_feed(&file.text);
    let mut told: String = file.findings.iter().map(|f| one(&renderer, file, &source, f) + "\n\n").collect();
    told.push_str(&closing(file));
    told
}

fn one(renderer: &Renderer, file: &Checked, source: &str, finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Security => Level::ERROR.with_name("security"),
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::NOTE.with_name("advice"),
    };
    let title = level.primary_title(visible(&finding.message)).id(finding.id);
    let span = finding.span.start.min(source.len())..finding.span.end.min(source.len());
    let snippet =
        Snippet::source(source).path(visible(&file.name)).fold(true).annotation(AnnotationKind::Primary.span(span));
    let mut group = title.element(snippet).element(Level::NOTE.with_name("why").message(visible(&finding.why)));
    if let Some(fix) = &finding.fix {
        let how = if fix.changes_access { "changes who has access" } else { "--fix does it" };
        group = group.element(Level::HELP.with_name("fix").message(format!("{} ({how})", visible(&fix.title))));
    }
    // Escape sequences in the output are the renderer's own: it shows those of the document as signs.
    let drawn = renderer.render(&[group]);
    drawn.chars().fold(String::with_capacity(drawn.len()), |mut shown, c| {
        match visible_char(c).filter(|_| !matches!(c, '\n' | '\u{1b}')) {
            Some(sign) => shown.push_str(&sign),
            None => shown.push(c),
        }
        shown
    })
}

/// What the file comes to, in one line.
fn closing(file: &Checked) -> String {
    let of = |severity: Severity| file.findings.iter().filter(|f| f.severity == severity).count();
    let count = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    };
    let counts: Vec<String> = [
        count(of(Severity::Error), "error", "errors"),
        count(of(Severity::Security), "security risk", "security risks"),
        count(of(Severity::Warning), "warning", "warnings"),
        count(of(Severity::Advice), "piece of advice", "pieces of advice"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut parts = vec![if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }];
    // What ECR would refuse opens nothing to anybody.
    let refused = file.findings.iter().any(|f| f.stops);
    parts.extend(file.class.filter(|_| !refused).map(|class| class.words().to_owned()));
    parts.push(format!("{} of {POLICY_LIMIT} characters", file.size));
    format!("{}: {}", visible(&file.name), parts.join("; "))
}

fn lines_by_feed(text: &str) -> String {
    let mut characters = text.chars().peekable();
    let mut lines = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        lines.push(if c == '\r' && characters.peek() != Some(&'\n') { '\n' } else { c });
    }
    lines
}
