//! What was meant: attribute and function checked together, and handed to the expansion only when nothing is wrong.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::args::{Args, Attr};
use crate::case::{Case, KeyParam};
use crate::diag::Diagnostics;
use crate::edges::Edge;
use crate::expand;
use crate::function::Function;
use crate::function::unraw;
use crate::groups;
use crate::repository::{Item, Repository, ours, second_attribute};
use crate::rules;
use crate::template::Piece;

/// A checked function: every name in it is bound.
pub(crate) struct Plan<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) krate: TokenStream,
    /// `#krate::__private`
    pub(crate) door: TokenStream,
    pub(crate) steps: Vec<Step>,
    pub(crate) key_params: Vec<KeyParam<'a>>,
    /// How many leading parts the groups in use have.
    pub(crate) groups: BTreeSet<usize>,
    pub(crate) edges: Vec<Target<'a>>,
}

/// One step of rendering a key.
pub(crate) enum Step {
    Text(String),
    Part(Part),
    Open,
    Close,
}

/// A placeholder, bound.
pub(crate) struct Part {
    pub(crate) place: Place,
    pub(crate) fields: Vec<String>,
    /// The token it is bound to, and where mistakes about its type belong.
    pub(crate) ident: Ident,
}

/// What a placeholder is bound to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Parameter,
    Item,
    Receiver,
    Result,
}

/// An edge with what it leads to.
pub(crate) struct Target<'a> {
    pub(crate) edge: &'a Edge,
    /// The reader needs `self` for its key.
    pub(crate) takes_self: bool,
}

impl<'a> Plan<'a> {
    fn new(case: Case<'a>) -> Self {
        let krate = case.krate();
        let door = quote!(#krate::__private);
        let groups = groups::of_template(case);
        let edges = case
            .args
            .all_edges()
            .iter()
            .map(|edge| Target { edge, takes_self: takes_self(edge, case.repository) })
            .collect();
        Self { krate, door, steps: steps(case), key_params: case.key_params(), groups, edges, case }
    }

    pub(crate) fn function(&self) -> &'a Function {
        self.case.function
    }

    pub(crate) fn args(&self) -> &'a Args {
        self.case.args
    }

    /// The path of the runtime's hidden module, to be blamed at `span`.
    pub(crate) fn door_at(&self, span: Span) -> TokenStream {
        // a path of the user's keeps its meaning: it may come from a macro
        let own = self.case.krate_given();
        let respanned = self.door.clone().into_iter().map(|mut tree| {
            tree.set_span(if own { tree.span().located_at(span) } else { span });
            tree
        });
        respanned.collect()
    }

    /// Does a group of this depth end where the next part begins? One without parts does, or with nothing but the scope: what is
    /// between belongs to it.
    pub(crate) fn ends_late(&self, group: usize) -> bool {
        group == usize::from(self.args().template().is_some_and(|template| template.scoped))
    }

    /// A sibling's name: `__cached_find_body`.
    pub(crate) fn hidden(&self, what: &str) -> Ident {
        hidden(&self.function().sig.ident, what)
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.steps.iter().filter_map(|step| match step {
            Step::Part(part) => Some(part),
            Step::Text(_) | Step::Open | Step::Close => None,
        })
    }

    /// The groups that edges to this function may name, as the number of their parts.
    pub(crate) fn nameable_groups(&self) -> impl Iterator<Item = usize> {
        let nameable =
            |group: usize| self.args().template().is_some_and(|template| groups::nameable(template, group));
        self.groups.iter().copied().filter(move |group| nameable(*group))
    }

    pub(crate) fn uses(&self, place: Place) -> bool {
        self.parts().any(|part| part.place == place)
    }
}

/// The hidden name of a function's sibling.
pub(crate) fn hidden(function: &Ident, what: &str) -> Ident {
    format_ident!("__cached_{}_{}", unraw(function), what, span = function.span())
}

/// `#[cached(..)]` or `#[invalidates(..)]` without a repository.
pub(crate) fn function(attr: Attr, tokens: TokenStream, item: &TokenStream) -> TokenStream {
    let mut diags = Diagnostics::default();
    let args = Args::parse(attr, Span::call_site(), tokens, &mut diags);
    let Ok(function) = syn::parse2::<Function>(item.clone()) else {
        not_a_function(args.attribute_name(), item, &mut diags);
        let errors = diags.finish();
        return quote!(#item #errors);
    };
    for attr in function.attrs.iter().filter(|attr| ours(attr).is_some()) {
        second_attribute(attr, &mut diags);
    }
    let case = Case { args: &args, function: &function, repository: None };
    rules::function(&case, &mut diags);
    if diags.is_empty() {
        let _ = diags.finish();
        return expand::bare(&Plan::new(case));
    }
    let mut kept = function.clone();
    kept.attrs.retain(|attr| ours(attr).is_none());
    let (errors, kept) = (diags.finish(), kept.unchanged());
    quote!(#kept #errors)
}

// #[cached(key = "product:<id>", ttl = 5)] struct Product;      <- no function
fn not_a_function(attribute: &str, item: &TokenStream, diags: &mut Diagnostics) {
    let found = item.clone().into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) if word == "impl" || word == "struct" || word == "mod" => Some(word),
        _ => None,
    });
    let message = format!("`#[{attribute}]` stands above an async function");
    match found {
        Some(word) if word == "impl" => diags
            .error(word.span(), format!("{message}, and this is an `impl` block"))
            .help("put it above the functions in the block, and `#[repository(..)]` above the block"),
        Some(word) => diags
            .error(word.span(), format!("{message}, and this is a `{word}`"))
            .help("put it above the function itself"),
        None => diags.error(Span::call_site(), message).help("put it above the function itself"),
    };
}

// #[uncached] async fn ping()      <- only a repository asks
pub(crate) fn uncached(item: &TokenStream) -> TokenStream {
    let mut diags = Diagnostics::default();
    diags
        .error(Span::call_site(), "`#[uncached]` belongs into a `#[repository]` block")
        .help("remove it: outside such a block nothing asks what a function does to the cache");
    let errors = diags.finish();
    quote!(#item #errors)
}

/// `#[repository(..)]`
pub(crate) fn repository(tokens: TokenStream, item: &TokenStream) -> TokenStream {
    let mut diags = Diagnostics::default();
    let Some(repository) = Repository::parse(tokens, item.clone(), &mut diags) else {
        let errors = diags.finish();
        return quote!(#item #errors);
    };
    let cases = || {
        repository.items.iter().filter_map(|item| match item {
            Item::Member(member) => {
                Some(Case { args: &member.args, function: &member.function, repository: Some(&repository) })
            }
            Item::Function(_) | Item::Other(_) => None,
        })
    };
    for case in cases() {
        rules::function(&case, &mut diags);
    }
    rules::repository(&repository, &mut diags);
    if !diags.is_empty() || repository.has_twins() {
        let plans: Vec<Plan<'_>> = cases().map(Plan::new).collect();
        let (errors, kept) = (diags.finish(), expand::unchanged(&repository, &plans));
        return quote!(#kept #errors);
    }
    let _ = diags.finish();
    let plans: Vec<Plan<'_>> = cases().map(Plan::new).collect();
    expand::repository(&repository, &plans)
}

fn steps(case: Case<'_>) -> Vec<Step> {
    let Some(template) = case.args.template() else { return Vec::new() };
    let item =
        case.args.each().filter(|each| case.collection().is_some() && template.mentions(&unraw(&each.item)));
    let bind = |root: &str| -> Option<(Place, Ident)> {
        if root == "self" {
            let token = case.function.self_token()?;
            return Some((Place::Receiver, Ident::new("self", token.span)));
        }
        if let Some(each) = item.filter(|each| unraw(&each.item) == root) {
            return Some((Place::Item, each.item.clone()));
        }
        match case.function.param(root) {
            Some(param) => Some((Place::Parameter, param.ident.clone())),
            None => Some((Place::Result, Ident::new("__result", Span::mixed_site()))),
        }
    };
    let step = |piece: &Piece| match piece {
        Piece::Text(text) => Some(Step::Text(text.clone())),
        Piece::Open => Some(Step::Open),
        Piece::Close => Some(Step::Close),
        Piece::Placeholder(placeholder) => {
            let (place, ident) = bind(&placeholder.root)?;
            Some(Step::Part(Part { place, fields: placeholder.fields.clone(), ident }))
        }
    };
    template.pieces.iter().filter_map(step).collect()
}

fn takes_self(edge: &Edge, repository: Option<&Repository>) -> bool {
    let reader = edge.local().and_then(|local| repository?.member(&unraw(local)));
    reader.and_then(|reader| reader.args.template()).is_some_and(|template| template.mentions("self"))
}
