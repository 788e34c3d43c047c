//! Which of the user's attributes go to the public method, and which to its hidden siblings?

use quote::ToTokens as _;
use syn::{Attribute, Meta, parse_quote};

/// All of them; `expect` becomes `allow`, because what it expects may have moved into a sibling.
pub(crate) fn public(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().map(softened).collect()
}

/// Conditions and lint levels.
pub(crate) fn hidden(attrs: &[Attribute]) -> Vec<Attribute> {
    let kept = |attr: &&Attribute| {
        let name = attr.path().get_ident().map(ToString::to_string).unwrap_or_default();
        matches!(name.as_str(), "cfg" | "allow" | "warn" | "deny" | "forbid" | "expect")
    };
    attrs.iter().filter(kept).map(softened).collect()
}

/// Conditions alone.
pub(crate) fn conditions(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}

fn softened(attr: &Attribute) -> Attribute {
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("expect") => {
            let tokens = list.tokens.to_token_stream();
            parse_quote!(#[allow(#tokens)])
        }
        _ => attr.clone(),
    }
}
