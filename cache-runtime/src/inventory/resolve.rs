//! Which function does the path of an edge name?

use super::Reader;
use crate::spec::Spec;

/// The reader that `path` means in the attribute of `writer`.
pub(super) fn reader(writer: &Spec, path: &str, specs: &[&'static Spec]) -> Reader {
    let path = without_generics(path);
    let mut segments: Vec<&str> = path.split("::").filter(|segment| !segment.is_empty()).collect();
    let owner = writer.function.rsplit_once("::").map(|(owner, _)| owner);
    // In a repository a single word is one of its own functions.
    match (segments.as_slice(), owner) {
        (["Self", name] | [name], Some(owner)) => segments = vec![owner, *name],
        (["Self", name], None) => segments = vec![*name],
        _ => {}
    }
    let (name, before) = match segments.as_slice() {
        [before @ .., owner, name] if begins_large(owner) => (format!("{owner}::{name}"), before),
        [before @ .., name] => ((*name).to_owned(), before),
        [] => return Reader::Unknown,
    };
    let before: Vec<&str> =
        before.iter().copied().filter(|word| !matches!(*word, "crate" | "self" | "super")).collect();
    let named = |spec: &Spec| spec.strategy.reads() && spec.function == name;
    let near = |closeness: &dyn Fn(&Spec) -> bool| -> Option<Reader> {
        let near: Vec<usize> =
            (0..specs.len()).filter(|at| named(specs[*at]) && closeness(specs[*at])).collect();
        match near.as_slice() {
            [] => None,
            [only] => Some(Reader::Known(*only)),
            _ => Some(Reader::Ambiguous(near)),
        }
    };
    let same_crate = |spec: &Spec| first_segment(spec.module) == first_segment(writer.module);
    near(&|spec| !before.is_empty() && ends_with(spec.module, &before))
        .or_else(|| near(&|spec| spec.module == writer.module))
        .or_else(|| near(&same_crate))
        .or_else(|| near(&|_| true))
        .unwrap_or(Reader::Unknown)
}

/// Whether a module's last words are these.
fn ends_with(module: &str, words: &[&str]) -> bool {
    module.split("::").collect::<Vec<_>>().ends_with(words)
}

/// Types do, modules don't.
fn begins_large(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// `Store::<T>::find` as `Store::find`.
fn without_generics(path: &str) -> String {
    let mut depth = 0_usize;
    let mut plain = String::with_capacity(path.len());
    for char in path.chars() {
        match char {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain.replace("::::", "::")
}

fn first_segment(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Strategy;

    const fn spec(function: &'static str, module: &'static str) -> Spec {
        Spec::new(function, module, Strategy::ReadThrough, "x:<id>")
    }

    static SPECS: [Spec; 5] = [
        spec("Products::find", "shop::products"),
        spec("Products::find", "stock::products"),
        spec("Products::find", "stock::old"),
        spec("free", "shop::products"),
        Spec::invalidates("Products::drop", "shop::products"),
    ];

    #[test]
    fn the_nearest_reader_of_a_name_is_meant() {
        let specs: Vec<&'static Spec> = SPECS.iter().collect();
        let from = |function, module, path| reader(&Spec::invalidates(function, module), path, &specs);
        assert_eq!(from("Products::drop", "shop::products", "find"), Reader::Known(0));
        assert_eq!(from("Products::drop", "shop::products", "Self::find"), Reader::Known(0));
        assert_eq!(from("Products::drop", "stock::old", "find"), Reader::Known(2));
        assert_eq!(from("Audit::drop", "shop::audit", "Products::<T>::find"), Reader::Known(0));
        assert_eq!(from("Audit::drop", "stock", "Products::find"), Reader::Ambiguous(vec![1, 2]));
        assert_eq!(from("Audit::drop", "stock", "crate::old::Products::find"), Reader::Known(2));
        assert_eq!(from("Audit::drop", "web", "Products::find"), Reader::Ambiguous(vec![0, 1, 2]));
        assert_eq!(from("drop", "shop::products", "free"), Reader::Known(3));
        assert_eq!(from("drop", "web", "products::free"), Reader::Known(3));
        assert_eq!(from("drop", "web", "elsewhere::free"), Reader::Known(3));
    }

    #[test]
    fn a_writer_or_a_stranger_is_not_meant() {
        let specs: Vec<&'static Spec> = SPECS.iter().collect();
        let from = |path| reader(&Spec::invalidates("Audit::drop", "shop::audit"), path, &specs);
        assert_eq!(from("Products::drop"), Reader::Unknown);
        assert_eq!(from("Alias::free"), Reader::Unknown);
        assert_eq!(from("find"), Reader::Unknown);
    }
}
