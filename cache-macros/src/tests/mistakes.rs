//! One mistake, one error: each case of the UI suite, read without a compiler.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, Meta};

/// What only the compiler can find.
const OF_THE_COMPILER: &[&str] = &[
    "argument_is_an_unknown_name",
    "argument_not_serializable",
    "argument_of_another_type",
    "argument_of_another_type_elsewhere",
    "batch_not_serializable",
    "batch_of_a_type_elsewhere",
    "batch_of_another_struct",
    "batch_of_no_map",
    "batch_without_the_tuple",
    "before_of_another_type",
    "body_is_not_send",
    "cache_is_not_a_cache",
    "db_without_its_feature",
    "deferred_writer_of_an_unread_key",
    "delta_of_another_type",
    "elements_that_are_no_key_parts",
    "error_without_from",
    "field_of_the_result_unknown",
    "flush_before_unknown_elsewhere",
    "group_nobody_named_elsewhere",
    "half_typed_body",
    "key_part_of_a_vec_inside_an_option",
    "map_of_borrowed_elements",
    "map_of_other_elements",
    "map_with_values_that_are_not_serializable",
    "merge_returns_another_type",
    "misspelt_field_of_a_parameter",
    "misspelt_field_of_self",
    "mistake_in_a_body",
    "no_cache_on_self",
    "not_a_key_part",
    "not_a_transaction",
    "nothing_to_flush",
    "reader_elsewhere_is_scoped",
    "reader_elsewhere_uses_self",
    "reject_without_an_error_for_it",
    "repository_not_clone",
    "the_whole_result_is_no_key_part",
    "timeout_without_an_error_for_it",
    "transaction_without_an_error_for_it",
    "ttl_arithmetic",
    "ttl_closure_not_a_duration",
    "ttl_not_a_duration",
    "two_blocks",
    "two_of_one_name",
    "unknown_reader_elsewhere",
    "unless_not_a_condition",
    "unless_of_the_whole_result",
    "upcast_of_another_type",
    "value_not_clone",
    "value_not_send",
    "value_not_serializable",
    "value_not_serializable_in_a_repository",
    "version_not_a_number",
    "version_of_an_unknown_field",
    "when_not_a_condition",
    "writer_of_a_key_far_from_all",
    "writer_of_an_unread_key",
    "writer_of_other_elements",
    "writer_without_a_reader",
    "wrong_number_of_arguments_elsewhere",
    "wrong_number_of_arguments_of_a_function",
];

#[test]
fn a_single_mistake_gives_a_single_error() {
    let mut wrong = String::new();
    for path in cases() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found = mistakes(&path);
        if std::env::var_os("PRINT_MISTAKES").is_some() {
            println!("## {}\n{}", path.display(), found.join("\n"));
        }
        let right = match name.as_str() {
            several if several.starts_with("several_") => found.len() > 1,
            single if OF_THE_COMPILER.contains(&single) => found.is_empty(),
            _ => found.len() == 1,
        };
        if !right {
            let _ = writeln!(wrong, "{}: {found:#?}", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_message_keeps_the_house_style() {
    for path in cases() {
        for message in mistakes(&path) {
            let text = message.split_once(' ').map_or("", |(_, text)| text);
            for line in text.lines() {
                let start = line.trim_start_matches("help: ").trim_start_matches("note: ");
                assert!(!start.starts_with(char::is_uppercase), "{}: {line}", path.display());
                assert!(!line.ends_with('.') || line.ends_with(".."), "{}: {line}", path.display());
            }
        }
    }
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/fail");
    let folders = std::fs::read_dir(root).expect("the UI suite is beside this crate");
    let mut files: Vec<PathBuf> = folders
        .flatten()
        .flat_map(|folder| {
            std::fs::read_dir(folder.path()).expect("a folder of cases").flatten().map(|file| file.path())
        })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    files.sort();
    files
}

/// `line:column message` of every `compile_error!` the attributes of a file expand to.
fn mistakes(path: &Path) -> Vec<String> {
    let source = std::fs::read_to_string(path).expect("a readable case");
    let Ok(file) = syn::parse_str::<syn::File>(&source) else { return Vec::new() };
    let mut found = Vec::new();
    for item in &file.items {
        found.extend(of_item(item.to_token_stream()));
        if let Item::Impl(block) = item
            && !source.contains("#[repository")
        {
            for inner in &block.items {
                found.extend(of_item(inner.to_token_stream()));
            }
        }
    }
    found
}

fn of_item(tokens: TokenStream) -> Vec<String> {
    let parser = |input: syn::parse::ParseStream<'_>| {
        Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?))
    };
    let Ok((mut attrs, item)) = syn::parse::Parser::parse2(parser, tokens) else { return Vec::new() };
    let ours = |attr: &Attribute| {
        ["repository", "cached", "invalidates", "uncached"].iter().any(|name| attr.path().is_ident(name))
    };
    let derives = attrs
        .iter()
        .any(|attr| attr.path().is_ident("derive") && attr.to_token_stream().to_string().contains("KeyPart"));
    if derives {
        attrs.retain(|attr| !attr.path().is_ident("derive"));
        return errors(crate::key_part::derive(quote::quote!(#(#attrs)* #item)));
    }
    let Some(at) = attrs.iter().position(ours) else { return Vec::new() };
    let attr = attrs.remove(at);
    let arguments = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
    };
    let item = quote::quote!(#(#attrs)* #item);
    errors(match attr.path().get_ident().map(ToString::to_string).as_deref() {
        Some("repository") => crate::plan::repository(arguments, &item),
        Some("cached") => crate::plan::function(crate::args::Attr::Cached, arguments, &item),
        Some("uncached") => crate::plan::uncached(&item),
        _ => crate::plan::function(crate::args::Attr::Invalidates, arguments, &item),
    })
}

fn errors(tokens: TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for window in trees.windows(3) {
        if let [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(message)] = window
            && name == "compile_error"
        {
            let at = name.span().start();
            let mut text = String::new();
            for tree in message.stream() {
                let literal: syn::LitStr = syn::parse2(tree.into_token_stream()).expect("a text");
                let _ = write!(text, "{}:{} {}", at.line, at.column, literal.value());
            }
            found.push(text);
        }
    }
    found
}
