//! Do the options fit the strategy and each other?

use crate::args::Attr;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::duration;
use crate::options;
use crate::strategy::Strategy;
use crate::suggest;
use crate::ttl::Ttl;

// #[cached(strategy = "read_through", refresh_at = 0.8)]      <- `refresh_at` is of `refresh_ahead`
pub(crate) fn fit_the_strategy(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(strategy) = case.strategy() else { return };
    for name in &case.args.names {
        let Some(row) = options::find(&name.to_string()) else { continue };
        if !row.fits.contains(&strategy) {
            let fits = suggest::list(row.fits.iter().map(|strategy| strategy.name()));
            let (which, other) = match case.args.strategy.get() {
                Some(_) => ("", format!("it fits {fits}")),
                None => {
                    (", the strategy when none is named", format!("with `strategy = \"..\"` it fits {fits}"))
                }
            };
            let error = diags.error(name.span(), format!("`{name}` doesn't fit `{strategy}`{which}"));
            error.help(format!("remove it; {other}"));
        }
    }
}

// #[cached(key = "product:<id>")]      <- no `ttl`
pub(crate) fn ttl_given(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.attr == Attr::Invalidates
        || case.meant("ttl")
        || !case.strategy().is_some_and(Strategy::stores)
        || !case.args.shows_a_value()
    {
        return;
    }
    let error = diags.error(case.args.span, "`ttl` is required");
    error.help("say how long an entry lives, as in `ttl = \"5m\"`, or `ttl = \"forever\"` to keep it until it is removed");
    if case.repository.is_some() {
        error.note("`#[repository(ttl = \"5m\")]` gives it to every function");
    }
}

// #[cached(timeout = "forever", ..)]      <- only `ttl` knows `forever`
pub(crate) fn finite(case: &Case<'_>, diags: &mut Diagnostics) {
    let args = case.args;
    for given in [&args.negative_ttl, &args.stale_if_error, &args.timeout, &args.l1_max_lag] {
        if let Some(given) = given.get().filter(|given| given.value == Some(duration::Span::Forever)) {
            let name = &given.name;
            diags
                .error_at(&given.tokens, format!("`{name}` can't be \"forever\""))
                .help(format!("leave it out, or write a duration, as in `{name} = \"30s\"`"));
        }
    }
}

// #[cached(each(id in ids), timeout = "2s")]                                <- one body serves many entries
// #[cached(strategy = "refresh_ahead", ttl = "forever", refresh_at = 0.8)]  <- never comes
pub(crate) fn nothing_contradicts(case: &Case<'_>, diags: &mut Diagnostics) {
    let args = case.args;
    let Some(strategy) = case.strategy() else { return };
    let fits = |name: &str| options::find(name).is_some_and(|row| row.fits.contains(&strategy));
    if args.each.get().is_some() && fits("each") {
        let names = [
            args.timeout.get().map(|given| &given.name),
            args.stale_if_error.get().map(|given| &given.name),
            args.value.get().map(|given| &given.name),
            args.verify.get().map(|given| &given.name),
        ];
        for name in names.into_iter().flatten().filter(|name| fits(&name.to_string())) {
            diags.error(name.span(), format!("`{name}` can't be combined with `each`")).help(
                match name.to_string().as_str() {
                    "value" => "remove it, and return a map of the values",
                    _ => "remove it, or read the entries one by one",
                },
            );
        }
    }
    let forever = case.ttl().filter(|ttl| ttl.value.as_ref().is_some_and(Ttl::is_forever));
    let Some(ttl) = forever else { return };
    let own = if args.ttl.get().is_some() { &ttl.tokens } else { &proc_macro2::TokenStream::new() };
    if strategy == Strategy::RefreshAhead {
        let message = "an entry that lives forever is never refreshed";
        let error =
            if own.is_empty() { diags.error(args.span, message) } else { diags.error_at(own, message) };
        error.help("write for example `ttl = \"1m\"`, or `strategy = \"read_through\"` to keep it forever");
    } else if let Some(jitter) = args.jitter.get().filter(|_| fits("jitter")) {
        diags
            .error(jitter.span(), "`jitter` has no meaning where entries live forever")
            .help("remove it, or give a finite `ttl`");
    }
}
