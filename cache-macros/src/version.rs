//! Which field of the value is the row's version?

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

use crate::diag::{Diagnostics, ends};
use crate::spanned::Given;
use crate::template::{Piece, Placeholder, Template};
use crate::values;

// #[cached(version = result.version, ..)]      <- not written as a placeholder
// #[cached(version = <result>, ..)]            <- no field
pub(crate) fn parse(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<Placeholder>>> {
    values::equals(name, input, "<result.version>")?;
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    let version = placeholder(&tokens);
    if version.is_none() {
        let text: String = tokens.clone().into_iter().map(|tree| tree.to_string()).collect();
        let fields = text.trim_matches('"').trim_start_matches('<').trim_end_matches('>');
        let meant = Template::parse(&format!("<{fields}>")).is_ok()
            && ["result.", "value."].iter().any(|root| fields.starts_with(root));
        let example = if meant { fields } else { "result.version" };
        diags
            .error_at(&tokens, format!("`{name}` takes a field of the value, as a placeholder"))
            .help(format!("write for example `{name} = <{example}>`"));
    }
    Ok(Given::new(name, &tokens, version))
}

/// `<root.field>`, with one field at least.
fn placeholder(tokens: &TokenStream) -> Option<Placeholder> {
    let text: String = tokens.clone().into_iter().map(|tree| tree.to_string()).collect();
    match Template::parse(&text).ok()?.pieces.as_slice() {
        [Piece::Placeholder(placeholder)] if text.starts_with('<') && !placeholder.fields.is_empty() => {
            Some(placeholder.clone())
        }
        _ => None,
    }
}

/// Where the last field stands, to say there what is wrong with it.
pub(crate) fn span(given: &Given<Option<Placeholder>>) -> proc_macro2::Span {
    let last = |tree: &TokenTree| !matches!(tree, TokenTree::Punct(_));
    let field = given.tokens.clone().into_iter().filter(last).last();
    field.map_or_else(|| ends(&given.tokens).0, |tree| tree.span())
}
