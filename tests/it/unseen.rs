//! Characters that nobody sees: the table against the Unicode database, and shell words against a shell.

use ecr_grant::ecr::shell::quote_word;
use ecr_grant::ecr::text::make_visible;
use ecr_grant::ecr::unseen::classify_unseen;
use regex_syntax::hir::{Class, HirKind};

/// Returns the characters of a class of the database that the `regex-syntax` crate carries (16.0.0).
fn of_class(class: &str) -> impl Fn(char) -> bool {
    let HirKind::Class(Class::Unicode(found)) = regex_syntax::parse(class).unwrap().into_kind() else { panic!() };
    let ranges: Vec<(char, char)> = found.ranges().iter().map(|range| (range.start(), range.end())).collect();
    move |c| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

#[test]
fn the_table_of_unseen_characters_is_unicodes_own() {
    let is_odd = of_class(r"[[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}]--[ ]]");
    // East_Asian_Width is not among the crate's tables: its F stands in two runs since Unicode 3.
    let is_fullwidth = |c: char| matches!(c, '\u{ff01}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}');
    let is_drawn_empty = |c: char| matches!(c, '\u{2800}' | '\u{fffc}' | '\u{16fe4}' | '\u{1d159}');
    for c in '\0'..=char::MAX {
        let expected = is_odd(c) || is_fullwidth(c) || is_drawn_empty(c);
        assert_eq!(classify_unseen(c).is_some(), expected, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn what_is_shown_holds_nothing_unseen_whatever_it_is_made_from() {
    let is_odd = of_class(r"[[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}]--[ ]]");
    for c in '\0'..=char::MAX {
        let shown = make_visible(&format!("a{c}b"));
        assert!(!shown.chars().any(&is_odd), "U+{:04X}: {shown}", u32::from(c));
    }
}

#[test]
fn a_shell_reads_every_quoted_word_back() {
    for word in [
        "-x",
        "",
        "it's",
        "a\u{1b}]0;x\u{7}b",
        "\u{9b}6n",
        "\u{202e}\u{e0041}é",
        "$HOME `id` \\ \"",
        "a\nb\tc",
        "\u{7f}1",
        "\\\u{1b}'",
        "~",
        "#x",
        "!x",
        "a;b&c|d>e<f(g)",
        "{a,b}*?[c]",
    ] {
        let line = format!("printf '<%s>' {}", quote_word(word));
        assert!(line.chars().all(|c| classify_unseen(c).is_none()), "{line}");
        let said = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout), format!("<{word}>"), "{line}");
    }
}
