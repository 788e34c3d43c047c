//! What was written in `#[cached(..)]` or `#[invalidates(..)]`?

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Path, Token};

use crate::choices::{Level, OnFenceFail, choice, truth};
use crate::diag::Diagnostics;
use crate::duration;
use crate::edges::Edge;
use crate::flushes;
use crate::function::unraw;
use crate::options::{self, OPTIONS};
use crate::spanned::{Given, SetOnce};
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::{Placeholder, Template};
use crate::ttl::{self, Ttl};
use crate::values::{
    Each, condition, each, expression, length, number, parenthesized, path, predicate, share, skip_to_comma,
    skip_value, strategy, template, value, word, words,
};
use crate::verify;
use crate::version;

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
    pub(crate) ttl: SetOnce<Option<Ttl>>,
    pub(crate) negative_ttl: SetOnce<Option<duration::Span>>,
    pub(crate) stale_if_error: SetOnce<Option<duration::Span>>,
    pub(crate) timeout: SetOnce<Option<duration::Span>>,
    pub(crate) refresh_at: SetOnce<Option<u32>>,
    pub(crate) jitter: SetOnce<Option<u32>>,
    pub(crate) schema: SetOnce<Option<u32>>,
    pub(crate) level: SetOnce<Option<Level>>,
    pub(crate) on_fence_fail: SetOnce<Option<OnFenceFail>>,
    pub(crate) version: SetOnce<Option<Placeholder>>,
    pub(crate) l1_max_lag: SetOnce<Option<duration::Span>>,
    pub(crate) verify: SetOnce<Option<u32>>,
    pub(crate) each: SetOnce<Option<Each>>,
    pub(crate) skip: SetOnce<Vec<Ident>>,
    pub(crate) group: SetOnce<Vec<Ident>>,
    pub(crate) invalidates: SetOnce<Vec<Edge>>,
    pub(crate) value: SetOnce<Expr>,
    pub(crate) when: SetOnce<Option<Expr>>,
    pub(crate) unless: SetOnce<Option<Expr>>,
    pub(crate) before: SetOnce<Expr>,
    pub(crate) batch: SetOnce<Path>,
    pub(crate) merge: SetOnce<Path>,
    pub(crate) deletes: SetOnce<()>,
    pub(crate) coalesce: SetOnce<Option<bool>>,
    pub(crate) unordered: SetOnce<()>,
    pub(crate) upcast: SetOnce<Path>,
    pub(crate) flush_before: SetOnce<Vec<Path>>,
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
            schema: SetOnce::default(),
            level: SetOnce::default(),
            on_fence_fail: SetOnce::default(),
            version: SetOnce::default(),
            l1_max_lag: SetOnce::default(),
            verify: SetOnce::default(),
            each: SetOnce::default(),
            skip: SetOnce::default(),
            group: SetOnce::default(),
            invalidates: SetOnce::default(),
            value: SetOnce::default(),
            when: SetOnce::default(),
            unless: SetOnce::default(),
            before: SetOnce::default(),
            batch: SetOnce::default(),
            merge: SetOnce::default(),
            deletes: SetOnce::default(),
            coalesce: SetOnce::default(),
            unordered: SetOnce::default(),
            upcast: SetOnce::default(),
            flush_before: SetOnce::default(),
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

    /// Puts the repository's scope in front of the key.
    pub(crate) fn scope(&mut self, scope: &Placeholder) {
        if let Some(key) = self.key.value_mut() {
            *key = key.take().map(|template| template.scoped(scope));
        }
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

    /// Does the deferred write put a value into the cache? One that deletes or merges puts none.
    pub(crate) fn shows_a_value(&self) -> bool {
        !self.meant("deletes") && !self.meant("merge")
    }

    /// The function of the same block that writes the batches.
    pub(crate) fn batch_of_self(&self) -> Option<String> {
        let mut segments = self.batch.value()?.segments.iter();
        match (segments.next(), segments.next(), segments.next()) {
            (Some(first), Some(last), None) if first.ident == "Self" => Some(unraw(&last.ident)),
            _ => None,
        }
    }

    /// Was this option at least meant?
    pub(crate) fn meant(&self, option: &str) -> bool {
        self.meant.anything
            || self.meant.names.contains(&option)
            || self.names.iter().any(|name| name == option)
    }

    /// The expressions of options, each with its option's name.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = (&Ident, &Expr)> {
        let ttl = self.ttl.get().and_then(|given| Some((&given.name, given.value.as_ref()?.expression()?)));
        let when = self.when.get().and_then(|given| Some((&given.name, given.value.as_ref()?)));
        let unless = self.unless.get().and_then(|given| Some((&given.name, given.value.as_ref()?)));
        let before = self.before.get().map(|given| (&given.name, &given.value));
        let value = self.value.get().map(|given| (&given.name, &given.value));
        [ttl, when, unless, before, value].into_iter().flatten()
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
            return Err(input.error(expected_option(input)));
        }
        let name = input.call(Ident::parse_any)?;
        let known = options::find(&name.to_string());
        if known.is_none_or(|row| !self.takes(row)) {
            let attribute = self.attribute_name();
            let names = OPTIONS.iter().filter(|row| self.takes(row)).map(|row| row.name);
            if let Some(row) = known {
                let text = format!("unknown option `{name}` for `#[{attribute}]`");
                diags.error(name.span(), text).help(elsewhere(row));
                skip_value(input);
                return Ok(());
            }
            let given = given(&self.names, input);
            let meant = unknown_option(&name, attribute, names, &given, diags);
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
            "key" => self.key.set(template(name, input)?, diags),
            "ttl" => self.ttl.set(ttl::parse(name, input, diags)?, diags),
            "negative_ttl" => self.negative_ttl.set(length(name, input, diags)?, diags),
            "stale_if_error" => self.stale_if_error.set(length(name, input, diags)?, diags),
            "timeout" => self.timeout.set(length(name, input, diags)?, diags),
            "refresh_at" => self.refresh_at.set(share(name, input, diags)?, diags),
            "jitter" => self.jitter.set(share(name, input, diags)?, diags),
            "schema" => self.schema.set(number(name, input, diags)?, diags),
            "level" => self.level.set(choice(name, input, diags)?, diags),
            "on_fence_fail" => self.on_fence_fail.set(choice(name, input, diags)?, diags),
            "version" => self.version.set(version::parse(name, input, diags)?, diags),
            "l1_max_lag" => self.l1_max_lag.set(length(name, input, diags)?, diags),
            "verify" => self.verify.set(verify::parse(name, input, diags)?, diags),
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
                        .help("name the readers whose entries become stale, or remove `invalidates`");
                    self.broken_edges = true;
                }
                self.invalidates.set(Given::new(name, &group, edges), diags);
            }
            "when" => self.when.set(condition(name, input, diags)?, diags),
            "unless" => self.unless.set(predicate(name, input, diags)?, diags),
            "before" => self.before.set(expression(name, input, "self.find(id).await?")?, diags),
            "value" => self.value.set(expression(name, input, "product")?, diags),
            "cache" => self.cache.set(expression(name, input, "self.cache")?, diags),
            "batch" => self.batch.set(path(name, input, "Self::save_all")?, diags),
            "merge" => self.merge.set(path(name, input, "Self::add")?, diags),
            "deletes" => self.deletes.set(word(name, input)?, diags),
            "coalesce" => self.coalesce.set(truth(name, input, diags)?, diags),
            "unordered" => self.unordered.set(word(name, input)?, diags),
            "upcast" => self.upcast.set(path(name, input, "Self::upcast")?, diags),
            "flush_before" => self.flush_before.set(flushes::parse(name, input, diags)?, diags),
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
    given: &[String],
    diags: &mut Diagnostics,
) -> Option<&'a str> {
    let written = name.to_string();
    let meant = suggest::nearest(&written, known.clone());
    let help = match meant {
        Some(meant) if given.iter().any(|given| given == meant) => {
            format!("remove it: `{meant}` is given already")
        }
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("remove it; the options are {}", suggest::list(known)),
    };
    diags.error(name.span(), format!("unknown option `{written}` for `#[{attribute}]`")).help(help);
    meant
}

/// The names of the options before and after this place.
pub(crate) fn given(before: &[Ident], input: ParseStream<'_>) -> Vec<String> {
    let mut names: Vec<String> = before.iter().map(ToString::to_string).collect();
    let ahead = input.fork();
    skip_value(&ahead);
    while ahead.parse::<Token![,]>().is_ok() {
        names.extend(ahead.call(Ident::parse_any).ok().map(|name| name.to_string()));
        skip_value(&ahead);
    }
    names
}

// #[cached("product:<id>", ttl = "5m")]      <- a key without its name
fn expected_option(input: ParseStream<'_>) -> String {
    let key = input.fork().parse::<syn::LitStr>().map_or("product:<id>".to_owned(), |text| text.value());
    format!("expected an option\nhelp: options have names, as in `key = \"{key}\"`")
}

/// Where an option belongs that this attribute doesn't take.
fn elsewhere(row: &options::OptionRow) -> String {
    let attribute = if row.fits.is_empty() { "repository" } else { "cached" };
    format!("remove it: `{}` is an option of `#[{attribute}(..)]`", row.name)
}

/// Among edges, an option is what has a value, or has the name of one and no arguments.
fn is_option(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(name) = ahead.call(Ident::parse_any) else { return false };
    let known = || options::find(&name.to_string()).is_some_and(|row| row.invalidates);
    ahead.peek(Token![=]) || name == "each" || ((ahead.is_empty() || ahead.peek(Token![,])) && known())
}
