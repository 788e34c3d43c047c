//! What do the tokens of a type say, where they are certain?

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, GenericArgument, PathArguments, Type};

/// The type behind invisible groups and parentheses.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        other => other,
    }
}

/// `T` of `&T`, and whether there was a `&`.
pub(crate) fn behind_reference(ty: &Type) -> (&Type, bool) {
    match plain(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => (plain(&reference.elem), true),
        other => (other, false),
    }
}

/// Is this `&mut T`?
pub(crate) fn is_mutable_reference(ty: &Type) -> bool {
    matches!(plain(ty), Type::Reference(reference) if reference.mutability.is_some())
}

/// `T` of `Sensitive<&T>`: passed by value, and borrowed all the same.
pub(crate) fn secret_reference(ty: &Type) -> Option<&Type> {
    let (name, arguments) = head(ty)?;
    match (name.as_str(), arguments.as_slice()) {
        ("Sensitive", [only]) => {
            Some(behind_reference(only)).filter(|(_, referenced)| *referenced).map(|(ty, _)| ty)
        }
        _ => None,
    }
}

/// The owned form of a parameter's type: `T` for `T`, the `ToOwned::Owned` of `T` for `&T`.
pub(crate) fn owned(ty: &Type) -> TokenStream {
    match behind_reference(ty) {
        (inner, true) if head(inner).is_some_and(|(name, _)| name == "str") => quote!(::std::string::String),
        (inner, true) => quote!(<#inner as ::std::borrow::ToOwned>::Owned),
        (whole, false) => whole.to_token_stream(),
    }
}

/// The last segment of a path type and its type arguments.
pub(crate) fn head(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = plain(ty) else { return None };
    let last = path.path.segments.last()?;
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(angled) => angled
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        PathArguments::None | PathArguments::Parenthesized(_) => Vec::new(),
    };
    Some((last.ident.to_string(), arguments))
}

/// Is this `&Cache`?
pub(crate) fn is_cache(ty: &Type) -> bool {
    let (inner, referenced) = behind_reference(ty);
    referenced && head(inner).is_some_and(|(name, arguments)| name == "Cache" && arguments.is_empty())
}

/// How a collection parameter of `each` is passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    Borrowed,
    Owned,
}

/// The element of `&[T]`, `&Vec<T>` or `Vec<T>`.
pub(crate) fn element(ty: &Type) -> Option<(&Type, Passed)> {
    let (inner, referenced) = behind_reference(ty);
    let passed = if referenced { Passed::Borrowed } else { Passed::Owned };
    match inner {
        Type::Slice(slice) if referenced => Some((&slice.elem, passed)),
        other => match head(other)? {
            (name, arguments) if name == "Vec" => Some((arguments.first().copied()?, passed)),
            _ => None,
        },
    }
}

/// Why a parameter of this type can't be part of a key, where the tokens are certain.
pub(crate) fn key_refusal(ty: &Type) -> Option<&'static str> {
    let (inner, _) = behind_reference(ty);
    match inner {
        Type::Slice(_) | Type::Array(_) => Some("a collection"),
        other => match head(other)?.0.as_str() {
            "f32" | "f64" => Some("a float"),
            "Vec" | "VecDeque" | "HashMap" | "HashSet" | "BTreeMap" | "BTreeSet" => Some("a collection"),
            _ => None,
        },
    }
}

/// Do the tokens hold a lifetime, or a reference without one?
pub(crate) fn borrows(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
        TokenTree::Group(group) => borrows(group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// Do the tokens hold a lifetime that ends, or a reference without one?
pub(crate) fn borrows_for_a_while(tokens: TokenStream) -> bool {
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let ends = match tree {
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                !matches!(trees.peek(), Some(TokenTree::Ident(name)) if name == "static")
            }
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                !matches!(trees.peek(), Some(TokenTree::Punct(quote)) if quote.as_char() == '\'')
            }
            TokenTree::Group(group) => borrows_for_a_while(group.stream()),
            TokenTree::Punct(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        if ends {
            return true;
        }
    }
    false
}

/// Do the tokens hold this word?
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Do the tokens use this word as a name: not as a field or method, and `self` not as the module that a path begins with?
pub(crate) fn uses(tokens: TokenStream, word: &str) -> bool {
    let mut dots = 0;
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let before = std::mem::take(&mut dots);
        let used = match tree {
            TokenTree::Ident(ident) => before != 1 && ident == word && !is_module(&ident, trees.peek()),
            TokenTree::Group(group) => uses(group.stream(), word),
            TokenTree::Punct(punct) => {
                dots = if punct.as_char() == '.' { before + 1 } else { 0 };
                false
            }
            TokenTree::Literal(_) => false,
        };
        if used {
            return true;
        }
    }
    false
}

/// `self` of `self::config::TTL`
pub(crate) fn is_module(ident: &proc_macro2::Ident, next: Option<&TokenTree>) -> bool {
    ident == "self" && matches!(next, Some(TokenTree::Punct(colon)) if colon.as_char() == ':')
}

/// Does the expression use this word as a name of something outside? A closure's own parameter is none.
pub(crate) fn takes(expr: &Expr, word: &str) -> bool {
    match crate::duration::ungrouped(expr) {
        Expr::Closure(closure) if uses(closure.inputs.to_token_stream(), word) => false,
        expr => uses(expr.to_token_stream(), word) || captures(&expr.to_token_stream(), word),
    }
}

/// The same, where no closure, block or pattern inside could have given the word a meaning of its own. In doubt the compiler speaks.
pub(crate) fn surely_takes(expr: &Expr, word: &str) -> bool {
    let inner = match crate::duration::ungrouped(expr) {
        Expr::Closure(closure) => closure.body.to_token_stream(),
        other => other.to_token_stream(),
    };
    takes(expr, word) && !binds(inner)
}

/// Are there closures, blocks or macros with their own syntax?
fn binds(tokens: TokenStream) -> bool {
    let mut after_word = false;
    tokens.into_iter().any(|tree| {
        let word = std::mem::replace(&mut after_word, matches!(tree, TokenTree::Ident(_)));
        match tree {
            TokenTree::Punct(punct) => punct.as_char() == '|' || (punct.as_char() == '!' && word),
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace || binds(group.stream()),
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        }
    })
}

/// Does a text, as in `format!("{lang}")`, capture this name?
fn captures(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            ["}", ":"].iter().any(|end| text.contains(&format!("{{{word}{end}")))
        }
        TokenTree::Group(group) => captures(&group.stream(), word),
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
    })
}

/// The cached value inside `Result`, `Option` and `Arc`, as far as the tokens show it.
pub(crate) fn value_hint(ty: &Type) -> &Type {
    match head(ty) {
        Some((name, arguments)) if matches!(name.as_str(), "Result" | "Option" | "Arc") => {
            match arguments.first() {
                Some(inner) => value_hint(inner),
                None => plain(ty),
            }
        }
        _ => plain(ty),
    }
}

/// The value type of the map a batch reader returns.
pub(crate) fn map_value_hint(ty: &Type) -> Option<&Type> {
    match head(value_hint(ty))? {
        (name, arguments) if matches!(name.as_str(), "HashMap" | "BTreeMap") => {
            arguments.get(1).map(|value| value_hint(value))
        }
        _ => None,
    }
}

/// Are these two types certainly different? Aliases make most pairs uncertain.
pub(crate) fn certainly_differ(left: &Type, right: &Type) -> bool {
    match (head(left), head(right)) {
        (Some((left_name, left_args)), Some((right_name, right_args))) => {
            let known = |name: &str| KNOWN.contains(&name);
            if known(&left_name) && known(&right_name) {
                return left_name != right_name
                    || left_args.iter().zip(&right_args).any(|(left, right)| certainly_differ(left, right));
            }
            let holds = |args: &[&Type], other: &Type| args.iter().any(|arg| text(arg) == text(other));
            (left_name == "Vec" && holds(&left_args, right))
                || (right_name == "Vec" && holds(&right_args, left))
        }
        _ => false,
    }
}

/// Is this certainly a type of the standard library?
pub(crate) fn is_known(ty: &Type) -> bool {
    head(ty).is_some_and(|(name, _)| KNOWN.contains(&name.as_str()))
}

/// The tokens of a type as text, for messages and comparisons.
pub(crate) fn text(ty: &Type) -> String {
    let spaced = ty.to_token_stream().to_string();
    spaced
        .replace(" < ", "<")
        .replace(" <", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace(" ,", ",")
        .replace("& ", "&")
}

/// Tokens as text, about as a person writes them: spaces only before words that follow others, and after commas.
pub(crate) fn written(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut apart = false;
    for tree in tokens {
        let word = matches!(tree, TokenTree::Ident(_) | TokenTree::Literal(_));
        let ends = word || matches!(tree, TokenTree::Group(_));
        let piece = match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                format!("{open}{}{close}", written(group.stream()))
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => ", ".to_owned(),
            other => other.to_string(),
        };
        if word && apart {
            text.push(' ');
        }
        text.push_str(&piece);
        apart = ends;
    }
    text
}

const KNOWN: &[&str] = &[
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64", "String", "Vec", "HashMap", "BTreeMap", "HashSet", "BTreeSet",
];
