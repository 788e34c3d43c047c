//! Does the key tell entries apart?

use quote::ToTokens as _;

use crate::args::Attr;
use crate::case::{Case, unraw};
use crate::diag::Diagnostics;
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::Piece;
use crate::types;

// #[cached(ttl = 5)]      <- no `key`
pub(crate) fn given(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.attr == Attr::Cached && !case.args.meant("key") {
        let params: String = candidates(case).map(|name| format!(":<{name}>")).collect();
        diags
            .error(case.args.span, "`key` is required")
            .help(format!("write for example `key = \"{}{params}\"`", case.function.name()));
    }
}

// #[cached(key = "product:<idd>")] async fn find(id: i64)      <- `<idd>`
pub(crate) fn known_placeholders(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(key), Some(template)) = (case.args.key.get(), case.args.template()) else { return };
    let mut reported: Vec<&str> = Vec::new();
    for placeholder in template.placeholders() {
        let (root, written) = (placeholder.root.as_str(), placeholder.written());
        if !unknown(case, root) || reported.contains(&root) {
            continue;
        }
        reported.push(root);
        if root == "self" {
            // the scope needs `self` too, and says so
            if template.scoped {
                continue;
            }
            diags
                .error_at(
                    &key.tokens,
                    format!(
                        "the placeholder `<{written}>` in `key` needs `self`, which `{}` doesn't take",
                        case.function.name()
                    ),
                )
                .help("take `&self`, or use a parameter");
            continue;
        }
        let mut known: Vec<String> = candidates(case).collect();
        known.extend(case.item());
        let names = || known.iter().map(String::as_str);
        let help = match suggest::nearest(root, names()) {
            Some(meant) => format!("did you mean `<{}>`?", written.replacen(root, meant, 1)),
            None if known.is_empty() => format!("`{}` has no parameters", case.function.name()),
            None => format!("the parameters are {}", suggest::list(names())),
        };
        diags.error_at(&key.tokens, format!("unknown placeholder `<{written}>` in `key`")).help(help);
    }
}

// #[cached(strategy = "write_through", key = "product:<result.id>")]      <- only write_around may wait for the result
pub(crate) fn result_only_around(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(key), Some(template), Some(strategy)) =
        (case.args.key.get(), case.args.template(), case.strategy())
    else {
        return;
    };
    if case.function.param("result").is_some() || strategy == Strategy::WriteAround {
        return;
    }
    if let Some(placeholder) = template.placeholders().find(|placeholder| placeholder.root == "result") {
        let written = placeholder.written();
        let error = diags.error_at(
            &key.tokens,
            format!("the placeholder `<{written}>` in `key` is not known before the body has run"),
        );
        error.help(if strategy.reads() {
            "use a parameter"
        } else {
            "use a parameter, or `strategy = \"write_around\"`, which only drops the entry"
        });
    }
}

// #[cached(key = "page:<n>")] async fn page(&self, n: u32, lang: Lang)      <- `lang` is in neither the key nor `skip(..)`
pub(crate) fn every_parameter_takes_part(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(template) = case.args.template().filter(|_| case.reads()) else { return };
    let misspelt = template.placeholders().any(|placeholder| unknown(case, &placeholder.root));
    let broken = (case.args.meant("skip") && case.args.skip.value().is_none_or(Vec::is_empty))
        || (case.args.meant("each") && case.collection().is_none());
    if misspelt || broken {
        return;
    }
    for param in &case.function.params {
        let name = &param.name;
        let collection = case.collection().is_some_and(|collection| collection.name == *name);
        let skipped =
            case.args.skip.value().is_some_and(|skipped| skipped.iter().any(|word| unraw(word) == *name));
        if template.mentions(name) || collection || skipped || param.is_cache() {
            continue;
        }
        diags
            .error(
                param.span(),
                format!("`{name}` does not take part in the key, so different values would share one entry"),
            )
            .help(format!("add `<{name}>` to `key`, or `skip({name})` if it doesn't change the value"));
    }
}

// #[cached(key = "a:<id>", skip(id, idd))]      <- `id` is in the key, `idd` is no parameter
pub(crate) fn skipped_parameters(case: &Case<'_>, diags: &mut Diagnostics) {
    for word in case.args.skip.value().into_iter().flatten() {
        let name = unraw(word);
        if case.function.param(&name).is_none() {
            let help = match suggest::nearest(
                &name,
                candidates(case).collect::<Vec<_>>().iter().map(String::as_str),
            ) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove `{name}` from `skip`"),
            };
            diags.error(word.span(), format!("`{name}` in `skip` is not a parameter")).help(help);
        } else if case.args.template().is_some_and(|template| template.mentions(&name)) {
            diags
                .error(word.span(), format!("`{name}` is both in `key` and in `skip`"))
                .help(format!("remove `{name}` from `skip`, or `<{name}>` from `key`"));
        }
    }
}

// #[cached(key = "near:<lat>")] async fn near(&self, lat: f64)      <- a float
pub(crate) fn parts_of_keys(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(template) = case.args.template() else { return };
    for param in &case.function.params {
        let whole = template
            .placeholders()
            .any(|placeholder| placeholder.root == param.name && placeholder.fields.is_empty());
        let item = case.item().is_some_and(|item| item == param.name);
        if !whole || item {
            continue;
        }
        let name = &param.name;
        if param.is_cache() {
            diags
                .error_at(&param.ty, format!("`{name}` is the cache, which can't be part of a key"))
                .help(format!("remove `<{name}>` from `key`"));
        } else if let Some(kind) = types::key_refusal(&param.ty) {
            let help = match kind {
                "a float" => {
                    "take a whole number, for example millionths, or round it into a type that implements `KeyPart`"
                }
                _ => "use `each(item in items)` for one entry each, or a type that implements `KeyPart`",
            };
            diags.error_at(&param.ty, format!("`{name}` is {kind}, which can't be part of a key")).help(help);
        }
    }
    let element = case.collection().and_then(|collection| types::element(&collection.ty));
    let whole = |item: &str| {
        template.placeholders().any(|placeholder| placeholder.root == item && placeholder.fields.is_empty())
    };
    if let (Some((ty, _)), Some(item)) = (element, case.item())
        && whole(&item)
        && let Some(kind) = types::key_refusal(ty)
    {
        diags
            .error_at(&ty.to_token_stream(), format!("`{item}` is {kind}, which can't be part of a key"))
            .help("use a type that implements `KeyPart`");
    }
}

// #[cached(key = "browse:<category>:<page>", group(page))]      <- `page` is not the leading parameter
pub(crate) fn group(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(words), Some(template)) = (case.args.group.value(), case.args.template()) else { return };
    if words.is_empty() || !case.reads() {
        return;
    }
    let mut leading: Vec<&str> = Vec::new();
    for placeholder in template.placeholders().filter(|placeholder| placeholder.root != "self") {
        if !leading.contains(&placeholder.root.as_str()) {
            leading.push(&placeholder.root);
        }
    }
    for (word, place) in words.iter().zip(0..) {
        let name = unraw(word);
        if !leading.contains(&name.as_str()) {
            let help = match suggest::nearest(&name, leading.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the parameters in `key` are {}", suggest::list(leading.iter().copied())),
            };
            diags.error(word.span(), format!("`{name}` in `group` is not in `key`")).help(help);
        } else if leading.get(place).copied() != Some(name.as_str())
            && !leading.iter().take(words.len()).any(|lead| *lead == name)
        {
            let lead: Vec<&str> = leading.iter().copied().take(words.len()).collect();
            diags
                .error(
                    word.span(),
                    format!("`{name}` does not lead in `key`, and a group is made of what leads"),
                )
                .help(format!(
                    "write `group({})`, or move `<{name}>` to the front of `key`",
                    lead.join(", ")
                ));
        }
    }
    if words.len() >= leading.len()
        && words.iter().all(|word| leading.contains(&unraw(word).as_str()))
        && !leading.is_empty()
    {
        let span = case.args.group.get().map_or(case.args.span, crate::spanned::Given::span);
        diags
            .error(span, "`group` names every parameter in `key`, so each group would hold one entry")
            .help("name fewer, or remove `group`");
    }
}

// #[cached(key = "{browse:<category>:<page>}", group(category))]      <- the group ends inside the braces
pub(crate) fn braces_inside_groups(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(given), Some(template), true) = (case.args.key.get(), case.args.template(), case.reads())
    else {
        return;
    };
    let Some(close) = template.pieces.iter().position(|piece| *piece == Piece::Close) else { return };
    let is_part = |piece: &Piece| matches!(piece, Piece::Placeholder(_));
    for depth in crate::groups::of_function(*case) {
        let parts = || template.pieces.iter().zip(0..).filter(|(piece, _)| is_part(piece)).map(|(_, at)| at);
        let end = match depth.checked_sub(1) {
            Some(last) if last > 0 || !template.scoped => parts().nth(last).map(|at| at + 1),
            Some(_) | None => parts().nth(depth),
        };
        if end.is_some_and(|end| close > end) {
            diags
                .error_at(&given.tokens, "the brace group in `key` goes on after the group of entries has ended, so the group would be in many partitions")
                .help("close the braces with, or before, the last leading parameter of the group");
            return;
        }
    }
}

/// Is this word neither a parameter nor one of the words that placeholders know?
fn unknown(case: &Case<'_>, root: &str) -> bool {
    match root {
        "self" => case.function.sig.receiver().is_none(),
        "result" => false,
        _ if case.args.meant("each") && case.args.each().is_none() => false,
        _ if case.function.has_pattern_with(root) => false,
        _ => case.function.param(root).is_none() && case.item().is_none_or(|item| item != root),
    }
}

/// The names of the parameters that may stand in a key.
fn candidates<'a>(case: &'a Case<'_>) -> impl Iterator<Item = String> + 'a {
    let collection = case.collection().map(|collection| collection.name.clone());
    case.function
        .params
        .iter()
        .filter(move |param| !param.is_cache() && collection.as_ref() != Some(&param.name))
        .map(|param| param.name.clone())
}
