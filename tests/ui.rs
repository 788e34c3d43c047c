//! Do mistakes get their messages, and do all the places where attributes may stand compile?
//!
//! `TRYBUILD=overwrite cargo test -p cache-tests --test ui` writes the messages anew; read them before committing.
//! `cargo test -p cache-tests --test ui -- every_mistake trybuild=unknown_placeholder` runs the cases of that name.

#[test]
fn every_mistake_has_its_message() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*/*.rs");
}

#[test]
fn every_place_for_an_attribute_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
}
