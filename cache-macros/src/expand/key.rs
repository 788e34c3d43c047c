//! How is a key written from its parts?

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::local;
use crate::plan::{Part, Place, Plan, Step};
use crate::types;

/// Who fills the parts in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// The function's own parameters.
    Parameters,
    /// The same in the entry handle, which says no mistake again.
    Entry,
    /// The arguments of an edge.
    EdgeArguments,
}

// before: key = "product:<id>"
// after:  let mut __key = KeyBuilder::new(); text(&mut __key, "product:"); part(&mut __key, &id);
pub(crate) fn build(plan: &Plan<'_>, from: From) -> TokenStream {
    let (door, key) = (&plan.door, local("__key"));
    let steps = steps(plan, &quote!(&mut #key), from, None);
    quote! {
        let mut #key = #door::KeyBuilder::new();
        #steps
    }
}

// before: key = "product:<id>"
// after:  let __parts = |__key: &mut KeyBuilder| { text(__key, "product:"); part(__key, &id); };
/// Run once to fingerprint the key, and once more to render it when that is not a hit.
pub(crate) fn parts(plan: &Plan<'_>) -> TokenStream {
    let (door, key, parts) = (&plan.door, local("__key"), local("__parts"));
    let steps = steps(plan, &key.to_token_stream(), From::Parameters, None);
    quote!(let #parts = |#key: &mut #door::KeyBuilder| { #steps };)
}

/// The statements that write the key into `key`, up to the end of a group if one is named.
pub(crate) fn steps(plan: &Plan<'_>, key: &TokenStream, from: From, group: Option<usize>) -> TokenStream {
    let door = &plan.door;
    let mut tokens = TokenStream::new();
    let mut parts = 0;
    // the last mark of a group's own name is the runtime's
    let mark = |parts: usize| {
        if plan.groups.contains(&parts) && group != Some(parts) {
            quote!(#door::mark_group(#key);)
        } else {
            TokenStream::new()
        }
    };
    for step in &plan.steps {
        match step {
            Step::Text(text) => tokens.extend(quote!(#door::text(#key, #text);)),
            Step::Open => tokens.extend(quote!(#door::open_partition(#key);)),
            Step::Close => tokens.extend(quote!(#door::close_partition(#key);)),
            Step::Part(written) => {
                if plan.ends_late(parts) {
                    tokens.extend(mark(parts));
                    if group == Some(parts) {
                        break;
                    }
                }
                tokens.extend(part(plan, key, written, from));
                parts += 1;
                if !plan.ends_late(parts) {
                    tokens.extend(mark(parts));
                    if group == Some(parts) {
                        break;
                    }
                }
            }
        }
    }
    tokens
}

// before: `<product.id>` and the parameter `product: &Product`
// after:  part(&mut __key, &product.id);      spanned at the parameter
fn part(plan: &Plan<'_>, key: &TokenStream, part: &Part, from: From) -> TokenStream {
    let Part { place, fields, ident } = part;
    let (door, span) = (&plan.door, ident.span());
    // a field that doesn't exist is a mistake in the template, not in the parameter
    let template = plan.args().key.get().map_or(span, |given| crate::diag::ends(&given.tokens).0);
    let field_span = Span::mixed_site().located_at(template);
    let members: TokenStream = fields.iter().map(|field| member(field, field_span)).collect();
    match (place, from) {
        (Place::Parameter | Place::Item, From::EdgeArguments) if fields.is_empty() => {
            let ty = plan
                .key_params
                .iter()
                .find(|param| *param.ident == *ident)
                .map(|param| types::behind_reference(param.ty).0);
            quote_spanned!(span=> #door::edge_part::<#ty, _>(#key, &#ident);)
        }
        (_, From::Entry) => quote_spanned!(span=> #door::Again(&#ident #members).part(#key);),
        (Place::Result, _) if fields.is_empty() => quote_spanned!(span=> #door::part(#key, #ident);),
        _ => quote_spanned!(span=> #door::part(#key, &#ident #members);),
    }
}

/// `.field`
pub(super) fn member(field: &str, span: Span) -> TokenStream {
    let name = match field.parse::<usize>() {
        Ok(index) => {
            let mut index = Literal::usize_unsuffixed(index);
            index.set_span(span);
            index.into_token_stream()
        }
        Err(_) => syn::parse_str::<Ident>(field)
            .map_or_else(|_| Ident::new_raw(field, span), |name| Ident::new(&name.to_string(), span))
            .into_token_stream(),
    };
    quote_spanned!(span=> .#name)
}
