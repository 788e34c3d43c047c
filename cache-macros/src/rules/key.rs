//! Does the key tell entries apart?

use proc_macro2::TokenTree;
use quote::ToTokens as _;
use syn::Expr;

use crate::args::Attr;
use crate::case::{Case, unraw};
use crate::diag::Diagnostics;
use crate::function::Parameter;
use crate::spanned::Given;
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::{Piece, Placeholder, Template, TemplateError};
use crate::types;
use crate::values;

// #[cached(ttl = 5)]      <- no `key`
pub(crate) fn given(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.attr == Attr::Cached && !case.args.meant("key") {
        diags
            .error(case.args.span, "`key` is required")
            .help(format!("write for example `key = \"{}\"`", example(case)));
    }
}

// #[cached(key = 7)]                  <- no text
// #[cached(key = "product:<id")]      <- no template
pub(crate) fn readable(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(key) = case.args.key.get().filter(|key| key.value.is_none()) else { return };
    if key.tokens.is_empty() {
        let help = format!("write for example `key = \"{}\"`", example(case));
        diags.error(key.span(), "`key` has no value").help(help);
        return;
    }
    let value: Option<Expr> = syn::parse2(key.tokens.clone()).ok();
    let Some(text) = value.as_ref().and_then(values::text) else {
        let help = format!("write for example `key = \"{}\"`", example(case));
        diags.error_at(&key.tokens, "`key` takes a text").help(help);
        return;
    };
    let first = candidates(case).next().unwrap_or_else(|| "id".to_owned());
    for error in Template::parse(&text.value()).err().into_iter().flatten() {
        if error == TemplateError::StraySelf && case.function.sig.receiver().is_none() {
            needs_self(case, key, &Placeholder { root: "self".to_owned(), fields: Vec::new() }, diags);
        } else {
            diags.error(text.span(), error.message()).help(error.help(&example(case), &first));
        }
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
            needs_self(case, key, placeholder, diags);
            continue;
        }
        let (known, free) = (names(case), free(case));
        let near = |names: &[String]| {
            let meant = suggest::nearest(root, names.iter().map(String::as_str))?;
            let forgotten = case.function.param(meant).and_then(|param| types::element(&param.ty));
            Some(match forgotten {
                Some((ty, _)) => {
                    let ty = types::written(types::owned(ty));
                    format!(
                        "for one entry each add `each({root} in {meant})`, and return a `HashMap<{ty}, _>`"
                    )
                }
                None => format!("did you mean `<{}>`?", written.replacen(root, meant, 1)),
            })
        };
        let help = match (near(&free).or_else(|| near(&known)), free.as_slice()) {
            (Some(help), _) => help,
            (None, []) => format!("add a parameter `{root}`, or remove `<{written}>` from `key`"),
            (None, [only]) => format!("did you mean `<{only}>`?"),
            (None, several) => {
                let parts: Vec<String> = several.iter().map(|name| format!("<{name}>")).collect();
                let parts = suggest::list(parts.iter().map(String::as_str));
                format!("use {parts}, as in `key = \"{}\"`", example(case))
            }
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
        let meant = placeholder.fields.last().filter(|field| case.function.param(field).is_some());
        let help = match meant.cloned().or_else(|| free(case).into_iter().next()) {
            Some(name) => format!("use a parameter, as in `<{name}>`"),
            None => format!("add a parameter for it, as in `<{}>`", last_name(placeholder)),
        };
        let error = diags.error_at(
            &key.tokens,
            format!("the placeholder `<{written}>` in `key` is not known before the body has run"),
        );
        error.help(if strategy.reads() {
            help
        } else {
            format!("{help}, or `strategy = \"write_around\"`, which only drops the entry")
        });
    }
}

// #[cached(key = "page:<n>")] async fn page(&self, n: u32, lang: Lang)      <- `lang` is in neither the key nor `skip(..)`
pub(crate) fn every_parameter_takes_part(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(template) = case.args.template().filter(|_| case.reads()) else { return };
    let misspelt = template.placeholders().any(|placeholder| {
        unknown(case, &placeholder.root)
            || (placeholder.root == "result" && case.function.param("result").is_none())
    });
    let broken = (case.args.meant("skip") && case.args.skip.value().is_none_or(Vec::is_empty))
        || (case.args.meant("each") && case.collection().is_none());
    if misspelt || broken {
        return;
    }
    let free = free(case);
    let meant: Vec<String> = skipped(case).filter_map(|word| meant_by_skip(case, &word)).collect();
    let is_free = |param: &&Parameter| free.contains(&param.name) && !meant.contains(&param.name);
    let collection = |param: &&Parameter| types::key_refusal(&param.ty) == Some("a collection");
    let parts: Vec<String> = case
        .function
        .params
        .iter()
        .filter(is_free)
        .filter(|param| !collection(param))
        .map(|param| param.name.clone())
        .collect();
    for param in case.function.params.iter().filter(is_free) {
        let name = &param.name;
        let help = if collection(&param) {
            format!(
                "add the option `skip({name})` if it doesn't change the value, or pass it as a type that implements `KeyPart`"
            )
        } else {
            let key = template.with(&parts);
            format!(
                "write `key = \"{key}\"`, or add the option `skip({name})` if it doesn't change the value"
            )
        };
        diags
            .error(
                param.span(),
                format!("`{name}` does not take part in the key, so different values would share one entry"),
            )
            .help(help);
    }
}

// #[cached(key = "a:<id>", skip(), group(1))]      <- no names
pub(crate) fn named_parameters(case: &Case<'_>, diags: &mut Diagnostics) {
    let first = case.args.template().and_then(|template| {
        let mut own = template.own_placeholders().filter(|placeholder| placeholder.root != "self");
        own.next().filter(|_| own.next().is_some()).map(|placeholder| placeholder.root.clone())
    });
    let examples = [(&case.args.skip, free(case).into_iter().next()), (&case.args.group, first)];
    for (option, example) in examples {
        let Some(given) = option.get().filter(|given| given.value.is_empty()) else { continue };
        let name = &given.name;
        let empty = match given.tokens.clone().into_iter().next() {
            Some(TokenTree::Group(group)) => group.stream().is_empty(),
            _ => true,
        };
        let message = if empty {
            format!("`{name}()` names no parameter")
        } else {
            format!("`{name}(..)` takes names of parameters")
        };
        diags.error_at(&given.tokens, message).help(match example {
            Some(example) => format!("write `{name}({example})`"),
            None => format!("remove `{name}`"),
        });
    }
}

// #[cached(key = "a:<id>", skip(id, idd))]      <- `id` is in the key, `idd` is no parameter
pub(crate) fn skipped_parameters(case: &Case<'_>, diags: &mut Diagnostics) {
    for word in case.args.skip.value().into_iter().flatten() {
        let name = unraw(word);
        let remove = match case.args.skip.value().map(Vec::as_slice) {
            Some([_]) => format!("remove `skip({name})`"),
            Some(_) | None => format!("remove `{name}` from `skip`"),
        };
        if case.function.param(&name).is_none() {
            let help = match meant_by_skip(case, &name) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => remove,
            };
            diags.error(word.span(), format!("`{name}` in `skip` is not a parameter")).help(help);
        } else if case.args.template().is_some_and(|template| template.mentions(&name)) {
            diags
                .error(word.span(), format!("`{name}` is both in `key` and in `skip`"))
                .help(format!("{remove}, or `<{name}>` from `key`"));
        }
    }
}

// #[cached(key = "near:<lat>")] async fn near(&self, lat: f64)      <- a float
pub(crate) fn parts_of_keys(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(template) = case.args.template() else { return };
    let collection = case.collection().filter(|_| !uses_item(case)).map(|param| &param.name);
    for param in case.function.params.iter().filter(|param| collection != Some(&param.name)) {
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
            let of_each = case.collection().is_some_and(|collection| collection.name == *name);
            let help = match (kind, types::element(&param.ty)) {
                ("a float", _) => OF_FLOATS.to_owned(),
                (_, Some(_)) if of_each => format!("remove `<{name}>` from `key`"),
                (_, Some((ty, _))) => {
                    let (one, ty) = (super::each::one_of(case, name), types::written(types::owned(ty)));
                    format!(
                        "for one entry each write `each({one} in {name})` and `<{one}>` in `key`, and return a `HashMap<{ty}, _>`; for one of all take a type that implements `KeyPart`"
                    )
                }
                (_, None) => OF_COLLECTIONS.to_owned(),
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
            .help(if kind == "a float" { OF_FLOATS } else { OF_COLLECTIONS });
    }
}

const OF_COLLECTIONS: &str = "use a type that implements `KeyPart`";
const OF_FLOATS: &str =
    "take a whole number, for example millionths, or round it into a type that implements `KeyPart`";

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
        let help = match leading.split_last() {
            Some((_, fewer)) if !fewer.is_empty() => {
                format!("write `group({})`, or remove `group`", fewer.join(", "))
            }
            Some(_) | None => "remove `group`".to_owned(),
        };
        diags
            .error(span, "`group` names every parameter in `key`, so each group would hold one entry")
            .help(help);
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
        let Some(end) = end.filter(|end| close > *end) else { continue };
        let outside = template.pieces.iter().take(close).skip(end).find_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder.written()),
            Piece::Text(_) | Piece::Open | Piece::Close => None,
        });
        let message = match outside {
            Some(part) => format!(
                "the braces in `key` enclose `<{part}>`, so a group of entries without it would be in many partitions"
            ),
            None => "the braces in `key` close behind a group of entries, so they can't choose its partition"
                .to_owned(),
        };
        diags
            .error_at(&given.tokens, message)
            .help(format!("write `key = \"{}\"`", template.with_braces_before(end)));
        return;
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

// key = "<self.tenant>:<id>" with async fn find(cache: &Cache, id: i64)      <- no `self`
fn needs_self(
    case: &Case<'_>,
    key: &Given<Option<Template>>,
    placeholder: &Placeholder,
    diags: &mut Diagnostics,
) {
    let (function, written, name) = (case.function.name(), placeholder.written(), last_name(placeholder));
    let help = match (case.repository.is_some(), case.function.param(&name).is_some()) {
        (true, _) => "add `&self` to the parameters, or use a parameter".to_owned(),
        (false, true) => format!("write `<{name}>`"),
        (false, false) => format!("add a parameter `{name}` and write `<{name}>`, or `&self` in a method"),
    };
    diags
        .error_at(
            &key.tokens,
            format!("the placeholder `<{written}>` in `key` needs `self`, which `{function}` doesn't take"),
        )
        .help(help);
}

/// What a parameter in place of this would be called.
fn last_name(placeholder: &Placeholder) -> String {
    let named = |field: &&String| field.starts_with(|c: char| !c.is_ascii_digit());
    placeholder.fields.iter().rfind(named).cloned().unwrap_or_else(|| "id".to_owned())
}

/// A key of the function's name and its parameters: `find:<id>:<lang>`.
fn example(case: &Case<'_>) -> String {
    names(case).into_iter().fold(case.function.name(), |key, name| format!("{key}:<{name}>"))
}

/// The names that may stand in a key: those of parameters, and of one element of `each`.
fn names(case: &Case<'_>) -> Vec<String> {
    let item = case.item().filter(|item| case.function.param(item).is_none());
    candidates(case).chain(item).collect()
}

/// The names that may stand in the key, and don't, and are not skipped.
fn free(case: &Case<'_>) -> Vec<String> {
    let mut names = names(case);
    names.retain(|name| {
        !case.args.template().is_some_and(|template| template.mentions(name))
            && skipped(case).all(|skipped| skipped != *name)
    });
    names
}

fn skipped<'a>(case: &'a Case<'_>) -> impl Iterator<Item = String> + 'a {
    case.args.skip.value().into_iter().flatten().map(unraw)
}

/// The parameter that was probably meant by a word in `skip` that is none.
fn meant_by_skip(case: &Case<'_>, word: &str) -> Option<String> {
    if case.function.param(word).is_some() {
        return None;
    }
    let free = free(case);
    suggest::nearest(word, free.iter().map(String::as_str)).map(str::to_owned)
}

/// Does the element of `each` select its entry?
pub(crate) fn uses_item(case: &Case<'_>) -> bool {
    let item = case.item().filter(|item| case.function.param(item).is_none());
    item.is_some_and(|item| case.args.template().is_some_and(|template| template.mentions(&item)))
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
