//! What is flushed before a reader loads: `flush_before(touch, Sessions::touch)`?

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Path, Token};

use crate::diag::Diagnostics;
use crate::edges;
use crate::spanned::Given;
use crate::types;
use crate::values::parenthesized;

// #[cached(flush_before(), ..)]                  <- nothing
// #[cached(flush_before(touch(id)), ..)]         <- no names
// #[cached(flush_before(touch, touch), ..)]      <- the second one
pub(crate) fn parse(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Vec<Path>>> {
    let group = parenthesized(name, input, "flush_before(touch)")?;
    let mut paths: Vec<Path> = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let path = edges::path(input)?;
            if paths.iter().any(|other| text(other) == text(&path)) {
                let written = text(&path);
                diags
                    .error_at(&path, format!("`{written}` is twice in `{name}`"))
                    .help("remove one of the two");
            } else {
                paths.push(path);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let message = match parser.parse2(group.stream()) {
        Ok(()) if paths.is_empty() => format!("`{name}()` names no function"),
        Ok(()) => return Ok(Given::new(name, &group, paths)),
        Err(_) => format!("`{name}(..)` takes names of `write_behind` functions"),
    };
    diags.error_at(&group, message).help(format!("write for example `{name}(touch)`"));
    Ok(Given::new(name, &group, Vec::new()))
}

/// The path as it was written.
pub(crate) fn text(path: &Path) -> String {
    types::written(path.to_token_stream())
}
