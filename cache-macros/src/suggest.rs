//! Which known name did the user probably mean?

/// The known name nearest to `written`, if one is near enough to be a slip of the finger.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (distance(written, name), name))
        .filter(|(far, name)| *far <= slack(written, name))
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name)
}

/// `` `a`, `b` and `c` ``
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn slack(written: &str, name: &str) -> usize {
    written.chars().count().max(name.chars().count()).div_ceil(3)
}

/// Edits between two words, a swap of neighbours counting as one.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut earlier = None;
    for (row, from) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in right.iter().enumerate() {
            let diagonal = above.get(column).copied().unwrap_or(usize::MAX - 1);
            let up = above.get(column + 1).copied().unwrap_or(usize::MAX - 1);
            let left = current.last().copied().unwrap_or(usize::MAX - 1);
            let mut best = (diagonal + usize::from(from != *to)).min(up + 1).min(left + 1);
            let last = column.checked_sub(1);
            let swapped = earlier == Some(*to) && last.and_then(|at| right.get(at)) == Some(&from);
            if let (true, Some(cost)) = (swapped, last.and_then(|at| before.get(at))) {
                best = best.min(cost + 1);
            }
            current.push(best);
        }
        earlier = Some(from);
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(nearest("write_thru", ["write_through", "write_around"]), Some("write_through"));
        assert_eq!(nearest("idd", ["id", "lang"]), Some("id"));
        assert_eq!(nearest("tlt", ["ttl", "key"]), Some("ttl"));
    }

    #[test]
    fn another_word_is_no_slip() {
        assert_eq!(nearest("product", ["id", "lang"]), None);
    }

    #[test]
    fn a_list_ends_with_and() {
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a"]), "`a`");
    }
}
