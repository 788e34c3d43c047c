//! Readers of one entry: `cache_aside`, `read_through`, `refresh_ahead`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::terms::{self, Scene, ValueOf};
use super::{Home, Shape, blame, body, cache, key, merging, slot, spec};
use crate::plan::Plan;

// before: async fn find(&self, id: i64) -> R { body }
// after:  async fn find(&self, id: i64) -> R {
//             slot; cache; spec; parts;
//             if let Some(__hit) = hit(__slot, __cache, __spec, &__parts) { return __hit; }
//             let __key = key(__parts);
//             load(__slot, __cache, __spec, __key, (), Self::__cached_find_body(self, id)).await
//         }
pub(crate) fn reader(plan: &Plan<'_>, home: Home) -> TokenStream {
    let (start, body) = (start(plan, home), merging::repeated(plan, home));
    let span = blame(plan);
    let door = plan.door_at(span);
    let (load, slot) = match plan.args().timeout.get() {
        Some(_) => ("load_within", quote_spanned!(span=> #door::carrying(__slot))),
        None => ("load", quote_spanned!(span=> __slot)),
    };
    if crate::verify::of(&plan.case).is_some() {
        return verified(plan, &start, load, &slot, &body);
    }
    let load = Ident::new(load, span);
    let hit = terms::if_wanted(plan, quote_spanned!(span=> #door::hit(__slot, __cache, __spec, &__parts)));
    let terms = terms::terms(plan, ValueOf::Slot, Scene::Call);
    let call = quote_spanned! {span=>
        if let ::core::option::Option::Some(__hit) = #hit {
            return __hit;
        }
        let __key = #door::key(__parts);
        #door::#load(#slot, __cache, __spec, __key, #terms, #body).await
    };
    quote!(#start #call)
}

// before: verify = 0.001
// after: let __make = || { let __this = copied(self); owned arguments; ((), async move { Self::__cached_find_body(&__this, id).await }) };
//        if let Some(__hit) = hit_verified(__slot, __cache, __spec, &__parts, &__make) { return __hit; }
//        let __again = verifying(__spec, &__make);
//        let __key = key(__parts);
//        load_verified(__slot, __cache, __spec, __key, (), __again, Self::__cached_find_body(self, id)).await
fn verified(
    plan: &Plan<'_>,
    start: &TokenStream,
    load: &str,
    slot: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let span = blame(plan);
    let (door, make) = (plan.door_at(span), make(plan));
    let load = Ident::new(&load.replacen("load", "load_verified", 1), span);
    let hit = quote_spanned!(span=> #door::hit_verified(__slot, __cache, __spec, &__parts, &__make));
    let hit = terms::if_wanted(plan, hit);
    let terms = terms::terms(plan, ValueOf::Slot, Scene::Call);
    let call = quote_spanned! {span=>
        #make
        if let ::core::option::Option::Some(__hit) = #hit {
            return __hit;
        }
        let __again = #door::verifying(__spec, &__make);
        let __key = #door::key(__parts);
        #door::#load(#slot, __cache, __spec, __key, #terms, __again, #body).await
    };
    quote!(#start #call)
}

// after: let __make = || { let __this = copied(self); owned arguments; ((), async move { Self::__cached_home_body(&__this).await }) };
//        if let Some(__hit) = hit_refreshing(__slot, __cache, __spec, &__parts, &__make) { return __hit; }
//        let __refresh = __make();
//        let __key = key(__parts);
//        load_refreshing(__slot, __cache, __spec, __key, (), __refresh, Self::__cached_home_body(self)).await
//        with `verify`: let __again = verifying(__spec, &__make); load_refreshing_verified(.., __refresh, __again, ..)
pub(crate) fn refresh_ahead(plan: &Plan<'_>, home: Home) -> TokenStream {
    let (start, body) = (start(plan, home), merging::repeated(plan, home));
    let span = blame(plan);
    let (door, make) = (plan.door_at(span), make(plan));
    let hit = quote_spanned!(span=> #door::hit_refreshing(__slot, __cache, __spec, &__parts, &__make));
    let hit = terms::if_wanted(plan, hit);
    let terms = terms::terms(plan, ValueOf::Slot, Scene::Call);
    let (load, verifying, again) = match crate::verify::of(&plan.case) {
        None => ("load_refreshing", TokenStream::new(), TokenStream::new()),
        Some(_) => (
            "load_refreshing_verified",
            quote_spanned!(span=> let __again = #door::verifying(__spec, &__make);),
            quote_spanned!(span=> __again,),
        ),
    };
    let load = Ident::new(load, span);
    let call = quote_spanned! {span=>
        #make
        if let ::core::option::Option::Some(__hit) = #hit {
            return __hit;
        }
        let __refresh = __make();
        #verifying
        let __key = #door::key(__parts);
        #door::#load(__slot, __cache, __spec, __key, #terms, __refresh, #again #body).await
    };
    quote!(#start #call)
}

/// The closure that makes a body for after the call, with terms of its own.
fn make(plan: &Plan<'_>) -> TokenStream {
    let owned = body::owned_arguments(plan);
    let (span, mixed) = (blame(plan), Span::mixed_site());
    let door = plan.door_at(span);
    let this = plan.function().self_token();
    let clone = this
        .map(|this| quote_spanned!(mixed.located_at(this.span)=> let __this: Self = #door::copied(#this);));
    let again = body::call_owned(plan, Some(&quote_spanned!(mixed=> &__this)));
    let later = terms::terms(plan, ValueOf::Slot, Scene::Background);
    quote_spanned! {span=>
        let __make = || {
            #clone
            #owned
            (#later, async move { #again.await })
        };
    }
}

fn start(plan: &Plan<'_>, home: Home) -> TokenStream {
    let (spec, slot, cache, key) =
        (spec::bind(plan, home), slot(plan, Shape::Stored), cache(plan), key::parts(plan));
    let when = terms::when(plan);
    quote!(#when #spec #slot #cache #key)
}
