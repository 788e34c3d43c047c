//! How does a checked plan become code? One file per family of strategies; this one joins them.

mod attrs;
mod batch;
mod body;
mod deferred;
mod edges;
mod effects;
mod flushes;
mod handle;
mod key;
mod merging;
mod reader;
mod spec;
mod terms;
mod transactions;
mod writer;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::args::Attr;
use crate::diag::ends;
use crate::plan::Plan;
use crate::repository::{Item, Repository, twins};
use crate::strategy::Strategy;

/// What stands outside the function itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    /// The attribute stands alone: everything is inside the function.
    Bare,
    /// Bodies, specs and edges are siblings in an inherent impl.
    Repository,
}

// before: #[cached(..)] async fn find(cache: &Cache, id: i64) -> R { body }
// after:  async fn find(cache: &Cache, id: i64) -> R { spec; slot; key; one call }
//         fn __cached_find_edge(..) -> Edge { .. }        only where there is no `self`
pub(crate) fn bare(plan: &Plan<'_>) -> TokenStream {
    let function = method(plan, Home::Bare);
    let edge =
        if plan.function().sig.receiver().is_none() { edges::functions(plan) } else { TokenStream::new() };
    quote!(#function #edge)
}

// before: #[repository(..)] impl Trait for Products { #[cached(..)] async fn find(&self, id: i64) -> R { body } }
// after:  impl Trait for Products { async fn find(&self, id: i64) -> R { slot; key; one call } }
//         impl Products { hidden body, spec and edges; `find_entry`, `find_args` }
//         impl Repository for Products { the functions to flush }
//         submit! { the specs }
pub(crate) fn repository(repository: &Repository, plans: &[Plan<'_>]) -> TokenStream {
    let (registration, served) =
        (spec::registration(repository, plans), deferred::hand_over(repository, plans));
    let mut plans = plans.iter();
    let mut inside = TokenStream::new();
    let mut beside = TokenStream::new();
    for item in &repository.items {
        match item {
            Item::Other(tokens) => inside.extend(tokens.clone()),
            Item::Function(function) => inside.extend(function.source()),
            Item::Member(_) => {
                if let Some(plan) = plans.next() {
                    inside.extend(method(plan, Home::Repository));
                    beside.extend(siblings(plan));
                }
            }
        }
    }
    let (block, beside) = (repository.block(&inside), beside_block(repository, beside));
    quote!(#block #beside #served #registration)
}

// before: an impl block with a mistake in it
// after:  the block unchanged, and what others may name of it, so that they have no mistakes of their own
pub(crate) fn unchanged(repository: &Repository, plans: &[Plan<'_>]) -> TokenStream {
    let twin = |plan: &Plan<'_>, at: usize| {
        plans.iter().take(at).any(|other| twins(other.function(), plan.function()))
    };
    let single = plans.iter().zip(0..).filter(|(plan, at)| !twin(plan, *at)).map(|(plan, _)| plan);
    let stubs = single.map(|plan| {
        let (edges, handle, args) = (edges::stubs(plan), handle::entry_stub(plan), handle::args_stub(plan));
        let deferred = deferred::stubs(plan);
        quote!(#edges #handle #args #deferred)
    });
    let beside: TokenStream = stubs.collect();
    let block = repository.unchanged();
    let (beside, served) = (beside_block(repository, beside), deferred::hand_over_stub(repository, plans));
    quote!(#block #beside #served)
}

fn beside_block(repository: &Repository, beside: TokenStream) -> TokenStream {
    if beside.is_empty() {
        return beside;
    }
    let (generics, _, bounds) = repository.head.generics.split_for_impl();
    let (ty, outer) = (&repository.head.self_ty, attrs::hidden(&repository.head.attrs));
    let beside = body::qualify(beside, repository);
    quote! {
        #(#outer)*
        impl #generics #ty #bounds { #beside }
    }
}

fn siblings(plan: &Plan<'_>) -> TokenStream {
    let spec = spec::function(plan);
    let body = body::function(plan);
    let edges = edges::functions(plan);
    let handle = handle::entry(plan);
    let args = handle::args(plan);
    let deferred = deferred::functions(plan);
    quote!(#spec #body #edges #handle #args #deferred)
}

fn method(plan: &Plan<'_>, home: Home) -> TokenStream {
    let function = plan.function();
    let attrs = attrs::public(&function.attrs);
    let batch = plan.case.reads() && plan.args().each().is_some();
    let sig = match home {
        Home::Bare if !batch => function.sig.to_token_stream(),
        Home::Bare | Home::Repository => function.immutable_signature().to_token_stream(),
    };
    let inner = match (plan.args().attr, plan.case.strategy()) {
        (Attr::Invalidates, _) | (_, Some(Strategy::WriteAround) | None) => writer::invalidating(plan, home),
        (_, Some(Strategy::CacheAside | Strategy::ReadThrough)) if plan.args().each().is_some() => {
            batch::reader(plan, home)
        }
        (_, Some(Strategy::CacheAside | Strategy::ReadThrough)) => reader::reader(plan, home),
        (_, Some(Strategy::RefreshAhead)) => reader::refresh_ahead(plan, home),
        (_, Some(Strategy::WriteThrough)) => writer::write_through(plan, home),
        (_, Some(Strategy::WriteBehind)) => deferred::write_behind(plan, home),
    };
    let vis = &function.vis;
    quote!(#(#attrs)* #vis #sig { #inner })
}

// after: let __cache: &Cache = cache(&(self.cache));
fn cache(plan: &Plan<'_>) -> TokenStream {
    let Plan { krate, door, .. } = plan;
    let source = match (plan.case.cache(), plan.function().cache_param(), plan.function().self_token()) {
        (Some(expr), _, _) => {
            let (span, _) = ends(expr);
            let expr = body::with_own_self(plan, expr);
            quote_spanned!(span=> &(#expr))
        }
        (None, Some(param), _) => param.ident.to_token_stream(),
        (None, None, Some(this)) => quote_spanned!(plan.args().span=> #this),
        (None, None, None) => TokenStream::new(),
    };
    let span = plan.case.cache().map_or(plan.args().span, |expr| ends(expr).0);
    let name = local("__cache");
    quote_spanned!(span=> let #name: &#krate::Cache = #door::cache(#source);)
}

/// How far the chain of probes goes.
#[derive(Clone, Copy)]
enum Shape {
    /// The value is stored: `Cacheable` is asked of it.
    Stored,
    /// The value is only looked at.
    Seen,
    /// A map of values.
    Map,
}

// before: -> sqlx::Result<Option<Product>>
// after:  let __slot = { use the probes; storable(slot::<R>().result().error().option().shared()) };
//         spanned at the return type, so that what is wrong with it is said there
fn slot(plan: &Plan<'_>, shape: Shape) -> TokenStream {
    let (span, probed) = (blame(plan), probed(plan, shape));
    let (name, door, probes) = (proc_macro2::Ident::new("__slot", span), plan.door_at(span), probes(plan));
    let found = match shape {
        Shape::Stored => quote_spanned!(span=> #door::storable(#probed)),
        Shape::Seen => probed,
        Shape::Map => quote_spanned!(span=> #door::storable_each(#probed)),
    };
    quote_spanned!(span=> let #name = { #probes #found };)
}

// after: slot::<R>().result().error().option().shared()
fn probed(plan: &Plan<'_>, shape: Shape) -> TokenStream {
    let (ty, span) = (plan.function().output_tokens(), blame(plan));
    let door = plan.door_at(span);
    let rest = match shape {
        Shape::Stored => quote_spanned!(span=> .option().shared()),
        Shape::Seen => quote_spanned!(span=> .option()),
        Shape::Map => quote_spanned!(span=> .map().shared()),
    };
    quote_spanned!(span=> #door::slot::<#ty>().result().error()#rest)
}

fn probes(plan: &Plan<'_>) -> TokenStream {
    let span = blame(plan);
    let door = plan.door_at(span);
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #door::probe::*;
    }
}

/// The place of the return type, for everything that asks something of it: what is wrong there is said there, and only once, because
/// the compiler says one thing once per place.
fn blame(plan: &Plan<'_>) -> Span {
    Span::mixed_site().located_at(plan.function().output_span())
}

/// A local of ours: no identifier of the user can meet it.
fn local(name: &str) -> proc_macro2::Ident {
    proc_macro2::Ident::new(name, Span::mixed_site())
}
