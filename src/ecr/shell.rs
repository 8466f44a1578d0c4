//! Words of a shell command.

use std::fmt::Write as _;

use super::unseen::classify_unseen;

/// Quotes a word for a shell, where it needs that. The result holds no unseen characters: a word with one stands in
/// `$'...'` (bash, zsh, ksh), its bytes as octal numbers.
pub fn quote_word(word: &str) -> String {
    if word.chars().any(|c| classify_unseen(c).is_some()) {
        return quote_numbered(word);
    }
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | ',' | '@' | '+' | '=');
    // A leading `=` or `~` means something to some shells; `~` is never plain.
    if !word.is_empty() && word.chars().all(is_plain) && !word.starts_with('=') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn quote_numbered(word: &str) -> String {
    let mut quoted = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            _ if classify_unseen(c).is_some() => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            _ => quoted.push(c),
        }
    }
    quoted + "'"
}

/// Joins a command and its arguments, each quoted as it needs.
pub fn join_command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quote_word).collect::<Vec<_>>().join(" ")
}

/// Writes `--profile=NAME` as one shell word. The form with `=` takes names that begin with `-` too.
pub fn profile_flag(name: &str) -> String {
    format!("--profile={}", quote_word(name))
}

/// Writes the name of a file as one shell word that no program takes for a flag.
pub fn file_word(name: &str) -> String {
    if name.starts_with('-') && name != "-" { quote_word(&format!("./{name}")) } else { quote_word(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_were() {
        for (word, quoted) in [
            ("team/vendorapp", "team/vendorapp"),
            (
                "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:1@sha256",
                "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:1@sha256",
            ),
            ("", "''"),
            ("*", "'*'"),
            ("=x", "'=x'"),
            ("~", "'~'"),
            ("my profile", "'my profile'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -rf ~)`x`\"\\!", "'$(rm -rf ~)`x`\"\\!'"),
            ("a\nb", r"$'a\012b'"),
            ("it's\u{1b}[2J\\\u{202e}", r"$'it\'s\033[2J\\\342\200\256'"),
        ] {
            assert_eq!(quote_word(word), quoted, "{word}");
        }
        assert_eq!(join_command(["a", "b c", "d'e"]), r"a 'b c' 'd'\''e'");
        assert_eq!(profile_flag("-x y"), "--profile='-x y'");
        assert_eq!([file_word("-"), file_word("-x y"), file_word("a")], ["-", "'./-x y'", "a"]);
    }
}
