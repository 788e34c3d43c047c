//! The grammar of key templates.

use super::*;

fn errors(source: &str) -> Vec<TemplateError> {
    Template::parse(source).err().unwrap_or_default()
}

fn placeholder(root: &str, fields: &[&str]) -> Piece {
    Piece::Placeholder(Placeholder {
        root: root.into(),
        fields: fields.iter().map(|field| (*field).into()).collect(),
    })
}

#[test]
fn text_placeholders_and_fields_are_read() {
    let template = Template::parse("a:<id>/<p.x.0>").expect("a valid template");
    let expected = vec![
        Piece::Text("a:".into()),
        placeholder("id", &[]),
        Piece::Text("/".into()),
        placeholder("p", &["x", "0"]),
    ];
    assert_eq!(template.pieces, expected);
}

#[test]
fn doubled_characters_stand_for_themselves() {
    let template = Template::parse("a<<b>>{{c}}").expect("a valid template");
    assert_eq!(template.pieces, [Piece::Text("a<b>{c}".into())]);
}

#[test]
fn one_brace_group_chooses_the_partition() {
    let template = Template::parse("{user:<id>}:cart").expect("a valid template");
    let expected = vec![
        Piece::Open,
        Piece::Text("user:".into()),
        placeholder("id", &[]),
        Piece::Close,
        Piece::Text(":cart".into()),
    ];
    assert_eq!(template.pieces, expected);
}

#[test]
fn mistakes_are_told_apart() {
    assert_eq!(errors(""), [TemplateError::Empty]);
    assert_eq!(errors("a:<id"), [TemplateError::Unclosed("id".into())]);
    assert_eq!(errors("a:<>"), [TemplateError::Nameless]);
    assert_eq!(errors("a:<i d>"), [TemplateError::NotAName("i d".into())]);
    assert_eq!(errors("a:<self>"), [TemplateError::StraySelf]);
    assert_eq!(errors("a>b"), [TemplateError::StrayEnd]);
    assert_eq!(errors("{a"), [TemplateError::UnclosedBrace]);
    assert_eq!(errors("a}"), [TemplateError::StrayBrace]);
    assert_eq!(errors("{a}{b}"), [TemplateError::SecondBrace]);
    assert_eq!(errors("{}a"), [TemplateError::EmptyBrace]);
}

#[test]
fn several_mistakes_are_all_found() {
    assert_eq!(errors("<>a}").len(), 2);
}

#[test]
fn text_that_values_may_contain_separates_nothing() {
    assert!(matches!(errors("<a><b>").as_slice(), [TemplateError::Ambiguous { .. }]));
    assert!(matches!(errors("<a>-<b>").as_slice(), [TemplateError::Ambiguous { .. }]));
    assert!(matches!(errors("<a>x:<b>").as_slice(), [TemplateError::Ambiguous { .. }]));
    assert!(errors("<a>:x<b>").is_empty());
    assert!(errors("{<a>}:<b>").is_empty());
    assert!(matches!(errors("{<a>}<b>").as_slice(), [TemplateError::Ambiguous { .. }]));
}

#[test]
fn braces_belong_to_the_place_and_not_to_the_shape() {
    let read = |source| Template::parse(source).expect("a valid template");
    let (plain, braced, wide) = (read("<<a:<x>:<y>"), read("{<<a:<p.x>}:<y>"), read("{<<a:<x>:<y>}"));
    assert_eq!(plain.shape(), braced.shape());
    assert_eq!((plain.braces(), braced.braces(), wide.braces()), (None, Some((0, 4)), Some((0, 6))));
    assert_eq!(plain.with_braces_of(&braced), "{<<a:<x>}:<y>");
    assert_eq!(braced.with_braces_of(&plain), "<<a:<p.x>:<y>");
}

#[test]
fn braces_move_to_the_end_of_a_group() {
    let before = |source, end| Template::parse(source).expect("a valid template").with_braces_before(end);
    // text, `{`, `<c>` and what follows are the pieces 0, 1, 2, 3
    assert_eq!(before("a:{<c>:<p>}:<q>", 3), "a:{<c>}:<p>:<q>");
    assert_eq!(before("a:<c>:{<p>}", 2), "{a:<c>}:<p>");
}

#[test]
fn parts_are_added_behind_a_separator() {
    let with = |source| Template::parse(source).expect("a valid template").with(&["id".into()]);
    assert_eq!((with("a"), with("a:"), with("{a}")), ("a:<id>".into(), "a:<id>".into(), "{a}:<id>".into()));
}

#[test]
fn a_scope_leads_and_is_not_quoted() {
    let tenant = Placeholder { root: "self".into(), fields: vec!["tenant".into()] };
    let scoped = |source| Template::parse(source).expect("a valid template").scoped(&tenant);
    let cart = scoped("{cart:<user>}:<item>");
    assert_eq!(cart.source, "<self.tenant>:{cart:<user>}:<item>");
    assert_eq!(cart.written, "{cart:<user>}:<item>");
    assert_eq!(cart.shape(), scoped("cart:<u>:<i>").shape());
    assert_eq!(scoped("cart:<u>:<i>").with_braces_of(&cart), "{cart:<u>}:<i>");
    assert_eq!(cart.own_placeholders().map(Placeholder::written).collect::<Vec<_>>(), ["user", "item"]);
}
