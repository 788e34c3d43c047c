//! How does a function decide call by call: `when`, `unless`, a computed `ttl`?

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;

use super::{body, local};
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
pub(crate) fn when(plan: &Plan<'_>) -> TokenStream {
    let Some(expr) = condition(plan) else { return TokenStream::new() };
    let (span, name) = (ends(expr).0, local("__when"));
    let door = plan.door_at(span);
    let expr = body::with_own_self(plan, expr);
    quote_spanned!(span=> let #name = #door::holds(#expr);)
}

/// The condition of a hit: `if __when { hit } else { None }`.
pub(crate) fn if_wanted(plan: &Plan<'_>, hit: TokenStream) -> TokenStream {
    if condition(plan).is_none() {
        return hit;
    }
    let name = local("__when");
    quote_spanned!(Span::mixed_site()=> if #name { #hit } else { ::core::option::Option::None })
}

// before: when = !draft, ttl = |p| p.max_age(), unless = |p| p.hidden
// after:  terms(__slot, __when, move |__value| at_most(apply(__value, |p| p.max_age())), move |__value| holds(apply(__value, |p| p.hidden)))
/// `()` where nothing is decided.
pub(crate) fn terms(plan: &Plan<'_>, of: ValueOf, scene: Scene) -> TokenStream {
    let (ttl, unless) = (ttl(plan), plan.args().unless.value().and_then(Option::as_ref));
    let when = condition(plan).filter(|_| scene == Scene::Call);
    if ttl.is_none() && unless.is_none() && when.is_none() {
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
    let asked = match when {
        Some(_) => local("__when").into_token_stream(),
        None => quote!(true),
    };
    let (slot, value) = (local("__slot"), local("__value"));
    // a slot is blamed at the return type, as the functions that take it are
    let slot = Ident::new(&slot.to_string(), super::blame(plan));
    match of {
        ValueOf::Slot => quote!(#door::terms(#slot, #asked, #ttl, #unless)),
        ValueOf::Batch => quote!(#door::terms_each(#slot, #asked, #ttl, #unless)),
        ValueOf::Named => quote!(#door::terms_of(&#value, #ttl, #unless)),
    }
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
