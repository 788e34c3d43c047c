//! Does the key tell entries apart?

use quote::ToTokens as _;
use syn::Expr;

use crate::args::Attr;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::Parameter;
use crate::function::unraw;
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
    let first = candidates(case).next().map_or_else(|| "id".to_owned(), |name| part(case, &name, None));
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
                None if placeholder.fields.is_empty() => {
                    format!("did you mean `<{}>`?", part(case, meant, None))
                }
                None => format!("did you mean `<{}>`?", written.replacen(root, meant, 1)),
            })
        };
        let help = match (near(&free).or_else(|| near(&known)), free.as_slice()) {
            (Some(help), _) => help,
            (None, []) => format!("add a parameter `{root}`, or remove `<{written}>` from `key`"),
            (None, [only]) if is_a_whole(case, only) => {
                format!("name the field that identifies it, such as `<{only}.{root}>`")
            }
            (None, [only]) => format!("did you mean `<{only}>`?"),
            (None, several) => {
                let parts: Vec<String> =
                    several.iter().map(|name| format!("<{}>", part(case, name, None))).collect();
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
            Some(name) if is_a_whole(case, &name) => {
                let field = placeholder.fields.last().map(String::as_str);
                format!("name the field that identifies it, such as `<{}>`", part(case, &name, field))
            }
            Some(name) => format!("use a parameter, as in `<{name}>`"),
            None => format!("add a parameter for it, as in `<{}>`", last_name(placeholder)),
        };
        let error = diags.error_at(
            &key.tokens,
            format!("the placeholder `<{written}>` in `key` is not known before the body has run"),
        );
        error.help(if strategy.reads() || strategy == Strategy::WriteBehind {
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
    let meant: Vec<String> =
        skipped(case).filter_map(|word| super::named::meant_by_skip(case, &word)).collect();
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
        } else if param.is_mutable_reference() {
            diags
                .error_at(&param.ty, format!("`{name}` is borrowed mutably, so it can't be part of a key"))
                .help(format!("take it by value or as `&`, or remove `<{name}>` from `key`"));
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
    let parts = names(case).into_iter().map(|name| part(case, &name, None));
    parts.fold(case.function.name(), |key, part| format!("{key}:<{part}>"))
}

/// What of a parameter selects the entry, as far as the signature shows: itself, or for example a field.
fn part(case: &Case<'_>, name: &str, field: Option<&str>) -> String {
    if is_a_whole(case, name) { format!("{name}.{}", field.unwrap_or("id")) } else { name.to_owned() }
}

/// Does a writer take the row itself by this name, as far as can be seen? A field of it is in the key then.
fn is_a_whole(case: &Case<'_>, name: &str) -> bool {
    let generics = |generics: &syn::Generics, ty: &str| generics.type_params().any(|param| param.ident == ty);
    let named = |ty: &str| {
        generics(&case.function.sig.generics, ty)
            || case.repository.is_some_and(|repository| generics(&repository.head.generics, ty))
    };
    let writes = case.strategy().is_some_and(|strategy| !strategy.reads());
    let param = case.function.param(name).filter(|_| writes && case.item().is_none_or(|item| item != name));
    param.is_some_and(|param| {
        let (ty, _) = types::behind_reference(&param.ty);
        let plain = ["str", "Uuid", "Option", "Sensitive", "Cow", "Arc", "Box"];
        types::head(ty).is_some_and(|(ty, _)| {
            !types::is_known(types::behind_reference(&param.ty).0)
                && !plain.contains(&ty.as_str())
                && !ty.starts_with("NonZero")
                && !ty.ends_with("Id")
                && !named(&ty)
        })
    })
}

/// The names that may stand in a key: those of parameters, and of one element of `each`.
fn names(case: &Case<'_>) -> Vec<String> {
    let item = case.item().filter(|item| case.function.param(item).is_none());
    candidates(case).chain(item).collect()
}

/// The names that may stand in the key, and don't, and are not skipped.
pub(super) fn free(case: &Case<'_>) -> Vec<String> {
    let mut names = names(case);
    names.retain(|name| {
        !case.args.template().is_some_and(|template| template.mentions(name))
            && skipped(case).all(|skipped| skipped != *name)
    });
    names
}

pub(super) fn skipped<'a>(case: &'a Case<'_>) -> impl Iterator<Item = String> + 'a {
    case.args.skip.value().into_iter().flatten().map(unraw)
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
        .filter(move |param| {
            !param.is_cache() && !param.is_mutable_reference() && collection.as_ref() != Some(&param.name)
        })
        .map(|param| param.name.clone())
}
