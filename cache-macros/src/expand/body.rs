//! Where does the user's body go, and how is it called?

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, FnArg, GenericParam, Pat};

use super::{Home, attrs, flushes, local};
use crate::plan::Plan;
use crate::repository::{Item, Repository};
use crate::types;

// after: async fn __cached_find_body(&self, id: i64) -> R { user's tokens }
pub(crate) fn function(plan: &Plan<'_>) -> TokenStream {
    let function = plan.function();
    let Some(block) = function.block() else { return TokenStream::new() };
    let attrs = attrs::hidden(&function.attrs);
    let inner = match flushes::first(plan) {
        Some(flush) => {
            let cache = super::cache(plan);
            quote!({ #cache #flush #block })
        }
        None => quote!(#block),
    };
    let mut sig = function.sig.clone();
    sig.ident = plan.hidden("body");
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input
            && let Pat::Ident(pat) = &*typed.pat
            && used_outside(plan, &pat.ident)
        {
            typed.attrs.push(syn::parse_quote!(#[allow(unused_variables)]));
        }
    }
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        // what clippy says of a signature is said of the user's own function
        #[allow(clippy::unused_async, clippy::unused_self, clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
        #[allow(clippy::too_many_arguments, clippy::type_complexity, clippy::option_option, clippy::similar_names)]
        #[allow(clippy::fn_params_excessive_bools, clippy::large_types_passed_by_value, clippy::ref_option, clippy::ptr_arg)]
        #[allow(clippy::unnecessary_wraps, clippy::needless_lifetimes, clippy::impl_trait_in_params, clippy::future_not_send)]
        #[allow(clippy::redundant_allocation, clippy::rc_buffer, clippy::box_collection, clippy::vec_box, clippy::needless_pass_by_ref_mut)]
        #sig #inner
    }
}

/// Is a parameter used where the body doesn't see it: in the key, an edge, or `value`?
fn used_outside(plan: &Plan<'_>, param: &Ident) -> bool {
    let name = param.to_string();
    let in_key =
        plan.args().template().is_some_and(|template| template.mentions(&crate::function::unraw(param)));
    let in_options = super::terms::mentions(plan, &name);
    let collection = plan.case.collection().is_some_and(|collection| collection.ident == *param);
    in_key || in_options || collection || plan.edges.iter().any(|target| target.edge.mentions(&name))
}

// after: async move { user's tokens }                   alone
//        Self::__cached_find_body(self, id)             in a repository
pub(crate) fn run(plan: &Plan<'_>, home: Home) -> TokenStream {
    match home {
        Home::Bare => inline(plan, &TokenStream::new()),
        Home::Repository => call(
            plan,
            plan.function().self_token().map(|this| quote!(#this)).as_ref(),
            ToTokens::to_token_stream,
        ),
    }
}

/// `async move { prologue; user's tokens }`, with the return type made known.
pub(crate) fn inline(plan: &Plan<'_>, prologue: &TokenStream) -> TokenStream {
    let function = plan.function();
    let Some(block) = function.block() else { return TokenStream::new() };
    let edge = return_edge(plan);
    let user = block.stream();
    let flush = flushes::first(plan);
    let mut inner = Group::new(proc_macro2::Delimiter::Brace, quote!(#edge #flush #prologue #user));
    inner.set_span(block.span());
    quote!(async move #inner)
}

// after: if false { return never::<R>(); }      never runs: inference learns `R` from it
fn return_edge(plan: &Plan<'_>) -> TokenStream {
    let (ty, span) = (plan.function().output_tokens(), plan.function().output_span());
    let door = plan.door_at(span);
    quote_spanned! {span=>
        #[allow(clippy::needless_return)]
        if false {
            return #door::never::<#ty>();
        }
    }
}

/// A call of the hidden body; `argument` says how each parameter is passed.
pub(crate) fn call(
    plan: &Plan<'_>,
    this: Option<&TokenStream>,
    argument: impl Fn(&Ident) -> TokenStream,
) -> TokenStream {
    let (name, generics) = (plan.hidden("body"), turbofish(plan));
    let arguments = plan.function().sig.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => this.cloned(),
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pat) => Some(argument(&pat.ident)),
            _ => None,
        },
    });
    quote!(Self::#name #generics(#(#arguments),*))
}

fn turbofish(plan: &Plan<'_>) -> TokenStream {
    let names: Vec<&Ident> = plan
        .function()
        .sig
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if names.is_empty() { TokenStream::new() } else { quote!(::<#(#names),*>) }
}

/// `let name = owned(name);` for each parameter passed by reference: what outlives the call owns its arguments.
pub(crate) fn owned_references(plan: &Plan<'_>) -> TokenStream {
    let door = &plan.door;
    let params = plan.function().params.iter();
    params
        .map(|param| {
            let (name, span) = (&param.ident, param.span());
            if param.is_reference() {
                quote_spanned!(span=> let #name = #door::owned(#name);)
            } else if types::secret_reference(&param.ty).is_some() {
                quote_spanned!(span=> let #name = #door::owned_secret(&#name);)
            } else {
                TokenStream::new()
            }
        })
        .collect()
}

/// The same, and copies of what is passed by value: the call keeps its own.
pub(crate) fn owned_arguments(plan: &Plan<'_>) -> TokenStream {
    let door = &plan.door;
    plan.function()
        .params
        .iter()
        .map(|param| {
            let (name, span) = (&param.ident, param.span());
            if param.is_reference() {
                quote_spanned!(span=> let #name = #door::owned(#name);)
            } else {
                quote_spanned!(span=> let #name = ::core::clone::Clone::clone(&#name);)
            }
        })
        .collect()
}

/// A call of the hidden body with arguments that [`owned_arguments`] made.
pub(crate) fn call_owned(plan: &Plan<'_>, this: Option<&TokenStream>) -> TokenStream {
    let door = &plan.door;
    call(plan, this, |name| match plan.function().params.iter().find(|param| param.ident == *name) {
        Some(param) if param.is_reference() => quote!(::core::borrow::Borrow::borrow(&#name)),
        Some(param) if types::secret_reference(&param.ty).is_some() => quote!(#door::borrowed_secret(&#name)),
        Some(_) | None => name.to_token_stream(),
    })
}

/// With the function's own `self` token: in `macro_rules!` another `self` would be another word.
pub(crate) fn with_own_self(plan: &Plan<'_>, expr: &Expr) -> TokenStream {
    with_self(expr.to_token_stream(), plan.function().self_token().map(ToTokens::into_token_stream))
}

/// The tokens with every `self` replaced.
pub(crate) fn with_self(tokens: TokenStream, this: Option<TokenStream>) -> TokenStream {
    let Some(this) = this else { return tokens };
    let mut trees = tokens.into_iter().peekable();
    let mut out = TokenStream::new();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(ident) if ident == "self" && !types::is_module(&ident, trees.peek()) => {
                out.extend(this.clone());
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), with_self(group.stream(), Some(this.clone())));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

// before: Self::Item, an associated type of the trait impl
// after:  <Self as Trait>::Item, which the inherent impl understands too
pub(crate) fn qualify(tokens: TokenStream, repository: &Repository) -> TokenStream {
    let Some((path, _)) = &repository.head.trait_ else { return tokens };
    let names: Vec<String> = repository.items.iter().filter_map(associated_type).collect();
    if names.is_empty() { tokens } else { qualified(tokens, path, &names) }
}

fn associated_type(item: &Item) -> Option<String> {
    let Item::Other(tokens) = item else { return None };
    let mut words = tokens.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    });
    words.find(|word| word == "type").and_then(|_| words.next())
}

fn qualified(tokens: TokenStream, path: &syn::Path, names: &[String]) -> TokenStream {
    let mut trees = tokens.into_iter().peekable();
    let mut out = TokenStream::new();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(ident) if ident == "Self" => {
                let ahead: Vec<TokenTree> = trees.clone().take(3).collect();
                let named = matches!(ahead.as_slice(), [TokenTree::Punct(_), TokenTree::Punct(colon), TokenTree::Ident(name)]
                    if colon.as_char() == ':' && names.contains(&name.to_string()));
                out.extend(if named {
                    quote_spanned!(ident.span()=> <#ident as #path>)
                } else {
                    ident.into_token_stream()
                });
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), qualified(group.stream(), path, names));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

/// The parameters passed by value that `tokens` mention: the body moves the originals.
pub(crate) struct Kept {
    /// `let __kept_a = clone(&a);`, before the body takes `a`
    pub(crate) hoisted: TokenStream,
    /// `let a = __kept_a;`, where `a` is wanted
    pub(crate) bound: TokenStream,
}

pub(crate) fn kept(plan: &Plan<'_>, tokens: &TokenStream) -> Kept {
    let mut kept = Kept { hoisted: TokenStream::new(), bound: TokenStream::new() };
    for param in &plan.function().params {
        let name = &param.ident;
        if !param.is_reference() && types::mentions(tokens.clone(), &name.to_string()) {
            let copy = local(&format!("__kept_{}", param.name));
            kept.hoisted.extend(
                quote_spanned!(Span::mixed_site()=> let #copy = ::core::clone::Clone::clone(&#name);),
            );
            kept.bound.extend(quote_spanned!(Span::mixed_site()=> let #name = #copy;));
        }
    }
    kept
}
