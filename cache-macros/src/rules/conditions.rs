//! Can what is decided call by call, `when`, `unless`, `ttl = expr` and `before`, be known when it is asked?

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::types;

// #[cached(ttl = self.ttl, ..)] async fn find(cache: &Cache, id: i64)      <- no `self`
pub(crate) fn self_at_hand(case: &Case<'_>, diags: &mut Diagnostics) {
    let function = case.function.name();
    if case.function.sig.receiver().is_some() {
        return;
    }
    let help = match case.repository {
        Some(_) => "add `&self` to the parameters, or use another parameter".to_owned(),
        // alone, it may be a free function
        None => format!("use a parameter of `{function}`, or make it a method with `&self`"),
    };
    for (name, expr) in case.args.expressions() {
        if types::takes(expr, "self") {
            diags
                .error_at(expr, format!("`{name}` uses `self`, which `{function}` doesn't take"))
                .help(&help);
        }
    }
    let inherited = case.ttl().filter(|_| case.args.ttl.get().is_none());
    let uses_self = inherited
        .and_then(|given| given.value.as_ref()?.expression())
        .is_some_and(|expr| types::takes(expr, "self"));
    if uses_self && case.strategy().is_some_and(crate::strategy::Strategy::stores) {
        diags
            .error(
                case.function.sig.ident.span(),
                format!("the repository's `ttl` uses `self`, which `{function}` doesn't take"),
            )
            .help("add `&self` to the parameters, or give the function a `ttl` of its own");
    }
}

// #[cached(when = result.is_some(), ..)]      <- not yet
pub(crate) fn result_not_yet(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.function.param("result").is_some() {
        return;
    }
    for (name, expr) in case.args.expressions() {
        let early = name == "when" || name == "before";
        if early && types::surely_takes(expr, "result") {
            let help = if name == "when" {
                "remove it: errors are never stored; values that are not to be stored are named by `unless = |value| ..`"
            } else {
                "read the row by the parameters; edges can use `result` themselves, as in `find(result.id)`"
            };
            diags
                .error_at(
                    expr,
                    format!("`{name}` is asked before the body runs, so there is no `result` yet"),
                )
                .help(help);
        }
    }
}

// #[cached(each(id in ids), when = id > 0, ..)]      <- which of the ids?
pub(crate) fn asked_once(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(item) = case.args.each().map(|each| each.item.to_string()) else { return };
    for (name, expr) in case.args.expressions() {
        if name != "value" && types::surely_takes(expr, &item) {
            let collection = case.collection().map_or("the collection", |param| &param.name);
            diags
                .error_at(expr, format!("`{name}` is asked once for the whole call, so there is no `{item}`"))
                .help(format!("write a condition over `{collection}`, or leave elements out of `{collection}` before the call"));
        }
    }
}

// #[invalidates(each(id in ids), before = self.row(id).await?, ..)]      <- one row for many
pub(crate) fn one_previous_row(case: &Case<'_>, diags: &mut Diagnostics) {
    if let (Some(before), Some(_)) = (case.args.before.get(), case.args.each.get()) {
        let error = diags.error(before.span(), "`before` can't be combined with `each`");
        match case.args.all_edges().iter().find(|edge| edge.mentions("before")) {
            Some(edge) => error.help(format!("remove it, and drop whole groups: `{}`", edge.up_to("before"))),
            None => error.help("remove it"),
        };
    }
}

// #[invalidates(before = self.row(id).await?, find(id))]      <- no edge uses it
pub(crate) fn before_is_used(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(before) = case.args.before.get() else { return };
    if case.function.param("before").is_some() {
        diags
            .error(before.span(), "`before` is both a parameter and the previous row")
            .help("give the parameter another name");
        return;
    }
    let edges = case.args.all_edges();
    let used = edges.iter().any(|edge| edge.mentions("before"));
    let reads = case.strategy().is_some_and(crate::strategy::Strategy::reads);
    if used || case.args.broken_edges || reads {
        return;
    }
    diags.error(before.span(), "`before` is read, and no edge uses it").help(
        "name the entries of the previous row, as in `browse(before.category, ..)`, or remove `before`",
    );
}

// #[invalidates(browse(before.category, ..))]      <- what was before?
pub(crate) fn before_is_given(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.meant("before") || case.function.param("before").is_some() {
        return;
    }
    let item = case.item().is_some_and(|item| item == "before");
    for edge in case.args.all_edges().iter().filter(|edge| !item && edge.mentions("before")) {
        diags.error(edge.span, "this edge uses the previous row, and nothing says how to read it").help(
            "add `before = self.find(id).await?`, an expression for the row as it is before the body runs",
        );
    }
}
