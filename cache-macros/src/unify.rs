//! Can two templates render one key, and which?

use std::collections::VecDeque;

use crate::types;

/// One step of a template's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Char(char),
    Part(PartText),
}

/// What the text of a part is known to be, from its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartText {
    /// Any characters that parts may hold, or none.
    Any,
    /// Digits, perhaps behind a `-`.
    Integer,
    /// Digits.
    Unsigned,
    /// `true` or `false`.
    Bool,
    /// One character, or its bytes as `%XX`.
    Char,
}

impl PartText {
    /// Certain for the language's own types only: another name may be an alias, or write what it likes.
    pub(crate) fn of(ty: &syn::Type) -> Self {
        let (inner, _) = types::behind_reference(ty);
        let Some((name, arguments)) = types::head(inner) else { return Self::Any };
        match name.as_str() {
            _ if !arguments.is_empty() => Self::Any,
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => Self::Integer,
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => Self::Unsigned,
            "bool" => Self::Bool,
            "char" => Self::Char,
            _ => Self::Any,
        }
    }

    /// The state after one more character; states begin at 0.
    fn after(self, state: u8, c: char) -> Option<u8> {
        match self {
            Self::Any => part_char(c).then_some(0),
            Self::Integer if c == '-' => (state == 0).then_some(2),
            Self::Integer | Self::Unsigned => c.is_ascii_digit().then_some(1),
            Self::Bool => {
                // "true" ends in state 4, "false" in state 9
                const STEPS: [(u8, char, u8); 9] = [
                    (0, 't', 1),
                    (1, 'r', 2),
                    (2, 'u', 3),
                    (3, 'e', 4),
                    (0, 'f', 5),
                    (5, 'a', 6),
                    (6, 'l', 7),
                    (7, 's', 8),
                    (8, 'e', 9),
                ];
                STEPS
                    .into_iter()
                    .find(|(from, letter, _)| (*from, *letter) == (state, c))
                    .map(|(_, _, to)| to)
            }
            Self::Char => match state {
                0 | 3 if c == '%' => Some(1),
                0 => part_char(c).then_some(4),
                1 => c.is_ascii_hexdigit().then_some(2),
                2 => c.is_ascii_hexdigit().then_some(3),
                _ => None,
            },
        }
    }

    fn may_end(self, state: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Integer | Self::Unsigned => state == 1,
            Self::Bool => matches!(state, 4 | 9),
            Self::Char => matches!(state, 3 | 4),
        }
    }
}

/// May a rendered part hold this character?
pub(crate) fn part_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%')
}

/// How far a key has been read as one shape: the step, and the state inside a part.
#[derive(Clone, Copy, PartialEq, Eq)]
struct At {
    step: usize,
    state: u8,
}

/// States of parts stay below this.
const STATES: usize = 10;

/// The shortest key that both shapes can render, if there is one.
pub(crate) fn unify(left: &[Shape], right: &[Shape]) -> Option<String> {
    let width = (right.len() + 1) * STATES;
    let mut seen = vec![false; (left.len() + 1) * STATES * width];
    let start = At { step: 0, state: 0 };
    // breadth first: without a character before with one, so that the first key found is a shortest one
    let mut open = VecDeque::from([(start, start, String::new())]);
    while let Some((l, r, key)) = open.pop_front() {
        let place = (l.step * STATES + usize::from(l.state)) * width + r.step * STATES + usize::from(r.state);
        match seen.get_mut(place) {
            Some(visited) if !*visited => *visited = true,
            _ => continue,
        }
        if l.step == left.len() && r.step == right.len() {
            return Some(key);
        }
        if let Some(next) = ended(left, l) {
            open.push_front((next, r, key.clone()));
        }
        if let Some(next) = ended(right, r) {
            open.push_front((l, next, key.clone()));
        }
        for c in candidates(left.get(l.step), right.get(r.step)) {
            if let (Some(l), Some(r)) = (taken(left, l, c), taken(right, r, c)) {
                let mut key = key.clone();
                key.push(c);
                open.push_back((l, r, key));
            }
        }
    }
    None
}

/// Past the part, if it may end here.
fn ended(shape: &[Shape], at: At) -> Option<At> {
    match shape.get(at.step)? {
        Shape::Part(text) if text.may_end(at.state) => Some(At { step: at.step + 1, state: 0 }),
        Shape::Part(_) | Shape::Char(_) => None,
    }
}

fn taken(shape: &[Shape], at: At, c: char) -> Option<At> {
    match shape.get(at.step)? {
        Shape::Char(own) => (*own == c).then_some(At { step: at.step + 1, state: 0 }),
        Shape::Part(text) => text.after(at.state, c).map(|state| At { step: at.step, state }),
    }
}

/// The characters that both may take next.
fn candidates(left: Option<&Shape>, right: Option<&Shape>) -> Vec<char> {
    match (left, right) {
        (Some(Shape::Char(c)), Some(_)) | (Some(Shape::Part(_)), Some(Shape::Char(c))) => vec![*c],
        // two parts of any text have the empty text in common, and need no characters
        (Some(Shape::Part(PartText::Any)), Some(Shape::Part(PartText::Any))) | (None, _) | (_, None) => {
            Vec::new()
        }
        (Some(Shape::Part(_)), Some(Shape::Part(_))) => (' '..='~').filter(|c| part_char(*c)).collect(),
    }
}

#[cfg(test)]
#[path = "tests/unify.rs"]
mod tests;
