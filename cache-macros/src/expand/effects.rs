//! Which entries does a write drop, before and after its body?

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};

use super::batch::{self, Many};
use super::body::{self, Kept};
use super::edges::target_call;
use super::{key, local, terms, transactions};
use crate::diag::ends;
use crate::plan::{Place, Plan, Target};
use crate::strategy::Strategy;

/// What a write drops: before its body is known to have worked, and what needs its result.
pub(crate) struct Effects {
    /// Statements that make `__effects`.
    pub(crate) before: TokenStream,
    /// The closure over the result.
    pub(crate) after: TokenStream,
}

// before: invalidates(find(id), browse(result.category, ..))
// after:  let mut __effects = Effects::new(); __effects.push(Self::__cached_find_edge1(&(id)));
//         |result, __effects: &mut Effects| { __effects.push(Self::__cached_browse_group1(&(result.category))); }
pub(crate) fn effects(plan: &Plan<'_>) -> Effects {
    let door = &plan.door;
    let many = batch::many(plan);
    let mut pushes = Pushes::default();
    own_key(plan, &mut pushes);
    for target in &plan.edges {
        let call = target_call(plan, target);
        let item = many.as_ref().is_some_and(|many| target.edge.mentions(&many.item.to_string()));
        let push = quote_spanned!(Span::mixed_site()=> #[allow(clippy::needless_borrows_for_generic_args)] __effects.push(#call););
        pushes.add(target.edge.mentions("result"), item, if_there_was(plan, target, push));
    }
    let name = local("__effects");
    let before = pushes.before(many.as_ref(), plan);
    let (hoisted, after) = pushes.after(many.as_ref(), plan);
    let within = transactions::within(plan);
    let start = if before.is_empty() {
        quote!(let #name = #door::Effects::new()#within;)
    } else {
        quote!(let mut #name = #door::Effects::new()#within;)
    };
    let previous = previous(plan);
    Effects { before: quote!(#previous #start #before #hoisted), after }
}

// before: before = self.find(id).await?
// after:  let __before = self.find(id).await?; let __before = { use the probe; Previous(&__before).row() };
fn previous(plan: &Plan<'_>) -> TokenStream {
    let Some(expr) = plan.args().before.value() else { return TokenStream::new() };
    let (door, span) = (&plan.door, ends(expr).0);
    let expr = body::with_own_self(plan, expr);
    let (row, name) = (local("__row"), local("__before"));
    let bind = quote_spanned!(span=> let #row = #expr;);
    quote_spanned! {Span::mixed_site()=>
        #bind
        let #name = {
            #[allow(unused_imports)]
            use #door::probe::*;
            #door::Previous(&#row).row()
        };
    }
}

// before: browse(before.category, ..)
// after:  if let Some(before) = __before { __effects.push(Self::__cached_browse_group1(&(before.category))); }
fn if_there_was(plan: &Plan<'_>, target: &Target<'_>, push: TokenStream) -> TokenStream {
    let edge = target.edge;
    let given = plan.args().before.get().is_some();
    let word = edge.args.iter().find_map(|arg| find_word(arg.to_token_stream(), "before"));
    let (Some(word), true) = (word.filter(|_| edge.mentions("before")), given) else { return push };
    let name = local("__before");
    quote_spanned!(Span::mixed_site()=> if let ::core::option::Option::Some(#word) = #name { #push })
}

#[derive(Default)]
struct Pushes {
    before: TokenStream,
    before_each: TokenStream,
    after: TokenStream,
    after_each: TokenStream,
}

impl Pushes {
    fn add(&mut self, result: bool, item: bool, push: TokenStream) {
        let place = match (result, item) {
            (false, false) => &mut self.before,
            (false, true) => &mut self.before_each,
            (true, false) => &mut self.after,
            (true, true) => &mut self.after_each,
        };
        place.extend(push);
    }

    fn before(&self, many: Option<&Many<'_>>, plan: &Plan<'_>) -> TokenStream {
        let Self { before, before_each, .. } = self;
        let Some(many) = many.filter(|_| !before_each.is_empty()) else { return before.clone() };
        let (door, item, collection) = (&plan.door, many.item, &many.collection.ident);
        quote_spanned!(Span::mixed_site()=> #before for #item in &#door::ids(&#collection) { #before_each })
    }

    /// What is kept from before the body, and the closure that uses it.
    fn after(&self, many: Option<&Many<'_>>, plan: &Plan<'_>) -> (TokenStream, TokenStream) {
        let Self { after, after_each, .. } = self;
        let (door, mixed) = (&plan.door, Span::mixed_site());
        if after.is_empty() && after_each.is_empty() {
            return (TokenStream::new(), quote_spanned!(mixed=> |_, _: &mut #door::Effects| {}));
        }
        let (ids, looped) = match many.filter(|_| !after_each.is_empty()) {
            Some(many) => {
                let (item, collection) = (many.item, &many.collection.ident);
                (
                    quote_spanned!(mixed=> let __ids = #door::ids(&#collection);),
                    quote_spanned!(mixed=> for #item in &__ids { #after_each }),
                )
            }
            None => (TokenStream::new(), TokenStream::new()),
        };
        let result = result_token(plan);
        let Kept { hoisted, bound } = body::kept(plan, &quote!(#after #looped));
        let closure = quote_spanned! {mixed=>
            {
                #bound
                move |#result, __effects: &mut #door::Effects| { #after #looped }
            }
        };
        (quote!(#ids #hoisted), closure)
    }
}

// before: strategy = "write_around", key = "product:<id>"
// after:  { key; __effects.push(own_key(__spec, __key)); }
fn own_key(plan: &Plan<'_>, pushes: &mut Pushes) {
    if plan.case.strategy() != Some(Strategy::WriteAround) {
        return;
    }
    let (door, key) = (&plan.door, local("__key"));
    let build = key::build(plan, key::From::Parameters);
    let bind = match result_token(plan) {
        result if plan.uses(Place::Result) && result == "result" => {
            quote_spanned!(Span::mixed_site()=> let __result = #result;)
        }
        _ => TokenStream::new(),
    };
    let (result, row) = (plan.uses(Place::Result), result_token(plan));
    let version = terms::version(plan, &row, false);
    let method = Ident::new(if version.is_some() { "push_own" } else { "push" }, Span::mixed_site());
    let push = quote_spanned!(Span::mixed_site()=> { #bind #build __effects.#method(#door::own_key(__spec, #key)); });
    pushes.add(result, plan.uses(Place::Item), push);
    // before: version = <result.version>
    // after:  __effects.own_version(row_version(&__result.version));
    if let Some(version) = version {
        pushes.add(true, false, quote_spanned!(Span::mixed_site()=> __effects.own_version(#version);));
    }
}

/// The user's own `result`, if an edge holds one: another token of that name would be another word.
fn result_token(plan: &Plan<'_>) -> Ident {
    let written = plan
        .edges
        .iter()
        .flat_map(|target| &target.edge.args)
        .find_map(|arg| find_word(arg.to_token_stream(), "result"));
    written.unwrap_or_else(|| local("__result"))
}

fn find_word(tokens: TokenStream, word: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == word => Some(ident),
        TokenTree::Group(group) => find_word(group.stream(), word),
        _ => None,
    })
}
