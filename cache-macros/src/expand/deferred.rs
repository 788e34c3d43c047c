//! Writers whose database write comes later: `write_behind`. Any process may flush what one has acknowledged.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::effects::{Effects, effects};
use super::terms::{self, Scene, ValueOf};
use super::writer::owned_value;
use super::{Home, Shape, attrs, blame, body, cache, edges, key, local, merging, probes, slot, spec};
use crate::diag::ends;
use crate::function::Parameter;
use crate::plan::Plan;
use crate::repository::Repository;
use crate::strategy::Strategy;
use crate::types::{self, Passed};

// before: #[cached(strategy = "write_behind", value = s, batch = Self::save, ..)] async fn touch(&self, s: Session) -> R;
// after:  slot; cache; spec; key; effects; let __value = clone(&s); let __payload = lasting(s); let __deferring = detached(deferring);
//         use the probes; Again((carrying(__slot), (), shows(showable(__value)), __payload, __deferring)).enqueue(__cache, __spec, __key.finish(), __effects).await
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
    let Shown { value, terms, shows } = shown(plan);
    let payload = payload(plan);
    let this = plan.function().self_token();
    let at = Span::mixed_site().located_at(this.map_or(span, |this| this.span));
    let here = plan.door_at(at);
    let deferring = deferring(plan, &quote_spanned!(at=> #here::copied(#this)));
    let probes = probes(plan);
    quote_spanned! {span=>
        #spec #slot #cache #key #before
        #value
        let __payload = #payload;
        let __deferring = #door::detached(#deferring);
        #probes
        #door::Again((#door::carrying(__slot), #terms, #shows, __payload, __deferring)).enqueue(__cache, __spec, __key.finish(), __effects).await
    }
}

/// What readers get until the database has the write.
struct Shown {
    /// The statement that makes the value.
    value: TokenStream,
    terms: TokenStream,
    shows: TokenStream,
}

// before: value = s
// after:  let __value = clone(&s);    (), shows(__value)
// before: deletes, merge = Self::add
// after:  (), deletes()               (), delta()
fn shown(plan: &Plan<'_>) -> Shown {
    let span = blame(plan);
    let door = plan.door_at(span);
    let nothing = |shows| Shown { value: TokenStream::new(), terms: quote!(()), shows };
    if plan.args().deletes.get().is_some() {
        return nothing(quote_spanned!(span=> #door::deletes()));
    }
    if plan.args().merge.get().is_some() {
        return nothing(quote_spanned!(span=> #door::delta()));
    }
    let given = plan.args().value.value();
    let at = given.map_or(span, |value| Span::mixed_site().located_at(ends(value).0));
    let (door, value) = (plan.door_at(at), given.map(|value| owned_value(plan, value)));
    Shown {
        value: quote_spanned!(span=> let __value = #value;),
        terms: terms::terms(plan, ValueOf::Named, Scene::Call),
        shows: quote_spanned!(at=> #door::shows(#door::showable(__value))),
    }
}

/// The arguments the deferred write needs, without the cache itself.
fn carried<'a>(plan: &Plan<'a>) -> Vec<&'a Parameter> {
    plan.case.function.params.iter().filter(|param| !param.is_cache()).collect()
}

/// Is an argument kept as it is, and not in a tuple?
pub(super) fn alone<'a>(plan: &Plan<'a>) -> Option<&'a Parameter> {
    match carried(plan).as_slice() {
        [only] if plan.args().batch.get().is_some() => Some(only),
        _ => None,
    }
}

/// So many arguments make a tuple that is `Clone` and can be written down where each of them can.
const MOST: usize = 12;

// before: s: Session
// after:  lasting(s)                                                 with `batch`
//         (lasting(owned(id)), lasting(count),)      each at its type, which is where the compiler says that it can't be kept
fn payload(plan: &Plan<'_>) -> TokenStream {
    let carried = carried(plan);
    let owned = |param: &Parameter| {
        let (door, name, span) = (&plan.door, &param.ident, param.span());
        if param.is_reference() { quote_spanned!(span=> #door::owned(#name)) } else { name.to_token_stream() }
    };
    let lasting = |param: &Parameter| {
        let at = Span::mixed_site().located_at(ends(&param.ty).0);
        let (door, owned) = (plan.door_at(at), owned(param));
        quote_spanned!(at=> #door::lasting(#owned))
    };
    if let Some(only) = alone(plan) {
        return lasting(only);
    }
    if carried.len() <= MOST {
        let all = carried.into_iter().map(lasting);
        return quote!((#(#all,)*));
    }
    let (span, all) = (blame(plan), carried.into_iter().map(owned));
    let door = plan.door_at(span);
    quote_spanned!(span=> #door::lasting((#(#all,)*)))
}

/// The type of what [`payload`] makes.
pub(super) fn payload_type(plan: &Plan<'_>) -> TokenStream {
    match alone(plan) {
        Some(only) => types::owned(&only.ty),
        None => {
            let all = carried(plan).into_iter().map(|param| types::owned(&param.ty));
            quote!((#(#all,)*))
        }
    }
}

// before: batch = Self::save, merge = Self::add, upcast = Self::upcast
// after:  deferring(copied(self), Self::__cached_touch_flush)
//             .in_transaction(Self::__cached_touch_progress).merging(Self::__cached_touch_merge).upcast(Self::__cached_touch_upcast)
fn deferring(plan: &Plan<'_>, copied: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let flush = plan.hidden("flush");
    let step = |given: bool, method: &str, what: &str| {
        let (method, function) = (Ident::new(method, mixed), plan.hidden(what));
        if given { quote_spanned!(mixed=> .#method(Self::#function)) } else { TokenStream::new() }
    };
    let progress = step(plan.case.in_transaction(), "in_transaction", "progress");
    let merging = step(plan.args().merge.get().is_some(), "merging", "merge");
    let upcast = step(plan.args().upcast.get().is_some(), "upcast", "upcast");
    // what can't be flushed from any thread is said at the return type
    let span = blame(plan);
    let here = plan.door_at(span);
    quote_spanned!(span=> #here::deferring(#copied, Self::#flush) #progress #merging #upcast)
}

/// `cache(&(__this.cache))`
fn cache_of(plan: &Plan<'_>, this: &TokenStream) -> TokenStream {
    let door = &plan.door;
    let cache = plan.case.cache().map_or_else(
        || this.clone(),
        |expr| {
            let expr = body::with_self(expr.to_token_stream(), Some(this.clone()));
            quote!(&(#expr))
        },
    );
    quote!(#door::cache(#cache))
}

/// The pool of a batch's transaction.
struct Pool {
    /// What is no pool is said where it is named.
    span: Span,
    pool: TokenStream,
}

// before: db = self.db
// after:  &(__this.db)
fn database(plan: &Plan<'_>) -> Pool {
    let mixed = Span::mixed_site();
    let db = plan.case.repository.and_then(|repository| repository.defaults.db.value());
    let span = mixed.located_at(ends(&db).0);
    let db = db.map(|expr| body::with_self(expr.to_token_stream(), Some(quote_spanned!(mixed=> __this))));
    Pool { span, pool: quote_spanned!(span=> &(#db)) }
}

// after: async fn __cached_touch_flush(__this: Self, __batch: Vec<Session>) -> R { Self::save(&__this, &__batch).await }
//        fn __cached_touch_waiting() -> &'static Spec { Self::__cached_touch_spec() }        for `flush_before` of others
pub(crate) fn functions(plan: &Plan<'_>) -> TokenStream {
    if plan.case.strategy() != Some(Strategy::WriteBehind) {
        return TokenStream::new();
    }
    let inner = match plan.args().batch.value() {
        Some(path) => batch_call(plan, path),
        None => body_calls(plan),
    };
    let (flush, this, batch) = (plan.hidden("flush"), local("__this"), local("__batch"));
    let (payload, output) = (payload_type(plan), plan.function().output_tokens());
    let signature = quote!(async fn #flush(#this: Self, #batch: ::std::vec::Vec<#payload>) -> #output);
    let flush = sibling(plan, &signature, &inner);
    let (progress, merge, upcast, add) =
        (progress(plan), merging::merge(plan), upcast(plan), merging::add(plan));
    let spec = plan.hidden("spec");
    let waiting = waiting(plan, &quote!(Self::#spec()));
    quote!(#flush #progress #merge #upcast #add #waiting)
}

pub(super) fn sibling(plan: &Plan<'_>, signature: &TokenStream, inner: &TokenStream) -> TokenStream {
    let attrs = attrs::hidden(&plan.function().attrs);
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        #signature { #inner }
    }
}

// after: fn __cached_touch_progress(__this: &Self, __lane: Lane) -> Progress { progress(cache(&(__this.cache)), &(__this.db), __lane) }
fn progress(plan: &Plan<'_>) -> Option<TokenStream> {
    if !plan.case.in_transaction() {
        return None;
    }
    let (door, name, this, lane) = (&plan.door, plan.hidden("progress"), local("__this"), local("__lane"));
    let cache = cache_of(plan, &this.to_token_stream());
    let Pool { span, pool } = database(plan);
    let here = plan.door_at(span);
    let signature = quote!(fn #name(#this: &Self, #lane: #door::Lane) -> #door::Progress);
    Some(sibling(plan, &signature, &quote_spanned!(span=> #here::progress(#cache, #pool, #lane))))
}

// before: upcast = Self::upcast
// after:  fn __cached_touch_upcast(__schema: u32, __json: &str) -> Result<Session, String> { Self::upcast(__schema, __json) }
fn upcast(plan: &Plan<'_>) -> Option<TokenStream> {
    let path = plan.args().upcast.value()?;
    let at = Span::mixed_site().located_at(ends(path).1);
    let (name, payload) = (plan.hidden("upcast"), payload_type(plan));
    let (schema, json) = (Ident::new("__schema", at), Ident::new("__json", at));
    let signature = quote! {
        fn #name(
            #schema: ::core::primitive::u32,
            #json: &::core::primitive::str
        ) -> ::core::result::Result<#payload, ::std::string::String>
    };
    Some(sibling(plan, &signature, &quote_spanned!(at=> #path(#schema, #json))))
}

/// What others may name of a function, for a block with a mistake.
pub(crate) fn stubs(plan: &Plan<'_>) -> TokenStream {
    if plan.case.strategy() != Some(Strategy::WriteBehind) {
        return TokenStream::new();
    }
    waiting(plan, &quote!(::core::unreachable!()))
}

fn waiting(plan: &Plan<'_>, inner: &TokenStream) -> TokenStream {
    let (door, name, vis) = (&plan.door, plan.hidden("waiting"), edges::visibility(plan));
    let attrs = attrs::hidden(&plan.function().attrs);
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
        #vis fn #name() -> &'static #door::Spec { #inner }
    }
}

// before: async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Session]) -> R
// after:  let __failed: fn(_) -> _ = of_database;
//         let mut __tx = match begin(cache, db).await { Ok(tx) => tx, Err(e) => return Err(__failed(e)) };
//         let __done = Self::save(&__this, &mut __tx, &__batch).await; finish(__tx, __done, __failed).await
fn batch_call(plan: &Plan<'_>, path: &syn::Path) -> TokenStream {
    let (door, mixed) = (&plan.door, Span::mixed_site());
    let this = plan.function().self_token().map(|_| quote_spanned!(mixed=> &__this,));
    // what the function doesn't take is said where it is named
    let (_, end) = ends(path);
    let batch = quote_spanned!(mixed.located_at(end)=> &__batch);
    let taken = taken(plan);
    if !plan.case.in_transaction() {
        return quote_spanned!(mixed=> #taken #path(#this #batch).await);
    }
    let cache = cache_of(plan, &quote_spanned!(mixed=> __this));
    let Pool { span, pool } = database(plan);
    let here = plan.door_at(span);
    let begin = quote_spanned!(span=> #here::begin(#cache, #pool));
    // an error that can't be one of the database is said at the return type
    let span = blame(plan);
    let (failed, at_output) = (Ident::new("__failed", span), plan.door_at(span));
    let ask = quote_spanned!(span=> let #failed: fn(_) -> _ = #at_output::of_database;);
    quote_spanned! {mixed=>
        #taken
        #ask
        let mut __tx = match #begin.await {
            ::core::result::Result::Ok(__tx) => __tx,
            ::core::result::Result::Err(__error) => return ::core::result::Result::Err(#failed(__error)),
        };
        let __done = #path(#this &mut __tx, #batch).await;
        #door::finish(__tx, __done, #failed).await
    }
}

// before: async fn save(&self, batch: &[Session])
// after:  let __batch = batch_of::<Session, Session>(__batch);      what is called with, and what is taken: said at the element, if it is another
fn taken(plan: &Plan<'_>) -> Option<TokenStream> {
    let function = plan.case.batch_function()?;
    let (element, Passed::Borrowed) = types::element(&function.params.last()?.ty)? else { return None };
    // what the types of the function's own choice are, the call decides
    let decided = !attrs::conditions(&function.attrs).is_empty()
        || !spec::is_nameable(function, &element.to_token_stream());
    if decided {
        return None;
    }
    let at = Span::mixed_site().located_at(ends(element).0);
    let (door, payload) = (plan.door_at(at), payload_type(plan));
    Some(quote_spanned!(at=> let __batch = #door::batch_of::<#payload, #element>(__batch);))
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

// after: impl Repository for Sessions {
//            fn cache(&self) -> &Cache { cache(&(self.cache)) }
//            fn hand_over(self, __served: &mut Served) { { slot; use the probes; Again((__slot, deferring)).hand_over(__served, Self::__cached_touch_spec()); } .. }
//        }
//        once for the block, and so once for the type: the compiler says if two blocks have such functions; what is wrong with one of
//        them, the function itself has said
pub(crate) fn hand_over(repository: &Repository, plans: &[Plan<'_>]) -> TokenStream {
    let served = local("__served");
    let functions = behind(plans).map(|plan| {
        let (span, conditions) = (blame(plan), attrs::conditions(&plan.function().attrs));
        let (slot, spec) = (slot(plan, Shape::Seen), plan.hidden("spec"));
        let (door, probes) = (plan.door_at(span), probes(plan));
        let deferring = deferring(plan, &quote!(#door::Again(&self).copied()));
        quote_spanned! {span=>
            #(#conditions)*
            {
                #slot
                #probes
                #door::Again((__slot, #deferring)).hand_over(#served, Self::#spec());
            }
        }
    });
    let cache = behind(plans).next().map(|plan| cache_of(plan, &quote!(self)));
    let functions: TokenStream = functions.collect();
    let inner = body::qualify(functions, repository);
    implementation(repository, plans, &quote!(#cache), &inner)
}

/// The same without what is in it, for a block with a mistake.
pub(crate) fn hand_over_stub(repository: &Repository, plans: &[Plan<'_>]) -> TokenStream {
    implementation(repository, plans, &quote!(::core::unreachable!()), &TokenStream::new())
}

fn behind<'p, 'a>(plans: &'p [Plan<'a>]) -> impl Iterator<Item = &'p Plan<'a>> {
    plans.iter().filter(|plan| plan.case.strategy() == Some(Strategy::WriteBehind))
}

fn implementation(
    repository: &Repository,
    plans: &[Plan<'_>],
    cache: &TokenStream,
    functions: &TokenStream,
) -> TokenStream {
    let Some(plan) = behind(plans).next() else { return TokenStream::new() };
    // two of them for one type are a mistake, which is said at the functions
    let at = Span::mixed_site().located_at(plan.function().sig.ident.span());
    let (Plan { krate, door, .. }, served) = (plan, local("__served"));
    let (generics, _, bounds) = repository.head.generics.split_for_impl();
    let (ty, outer) = (&repository.head.self_ty, attrs::hidden(&repository.head.attrs));
    let head = quote_spanned!(at=> impl #generics #krate::Repository for #ty #bounds);
    quote! {
        #(#outer)*
        #[allow(unused_variables, clippy::all, clippy::pedantic, clippy::nursery)]
        #head {
            fn cache(&self) -> &#krate::Cache { #cache }
            fn hand_over(self, #served: &mut #door::Served) { #functions }
        }
    }
}
