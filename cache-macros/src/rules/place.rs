//! Does the attribute stand where it has what it needs: a repository, a cache?

use quote::ToTokens as _;

use crate::args::Attr;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::strategy::Strategy;
use crate::types;

const HELP: &str = "put `#[repository(cache = self.cache)]` above the `impl` block";

// #[cached(strategy = "refresh_ahead", ..)] alone      <- the reload needs a hidden body
// #[cached(group(category), ..)] alone                 <- so does a group
pub(crate) fn needs_repository(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.repository.is_some() {
        return;
    }
    let method = case.function.sig.receiver().is_some();
    let help = if method {
        HELP.to_owned()
    } else {
        let name = case.function.name();
        format!(
            "make `{name}` a method with `&self`, in an `impl` block under `#[repository(cache = self.cache)]`"
        )
    };
    if let (Some(strategy @ (Strategy::RefreshAhead | Strategy::WriteBehind)), Some(given)) =
        (case.strategy(), case.args.strategy.get())
    {
        diags.error_at(&given.tokens, format!("`{strategy}` needs `#[repository]`")).help(&help);
    }
    if let Some(group) = case.args.group.get().filter(|_| case.reads()) {
        diags.error(group.span(), "`group` needs `#[repository]`").help(&help);
    }
    if let Some(verify) = case.args.verify.get().filter(|_| case.reads()) {
        diags.error(verify.span(), "`verify` needs `#[repository]`").help(&help);
    }
    for edge in case.args.all_edges() {
        let local = edge.local().is_some();
        let through_self = edge.path.segments.len() > 1;
        if local && (method || through_self || edge.rest) {
            let name = edge.name().map(ToString::to_string).unwrap_or_default();
            diags
                .error(
                    edge.span,
                    format!("an edge to `{name}` of the same `impl` block needs `#[repository]`"),
                )
                .help(&help);
        }
    }
}

// #[repository(scope = <self.tenant>)] with async fn find(cache: &Cache, id: i64)      <- whose product?
pub(crate) fn scope_found(case: &Case<'_>, diags: &mut Diagnostics) {
    if let Some(scope) = unscoped(case) {
        let name = case.function.name();
        diags
            .error(
                case.function.sig.ident.span(),
                format!("`{name}` takes no `&self`, and the scope of its keys is `<{scope}>`"),
            )
            .help("add `&self` to the parameters, or move the function into a block without `scope`");
    }
}

/// The scope that a function without `self` can't fill in.
pub(crate) fn unscoped(case: &Case<'_>) -> Option<String> {
    let scope = case.repository?.defaults.scope()?;
    let keys = case.args.key.get().is_some()
        || (case.args.attr == Attr::Invalidates
            && case.args.all_edges().iter().any(|edge| edge.local().is_some()));
    (keys && case.function.sig.receiver().is_none()).then(|| scope.written())
}

// #[cached(key = "product:<id>", ttl = 5)] async fn find(id: i64)      <- which cache?
pub(crate) fn cache_found(case: &Case<'_>, diags: &mut Diagnostics) {
    let (function, name) = (case.function, case.function.name());
    if function.sig.receiver().is_some() || unscoped(case).is_some() {
        return;
    }
    match (case.cache(), function.cache_param()) {
        (None, None) if !case.meant("cache") => {
            let krate = types::written(case.krate());
            diags.error(case.args.span, format!("`{name}` doesn't say which cache to use")).help(format!(
                "add a parameter `cache: &{}::Cache`, or the option `cache = expr`",
                krate.trim_start_matches("::")
            ));
        }
        (Some(expr), _) if types::mentions(expr.to_token_stream(), "self") => {
            let message = format!("`cache` uses `self`, which `{name}` doesn't take");
            match case.args.cache.get() {
                Some(own) => diags
                    .error_at(&own.tokens, message)
                    .help("add `&self` to the parameters, or name another cache"),
                None => diags
                    .error(function.sig.ident.span(), message)
                    .help("add `&self` to the parameters, or the option `cache = expr`"),
            };
        }
        (Some(_) | None, _) => {}
    }
}
