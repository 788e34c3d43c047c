//! What stands in the impl block under `#[repository]`, item by item, bodies unparsed?

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, ItemImpl, Meta, Token, Visibility};

use crate::args::{Args, Attr};
use crate::defaults::Defaults;
use crate::diag::Diagnostics;
use crate::function::Function;
use crate::types;

/// An impl block and what was written about it.
pub(crate) struct Repository {
    pub(crate) defaults: Defaults,
    /// The block's head, with an empty body.
    pub(crate) head: ItemImpl,
    pub(crate) items: Vec<Item>,
}

/// One item of the block.
pub(crate) enum Item {
    /// A function under `#[cached]` or `#[invalidates]`.
    Member(Box<Member>),
    /// Another function.
    Function(Box<Function>),
    /// Anything else, untouched.
    Other(TokenStream),
}

/// A function and its attribute.
pub(crate) struct Member {
    pub(crate) args: Args,
    pub(crate) function: Function,
}

impl Repository {
    /// Reads the attribute and the block; `None` where it is no impl block at all.
    pub(crate) fn parse(attribute: TokenStream, item: TokenStream, diags: &mut Diagnostics) -> Option<Self> {
        let defaults = Defaults::parse(attribute, diags);
        let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        let body = tokens.iter().rposition(
            |tree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
        );
        let body = body.and_then(|at| match tokens.get_mut(at) {
            Some(TokenTree::Group(group)) => {
                let empty = Group::new(Delimiter::Brace, TokenStream::new());
                Some(std::mem::replace(group, empty))
            }
            _ => None,
        });
        let head = syn::parse2::<ItemImpl>(tokens.into_iter().collect());
        let (Some(body), Ok(head)) = (body, head) else {
            diags.error(Span::call_site(), "`#[repository]` stands above an `impl` block").help(
                match syn::parse2::<syn::Item>(item) {
                    Ok(syn::Item::Fn(_)) => "for a single function use `#[cached(..)]` alone",
                    Ok(syn::Item::Trait(_)) => "put it above the `impl` of the trait for a type",
                    _ => "put it above the `impl` block with the functions",
                },
            );
            return None;
        };
        let mut items = items(body.stream(), diags)?;
        if let Some(scope) = defaults.scope() {
            for item in &mut items {
                if let Item::Member(member) = item {
                    member.args.scope(scope);
                }
            }
        }
        Some(Self { defaults, head, items })
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.items.iter().filter_map(|item| match item {
            Item::Member(member) => Some(&**member),
            Item::Function(_) | Item::Other(_) => None,
        })
    }

    /// The function of this name, annotated or not.
    pub(crate) fn function(&self, name: &str) -> Option<&Function> {
        self.items.iter().find_map(|item| match item {
            Item::Member(member) => Some(&member.function).filter(|function| function.name() == name),
            Item::Function(function) => Some(&**function).filter(|function| function.name() == name),
            Item::Other(_) => None,
        })
    }

    /// The functions without an attribute of ours.
    pub(crate) fn plain_functions(&self) -> impl Iterator<Item = &Function> {
        self.items.iter().filter_map(|item| match item {
            Item::Function(function) => Some(&**function),
            Item::Member(_) | Item::Other(_) => None,
        })
    }

    /// Are there functions of one name that `cfg` doesn't tell apart? The compiler says so, and better once than once per sibling.
    pub(crate) fn has_twins(&self) -> bool {
        let functions: Vec<&Function> = self
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Member(member) => Some(&member.function),
                Item::Function(function) => Some(&**function),
                Item::Other(_) => None,
            })
            .collect();
        functions
            .iter()
            .zip(0..)
            .any(|(function, at)| functions.iter().take(at).any(|other| twins(other, function)))
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members().find(|member| member.function.name() == name)
    }

    pub(crate) fn is_trait_impl(&self) -> bool {
        self.head.trait_.is_some()
    }

    /// The type's name, for specs.
    pub(crate) fn type_name(&self) -> String {
        types::head(&self.head.self_ty).map_or_else(|| types::text(&self.head.self_ty), |(name, _)| name)
    }

    /// The block as it stood, without our attributes.
    pub(crate) fn unchanged(&self) -> TokenStream {
        let items = self.items.iter().map(|item| match item {
            Item::Member(member) => member.function.unchanged(),
            Item::Function(function) => function.unchanged(),
            Item::Other(tokens) => tokens.clone(),
        });
        self.block(&items.collect())
    }

    /// The block with another body.
    pub(crate) fn block(&self, body: &TokenStream) -> TokenStream {
        let mut trees: Vec<TokenTree> = self.head.to_token_stream().into_iter().collect();
        trees.pop();
        let head: TokenStream = trees.into_iter().collect();
        quote!(#head { #body })
    }
}

/// Do two functions have one name at the same time?
pub(crate) fn twins(left: &Function, right: &Function) -> bool {
    let conditional = |function: &Function| {
        function.attrs.iter().any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
    };
    left.name() == right.name() && !conditional(left) && !conditional(right)
}

/// Which of our attributes is this, if it is one?
pub(crate) fn ours(attr: &Attribute) -> Option<Attr> {
    let last = attr.path().segments.last()?;
    match last.ident.to_string().as_str() {
        "cached" => Some(Attr::Cached),
        "invalidates" => Some(Attr::Invalidates),
        _ => None,
    }
}

/// Takes our attribute off a function; a second one is reported.
pub(crate) fn take_attribute(function: &mut Function, diags: &mut Diagnostics) -> Option<Args> {
    let (mut args, mut uncached) = (None, None);
    for attr in std::mem::take(&mut function.attrs) {
        match ours(&attr) {
            None if is_uncached(&attr) => {
                uncached_alone(&attr, uncached.is_some(), diags);
                uncached = Some(attr);
            }
            None => function.attrs.push(attr),
            Some(kind) if args.is_none() => {
                let span = attr.path().span();
                let tokens = match attr.meta {
                    Meta::List(list) => list.tokens,
                    Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
                };
                args = Some(Args::parse(kind, span, tokens, diags));
            }
            Some(_) => second_attribute(&attr, diags),
        }
    }
    function.uncached = uncached.is_some();
    if let (Some(args), Some(uncached)) = (&args, &uncached) {
        cached_and_uncached(args, uncached, diags);
    }
    args
}

fn is_uncached(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == "uncached")
}

// #[uncached(find)]              <- it takes nothing
// #[uncached] #[uncached]        <- the second one
fn uncached_alone(attr: &Attribute, again: bool, diags: &mut Diagnostics) {
    if again {
        diags.error_at(attr.path(), "`#[uncached]` is given twice").help("remove one of the two");
    } else if !matches!(attr.meta, Meta::Path(_)) {
        diags.error_at(&attr.meta, "`#[uncached]` takes nothing").help("write `#[uncached]`");
    }
}

// #[cached(..)] #[uncached]      <- which?
fn cached_and_uncached(args: &Args, uncached: &Attribute, diags: &mut Diagnostics) {
    let name = args.attribute_name();
    diags
        .error_at(uncached.path(), format!("a function under `#[{name}]` is not `#[uncached]`"))
        .help("remove one of the two attributes");
}

// #[cached(..)] #[invalidates(find(id))]      <- the second attribute
pub(crate) fn second_attribute(attr: &Attribute, diags: &mut Diagnostics) {
    diags
        .error_at(attr.path(), "a function takes one of `#[cached]` and `#[invalidates]`, once")
        .help("remove one; a writer has its edges as an option: `#[cached(.., invalidates(find(id)))]`");
}

fn items(body: TokenStream, diags: &mut Diagnostics) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            items.push(item(input, diags)?);
        }
        Ok(())
    };
    match parser.parse2(body) {
        Ok(()) => Some(items),
        Err(error) => {
            diags.absorb(&error);
            None
        }
    }
}

fn item(input: ParseStream<'_>, diags: &mut Diagnostics) -> syn::Result<Item> {
    if !is_function(input) {
        return other(input).map(Item::Other);
    }
    let fork = input.fork();
    if Function::parse(&fork).is_err() {
        return other(input).map(Item::Other);
    }
    let mut function: Function = input.parse()?;
    Ok(match take_attribute(&mut function, diags) {
        Some(args) => Item::Member(Box::new(Member { args, function })),
        None => Item::Function(Box::new(function)),
    })
}

fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.call(Attribute::parse_outer).is_err() || Visibility::parse(&ahead).is_err() {
        return false;
    }
    for _ in 0..6 {
        if ahead.peek(Token![fn]) {
            return true;
        }
        let modifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr);
        if !modifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    false
}

/// An item that is none of ours: up to its `;` or its braces.
fn other(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    for attr in input.call(Attribute::parse_outer)? {
        attr.to_tokens(&mut tokens);
    }
    input.parse::<Visibility>()?.to_tokens(&mut tokens);
    let to_semicolon = input.peek(Token![const]) || input.peek(Token![type]);
    while !input.is_empty() {
        let tree: TokenTree = input.parse()?;
        let end = match &tree {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !to_semicolon,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        tokens.extend([tree]);
        if end {
            break;
        }
    }
    Ok(tokens)
}
