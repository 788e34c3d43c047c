//! What does a rule look at: one function, its attribute, and the repository around it?

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use crate::args::Args;
use crate::choices::{Level, OnFenceFail};
use crate::duration;
use crate::function::{Function, Parameter, unraw};
use crate::repository::{Member, Repository};
use crate::spanned::Given;
use crate::strategy::Strategy;
use crate::ttl::Ttl;

/// One annotated function in its place.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) args: &'a Args,
    pub(crate) function: &'a Function,
    pub(crate) repository: Option<&'a Repository>,
}

impl<'a> Case<'a> {
    pub(crate) fn strategy(&self) -> Option<Strategy> {
        self.args.strategy()
    }

    /// Is the body a loader? Not known where the strategy was not understood.
    pub(crate) fn reads(&self) -> bool {
        self.strategy().is_some_and(Strategy::reads)
    }

    pub(crate) fn ttl(&self) -> Option<&'a Given<Option<Ttl>>> {
        self.args.ttl.get().or_else(|| self.repository.and_then(|repository| repository.defaults.ttl.get()))
    }

    pub(crate) fn negative_ttl(&self) -> Option<&'a Given<Option<duration::Span>>> {
        self.args
            .negative_ttl
            .get()
            .or_else(|| self.repository.and_then(|repository| repository.defaults.negative_ttl.get()))
    }

    pub(crate) fn schema(&self) -> Option<&'a Given<Option<u32>>> {
        self.args
            .schema
            .get()
            .or_else(|| self.repository.and_then(|repository| repository.defaults.schema.get()))
    }

    /// The level that is written, here or for the repository.
    pub(crate) fn level(&self) -> Option<&'a Given<Option<Level>>> {
        self.args
            .level
            .get()
            .or_else(|| self.repository.and_then(|repository| repository.defaults.level.get()))
    }

    /// What the write does that can't be announced, as written here or for the repository.
    pub(crate) fn on_fence_fail(&self) -> Option<&'a Given<Option<OnFenceFail>>> {
        self.args
            .on_fence_fail
            .get()
            .or_else(|| self.repository.and_then(|repository| repository.defaults.on_fence_fail.get()))
    }

    /// Is this a write that fails where it can't be announced? One that is certainly not strict announces nothing.
    pub(crate) fn rejects(&self) -> bool {
        self.on_fence_fail().and_then(|given| given.value) == Some(OnFenceFail::Reject)
            && self.level().and_then(|given| given.value) != Some(Level::Lease)
    }

    /// The function of the same block that writes the batches.
    pub(crate) fn batch_function(&self) -> Option<&'a Function> {
        self.function_at(self.args.batch.value()?)
    }

    /// The plain function of the same block that a path names.
    pub(crate) fn function_at(&self, path: &syn::Path) -> Option<&'a Function> {
        let repository = self.repository?;
        let mut segments = path.segments.iter();
        match (segments.next(), segments.next(), segments.next()) {
            (Some(first), Some(last), None)
                if first.ident == "Self" || first.ident == repository.type_name() =>
            {
                repository.function(&unraw(&last.ident))
            }
            _ => None,
        }
    }

    /// Are batches written in a transaction of the cache's?
    pub(crate) fn in_transaction(&self) -> bool {
        self.batch_function().is_some_and(|function| function.params.len() == 2)
    }

    /// The `write_behind` function of the same block whose pending writes this one waits for: it writes the same entries, or an edge leads to them.
    pub(crate) fn waits_for(&self) -> Option<&'a Member> {
        let repository = self.repository?;
        if self.reads() || self.strategy() == Some(Strategy::WriteBehind) {
            return None;
        }
        let named = self.args.all_edges().iter().filter(|edge| !edge.rest && !edge.mentions("result"));
        let read = named.filter_map(|edge| repository.member(&unraw(edge.local()?))?.args.template());
        let written: Vec<_> =
            self.args.template().into_iter().chain(read).map(crate::template::Template::shape).collect();
        let behind = |member: &&Member| member.args.strategy() == Some(Strategy::WriteBehind);
        repository
            .members()
            .filter(behind)
            .find(|member| member.args.template().is_some_and(|template| written.contains(&template.shape())))
    }

    /// Was this option at least meant, here or for the repository?
    pub(crate) fn meant(&self, option: &str) -> bool {
        self.args.meant(option) || self.repository.is_some_and(|repository| repository.defaults.meant(option))
    }

    /// Does the user name the runtime crate?
    pub(crate) fn krate_given(&self) -> bool {
        self.given_krate().is_some()
    }

    fn given_krate(&self) -> Option<&'a syn::Path> {
        self.args
            .krate
            .value()
            .or_else(|| self.repository.and_then(|repository| repository.defaults.krate.value()))
    }

    /// The path of the runtime crate.
    pub(crate) fn krate(&self) -> TokenStream {
        self.given_krate().map_or_else(|| quote!(::cache_runtime), ToTokens::to_token_stream)
    }

    /// The expression of the cache, if one is written.
    pub(crate) fn cache(&self) -> Option<&'a syn::Expr> {
        self.args
            .cache
            .value()
            .or_else(|| self.repository.and_then(|repository| repository.defaults.cache.value()))
    }

    /// The parameters that may be transactions: what is borrowed mutably. Whether one must be is the second.
    pub(crate) fn transactions(&self) -> impl Iterator<Item = (&'a Parameter, bool)> {
        let (args, reads) = (self.args, self.reads());
        self.function.params.iter().filter(|param| param.is_mutable_reference()).map(move |param| {
            let skipped = args.skip.value().into_iter().flatten().any(|word| unraw(word) == param.name);
            let in_key = args.template().is_some_and(|template| template.mentions(&param.name));
            (param, reads && !skipped && !in_key)
        })
    }

    /// The parameter that `each` goes through.
    pub(crate) fn collection(&self) -> Option<&'a Parameter> {
        self.args.each().and_then(|each| self.function.param(&unraw(&each.collection)))
    }

    /// The name of one element of `each`.
    pub(crate) fn item(&self) -> Option<String> {
        self.args.each().map(|each| unraw(&each.item))
    }

    /// The parameters that select the entry, in the order of the signature.
    pub(crate) fn key_params(&self) -> Vec<KeyParam<'a>> {
        let Some(template) = self.args.template() else { return Vec::new() };
        let item = self.item();
        let collection = self.collection();
        let mut params = Vec::new();
        for param in &self.function.params {
            let is_collection = collection.is_some_and(|collection| collection.name == param.name);
            match (&item, is_collection) {
                (Some(item), true) if template.mentions(item) => {
                    if let (Some(each), Some((ty, _))) = (self.args.each(), crate::types::element(&param.ty))
                    {
                        params.push(KeyParam { ident: &each.item, name: item.clone(), ty });
                    }
                }
                _ if template.mentions(&param.name)
                    && item.as_ref().is_none_or(|item| *item != param.name) =>
                {
                    params.push(KeyParam { ident: &param.ident, name: param.name.clone(), ty: &param.ty });
                }
                _ => {}
            }
        }
        params
    }
}

/// A parameter, or the element of `each`, that selects the entry.
#[derive(Clone)]
pub(crate) struct KeyParam<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) name: String,
    pub(crate) ty: &'a syn::Type,
}
