//! Writers whose database write comes later: `write_behind`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};

use super::effects::{Effects, effects};
use super::terms::{self, Scene, ValueOf};
use super::writer::owned_value;
use super::{Home, Shape, blame, body, cache, key, slot, spec};
use crate::function::Parameter;
use crate::plan::Plan;

// before: #[cached(strategy = "write_behind", value = s, batch = Self::save, ..)] async fn touch(&self, s: Session) -> R;
// after:  slot; cache; spec; key; effects; let __value = clone(&s); let __payload = clone(&s);
//         enqueue(carrying(__slot), __cache, __spec, __key.finish(), (), __value, __payload, __effects, flush).await
pub(crate) fn write_behind(plan: &Plan<'_>, home: Home) -> TokenStream {
    let span = blame(plan);
    let door = plan.door_at(span);
    let Effects { before, .. } = effects(plan);
    let (spec, slot, cache, key) = (
        spec::bind(plan, home),
        slot(plan, Shape::Seen),
        cache(plan),
        key::build(plan, key::From::Parameters),
    );
    let value = plan.args().value.value().map(|value| owned_value(plan, value));
    let (payload, flush) = (payload(plan), flush(plan));
    let terms = terms::terms(plan, ValueOf::Named, Scene::Call);
    quote_spanned! {span=>
        #spec #slot #cache #key #before
        let __value = #value;
        let __payload = #payload;
        #door::enqueue(#door::carrying(__slot), __cache, __spec, __key.finish(), #terms, __value, __payload, __effects, #flush).await
    }
}

/// The arguments the deferred write needs, without the cache itself.
fn carried<'a>(plan: &Plan<'a>) -> Vec<&'a Parameter> {
    plan.case.function.params.iter().filter(|param| !param.is_cache()).collect()
}

fn payload(plan: &Plan<'_>) -> TokenStream {
    let door = &plan.door;
    let owned = |param: &&Parameter| {
        let (name, span) = (&param.ident, param.span());
        if param.is_reference() { quote_spanned!(span=> #door::owned(#name)) } else { name.to_token_stream() }
    };
    match (carried(plan).as_slice(), plan.args().batch.get()) {
        ([only], Some(_)) => owned(only),
        (all, _) => {
            let all = all.iter().map(owned);
            quote!((#(#all,)*))
        }
    }
}

// after: { let __this = copied(self); move |__batch: Vec<_>| { let __this = copied(&__this); async move { Self::save(&__this, &__batch).await } } }
fn flush(plan: &Plan<'_>) -> TokenStream {
    let inner = match plan.args().batch.value() {
        Some(path) => batch_call(plan, path),
        None => body_calls(plan),
    };
    let this = plan.function().self_token();
    let at = Span::mixed_site().located_at(this.map_or_else(Span::mixed_site, |this| this.span));
    let door = plan.door_at(at);
    let first = this.map(|this| quote_spanned!(at=> let __this: Self = #door::copied(#this);));
    let again = this.map(|_| quote_spanned!(at=> let __this: Self = #door::copied(&__this);));
    quote_spanned! {Span::mixed_site()=>
        {
            #first
            move |__batch: ::std::vec::Vec<_>| {
                #again
                async move { #inner }
            }
        }
    }
}

// before: async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Session]) -> R
// after:  let mut __tx = match begin(cache, db).await { Ok(tx) => tx, Err(e) => return Err(Into::into(e)) };
//         let __done = Self::save(&__this, &mut __tx, &__batch).await; finish(__tx, __done).await
fn batch_call(plan: &Plan<'_>, path: &syn::Path) -> TokenStream {
    let (door, mixed) = (&plan.door, Span::mixed_site());
    let target = path.segments.last().map(|last| crate::function::unraw(&last.ident)).unwrap_or_default();
    let params = plan
        .case
        .repository
        .and_then(|repository| repository.function(&target))
        .map_or(1, |function| function.params.len());
    let this = plan.function().self_token().map(|_| quote_spanned!(mixed=> &__this,));
    // what the function doesn't take is said where it is named
    let (_, end) = crate::diag::ends(path);
    let batch = quote_spanned!(mixed.located_at(end)=> &__batch);
    if params < 2 {
        return quote_spanned!(mixed=> #path(#this #batch).await);
    }
    let on_this =
        |expr: &syn::Expr| body::with_self(expr.to_token_stream(), Some(quote_spanned!(mixed=> __this)));
    let cache = plan.case.cache().map_or_else(|| quote_spanned!(mixed=> __this), on_this);
    let db = plan.case.repository.and_then(|repository| repository.defaults.db.value());
    // what is no pool is said where it is named
    let at = mixed.located_at(crate::diag::ends(&db).0);
    let db = db.map(on_this);
    let (here, db) = (plan.door_at(at), quote_spanned!(at=> &(#db)));
    let begin = quote_spanned!(at=> #here::begin(#door::cache(&(#cache)), #db));
    quote_spanned! {mixed=>
        let mut __tx = match #begin.await {
            ::core::result::Result::Ok(__tx) => __tx,
            ::core::result::Result::Err(__error) => return ::core::result::Result::Err(::core::convert::Into::into(__error)),
        };
        let __done = #path(#this &mut __tx, #batch).await;
        #door::finish(__tx, __done).await
    }
}

// after: for (id, at) in __batch { Self::__cached_touch_body(&__this, id, borrow(&at)).await?; } Ok(())
fn body_calls(plan: &Plan<'_>) -> TokenStream {
    let mixed = Span::mixed_site();
    let names: Vec<_> = carried(plan).into_iter().map(|param| &param.ident).collect();
    let call = body::call_owned(plan, Some(&quote_spanned!(mixed=> &__this)));
    quote_spanned! {mixed=>
        for (#(#names,)*) in __batch {
            #call.await?;
        }
        ::core::result::Result::Ok(())
    }
}
