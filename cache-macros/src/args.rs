//! What was written in `#[cached(..)]` or `#[invalidates(..)]`?

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, Path, Token};

use crate::diag::Diagnostics;
use crate::duration::{self, ungrouped};
use crate::edges::Edge;
use crate::options::{self, OPTIONS};
use crate::spanned::{Given, SetOnce, given_twice};
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::Template;

/// Which attribute was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attr {
    Cached,
    Invalidates,
}

/// An attribute's options, as written.
pub(crate) struct Args {
    pub(crate) attr: Attr,
    /// The attribute itself, for what is absent.
    pub(crate) span: Span,
    pub(crate) strategy: SetOnce<Option<Strategy>>,
    pub(crate) key: SetOnce<Option<Template>>,
    pub(crate) ttl: SetOnce<Option<duration::Span>>,
    pub(crate) negative_ttl: SetOnce<Option<duration::Span>>,
    pub(crate) stale_if_error: SetOnce<Option<duration::Span>>,
    pub(crate) timeout: SetOnce<Option<duration::Span>>,
    pub(crate) refresh_at: SetOnce<Option<u32>>,
    pub(crate) jitter: SetOnce<Option<u32>>,
    pub(crate) each: SetOnce<Option<Each>>,
    pub(crate) skip: SetOnce<Vec<Ident>>,
    pub(crate) group: SetOnce<Vec<Ident>>,
    pub(crate) invalidates: SetOnce<Vec<Edge>>,
    pub(crate) value: SetOnce<Expr>,
    pub(crate) batch: SetOnce<Path>,
    pub(crate) cache: SetOnce<Expr>,
    pub(crate) krate: SetOnce<Path>,
    /// The name of every known option, in order, also where its value could not be read.
    pub(crate) names: Vec<Ident>,
    /// Options that were probably meant, or could not even be told apart.
    pub(crate) meant: Meant,
    /// The edges of `#[invalidates(..)]`, and whether one could not be read.
    pub(crate) edges: Vec<Edge>,
    pub(crate) broken_edges: bool,
}

/// What a mistake in the syntax may have hidden: nothing of it is reported as absent.
#[derive(Default)]
pub(crate) struct Meant {
    pub(crate) names: Vec<&'static str>,
    pub(crate) anything: bool,
}

/// `each(id in ids)`
#[derive(Clone)]
pub(crate) struct Each {
    pub(crate) item: Ident,
    pub(crate) collection: Ident,
}

impl Args {
    pub(crate) fn parse(attr: Attr, span: Span, tokens: TokenStream, diags: &mut Diagnostics) -> Self {
        let mut args = Self::empty(attr, span);
        let parsed = (|input: ParseStream<'_>| {
            args.read(input, diags);
            Ok(())
        })
        .parse2(tokens);
        if let Err(error) = parsed {
            diags.absorb(&error);
        }
        args
    }

    pub(crate) fn empty(attr: Attr, span: Span) -> Self {
        Self {
            attr,
            span,
            strategy: SetOnce::default(),
            key: SetOnce::default(),
            ttl: SetOnce::default(),
            negative_ttl: SetOnce::default(),
            stale_if_error: SetOnce::default(),
            timeout: SetOnce::default(),
            refresh_at: SetOnce::default(),
            jitter: SetOnce::default(),
            each: SetOnce::default(),
            skip: SetOnce::default(),
            group: SetOnce::default(),
            invalidates: SetOnce::default(),
            value: SetOnce::default(),
            batch: SetOnce::default(),
            cache: SetOnce::default(),
            krate: SetOnce::default(),
            names: Vec::new(),
            meant: Meant::default(),
            edges: Vec::new(),
            broken_edges: false,
        }
    }

    /// The strategy, unless it was not understood.
    pub(crate) fn strategy(&self) -> Option<Strategy> {
        match (self.attr, self.strategy.value()) {
            (Attr::Invalidates, _) => None,
            (Attr::Cached, None) => Some(Strategy::CacheAside),
            (Attr::Cached, Some(strategy)) => *strategy,
        }
    }

    pub(crate) fn template(&self) -> Option<&Template> {
        self.key.value().and_then(Option::as_ref)
    }

    pub(crate) fn each(&self) -> Option<&Each> {
        self.each.value().and_then(Option::as_ref)
    }

    /// The edges, whichever attribute holds them.
    pub(crate) fn all_edges(&self) -> &[Edge] {
        match self.attr {
            Attr::Invalidates => &self.edges,
            Attr::Cached => self.invalidates.value().map_or(&[], Vec::as_slice),
        }
    }

    /// Was this option at least meant?
    pub(crate) fn meant(&self, option: &str) -> bool {
        self.meant.anything
            || self.meant.names.contains(&option)
            || self.names.iter().any(|name| name == option)
    }

    pub(crate) fn attribute_name(&self) -> &'static str {
        match self.attr {
            Attr::Cached => "cached",
            Attr::Invalidates => "invalidates",
        }
    }

    fn read(&mut self, input: ParseStream<'_>, diags: &mut Diagnostics) {
        while !input.is_empty() {
            let read = self.read_one(input, diags);
            if let Err(error) = &read {
                diags.absorb(error);
            }
            self.meant.anything |= !skip_to_comma(input, read.is_ok(), diags);
        }
    }

    fn read_one(&mut self, input: ParseStream<'_>, diags: &mut Diagnostics) -> syn::Result<()> {
        if self.attr == Attr::Invalidates && !is_option(input) {
            match Edge::parse(input) {
                Ok(edge) => self.edges.push(edge),
                Err(error) => {
                    self.broken_edges = true;
                    return Err(error);
                }
            }
            return Ok(());
        }
        if !input.peek(Ident::peek_any) {
            self.meant.anything = true;
            return Err(input.error("expected an option, such as `key = \"product:<id>\"`"));
        }
        let name = input.call(Ident::parse_any)?;
        let known = options::find(&name.to_string());
        if known.is_none_or(|row| !self.takes(row)) {
            let attribute = self.attribute_name();
            let names = OPTIONS.iter().filter(|row| self.takes(row)).map(|row| row.name);
            let meant = unknown_option(&name, attribute, names, diags);
            self.meant.names.extend(meant);
            skip_value(input);
            return Ok(());
        }
        self.names.push(name.clone());
        self.read_value(&name, input, diags)
    }

    fn takes(&self, row: &options::OptionRow) -> bool {
        match self.attr {
            Attr::Cached => !row.fits.is_empty(),
            Attr::Invalidates => row.invalidates,
        }
    }

    fn read_value(
        &mut self,
        name: &Ident,
        input: ParseStream<'_>,
        diags: &mut Diagnostics,
    ) -> syn::Result<()> {
        match name.to_string().as_str() {
            "strategy" => {
                let value = value(name, input, "\"read_through\"")?;
                let strategy = strategy(&value, diags);
                self.strategy.set(Given::new(name, &value, strategy), diags);
            }
            "key" => {
                let value = value(name, input, "\"product:<id>\"")?;
                let template = template(&value, diags);
                self.key.set(Given::new(name, &value, template), diags);
            }
            "ttl" => self.ttl.set(length(name, input, diags)?, diags),
            "negative_ttl" => self.negative_ttl.set(length(name, input, diags)?, diags),
            "stale_if_error" => self.stale_if_error.set(length(name, input, diags)?, diags),
            "timeout" => self.timeout.set(length(name, input, diags)?, diags),
            "refresh_at" => self.refresh_at.set(share(name, input, diags)?, diags),
            "jitter" => self.jitter.set(share(name, input, diags)?, diags),
            "each" => {
                let group = parenthesized(name, input, "each(id in ids)")?;
                let each = each(name, &group, diags);
                self.each.set(Given::new(name, &group, each), diags);
            }
            "skip" => self.skip.set(words(name, input, "skip(trace)", diags)?, diags),
            "group" => self.group.set(words(name, input, "group(category)", diags)?, diags),
            "invalidates" => {
                let group = parenthesized(name, input, "invalidates(find(id))")?;
                let (edges, broken) = Edge::parse_all(group.stream(), diags);
                self.broken_edges |= broken;
                if edges.is_empty() && !broken {
                    diags
                        .error_at(&group, "`invalidates()` names no entries")
                        .help("name the readers whose entries become stale, as in `invalidates(find(id))`");
                    self.broken_edges = true;
                }
                self.invalidates.set(Given::new(name, &group, edges), diags);
            }
            "value" => self.value.set(expression(name, input, "product")?, diags),
            "cache" => self.cache.set(expression(name, input, "self.cache")?, diags),
            "batch" => self.batch.set(path(name, input, "Self::save_all")?, diags),
            _ => self.krate.set(path(name, input, "::cache_runtime")?, diags),
        }
        Ok(())
    }
}

// #[cached(tlt = 5, ..)]      <- `tlt`
pub(crate) fn unknown_option<'a>(
    name: &Ident,
    attribute: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    diags: &mut Diagnostics,
) -> Option<&'a str> {
    let written = name.to_string();
    let meant = suggest::nearest(&written, known.clone());
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the options are {}", suggest::list(known)),
    };
    diags.error(name.span(), format!("unknown option `{written}` for `#[{attribute}]`")).help(help);
    meant
}

/// `= expr`, as an expression.
pub(crate) fn value(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Expr> {
    equals(name, input, example)?;
    input.parse()
}

pub(crate) fn expression(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Given<Expr>> {
    let value = value(name, input, example)?;
    Ok(Given::new(name, &value, value.clone()))
}

pub(crate) fn path(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Given<Path>> {
    equals(name, input, example)?;
    let start = input.span();
    match input.parse::<Expr>() {
        Ok(expr) => match ungrouped(&expr) {
            Expr::Path(path) if path.qself.is_none() => Ok(Given::new(name, path, path.path.clone())),
            _ => Err(syn::Error::new_spanned(
                &expr,
                format!("`{name}` takes a path\nhelp: write `{name} = {example}`"),
            )),
        },
        // `crate` alone is a path, but no expression to the parser in every position
        Err(_) => {
            Err(syn::Error::new(start, format!("`{name}` takes a path\nhelp: write `{name} = {example}`")))
        }
    }
}

/// A duration; what is wrong with it is reported here.
pub(crate) fn length(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<duration::Span>>> {
    let value = value(name, input, "\"5m\"")?;
    let length = duration::from_expr(&value);
    if let Err(error) = &length {
        let option = name.to_string();
        diags.error_at(&value, error.message(&option)).help(error.help(&option));
    }
    Ok(Given::new(name, &value, length.ok()))
}

/// Steps over what is left of an option, and its comma. What is left of a good option is a mistake: `false`.
pub(crate) fn skip_to_comma(input: ParseStream<'_>, good: bool, diags: &mut Diagnostics) -> bool {
    let stray = input.span();
    let clean = input.is_empty() || input.peek(Token![,]);
    skip_value(input);
    let _ = input.parse::<Option<Token![,]>>();
    if good && !clean {
        diags.error(stray, "expected `,` here");
    }
    clean || !good
}

/// Steps over the value of an option that is not known.
pub(crate) fn skip_value(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

fn equals(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Ok(());
        }
    }
    Err(syn::Error::new(
        name.span(),
        format!("`{name}` has no value\nhelp: write for example `{name} = {example}`"),
    ))
}

/// Among edges, an option is what has a value, or is called `each`.
fn is_option(input: ParseStream<'_>) -> bool {
    let each = input.fork().call(Ident::parse_any).is_ok_and(|name| name == "each");
    input.peek(Ident::peek_any) && (input.peek2(Token![=]) || each)
}

fn strategy(value: &Expr, diags: &mut Diagnostics) -> Option<Strategy> {
    let written = match ungrouped(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let names = Strategy::ALL.map(Strategy::name);
    let Some(written) = written else {
        diags
            .error_at(value, "`strategy` takes a text")
            .help("write for example `strategy = \"read_through\"`");
        return None;
    };
    let strategy = Strategy::from_name(&written);
    if strategy.is_none() {
        let help = match suggest::nearest(&written.to_lowercase().replace('-', "_"), names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the strategies are {}", suggest::list(names)),
        };
        diags.error_at(value, format!("unknown strategy `{written}`")).help(help);
    }
    strategy
}

fn template(value: &Expr, diags: &mut Diagnostics) -> Option<Template> {
    let Expr::Lit(literal) = ungrouped(value) else {
        diags.error_at(value, "`key` takes a text").help("write for example `key = \"product:<id>\"`");
        return None;
    };
    let Lit::Str(text) = &literal.lit else {
        diags.error_at(value, "`key` takes a text").help("write for example `key = \"product:<id>\"`");
        return None;
    };
    match Template::parse(&text.value()) {
        Ok(template) => Some(template),
        Err(errors) => {
            for error in errors {
                diags.error(text.span(), error.message()).help(error.help());
            }
            None
        }
    }
}

// #[cached(refresh_at = 1.5, ..)]      <- not a share of the ttl
fn share(name: &Ident, input: ParseStream<'_>, diags: &mut Diagnostics) -> syn::Result<Given<Option<u32>>> {
    let value = value(name, input, "0.8")?;
    let number = match ungrouped(&value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(number) => number.base10_parse::<f64>().ok(),
            Lit::Int(number) => number.base10_parse::<f64>().ok(),
            _ => None,
        },
        _ => None,
    };
    let permille = number
        .filter(|share| *share > 0.0 && *share < 1.0)
        .and_then(|share| format!("{:.0}", share * 1000.0).parse::<u32>().ok());
    let permille = permille.filter(|share| (1..1000).contains(share));
    if permille.is_none() {
        let example = if name == "jitter" { "0.1" } else { "0.8" };
        diags
            .error_at(&value, format!("`{name}` must lie between 0 and 1"))
            .help(format!("write for example `{name} = {example}`"));
    }
    Ok(Given::new(name, &value, permille))
}

fn each(name: &Ident, group: &Group, diags: &mut Diagnostics) -> Option<Each> {
    let parser = |input: ParseStream<'_>| {
        let item = input.call(Ident::parse_any)?;
        input.parse::<Token![in]>()?;
        let collection = input.call(Ident::parse_any)?;
        Ok(Each { item, collection })
    };
    let each = parser.parse2(group.stream()).ok();
    if each.is_none() {
        diags
            .error_at(group, format!("`{name}` takes a name and a parameter"))
            .help("write for example `each(id in ids)`");
    }
    each
}

fn words(
    name: &Ident,
    input: ParseStream<'_>,
    example: &str,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Vec<Ident>>> {
    let group = parenthesized(name, input, example)?;
    let parser = |input: ParseStream<'_>| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
    };
    let mut words: Vec<Ident> = Vec::new();
    match parser.parse2(group.stream()) {
        Ok(found) if found.is_empty() => {
            diags
                .error_at(&group, format!("`{name}()` names no parameter"))
                .help(format!("write for example `{example}`"));
        }
        Ok(found) => {
            for word in found {
                if words.contains(&word) {
                    given_twice(&word, diags);
                } else {
                    words.push(word);
                }
            }
        }
        Err(_) => {
            diags
                .error_at(&group, format!("`{name}(..)` takes names of parameters"))
                .help(format!("write for example `{example}`"));
        }
    }
    Ok(Given::new(name, &group, words))
}

fn parenthesized(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Group> {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            input.parse::<TokenTree>()?;
            Ok(group)
        }
        _ => {
            skip_value(input);
            Err(syn::Error::new(
                name.span(),
                format!("`{name}` takes parentheses\nhelp: write for example `{example}`"),
            ))
        }
    }
}
