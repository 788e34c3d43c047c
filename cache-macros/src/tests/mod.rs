//! Whole attributes in, whole expansions or mistakes out.

mod documented;
mod expansions;
mod fuzz;
mod groups;
mod hygiene;
mod messages;
mod mistakes;

use proc_macro2::TokenStream;

/// The expansion of an attribute, pretty-printed.
fn expand(source: &str) -> String {
    let (attribute, arguments, item) = split(source);
    let tokens = match attribute.as_str() {
        "repository" => crate::plan::repository(arguments, &item),
        "cached" => crate::plan::function(crate::args::Attr::Cached, arguments, &item),
        _ => crate::plan::function(crate::args::Attr::Invalidates, arguments, &item),
    };
    let text = tokens.to_string();
    match syn::parse2::<syn::File>(tokens) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("the expansion is no Rust: {error}\n{text}"),
    }
}

/// Takes the first attribute off an item.
fn split(source: &str) -> (String, TokenStream, TokenStream) {
    let mut trees = source.parse::<TokenStream>().expect("the source is Rust tokens").into_iter();
    let hash = trees.next();
    assert_eq!(hash.map(|hash| hash.to_string()).as_deref(), Some("#"));
    let Some(proc_macro2::TokenTree::Group(attribute)) = trees.next() else { panic!("no attribute") };
    let meta: syn::Meta = syn::parse2(attribute.stream()).expect("an attribute");
    let name = meta.path().get_ident().expect("a plain name").to_string();
    let arguments = match meta {
        syn::Meta::List(list) => list.tokens,
        syn::Meta::Path(_) | syn::Meta::NameValue(_) => TokenStream::new(),
    };
    (name, arguments, trees.collect())
}
