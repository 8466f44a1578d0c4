//! Draws the details of the chosen repository.

use ratatui::text::Line;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{failure_lines, role_line, role_span, wrap_lines};
use super::access_words;
use crate::ecr::day_of;
use crate::ecr::repository::Encryption;
use crate::ecr::text::{fit_end, fit_width, make_visible};
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::repository::row::RepositoryRow;
use crate::wizard::{Action, KeyScope, Model};

/// Two or three lines, for under the list: where it is, its settings, who has access.
pub(super) fn short_lines(
    row: &RepositoryRow,
    model: &Model,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let stopped = model.repository.reads().why_stopped_at(&row.repository.reference).is_some();
    let repository = &row.repository;
    let dot = format!(" {} ", theme.sign_text(Sign::Between));
    let kind = encryption_words(repository.encryption.as_ref());
    let facts: Vec<String> = [
        repository.created.map(|t| format!("created {}", day_of(t))),
        kind.map(|words| words.split(" arn:").next().unwrap_or_default().to_owned()),
        tag_words(repository.tag_mutability.as_deref()).map(|words| format!("tags {words}")),
        repository.scan_on_push.map(scan_words).map(|words| format!("scan {words}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (column, role) = access_words(&row.access, stopped, theme);
    let words = if matches!(row.access, PullAccess::Known { .. }) { row.access.in_words() } else { column };
    let uri = role_line(theme, Role::Plain, fit_end(&repository.reference.uri(), width, theme.ascii));
    let words = make_visible(words);
    let words = model.account_names.beside_ids_within(&words, width);
    let who = role_line(theme, role, fit_width(&words, width, theme.ascii));
    if height < 3 {
        return vec![uri, who];
    }
    vec![uri, role_line(theme, Role::Dim, fit_width(&facts.join(&dot), width, theme.ascii)), who]
}

fn scan_words(on_push: bool) -> String {
    if on_push { "on push" } else { "not on push" }.to_owned()
}

/// Everything, for beside the list. Grantees that find no room are counted.
pub(super) fn long_lines(
    row: &RepositoryRow,
    model: &Model,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let stopped = model.repository.reads().why_stopped_at(&row.repository.reference).is_some();
    let repository = &row.repository;
    let mut out = Vec::new();
    for text in wrap_lines(repository.name().as_str(), width) {
        out.push(role_line(theme, Role::Strong, text));
    }
    for text in wrap_lines(&repository.reference.uri(), width) {
        out.push(role_line(theme, Role::Plain, text));
    }
    out.push(Line::default());
    let facts = [
        ("Created", repository.created.map(day_of)),
        ("Encryption", encryption_words(repository.encryption.as_ref())),
        ("Tags", tag_words(repository.tag_mutability.as_deref())),
        ("Scan", repository.scan_on_push.map(scan_words)),
    ];
    for (name, value) in facts {
        let Some(value) = value else { continue };
        for (at, text) in wrap_lines(&value, width.saturating_sub(12)).into_iter().enumerate() {
            let head = if at == 0 { name } else { "" };
            out.push(Line::from(vec![
                role_span(theme, Role::Dim, format!("{head:<12}")),
                role_span(theme, Role::Plain, text),
            ]));
        }
    }
    out.push(Line::default());
    out.push(role_line(theme, Role::Strong, "Who has access"));
    match &row.access {
        PullAccess::Known { grantees, .. } if !grantees.is_empty() => {
            let room = height.saturating_sub(out.len());
            let mut rows: Vec<Line<'static>> = Vec::new();
            let mut told = 0;
            for grantee in grantees {
                let grantee = model.account_names.beside_ids(grantee);
                let wrapped = wrap_lines(&make_visible(&grantee), width.saturating_sub(2));
                // A row is kept for the count of the rest.
                if told > 0 && rows.len() + wrapped.len() + usize::from(told + 1 < grantees.len()) > room {
                    break;
                }
                told += 1;
                for (at, text) in wrapped.into_iter().enumerate() {
                    let head = if at == 0 { theme.sign_text(Sign::Bullet) } else { " " };
                    let (_, role) = access_words(&row.access, stopped, theme);
                    let role = if role == Role::Dim { Role::Plain } else { role };
                    rows.push(Line::from(vec![
                        role_span(theme, Role::Dim, format!("{head} ")),
                        role_span(theme, role, text),
                    ]));
                }
            }
            if told < grantees.len() {
                let review = model.key_name(KeyScope::Repository, Action::Review);
                rows.push(role_line(
                    theme,
                    Role::Dim,
                    format!("and {} more: {review} shows all", grantees.len() - told),
                ));
            }
            out.extend(rows);
        }
        PullAccess::Failed(why) => out.extend(failure_lines(why, width, theme)),
        _ => {
            let (words, role) = access_words(&row.access, stopped, theme);
            out.extend(wrap_lines(&make_visible(words), width).into_iter().map(|text| role_line(theme, role, text)));
        }
    }
    out
}

fn encryption_words(encryption: Option<&Encryption>) -> Option<String> {
    Some(match encryption? {
        Encryption::Aes256 => "AES-256".to_owned(),
        Encryption::Kms(key) => key.as_ref().map_or("KMS".to_owned(), |key| format!("KMS {}", make_visible(key))),
        Encryption::KmsDsse(key) => {
            key.as_ref().map_or("KMS, two layers".to_owned(), |key| format!("KMS, two layers, {}", make_visible(key)))
        }
        Encryption::Other(words) => make_visible(words),
    })
}

fn tag_words(mutability: Option<&str>) -> Option<String> {
    Some(match mutability? {
        "MUTABLE" => "mutable".to_owned(),
        "IMMUTABLE" => "immutable".to_owned(),
        "MUTABLE_WITH_EXCLUSION" => "mutable, with exceptions".to_owned(),
        "IMMUTABLE_WITH_EXCLUSION" => "immutable, with exceptions".to_owned(),
        other => make_visible(other),
    })
}
