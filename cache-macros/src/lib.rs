//! The attributes of `cache-runtime`; depend on that crate instead of this one.

mod args;
mod case;
mod diag;
mod duration;
mod edges;
mod expand;
mod function;
mod key_part;
mod options;
mod plan;
mod repository;
mod rules;
mod spanned;
mod strategy;
mod suggest;
mod template;
mod types;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

use crate::args::Attr;

/// Shares defaults among the cached functions of an impl block and checks them together.
#[proc_macro_attribute]
pub fn repository(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plan::repository(attribute.into(), item.into()).into()
}

/// Caches what an async function returns.
#[proc_macro_attribute]
pub fn cached(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plan::function(Attr::Cached, attribute.into(), item.into()).into()
}

/// Drops entries of other functions after a write.
#[proc_macro_attribute]
pub fn invalidates(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plan::function(Attr::Invalidates, attribute.into(), item.into()).into()
}

/// Makes a type usable in cache keys.
#[proc_macro_derive(KeyPart, attributes(key_part))]
pub fn key_part(item: TokenStream) -> TokenStream {
    key_part::derive(item.into()).into()
}
