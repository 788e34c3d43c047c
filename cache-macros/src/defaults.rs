//! What was written in `#[repository(..)]`?

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Path};

use crate::args::{Meant, given, unknown_option};
use crate::choices::{Level, OnFenceFail, choice};
use crate::diag::Diagnostics;
use crate::duration;
use crate::options::{self, OPTIONS};
use crate::spanned::{Given, SetOnce};
use crate::template::Placeholder;
use crate::ttl::{self, Ttl};
use crate::values::{expression, length, number, path, scope, skip_to_comma, skip_value, word};
use crate::verify;

/// The options of `#[repository(..)]`.
#[derive(Default)]
pub(crate) struct Defaults {
    pub(crate) cache: SetOnce<Expr>,
    pub(crate) db: SetOnce<Expr>,
    pub(crate) ttl: SetOnce<Option<Ttl>>,
    pub(crate) negative_ttl: SetOnce<Option<duration::Span>>,
    pub(crate) schema: SetOnce<Option<u32>>,
    pub(crate) krate: SetOnce<Path>,
    pub(crate) scope: SetOnce<Option<Placeholder>>,
    pub(crate) strict: SetOnce<()>,
    pub(crate) level: SetOnce<Option<Level>>,
    pub(crate) on_fence_fail: SetOnce<Option<OnFenceFail>>,
    pub(crate) verify: SetOnce<Option<u32>>,
    /// What a mistake in the syntax may have hidden.
    pub(crate) meant: Meant,
}

impl Defaults {
    /// Was this option at least meant?
    pub(crate) fn meant(&self, option: &str) -> bool {
        self.meant.anything || self.meant.names.contains(&option)
    }

    /// The field that leads in every key.
    pub(crate) fn scope(&self) -> Option<&Placeholder> {
        self.scope.value().and_then(Option::as_ref)
    }

    pub(crate) fn parse(tokens: TokenStream, diags: &mut Diagnostics) -> Self {
        let mut defaults = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let read = defaults.read_one(input, diags);
                if let Err(error) = &read {
                    diags.absorb(error);
                }
                defaults.meant.anything |= !skip_to_comma(input, read.is_ok(), diags);
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            diags.absorb(&error);
        }
        defaults
    }

    fn read_one(&mut self, input: ParseStream<'_>, diags: &mut Diagnostics) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            self.meant.anything = true;
            return Err(input.error("expected an option\nhelp: options have names, as in `cache = self.cache`: name this one, or remove it"));
        }
        let name = input.call(Ident::parse_any)?;
        self.meant.names.extend(options::find(&name.to_string()).map(|row| row.name));
        match name.to_string().as_str() {
            "cache" => self.cache.set(expression(&name, input, "self.cache")?, diags),
            "db" => self.db.set(expression(&name, input, "self.db")?, diags),
            "ttl" => {
                let given = ttl::parse(&name, input, diags)?;
                of_no_value(&given, diags);
                self.ttl.set(given, diags);
            }
            "negative_ttl" => self.negative_ttl.set(length(&name, input, diags)?, diags),
            "schema" => self.schema.set(number(&name, input, diags)?, diags),
            "crate" => self.krate.set(path(&name, input, "::cache_runtime")?, diags),
            "scope" => self.scope.set(scope(&name, input, diags)?, diags),
            "level" => self.level.set(choice(&name, input, diags)?, diags),
            "on_fence_fail" => self.on_fence_fail.set(choice(&name, input, diags)?, diags),
            "verify" => self.verify.set(verify::parse(&name, input, diags)?, diags),
            "strict" => self.strict.set(word(&name, input)?, diags),
            _ => {
                let known = OPTIONS.iter().filter(|row| row.repository).map(|row| row.name);
                let mut given = given(&[], input);
                given.extend(self.meant.names.iter().map(ToString::to_string));
                let meant = unknown_option(&name, "repository", known, &given, diags);
                self.meant.names.extend(meant);
                skip_value(input);
            }
        }
        Ok(())
    }
}

// #[repository(ttl = |product| product.max_age())]      <- the value of which function?
fn of_no_value(ttl: &Given<Option<Ttl>>, diags: &mut Diagnostics) {
    if let Some(Ttl::OfValue(closure)) = &ttl.value {
        diags
            .error_at(
                closure,
                "functions of a repository have different values, so their `ttl` can't be computed from one",
            )
            .help("give the closure to the function: `#[cached(.., ttl = |product| product.max_age())]`");
    }
}
