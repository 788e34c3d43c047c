//! A walk over whole expansions: what the user didn't write is absolute, a local of ours, or part of the language.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::split;

/// Keywords, and the `test` of `cfg!(test)`.
const LANGUAGE: &[&str] = &[
    "Self", "_", "as", "async", "await", "const", "else", "false", "fn", "for", "if", "impl", "in", "let",
    "loop", "match", "move", "mut", "pub", "return", "self", "static", "test", "trait", "true", "use",
    "where",
];

#[test]
fn everything_we_add_is_absolute_or_ours() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/expected");
    for file in std::fs::read_dir(folder).expect("the snapshots").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a snapshot");
        let source: String = text
            .lines()
            .map_while(|line| line.strip_prefix("// ").or(line.strip_prefix("//")))
            .fold(String::new(), |all, line| all + line + "\n");
        let (_, arguments, item) = split(&source);
        let mut written: BTreeSet<String> = BTreeSet::new();
        words(arguments, &mut written);
        words(item, &mut written);
        let expansion: TokenStream = text.parse().expect("a snapshot is Rust");
        let mut strange = Vec::new();
        walk(expansion, &written, &mut strange);
        assert!(strange.is_empty(), "{}: {strange:?}", file.path().display());
    }
}

fn words(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => {
                found.insert(ident.to_string());
            }
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Collects the words that could mean something of the user's instead.
fn walk(tokens: TokenStream, written: &BTreeSet<String>, strange: &mut Vec<String>) {
    let mut before = [' ', ' '];
    let mut last_word = String::new();
    for tree in tokens {
        match &tree {
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                let reached = before[1] == '.' || before == [':', ':'] || before[1] == '\'';
                let named = last_word == "fn"
                    && (word.ends_with("_entry") || word.ends_with("_args") || word == "hand_over");
                let generated = word == "key" || word.starts_with("__");
                if !reached
                    && !named
                    && !generated
                    && !written.contains(&word)
                    && !LANGUAGE.contains(&word.as_str())
                {
                    strange.push(word.clone());
                }
                last_word = word;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && before[1] == '#' => {}
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && before == [':', ':'] => {}
            TokenTree::Group(group) => walk(group.stream(), written, strange),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        let mark = match &tree {
            TokenTree::Punct(punct) => punct.as_char(),
            TokenTree::Ident(_) | TokenTree::Group(_) | TokenTree::Literal(_) => ' ',
        };
        before = [before[1], mark];
    }
}
