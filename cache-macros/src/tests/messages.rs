//! Is every sentence that the attributes can say heard somewhere in the UI suite?

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;

/// Sentences that no program can be made to hear: the compiler refuses such items before it asks an attribute.
const UNHEARD: &[&str] = &["expected a function body or `;`"];

/// Files whose texts are no messages.
const SILENT: &[&str] = &["diag.rs", "lib.rs", "options.rs"];

#[test]
fn every_sentence_is_heard_in_the_ui_suite() {
    let heard = heard();
    let mut unheard = String::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if SILENT.contains(&name.as_str()) {
            continue;
        }
        let source = std::fs::read_to_string(&file).expect("a source");
        let tree: syn::File = syn::parse_str(&source).expect("Rust");
        let mut said = Vec::new();
        for item in tree.items.into_iter().filter(|item| !is_test(item)) {
            texts(item.to_token_stream(), &mut said);
        }
        for text in said {
            for line in text.lines().filter(|line| is_sentence(line)) {
                if !heard.iter().any(|said| fits(line, said)) && !UNHEARD.contains(&line) {
                    let _ = writeln!(unheard, "{name}: {line}");
                }
            }
        }
    }
    assert!(unheard.is_empty(), "no case of the UI suite hears:\n{unheard}");
}

#[test]
fn every_sentence_of_the_runtime_is_heard_in_the_ui_suite() {
    let heard = heard();
    let mut unheard = String::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../cache-runtime/src")) {
        let source = std::fs::read_to_string(&file).expect("a source");
        for line in source.lines().map(str::trim) {
            let text =
                ["message = \"", "label = \"", "note = \""].iter().find_map(|start| line.strip_prefix(start));
            if let Some(text) = text {
                let text = text.trim_end_matches([',', '"']).replace("\\\"", "\"");
                if !heard.iter().any(|said| fits(&text, said)) {
                    let _ = writeln!(unheard, "{}: {text}", file.display());
                }
            }
        }
    }
    assert!(unheard.is_empty(), "no case of the UI suite hears:\n{unheard}");
}

/// Every line of every message.
fn heard() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/fail");
    let mut lines = Vec::new();
    for topic in std::fs::read_dir(root).expect("the UI suite is beside this crate").flatten() {
        for file in std::fs::read_dir(topic.path()).expect("a topic").flatten() {
            if file.path().extension().is_some_and(|end| end == "stderr") {
                let text = std::fs::read_to_string(file.path()).expect("a text");
                lines.extend(text.lines().map(str::to_owned));
            }
        }
    }
    lines.sort();
    lines.dedup();
    lines
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "tests" && name != "expand") {
                files.extend(sources(&path));
            }
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn is_test(item: &syn::Item) -> bool {
    matches!(item, syn::Item::Mod(module) if module.ident == "tests")
}

/// String literals outside attributes.
fn texts(tokens: TokenStream, said: &mut Vec<String>) {
    let mut hash = false;
    for tree in tokens {
        match tree {
            TokenTree::Group(group) if hash && group.delimiter() == Delimiter::Bracket => hash = false,
            TokenTree::Group(group) => texts(group.stream(), said),
            TokenTree::Literal(literal) => {
                if let Ok(syn::Lit::Str(text)) = syn::parse2(literal.to_token_stream()) {
                    said.push(text.value());
                }
            }
            TokenTree::Punct(punct) => hash = punct.as_char() == '#',
            TokenTree::Ident(_) => hash = false,
        }
    }
}

/// Several words that aren't an example of code.
fn is_sentence(text: &str) -> bool {
    let words = text
        .split_whitespace()
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || ",'`:".contains(c)));
    words.count() >= 3
}

/// Can the text with its holes be this line, or a part of it?
fn fits(text: &str, line: &str) -> bool {
    let (mut rest, mut piece) = (line, String::new());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut hole = chars.clone().take_while(|c| *c != '}');
        if c == '{' && hole.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            chars.by_ref().find(|c| *c == '}');
            match after(rest, &piece) {
                Some(after) => rest = after,
                None => return false,
            }
            piece.clear();
        } else {
            piece.push(c);
        }
    }
    after(rest, &piece).is_some()
}

/// What follows the piece, with braces as they are or as a format string writes them.
fn after<'l>(line: &'l str, piece: &str) -> Option<&'l str> {
    let formatted = piece.replace("{{", "{").replace("}}", "}");
    [piece, formatted.as_str()].iter().find_map(|piece| line.split_once(piece)).map(|(_, after)| after)
}
