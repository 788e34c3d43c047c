//! Writers whose body runs at once: `write_through`, `write_around`, `#[invalidates]`.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Expr;

use super::batch;
use super::effects::{Effects, effects};
use super::terms::{self, Scene, ValueOf};
use super::{Home, Shape, blame, body, cache, key, slot, spec};
use crate::plan::Plan;

// before: async fn reprice(&self, id: i64, price: Money) -> R { body }
// after:  slot; cache; spec; key; effects;
//         write_through(__slot, None, __cache, __spec, __key.finish(), (), __effects, body, |result, __effects| { .. }).await
pub(crate) fn write_through(plan: &Plan<'_>, home: Home) -> TokenStream {
    if plan.args().each().is_some() {
        return write_each(plan, home);
    }
    let span = blame(plan);
    let door = plan.door_at(span);
    let Effects { before, after } = effects(plan);
    let refusal = refusal(plan);
    let (spec, cache, key, body) =
        (spec::bind(plan, home), cache(plan), key::build(plan, key::From::Parameters), body::run(plan, home));
    match plan.args().value.value() {
        None => {
            let slot = slot(plan, Shape::Stored);
            let terms = terms::terms(plan, ValueOf::Slot, Scene::Call);
            quote_spanned! {span=>
                #spec #slot #cache #key #before
                #door::write_through(__slot, #refusal, __cache, __spec, __key.finish(), #terms, __effects, #body, #after).await
            }
        }
        Some(value) => {
            let (slot, value) = (slot(plan, Shape::Seen), owned_value(plan, value));
            let terms = terms::terms(plan, ValueOf::Named, Scene::Call);
            quote_spanned! {span=>
                #spec #slot #cache #key #before
                let __value = #value;
                #door::write_value(__slot, #refusal, __cache, __spec, __key.finish(), #terms, __value, __effects, #body, #after).await
            }
        }
    }
}

// after: write_each::<_, i64, _, _, _>(__slot, None, __cache, __spec, |__key, id| { key }, ids(&ids), (), __effects, body, |result, __effects| { .. }).await
fn write_each(plan: &Plan<'_>, home: Home) -> TokenStream {
    let Some(many) = batch::many(plan) else { return TokenStream::new() };
    let (span, collection, element) = (blame(plan), &many.collection.ident, many.element);
    let door = plan.door_at(span);
    let Effects { before, after } = effects(plan);
    let (spec, slot, cache, body) =
        (spec::bind(plan, home), slot(plan, Shape::Map), cache(plan), body::run(plan, home));
    let key = batch::key_closure(plan, &many);
    let terms = terms::terms(plan, ValueOf::Batch, Scene::Call);
    let refusal = refusal(plan);
    quote_spanned! {span=>
        #spec #slot #cache #before
        #door::write_each::<_, #element, _, _, _>(__slot, #refusal, __cache, __spec, #key, #door::ids(&#collection), #terms, __effects, #body, #after).await
    }
}

// before: #[invalidates(find(id))] async fn delete(&self, id: i64) -> R { body }
// after:  slot; cache; spec; effects;
//         invalidating(__slot, None, __cache, __spec, __effects, body, |result, __effects| { .. }).await
pub(crate) fn invalidating(plan: &Plan<'_>, home: Home) -> TokenStream {
    let span = blame(plan);
    let door = plan.door_at(span);
    let Effects { before, after } = effects(plan);
    let (spec, slot, cache, body) =
        (spec::bind(plan, home), slot(plan, Shape::Seen), cache(plan), body::run(plan, home));
    let refusal = refusal(plan);
    quote_spanned! {span=>
        #spec #slot #cache #before
        #door::invalidating(__slot, #refusal, __cache, __spec, __effects, #body, #after).await
    }
}

// before: on_fence_fail = "reject", or writes of a `write_behind` function to wait for
// after:  refusal(&__slot)
fn refusal(plan: &Plan<'_>) -> TokenStream {
    let span = blame(plan);
    let door = plan.door_at(span);
    if plan.case.rejects() || plan.case.waits_for().is_some() {
        quote_spanned!(span=> #door::refusal(&__slot))
    } else {
        quote_spanned!(span=> ::core::option::Option::None)
    }
}

/// The value to store: a parameter is copied or made owned, any other expression is taken as it is.
pub(crate) fn owned_value(plan: &Plan<'_>, value: &Expr) -> TokenStream {
    let door = &plan.door;
    if let Expr::Path(path) = crate::duration::ungrouped(value)
        && let Some(param) = plan.function().params.iter().find(|param| path.path.is_ident(&param.ident))
    {
        let (name, span) = (&param.ident, param.span());
        return if param.is_reference() {
            quote_spanned!(span=> #door::owned(#name))
        } else {
            quote_spanned!(span=> ::core::clone::Clone::clone(&#name))
        };
    }
    body::with_own_self(plan, value)
}
