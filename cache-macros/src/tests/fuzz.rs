//! Whatever is typed, the attributes answer: no panic, and no function is lost.
//!
//! Real attributes, those of the snapshots and of the UI suite, are damaged at random, as somebody does who is in the middle of typing.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use quote::ToTokens as _;

use crate::args::Attr;
use crate::template::Template;
use crate::{duration, plan};

/// An attribute with what stands under it.
#[derive(Clone, Debug)]
struct Seed {
    name: String,
    arguments: String,
    item: String,
}

static SEEDS: LazyLock<Vec<Seed>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui");
    let mut files = Vec::new();
    collect(&root.join("fail"), &mut files);
    collect(&root.join("pass"), &mut files);
    let mut seeds: Vec<Seed> = files.iter().flat_map(|path| seeds_of(path)).collect();
    seeds.sort_by(|a, b| (&a.item, &a.arguments).cmp(&(&b.item, &b.arguments)));
    assert!(seeds.len() > 200, "{}", seeds.len());
    seeds
});

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the UI suite is beside this crate").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

fn seeds_of(path: &Path) -> Vec<Seed> {
    let source = std::fs::read_to_string(path).expect("a readable case");
    let Ok(file) = syn::parse_str::<syn::File>(&source) else { return Vec::new() };
    file.items.into_iter().filter_map(seed_of).collect()
}

fn seed_of(mut item: syn::Item) -> Option<Seed> {
    let attrs = match &mut item {
        syn::Item::Fn(function) => &mut function.attrs,
        syn::Item::Impl(block) => &mut block.attrs,
        _ => return None,
    };
    let known = |attr: &syn::Attribute| {
        ["cached", "invalidates", "repository"].iter().any(|name| attr.path().is_ident(name))
    };
    let at = attrs.iter().position(known)?;
    let attr = attrs.remove(at);
    let arguments = match &attr.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        syn::Meta::Path(_) | syn::Meta::NameValue(_) => String::new(),
    };
    let name = attr.path().get_ident()?.to_string();
    Some(Seed { name, arguments, item: item.to_token_stream().to_string() })
}

fn expansion(name: &str, arguments: TokenStream, item: &TokenStream) -> TokenStream {
    match name {
        "repository" => plan::repository(arguments, item),
        "cached" => plan::function(Attr::Cached, arguments, item),
        _ => plan::function(Attr::Invalidates, arguments, item),
    }
}

/// One slip: at the `at`-th token, counted through all groups.
#[derive(Clone, Debug)]
enum Slip {
    Remove(usize),
    Double(usize),
    CutOff(usize),
    Unwrap(usize),
    Put(usize, u8),
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = 0_usize..200;
    prop_oneof![
        at.clone().prop_map(Slip::Remove),
        at.clone().prop_map(Slip::Double),
        at.clone().prop_map(Slip::CutOff),
        at.clone().prop_map(Slip::Unwrap),
        (at, any::<u8>()).prop_map(|(at, what)| Slip::Put(at, what)),
    ]
}

/// What a hand may type.
fn typed(what: u8) -> TokenTree {
    let word = |word: &str| TokenTree::Ident(Ident::new(word, Span::call_site()));
    let mark = |mark: char| TokenTree::Punct(Punct::new(mark, Spacing::Alone));
    let words = [
        "key",
        "ttl",
        "each",
        "in",
        "self",
        "Self",
        "crate",
        "result",
        "before",
        "strategy",
        "async",
        "fn",
        "impl",
        "where",
        "_",
        "mut",
        "dyn",
        "when",
        "unless",
        "value",
        "cached",
        "invalidates",
        "ref",
        "const",
        "unsafe",
    ];
    let marks = [',', '=', '.', '&', '<', '>', ':', ';', '|', '!', '?', '-', '*', '#', '\''];
    let texts =
        ["", "<", "<>", "product:<id>", "<<", "{<id>}", "5m", "-1", "forever", "1e9d", "é<é>", "a<b<c>>"];
    let at = usize::from(what);
    match at % 5 {
        0 => words.get(at / 5 % words.len()).map_or_else(|| word("x"), |name| word(name)),
        1 => marks.get(at / 5 % marks.len()).map_or_else(|| mark(','), |name| mark(*name)),
        2 => {
            TokenTree::Literal(Literal::string(texts.get(at / 5 % texts.len()).copied().unwrap_or_default()))
        }
        3 => TokenTree::Literal(if at % 2 == 0 {
            Literal::u128_unsuffixed(u128::MAX)
        } else {
            Literal::f64_unsuffixed(0.5)
        }),
        _ => {
            let around = [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
            TokenTree::Group(Group::new(
                around.get(at / 5 % 4).copied().unwrap_or(Delimiter::Brace),
                TokenStream::new(),
            ))
        }
    }
}

fn damage(tokens: TokenStream, slip: &Slip) -> TokenStream {
    let size = count(tokens.clone());
    let at = match slip {
        Slip::Remove(at) | Slip::Double(at) | Slip::CutOff(at) | Slip::Unwrap(at) | Slip::Put(at, _) => *at,
    };
    let mut left = if size == 0 { 0 } else { at % (size + 1) };
    let damaged = walk(tokens, slip, &mut left);
    match slip {
        Slip::Put(_, what) if size == 0 => typed(*what).into(),
        _ => damaged,
    }
}

fn count(tokens: TokenStream) -> usize {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => 1 + count(group.stream()),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
        })
        .sum()
}

fn walk(tokens: TokenStream, slip: &Slip, left: &mut usize) -> TokenStream {
    let mut out = TokenStream::new();
    for tree in tokens {
        let here = *left == 0;
        *left = left.wrapping_sub(1);
        match (here, slip) {
            (true, Slip::Remove(_)) => {}
            (true, Slip::CutOff(_)) => return out,
            (true, Slip::Double(_)) => out.extend([tree.clone(), tree]),
            (true, Slip::Put(_, what)) => out.extend([typed(*what), tree]),
            (true, Slip::Unwrap(_)) => match tree {
                TokenTree::Group(group) => out.extend(group.stream()),
                other => out.extend([other]),
            },
            (false, _) => match tree {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), walk(group.stream(), slip, left));
                    inner.set_span(group.span());
                    out.extend([TokenTree::Group(inner)]);
                }
                other => out.extend([other]),
            },
        }
    }
    out
}

/// The names of all functions, as an editor would list them.
fn functions(tokens: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut after_fn = false;
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => {
                if after_fn {
                    names.push(ident.to_string());
                }
                after_fn = ident == "fn";
            }
            TokenTree::Group(group) => {
                after_fn = false;
                // not what stands in attributes
                if group.delimiter() != Delimiter::Bracket {
                    names.extend(functions(group.stream()));
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => after_fn = false,
        }
    }
    names
}

fn keeps_its_functions(name: &str, arguments: TokenStream, item: &TokenStream) -> Result<(), TestCaseError> {
    let before = functions(item.clone());
    let expanded = expansion(name, arguments, item);
    let after = functions(expanded);
    for function in before {
        prop_assert!(after.contains(&function), "`{function}` is lost of {item}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_arguments_are_answered(seed in any::<prop::sample::Index>(), slips in prop::collection::vec(slip(), 1..4)) {
        let seed = seed.get(&SEEDS);
        let arguments: TokenStream = seed.arguments.parse().expect("tokens");
        let item: TokenStream = seed.item.parse().expect("tokens");
        let arguments = slips.iter().fold(arguments, damage);
        keeps_its_functions(&seed.name, arguments, &item)?;
    }

    #[test]
    fn damaged_items_are_answered(seed in any::<prop::sample::Index>(), slips in prop::collection::vec(slip(), 1..4)) {
        let seed = seed.get(&SEEDS);
        let arguments: TokenStream = seed.arguments.parse().expect("tokens");
        let item: TokenStream = seed.item.parse().expect("tokens");
        let item = slips.iter().fold(item, damage);
        keeps_its_functions(&seed.name, arguments, &item)?;
    }

    #[test]
    fn any_text_is_a_template_or_has_mistakes(text in "[<>{}:/a-c._0-9%é \\-]{0,24}") {
        match Template::parse(&text) {
            Ok(template) => {
                let again = template.with_braces_of(&template);
                let reread = Template::parse(&again);
                prop_assert_eq!(reread.map(|reread| reread.pieces).ok(), Some(template.pieces), "{}", again);
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(!error.message().is_empty() && !error.help("home", "id").is_empty());
                }
            }
        }
    }

    #[test]
    fn any_text_is_a_duration_or_has_a_mistake(text in "[0-9 .a-zé\\-]{0,16}") {
        match duration::from_text(&text) {
            Ok(_) => {}
            Err(error) => prop_assert!(!error.message("ttl").is_empty() && !error.help("ttl").is_empty()),
        }
    }
}

/// Every prefix of what somebody types into a body or an attribute keeps the method.
#[test]
fn a_half_typed_method_is_kept() {
    let whole = r#"#[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30, when = id > 0)]
        pub async fn find(&self, id: i64) -> Result<Option<Product>, Error> { let row = self.db.load(id).await?; Ok(row.map("#;
    let open = |text: &str| {
        let mut closing = String::new();
        let mut text_open = false;
        for c in text.chars() {
            match c {
                '"' => text_open = !text_open,
                '(' if !text_open => closing.insert(0, ')'),
                '[' if !text_open => closing.insert(0, ']'),
                '{' if !text_open => closing.insert(0, '}'),
                ')' | ']' | '}' if !text_open => drop(closing.remove(0)),
                _ => {}
            }
        }
        format!("{text}{}{closing}", if text_open { "\"" } else { "" })
    };
    let options: TokenStream = "cache = self.cache, ttl = \"5m\"".parse().expect("tokens");
    for end in whole.char_indices().map(|(at, _)| at).filter(|at| *at > 0) {
        let Some(text) = whole.get(..end) else { continue };
        let block = format!("impl Products {{ async fn other(&self) {{}} {} }}", open(text));
        let Ok(item) = block.parse::<TokenStream>() else { continue };
        let kept = functions(expansion("repository", options.clone(), &item));
        for function in functions(item) {
            assert!(kept.contains(&function), "`{function}` is lost of {block}");
        }
    }
}
