//! Reads the paths that a source names: by `use`, inline, in macros and in attributes.

use std::str::FromStr;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceToken {
    Word(String),
    /// `::`
    Path,
    Sign(char),
    /// A string, character, number or lifetime: never part of a path.
    Other,
}

/// Splits Rust source into words and signs, each with its line; comments vanish, literals become `Other`.
pub fn split_tokens(source: &str) -> Vec<(usize, SourceToken)> {
    let stream = TokenStream::from_str(source).unwrap_or_else(|problem| panic!("no Rust: {problem}\n{source}"));
    let mut found = Vec::new();
    flatten_groups(stream, &mut found);
    found
}

fn flatten_groups(stream: TokenStream, found: &mut Vec<(usize, SourceToken)>) {
    let mut rest = stream.into_iter().peekable();
    while let Some(tree) = rest.next() {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Ident(name) => {
                let name = name.to_string();
                found.push((line, SourceToken::Word(name.strip_prefix("r#").unwrap_or(&name).to_owned())));
            }
            TokenTree::Literal(_) => found.push((line, SourceToken::Other)),
            TokenTree::Punct(sign) if sign.as_char() == '#' && rest.next_if(is_comment).is_some() => {}
            TokenTree::Punct(sign) if sign.as_char() == '#' && rest.peek().is_some_and(is_bang) => {
                rest.next();
                if rest.next_if(is_comment).is_none() {
                    found.extend([(line, SourceToken::Sign('#')), (line, SourceToken::Sign('!'))]);
                }
            }
            TokenTree::Punct(sign) if sign.as_char() == '\'' => {
                // The name of a lifetime is no word.
                rest.next();
                found.push((line, SourceToken::Other));
            }
            TokenTree::Punct(sign) => {
                let is_path = |next: &TokenTree| matches!(next, TokenTree::Punct(next) if next.as_char() == ':');
                if sign.as_char() == ':' && sign.spacing() == Spacing::Joint && rest.next_if(is_path).is_some() {
                    found.push((line, SourceToken::Path));
                } else {
                    found.push((line, SourceToken::Sign(sign.as_char())));
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ('(', ')'),
                    Delimiter::Brace => ('{', '}'),
                    Delimiter::Bracket => ('[', ']'),
                    Delimiter::None => (' ', ' '),
                };
                found.push((line, SourceToken::Sign(open)));
                flatten_groups(group.stream(), found);
                found.push((group.span_close().start().line, SourceToken::Sign(close)));
            }
        }
    }
}

/// Tells whether a group is what a comment for documentation becomes: `[doc = "..."]`.
fn is_comment(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let parts: Vec<String> = group.stream().into_iter().take(2).map(|part| part.to_string()).collect();
    group.delimiter() == Delimiter::Bracket && parts == ["doc", "="]
}

fn is_bang(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(sign) if sign.as_char() == '!')
}

/// A path as written, with `*` for a glob, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedPath {
    pub line: usize,
    /// The module that it stands in, such as `["aws", "pace", "tests"]`.
    pub module: Vec<String>,
    pub segments: Vec<String>,
    /// True for an import, where one segment is a path too.
    pub import: bool,
    /// The name under which an import brings it, where that is not the last segment.
    pub alias: Option<String>,
}

/// The tokens of a source, its paths, and the words of paths that no import brought.
pub struct PathReader {
    pub tokens: Vec<(usize, SourceToken)>,
    pub found: Vec<NamedPath>,
    pub words: Vec<(usize, String)>,
}

impl PathReader {
    fn token_at(&self, i: usize) -> Option<&SourceToken> {
        self.tokens.get(i).map(|(_, token)| token)
    }

    fn word_at(&self, i: usize) -> Option<&str> {
        match self.token_at(i) {
            Some(SourceToken::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub fn is_sign(&self, i: usize, sign: char) -> bool {
        self.token_at(i) == Some(&SourceToken::Sign(sign))
    }

    /// Reads a source that stands in a module.
    pub fn read_source(source: &str, file_module: &[String]) -> Self {
        let mut reader = Self { tokens: split_tokens(source), found: Vec::new(), words: Vec::new() };
        let mut modules: Vec<(usize, String)> = Vec::new();
        let (mut i, mut depth) = (0, 0_usize);
        while i < reader.tokens.len() {
            let line = reader.tokens[i].0;
            let module = || file_module.iter().cloned().chain(modules.iter().map(|(_, name)| name.clone())).collect();
            match reader.token_at(i).cloned() {
                Some(SourceToken::Sign('{')) => depth += 1,
                Some(SourceToken::Sign('}')) => {
                    depth = depth.saturating_sub(1);
                    modules.retain(|(at, _)| *at <= depth);
                }
                Some(SourceToken::Word(word)) if word == "mod" && reader.is_sign(i + 2, '{') => {
                    let name = reader.word_at(i + 1).unwrap_or_default().to_owned();
                    depth += 1;
                    modules.push((depth, name));
                    i += 2;
                }
                Some(SourceToken::Word(word)) if word == "extern" && reader.word_at(i + 1) == Some("crate") => {
                    let name = reader.word_at(i + 2).unwrap_or_default().to_owned();
                    let module = module();
                    reader.found.push(NamedPath { line, module, segments: vec![name], import: true, alias: None });
                    i += 2;
                }
                // `use<'a>` in a type is about lifetimes.
                Some(SourceToken::Word(word)) if word == "use" && !reader.is_sign(i + 1, '<') => {
                    let module = module();
                    i = reader.use_tree(i + 1, &module, &[]);
                    continue;
                }
                // `pub(crate)` and `pub(super)` name nothing.
                Some(SourceToken::Word(word))
                    if word == "pub" && reader.is_sign(i + 1, '(') && reader.word_at(i + 2) != Some("in") =>
                {
                    i += 2;
                }
                Some(SourceToken::Word(word)) => {
                    reader.words.push((line, word.clone()));
                    let mut segments = vec![word];
                    while reader.token_at(i + 1) == Some(&SourceToken::Path) {
                        let Some(next) = reader.word_at(i + 2) else { break };
                        let next = next.to_owned();
                        reader.words.push((line, next.clone()));
                        segments.push(next);
                        i += 2;
                    }
                    let module = module();
                    reader.found.push(NamedPath { line, module, segments, import: false, alias: None });
                }
                _ => {}
            }
            i += 1;
        }
        reader
    }

    /// Reads one tree of a `use`; returns its end.
    fn use_tree(&mut self, mut i: usize, module: &[String], prefix: &[String]) -> usize {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(i).map_or(0, |(line, _)| *line);
        let mut alias = None;
        loop {
            match self.tokens.get(i).map(|(_, token)| token) {
                Some(SourceToken::Path) => i += 1,
                Some(SourceToken::Word(word)) if word == "as" => {
                    alias = self.word_at(i + 1).map(str::to_owned);
                    i += 2;
                }
                Some(SourceToken::Word(word)) => {
                    path.push(word.clone());
                    i += 1;
                }
                Some(SourceToken::Sign('*')) => {
                    path.push("*".to_owned());
                    i += 1;
                }
                Some(SourceToken::Sign('{')) => {
                    i += 1;
                    while i < self.tokens.len() && !self.is_sign(i, '}') {
                        i = if self.is_sign(i, ',') { i + 1 } else { self.use_tree(i, module, &path) };
                    }
                    return i + 1;
                }
                _ => {
                    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                        path.pop();
                    }
                    let module = module.to_vec();
                    self.found.push(NamedPath { line, module, segments: path, import: true, alias });
                    return i;
                }
            }
        }
    }
}

/// The target of a path: a room of this crate, or another crate.
#[derive(Debug, PartialEq, Eq)]
pub enum Leads {
    /// To this path from the crate's root; empty: the root itself.
    Inside(Vec<String>),
    Outside(Vec<String>),
    Nowhere,
}

/// Follows a path from where it stands.
pub fn resolve_path(named: &NamedPath) -> Leads {
    let Some(first) = named.segments.first() else { return Leads::Nowhere };
    let rest = |skip: usize| named.segments.iter().skip(skip).cloned();
    match first.as_str() {
        // `self` alone is a method's receiver.
        "self" if named.segments.len() == 1 => Leads::Nowhere,
        "crate" | "ecr_grant" => Leads::Inside(rest(1).collect()),
        "self" | "super" => {
            let mut base = named.module.clone();
            let mut skip = usize::from(first == "self");
            while named.segments.get(skip).is_some_and(|s| s == "super") {
                base.pop();
                skip += 1;
            }
            base.extend(rest(skip));
            Leads::Inside(base)
        }
        "core" | "alloc" => Leads::Outside(std::iter::once("std".to_owned()).chain(rest(1)).collect()),
        _ if named.segments.len() > 1 || named.import => Leads::Outside(named.segments.clone()),
        _ => Leads::Nowhere,
    }
}
