//! Findings for people: the line of the document with the faulty part underlined.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::Checked;
use crate::ecr::POLICY_LIMIT;
use crate::ecr::text::{make_visible, visible_char};
use crate::policy::lint::{Concern, Fix, PolicyKind, Rule};
use crate::policy::{Finding, LineIndex, Severity, Span};

/// The drawing style of findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReportStyle {
    /// True for colours.
    pub colours: bool,
    /// True for ASCII characters only.
    pub ascii: bool,
    /// The cells of a line.
    pub width: usize,
}

/// Draws the findings of one file, and a closing line.
pub(super) fn draw_report(file: &Checked, style: ReportStyle) -> String {
    let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
    let decor = if style.ascii { DecorStyle::Ascii } else { DecorStyle::Unicode };
    let renderer = renderer.decor_style(decor).term_width(style.width);
    // The renderer ends lines at LF alone; a CR that ends one, or begins its end, becomes what is as long.
    let source = lines_by_feed(&file.text);
    let lines = LineIndex::new(&source);
    let mut told: String =
        file.findings.iter().map(|f| draw_finding(&renderer, file, &source, &lines, f) + "\n\n").collect();
    told.push_str(&closing_line(file));
    told
}

fn draw_finding(renderer: &Renderer, file: &Checked, source: &str, lines: &LineIndex, finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Security => Level::ERROR.with_name("security"),
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::NOTE.with_name("advice"),
    };
    let title = level.primary_title(make_visible(&finding.message)).id(finding.id);
    let place = lines.position_of(finding.span.start);
    let excerpt = Excerpt::cut_out(source, finding.span);
    let (name, range) = (make_visible(&file.name), excerpt.span.start..excerpt.span.end);
    let snippet =
        Snippet::source(excerpt.text).line_start(place.line).fold(true).annotation(AnnotationKind::Primary.span(range));
    // Where the beginning of a line is left out, the renderer would count its columns from the cut.
    let group = if excerpt.headless {
        title.element(Origin::path(name).line(place.line).char_column(place.column)).element(snippet)
    } else {
        title.element(snippet.path(name))
    };
    let mut group = group.element(Level::NOTE.with_name("why").message(make_visible(finding.why)));
    if let Some(fix) = &finding.fix {
        group = group.element(Level::HELP.with_name("fix").message(fix_words(finding.rule, fix)));
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

/// Names a fix, and the one who can make it.
pub(super) fn fix_words(rule: &Rule, fix: &Fix) -> String {
    let how = match (fix.changes_access, rule.fix_unwraps) {
        (false, _) => "--fix does it",
        // A file in another language stays one.
        (true, true) => "--fix writes it to the standard output",
        (true, false) => "changes who has access",
    };
    format!("{} ({how})", make_visible(&fix.title))
}

/// The part of a document that is drawn for a finding.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt<'a> {
    text: &'a str,
    /// The underlined part, in that text.
    span: Span,
    /// True where the beginning of its line is left out.
    headless: bool,
}

/// The longest line that is drawn from end to end, in bytes.
const LONGEST: usize = 8 * 1024;

/// The bytes that are drawn around the finding in a longer line: more than a terminal has cells.
const AROUND: usize = 2 * 1024;

impl<'a> Excerpt<'a> {
    /// Cuts out the lines of a finding; of very long ones the part around its beginning.
    fn cut_out(source: &'a str, span: Span) -> Self {
        let start = source.floor_char_boundary(span.start);
        let end = source.floor_char_boundary(span.end.max(start));
        let first = source.split_at(start).0.rfind('\n').map_or(0, |at| at + 1);
        let line = |from: usize| source.get(from..).and_then(|t| t.find('\n')).map_or(source.len(), |at| from + at);
        let last = line(end);
        let (from, to, end) = if last - first <= LONGEST {
            (first, last, end)
        } else {
            let line = line(start);
            let end = end.min(line).min(source.floor_char_boundary(start + AROUND));
            let from = first.max(source.floor_char_boundary(start.saturating_sub(AROUND)));
            (from, line.min(source.floor_char_boundary(end + AROUND)), end)
        };
        let text = source.get(from..to).unwrap_or_default();
        Self { text, span: Span::new(start - from, end - from), headless: from > first }
    }
}

/// Sums up the file in one line.
fn closing_line(file: &Checked) -> String {
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
    parts.extend(file.class.filter(|_| !refused).map(|class| class.words_with(file.unproved)));
    if file.class.is_none() && file.findings.iter().any(|f| f.rule.concern == Some(Concern::Length)) {
        parts.push("access unknown".to_owned());
    }
    parts.push(format!("{} of {POLICY_LIMIT} characters", file.size));
    if file.kind == PolicyKind::Registry {
        parts.push("checked as the policy of a registry".to_owned());
    }
    format!("{}: {}", make_visible(&file.name), parts.join("; "))
}

fn lines_by_feed(text: &str) -> String {
    let mut characters = text.chars().peekable();
    let mut lines = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        lines.push(match (c, characters.peek()) {
            // Of a pair the first would be drawn as a sign.
            ('\r', Some('\n')) => ' ',
            ('\r', _) => '\n',
            _ => c,
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_are_drawn_whole_and_long_ones_around_what_is_meant() {
        let short = "{\n  \"a\": 1,\n  \"b\": 2\n}";
        let at = short.find("\"b\"").unwrap();
        let excerpt = Excerpt::cut_out(short, Span::new(at, at + 3));
        assert_eq!(excerpt, Excerpt { text: "  \"b\": 2", span: Span::new(2, 5), headless: false });
        let long = format!("x\n{}!{}\ny", "\u{e9}".repeat(50_000), "\u{6f22}".repeat(50_000));
        let at = long.find('!').unwrap();
        let excerpt = Excerpt::cut_out(&long, Span::new(at, long.len()));
        assert!(excerpt.headless && excerpt.text.len() <= 3 * AROUND, "{}", excerpt.text.len());
        assert!(excerpt.span.text_in(excerpt.text).starts_with('!'));
        assert_eq!(Excerpt::cut_out("", Span::new(0, 3)), Excerpt { text: "", span: Span::new(0, 0), headless: false });
    }
}
