//! Patterns in which `*` stands for any run and `?` for one character.

/// Tells whether a text fits a pattern in which `*` stands for any run and `?` for one character.
pub fn glob(pattern: &str, text: &str) -> bool {
    glob_by(pattern.as_bytes(), text, |a, b| a == b)
}

/// The same where the case of ASCII letters does not count.
pub fn glob_ignoring_case(pattern: &str, text: &str) -> bool {
    glob_by(pattern.as_bytes(), text, |a, b| a.eq_ignore_ascii_case(&b))
}

/// Compares bytes: a character never begins in the middle of another one.
fn glob_by(pattern: &[u8], text: &str, same: impl Fn(u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let after = |at: usize| (at + 1..bytes.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(bytes.len());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(actual) = bytes.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(b'?') => {
                p += 1;
                t = after(t);
                continue;
            }
            Some(wanted) if same(*wanted, *actual) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((at, from)) = star else { return false };
        let from = match pattern.get(at + 1) {
            Some(wanted) if !matches!(wanted, b'*' | b'?') => {
                // No other place can be where the text goes on as the pattern does.
                let rest = bytes.get(from + 1..).unwrap_or_default();
                let Some(next) = rest.iter().position(|actual| same(*wanted, *actual)) else { return false };
                from + 1 + next
            }
            _ => after(from),
        };
        star = Some((at, from));
        p = at + 1;
        t = from;
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}
