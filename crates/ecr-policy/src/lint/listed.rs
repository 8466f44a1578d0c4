//! Recognises a policy in a listing or in a difference of two texts.

use super::pasted_formats::{Foreign, foreign_text, rescue_policy};

/// A policy with something before each of its lines: their numbers, or the signs of a diff.
pub(super) fn in_lines(text: &str) -> Option<Foreign> {
    if text.len() > MOST_LISTED {
        return None;
    }
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    if lines().nth(1).is_some() {
        let numbered: Option<Vec<&str>> = lines().map(without_number).collect();
        if let Some(policy) = numbered.and_then(|lines| rescue_policy(&lines.join("\n"), 0)) {
            let message = "each line has its number before it: this was copied out of a listing";
            let fix = Some(policy);
            return Some(foreign_text(text, message, "take the numbers out", fix).losing_text());
        }
    }
    let is_diff = lines().any(|line| line.starts_with("@@ ")) || lines().all(|line| line.starts_with(['+', '-', ' ']));
    let signed = lines().filter(|line| line.starts_with(['+', '-'])).count() > 0;
    if !is_diff || !signed {
        return None;
    }
    let is_head = |line: &&str| ["+++ ", "--- ", "@@ ", "diff ", "index ", "\\ "].iter().any(|h| line.starts_with(h));
    let new = lines().filter(|line| !is_head(line) && !line.starts_with('-'));
    let new: Vec<&str> = new.map(|line| line.strip_prefix(['+', ' ']).unwrap_or(line)).collect();
    let policy = rescue_policy(&new.join("\n"), 0)?;
    let message = "this is a difference of two texts: the policy is what it comes to";
    Some(foreign_text(text, message, "take the new policy out", Some(policy)).losing_text())
}

/// The longest text in which lines are looked at one by one.
const MOST_LISTED: usize = 128 * 1024;

/// Returns the text behind a line's number and the sign after it.
fn without_number(line: &str) -> Option<&str> {
    let rest = line.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let rest = rest.get(digits..).filter(|_| (1..=6).contains(&digits))?;
    let sign = rest.trim_start_matches(' ');
    let bare = sign.strip_prefix(['|', ':', '\u{2502}', '\t', '.', ')']);
    match bare {
        Some(bare) => Some(bare),
        None if rest.starts_with(' ') || rest.is_empty() => Some(rest),
        None => None,
    }
}
