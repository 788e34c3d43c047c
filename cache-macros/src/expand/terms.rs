//! How does a function decide call by call: `when`, `unless`, a computed `ttl`?

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;

use super::{body, local, transactions};
use crate::diag::ends;
use crate::plan::Plan;
use crate::ttl::Ttl;
use crate::types;

/// Where the terms stand, which says who has the arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// In the function: parameters are what they are.
    Call,
    /// Where parameters passed by reference have become owned, as in the entry handle.
    Owned,
    /// In the background: so has `self`, under the name `__this`.
    Background,
}

/// Where the type of the value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueOf {
    Slot,
    Batch,
    Named,
}

// before: when = !draft
// after:  let __when = holds(!draft);
///
/// In a transaction the cache is left alone, too: `let __when = joined(&*tx).is_none() && holds(!draft);`
pub(crate) fn when(plan: &Plan<'_>) -> TokenStream {
    let (mixed, name) = (Span::mixed_site(), local("__when"));
    let asked = condition(plan).map(|expr| {
        let span = ends(expr).0;
        let door = plan.door_at(span);
        let expr = body::with_own_self(plan, expr);
        quote_spanned!(span=> #door::holds(#expr))
    });
    match (transactions::none_is_open(plan), asked) {
        (None, None) => TokenStream::new(),
        (None, Some(asked)) => quote_spanned!(mixed=> let #name = #asked;),
        (Some(alone), None) => quote_spanned!(mixed=> let #name = #alone;),
        (Some(alone), Some(asked)) => quote_spanned!(mixed=> let #name = #alone && #asked;),
    }
}

/// Is there a condition on the use of the cache?
fn is_conditional(plan: &Plan<'_>) -> bool {
    condition(plan).is_some() || plan.case.transactions().next().is_some()
}

/// The condition of a hit: `if __when { hit } else { None }`.
pub(crate) fn if_wanted(plan: &Plan<'_>, hit: TokenStream) -> TokenStream {
    if !is_conditional(plan) {
        return hit;
    }
    let name = local("__when");
    quote_spanned!(Span::mixed_site()=> if #name { #hit } else { ::core::option::Option::None })
}

// before: version = <result.version>
// after:  versioned(__slot, terms, move |__value| row_version(&__value.version))
/// What is decided about a value, and its version.
pub(crate) fn terms(plan: &Plan<'_>, of: ValueOf, scene: Scene) -> TokenStream {
    let terms = conditions(plan, of, scene);
    let (value, door) = (local("__value"), &plan.door);
    let Some(read) = version(plan, &value, scene == Scene::Owned) else { return terms };
    let read = quote_spanned!(Span::mixed_site()=> move |#value| #read);
    let slot = slot_at_return_type(plan);
    match of {
        ValueOf::Slot => quote!(#door::versioned(#slot, #terms, #read)),
        ValueOf::Batch => quote!(#door::versioned_each(#slot, #terms, #read)),
        ValueOf::Named => quote!(#door::versioned_of(&#value, #terms, #read)),
    }
}

// after:  row_version(&__value.version)
/// The version of a value, or of the row that a function returns.
pub(crate) fn version(plan: &Plan<'_>, of: &Ident, again: bool) -> Option<TokenStream> {
    let given = plan.args().version.get()?;
    let span = Span::mixed_site().located_at(crate::version::span(given));
    let door = plan.door_at(span);
    let fields: TokenStream =
        given.value.as_ref()?.fields.iter().map(|field| super::key::member(field, span)).collect();
    let of = Ident::new(&of.to_string(), of.span().located_at(span));
    Some(if again {
        quote_spanned!(span=> #door::Again(&#of #fields).row_version())
    } else {
        quote_spanned!(span=> #door::row_version(&#of #fields))
    })
}

// before: when = !draft, ttl = |p| p.max_age(), unless = |p| p.hidden
// after:  terms(__slot, __when, move |__value| at_most(apply(__value, |p| p.max_age())), move |__value| holds(apply(__value, |p| p.hidden)))
/// `()` where nothing is decided.
fn conditions(plan: &Plan<'_>, of: ValueOf, scene: Scene) -> TokenStream {
    let (ttl, unless) = (ttl(plan), plan.args().unless.value().and_then(Option::as_ref));
    let when = scene == Scene::Call && plan.case.reads() && is_conditional(plan);
    if ttl.is_none() && unless.is_none() && !when {
        return quote!(());
    }
    let door = &plan.door;
    let ttl = match ttl {
        Some(ttl) => decision(plan, ttl, scene),
        None => quote!(#door::as_declared),
    };
    let unless = match unless {
        Some(expr) => {
            let span = said(expr);
            let door = plan.door_at(span);
            closure(plan, expr, scene, |value, expr| match scene {
                Scene::Owned => quote_spanned!(span=> #door::Again(#door::apply(#value, #expr)).holds()),
                Scene::Call | Scene::Background => {
                    quote_spanned!(span=> #door::holds(#door::apply(#value, #expr)))
                }
            })
        }
        None => quote!(#door::always),
    };
    let asked = if when { local("__when").into_token_stream() } else { quote!(true) };
    let (slot, value) = (slot_at_return_type(plan), local("__value"));
    match of {
        ValueOf::Slot => quote!(#door::terms(#slot, #asked, #ttl, #unless)),
        ValueOf::Batch => quote!(#door::terms_each(#slot, #asked, #ttl, #unless)),
        ValueOf::Named => quote!(#door::terms_of(&#value, #ttl, #unless)),
    }
}

/// A slot is blamed at the return type, as the functions that take it are.
fn slot_at_return_type(plan: &Plan<'_>) -> Ident {
    Ident::new("__slot", super::blame(plan))
}

fn condition<'a>(plan: &Plan<'a>) -> Option<&'a Expr> {
    plan.args().when.value().and_then(Option::as_ref)
}

fn ttl<'a>(plan: &Plan<'a>) -> Option<&'a Ttl> {
    plan.case.ttl().and_then(|given| given.value.as_ref()).filter(|ttl| ttl.expression().is_some())
}

fn decision(plan: &Plan<'_>, ttl: &Ttl, scene: Scene) -> TokenStream {
    let Some(expr) = ttl.expression() else { return TokenStream::new() };
    let span = said(expr);
    let door = plan.door_at(span);
    closure(plan, expr, scene, |value, expr| match ttl {
        Ttl::OfValue(_) if scene == Scene::Owned => {
            quote_spanned!(span=> #door::Again(#door::apply(#value, #expr)).at_most())
        }
        Ttl::Fixed(_) | Ttl::Computed(_) if scene == Scene::Owned => {
            quote_spanned!(span=> #door::Again(#expr).about())
        }
        Ttl::OfValue(_) => quote_spanned!(span=> #door::at_most(#door::apply(#value, #expr))),
        Ttl::Fixed(_) | Ttl::Computed(_) => quote_spanned!(span=> #door::about(#expr)),
    })
}

/// Where a closure says what it says: its body.
fn said(expr: &Expr) -> Span {
    match crate::duration::ungrouped(expr) {
        Expr::Closure(closure) => ends(&closure.body).0,
        other => ends(other).0,
    }
}

// before: |p| p.age(unit), with the parameter `unit: Unit`
// after:  { let unit = clone(&unit); move |__value| inner }
fn closure(
    plan: &Plan<'_>,
    expr: &Expr,
    scene: Scene,
    inner: impl Fn(&TokenStream, &TokenStream) -> TokenStream,
) -> TokenStream {
    let mixed = Span::mixed_site();
    let tokens = expr.to_token_stream();
    let mut kept = TokenStream::new();
    let mut borrowed = TokenStream::new();
    for param in plan.function().params.iter().filter(|param| !param.is_cache()) {
        let name = &param.ident;
        if !types::takes(expr, &name.to_string()) {
            continue;
        }
        if scene != Scene::Call || !param.is_reference() {
            kept.extend(quote_spanned!(mixed=> let #name = ::core::clone::Clone::clone(&#name);));
        }
        if scene != Scene::Call && param.is_reference() {
            let (ty, _) = types::behind_reference(&param.ty);
            borrowed
                .extend(quote_spanned!(mixed=> let #name: &#ty = ::core::borrow::Borrow::borrow(&#name);));
        }
    }
    let this = local("__this");
    let expr = match scene {
        Scene::Background if types::takes(expr, "self") => {
            kept.extend(quote_spanned!(mixed=> let #this: Self = ::core::clone::Clone::clone(&#this);));
            borrowed.extend(quote_spanned!(mixed=> let #this: &Self = &#this;));
            body::with_self(tokens, Some(this.into_token_stream()))
        }
        Scene::Call | Scene::Owned | Scene::Background => body::with_own_self(plan, expr),
    };
    let value = local("__value").into_token_stream();
    let inner = inner(&value, &expr);
    let inner = if borrowed.is_empty() { inner } else { quote_spanned!(mixed=> { #borrowed #inner }) };
    let closure = quote_spanned!(mixed=> move |#value| #inner);
    if kept.is_empty() { closure } else { quote_spanned!(mixed=> { #kept #closure }) }
}

/// Does an option's expression use this parameter?
pub(crate) fn mentions(plan: &Plan<'_>, name: &str) -> bool {
    plan.args().expressions().any(|(_, expr)| types::takes(expr, name))
}
