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
    /// What is the same in whole numbers.
    Fraction(Option<String>),
    Suffix(String),
    Empty,
    NoUnit(String),
    /// The unit, and what was probably meant by all.
    UnknownUnit(String, Option<String>),
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
            Lit::Float(number) => {
                let (whole, fraction) = number.base10_digits().split_once('.').unwrap_or_default();
                Err(DurationError::Fraction(exact(whole, fraction, 1000).and_then(fitting)))
            }
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
    let (mut fraction, mut unknown) = (false, None);
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        fraction |= after.starts_with('.');
        let (decimals, after) = match after.strip_prefix('.') {
            Some(after) => split(after, |c| c.is_ascii_digit()),
            None => ("", after),
        };
        let (unit, after) = split(after.trim_start(), char::is_alphabetic);
        if digits.is_empty() {
            return Err(DurationError::NoNumber(rest.to_owned()));
        }
        if unit.is_empty() {
            return Err(DurationError::NoUnit(digits.to_owned()));
        }
        let scale = match (scale(unit), scale_of_a_word(unit)) {
            (Some(scale), _) => scale,
            (None, Some(scale)) => {
                unknown.get_or_insert(unit);
                scale
            }
            (None, None) => return Err(DurationError::UnknownUnit(unit.to_owned(), None)),
        };
        let part = match exact(digits, decimals, scale) {
            None if fraction => return Err(DurationError::Fraction(None)),
            part => part.ok_or(DurationError::TooLong)?,
        };
        total = total.checked_add(part).ok_or(DurationError::TooLong)?;
        rest = after.trim_start();
    }
    match unknown {
        Some(unit) => Err(DurationError::UnknownUnit(unit.to_owned(), fitting(total))),
        None if fraction => Err(DurationError::Fraction(fitting(total))),
        None => bounded(total),
    }
}

impl DurationError {
    /// What to write instead, with `option` as the option's name.
    pub(crate) fn help(&self, option: &str) -> String {
        match self {
            Self::Zero if option == "ttl" => {
                "write for example `ttl = \"5m\"`, or remove `#[cached]` if nothing is to be cached"
                    .to_owned()
            }
            Self::Zero => format!("leave `{option}` out, or write for example `{option} = \"30s\"`"),
            Self::TooLong if option == "ttl" => "write `ttl = \"forever\"`".to_owned(),
            Self::NoUnit(number) => {
                format!("write `{option} = {number}` for seconds, or `{option} = \"{number}m\"` for minutes")
            }
            Self::Suffix(number) => format!("write `{option} = {number}` for seconds"),
            Self::UnknownUnit(_, Some(meant)) => format!("did you mean `{option} = \"{meant}\"`?"),
            Self::UnknownUnit(_, None) => {
                format!("the units are `ms`, `s`, `m`, `h` and `d`, as in `{option} = \"5m\"`")
            }
            Self::Fraction(Some(whole)) => format!("write `{option} = \"{whole}\"`"),
            Self::TooLong
            | Self::Negative
            | Self::Fraction(None)
            | Self::Empty
            | Self::NoNumber(_)
            | Self::NotADuration => {
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
            Self::Fraction(_) => format!("`{option}` takes whole numbers"),
            Self::Suffix(_) => format!("`{option}` takes a plain number of seconds, without a type"),
            Self::Empty => format!("`{option}` is empty"),
            Self::NoUnit(number) => format!("`{number}` in `{option}` has no unit"),
            Self::UnknownUnit(unit, _) => format!("unknown unit `{unit}` in `{option}`"),
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

/// The units, longest first, in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 24 * 60 * 60 * 1000), ("h", 60 * 60 * 1000), ("m", 60 * 1000), ("s", 1000), ("ms", 1)];

fn scale(unit: &str) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale)
}

/// What other libraries call the units.
fn scale_of_a_word(unit: &str) -> Option<u64> {
    match unit.to_lowercase().as_str() {
        "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => scale("ms"),
        "sec" | "secs" | "second" | "seconds" => scale("s"),
        "mn" | "min" | "mins" | "minute" | "minutes" => scale("m"),
        "hr" | "hrs" | "hour" | "hours" => scale("h"),
        "day" | "days" => scale("d"),
        "w" | "week" | "weeks" => scale("d").map(|day| 7 * day),
        _ => None,
    }
}

/// `whole.decimals` times `scale`, if that is a whole number.
fn exact(whole: &str, decimals: &str, scale: u64) -> Option<u64> {
    let parts = 10_u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let all = format!("{whole}{decimals}").parse::<u64>().ok()?.checked_mul(scale)?;
    all.is_multiple_of(parts).then_some(all / parts)
}

/// These milliseconds as a text, in the longest unit that fits.
fn fitting(ms: u64) -> Option<String> {
    bounded(ms).ok()?;
    UNITS
        .iter()
        .find(|(_, scale)| ms.is_multiple_of(*scale))
        .map(|(unit, scale)| format!("{}{unit}", ms / scale))
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
        let minutes = |meant: &str| Err(DurationError::UnknownUnit("minutes".into(), Some(meant.into())));
        assert_eq!(from_text("5 minutes"), minutes("5m"));
        assert_eq!(from_text("1h 30 minutes"), minutes("90m"));
        assert_eq!(from_text("1w"), Err(DurationError::UnknownUnit("w".into(), Some("7d".into()))));
        assert_eq!(from_text("1M"), Err(DurationError::UnknownUnit("M".into(), None)));
        assert_eq!(from_text("m"), Err(DurationError::NoNumber("m".into())));
        assert_eq!(from_text("1.5h"), Err(DurationError::Fraction(Some("90m".into()))));
        assert_eq!(from_text("0.0001s"), Err(DurationError::Fraction(None)));
        assert_eq!(from_text("-5m"), Err(DurationError::Negative));
        assert_eq!(from_text("99999999999999999999d"), Err(DurationError::TooLong));
        assert_eq!(from_text("400000d"), Err(DurationError::TooLong));
        assert_eq!(from_expr(&syn::parse_quote!(0)), Err(DurationError::Zero));
        assert_eq!(from_expr(&syn::parse_quote!(-1)), Err(DurationError::Negative));
        assert_eq!(from_expr(&syn::parse_quote!(1.5)), Err(DurationError::Fraction(Some("1500ms".into()))));
        assert_eq!(from_expr(&syn::parse_quote!(5u64)), Err(DurationError::Suffix("5".into())));
        assert_eq!(from_expr(&syn::parse_quote!(true)), Err(DurationError::NotADuration));
    }
}
