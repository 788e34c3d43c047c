//! Does `each(id in ids)` name a collection, and what is told apart by its elements?

use syn::Type;

use crate::args::Attr;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::unraw;
use crate::suggest;
use crate::types;

// #[cached(each(id in idz), ..)] async fn find_many(&self, ids: &[i64])      <- `idz`
// #[cached(each(id in ids), ..)] async fn find_many(&self, ids: i64)         <- no collection
pub(crate) fn collection(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(each) = case.args.each() else { return };
    let name = unraw(&each.collection);
    match case.function.param(&name) {
        None => {
            let known =
                || case.function.params.iter().filter(|param| !param.is_cache()).map(|param| &param.name);
            let collections =
                || case.function.params.iter().filter(|param| types::element(&param.ty).is_some());
            let near = suggest::nearest(&name, known().map(String::as_str));
            let help = match near.or_else(|| collections().next().map(|param| param.name.as_str())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    let value =
                        case.function.output().and_then(|output| types::head(types::value_hint(output)));
                    let key = value.and_then(|(_, arguments)| arguments.first().map(|key| types::text(key)));
                    format!("add a parameter `{name}: &[{}]`", key.unwrap_or_else(|| "T".to_owned()))
                }
            };
            diags.error(each.collection.span(), format!("`{name}` in `each` is not a parameter")).help(help);
        }
        Some(param) if types::element(&param.ty).is_none() => {
            let ty = types::text(&param.ty);
            let element = match types::behind_reference(&param.ty).0 {
                Type::Array(array) => types::text(&array.elem),
                other => match types::head(other) {
                    Some((_, arguments)) => types::text(arguments.first().copied().unwrap_or(other)),
                    None => types::text(other),
                },
            };
            diags
                .error_at(
                    &param.ty,
                    format!("`each` goes through a slice or a `Vec`, and `{name}` is `{ty}`"),
                )
                .help(format!("take `{name}: &[{element}]` or `{name}: Vec<{element}>`"));
        }
        Some(_) => {}
    }
}

// #[cached(each(id in ids), key = "products")]      <- the element doesn't select its entry
pub(crate) fn item(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(each), Some(item)) = (case.args.each(), case.item()) else { return };
    if case.function.param(&item).is_some() {
        let ids = unraw(&each.collection);
        let own = one_of(case, &ids);
        diags.error(each.item.span(), format!("`{item}` in `each` is the name of a parameter")).help(
            match case.args.attr {
                Attr::Cached => format!("write `each({own} in {ids})`, and `<{own}>` in `key`"),
                Attr::Invalidates => format!("write `each({own} in {ids})`, and `{own}` in the edges"),
            },
        );
        return;
    }
    let used = match case.args.attr {
        Attr::Invalidates => {
            case.args.broken_edges || case.args.edges.iter().any(|edge| edge.mentions(&each.item.to_string()))
        }
        Attr::Cached => case.args.template().is_none_or(|template| {
            super::key::uses_item(case)
                || template.placeholders().any(|placeholder| case.function.param(&placeholder.root).is_none())
        }),
    };
    if !used {
        let collection = unraw(&each.collection);
        let (place, example) = match (case.args.attr, case.args.template()) {
            (Attr::Invalidates, _) => ("an edge", in_an_edge(case, &item)),
            (Attr::Cached, Some(template)) if !template.mentions(&collection) => {
                ("`key`", format!("write `key = \"{}\"`", template.with(std::slice::from_ref(&item))))
            }
            (Attr::Cached, _) => ("`key`", format!("write `<{item}>` for `<{collection}>` in `key`")),
        };
        diags
            .error(
                each.item.span(),
                format!("`{item}` of `each` is not used in {place}, so all elements would share one entry"),
            )
            .help(example);
    }
}

/// A name for one element of `ids`.
pub(super) fn one_of<'a>(case: &Case<'_>, ids: &'a str) -> &'a str {
    match ids.strip_suffix('s') {
        Some(one) if !one.is_empty() && case.function.param(one).is_none() => one,
        Some(_) | None => "item",
    }
}

fn in_an_edge(case: &Case<'_>, item: &str) -> String {
    let reader = case.repository.and_then(|repository| {
        repository.members().find(|member| {
            let reader = Case { args: &member.args, function: &member.function, repository: case.repository };
            reader.reads() && reader.key_params().len() == 1
        })
    });
    match reader {
        Some(reader) => format!("use it, as in `{}({item})`, or remove `each`", reader.function.name()),
        None => "remove `each`, or name an edge that takes the element".to_owned(),
    }
}

// #[cached(each(id in ids), ..)] async fn find_many(&self, ids: &[i64], tx: &mut CacheTx<'_, Sqlite>)      <- the body may run twice
pub(crate) fn nothing_borrowed_mutably(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.each().is_none() || !case.reads() {
        return;
    }
    for (param, _) in case.transactions() {
        let name = &param.name;
        diags
            .error_at(
                &param.ty,
                format!(
                    "the body of a batch reader may run more than once, so it can't borrow `{name}` mutably"
                ),
            )
            .help("take it by value or as `&`; in a transaction call a function without `#[cached]`");
    }
}

// #[cached(each(id in ids), ..)] async fn find_many(&self, ids: &[i64]) -> Result<Vec<Product>>      <- which is whose?
pub(crate) fn returns_a_map(case: &Case<'_>, diags: &mut Diagnostics) {
    let stores = case.strategy().is_some_and(crate::strategy::Strategy::stores);
    let (Some(_), Some(output), true) = (case.args.each(), case.function.output(), stores) else { return };
    let value = types::value_hint(output);
    let sequence = match value {
        Type::Tuple(tuple) => tuple.elems.is_empty() && !case.reads(),
        Type::Slice(_) | Type::Array(_) => true,
        other => types::head(other).is_some_and(|(name, _)| {
            matches!(name.as_str(), "Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "String")
        }),
    };
    if sequence {
        let ty = types::text(value);
        let element = case.collection().and_then(|collection| types::element(&collection.ty));
        let id = element.map_or_else(|| "T".to_owned(), |(ty, _)| types::written(types::owned(ty)));
        let one = match (value, types::head(value)) {
            (Type::Slice(slice), _) => types::text(&slice.elem),
            (Type::Array(array), _) => types::text(&array.elem),
            (_, Some((_, arguments))) => types::text(arguments.first().copied().unwrap_or(value)),
            (_, None) => "V".to_owned(),
        };
        diags
            .error_at(output, format!("with `each` a function returns a map, and `{ty}` doesn't say which value belongs to which element"))
            .help(format!("write `std::collections::HashMap<{id}, {one}>` in its place"));
    }
}
