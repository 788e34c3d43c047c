//! What a template says when the program runs: how a finished key is taken apart again, and whether two templates can render one key.

use super::part::JOINT;
use std::borrow::Cow;

/// The text of a template between and around its placeholders; one more piece than there are placeholders.
///
/// The macro has checked the template: every `<` that isn't doubled is closed.
fn literals(template: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut chars = template.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '<' if chars.peek() == Some(&'<') => {
                chars.next();
                push(&mut pieces, '<');
            }
            '<' => {
                chars.by_ref().find(|&c| c == '>');
                pieces.push(String::new());
            }
            '{' | '}' | '>' if chars.peek() == Some(&char) => {
                chars.next();
                push(&mut pieces, char);
            }
            '{' | '}' => {}
            other => push(&mut pieces, other),
        }
    }
    pieces
}

fn push(pieces: &mut [String], char: char) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(char);
    }
}

/// The parts of `key`, still escaped, if it was rendered from `template`.
pub(crate) fn split_parts<'k>(template: &str, key: &'k str) -> Option<Vec<&'k str>> {
    let literals = literals(template);
    let (first, others) = literals.split_first()?;
    let mut rest = key.strip_prefix(first.as_str())?;
    let mut parts = Vec::with_capacity(others.len());
    for literal in others {
        // A part ends at the first character that parts always escape, and every literal begins with one.
        let end = rest.find(|c: char| !unescaped(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after.strip_prefix(literal.as_str())?;
    }
    rest.is_empty().then_some(parts)
}

/// The template without the names of its placeholders.
pub(crate) fn family(template: &str) -> String {
    let mut family = String::with_capacity(template.len());
    let mut chars = template.chars().peekable();
    while let Some(char) = chars.next() {
        family.push(char);
        if char == '<' {
            match chars.peek() {
                Some('<') => family.extend(chars.next()),
                Some(_) | None => family.extend(chars.by_ref().find(|&c| c == '>')),
            }
        }
    }
    family
}

/// Whether `key` was rendered from `template`; a shortened key counts if it begins like one.
pub(crate) fn matches(template: &str, key: &str) -> bool {
    split_parts(template, key).is_some() || super::is_shortened(key)
}

/// The text that all keys of a template begin with.
pub(crate) fn literal_prefix(template: &str) -> String {
    literals(template).into_iter().next().unwrap_or_default()
}

/// Whether two templates render the same keys from the same parts.
pub(crate) fn same_shape(left: &str, right: &str) -> bool {
    literals(left) == literals(right)
}

/// Whether a rendered part may hold this character.
fn unescaped(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%')
}

/// Where the braces of a template stand, counted in characters and placeholders.
pub(crate) fn braces(template: &str) -> Option<(usize, usize)> {
    let (mut at, mut open) = (0, None);
    let mut chars = template.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '<' | '>' | '{' | '}' if chars.next_if_eq(&char).is_some() => at += 1,
            '<' => {
                chars.by_ref().find(|&c| c == '>');
                at += 1;
            }
            '{' => open = Some(at),
            '}' => return open.map(|open| (open, at)),
            _ => at += 1,
        }
    }
    None
}

/// The placeholders of a template, as written: `category`, `product.id`.
pub(crate) fn placeholders(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('<') {
        rest = match after.strip_prefix('<') {
            Some(literal) => literal,
            None => match after.split_once('>') {
                Some((name, after)) => {
                    names.push(name);
                    after
                }
                None => "",
            },
        };
    }
    names
}

/// Undoes the escaping of a part; `None` when it isn't an escaped text.
pub fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(hex(digits[0])? << 4 | hex(digits[1])?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The fields of a composite part, each unescaped once, if there are exactly `count`.
pub fn split_joints(text: &str, count: usize) -> Option<Vec<String>> {
    let fields: Vec<String> =
        text.split(JOINT).map(|f| unescape(f).map(Cow::into_owned)).collect::<Option<_>>()?;
    (fields.len() == count).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_leave_out_names_and_braces() {
        assert!(same_shape("{product:<id>}", "product:<product.id>"));
        assert!(!same_shape("product:<id>", "product:<id>:x"));
        assert_eq!(braces("{a<<<id>}:b"), Some((0, 3)));
        assert_eq!(braces("a:{<id>}:b"), Some((2, 3)));
        assert_eq!(braces("a{{<id>}}"), None);
        assert_eq!(placeholders("a<<:<x>:{<y.0>}>>"), ["x", "y.0"]);
    }

    #[test]
    fn keys_come_apart_where_they_were_joined() {
        assert_eq!(split_parts("browse:<category>:<page>", "browse:a%3Ab:7"), Some(vec!["a%3Ab", "7"]));
        assert_eq!(split_parts("browse:<category>:<page>", "browse:::7"), None);
        assert_eq!(split_parts("browse:<category>:<page>", "browse::7"), Some(vec!["", "7"]));
        assert_eq!(split_parts("home", "home"), Some(vec![]));
        assert_eq!(split_parts("home", "home:1"), None);
        assert_eq!(split_parts("{user:<id>}:cart", "user:7:cart"), Some(vec!["7"]));
        assert_eq!(split_parts("a<<b>>:<x>", "a<b>:1"), Some(vec!["1"]));
    }

    #[test]
    fn families_forget_the_names_of_placeholders() {
        assert_eq!(family("product:<id>"), family("product:<product.id>"));
        assert_eq!(family("{a<<b:<x>}:<y.0>"), "{a<<b:<>}:<>");
        assert_eq!(split_parts(&family("product:<product.id>"), "product:7"), Some(vec!["7"]));
    }

    #[test]
    fn prefix_stops_at_the_first_placeholder() {
        assert_eq!(literal_prefix("{user:<id>}:cart"), "user:");
        assert_eq!(literal_prefix("home"), "home");
    }

    #[test]
    fn broken_escapes_are_no_text() {
        for broken in ["%", "%4", "%4x", "%zz", "%ff", "%FF"] {
            assert_eq!(unescape(broken), None, "{broken}");
        }
        assert_eq!(unescape("a%3Ab").as_deref(), Some("a:b"));
    }
}
