//! Templates meet exactly if some arguments make one key of both.

use proptest::prelude::*;

use super::*;
use crate::template::Template;

fn template(source: &str) -> Template {
    Template::parse(source).expect("a valid template")
}

/// The shape, where parameters are named for their types.
fn shape(source: &str) -> Vec<Shape> {
    template(source).shape_of(|placeholder| match placeholder.root.as_str() {
        "int" => PartText::Integer,
        "uint" => PartText::Unsigned,
        "flag" => PartText::Bool,
        "sign" => PartText::Char,
        _ => PartText::Any,
    })
}

fn meet(left: &str, right: &str) -> Option<String> {
    assert_eq!(unify(&shape(left), &shape(right)), unify(&shape(right), &shape(left)), "{left} {right}");
    unify(&shape(left), &shape(right))
}

#[test]
fn templates_that_can_render_one_key_unify() {
    for (left, right, key) in [
        ("product:<id>", "product:home", "product:home"),
        ("a:<x>", "<y>:b", "a:b"),
        ("a<x>", "<y>", "a"),
        ("<x>:<y>", "a:<z>", "a:"),
        ("a:<x>", "a:b<y>", "a:b"),
        ("u:<x>", "u:", "u:"),
    ] {
        assert_eq!(meet(left, right).as_deref(), Some(key), "{left} {right}");
    }
}

#[test]
fn escaping_keeps_templates_apart() {
    for (left, right) in [
        ("product:<id>", "products:<id>"),
        ("product:<id>", "product:<id>:reviews"),
        ("product:<id>", "product:a/b"),
        ("a:<x>", "b:<x>"),
        ("u:<id>", "u:<id>/x"),
        ("u:<id>", "u"),
        ("<x>", "<y>:<z>"),
        ("<self.tenant>:product:<id>", "<self.tenant>:products:<id>"),
    ] {
        assert_eq!(meet(left, right), None, "{left} {right}");
    }
}

#[test]
fn types_keep_templates_apart() {
    for (left, right) in [
        ("product:<int>", "product:home"),
        ("product:<int>", "product:"),
        ("product:<int>", "product:4-2"),
        ("product:<uint>", "product:-5"),
        ("product:<flag>", "product:truer"),
        ("product:<flag>", "product:tru"),
        ("product:<flag>", "product:falsehood"),
        ("product:<sign>", "product:ab"),
        ("product:<sign>", "product:%4"),
        ("a:<flag>", "a:<int>"),
        ("a:<flag>", "a:<sign>"),
        ("a:<int>", "a:x<y>"),
    ] {
        assert_eq!(meet(left, right), None, "{left} {right}");
    }
}

#[test]
fn types_that_can_write_the_same_meet() {
    for (left, right, key) in [
        ("a:<int>", "a:-15", "a:-15"),
        ("a:<int>", "a:1<y>", "a:1"),
        ("a:<uint>", "a:<int>", "a:0"),
        ("a:<flag>", "a:false", "a:false"),
        ("a:<flag>", "a:<y>", "a:true"),
        ("a:<sign>", "a:<int>", "a:0"),
        ("a:<sign>", "a:%C3%BC", "a:%C3%BC"),
        ("a:<sign>", "a:-", "a:-"),
    ] {
        assert_eq!(meet(left, right).as_deref(), Some(key), "{left} {right}");
    }
}

/// A part as the runtime writes text.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| match char::from(byte) {
        plain if byte.is_ascii() && plain != '%' && part_char(plain) => all + plain.encode_utf8(&mut [0; 4]),
        _ => all + &format!("%{byte:02X}"),
    })
}

/// The key of a template, its placeholders filled in order.
fn render(template: &Template, arguments: &[String]) -> String {
    let mut arguments = arguments.iter();
    template.shape().into_iter().fold(String::new(), |mut key, step| {
        match step {
            Shape::Char(c) => key.push(c),
            Shape::Part(_) => key.push_str(arguments.next().map_or("", String::as_str)),
        }
        key
    })
}

/// Text, or a placeholder of a type, with an argument for it.
fn piece() -> impl Strategy<Value = (String, Option<String>)> {
    prop_oneof![
        4 => "[ab1]{1,2}".prop_map(|text| (text, None)),
        4 => Just((":".to_owned(), None)),
        1 => Just(("/".to_owned(), None)),
        3 => "[ab1:é]{0,2}".prop_map(|text| ("<text>".to_owned(), Some(escaped(&text)))),
        2 => (-2_i64..12).prop_map(|number| ("<int>".to_owned(), Some(number.to_string()))),
        1 => (0_u64..12).prop_map(|number| ("<uint>".to_owned(), Some(number.to_string()))),
        1 => any::<bool>().prop_map(|flag| ("<flag>".to_owned(), Some(flag.to_string()))),
        1 => prop_oneof![Just('a'), Just('1'), Just('é'), Just(':')]
            .prop_map(|sign| ("<sign>".to_owned(), Some(escaped(&sign.to_string())))),
    ]
}

/// A valid template and arguments for it.
fn rendered() -> impl Strategy<Value = (String, Vec<String>)> {
    proptest::collection::vec(piece(), 1..5)
        .prop_map(|pieces| {
            let source: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
            (source, pieces.into_iter().filter_map(|(_, argument)| argument).collect())
        })
        .prop_filter("a valid template", |(source, _): &(String, Vec<String>)| {
            Template::parse(source).is_ok()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_renders_one_key_is_found((left, first) in rendered(), (right, second) in rendered()) {
        let keys = (render(&template(&left), &first), render(&template(&right), &second));
        if keys.0 == keys.1 {
            let key = unify(&shape(&left), &shape(&right));
            prop_assert!(key.is_some_and(|key| key.len() <= keys.0.len()), "{left} and {right} are both {}", keys.0);
        }
    }

    #[test]
    fn the_key_that_is_found_is_read_by_both((left, _) in rendered(), (right, _) in rendered()) {
        if let Some(key) = unify(&shape(&left), &shape(&right)) {
            let literal: Vec<Shape> = key.chars().map(Shape::Char).collect();
            prop_assert_eq!(unify(&shape(&left), &literal), Some(key.clone()));
            prop_assert_eq!(unify(&shape(&right), &literal), Some(key.clone()));
        }
    }

    #[test]
    fn a_template_meets_every_key_of_its_own((source, arguments) in rendered()) {
        let literal: Vec<Shape> = render(&template(&source), &arguments).chars().map(Shape::Char).collect();
        prop_assert!(unify(&shape(&source), &literal).is_some());
    }
}
