//! How long is `300`, `"5m"` or `"1h 30m"`?

use std::fmt;

use syn::{Expr, Lit};

/// The longest duration an option takes: a hundred years.
const LONGEST_MS: u64 = 100 * 365 * 24 * 60 * 60 * 1000;

/// A duration as an option gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    Millis(u64),
    Forever,
}

/// What is wrong with a duration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DurationError {
    Zero,
    TooLong,
    Negative,
    Fraction,
    Suffix(String),
    Empty,
    NoUnit(String),
    UnknownUnit(String),
    NoNumber(String),
    NotADuration,
}

/// Reads an option's value as a duration.
pub(crate) fn from_expr(expr: &Expr) -> Result<Span, DurationError> {
    match ungrouped(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) if !number.suffix().is_empty() => {
                Err(DurationError::Suffix(number.base10_digits().to_owned()))
            }
            Lit::Int(number) => {
                let seconds: u64 = number.base10_parse().map_err(|_| DurationError::TooLong)?;
                bounded(seconds.checked_mul(1000).ok_or(DurationError::TooLong)?)
            }
            Lit::Str(text) => from_text(&text.value()),
            Lit::Float(_) => Err(DurationError::Fraction),
            _ => Err(DurationError::NotADuration),
        },
        Expr::Unary(negative) if matches!(negative.op, syn::UnOp::Neg(_)) => Err(DurationError::Negative),
        _ => Err(DurationError::NotADuration),
    }
}

/// Reads `"5m"`, `"1h 30m"`, `"500ms"`, `"forever"`.
pub(crate) fn from_text(text: &str) -> Result<Span, DurationError> {
    if text.trim() == "forever" {
        return Ok(Span::Forever);
    }
    let mut total: u64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Empty);
    }
    if rest.starts_with('-') {
        return Err(DurationError::Negative);
    }
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        if after.starts_with('.') {
            return Err(DurationError::Fraction);
        }
        let (unit, after) = split(after.trim_start(), char::is_alphabetic);
        if digits.is_empty() {
            return Err(DurationError::NoNumber(rest.to_owned()));
        }
        if unit.is_empty() {
            return Err(DurationError::NoUnit(digits.to_owned()));
        }
        let scale = scale(unit).ok_or_else(|| DurationError::UnknownUnit(unit.to_owned()))?;
        let number: u64 = digits.parse().map_err(|_| DurationError::TooLong)?;
        let part = number.checked_mul(scale).ok_or(DurationError::TooLong)?;
        total = total.checked_add(part).ok_or(DurationError::TooLong)?;
        rest = after.trim_start();
    }
    bounded(total)
}

impl DurationError {
    /// What to write instead, with `option` as the option's name.
    pub(crate) fn help(&self, option: &str) -> String {
        match self {
            Self::Zero if option == "ttl" => {
                "leave the attribute out if nothing is to be cached, or write for example `ttl = \"5m\"`"
                    .to_owned()
            }
            Self::Zero => format!("leave `{option}` out, or write for example `{option} = \"30s\"`"),
            Self::TooLong if option == "ttl" => "write `ttl = \"forever\"`".to_owned(),
            Self::NoUnit(number) => {
                format!("write `{option} = {number}` for seconds, or `{option} = \"{number}m\"` for minutes")
            }
            Self::Suffix(number) => format!("write `{option} = {number}` for seconds"),
            Self::UnknownUnit(_) => "the units are `ms`, `s`, `m`, `h` and `d`".to_owned(),
            Self::Fraction => {
                format!("use a smaller unit, for example `{option} = \"500ms\"` for half a second")
            }
            Self::TooLong | Self::Negative | Self::Empty | Self::NoNumber(_) | Self::NotADuration => {
                format!("write seconds, as in `{option} = 300`, or a text, as in `{option} = \"5m\"`")
            }
        }
    }

    /// What is wrong, with `option` as the option's name.
    pub(crate) fn message(&self, option: &str) -> String {
        match self {
            Self::Zero => format!("`{option}` must be longer than zero"),
            Self::TooLong => format!("`{option}` is longer than a hundred years"),
            Self::Negative => format!("`{option}` can't be negative"),
            Self::Fraction => format!("`{option}` takes whole numbers"),
            Self::Suffix(_) => format!("`{option}` takes a plain number of seconds, without a type"),
            Self::Empty => format!("`{option}` is empty"),
            Self::NoUnit(number) => format!("`{number}` in `{option}` has no unit"),
            Self::UnknownUnit(unit) => format!("unknown unit `{unit}` in `{option}`"),
            Self::NoNumber(text) => format!("`{text}` in `{option}` doesn't begin with a number"),
            Self::NotADuration => format!("`{option}` takes a duration"),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Millis(ms) => write!(f, "{ms}ms"),
            Self::Forever => f.write_str("forever"),
        }
    }
}

/// The expression inside the invisible parentheses that `macro_rules!` puts around fragments.
pub(crate) fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}

fn bounded(ms: u64) -> Result<Span, DurationError> {
    match ms {
        0 => Err(DurationError::Zero),
        1..=LONGEST_MS => Ok(Span::Millis(ms)),
        _ => Err(DurationError::TooLong),
    }
}

fn scale(unit: &str) -> Option<u64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60 * 1000),
        "h" => Some(60 * 60 * 1000),
        "d" => Some(24 * 60 * 60 * 1000),
        _ => None,
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(from_text("5m"), Ok(Span::Millis(300_000)));
        assert_eq!(from_text("1h 30m"), Ok(Span::Millis(5_400_000)));
        assert_eq!(from_text("1h30m"), Ok(Span::Millis(5_400_000)));
        assert_eq!(from_text("500ms"), Ok(Span::Millis(500)));
        assert_eq!(from_text("forever"), Ok(Span::Forever));
    }

    #[test]
    fn a_plain_number_means_seconds() {
        assert_eq!(from_expr(&syn::parse_quote!(300)), Ok(Span::Millis(300_000)));
    }

    #[test]
    fn mistakes_are_told_apart() {
        assert_eq!(from_text("0s"), Err(DurationError::Zero));
        assert_eq!(from_text(""), Err(DurationError::Empty));
        assert_eq!(from_text("300"), Err(DurationError::NoUnit("300".into())));
        assert_eq!(from_text("5 minutes"), Err(DurationError::UnknownUnit("minutes".into())));
        assert_eq!(from_text("m"), Err(DurationError::NoNumber("m".into())));
        assert_eq!(from_text("1.5h"), Err(DurationError::Fraction));
        assert_eq!(from_text("-5m"), Err(DurationError::Negative));
        assert_eq!(from_text("99999999999999999999d"), Err(DurationError::TooLong));
        assert_eq!(from_text("400000d"), Err(DurationError::TooLong));
        assert_eq!(from_expr(&syn::parse_quote!(0)), Err(DurationError::Zero));
        assert_eq!(from_expr(&syn::parse_quote!(-1)), Err(DurationError::Negative));
        assert_eq!(from_expr(&syn::parse_quote!(1.5)), Err(DurationError::Fraction));
        assert_eq!(from_expr(&syn::parse_quote!(5u64)), Err(DurationError::Suffix("5".into())));
        assert_eq!(from_expr(&syn::parse_quote!(true)), Err(DurationError::NotADuration));
    }
}
