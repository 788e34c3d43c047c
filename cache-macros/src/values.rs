//! What does the text after an option's name say?

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, LitStr, Path, Token};

use crate::diag::Diagnostics;
use crate::duration::{self, ungrouped};
use crate::spanned::Given;
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::{Piece, Placeholder, Template};
use crate::types;

/// `= expr`, as an expression.
pub(crate) fn value(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Expr> {
    equals(name, input, example)?;
    input.parse()
}

pub(crate) fn expression(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Given<Expr>> {
    let value = value(name, input, example)?;
    Ok(Given::new(name, &value, value.clone()))
}

pub(crate) fn path(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Given<Path>> {
    equals(name, input, example)?;
    let start = input.span();
    match input.parse::<Expr>() {
        Ok(expr) => match ungrouped(&expr) {
            Expr::Path(path) if path.qself.is_none() => Ok(Given::new(name, path, path.path.clone())),
            other => {
                let written = match other {
                    Expr::Lit(literal) => match &literal.lit {
                        Lit::Str(text) => text.parse::<Ident>().ok(),
                        _ => None,
                    },
                    _ => None,
                };
                let example = match (example.rsplit_once("::"), written) {
                    (Some((start, _)), Some(written)) => format!("{start}::{written}"),
                    _ => example.to_owned(),
                };
                let message = match other {
                    Expr::Closure(_) if name == "merge" => OF_MERGE.to_owned(),
                    _ => format!("`{name}` takes a path\nhelp: write `{name} = {example}`"),
                };
                Err(syn::Error::new_spanned(&expr, message))
            }
        },
        // `crate` alone is a path, but no expression to the parser in every position
        Err(_) => {
            Err(syn::Error::new(start, format!("`{name}` takes a path\nhelp: write `{name} = {example}`")))
        }
    }
}

// #[cached(merge = |one, more| one + more, ..)]      <- a closure
const OF_MERGE: &str = "`merge` takes a path to a `fn(D, D) -> D`, where `D` is the type of the delta\nhelp: make the closure a function of this block, and write `merge = Self::add`";

// #[repository(strict = true)]      <- it takes no value
pub(crate) fn word(name: &Ident, input: ParseStream<'_>) -> syn::Result<Given<()>> {
    if input.peek(Token![=]) || input.peek(syn::token::Paren) {
        skip_value(input);
        return Err(syn::Error::new(
            name.span(),
            format!("`{name}` takes no value\nhelp: write `{name}` alone, or leave it out"),
        ));
    }
    Ok(Given::new(name, name, ()))
}

// #[repository(scope = self.tenant)]      <- not written as a placeholder
pub(crate) fn scope(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<Placeholder>>> {
    equals(name, input, "<self.tenant>")?;
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    let text: String = tokens.clone().into_iter().map(|tree| tree.to_string()).collect();
    let pieces = Template::parse(&text).map(|template| template.pieces).unwrap_or_default();
    let scope = match pieces.as_slice() {
        [Piece::Placeholder(placeholder)] if placeholder.root == "self" => Some(placeholder.clone()),
        _ => None,
    };
    if scope.is_none() {
        let fields = text.trim_matches('"').trim_start_matches('<').trim_end_matches('>');
        let meant = Template::parse(&format!("<{fields}>")).is_ok() && fields.starts_with("self.");
        let example = if meant { fields } else { "self.tenant" };
        diags
            .error_at(&tokens, format!("`{name}` takes a field of `self`, as a placeholder"))
            .help(format!("write for example `{name} = <{example}>`"));
    }
    Ok(Given::new(name, &tokens, scope))
}

/// A duration; what is wrong with it is reported here.
pub(crate) fn length(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<duration::Span>>> {
    let value = value(name, input, "\"5m\"")?;
    let length = fixed(name, &value, diags);
    Ok(Given::new(name, &value, length))
}

/// A literal duration.
pub(crate) fn fixed(name: &Ident, value: &Expr, diags: &mut Diagnostics) -> Option<duration::Span> {
    let length = duration::from_expr(value);
    if let Err(error) = &length {
        let option = name.to_string();
        diags.error_at(value, error.message(&option)).help(error.help(&option));
    }
    length.ok()
}

// #[cached(unless = hidden, ..)]          <- neither a closure nor a path to a function
// #[cached(unless = |a, b| a < b, ..)]    <- not one parameter
/// Whether this is a function of the value.
pub(crate) fn closure(name: &Ident, value: &Expr, example: &str, diags: &mut Diagnostics) -> bool {
    let help = match ungrouped(value) {
        Expr::Closure(closure) if closure.inputs.len() == 1 => return true,
        Expr::Path(path) if path.path.segments.len() > 1 => return true,
        Expr::Closure(closure) if closure.inputs.is_empty() && name == "ttl" => {
            let body = types::written(closure.body.to_token_stream());
            format!("write `{name} = {body}` without `||`, or take the value, as in `{name} = {example}`")
        }
        Expr::Closure(_) => {
            format!("its one argument is the value, as in `{name} = {example}`; parameters are seen anyway")
        }
        Expr::Path(_) | Expr::Field(_) if name == "unless" => {
            let value = types::written(value.to_token_stream());
            format!(
                "write `when = !{value}` for a condition over the parameters, or `{name} = {example}` for one over the value"
            )
        }
        _ => format!("write for example `{name} = {example}`"),
    };
    diags.error_at(value, format!("`{name}` takes a closure over the value")).help(help);
    false
}

/// `= |product| product.hidden`
pub(crate) fn predicate(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<Expr>>> {
    let example = "|product| product.hidden";
    let value = value(name, input, example)?;
    let closure = closure(name, &value, example, diags);
    Ok(Given::new(name, &value, closure.then(|| value.clone())))
}

// #[cached(when = |product| product.hidden, ..)]      <- there is no value yet
// #[cached(when = "fresh", ..)]                       <- no condition
pub(crate) fn condition(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<Expr>>> {
    let value = value(name, input, "!draft")?;
    let good = match ungrouped(&value) {
        Expr::Closure(closure) => {
            let (value_name, body) = (
                types::written(closure.inputs.to_token_stream()),
                types::written(closure.body.to_token_stream()),
            );
            diags.error_at(&value, format!("`{name}` is asked before there is a value")).help(format!(
                "write `unless = |{value_name}| !({body})`, which names what is not stored, or a condition over the parameters"
            ));
            false
        }
        Expr::Lit(_) => {
            diags
                .error_at(&value, format!("`{name}` takes a condition over the parameters"))
                .help(format!("write for example `{name} = !draft`, or leave `{name}` out"));
            false
        }
        _ => true,
    };
    Ok(Given::new(name, &value, good.then(|| value.clone())))
}

/// Steps over what is left of an option, and its comma. What is left of a good option is a mistake: `false`.
pub(crate) fn skip_to_comma(input: ParseStream<'_>, good: bool, diags: &mut Diagnostics) -> bool {
    let stray = input.span();
    let clean = input.is_empty() || input.peek(Token![,]);
    skip_value(input);
    let _ = input.parse::<Option<Token![,]>>();
    if good && !clean {
        diags
            .error(stray, "expected `,` here")
            .help("options are separated by `,`: put one before this, or instead of it");
    }
    clean || !good
}

/// Steps over the value of an option that is not known.
pub(crate) fn skip_value(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

pub(crate) fn equals(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Ok(());
        }
    }
    let help = if name == "cache" {
        "write `cache = self.cache` in a method, or leave it out where a parameter is a `&Cache`".to_owned()
    } else {
        format!("write for example `{name} = {example}`")
    };
    let missing = if input.peek(Token![:]) { "needs `=` before its value" } else { "has no value" };
    Err(syn::Error::new(name.span(), format!("`{name}` {missing}\nhelp: {help}")))
}

pub(crate) fn strategy(value: &Expr, diags: &mut Diagnostics) -> Option<Strategy> {
    let written = match ungrouped(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let names = Strategy::ALL.map(Strategy::name);
    let Some(written) = written else {
        let meant = suggest::nearest(&snake(&types::written(value.to_token_stream())), names);
        diags
            .error_at(value, "`strategy` takes a string")
            .help(format!("write for example `strategy = \"{}\"`", meant.unwrap_or("read_through")));
        return None;
    };
    let strategy = Strategy::from_name(&written);
    if strategy.is_none() {
        let help = match suggest::nearest(&written.to_lowercase().replace('-', "_"), names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the strategies are {}", suggest::list(names)),
        };
        diags.error_at(value, format!("unknown strategy `{written}`")).help(help);
    }
    strategy
}

/// `read_through` for `ReadThrough`
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// A key; what is wrong with it is reported by a rule, which knows the function.
pub(crate) fn template(name: &Ident, input: ParseStream<'_>) -> syn::Result<Given<Option<Template>>> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Given::new(name, &TokenStream::new(), None));
    }
    let value = value(name, input, "\"home\"")?;
    let template = text(&value).and_then(|text| Template::parse(&text.value()).ok());
    Ok(Given::new(name, &value, template))
}

/// A literal text.
pub(crate) fn text(value: &Expr) -> Option<&LitStr> {
    match ungrouped(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

// #[cached(refresh_at = 1.5, ..)]      <- not a share of the ttl
pub(crate) fn share(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<u32>>> {
    let value = value(name, input, "0.8")?;
    let number = match ungrouped(&value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(number) => number.base10_parse::<f64>().ok(),
            Lit::Int(number) => number.base10_parse::<f64>().ok(),
            _ => None,
        },
        _ => None,
    };
    let permille = number
        .filter(|share| *share > 0.0 && *share < 1.0)
        .and_then(|share| format!("{:.0}", share * 1000.0).parse::<u32>().ok());
    let permille = permille.filter(|share| (1..1000).contains(share));
    if permille.is_none() {
        let example = if name == "jitter" { "0.1" } else { "0.8" };
        diags
            .error_at(&value, format!("`{name}` must be more than 0 and less than 1"))
            .help(format!("write for example `{name} = {example}`"));
    }
    Ok(Given::new(name, &value, permille))
}

// #[cached(schema = "2", ..)]              <- not a number
// #[cached(schema = 5_000_000_000, ..)]    <- too large
pub(crate) fn number(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<u32>>> {
    let value = value(name, input, "2")?;
    let number = match ungrouped(&value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) if number.suffix().is_empty() => number.base10_parse::<u32>().ok(),
            _ => None,
        },
        _ => None,
    };
    if number.is_none() {
        diags
            .error_at(&value, format!("`{name}` takes a number from 0 to {}", u32::MAX))
            .help(format!("write for example `{name} = 2`"));
    }
    Ok(Given::new(name, &value, number))
}

/// `each(id in ids)`
#[derive(Clone)]
pub(crate) struct Each {
    pub(crate) item: Ident,
    pub(crate) collection: Ident,
}

pub(crate) fn each(name: &Ident, group: &Group, diags: &mut Diagnostics) -> Option<Each> {
    let parser = |input: ParseStream<'_>| {
        let item = input.call(Ident::parse_any)?;
        input.parse::<Token![in]>()?;
        let collection = input.call(Ident::parse_any)?;
        Ok(Each { item, collection })
    };
    let each = parser.parse2(group.stream()).ok();
    if each.is_none() {
        diags
            .error_at(group, format!("`{name}` takes a name and a parameter"))
            .help("write for example `each(id in ids)`");
    }
    each
}

/// Names of parameters; none if they can't be read, which a rule reports: it knows the function.
pub(crate) fn words(
    name: &Ident,
    input: ParseStream<'_>,
    example: &str,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Vec<Ident>>> {
    let group = parenthesized(name, input, example)?;
    let parser = |input: ParseStream<'_>| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
    };
    let mut words: Vec<Ident> = Vec::new();
    for word in parser.parse2(group.stream()).into_iter().flatten() {
        if words.contains(&word) {
            diags.error(word.span(), format!("`{word}` is twice in `{name}`")).help("remove one of the two");
        } else {
            words.push(word);
        }
    }
    Ok(Given::new(name, &group, words))
}

pub(crate) fn parenthesized(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Group> {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            input.parse::<TokenTree>()?;
            Ok(group)
        }
        _ => {
            let value = input.parse::<Token![=]>().and_then(|_| input.parse::<Expr>());
            skip_value(input);
            let help = match value {
                Ok(value) if name != "each" => {
                    let inner = match value {
                        Expr::Paren(inner) => types::written(inner.expr.to_token_stream()),
                        other => types::written(other.to_token_stream()),
                    };
                    format!("write `{name}({})`", inner.trim_matches(['"', '[', ']']))
                }
                Ok(_) | Err(_) => format!("write for example `{example}`"),
            };
            Err(syn::Error::new(name.span(), format!("`{name}` takes parentheses\nhelp: {help}")))
        }
    }
}
