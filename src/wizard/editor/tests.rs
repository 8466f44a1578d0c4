//! A text with the caret as `|` and the other end of the selection as `^`, keys, and the text that comes of it.

use super::*;

/// Reads keys as people write them: characters, and names in angle brackets, `S-` for Shift and `C-` for Ctrl.
fn keys(text: &str) -> Vec<Key> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) = rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
            let (shift, name) = name.strip_prefix("S-").map_or((false, name), |n| (true, n));
            let (ctrl, name) = name.strip_prefix("C-").map_or((false, name), |n| (true, n));
            let code = match name {
                "Enter" => Code::Enter,
                "Tab" => Code::Tab,
                "BackTab" => Code::BackTab,
                "Back" => Code::Backspace,
                "Del" => Code::Delete,
                "Up" => Code::Up,
                "Down" => Code::Down,
                "Left" => Code::Left,
                "Right" => Code::Right,
                "Home" => Code::Home,
                "End" => Code::End,
                "PgUp" => Code::PageUp,
                "PgDn" => Code::PageDown,
                one => Code::Char(one.chars().next().unwrap()),
            };
            found.push(Key { code, ctrl, alt: false, shift });
            rest = after;
        } else {
            found.push(Key::of_char(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    found
}

fn marked(text: &str) -> Editor {
    let caret = text.find('|').unwrap_or(0);
    let mut editor = Editor::new(text.replacen('|', "", 1));
    editor.go_to(caret);
    editor
}

fn shown_marked(editor: &Editor) -> String {
    let mut marks = vec![(editor.caret(), '|')];
    if let Some(anchor) = editor.anchor.filter(|a| *a != editor.caret()) {
        marks.push((anchor, '^'));
    }
    marks.sort_by_key(|m| std::cmp::Reverse(m.0));
    let mut text = editor.text().to_owned();
    for (at, mark) in marks {
        text.insert(at, mark);
    }
    text
}

/// Ctrl-U and Ctrl-R are the step's own keys: here they stand for undo and redo.
fn after(text: &str, pressed: &str) -> String {
    let mut editor = marked(text);
    for key in keys(pressed) {
        match key {
            k if k == Key::with_ctrl('u') => assert!(editor.undo(), "nothing to undo"),
            k if k == Key::with_ctrl('r') => assert!(editor.redo(), "nothing to redo"),
            k => {
                editor.key(k, 4);
            }
        }
        assert!(editor.text().is_char_boundary(editor.caret()));
    }
    shown_marked(&editor)
}

#[test]
fn text_with_marks_and_keys_gives_text_with_marks() {
    let cases = [
        // Moving.
        ("ab|c", "<Left><Left><Left>", "|abc"),
        ("a|b\ncd", "<Right><Right><Right>", "ab\nc|d"),
        ("ab\r\n|cd", "<Left>", "ab|\r\ncd"),
        ("ab\rc|d", "<Up>", "a|b\rcd"),
        ("abcdef|\nx\nabcdef", "<Down><Down>", "abcdef\nx\nabcdef|"),
        ("ab|c\n", "<Up>", "|abc\n"),
        ("a\nb|c", "<Down>", "a\nbc|"),
        ("    ab|c", "<Home>", "    |abc"),
        ("    |abc", "<Home>", "|    abc"),
        ("|abc\nd", "<End>", "abc|\nd"),
        ("a\nb|\nc", "<C-Home>", "|a\nb\nc"),
        ("a\nb|\nc", "<C-End>", "a\nb\nc|"),
        ("1\n2\n3\n4\n5\n6|", "<PgUp>", "1\n2\n3|\n4\n5\n6"),
        ("|1\n2\n3\n4\n5\n6", "<PgDn><PgDn>", "1\n2\n3\n4\n5\n|6"),
        ("\"ecr:BatchGetImage|\"", "<C-Left><C-Left>", "\"|ecr:BatchGetImage\""),
        ("|\"ecr:Batch\", x", "<C-Right><C-Right>", "\"ecr:Batch|\", x"),
        // Wide characters: Down aims at the cell, not at the character.
        ("名前|x\nabcdef", "<Down>", "名前x\nabcd|ef"),
        ("abc|\n名前x", "<Down>", "abc\n名|前x"),
        // Graphemes are never torn.
        ("ae\u{301}|b", "<Back>", "a|b"),
        ("a|👩‍👧b", "<Del>", "a|b"),
        ("|👩‍👧b", "<Right>", "👩‍👧|b"),
        ("a|\r\nb", "<Del>", "a|b"),
        // Typing and erasing.
        ("a|c", "b", "ab|c"),
        ("|", "<Back><Del>", "|"),
        ("ecr:Batch| x", "<C-w>", "ecr:| x"),
        ("|", "<Tab>x", "  x|"),
        ("    ab|c", "<BackTab>", "  ab|c"),
        (" a|", "<BackTab>", "a|"),
        ("a|", "<BackTab>", "a|"),
        // Enter keeps the indentation, opens brackets, and a closing bracket goes back a level.
        ("  \"a\": 1,|", "<Enter>", "  \"a\": 1,\n  |"),
        ("{|}", "<Enter>", "{\n  |\n}"),
        ("  \"a\": [|", "<Enter>1<Enter>]", "  \"a\": [\n    1\n  ]|"),
        // In a document with CR LF the new lines have it as well.
        ("{|}\r\n", "<Enter>", "{\r\n  |\r\n}\r\n"),
        // Brackets and quotes are closed where nothing follows, and what was put in by itself is typed over.
        ("|", "[", "[|]"),
        ("|", "[]", "[]|"),
        ("|", "[\"a\", {\"b\": 1}]", "[\"a\", {\"b\": 1}]|"),
        ("|", "{<Enter>\"a\": 1<Enter>}x", "{\n  \"a\": 1\n}x|"),
        ("|\r\n", "[<Enter>1<Enter>]", "[\r\n  1\r\n]|\r\n"),
        ("{\"a\": |}", "\"b", "{\"a\": \"b|\"}"),
        ("|", "\"a\\\"b\"", "\"a\\\"b\"|"),
        ("|", "\"{", "\"{|\""),
        // It is not, where something follows, where it closes something, and inside strings.
        ("|abc", "\"", "\"|abc"),
        ("|\"a\"", "[", "[|\"a\""),
        ("\"abc|", "\"", "\"abc\"|"),
        ("  | \"a\": 1\n}", "{", "  {| \"a\": 1\n}"),
        ("|, a\"", "\"", "\"|, a\""),
        ("\"a|\"", "\"", "\"a\"|\""),
        // Nothing is typed over that the user typed, or came back to.
        ("[|]", "]", "[]|]"),
        ("|", "[<Up>]", "]|[]"),
        ("|", "[]<Left>]", "[]|]"),
        // The twins go together, and come back one step at a time.
        ("a |", "[<Back>", "a |"),
        ("|", "{[<Back><Back>", "|"),
        ("[|]", "<Back>", "|]"),
        ("|", "[1<C-u>", "[|]"),
        ("|", "[1<C-u><C-u>", "|"),
        ("|", "[<C-u><C-r>", "[|]"),
        ("|", "{<Enter>1<Enter>}<C-u>", "{\n  1\n  |\n}"),
        // Selecting.
        ("ab|cd", "<S-Right><S-Right>", "ab^cd|"),
        ("ab|cd", "<S-Right><S-Right><Left>", "ab|cd"),
        ("ab|cd", "<S-Right><S-Right><Right>", "abcd|"),
        ("a|bc\ndef", "<S-Down>x", "ax|ef"),
        ("ab|cd", "<S-Home><Back>", "|cd"),
        ("ab|cd", "<S-End><Enter>", "ab\n|"),
        ("ab|cd", "<S-Right><S-Left>x", "abx|cd"),
        // A burst of typing is one step, a word ends it, and so does moving.
        ("|", "one two<C-u>", "one |"),
        ("|", "one two<C-u><C-u>", "|"),
        ("|", "one<Left>x<C-u>", "on|e"),
        ("|", "one<C-u><C-r>", "one|"),
        ("abc|", "<Back><Back><C-u>", "abc|"),
        ("|abc", "<Del><Del><C-u>", "|abc"),
        ("a|bc", "<S-End>x<C-u>", "abc|"),
        ("|", "ab<C-u>c", "c|"),
    ];
    for (text, pressed, wanted) in cases {
        assert_eq!(after(text, pressed), wanted, "{text:?} {pressed}");
    }
}

#[test]
fn a_change_after_an_undo_forgets_what_could_be_redone() {
    let mut editor = marked("|");
    for key in keys("ab") {
        editor.key(key, 4);
    }
    editor.undo();
    editor.key(Key::of_char('x'), 4);
    assert!(!editor.redo());
    assert_eq!(editor.text(), "x");
}

#[test]
fn a_paste_is_one_step_with_its_line_ends_made_one_kind() {
    let mut editor = marked("{|}");
    let big = "  \"x\": 1,\r\n".repeat(1000);
    editor.paste(&big);
    assert_eq!(editor.text(), format!("{{{}}}", big.replace("\r\n", "\n")));
    assert_eq!(editor.line_count(), 1001);
    editor.undo();
    assert_eq!(shown_marked(&editor), "{|}");
    editor.paste("a\rb\u{1b}c\td");
    assert_eq!(editor.text(), "{a\nb\u{1b}c\td}", "other control characters stay, and are shown by a sign");
}

#[test]
fn a_paste_into_a_document_with_cr_lf_keeps_its_line_ends() {
    let mut editor = marked("{\r\n|\r\n}");
    editor.paste("\"a\": 1,\n\"b\": 2,\r\"c\": 3,\r\n");
    assert_eq!(editor.text(), "{\r\n\"a\": 1,\r\n\"b\": 2,\r\n\"c\": 3,\r\n\r\n}");
    editor.undo();
    assert_eq!(shown_marked(&editor), "{\r\n|\r\n}");
}

#[test]
fn the_bracket_at_the_caret_or_before_it_is_shown_with_its_mate() {
    assert_eq!(marked("|{[1]}").bracket_pair(), Some((0, 4)));
    assert_eq!(marked("{|[1]}").bracket_pair(), Some((1, 3)));
    assert_eq!(marked("{[1]}|").bracket_pair(), Some((0, 4)));
    assert_eq!(marked("{[1|]}").bracket_pair(), Some((1, 3)));
    assert_eq!(marked("{ |1 }").bracket_pair(), None);
    assert_eq!(marked("|{[1}").bracket_pair(), None);
    let mut editor = marked("{ |1 }");
    editor.key(Key::without_modifiers(Code::Backspace), 4);
    assert_eq!(editor.bracket_pair(), Some((0, 3)), "pairs follow the text");
}

#[test]
fn positions_are_those_of_the_engine() {
    let editor = Editor::new("a\u{e9}\u{1F600}b\r\nc\rd\n\ne");
    let index = crate::policy::LineIndex::new(editor.text());
    for offset in (0..=editor.text().len()).filter(|at| editor.text().is_char_boundary(*at)) {
        assert_eq!(editor.position(offset), index.position_of(offset));
    }
}

#[test]
fn bytes_that_nobody_edits_stay() {
    let mut editor = Editor::new("{\r\n\t\"a\" :1,\r \"b\":2\n}");
    editor.go_to(0);
    editor.key(Key::without_modifiers(Code::End), 4);
    editor.key(Key::of_char('x'), 4);
    assert_eq!(editor.text(), "{x\r\n\t\"a\" :1,\r \"b\":2\n}");
    assert_eq!(editor.line_count(), 4);
}

#[test]
fn another_whole_text_is_one_step_and_the_caret_stays_with_its_surroundings() {
    let mut editor = marked("{\"a\":1,\"b\":|2}");
    editor.set_text("{\"a\": 1,\"b\":2}");
    assert_eq!(shown_marked(&editor), "{\"a\": 1,\"b\":|2}");
    editor.undo();
    assert_eq!(shown_marked(&editor), "{\"a\":1,\"b\":|2}");
    let revision = editor.revision();
    editor.set_text("{\"a\":1,\"b\":2}");
    assert_eq!(editor.revision(), revision, "the same text is no change");
    editor.set_text("é");
    editor.set_text("è");
    assert_eq!(editor.text(), "è");
    editor.set_text("");
    assert_eq!(shown_marked(&editor), "|");
}

#[test]
fn a_selection_can_be_cut_and_undone() {
    let mut editor = marked("ab|cd");
    editor.key(Key::with_shift(Code::Right), 4);
    assert_eq!(editor.selected(), Some("c"));
    assert_eq!(editor.cut().as_deref(), Some("c"));
    assert_eq!(editor.text(), "abd");
    assert_eq!(editor.cut(), None);
    editor.undo();
    assert_eq!(editor.text(), "abcd");
}

#[test]
fn the_caret_is_always_in_what_is_shown_with_a_margin_where_there_is_room() {
    let lines: Vec<String> = (0..100).map(|n| format!("{}{n}\n", " ".repeat(n))).collect();
    let mut editor = Editor::new(lines.concat());
    for (rows, width) in [(1, 1), (2, 3), (5, 10), (10, 40), (200, 200)] {
        for offset in (0..editor.text().len()).step_by(97) {
            editor.go_to(offset);
            editor.settle(rows, width);
            let shown = editor.shown(rows, width);
            let (row, cell) = shown.caret;
            assert!(row < shown.rows.len() && cell <= width, "{rows}x{width} {row} {cell}");
            let all = editor.shown(usize::MAX / 2, width);
            if rows >= 5 && (2..all.rows.len() - 2).contains(&all.caret.0) {
                assert!((2..rows - 2).contains(&row), "{rows} {row}");
            }
        }
    }
}

#[test]
fn control_characters_and_tabs_are_drawn_as_signs_and_count_as_drawn() {
    let mut editor = Editor::new("a\u{1b}\tb\u{202e}c");
    editor.go_to(editor.text().len());
    assert_eq!(editor.caret_place(), (0, 1 + 1 + 2 + 1 + 8 + 1));
    assert_eq!(shown_grapheme("\u{1b}"), "␛");
    assert_eq!(shown_grapheme("\t"), "␉ ");
    assert_eq!(shown_grapheme("é"), "é");
}

/// A step of a property: a key, or a pasted text.
#[derive(Debug, Clone)]
enum Deed {
    Key(usize, bool, bool),
    Paste(String),
    Cut,
}

fn deeds() -> impl proptest::strategy::Strategy<Value = Vec<Deed>> {
    use proptest::prelude::*;
    let deed = prop_oneof![
        12 => (0..29usize, any::<bool>(), any::<bool>()).prop_map(|(at, ctrl, shift)| Deed::Key(at, ctrl, shift)),
        2 => "[a{}\\[\\]\", \n\r\t\u{1b}名é\u{301}\u{200d}👩]{0,12}".prop_map(Deed::Paste),
        1 => Just(Deed::Cut),
    ];
    proptest::collection::vec(deed, 0..60)
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_and_pasted_undoing_all_gives_the_first_text_and_redoing_all_the_last(
        start in "[a-z{}\\[\\]\", \n\r\t名é\u{301}\u{200d}]{0,40}",
        done in deeds(),
    ) {
        let codes = [
            Code::Enter, Code::Tab, Code::BackTab, Code::Backspace, Code::Delete, Code::Up, Code::Down, Code::Left,
            Code::Right, Code::Home, Code::End, Code::PageUp, Code::PageDown, Code::Char('w'), Code::Char('a'),
            Code::Char('}'), Code::Char(']'), Code::Char('\u{301}'), Code::Char(' '), Code::Char('名'), Code::F(1),
            Code::Esc, Code::Char('x'), Code::Char('h'), Code::Char('{'), Code::Char('['), Code::Char('"'),
            Code::Char('\\'), Code::Char(','),
        ];
        let mut editor = Editor::new(start.clone());
        for deed in done {
            match deed {
                Deed::Key(at, ctrl, shift) => {
                    editor.key(Key { code: codes[at], ctrl, alt: false, shift }, 3);
                }
                Deed::Paste(text) => editor.paste(&text),
                Deed::Cut => {
                    editor.cut();
                }
            }
            editor.settle(3, 10);
            let caret = editor.caret();
            proptest::prop_assert!(editor.text().is_char_boundary(caret));
            proptest::prop_assert_eq!(editor.brackets.clone(), Brackets::new(editor.text()));
            proptest::prop_assert!(editor.closers.iter().all(|at| *at >= caret && *at < editor.text().len()));
            let closing = |at: &usize| editor.text()[*at..].starts_with(['}', ']', '"']);
            proptest::prop_assert!(editor.closers.iter().all(closing), "{:?} {:?}", editor.closers, editor.text());
        }
        let last = editor.text().to_owned();
        while editor.undo() {}
        proptest::prop_assert_eq!(editor.text(), start.as_str());
        while editor.redo() {}
        proptest::prop_assert_eq!(editor.text(), last.as_str());
        while editor.undo() {}
        proptest::prop_assert_eq!(editor.text(), start.as_str());
    }
}

#[test]
fn the_mate_of_a_bracket_that_is_out_of_sight_is_told_by_its_line() {
    let mut editor = Editor::new("{\n1,\n2,\n3,\n4,\n5,\n6,\n7\n}\n");
    editor.go_to(0);
    assert_eq!(editor.bracket_out_of_sight(5, 40), Some(9));
    assert_eq!(editor.bracket_out_of_sight(9, 40), None, "both are in sight");
    editor.go_to_column(8, 0);
    assert_eq!(editor.bracket_out_of_sight(5, 40), Some(1));
    editor.go_to_column(3, 0);
    assert_eq!(editor.bracket_out_of_sight(5, 40), None, "no bracket is at the caret");
}
